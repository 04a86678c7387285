"""``model``: what a model is."""

import typer

from framelens.cli.app import model_app
from framelens.cli.options import JsonOption, ModelOption, load_classifier
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
