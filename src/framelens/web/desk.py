"""What the pages work on: the labelled set as it is on disk by now, the model, and the sessions of coders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from threading import BoundedSemaphore, RLock

import numpy as np

from framelens.agree import Agreement, agree
from framelens.audit import audit
from framelens.codebook import Codebook
from framelens.coding import CodingSession
from framelens.errors import InputError
from framelens.explain import Explainer
from framelens.explained import decided
from framelens.gold import ADJUDICATED, Coding, LabelledSet
from framelens.labels import append_codings, read_labels
from framelens.queues import Task, Wish, disputes, queue
from framelens.score import ClassifiedSentence, Classifier, load
from framelens.suggest import Suggestions
from framelens.web.standing import Seen, Standing

RULES_AND_TEXTS = ("codebook.toml", "articles.csv", "sentences.csv")
MOST_CLASSIFYING = 8
"""Texts that are classified at the same time."""
MOST_SESSIONS = 256
"""Sessions that are kept; one that is begun anew goes on where the files say."""
BY_MODEL = ("uncertain", "rare")

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What a coder has set out to do; two windows with the same work share one session."""

    coder: str
    queue: str = "article"
    frame: str | None = None
    article: str | None = None
    limit: int | None = None
    seed: int = 2026
    suggest: bool = False
    adjudicates: bool = False
    """Decides what coders differ on, and sees what they said; coding is blind."""

    @property
    def file(self) -> str:
        """Name of the file of codings that it adds to."""
        return ADJUDICATED if self.adjudicates else self.coder


class Desk:
    """One labelled set and one model, for as long as the program runs."""

    def __init__(self, data: Path, model: Path | None = None, coder: str = "") -> None:
        self.data, self.coder = data, coder
        self._model = model
        self.classifying = BoundedSemaphore(MOST_CLASSIFYING)
        self._lock, self._explaining = RLock(), RLock()
        self._labels: tuple[Stamp, LabelledSet] | None = None
        self._agreement: tuple[LabelledSet, Agreement] | None = None
        self._sessions: dict[Work, tuple[Stamp, CodingSession]] = {}
        self.standing = Standing()
        self.seen: dict[tuple[Work, str], Seen] = {}
        """What each session last showed of a sentence, for programs that do not say what they saw."""

    @cached_property
    def classifier(self) -> Classifier:
        """The model, loaded when it is first asked for."""
        return load(self._model)

    @cached_property
    def explainer(self) -> Explainer:
        """Says why the model decides as it does."""
        return Explainer(self.classifier.model)

    def why(self, sentences: Sequence[ClassifiedSentence]) -> list[dict[str, dict[str, float]]]:
        """Words that decided the sentences of an article; one request at a time, since they share a lexicon."""
        with self._explaining:
            return decided(sentences, self.explainer)

    def labels(self) -> LabelledSet:
        """The labelled set; read anew where files have changed since."""
        with self._lock:
            stamp = self._stamp([*RULES_AND_TEXTS, "codings/*.csv"])
            if self._labels is None or self._labels[0] != stamp:
                self._labels = stamp, read_labels(self.data)
            return self._labels[1]

    def agreement(self) -> Agreement:
        """How far coders agree by now."""
        with self._lock:
            labels = self.labels()
            if self._agreement is None or self._agreement[0] is not labels:
                self._agreement = labels, agree(labels, rng=np.random.default_rng(2026))
            return self._agreement[1]

    def codebooks(self) -> Iterator[Codebook]:
        """The codebooks of model and labelled set, as far as they can be had."""
        with suppress(InputError):
            yield self.classifier.model.codebook
        with suppress(InputError):
            yield self.labels().codebook

    @contextmanager
    def at(self, work: Work, *, anew: bool = False) -> Iterator[CodingSession]:
        """The session of this work, for one request at a time.

        ``anew`` begins again where rules or texts have changed or the queue is done; what was recorded is on disk.
        """
        with self._lock:
            stamp = self._stamp(RULES_AND_TEXTS)
            then, session = self._sessions.pop(work, (stamp, None))
            if session is None or (anew and then != stamp):
                session = self._begin(work, self._tasks(work))
            elif anew and session.task is None and (tasks := self._tasks(work, may_be_none=True)):
                session = self._begin(work, tasks)
            while len(self._sessions) >= MOST_SESSIONS:
                # the one that nobody has used longest
                del self._sessions[next(iter(self._sessions))]
            self._sessions[work] = stamp, session
            yield session

    def _begin(self, work: Work, tasks: Sequence[Task]) -> CodingSession:
        labels = self.labels()

        def record(coding: Coding) -> None:
            append_codings(self.data / "codings" / f"{work.file}.csv", [coding])
            self.standing.add(work.file, coding)

        return CodingSession(
            labels,
            tasks,
            record,
            now=partial(datetime.now, UTC),
            suggest=Suggestions(labels, self.classifier).of_one if work.suggest else None,
        )

    def _tasks(self, work: Work, *, may_be_none: bool = False) -> list[Task]:
        labels = self.labels()
        if work.adjudicates:
            tasks, none = disputes(labels, decided_by=work.coder), "no sentence with text is disputed"
        else:
            tasks = queue(work.queue, self._wish(labels, work))
            none = f"the queue {work.queue!r} has no sentence with text that {work.coder} has yet to code"
        if not tasks and not may_be_none:
            raise InputError(none)
        return tasks

    def _wish(self, labels: LabelledSet, work: Work) -> Wish:
        chances = Suggestions(labels, self.classifier).of_many if work.queue in BY_MODEL else None
        audited = [id_ for one in audit(labels, None) for id_ in one.sentences] if work.queue == "audit" else ()
        return Wish(labels, work.coder, work.frame, work.article, work.limit, work.seed, chances, audited)

    def _stamp(self, patterns: Sequence[str]) -> Stamp:
        """What changes when a file does."""
        files = sorted(path for pattern in patterns for path in self.data.glob(pattern))
        states = [(path, path.stat()) for path in files]
        return tuple((str(path), state.st_mtime_ns, state.st_size) for path, state in states)
