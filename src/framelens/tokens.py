"""Many sentences to their words at once: what ``words.words`` gives for each, without a loop over words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from framelens.words import QUOTE_MARKS, has_quotation, words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Points = NDArray[np.uint32]

LAST = 0x20000
"""Characters from here on, rare ideographs, are left to ``words.words``."""
ODD = ("\u0130", "\u03a3")
"""Their lower case is longer, or depends on the letters around."""
SPACE = 32
FEW = 200
"""Sentences up to which ``words.words`` reads each: this takes less time than importing what reads many at once."""


@dataclass(frozen=True)
class Tokens:
    """The words of all sentences, one after another."""

    distinct: list[str]
    number: Ints
    """Place of each word in ``distinct``; shape (words,)."""
    count: Ints
    """Words of each sentence; shape (sentences,)."""
    quotation: Bools
    """Whether a quotation mark stands in the sentence; shape (sentences,)."""


def tokens(sentences: Sequence[str]) -> Tokens:
    """Lower-case words of each sentence in order.

    >>> found = tokens(["They left.", "Left!"])
    >>> found.distinct, found.number.tolist(), found.count.tolist()
    (['they', 'left'], [0, 1, 1], [2, 1])
    """
    if len(sentences) <= FEW:
        return _one_by_one(sentences)
    lower, quote = _tables()
    points = _points("".join(sentences))
    lengths = np.fromiter(map(len, sentences), np.int64, count=len(sentences))
    ends = np.cumsum(lengths)
    known = np.minimum(points, LAST)
    marks = np.searchsorted(ends, np.flatnonzero(quote[known]), side="right")
    quotation = np.zeros(len(sentences), dtype=bool)
    quotation[marks] = True
    read = lower[known]
    odd = np.unique(np.searchsorted(ends, np.flatnonzero(read == 0), side="right"))
    for sentence in odd:
        # nothing is read here now, and its words are put in below
        read[ends[sentence] - lengths[sentence] : ends[sentence]] = SPACE
    distinct, number, count = _split(read, ends)
    if len(odd):
        return _with(odd.tolist(), sentences, Tokens(distinct, number, count, quotation))
    return Tokens(distinct, number, count, quotation)


def _one_by_one(sentences: Sequence[str]) -> Tokens:
    quotation = np.array([has_quotation(sentence) for sentence in sentences], dtype=bool)
    nothing = Tokens([], np.empty(0, np.int64), np.zeros(len(sentences), np.int64), quotation)
    return _with(range(len(sentences)), sentences, nothing)


def _split(read: Points, ends: Ints) -> tuple[list[str], Ints, Ints]:
    """Distinct words, the number of each word, and how many each sentence has."""
    import pyarrow as pa

    inside = read != SPACE
    # a sentence ends a word even where no space does
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    heads = ends[:-1][ends[:-1] < len(read)]
    begins[heads] |= inside[heads]
    letters, first = read[inside], np.flatnonzero(begins[inside])
    # where each letter ends in UTF-8
    bytes_ = np.cumsum(1 + (letters > 0x7F) + (letters > 0x7FF) + (letters > 0xFFFF))
    offsets = np.append(0, bytes_)[np.append(first, len(letters))]
    data = letters.tobytes().decode("utf-32-le").encode()
    found = pa.LargeStringArray.from_buffers(len(first), pa.py_buffer(offsets), pa.py_buffer(data))
    coded = found.dictionary_encode()
    count = np.diff(np.append(0, np.cumsum(begins))[np.append(0, ends)])
    # not by to_numpy, which imports pandas where it is installed
    number = np.frombuffer(coded.indices.buffers()[1], np.int32, count=len(coded))
    return coded.dictionary.to_pylist(), number.astype(np.int64), count


def _with(odd: Sequence[int], sentences: Sequence[str], read: Tokens) -> Tokens:
    """The same with the words of odd sentences in their places."""
    found = [words(sentences[sentence]) for sentence in odd]
    number = dict(zip(read.distinct, range(len(read.distinct)), strict=True))
    more = [number.setdefault(word, len(number)) for word in chain.from_iterable(found)]
    sizes = np.fromiter(map(len, found), np.int64, count=len(odd))
    sentence = np.concatenate(
        [np.repeat(np.arange(len(sentences)), read.count), np.repeat(np.array(odd, dtype=np.int64), sizes)]
    )
    order = np.argsort(sentence, kind="stable")
    count = read.count.copy()
    count[odd] = sizes
    every = np.concatenate([read.number, np.array(more, dtype=np.int64)])[order]
    return Tokens(list(number), every, count, read.quotation)


def _points(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@lru_cache(maxsize=1)
def _tables() -> tuple[Points, Bools]:
    """Of each character: its lower case, a space where it is of no word, 0 where it is odd; and whether it quotes."""
    every = "".join(map(chr, range(LAST)))
    plain = every.translate(dict.fromkeys(map(ord, ODD), " "))
    # regular expressions decide what belongs to a word, as they do in ``words``
    lower = np.append(_points(re.sub(r"\W", " ", plain.lower())), 0).astype(np.uint32)
    lower[[ord(one) for one in ODD]] = 0
    quote = np.zeros(LAST + 1, dtype=bool)
    quote[[mark.start() for mark in QUOTE_MARKS.finditer(every)]] = True
    return lower, quote
