"""``prevalence``: how much of a corpus carries each frame, with intervals that hold though the model errs."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import DrawnOption, JsonOption
from framelens.write import json_text

EXAMPLES = """Example: framelens prevalence sentences.csv --coded data --by month --width 0.04

Code the sample with: framelens annotate --data FOLDER --coder ID --queue random --limit 400"""


@app.command(epilog=EXAMPLES)
def prevalence(
    corpus: Annotated[
        Path,
        typer.Argument(
            metavar="CORPUS",
            help="What classify or classify-corpus wrote: a .csv, .jsonl or .parquet file, or a folder of them.",
            show_default=False,
        ),
    ],
    coded: Annotated[
        Path,
        typer.Option(
            metavar="SAMPLE",
            help="The random sample: a labelled set (folder), or a table with the columns article, position, frames"
            " (- for none) and selected_by or inclusion_probability.",
            show_default=False,
        ),
    ],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMNS",
            help="Shares by group: columns of the corpus, such as outlet,month; year, month and day are read off a"
            " column date.",
            show_default=False,
        ),
    ] = None,
    frame: Annotated[
        list[str] | None,
        typer.Option(metavar="FRAME", help="This frame only; may be repeated.", show_default=False),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            min=0.0001,
            max=1,
            metavar="W",
            help="Say how many more codings an interval this wide takes.",
            show_default=False,
        ),
    ] = None,
    drawn_at_random: DrawnOption = False,
    as_json: JsonOption = False,
) -> None:
    """Estimate the share of sentences per frame, with 95% intervals that hold even if the model errs.

    The model reads the whole corpus, coders a random sample of it; the sample corrects the model (prediction-powered
    inference, PPI++), and articles, not sentences, count as independent. Beside it: what counting the model's calls
    gives, and what the coded sample alone gives. Shares of articles need articles that were drawn and coded whole.
    Refuses a sample that was not drawn at random.
    """
    from framelens.classified import read_classified
    from framelens.sampled import read_sample
    from framelens.shares import shares
    from framelens.terminal import console_on
    from framelens.terminal.shares import print_shares

    columns = [name.strip() for name in by.split(",") if name.strip()] if by else []
    sample = read_sample(coded, drawn_at_random=drawn_at_random)
    scores = read_classified(corpus, by=columns, texts=sample.fingerprints is not None)
    found = shares(scores, sample, frames=tuple(frame or ()), width=width)
    if as_json:
        typer.echo(json_text(found.as_dict()))
        return
    with console_on(None) as console:
        print_shares(console, found)
