"""How well quotations and speakers are read, measured on sentences that were coded by hand."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from framelens.errors import InputError, reason_of
from framelens.segment import segment
from framelens.speakers import speakers

CLOSE = 0.02
"""Gap to the coded share up to which a share of quotation is right."""
BRACKETS = re.compile(r"[⟦⟧⟪⟫]")
MARKED = re.compile(r"[^⟦⟧⟪⟫]*(?:(?:⟦[^⟦⟧⟪⟫]+⟧|⟪[^⟦⟧⟪⟫]+⟫)[^⟦⟧⟪⟫]*)*")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A text of one or more sentences, with its coded quotations and speakers as spans of characters."""

    part: str
    text: str
    quoted: tuple[Span, ...]
    speakers: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was read as it was coded."""

    sentences: int = 0
    quoting: int = 0
    """Sentences of which something was coded as quoted."""
    shares_right: int = 0
    coded: int = 0
    """Sentences whose speaker was coded."""
    named: int = 0
    """Sentences whose speaker was read."""
    named_right: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Counts of both together."""
        return Counts(*(one + more for one, more in zip(asdict(self).values(), asdict(other).values(), strict=True)))

    @property
    def precision(self) -> float:
        """Share of the speakers named that are right; ``nan`` where none is named."""
        return self.named_right / self.named if self.named else float("nan")

    @property
    def recall(self) -> float:
        """Share of the coded speakers that are named; ``nan`` where none is coded."""
        return self.named_right / self.coded if self.coded else float("nan")


@dataclass(frozen=True, slots=True)
class Mistake:
    """A sentence that was read otherwise than coded."""

    text: str
    what: str
    """``quoted`` or ``speaker``."""
    coded: float | str | None
    read: float | str | None

    def shown(self) -> str:
        """What was coded and what was read."""
        coded, read = (f"{one:.2f}" if isinstance(one, float) else one or "none" for one in (self.coded, self.read))
        return f"{self.what} {coded}, read as {read}"


@dataclass(frozen=True, slots=True)
class Voice:
    """Counts by part of the sample, and the mistakes."""

    parts: Mapping[str, Counts]
    mistakes: tuple[Mistake, ...]

    @property
    def all(self) -> Counts:
        """Counts of the whole sample."""
        return reduce(add, self.parts.values(), Counts())

    def as_dict(self) -> dict[str, Any]:
        """Every figure, for JSON."""
        counts = {
            name: {**asdict(part), "precision": part.precision, "recall": part.recall}
            for name, part in (*self.parts.items(), ("all", self.all))
        }
        return {"parts": counts, "mistakes": [asdict(one) for one in self.mistakes]}


def read_sample(path: Path) -> list[Passage]:
    """Passages of a CSV file with the columns part and text; raises ``InputError`` that names file and line."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := {"part", "text"} - set(reader.fieldnames or ()):
                raise InputError(f"{path}: no column {min(missing)!r}; a sample of voice has part and text")
            return [_passage(f"{path}, line {reader.line_num}", row) for row in reader]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: no table that can be read: {error}") from None


def measure(passages: Sequence[Passage]) -> Voice:
    """Read each sentence of the passages and compare; of several coded speakers the first in a sentence counts."""
    parts: dict[str, Counts] = {}
    mistakes: list[Mistake] = []
    for passage in passages:
        sentences = segment(passage.text)
        for one, read in zip(sentences, speakers(passage.text, sentences), strict=True):
            share = _inside(passage, one.start, one.end)
            coded = next((passage.text[at:end] for at, end in passage.speakers if one.start <= at < one.end), None)
            right = abs(share - one.quoted) <= CLOSE
            same = coded is not None and read == coded
            counts = Counts(1, share > 0, right, coded is not None, read is not None, same)
            parts[passage.part] = parts.get(passage.part, Counts()) + counts
            if not right:
                mistakes.append(Mistake(one.text, "quoted", share, one.quoted))
            if read != coded:
                mistakes.append(Mistake(one.text, "speaker", coded, read))
    return Voice(parts, tuple(mistakes))


def _inside(passage: Passage, start: int, end: int) -> float:
    """Share of the characters from ``start`` to ``end`` that are coded as quoted; line ends are not."""
    inside = sum(
        len(passage.text[max(start, opening) : min(end, closing)].replace("\n", ""))
        for opening, closing in passage.quoted
    )
    return inside / (end - start)


def _passage(where: str, row: Mapping[str, str | None]) -> Passage:
    marked = row["text"] or ""
    if not MARKED.fullmatch(marked) or not marked:
        raise InputError(f"{where}: put each quotation into one pair of ⟦ ⟧ and each speaker into one pair of ⟪ ⟫")
    return Passage(row["part"] or "", BRACKETS.sub("", marked), _spans(marked, "⟦⟧"), _spans(marked, "⟪⟫"))


def _spans(marked: str, pair: Iterable[str]) -> tuple[Span, ...]:
    """Places of what a pair of brackets holds, in the text without brackets."""
    opening, closing = pair
    return tuple(
        (len(BRACKETS.sub("", marked[: match.start()])), len(BRACKETS.sub("", marked[: match.end()])))
        for match in re.finditer(f"{opening}[^{closing}]*{closing}", marked)
    )
