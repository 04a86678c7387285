"""The strongest words of a model, and whether names decide a frame: words are listed, never persons."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.lexicon import Lexicon
from framelens.model import Model
from framelens.words import WORD, stem

Floats = NDArray[np.float64]

FORMS = 3
"""Other forms of a word that are told."""
NAME = 0.9
"""Share of its places within sentences where a word has a capital letter, from which it counts as a name."""
OFTEN = 2
"""Places within sentences that it takes to judge."""
HEADLINE = 0.6
"""Share of long words with a capital letter above which a sentence is a headline, where capitals tell nothing."""
BREAK = re.compile(r"[\"“”„«»‘:;.!?()\[\]\n–—]|(?<!\w)'")
"""After one of these, a capital letter may be that of a beginning."""


@dataclass(frozen=True, slots=True)
class Strong:
    """A word or a pair of words that a frame's first stage relies on."""

    text: str
    kind: str
    """``word`` or ``pair``; of a pair, the stems."""
    log_odds: float
    """What one occurrence adds to the log-odds of a sentence of ordinary length."""
    by_vector: float
    """The same by the word's vector, which is a second view; 0 for pairs."""
    forms: tuple[str, ...] = ()
    """Other words of the same stem, the strongest first."""
    capitalised: float | None = None
    """Share of its places within sentences where it has a capital letter; ``None`` where that is not known."""

    @property
    def is_name(self) -> bool:
        """Whether it looks like the name of somebody, of a place or of an outlet, or like a word made from one."""
        return self.capitalised is not None and self.capitalised >= NAME


@dataclass(frozen=True, slots=True)
class FrameWords:
    """The strongest words of one frame."""

    frame: str
    words: tuple[Strong, ...]

    @property
    def names(self) -> list[str]:
        """Those that look like names."""
        return [one.text for one in self.words if one.is_name]

    @property
    def leakage(self) -> float:
        """Share of the log-odds of these words that names hold."""
        whole = sum(one.log_odds for one in self.words)
        return sum(one.log_odds for one in self.words if one.is_name) / whole if whole > 0 else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        words = [
            {field: getattr(one, field) for field in Strong.__slots__} | {"name": one.is_name} for one in self.words
        ]
        return {"frame": self.frame, "leakage": self.leakage, "names": self.names, "words": words}


def strongest(model: Model, top: int, capitalised: Mapping[str, float] | None = None) -> list[FrameWords]:
    """The words and pairs that add most to each frame; ``capitalised`` is by stem, from ``capitals``.

    The figure is TF-IDF times weight, as in a sentence that holds the word once and is as long as sentences are on
    average: idf(stem) * weight(stem) / |stems and pairs| + idf(word) * subword score(word) / |words|. The squared
    length of the average row is the sum over terms of P(term) idf(term)^2, where P follows from idf = 1 - log P.
    """
    frames, stems = len(model.frames), len(model.stems)
    of_terms, of_words = _length(model.term_idf), _length(model.word_idf[:-1])
    by_term = model.term_idf[:, None] * model.term_weight[:, :frames] / of_terms
    lexicon = Lexicon(model)
    rows = lexicon.rows(model.words)
    by_word = lexicon.idf[rows, None] * lexicon.score[rows] / of_words
    number = lexicon.stem[rows]
    own = by_word[:, :frames] + np.where(number[:, None] >= 0, by_term[number], 0.0)
    targets = len(model.bias)
    vector = by_word[:, targets : targets + frames] if model.vector_weight.size else np.zeros_like(own)
    names = {} if capitalised is None else capitalised
    found = []
    for column, frame in enumerate(model.frames):
        words = _by_stem(model.words, own[:, column], vector[:, column], top, names)
        pairs = _pairs(model, by_term[stems:, column], top, names)
        ranked = sorted([*words, *pairs], key=lambda one: -one.log_odds)
        found.append(FrameWords(frame, tuple(ranked[:top])))
    return found


def capitals(sentences: Iterable[str]) -> dict[str, float]:
    """Share of its places within sentences where each stem has a capital letter, for those that are met often enough.

    >>> capitals(["They left Karvenia.", "Why Karvenia?", "It was Karvenia again."])
    {'karvenia': 1.0}
    """
    all_, upper = Counter[str](), Counter[str]()
    for sentence in sentences:
        for word in _within(sentence):
            name = stem(word.lower())
            all_[name] += 1
            upper[name] += word[0].isupper()
    return {name: upper[name] / count for name, count in all_.items() if count >= OFTEN}


def _within(sentence: str) -> Iterable[str]:
    """Words that begin nothing; none of a headline, whose words all begin with capital letters."""
    found = list(WORD.finditer(sentence))
    long = [one.group()[0].isupper() for one in found[1:] if len(one.group()) > 3]
    if len(long) > 2 and sum(long) > HEADLINE * len(long):
        return
    for before, one in pairwise(found):
        word = one.group()
        if len(word) > 1 and word[0].isalpha() and not BREAK.search(sentence, before.end(), one.start()):
            yield word


def _length(idf: Floats) -> float:
    """Length of the TF-IDF row of an average sentence."""
    return float(np.sqrt(np.exp(1 - idf) @ idf**2)) or 1.0


def _by_stem(
    words: Sequence[str], own: Floats, vector: Floats, top: int, capitalised: Mapping[str, float]
) -> Iterable[Strong]:
    """The strongest word of each stem, with its other forms."""
    forms: dict[str, list[int]] = {}
    for place in np.argsort(-own, kind="stable").tolist():
        name = stem(words[place])
        if name in forms or len(forms) < top:
            forms.setdefault(name, []).append(place)
    for name, (first, *others) in forms.items():
        # all numbers have one stem
        number = name == stem("0")
        told = tuple(words[place] for place in ([first, *others] if number else others)[:FORMS])
        yield Strong(
            "a number" if number else words[first],
            "word",
            float(own[first]),
            float(vector[first]),
            told,
            capitalised.get(name),
        )


def _pairs(model: Model, own: Floats, top: int, capitalised: Mapping[str, float]) -> Iterable[Strong]:
    for place in np.argsort(-own, kind="stable")[:top].tolist():
        parts = [model.stems[number] for number in model.pairs[place].tolist()]
        known = [capitalised[part] for part in parts if part in capitalised]
        yield Strong(" ".join(parts), "pair", float(own[place]), 0.0, (), max(known, default=None))
