"""``train``: a model from the labelled set."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, Origin, faultless_labels
from framelens.cli.tables import (
    GroupColumnOption,
    LabelsColumnOption,
    OptimizeOption,
    SeparatorOption,
    SingleLabelOption,
    TableOption,
    TextColumnOption,
    asked_table,
    is_typed,
    train_table,
)
from framelens.errors import InputError
from framelens.write import json_text


@app.command(epilog="Example: framelens train --data my-data --output my-models/frames.npz")
def train(
    context: typer.Context,
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.")] = Path(
        "models/frames.npz"
    ),
    origin: Annotated[Origin, typer.Option(help="Train on articles of this origin only.")] = "all",
    table: TableOption = None,
    text_column: TextColumnOption = "text",
    labels_column: LabelsColumnOption = None,
    group_column: GroupColumnOption = None,
    separator: SeparatorOption = ";",
    single_label: SingleLabelOption = False,
    optimize: OptimizeOption = "macro",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds and of the bootstrap.")] = 2026,
    as_json: JsonOption = False,
) -> None:
    """Train a model on the gold sentences; show its figures beside those of the model that it replaces.

    Figures come from cross-validation in which no article (nor its restatement) is both trained on and tested on.
    Both are compared on the sentences that both were tested on, so that a labelled set may grow. Writes FILE (arrays),
    its card as .json, a scikit-learn estimator as .joblib and what was said in cross-validation as .scores.csv; the old
    files stay until the new are whole. With --table, a model for labels of your own; it has neither .joblib nor
    .scores.csv, and --output must be given.
    """
    if output.suffix != ".npz":
        raise typer.BadParameter(f"{output} does not end in .npz", param_hint="--output")
    own = asked_table(context, table, text_column, labels_column, group_column, separator, single_label)
    if own:
        if not is_typed(context, "output"):
            raise InputError("--table needs --output FILE.npz, so that no other model is replaced")
        train_table(own, optimize, output, seed, as_json=as_json)
    else:
        _train_set(data, output, origin, seed, as_json=as_json)


def _train_set(data: Path, output: Path, origin: Origin, seed: int, *, as_json: bool) -> None:
    from framelens.retrain import retrain
    from framelens.terminal import console_on, progress_bar
    from framelens.terminal.figures import print_beside, print_card, print_change

    labels = faultless_labels(data, withheld=origin != "written")
    with progress_bar("cross-validation") as progress:
        result = retrain(
            labels,
            output,
            origin=origin,
            seed=seed,
            vectors=data / "vectors",
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if as_json:
        beside = result.beside and result.beside.as_dict()
        typer.echo(json_text({**result.card, "sha256": result.sha256, "beside": beside}))
        return
    with console_on(None) as console:
        print_card(console, result.card)
        if result.beside:
            print_beside(console, result.beside)
        elif result.replaced and "figures" in result.replaced and "kind" not in result.replaced:
            print_change(console, result.card, result.replaced)
        console.print(f"{output}: SHA-256 {result.sha256}", soft_wrap=True)
