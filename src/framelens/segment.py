"""Text to sentences with their places: the same for classifying, coding and training."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex

from framelens.quotations import quotations

LINE = re.compile(r"[^\n]+")
LETTER = re.compile(r"[^\W\d_]")
LANGUAGE = re.compile(r"[a-z]{2,3}")
# sentencex stops at white space that is longer than one byte and at lone surrogates; it sees spaces instead
TROUBLE = re.compile(r"[\s\ud800-\udfff]")
OPENING = re.compile(r"[«‹„‚“‘「『《]")
LONG, MOST_OPENING = 5_000, 500
"""sentencex takes a time that grows with the square of opening marks; a line that long with more is no prose."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One unit of a text: ``text`` is exactly ``document[start:end]``; offsets count characters."""

    start: int
    end: int
    text: str
    quoted: float
    """Share of the characters that stand inside quotation marks, these counted, 0 to 1."""


def segment(text: str, language: str = "en") -> list[Sentence]:
    """Split a text into sentences; raises ``ValueError`` for what is not a language code.

    Line and paragraph breaks end a sentence, a quotation of several sentences stays whole, and a unit without letters
    (a list number, say) joins the next one.

    >>> [s.text for s in segment('1. They left. "Stay. Please," she said.')]
    ['1. They left.', '"Stay. Please," she said.']
    """
    if not LANGUAGE.fullmatch(language):
        raise ValueError(f"{language!r} is no language code; give two or three letters, such as en or ru")
    spans = quotations(text)
    sentences = []
    reached = 0
    for start, end in _joined(text, language):
        while reached < len(spans) and spans[reached][1] <= start:
            reached += 1
        inside = 0
        within = reached
        while within < len(spans) and spans[within][0] < end:
            opening, closing = spans[within]
            inside += min(closing, end) - max(opening, start)
            within += 1
        sentences.append(Sentence(start, end, text[start:end], inside / (end - start)))
    return sentences


def fingerprint(text: str) -> str:
    """First 16 hexadecimal digits of SHA-256 after NFKC, case folding and white-space folding.

    >>> fingerprint("They  LEFT.") == fingerprint("they left.")
    True
    """
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _joined(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Spans of the units, those without letters joined to the next, or to the one before at the end of a line."""
    waiting: int | None = None
    end_of_line = 0
    last: tuple[int, int] | None = None
    for line in LINE.finditer(text):
        last_of_line: tuple[int, int] | None = None
        for start, end in _units(line.group(), line.start(), language):
            if LETTER.search(text, start, end):
                if last:
                    yield last
                last = last_of_line = (start if waiting is None else waiting, end)
                waiting = None
            elif waiting is None:
                waiting = start
            end_of_line = end
        if waiting is not None and last_of_line:
            last = (last_of_line[0], end_of_line)
            waiting = None
    if waiting is not None and last:
        last = (last[0], len(text.rstrip()))
    if last:
        yield last


def _units(line: str, offset: int, language: str) -> Iterator[tuple[int, int]]:
    """Spans of what sentencex takes for sentences in one line, without the white space around them."""
    seen = TROUBLE.sub(" ", line)
    if len(line) > LONG and len(OPENING.findall(line)) > MOST_OPENING:
        seen = OPENING.sub(" ", seen)
    for boundary in sentencex.get_sentence_boundaries(language, seen):
        start, end = boundary["start_index"], boundary["end_index"]
        unit = line[start:end]
        if bare := unit.strip():
            start += len(unit) - len(unit.lstrip())
            yield offset + start, offset + start + len(bare)
