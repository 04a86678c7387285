"""A sentence in its article: what its neighbours and its article add. Articles follow one another whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from framelens.decide import log_logistic, logistic

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FADING = 0.6
"""What is left of the probabilities of a sentence around, one sentence further away."""
FARTHEST = 8
"""Sentences on either side that count among those around; a power of two."""
FAINT = 0.05
"""Added to the probabilities of the sentences around before their logarithm is taken."""
SPOKEN = 2
"""Columns of the surface by which own log-odds are multiplied: the first ones, quotation mark and length."""
READ = 8
"""Figures a target that the second stage reads, see ``in_article``."""
FEW = 3
"""Sentences up to which the first one is not taken for a headline."""
DOUBT = 10
"""Sentences that an article must have for its subject to count half."""
MOST_CERTAIN = 9.0
"""Log-odds are clipped here, so that one certain sentence does not decide over its whole article."""


@dataclass(frozen=True)
class Layout:
    """Which sentence stands in which article, and where."""

    lengths: Ints
    """Sentences of each article that has any; shape (articles,)."""

    @classmethod
    def of(cls, lengths: Sequence[int]) -> "Layout":
        """Layout of articles with these numbers of sentences; empty articles are passed over."""
        counts = np.asarray(lengths, dtype=np.int64)
        return cls(counts[counts > 0])

    @cached_property
    def article(self) -> Ints:
        """Number of each sentence's article; shape (sentences,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def starts(self) -> Ints:
        """First sentence of each article; shape (articles,)."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def place(self) -> Ints:
        """Place of each sentence in its article, from 0; shape (sentences,)."""
        return np.arange(len(self.article)) - self.starts[self.article]

    @cached_property
    def size(self) -> Ints:
        """Sentences in each sentence's article; shape (sentences,)."""
        return self.lengths[self.article]

    def neighbour(self, values: Floats, step: int, outside: Floats | float) -> Floats:
        """Values of the sentence ``step`` places earlier in the same article, else ``outside``; shape of ``values``."""
        shifted = np.array(np.broadcast_to(outside, values.shape))
        here, there = (slice(step, None), slice(None, -step)) if step > 0 else (slice(None, step), slice(-step, None))
        same = self.article[here] == self.article[there]
        shifted[here][same] = values[there][same]
        return shifted

    def around(self, values: Floats) -> Floats:
        """Sum of the sentences before and after in the same article, fading with distance; shape of ``values``.

        >>> Layout.of([3]).around(np.array([[1.0], [0.0], [2.0]])).ravel().tolist()
        [1.2, 3.0, 0.6]
        """
        sides = []
        for way in (1, -1):
            side, reach = self.neighbour(values, way, 0.0), 1
            while reach < FARTHEST:
                # what has been added up as far as here, once more from there on
                side = side + FADING**reach * self.neighbour(side, way * reach, 0.0)
                reach *= 2
            sides.append(side)
        return np.asarray(sides[0] + sides[1])

    @cached_property
    def missing(self) -> Floats:
        """Weight of the sentences that a short text lacks around each of its own; shape (sentences,).

        Its mean stands for them: one sentence is its own context. A text of more than ``FARTHEST`` sentences is taken
        as it is.
        """
        before, after = (np.minimum(count, FARTHEST) for count in (self.place, self.size - 1 - self.place))
        weight = (FADING**before + FADING**after - 2 * FADING**FARTHEST) / (1 - FADING)
        return np.where(self.size <= FARTHEST, weight, 0.0)

    def mean(self, values: Floats) -> Floats:
        """Mean over the article; shape of ``values``."""
        return np.asarray(np.add.reduceat(values, self.starts)[self.article] / self.size[:, None])

    def highest(self, values: Floats) -> Floats:
        """Maximum over the article; shape of ``values``."""
        return np.asarray(np.maximum.reduceat(values, self.starts)[self.article])

    def others(self, values: Floats) -> Floats:
        """Mean over the other sentences of the article, 0 where there is none; shape of ``values``."""
        sums = np.add.reduceat(values, self.starts)[self.article] - values
        return np.asarray(sums / np.maximum(self.size - 1, 1)[:, None])


@dataclass(frozen=True)
class Scale:
    """Centre and spread by which log-odds are made comparable before they are squared or multiplied; shapes (K,)."""

    centre: Floats
    spread: Floats

    def __call__(self, values: Floats) -> Floats:
        """Values in units of their spread."""
        return (values - self.centre) / self.spread


def from_neighbours(near: Floats, layout: Layout) -> Floats:
    """What the words around add to the log-odds of each sentence, shape (sentences, K).

    ``near`` is what each sentence's own words would add to the next one, to the one before, and to the mean of its
    article; shape (sentences, 3 * K).
    """
    after, before, around = np.split(near, 3, axis=1)
    return layout.neighbour(after, 1, 0.0) + layout.neighbour(before, -1, 0.0) + layout.others(around)


def from_words(scores: Floats, layout: Layout) -> Floats:
    """Log-odds of each sentence by its own words and by those around it, shape (sentences, K).

    ``scores`` is what each sentence's words add to itself, then as in ``from_neighbours``; shape (sentences, 4 * K).
    """
    own = scores.shape[1] // 4
    return np.asarray(scores[:, :own] + from_neighbours(scores[:, own:], layout))


def in_article(log_odds: Floats, by_vector: Floats, surface: Floats, layout: Layout, own: Scale, rest: Scale) -> Floats:
    """Features of each sentence in its article, shape (sentences, READ * K + 2 + surface).

    Own log-odds; probabilities of the sentences around, summed, and the logarithm of that sum; own squared, own times
    the rest of the article; log-odds by word vectors; own times quotation mark, own times length; headline, place, and
    the surface of the sentence.
    """
    clipped = _clipped(log_odds)
    chance = logistic(clipped)
    around = layout.around(chance) + layout.missing[:, None] * layout.mean(chance)
    # a text of one sentence is its own context
    others = np.where(layout.size[:, None] > 1, layout.others(clipped), clipped)
    scaled = own(clipped)
    read = [clipped, around, np.log(around + FAINT), scaled**2, scaled * rest(others), _clipped(by_vector)]
    read += [scaled * column[:, None] for column in surface.T[:SPOKEN]]
    place = np.column_stack([(layout.place == 0) & (layout.size > FEW), np.minimum(layout.place, 10) / 10])
    return np.hstack([*read, place, surface])


def doubted(subject: Floats, layout: Layout) -> Floats:
    """Log-odds that the article is on the subject, nearer to certainty in short articles; shape (sentences,).

    Few sentences say little of what their article is about, so the logarithm of the probability counts n / (n + DOUBT).
    """
    logarithm = np.minimum(log_logistic(subject) * layout.size / (layout.size + DOUBT), -1e-9)
    return np.asarray(logarithm - np.log(-np.expm1(logarithm)))


def of_article(log_odds: Floats, by_vector: Floats, layout: Layout) -> Floats:
    """Features of each sentence's article, the same for all its sentences; shape (sentences, 3 * K)."""
    clipped = _clipped(log_odds)
    return np.hstack([layout.mean(clipped), layout.highest(clipped), layout.mean(_clipped(by_vector))])


def _clipped(log_odds: Floats) -> Floats:
    return np.clip(log_odds, -MOST_CERTAIN, MOST_CERTAIN)
