"""A labelled table on the command line: its options, and what ``evaluate`` and ``train`` do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from framelens.errors import InputError
from framelens.write import json_text, whole_file

if TYPE_CHECKING:
    from framelens.assess import Plan
    from framelens.labelled_table import LabelledTable

Optimize = Literal["macro", "micro"]
TableOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A table of your own (.csv .tsv .jsonl .parquet) instead of the labelled set: one text a row.",
        show_default=False,
        readable=False,
    ),
]
TextColumnOption = Annotated[str, typer.Option(metavar="COLUMN", help="Column of the table that holds the text.")]
LabelsColumnOption = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column of the table that holds the labels; an empty cell carries none.",
        show_default=False,
    ),
]
GroupColumnOption = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Column that says which rows belong together, such as the article; never parted in cross-validation.",
        show_default=False,
    ),
]
SeparatorOption = Annotated[str, typer.Option(metavar="TEXT", help="What parts the labels of a cell.")]
SingleLabelOption = Annotated[
    bool, typer.Option("--single-label", help="Each row has exactly one label: choose one, whatever the cell holds.")
]
OptimizeOption = Annotated[
    Optimize, typer.Option(help="Choose thresholds for F1 as the mean over labels (macro) or over decisions (micro).")
]
OF_TABLES = ("text_column", "labels_column", "group_column", "separator", "single_label", "optimize")
OF_LABELLED_SETS = ("data", "origin")


@dataclass(frozen=True, slots=True)
class Outputs:
    """What ``evaluate`` is compared with, and where its results go."""

    compare: Sequence[Path]
    scores: Path | None
    html: Path | None
    as_json: bool


def asked_table(
    context: typer.Context,
    table: Path | None,
    text: str,
    labels: str | None,
    group: str | None,
    separator: str,
    single_label: bool,
) -> "LabelledTable | None":
    """The labelled table, if one is named; raises ``InputError`` for options that do not go together."""
    from framelens.labelled_table import Columns, read_table

    misplaced = [name for name in (OF_TABLES if table is None else OF_LABELLED_SETS) if is_typed(context, name)]
    if misplaced:
        option = f"--{misplaced[0].replace('_', '-')}"
        raise InputError(
            f"{option} describes a table; name it with --table FILE"
            if table is None
            else f"{option} is about the labelled set and does not go with --table"
        )
    if table is None:
        return None
    if labels is None:
        raise InputError("--table needs --labels-column COLUMN, the column that holds the labels")
    if single_label and is_typed(context, "separator"):
        raise InputError("--separator does not go with --single-label, where the whole cell is the label")
    # a tab can hardly be typed
    return read_table(table, Columns(text, labels, group, separator.replace("\\t", "\t"), single_label))


def is_typed(context: typer.Context, name: str) -> bool:
    """Whether an option was given, be it with its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def evaluate_table(table: "LabelledTable", optimize: Optimize, plan: "Plan", outputs: Outputs) -> None:
    """Measure a model of the table's labels, and print or write what was asked for."""
    from framelens.assess_table import assess_table, gold_of_table, in_ids, require_rows
    from framelens.held_out import read_scores, write_scores
    from framelens.report import table_page
    from framelens.terminal import console_on, progress_bar
    from framelens.terminal.figures import print_table_assessment, told_of_table

    require_rows(table, plan.folds)
    gold = in_ids(gold_of_table(table), table)
    others = {str(path): read_scores(path, gold) for path in outputs.compare}
    with progress_bar("cross-validation") as progress:
        found = assess_table(
            table,
            plan,
            optimize,
            others=others,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if outputs.scores:
        write_scores(outputs.scores, gold, found.measured.held_out)
    if outputs.html:
        with whole_file(outputs.html) as file:
            file.write(table_page(found, told_of_table(found)).encode("utf-8", "replace"))
    if outputs.as_json:
        typer.echo(json_text(found.as_dict()))
    else:
        with console_on(None) as console:
            print_table_assessment(console, found)


def train_table(table: "LabelledTable", optimize: Optimize, output: Path, seed: int, *, as_json: bool) -> None:
    """Train a model of the table's labels, and print its card."""
    from framelens.retrain_table import retrain_table
    from framelens.terminal import console_on, note, progress_bar
    from framelens.terminal.figures import print_card, print_change

    for line in table.notes:
        note(f"note: {line}")
    with progress_bar("cross-validation") as progress:
        result = retrain_table(
            table,
            output,
            optimize=optimize,
            seed=seed,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if as_json:
        typer.echo(json_text({**result.card, "sha256": result.sha256}))
        return
    with console_on(None) as console:
        print_card(console, result.card)
        if result.replaced and result.replaced.get("kind") == "labels":
            print_change(console, result.card, result.replaced)
        console.print(f"{output}: SHA-256 {result.sha256}", soft_wrap=True)
