"""``evaluate``: how good the model is."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, faultless_labels, require_folder
from framelens.write import json_text, whole_file


@app.command(epilog="Example: framelens evaluate --origin written --html figures.html")
def evaluate(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    origin: Annotated[
        Literal["all", "written"], typer.Option(help="Evaluate on articles of this origin only.")
    ] = "all",
    folds: Annotated[int, typer.Option(min=2, max=100, help="Parts that are left out in turn.")] = 8,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds and of the bootstrap.")] = 2026,
    baselines: Annotated[bool, typer.Option(help="Print keyword lists and plain TF-IDF beside ours.")] = True,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Train on shares of the articles too; takes twice the time.")
    ] = False,
    errors: Annotated[int, typer.Option(min=0, metavar="N", help="List so many mistakes of each kind.")] = 10,
    compare: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Compare with the --scores of another model; may be repeated.",
            show_default=False,
            readable=False,
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the score of each sentence here (CSV).", show_default=False, readable=False
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with plots here.", show_default=False, readable=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how good the model is on articles that it has not seen, and how sure that is.

    Trains anew in each fold and never parts an article (nor its restatement). Prints figures with intervals from a
    bootstrap over articles, calibration, agreement with gold, false alarms, baselines on the same folds, and mistakes.
    """
    from framelens.assess import Plan, assess, gold_of
    from framelens.held_out import read_scores, write_scores
    from framelens.report import page, require_plots
    from framelens.terminal import console_on, progress_bar
    from framelens.terminal.figures import print_assessment
    from framelens.train import FrameClassifier

    if html:
        require_plots()
    for path in filter(None, (html, scores)):
        require_folder(path)
    gold = gold_of(faultless_labels(data, withheld=origin != "written"), origin)
    others = {str(path): read_scores(path, gold) for path in compare or ()}
    plan = Plan(folds, seed, baselines, learning_curve, errors)
    with progress_bar("cross-validation") as progress:
        assessment = assess(
            gold,
            FrameClassifier(seed=seed, vectors=str(data / "vectors")),
            plan,
            origin=origin,
            others=others,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if scores:
        write_scores(scores, gold, assessment.held_out)
    if html:
        with whole_file(html) as file:
            file.write(page(assessment).encode("utf-8", "replace"))
    if as_json:
        typer.echo(json_text(assessment.as_dict()))
    else:
        with console_on(None) as console:
            print_assessment(console, assessment)
