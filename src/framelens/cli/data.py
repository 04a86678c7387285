"""``data``: the labelled set."""

from pathlib import Path
from typing import Annotated

import typer

from framelens.cli.app import data_app
from framelens.cli.options import JsonOption
from framelens.write import json_text


@data_app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The labelled set.")] = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Check every file of the labelled set; name file and line of each fault.

    Prints how many sentences are gold, disputed, stale, uncoded and without text, and the coders' agreement. Exit
    code 1 if there is a fault.
    """
    from framelens.labels import read_labels
    from framelens.terminal import console_on, note
    from framelens.terminal.figures import print_check

    labels = read_labels(folder)
    for fault in labels.faults:
        note(str(fault))
    for coder, coding in labels.stale_codings:
        note(f"{folder / 'codings' / coder}.csv: {coding.sentence} is stale: text or codebook changed; code it again")
    counts, alpha = labels.counts(), labels.agreement()
    gold = {frame: sum(frame in frames for frames in labels.gold.values()) for frame in labels.codebook.ids}
    if as_json:
        faults = [str(fault) for fault in labels.faults]
        typer.echo(json_text({**counts, "gold_per_frame": gold, "alpha": alpha, "faults": faults}))
    else:
        with console_on(None) as console:
            print_check(console, counts, gold, alpha, len(labels.faults))
    if labels.faults:
        raise typer.Exit(1)
