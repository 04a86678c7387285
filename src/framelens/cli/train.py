"""``train``: a model from the labelled set."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import app
from framelens.cli.options import JsonOption, Origin, faultless_labels
from framelens.write import json_text


@app.command(epilog="Example: framelens train --data my-data --output my-models/frames.npz")
def train(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.")] = Path(
        "models/frames.npz"
    ),
    origin: Annotated[Origin, typer.Option(help="Train on articles of this origin only.")] = "all",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds and of the bootstrap.")] = 2026,
    as_json: JsonOption = False,
) -> None:
    """Train a model on the gold sentences; show its figures beside those of the model that it replaces.

    Figures come from cross-validation in which no article (nor its restatement) is both trained on and tested on.
    Writes FILE (arrays), its card as .json and a scikit-learn estimator as .joblib; the old files stay until the new
    are whole.
    """
    from framelens.retrain import retrain
    from framelens.terminal import console_on, progress_bar
    from framelens.terminal.figures import print_card, print_change

    if output.suffix != ".npz":
        raise typer.BadParameter(f"{output} does not end in .npz", param_hint="--output")
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
        typer.echo(json_text({**result.card, "sha256": result.sha256}))
        return
    with console_on(None) as console:
        print_card(console, result.card)
        if result.replaced and "figures" in result.replaced:
            print_change(console, result.card, result.replaced)
        console.print(f"{output}: SHA-256 {result.sha256}", soft_wrap=True)
