"""Which sentences a coder is shown, and in which order; each coding records how its sentence was chosen."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from framelens.agree import fresh_codings
from framelens.errors import InputError
from framelens.gold import ADJUDICATED, Coding, LabelledSentence, LabelledSet

Floats = NDArray[np.float64]

RANDOM_SAMPLE = 100
"""Size of a random sample where none is given; without a size there is no inclusion probability."""
CODER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
SAMPLED = re.compile(r"random p=(\d+)/(\d+)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """One sentence to be coded and how it was chosen; ``said`` holds others' codings and is empty for blind coding."""

    sentence: LabelledSentence
    selected_by: str
    said: Mapping[str, Coding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chances:
    """What a model says of some sentences: probabilities of shape (sentences, frames), and its thresholds."""

    frames: tuple[str, ...]
    proba: Floats
    thresholds: Floats


@dataclass(frozen=True)
class Wish:
    """What a coder wants to code; ``chances`` asks a model about sentences, and is called only where needed."""

    labels: LabelledSet
    coder: str
    frame: str | None = None
    article: str | None = None
    limit: int | None = None
    seed: int = 2026
    chances: Callable[[Sequence[LabelledSentence]], Chances] | None = None
    audited: Sequence[str] = ()
    """Ids of the sentences that an audit names, in its order."""
    withheld: Sequence[str] = ()
    """Fingerprints of the sentences on which a model abstained, the least certain first."""

    @cached_property
    def own(self) -> Mapping[str, Coding]:
        """The coder's codings that stand and are not stale."""
        current = self.labels.current.get(self.coder, {})
        return {id_: coding for id_, coding in current.items() if not self.labels.is_stale(coding)}

    @cached_property
    def readable(self) -> list[LabelledSentence]:
        """Sentences whose text is on this machine, of the article that was asked for, in order."""
        if self.article is not None and self.article not in self.labels.articles:
            raise InputError(f"no article {self.article!r} in the labelled set; articles.csv lists them")
        return [one for one in self.labels.sentences if one.text is not None and self.article in (None, one.article)]

    @cached_property
    def open(self) -> list[LabelledSentence]:
        """Sentences that this coder has yet to code."""
        return [one for one in self.readable if one.id not in self.own]

    def known(self) -> tuple[list[LabelledSentence], Chances]:
        """The open sentences and what the model says of them."""
        if self.chances is None:
            raise ValueError("this queue needs a model")
        return self.open, self.chances(self.open)


def queue(name: str, wish: Wish) -> list[Task]:
    """The sentences of one of ``QUEUES``, at most ``limit`` of them; raises ``InputError`` for an unknown one."""
    if name not in QUEUES:
        raise InputError(f"no queue {name!r}; give one of {', '.join(QUEUES)}")
    require_coder(wish.coder)
    return list(QUEUES[name](wish))[: wish.limit]


def require_coder(coder: str) -> None:
    """Raise ``InputError`` for what cannot be the id of a coder, and so the name of a file."""
    if not CODER.fullmatch(coder) or coder == ADJUDICATED:
        raise InputError(
            f"{coder!r} is no id of a coder; use letters, digits, - and _, such as coder-13 ({ADJUDICATED!r} is taken)"
        )


def inclusion_probability(selected_by: str) -> float | None:
    """Chance that the sentence of a coding came into its random sample; ``None`` where it was chosen otherwise.

    >>> inclusion_probability("random p=100/400 seed=7"), inclusion_probability("rare vilification")
    (0.25, None)
    """
    match = SAMPLED.match(selected_by)
    return int(match.group(1)) / int(match.group(2)) if match else None


def disputes(labels: LabelledSet, *, decided_by: str, named: Sequence[str] = ()) -> list[Task]:
    """Sentences on which coders differ and nobody has decided, or else those that are named, with what coders said."""
    require_coder(decided_by)
    there = {one.id for one in labels.sentences if one.text is not None}
    if unknown := [id_ for id_ in named if id_ not in there]:
        raise InputError(f"no sentence {unknown[0]!r} with text in the labelled set")
    codings = fresh_codings(labels)
    return [
        Task(
            one,
            f"disputed, by {decided_by}" if labels.judged[one.id][0] == "disputed" else f"audit, by {decided_by}",
            {coder: labels.current[coder][one.id] for coder in codings.get(one.id, ())},
        )
        for one in labels.sentences
        if one.id in there and (one.id in named or (not named and labels.judged[one.id][0] == "disputed"))
    ]


def _random(wish: Wish) -> Iterable[Task]:
    """A simple random sample of what the coder has not coded in another way.

    Each sentence has its place in the draw from its id and the seed alone (permanent random numbers, Ohlsson 1995): a
    sample that is gone on with later is the same sample, larger, and two coders with one seed draw the same sentences.
    """
    mark = f" seed={wish.seed}"
    drawn = {
        id_ for id_, one in wish.own.items() if SAMPLED.match(one.selected_by) and f"{mark} " in f"{one.selected_by} "
    }
    coded = sum(one.id in drawn for one in wish.readable)
    population = coded + len(wish.open)
    size = min(wish.limit or RANDOM_SAMPLE, population)
    order = sorted(wish.open, key=lambda one: hashlib.sha256(f"{wish.seed}\t{one.id}".encode()).digest())
    return (Task(one, f"random p={size}/{population}{mark}") for one in order[: max(size - coded, 0)])


def _uncertain(wish: Wish) -> Iterable[Task]:
    """Nearest to a threshold of the model first."""
    sentences, chances = wish.known()
    gap = np.abs(chances.proba - chances.thresholds).min(axis=1, initial=1)
    return (Task(sentences[place], "uncertain") for place in np.argsort(gap, kind="stable"))


def _disputed(wish: Wish) -> Iterable[Task]:
    """What others code differently, then what only one has coded: what a second coder is wanted for."""
    codings = fresh_codings(wish.labels)
    differ = [one for one in wish.open if wish.labels.judged[one.id][0] == "disputed"]
    alone = [one for one in wish.open if len(codings.get(one.id, ())) == 1]
    return (Task(one, "disputed") for one in (*differ, *alone))


def _rare(wish: Wish) -> Iterable[Task]:
    """Likeliest to carry one frame first."""
    ids = wish.labels.codebook.ids
    if wish.frame not in ids:
        given = f"unknown frame {wish.frame!r}" if wish.frame else "the queue 'rare' needs a frame"
        raise InputError(f"{given}: there are {', '.join(ids)}")
    sentences, chances = wish.known()
    if wish.frame not in chances.frames:
        raise InputError(f"the model does not know the frame {wish.frame!r}; train one on codings that have it")
    likely = chances.proba[:, chances.frames.index(wish.frame)]
    return (Task(sentences[place], f"rare {wish.frame}") for place in np.argsort(-likely, kind="stable"))


def _article(wish: Wish) -> Iterable[Task]:
    """All sentences as they stand."""
    return (Task(one, "article") for one in wish.open)


def _audit(wish: Wish) -> Iterable[Task]:
    """What the audit names, even where the coder has coded it, once."""
    there = {one.id: one for one in wish.readable}
    for id_ in dict.fromkeys(wish.audited):
        own = wish.own.get(id_)
        if id_ in there and not (own and own.selected_by.startswith("audit")):
            yield Task(there[id_], "audit")


def _abstained(wish: Wish) -> Iterable[Task]:
    """What a model left to coders; all sentences of the same text."""
    open_: dict[str, list[LabelledSentence]] = {}
    for one in wish.open:
        open_.setdefault(one.fingerprint, []).append(one)
    return (Task(one, "abstained") for text in dict.fromkeys(wish.withheld) for one in open_.get(text, ()))


QUEUES: Mapping[str, Callable[[Wish], Iterable[Task]]] = {
    "article": _article,
    "random": _random,
    "uncertain": _uncertain,
    "disputed": _disputed,
    "rare": _rare,
    "audit": _audit,
    "abstained": _abstained,
}
