"""``export`` and ``import``: codings to and from other annotation tools."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import ModelOption, load_classifier
from framelens.errors import InputError
from framelens.write import whole_file

Tool = Literal["doccano", "label-studio", "prodigy", "argilla", "csv"]
DataOption = Annotated[Path, typer.Option("--data", metavar="FOLDER", help="The labelled set.")]


@app.command(epilog="Example: framelens export --to doccano --coder coder-13 --queue random --output task.jsonl")
def export(
    coder: Annotated[str, typer.Option(metavar="ID", help="Who is to code there, or with --coded: has coded here.")],
    to: Annotated[Tool, typer.Option(help="The tool that will read the file.")] = "csv",
    data: DataOption = Path("data"),
    coded: Annotated[bool, typer.Option("--coded", help="What the coder has coded, not what is to be coded.")] = False,
    queue: Annotated[
        Literal["article", "random", "uncertain", "disputed", "rare"],
        typer.Option(help="As in annotate."),
    ] = "article",
    frame: Annotated[str | None, typer.Option(help="The frame that the queue 'rare' looks for.")] = None,
    article: Annotated[str | None, typer.Option(metavar="ID", help="Sentences of this article only.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="At most so many sentences.", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random sample.")] = 2026,
    model: ModelOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write here. Default: print.", show_default=False, readable=False
        ),
    ] = None,
) -> None:
    """Write sentences for another annotation tool: those to be coded, or with --coded those a coder has coded.

    Each sentence carries its sentence_id, by which import finds it again; do not remove it. For Label Studio the
    labelling configuration is told on standard error.
    """
    from framelens import exchange
    from framelens.exchange.label_studio import config
    from framelens.labels import read_labels
    from framelens.queues import Wish
    from framelens.queues import queue as chosen
    from framelens.suggest import Suggestions
    from framelens.terminal import note

    labels = read_labels(data)
    if coded:
        items = exchange.coded_by(labels, coder)
    else:
        needs_model = queue in ("uncertain", "rare")
        chances = Suggestions(labels, load_classifier(model, None)).of_many if needs_model else None
        wish = Wish(labels, coder, frame=frame, article=article, limit=limit, seed=seed, chances=chances)
        items = exchange.to_code(labels, chosen(queue, wish))
    if not items:
        raise InputError(f"no sentence with text that {coder} {'has coded' if coded else 'has yet to code'}")
    content = exchange.write(to, items, labels.codebook)
    if output:
        with whole_file(output) as file:
            file.write(content)
    else:
        sys.stdout.write(content.decode("utf-8"))
    note(f"{len(items)} sentences for {to}")
    if any(labels.articles[one.sentence.article].origin == "source" for one in items):
        note("the file holds text that belongs to its publishers; do not pass it on without their leave")
    if to == "label-studio":
        note(f"labelling configuration: {config(labels.codebook)}")


@app.command("import", epilog="Example: framelens import project.json --from label-studio --coder coder-13")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What the tool has exported.", show_default=False)],
    coder: Annotated[str, typer.Option(metavar="ID", help="Who coded; the codings go into this coder's file.")],
    from_: Annotated[Tool, typer.Option("--from", help="The tool that wrote the file.")] = "csv",
    data: DataOption = Path("data"),
    annotator: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what this person coded, as the tool names them.", show_default=False),
    ] = None,
) -> None:
    """Take codings over from another annotation tool into a coder's file: all of them, or none if there is a fault.

    Names file and line of an unknown sentence, an unknown frame, or a second answer to one sentence. Cancelled, ignored
    and skipped answers are counted and left out; what the coder has said already is not written twice.
    """
    from framelens.exchange import read_answers
    from framelens.labels import append_codings, read_labels
    from framelens.queues import require_coder
    from framelens.terminal import note

    require_coder(coder)
    labels = read_labels(data)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    imported = read_answers(file, from_, labels, now=now, annotator=annotator)
    for fault in imported.faults:
        note(str(fault))
    if imported.faults:
        raise InputError(f"{file}: {len(imported.faults)} faults; nothing was imported")
    for why, count in imported.passed.items():
        note(f"{count} left out: {why}")
    said = labels.current.get(coder, {})
    new = [one for one in imported.codings if not _same(one, said.get(one.sentence))]
    path = data / "codings" / f"{coder}.csv"
    if new:
        append_codings(path, new)
    if from_ == "doccano" and (empty := sum(not one.frames for one in new)):
        note(
            f"{empty} texts without a label are taken as coded 'no frame'; export approved texts only, if some were not"
        )
    typer.echo(f"{len(new)} codings recorded in {path}; {len(imported.codings) - len(new)} were there already")


def _same(one: object, other: object) -> bool:
    """Whether a coding says what stands already, but for the time."""
    keys = ("frames", "note", "fingerprint", "codebook")
    return other is not None and all(getattr(one, key) == getattr(other, key) for key in keys)
