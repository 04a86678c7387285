"""``agree``: what the coders of a labelled set have in common."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, faultless_labels
from framelens.write import json_text


@app.command(epilog="Example: framelens agree my-data --disputed 30")
def agree(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The labelled set.")] = Path("data"),
    disputed: Annotated[int, typer.Option(min=0, metavar="N", help="List so many of the most disputed.")] = 10,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the bootstrap.")] = 2026,
    as_json: JsonOption = False,
) -> None:
    """Say how far coders agree: Krippendorff's alpha per frame, kappa and F1 of two, confusions, disputes.

    Shows what coders said, so code your own sentences before you look. An alpha of 0.8 or more is commonly taken as
    reliable, below 0.667 as too low for conclusions (Krippendorff).
    """
    import numpy as np

    from framelens.agree import agree as measure
    from framelens.terminal import console_on
    from framelens.terminal.team import print_agreement

    labels = faultless_labels(folder, withheld=False)
    agreement = measure(labels, rng=np.random.default_rng(seed), most=disputed)
    if as_json:
        typer.echo(json_text(agreement.as_dict()))
        return
    with console_on(None) as console:
        print_agreement(console, agreement, labels.codebook)
