"""``transfer``: whether figures hold on articles of another origin."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, faultless_labels
from framelens.errors import InputError
from framelens.write import json_text


@app.command(epilog="Example: framelens transfer --json > transfer.json")
def transfer(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    train: Annotated[
        Literal["written", "source"], typer.Option(help="Train on the articles of this origin.")
    ] = "written",
    test: Annotated[Literal["written", "source"], typer.Option(help="Test on the articles of this origin.")] = "source",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of training and of the bootstrap.")] = 2026,
    baselines: Annotated[bool, typer.Option(help="Print keyword lists and plain TF-IDF beside ours.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Train on articles of one origin and measure on those of another, to see whether figures hold.

    By default: trained on the practice articles, without those that restate a source article, and tested on the source
    articles, whose text must be in DATA/articles. Prints average precision, F1 by the model's own thresholds, F1 by
    the thresholds that would be best there, and what is lost between the two.
    """
    from framelens.assess import gold_of
    from framelens.terminal import console_on, note, progress_bar
    from framelens.terminal.figures import print_transfer
    from framelens.train import FrameClassifier
    from framelens.transfer import transfer as transferred

    if train == test:
        raise typer.BadParameter(f"{test!r} is trained on as well; give the other origin", param_hint="--test")
    labels = faultless_labels(data, withheld=False)
    tested = [one for one in labels.sentences if labels.articles[one.article].origin == test]
    missing = sum(one.text is None for one in tested)
    if missing == len(tested):
        raise InputError(
            f"{data}: no sentence of origin {test!r} has its text here; put the articles into {data / 'articles'}"
            f" ({', '.join(sorted({f'{one.article}.txt' for one in tested})) or 'none is described'})"
        )
    if missing:
        note(f"{missing} of {len(tested)} sentences of origin {test!r} have no text here and are left out")
    with progress_bar("training") as progress:
        result = transferred(
            gold_of(labels, train),
            gold_of(labels, test),
            FrameClassifier(seed=seed, vectors=str(data / "vectors")),
            seed=seed,
            baselines=baselines,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if as_json:
        typer.echo(json_text(result.as_dict()))
    else:
        with console_on(None) as console:
            print_transfer(console, result)
