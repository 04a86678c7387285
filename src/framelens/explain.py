"""Why a sentence got its score: what each word, pair, subword, neighbour and feature adds to the log-odds, exactly.

The first stage is a sum over words. The second is one over log-odds, their squares and products, which are shared
between their factors in equal parts (Aumann & Shapley 1974, from log-odds of 0); a maximum goes to the sentence that
has it, a clipped value keeps its proportions. What the article's doubtful subject takes off comes last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from framelens.context import FEW
from framelens.decide import both
from framelens.lexicon import Lexicon
from framelens.model import Model
from framelens.words import WORD, grams, stem, surface, words
from framelens.worth import Article

Floats = NDArray[np.float64]

KINDS = ("start", "stem", "pair", "subwords", "vector", "around", "surface", "place", "subject")
SURFACE_NAMES = (
    "quotation mark",
    "length",
    "seven words or fewer",
    "he or she",
    "I or we",
    "they",
    "opens with he or she",
    "opens with I or we",
    "opens with they, this or it",
    "past year",
    "digit",
)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one thing adds to the log-odds of each frame; ``kind`` is one of ``KINDS``."""

    kind: str
    text: str
    words: tuple[int, ...]
    """Which words of the sentence it is about, by number from 0."""
    log_odds: Floats
    """Shape (frames,)."""


@dataclass(frozen=True)
class Explanation:
    """Contributions to one sentence; they add up to the log-odds of its calibrated probabilities."""

    text: str
    frames: tuple[str, ...]
    contributions: tuple[Contribution, ...]

    @property
    def log_odds(self) -> Floats:
        """Sum of all contributions; shape (frames,)."""
        return np.asarray(np.sum([one.log_odds for one in self.contributions], axis=0))

    @property
    def by_word(self) -> Floats:
        """What each word adds, with an equal share of what several words add together; shape (words, frames)."""
        found = np.zeros((len(words(self.text)), len(self.frames)))
        for one in self.contributions:
            for place in one.words:
                found[place] += one.log_odds / len(one.words)
        return found

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where each word stands in the text; empty where lower case has other words."""
        spans = [match.span() for match in WORD.finditer(self.text)]
        return spans if len(spans) == len(words(self.text)) else []


@dataclass(frozen=True)
class _Part:
    """One item of a sentence: what it adds to first-stage log-odds, to those around, and to those by vector."""

    kind: str
    text: str
    places: tuple[int, ...]
    adds: Floats
    """By words to its sentence, the next, the one before, the rest; then by vectors; shape (8 * K,)."""


@dataclass(frozen=True)
class Explainer:
    """Explains the scores of a model."""

    model: Model
    subwords: bool = False
    """Whether subwords are told one by one, not summed over each word."""

    @cached_property
    def lexicon(self) -> Lexicon:
        """What the model knows of words, made when it is first asked for."""
        return Lexicon(self.model)

    def explain(self, sentences: Sequence[str], chosen: Iterable[int] | None = None) -> list[Explanation]:
        """Explanations of the sentences of one article, in order, or of the chosen ones, by number from 0."""
        places = range(len(sentences)) if chosen is None else chosen
        parts = [self._parts(text) for text in sentences]
        if self.model.stands_alone:
            return [self._alone(sentences[at], parts[at]) for at in places]
        article = self._article(parts)
        return [self._in_article(article, at, sentences[at], parts[at]) for at in places]

    def by_words(self, sentences: Sequence[str], chosen: Iterable[int]) -> list[Explanation]:
        """What the words of the chosen sentences add, without all else; it takes no longer in a longer article."""
        parts = [self._parts(text) for text in sentences]
        if self.model.stands_alone:
            return [self._alone(sentences[at], parts[at]) for at in chosen]
        article, slope = self._article(parts), self.model.platt[:, 0]
        found = []
        for at in chosen:
            weights = article.own_weights(at, _seen(sentences[at])) * slope
            own = (Contribution(one.kind, one.text, one.places, one.adds @ weights) for one in parts[at])
            found.append(Explanation(sentences[at], self.model.frames, tuple(own)))
        return found

    def _article(self, parts: Sequence[Sequence[_Part]]) -> Article:
        width = 8 * len(self.model.bias)
        sums = [np.sum([part.adds for part in each], axis=0) if each else np.zeros(width) for each in parts]
        return Article.of(self.model, np.array(sums).reshape(-1, width))

    def _alone(self, text: str, parts: Sequence[_Part]) -> Explanation:
        slope, intercept = self.model.platt.T
        start = Contribution("start", "", (), self.model.bias * slope + intercept)
        own = (Contribution(part.kind, part.text, part.places, part.adds[: len(slope)] * slope) for part in parts)
        return Explanation(text, self.model.frames, (start, *own))

    def _in_article(self, article: Article, at: int, text: str, parts: Sequence[_Part]) -> Explanation:
        slope, intercept = self.model.platt.T
        seen = _seen(text)
        weights, start = article.weights(at, seen)
        values = np.array([part.adds for part in parts]).reshape(-1, weights.shape[1]) @ weights[at]
        found = [Contribution("start", "", (), start)]
        found += [Contribution(one.kind, one.text, one.places, value) for one, value in zip(parts, values, strict=True)]
        totals = np.einsum("nk,nkf->nf", article.adds, weights)
        found += [
            Contribution("around", f"sentence {other + 1}", (), totals[other])
            for other in range(len(totals))
            if other != at
        ]
        place = self.model.frame_weight[-len(seen) - 2 : -len(seen)]
        placed = np.array([at == 0 and len(totals) > FEW, min(at, 10) / 10])
        found += [
            Contribution("place", name, (), value * weight)
            for name, value, weight in zip(("headline", "place in the article"), placed, place, strict=True)
        ]
        found += [
            Contribution("surface", name, (), value * weight)
            for name, value, weight in zip(SURFACE_NAMES, seen, article.surface_weights, strict=True)
            if value
        ]
        odds = np.sum([one.log_odds for one in found], axis=0)
        taken = slope * (both(odds, np.full_like(odds, article.subject)) - odds)
        scaled = [Contribution(one.kind, one.text, one.words, one.log_odds * slope) for one in found]
        scaled[0] = Contribution("start", "", (), scaled[0].log_odds + intercept)
        doubt = Contribution("subject", "the article may be about something else", (), taken)
        return Explanation(text, self.model.frames, (*scaled, doubt))

    def _parts(self, text: str) -> list[_Part]:
        tokens = words(text)
        return [*self._by_words(tokens), *self._by_terms(tokens)] if tokens else []

    def _by_words(self, tokens: Sequence[str]) -> list[_Part]:
        """Subwords and vectors, weighted by the TF-IDF of the words of the sentence."""
        places = _places(tokens)
        rows = self.lexicon.rows(list(places))
        value = _frequency(places.values()) * self.lexicon.idf[rows]
        value = value / (np.linalg.norm(value) or 1.0)
        targets = len(self.model.bias)
        scores = value[:, None] * self.lexicon.score[rows]
        found = []
        for (word, where), weight, score in zip(places.items(), value, scores, strict=True):
            split = self._grams(word, weight) if self.subwords else {word: score[:targets]}
            found += [self._part("subwords", name, where, own) for name, own in split.items() if own.any()]
            if score[targets:].any():
                found.append(self._part("vector", word, where, score[:0], score[:0], score[targets:]))
        return found

    def _part(self, kind: str, text: str, places: tuple[int, ...], *adds: Floats) -> _Part:
        """A part with zeros where nothing is added."""
        targets = len(self.model.bias)
        padded, at = np.zeros(targets + self.model.near_weight.shape[1] + self.model.vector_weight.shape[1]), 0
        for width, one in zip((targets, 3 * targets, 4 * targets), adds, strict=False):
            padded[at : at + len(one)] = one
            at += width
        return _Part(kind, text, places, padded)

    def _grams(self, word: str, weight: float) -> dict[str, Floats]:
        """What each n-gram of a word adds."""
        parts = sorted(grams(word))
        number = self.lexicon.gram_number
        idf = np.array([self.model.gram_idf[number.get(part, -1)] for part in parts])
        share = weight * idf / np.linalg.norm(idf)
        known = ((part, one) for part, one in zip(parts, share, strict=True) if part in number)
        return {f"{word}:{part}": one * self.model.gram_weight[number[part]].astype(np.float64) for part, one in known}

    def _by_terms(self, tokens: Sequence[str]) -> list[_Part]:
        """Stems and pairs; stems also reach the sentences around."""
        stems = [stem(word) for word in tokens]
        number, pairs = self.lexicon.stem_number, self.lexicon.pair_number
        single = {number[name]: where for name, where in _places(stems).items() if name in number}
        double: dict[int, tuple[int, ...]] = {}
        for at, (one, next_) in enumerate(pairwise(stems)):
            pair = pairs.get((number.get(one, -1), number.get(next_, -1)))
            if pair is not None:
                double[pair] = (*double.get(pair, ()), at, at + 1)
        terms = [*single, *double]
        counts = [*map(len, single.values()), *(len(where) // 2 for where in double.values())]
        value = (1 + np.log(np.array(counts, dtype=np.float64))) * self.model.term_idf[terms]
        length, alone = np.linalg.norm(value) or 1.0, np.linalg.norm(value[: len(single)]) or 1.0
        own = (value / length)[:, None] * self.model.term_weight[terms].astype(np.float64)
        near = (value[: len(single)] / alone)[:, None] * self.model.near_weight[list(single)].astype(np.float64)
        found = [
            self._part("stem", tokens[where[0]], where, own[place], near[place])
            for place, where in enumerate(single.values())
        ]
        found += [
            self._part("pair", f"{tokens[where[0]]} {tokens[where[1]]}", where, own[len(single) + place])
            for place, where in enumerate(double.values())
        ]
        return found


def _seen(text: str) -> Floats:
    return np.array(surface(text), dtype=np.float64)


def _places(names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Where each distinct name stands."""
    found: dict[str, tuple[int, ...]] = {}
    for place, name in enumerate(names):
        found[name] = (*found.get(name, ()), place)
    return found


def _frequency(places: Iterable[tuple[int, ...]]) -> Floats:
    return np.asarray(1 + np.log(np.array([len(one) for one in places], dtype=np.float64)))
