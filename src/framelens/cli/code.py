"""``annotate`` and ``adjudicate``: coding sentences in the terminal."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import ModelOption, ScoresOption, load_classifier, tell_faults
from framelens.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from framelens.gold import Coding, LabelledSentence, LabelledSet
    from framelens.queues import Task

DataOption = Annotated[Path, typer.Option("--data", metavar="FOLDER", help="The labelled set.")]
CoderOption = Annotated[str, typer.Option(metavar="ID", help="Your id as a coder, such as coder-13.")]
LimitOption = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="At most so many sentences.", show_default=False)
]
KEYS = (
    "Keys: the codebook's key of a frame chooses it (again: not), Enter accepts, Tab skips, Backspace goes back,"
    " - undoes, / adds a note, ? and a frame's key shows its rule, ?? those of all frames, Esc quits."
)


@app.command(epilog=KEYS)
def annotate(
    coder: CoderOption,
    data: DataOption = Path("data"),
    queue: Annotated[
        Literal["article", "random", "uncertain", "disputed", "rare", "audit", "abstained"],
        typer.Option(help="What to code next; article: in order."),
    ] = "article",
    frame: Annotated[str | None, typer.Option(help="The frame that the queue 'rare' looks for.")] = None,
    article: Annotated[str | None, typer.Option(metavar="ID", help="Sentences of this article only.")] = None,
    limit: LimitOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random sample; the same for all coders of it.")] = 2026,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Show the model's probabilities; the codings say so.")
    ] = False,
    model: ModelOption = None,
    scores: ScoresOption = None,
    classified: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="For the queue abstained: what classify --abstain-below wrote.",
            show_default=False,
            readable=False,
        ),
    ] = None,
) -> None:
    """Code sentences one by one, each inside its article, with one key a frame.

    What others coded is never shown. Each coding is on disk before the next sentence shows; stop at any time and go on
    later. The queue random goes on with a sample of 100 sentences in all, or as many as --limit says, and records
    their inclusion probability.
    """
    from framelens.queues import Wish
    from framelens.queues import queue as chosen
    from framelens.suggest import Suggestions

    labels = _read(data)
    suggestions = None
    if suggest or queue in ("uncertain", "rare"):
        suggestions = Suggestions(labels, load_classifier(model, None))
    wish = Wish(
        labels,
        coder,
        frame=frame,
        article=article,
        limit=limit,
        seed=seed,
        chances=suggestions.of_many if suggestions else None,
        audited=_audited(labels, scores) if queue == "audit" else (),
        withheld=_withheld(labels, classified) if queue == "abstained" else (),
    )
    tasks = chosen(queue, wish)
    if not tasks:
        hint = "; the random sample is complete: enlarge it with --limit" if queue == "random" else ""
        raise InputError(f"the queue {queue!r} has no sentence with text that {coder} has yet to code{hint}")
    path, shown = data / "codings" / f"{coder}.csv", suggestions.of_one if suggestions and suggest else None
    _work(labels, tasks, path, earlier=wish.own, suggest=shown)


@app.command(epilog=KEYS)
def adjudicate(
    coder: CoderOption,
    data: DataOption = Path("data"),
    sentence: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Decide this one, disputed or not; may be repeated.", show_default=False),
    ] = None,
    limit: LimitOption = None,
) -> None:
    """Decide, one by one, the sentences on which coders differ; what you decide overrules them.

    Shows what each coder said, with notes. Decisions go to codings/adjudicated.csv with your id; put the rule that
    decided into the note (key /).
    """
    from framelens.gold import ADJUDICATED
    from framelens.queues import disputes

    labels = _read(data)
    tasks = disputes(labels, decided_by=coder, named=sentence or ())[:limit]
    if not tasks:
        raise InputError(f"{data}: no sentence with text is disputed")
    decided = labels.current.get(ADJUDICATED, {})
    again = {one.sentence.id: decided[one.sentence.id] for one in tasks if one.sentence.id in decided}
    _work(labels, tasks, data / "codings" / f"{ADJUDICATED}.csv", earlier=again)


def _audited(labels: "LabelledSet", scores: Path | None) -> "Sequence[str]":
    """Ids of the sentences that an audit names."""
    from framelens.audit import audit
    from framelens.held_out import read_probabilities

    found = audit(labels, read_probabilities(scores, labels.codebook.ids) if scores else None)
    return [id_ for one in found for id_ in one.sentences]


def _withheld(labels: "LabelledSet", classified: Path | None) -> "Sequence[str]":
    """Fingerprints of the sentences on which a model abstained; raises ``InputError`` if the set has none of them."""
    from framelens.classified import read_withheld
    from framelens.segment import fingerprint

    if classified is None:
        raise InputError("the queue 'abstained' needs --classified FILE, which classify --abstain-below P wrote")
    found = [fingerprint(text) for text in read_withheld(classified)]
    known = {one.fingerprint for one in labels.sentences}
    if found and known.isdisjoint(found):
        raise InputError(
            f"{classified}: none of its {len(found)} withheld sentences is in the labelled set; add their articles"
            " first with: framelens add"
        )
    return found


def _read(folder: Path) -> "LabelledSet":
    """The labelled set; coding goes on where others' lines are faulty, and says so."""
    from framelens.labels import read_labels

    labels = read_labels(folder)
    tell_faults(folder, labels)
    return labels


def _work(
    labels: "LabelledSet",
    tasks: "Sequence[Task]",
    path: Path,
    *,
    earlier: "Mapping[str, Coding]",
    suggest: "Callable[[LabelledSentence], Mapping[str, float]] | None" = None,
) -> None:
    from framelens.coding import CodingSession
    from framelens.labels import append_codings
    from framelens.terminal import note
    from framelens.terminal.coding import code_in_terminal

    session = CodingSession(
        labels,
        tasks,
        lambda coding: append_codings(path, [coding]),
        now=lambda: datetime.now(UTC),
        suggest=suggest,
        earlier=earlier,
    )
    code_in_terminal(session)
    if session.unrecorded:
        note(f"not recorded, since it was not accepted: {session.unrecorded}")
    typer.echo(f"{session.coded} codings recorded in {path}")
