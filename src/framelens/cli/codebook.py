"""``codebook``: show and check it, and exchange it with programs for qualitative analysis."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framelens.cli.app import app
from framelens.errors import InputError, reason_of
from framelens.write import whole_file

if TYPE_CHECKING:
    from framelens.gold import LabelledSet

codebook_app = typer.Typer(rich_markup_mode="markdown", help="The codebook: show and check it, export and import it.")
app.add_typer(codebook_app, name="codebook")
DataOption = Annotated[Path, typer.Option("--data", metavar="FOLDER", help="The labelled set.")]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write here. Default: print.", show_default=False, readable=False
    ),
]


@codebook_app.callback(invoke_without_command=True)
def show(context: typer.Context, data: DataOption = Path("data")) -> None:
    """Show the codebook and check it; say which codings are stale because a rule or a text has changed.

    A change of what a coding means raises the major version of the codebook, and makes earlier codings stale; a change
    of wording raises the minor version, and does not.
    """
    if context.invoked_subcommand:
        return
    from framelens.codebook import read_codebook
    from framelens.keys import require_free_keys
    from framelens.terminal import console_on
    from framelens.terminal.rules import print_codebook

    codebook = read_codebook(data / "codebook.toml")
    require_free_keys(codebook)
    with console_on(None) as console:
        print_codebook(console, codebook)
    if (data / "sentences.csv").exists():
        from framelens.labels import read_labels

        typer.echo(_stale(read_labels(data, articles=False)))


def _stale(labels: "LabelledSet") -> str:
    """A line a coder, cause and old version: how many codings are stale, and of which sentences."""
    found: dict[tuple[str, str], list[str]] = {}
    for coder, coding in labels.stale_codings:
        same_book = coding.codebook.split(".")[0] == labels.codebook.major
        why = "the text has changed" if same_book else f"coded under codebook {coding.codebook}"
        found.setdefault((coder, why), []).append(coding.sentence)
    lines = [
        f"{coder}: {len(ids)} stale codings, {why}: {', '.join(ids[:5])}{' ...' if len(ids) > 5 else ''}"
        for (coder, why), ids in found.items()
    ]
    return "\n".join(lines) or "no coding is stale"


@codebook_app.command()
def export(
    qdc: Annotated[
        Path,
        typer.Option(
            "--qdc", metavar="FILE", help="Write a REFI-QDA codebook here.", show_default=False, readable=False
        ),
    ],
    data: DataOption = Path("data"),
) -> None:
    """Write the codebook for NVivo, MAXQDA or ATLAS.ti (REFI-QDA, .qdc): a code a frame, with its rules.

    The rules that hold for all frames have no place in the standard and are left out.
    """
    from framelens.codebook import read_codebook
    from framelens.refi_qda import to_qdc

    with whole_file(qdc) as file:
        file.write(to_qdc(read_codebook(data / "codebook.toml")))


@codebook_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.qdc", help="A REFI-QDA codebook.", show_default=False)],
    output: OutputOption = None,
) -> None:
    """Make a codebook of our kind (TOML) from a .qdc file of NVivo, MAXQDA or ATLAS.ti.

    Never overwrites a file: rules that codings were made under must not change unnoticed. Look the keys over: codes
    without one get the first letter of their name that is free.
    """
    from framelens.refi_qda import from_qdc, to_toml
    from framelens.terminal import note

    if output and output.exists():
        raise InputError(f"{output}: exists already; name a new file, and put it in its place yourself")
    try:
        codebook, left_out = from_qdc(file.read_bytes(), title=file.stem)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {reason_of(error)}") from None
    except ValueError as error:
        raise InputError(f"{file}: {error}") from None
    for name in left_out:
        note(f"left out, since it is no code to code with: {name}")
    if output:
        with whole_file(output) as written:
            written.write(to_toml(codebook).encode("utf-8"))
    else:
        sys.stdout.write(to_toml(codebook))
