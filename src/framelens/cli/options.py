"""Options that several commands share, and what they are checked for."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from framelens.errors import InputError
from framelens.write import whole_file

if TYPE_CHECKING:
    from framelens.gold import LabelledSet
    from framelens.score import Classifier

Format = Literal["table", "csv", "jsonl", "parquet"]
Origin = Literal["all", "written", "source"]
Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="Articles: .txt .md .html .docx .pdf, tables .csv .tsv .jsonl .parquet (a row is an article), folders of"
        " these, or - for standard input.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        help="Default: by the ending of --output, a table to a terminal, CSV to a pipe.",
        show_default=False,
    ),
]
DrawnOption = Annotated[
    bool, typer.Option("--drawn-at-random", help="Your word that a table that does not say so is a random sample.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write here; the file appears when it is whole.",
        show_default=False,
        readable=False,
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="A model of your own (.npz). Default: the shipped one.",
        show_default=False,
        readable=False,
    ),
]
ColumnOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of a table that holds the text. Default: text.", show_default=False),
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FRAME=P", help="Call a frame present from this probability on; may be repeated.", show_default=False
    ),
]
AbstainOption = Annotated[
    float | None,
    typer.Option(
        "--abstain-below",
        metavar="P",
        min=0,
        max=1,
        help="Call no frame on a sentence where all decisions are right with a smaller chance than this.",
        show_default=False,
    ),
]
LanguageOption = Annotated[str, typer.Option(metavar="CODE", help="Language, for finding where sentences end.")]
ScoresOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Out-of-fold scores, from evaluate --scores.", show_default=False, readable=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def load_classifier(model: Path | None, thresholds: Sequence[str] | None) -> "Classifier":
    """The model, with thresholds given as FRAME=P."""
    from framelens.score import load

    return load(model).with_thresholds(by_frame(thresholds))


def by_frame(thresholds: Sequence[str] | None) -> dict[str, float]:
    """Thresholds that are given as FRAME=P."""
    changes = {}
    for pair in thresholds or ():
        frame, _, value = pair.partition("=")
        try:
            changes[frame.strip()] = float(value)
        except ValueError:
            raise typer.BadParameter(
                f"{pair!r} is not FRAME=P, such as vilification=0.5", param_hint="--threshold"
            ) from None
    return changes


def faultless_labels(folder: Path, *, withheld: bool) -> "LabelledSet":
    """The labelled set without any fault; ``withheld`` tells how much of it has no text here."""
    from framelens.labels import read_labels
    from framelens.terminal import note

    labels = read_labels(folder)
    if labels.faults:
        raise InputError(f"{folder}: {len(labels.faults)} faults; see them with: framelens data check {folder}")
    if withheld and (missing := labels.counts()["gold without text"]):
        note(
            f"{missing} labelled sentences have no text here and are left out; put their articles in {folder}/articles"
        )
    return labels


def tell_faults(folder: Path, labels: "LabelledSet") -> None:
    """Say how many faults a labelled set has; coding goes on beside them, and what is only not coded yet is none."""
    from framelens.terminal import note

    if faults := [fault for fault in labels.faults if "no codings;" not in fault.message]:
        note(f"{folder}: {len(faults)} faults; see them with: framelens data check {folder}")


def known_language(code: str) -> str:
    """The language code, if it is one."""
    from framelens.segment import LANGUAGE

    if not LANGUAGE.fullmatch(code):
        raise typer.BadParameter(f"{code!r} is no language code, such as en or ru", param_hint="--language")
    return code


def output_kind(format_: Format | None, output: Path | None) -> str:
    """Format of the output: as asked for, else by the ending of the file, else by who reads."""
    if format_ == "parquet" and not output and sys.stdout.isatty():
        raise typer.BadParameter("parquet is no text; add --output FILE, or pipe it on", param_hint="--format")
    if format_:
        return format_
    if output:
        ending = output.suffix.lower().removeprefix(".")
        if ending not in ("csv", "jsonl", "parquet") and (output.is_file() or not output.exists()):
            raise typer.BadParameter(
                f"{output} does not end in .csv, .jsonl or .parquet; add --format", param_hint="--output"
            )
        return ending if ending in ("jsonl", "parquet") else "csv"
    return "table" if sys.stdout.isatty() else "csv"


def require_folder(path: Path) -> None:
    """Raise ``InputError`` before long work whose result could not be written."""
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: cannot be written: {path.parent} is no folder that can be written to")


def tell_abstention(
    told: str, model: Path | None, card: Mapping[str, Any], kept: float, thresholds: Sequence[str] | None
) -> None:
    """Say on standard error how much is withheld and what it buys; that is measured with the model's own thresholds."""
    from framelens.abstain import bought
    from framelens.model import shipped_path
    from framelens.terminal import note

    note(told)
    if thresholds:
        note("what it buys is not known with other thresholds than the model's own")
    else:
        note(bought(card, (model or shipped_path()).with_name("figures.json"), kept))


def write_text(output: Path | None, text: str) -> None:
    """Write text to a file that appears when it is whole, else to standard output."""
    if output:
        with whole_file(output) as file:
            file.write(text.encode("utf-8", "replace"))
    else:
        typer.echo(text, nl=False)
