"""``agree`` and ``audit``: what the coders of a labelled set have in common, and what looks wrong."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, ScoresOption, faultless_labels
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


@app.command(epilog="Example: framelens evaluate --scores scores.csv; framelens audit --scores scores.csv")
def audit(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The labelled set.")] = Path("data"),
    scores: ScoresOption = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many of each kind.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List what in the labelled set looks wrong, why, and how to mend it.

    Gold that a model contradicts with confidence (with --scores of framelens evaluate), same texts coded differently,
    near duplicates in articles of different groups, frames never used, and coders who drift from the rest over time.
    A finding is a reason to look, not an error.
    """
    from collections import Counter
    from dataclasses import asdict

    from framelens.audit import audit as examine
    from framelens.held_out import read_probabilities
    from framelens.terminal import console_on, note
    from framelens.terminal.team import print_findings

    labels = faultless_labels(folder, withheld=False)
    found = examine(labels, read_probabilities(scores, labels.codebook.ids) if scores else None)
    if not scores:
        note("without --scores, no gold is compared with a model; write them with: framelens evaluate --scores FILE")
    counts: Counter[str] = Counter()
    shown = []
    for one in found:
        counts[one.kind] += 1
        if counts[one.kind] <= limit:
            shown.append(one)
    if as_json:
        typer.echo(json_text({"counts": dict(counts), "findings": [asdict(one) for one in shown]}))
        return
    with console_on(None) as console:
        print_findings(console, shown, counts)
