"""``model``: what a model is."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import model_app
from framelens.cli.options import JsonOption, ModelOption, OutputOption, load_classifier, write_text
from framelens.errors import InputError
from framelens.write import json_text


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
