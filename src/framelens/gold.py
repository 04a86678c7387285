"""From codings to gold: what coders said of sentences, and what follows from it. No file is touched here."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from framelens.agreement import krippendorff_alpha
from framelens.codebook import Codebook, major

ADJUDICATED = "adjudicated"
"""The coder who overrules the others, once they differ."""

UNDONE = "undone"
"""``selected_by`` of a line that takes back the coder's line before it on the same sentence; no line is erased."""

State = Literal["gold", "disputed", "stale", "uncoded"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the labelled set that is wrong, and where."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        """One line in the form that editors jump to."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the labelled set; ``group`` is what cross-validation never splits."""

    id: str
    title: str
    genre: str
    topic: str
    language: str
    origin: str
    group: str
    subject: str


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """One unit; ``text`` is ``None`` where the text belongs to others and is not on this machine."""

    id: str
    article: str
    position: int
    fingerprint: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Coding:
    """What one coder said of one sentence, under one text (fingerprint) and one version of the codebook."""

    sentence: str
    fingerprint: str
    frames: frozenset[str]
    codebook: str
    selected_by: str
    coded_at: str
    note: str = ""


@dataclass(frozen=True)
class LabelledSet:
    """Everything in one data folder, read and checked."""

    codebook: Codebook
    articles: Mapping[str, Article]
    sentences: tuple[LabelledSentence, ...]
    codings: Mapping[str, tuple[Coding, ...]]
    """Codings by coder, in the order of their files; ``adjudicated`` is a coder who overrules the others."""
    faults: tuple[Fault, ...] = field(default=())

    @cached_property
    def current(self) -> dict[str, dict[str, Coding]]:
        """The coding of each coder that stands for each sentence: coder to sentence id to coding, stale ones too."""
        return {coder: _standing(codings) for coder, codings in self.codings.items()}

    def is_stale(self, coding: Coding) -> bool:
        """Made under another text or another major version of the codebook."""
        return (
            coding.fingerprint != self._fingerprints.get(coding.sentence)
            or major(coding.codebook) != self.codebook.major
        )

    @cached_property
    def _fingerprints(self) -> dict[str, str]:
        return {sentence.id: sentence.fingerprint for sentence in self.sentences}

    @cached_property
    def judged(self) -> dict[str, tuple[State, frozenset[str]]]:
        """State and gold frames of every sentence; the frames are empty unless the state is ``gold``."""
        by_sentence: dict[str, list[Coding]] = defaultdict(list)
        for coder, codings in self.current.items():
            if coder != ADJUDICATED:
                for coding in codings.values():
                    by_sentence[coding.sentence].append(coding)
        decided = self.current.get(ADJUDICATED, {})
        return {
            sentence.id: self._judge(decided.get(sentence.id), by_sentence[sentence.id]) for sentence in self.sentences
        }

    def _judge(self, decided: Coding | None, codings: Sequence[Coding]) -> tuple[State, frozenset[str]]:
        """Gold is computed, never stored: the adjudicated frames, else those that all coders agree on."""
        if decided and not self.is_stale(decided):
            return "gold", decided.frames
        fresh = {coding.frames for coding in codings if not self.is_stale(coding)}
        if len(fresh) == 1:
            return "gold", next(iter(fresh))
        if fresh:
            return "disputed", frozenset()
        return ("stale" if codings or decided else "uncoded"), frozenset()

    @cached_property
    def gold(self) -> dict[str, frozenset[str]]:
        """Frames of each sentence whose state is ``gold``, by sentence id."""
        return {id_: frames for id_, (state, frames) in self.judged.items() if state == "gold"}

    @cached_property
    def stale_codings(self) -> tuple[tuple[str, Coding], ...]:
        """Coder and coding of each current coding that is stale."""
        return tuple(
            (coder, coding)
            for coder, codings in self.current.items()
            for coding in codings.values()
            if coding.sentence in self._fingerprints and self.is_stale(coding)
        )

    def counts(self) -> dict[str, int]:
        """What there is, in the order in which it is told."""
        states = [state for state, _ in self.judged.values()]
        without = [sentence.id for sentence in self.sentences if sentence.text is None]
        return {
            "articles": len(self.articles),
            "sentences": len(self.sentences),
            "coders": len(self.coders),
            "codings": sum(len(codings) for coder, codings in self.current.items() if coder != ADJUDICATED),
            "adjudicated": len(self.current.get(ADJUDICATED, {})),
            "gold": states.count("gold"),
            "gold with a frame": sum(bool(frames) for frames in self.gold.values()),
            "disputed": states.count("disputed"),
            "stale": states.count("stale"),
            "uncoded": states.count("uncoded"),
            "without text": len(without),
            "gold without text": sum(id_ in self.gold for id_ in without),
        }

    def agreement(self) -> dict[str, float]:
        """Krippendorff's alpha per frame over all coders' current codings that are not stale."""
        return {frame: krippendorff_alpha(one) for frame, one in zip(self.codebook.ids, self.code_table(), strict=True)}

    def code_table(self) -> NDArray[np.float64]:
        """1 where a coder gave a frame, 0 where not, ``nan`` where not coded; shape (frames, coders, sentences)."""
        column = {sentence.id: number for number, sentence in enumerate(self.sentences)}
        codes = np.full((len(self.codebook.ids), len(self.coders), len(column)), np.nan)
        for row, coder in enumerate(self.coders):
            for coding in self.current[coder].values():
                if not self.is_stale(coding):
                    codes[:, row, column[coding.sentence]] = [frame in coding.frames for frame in self.codebook.ids]
        return codes

    @property
    def coders(self) -> tuple[str, ...]:
        """Ids of the coders, without the adjudicated file."""
        return tuple(coder for coder in self.codings if coder != ADJUDICATED)

    def fingerprint_of(self, sentences: Iterable[LabelledSentence]) -> str:
        """SHA-256 over these sentences, their gold and the codebook version: the same data give the same digits."""
        digest = hashlib.sha256(self.codebook.version.encode())
        for sentence in sentences:
            frames = " ".join(sorted(self.gold[sentence.id]))
            digest.update(f"{sentence.id}\t{sentence.fingerprint}\t{frames}\n".encode())
        return digest.hexdigest()


def _standing(codings: Iterable[Coding]) -> dict[str, Coding]:
    """The last coding of each sentence that was not taken back."""
    lines: dict[str, list[Coding]] = {}
    for coding in codings:
        said = lines.setdefault(coding.sentence, [])
        if coding.selected_by != UNDONE:
            said.append(coding)
        elif said:
            said.pop()
    return {sentence: said[-1] for sentence, said in lines.items() if said}
