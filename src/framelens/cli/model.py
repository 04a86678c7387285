"""``model``: what a model is, and which words it relies on."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import model_app
from framelens.cli.options import JsonOption, ModelOption, OutputOption, load_classifier, write_text
from framelens.errors import InputError
from framelens.write import json_text

SENTENCES = Path("data/sentences.csv")


@model_app.command()
def show(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Print what a model was trained on and its figures, from the card inside the file."""
    from framelens.terminal import console_on
    from framelens.terminal.figures import print_card

    card = load_classifier(model, None).model.card
    if as_json:
        typer.echo(json_text(card))
    else:
        if not {"codebook", "data", "figures"} <= card.keys():
            raise InputError("this model's card has no figures; train it with: framelens train")
        with console_on(None) as console:
            print_card(console, card)


@model_app.command(epilog="Example: framelens model verify from-a-colleague.npz")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A model, from anywhere.", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Check a model file without using it: prints one line that says what it is, or why it is refused (exit code 1).

    Nothing in the file is executed, whatever it is. A model that is sound may still be wrong about your texts, and its
    card may claim anything: the SHA-256 shows that it is the file that somebody told you of.
    """
    from framelens.model import FORMAT, checked
    from framelens.terminal import print_line

    try:
        found = checked(file)
    except InputError as error:
        if not as_json:
            raise
        typer.echo(json_text({"file": str(file), "ok": False, "reason": str(error)}))
        raise typer.Exit(1) from None
    about = {
        "file": str(file),
        "ok": True,
        "sha256": found.sha256,
        "bytes": found.size,
        "format": FORMAT,
        "frames": list(found.model.frames),
        "codebook": found.model.codebook.version,
    }
    if as_json:
        typer.echo(json_text(about))
    else:
        frames = ", ".join(found.model.frames)
        print_line(f"{file}: OK: {found.size:,} bytes, frames {frames}; SHA-256 {found.sha256}")


@model_app.command()
def words(
    model: ModelOption = None,
    top: Annotated[int, typer.Option("--top", min=1, max=1000, help="How many words a frame.")] = 20,
    texts: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Texts the model was trained on, to tell which words are names. Default: data/sentences.csv, if it is"
            " there.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the strongest words and pairs of each frame, and warn where names of people, places or outlets decide it.

    The figure is TF-IDF times weight in the first stage: what one occurrence adds to the log-odds of a sentence of
    ordinary length, by stem, pair and subwords; the same by the word's vector stands beside it. A word counts as a
    name if it has a capital letter in nine of ten places within sentences (headlines and beginnings left out), so that
    months and peoples count too: look at them.
    """
    from framelens.strongest import strongest
    from framelens.terminal import console_on
    from framelens.terminal.words import print_words

    loaded = load_classifier(model, None).model
    source = texts or (str(SENTENCES) if SENTENCES.is_file() else None)
    found = strongest(loaded, top, _capitals(source) if source else None)
    if as_json:
        typer.echo(json_text({"names_from": source, "frames": [one.as_dict() for one in found]}))
        return
    with console_on(None) as console:
        print_words(console, found, loaded.codebook, source)


def _capitals(source: str) -> dict[str, float]:
    from framelens.read import read
    from framelens.segment import segment
    from framelens.strongest import capitals

    return capitals(one.text for document in read(source) for one in segment(document.text))


@model_app.command()
def card(
    model: ModelOption = None,
    figures: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What framelens evaluate --json printed. Default: figures.json beside the model.",
            show_default=False,
            readable=False,
        ),
    ] = None,
    transfer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What framelens transfer --json printed. Default: transfer.json beside the model, if it is there.",
            show_default=False,
            readable=False,
        ),
    ] = None,
    output: OutputOption = None,
) -> None:
    """Write the model card to read (Markdown): data, use, figures with intervals, known failures, limits.

    Figures are not typed in: they come from the files that evaluate and transfer printed, which must be of this model.
    """
    from framelens.card import read_figures, render
    from framelens.model import load, shipped_path

    path = model or shipped_path()
    beside = path.with_name("transfer.json")
    moved = transfer or (beside if beside.exists() else None)
    page = render(
        load(path).card,
        read_figures(figures or path.with_name("figures.json"), "evaluate"),
        read_figures(moved, "transfer") if moved else None,
    )
    write_text(output, page)
