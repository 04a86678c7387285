"""What travels between the labelled set and other tools: sentences out, answers back, keyed by ``sentence_id``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from framelens.gold import Coding, LabelledSentence

TRAVELS = ("fingerprint", "codebook", "selected_by", "coded_at", "note")
"""What a coding says beside sentence and frames; it travels as metadata, and comes back where the tool keeps that."""


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence for another tool; ``coding`` is what a coder has said of it, ``None`` where it is to be coded."""

    sentence: LabelledSentence
    codebook: str
    selected_by: str
    coding: Coding | None = None

    def frames(self, order: Sequence[str]) -> list[str]:
        """What was coded, in the order of the codebook."""
        return [frame for frame in order if self.coding and frame in self.coding.frames]

    @property
    def meta(self) -> dict[str, str]:
        """What joins an answer to its sentence, and what else its coding says."""
        one, said = self.sentence, self.coding
        values = {
            "sentence_id": one.id,
            "article_id": one.article,
            "fingerprint": said.fingerprint if said else one.fingerprint,
            "codebook": said.codebook if said else self.codebook,
            "selected_by": said.selected_by if said else self.selected_by,
        }
        return values | ({"coded_at": said.coded_at, "note": said.note} if said else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator said of one sentence, and in which line of the file it starts."""

    line: int
    sentence: str
    frames: tuple[str, ...]
    by: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passed:
    """Something in the file that is no coding (cancelled, ignored, skipped), and why."""

    line: int
    sentence: str
    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Something in the file that cannot be read."""

    line: int
    why: str


Found = Answer | Passed | Broken


def lines_of(text: str) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Objects of a file with one JSON object a line, with their lines."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Broken(number, f"not JSON: {error}")
                continue
            yield (number, value) if isinstance(value, dict) else Broken(number, "not a JSON object")


def elements_of(text: str) -> Iterator[tuple[int, dict[str, Any]] | Broken]:
    """Objects of a file that is one JSON array, each with the line on which it starts."""
    decoder, at, line = json.JSONDecoder(), _after_space(text, 0), 1
    if text[at : at + 1] != "[":
        yield Broken(1, "not a JSON array: it must start with [")
        return
    counted, at = 0, _after_space(text, at + 1)
    while at < len(text) and text[at] != "]":
        line += text.count("\n", counted, at)
        counted = at
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield Broken(line, f"not JSON: {error}")
            return
        yield (line, value) if isinstance(value, dict) else Broken(line, "not a JSON object")
        at = _after_space(text, at)
        if text[at : at + 1] not in (",", "]"):
            yield Broken(line, "the array breaks off behind the object that starts here")
            return
        at = _after_space(text, at + 1) if text[at] == "," else at
    if at >= len(text):
        yield Broken(line, "the array has no end; the file was cut off")


def names(value: Any) -> tuple[str, ...]:
    """Labels as a tuple, whether a tool writes one as text or several as a list; raises ``ValueError`` for others."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError(f"labels are {value!r}, not text")


def travelled(meta: Any) -> dict[str, str]:
    """What came back of what travelled along."""
    found = meta if isinstance(meta, dict) else {}
    return {key: str(found[key]) for key in TRAVELS if found.get(key) is not None}


def listed(value: Any) -> list[Any]:
    """What should be a list, where it is one; else nothing."""
    return value if isinstance(value, list) else []


def sentence_of(*places: Any) -> str:
    """The ``sentence_id``, from the first place that has one; empty where none has."""
    for place in places:
        if isinstance(place, dict) and isinstance(place.get("sentence_id"), str):
            return str(place["sentence_id"])
    return ""


def time_of(stamp: Any) -> str:
    """A time as our files write it, from seconds or from text; empty where it is neither."""
    try:
        if isinstance(stamp, (int, float)) and not isinstance(stamp, bool):
            return datetime.fromtimestamp(stamp, UTC).isoformat(timespec="seconds")
        return str(datetime.fromisoformat(stamp) and stamp) if isinstance(stamp, str) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def _after_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at
