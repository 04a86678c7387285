"""``evaluate``: how good the model is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, faultless_labels, require_folder
from framelens.cli.tables import (
    GroupColumnOption,
    LabelsColumnOption,
    OptimizeOption,
    Outputs,
    SeparatorOption,
    SingleLabelOption,
    TableOption,
    TextColumnOption,
    asked_table,
    evaluate_table,
)
from framelens.write import json_text, whole_file

if TYPE_CHECKING:
    from framelens.assess import Plan

EXAMPLES = """Example: framelens evaluate --origin written --html figures.html

With labels of your own: framelens evaluate --table headlines.csv --text-column headline --labels-column topics"""


@app.command(epilog=EXAMPLES)
def evaluate(
    context: typer.Context,
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    origin: Annotated[
        Literal["all", "written"], typer.Option(help="Evaluate on articles of this origin only.")
    ] = "all",
    table: TableOption = None,
    text_column: TextColumnOption = "text",
    labels_column: LabelsColumnOption = None,
    group_column: GroupColumnOption = None,
    separator: SeparatorOption = ";",
    single_label: SingleLabelOption = False,
    optimize: OptimizeOption = "macro",
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
    With --table, the same of a model for labels of your own.
    """
    from framelens.assess import Plan
    from framelens.report import require_plots

    if html:
        require_plots()
    for path in filter(None, (html, scores)):
        require_folder(path)
    plan = Plan(folds, seed, baselines, learning_curve, errors)
    outputs = Outputs(compare or (), scores, html, as_json)
    own = asked_table(context, table, text_column, labels_column, group_column, separator, single_label)
    if own:
        evaluate_table(own, optimize, plan, outputs)
    else:
        _evaluate_set(data, origin, plan, outputs)


def _evaluate_set(data: Path, origin: str, plan: "Plan", outputs: Outputs) -> None:
    from framelens.assess import assess, gold_of
    from framelens.held_out import read_scores, write_scores
    from framelens.report import page
    from framelens.terminal import console_on, progress_bar
    from framelens.terminal.figures import print_assessment
    from framelens.train import FrameClassifier

    gold = gold_of(faultless_labels(data, withheld=origin != "written"), origin)
    others = {str(path): read_scores(path, gold) for path in outputs.compare}
    with progress_bar("cross-validation") as progress:
        assessment = assess(
            gold,
            FrameClassifier(seed=plan.seed, vectors=str(data / "vectors")),
            plan,
            origin=origin,
            others=others,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if outputs.scores:
        write_scores(outputs.scores, gold, assessment.held_out)
    if outputs.html:
        with whole_file(outputs.html) as file:
            file.write(page(assessment).encode("utf-8", "replace"))
    if outputs.as_json:
        typer.echo(json_text(assessment.as_dict()))
    else:
        with console_on(None) as console:
            print_assessment(console, assessment)
