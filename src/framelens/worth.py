"""What first-stage figures of the sentences of an article are worth to one of them, in the second stage."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from framelens.context import (
    FADING,
    FAINT,
    FARTHEST,
    MOST_CERTAIN,
    READ,
    SPOKEN,
    Layout,
    doubted,
    from_words,
    of_article,
)
from framelens.decide import logistic
from framelens.model import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What a unit of a sentence's log-odds adds to the frames of one sentence; n sentences, K targets, F frames.

    It is the same everywhere in the article but for some sentences, so that it is known for one without the others.
    """

    everywhere: Floats
    """Shape (K, F)."""
    more: Floats
    """What it is worth beyond that to the sentences from number ``start`` on; shape (sentences, K, F)."""
    start: int
    kept: Floats
    """Share of each figure that clipping leaves; shape (n, K)."""
    kept_of_all: Floats
    """Sum of ``kept`` over the article; shape (K,)."""

    @property
    def each(self) -> Floats:
        """Of all sentences; shape (n, K, F)."""
        found = self.everywhere * self.kept[:, :, None]
        found[self._there] += self.more * self.kept[self._there][:, :, None]
        return found

    @property
    def total(self) -> Floats:
        """Sum over all sentences; shape (K, F)."""
        found = self.everywhere * self.kept_of_all[:, None]
        return np.asarray(found + (self.more * self.kept[self._there][:, :, None]).sum(axis=0))

    def at(self, row: int) -> Floats:
        """Of one sentence, zero where there is none; shape (K, F)."""
        if not 0 <= row < len(self.kept):
            return np.zeros_like(self.everywhere)
        extra = self.more[row - self.start] if self._there.start <= row < self._there.stop else 0.0
        return np.asarray((self.everywhere + extra) * self.kept[row][:, None])

    @property
    def _there(self) -> slice:
        return slice(self.start, self.start + len(self.more))

    @property
    def reach(self) -> Floats:
        """What each sentence adds to itself, the next, the one before, the mean of the rest; shape (n, 4 * K, F)."""
        each = self.each
        none = np.zeros_like(each[:1])
        following, before = np.concatenate([each[1:], none]), np.concatenate([none, each[:-1]])
        rest = (self.total - each) / max(len(each) - 1, 1)
        return np.concatenate([each, following, before, rest], axis=1)

    def reach_at(self, row: int) -> Floats:
        """The same of one sentence; shape (4 * K, F)."""
        own = self.at(row)
        rest = (self.total - own) / max(len(self.kept) - 1, 1)
        return np.concatenate([own, self.at(row + 1), self.at(row - 1), rest])


class Blocks(NamedTuple):
    """Weights of the second stage by kind of feature, in the order of ``context.in_article``; each of shape (K, F)."""

    own: Floats
    around: Floats
    logarithm: Floats
    squares: Floats
    products: Floats
    vector: Floats
    by_quotation: Floats
    by_length: Floats


@dataclass(frozen=True)
class Article:
    """First-stage figures of all sentences of one article; n sentences, K targets."""

    model: Model
    adds: Floats
    """Sum over the parts of each sentence; shape (n, 8 * K)."""
    log_odds: Floats
    by_vector: Floats
    subject: float
    """Log-odds that the article is on the subject."""

    @classmethod
    def of(cls, model: Model, adds: Floats) -> "Article":
        """The article whose sentences add this, by words and by vectors."""
        targets = len(model.bias)
        layout = Layout.of([len(adds)])
        log_odds = from_words(adds[:, : 4 * targets], layout) + model.bias
        by_vector = from_words(adds[:, 4 * targets :], layout) + model.vector_bias
        about = of_article(log_odds, by_vector, layout) @ model.subject_weight + model.subject_bias
        subject = float(doubted(about, layout)[0]) if len(about) else 0.0
        return cls(model, adds, log_odds, by_vector, subject)

    def weights(self, at: int, seen: Floats) -> tuple[Floats, Floats]:
        """What a unit of ``adds`` is worth to the frames of a sentence, (n, 8 * K, F), and what stands alone, (F,).

        ``seen`` is the surface of the sentence.
        """
        model, block = self.model, self._blocks
        by_words, by_vectors = self._by_words(at, seen), self._by_vectors(at)
        (centre, spread), (middle, width) = model.scales
        start = model.frame_bias + (centre / spread) ** 2 @ block.squares
        start = start + centre * middle / (spread * width) @ block.products
        start = start + np.log(FAINT) * block.logarithm.sum(axis=0)
        _, fading, of_around = self._around(at)
        start = start + 0.5 * fading.sum() * of_around.sum(axis=0)
        start = start + model.bias @ by_words.total + model.vector_bias @ by_vectors.total
        return np.concatenate([by_words.reach, by_vectors.reach], axis=1), start

    def own_weights(self, at: int, seen: Floats) -> Floats:
        """What a unit of the sentence's own ``adds`` is worth to its frames: one row of ``weights``, (8 * K, F)."""
        return np.concatenate([self._by_words(at, seen).reach_at(at), self._by_vectors(at).reach_at(at)])

    @cached_property
    def surface_weights(self) -> Floats:
        """What each figure of the surface is worth to the frames, whatever the words say; shape (surface, F)."""
        found = self.model.frame_weight[READ * len(self.model.bias) + 2 :].copy()
        (centre, spread), _ = self.model.scales
        # own log-odds are centred before they are multiplied
        found[:SPOKEN] -= np.einsum("k,skf->sf", centre / spread, self._spoken)
        return found

    def _by_words(self, at: int, seen: Floats) -> Worth:
        size, block = len(self.adds), self._blocks
        (centre, spread), (middle, width) = self.model.scales
        x = self._clipped[at]
        z = (self._sums[0] - x) / (size - 1) if size > 1 else x
        everywhere = block.products * ((x / 2 - centre) / (spread * width))[:, None] / max(size - 1, 1)
        own = block.own + block.squares * ((x - 2 * centre) / spread**2)[:, None]
        own = own + block.products * ((z / 2 - middle) / (spread * width))[:, None]
        own = own + np.einsum("s,skf->kf", seen[:SPOKEN], self._spoken) / spread[:, None]
        rows, fading, of_around = self._around(at)
        more = (fading[:, None] * self._slopes[rows])[:, :, None] * of_around
        more[at - rows.start] += own - everywhere if size > 1 else own
        return Worth(everywhere, more, rows.start, self._kept[0], self._sums[1])

    def _around(self, at: int) -> tuple[slice, Floats, Floats]:
        """The sentences around, with the sentence itself among them; what each weighs in their sum; what that is worth.

        The sum of their probabilities is worth something by itself and by its logarithm, which is that of ``FAINT``,
        and a share of what is beyond for each part of the sum; shape (K, F).
        """
        rows = slice(max(at - FARTHEST, 0), at + FARTHEST + 1)
        distance = np.abs(self._layout.place[rows] - at)
        fading = np.where(distance > 0, FADING ** (distance - 1.0), 0.0) + self._layout.missing[at] / len(self.adds)
        around = fading @ logistic(self._clipped[rows])
        slope = np.log1p(around / FAINT) / around
        return rows, fading, self._blocks.around + self._blocks.logarithm * slope[:, None]

    def _by_vectors(self, at: int) -> Worth:
        vector = self._blocks.vector
        return Worth(np.zeros_like(vector), vector[None], at, self._kept[1], self._sums[2])

    @cached_property
    def _blocks(self) -> Blocks:
        targets, frames = len(self.model.bias), len(self.model.frames)
        return Blocks(*self.model.frame_weight[: READ * targets].reshape(READ, targets, frames))

    @cached_property
    def _spoken(self) -> Floats:
        """Weights of own log-odds times the first figures of the surface; shape (SPOKEN, K, F)."""
        return np.stack([self._blocks.by_quotation, self._blocks.by_length])

    @cached_property
    def _layout(self) -> Layout:
        return Layout.of([len(self.adds)])

    @cached_property
    def _clipped(self) -> Floats:
        return np.clip(self.log_odds, -MOST_CERTAIN, MOST_CERTAIN)

    @cached_property
    def _slopes(self) -> Floats:
        """What a unit of clipped log-odds adds to the probability, which is a half without any; shape (n, K)."""
        x = self._clipped
        near = np.abs(x) < 1e-6
        return np.where(near, 0.25, (logistic(x) - 0.5) / np.where(near, 1.0, x))

    @cached_property
    def _kept(self) -> tuple[Floats, Floats]:
        return _kept(self.log_odds), _kept(self.by_vector)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats, Floats]:
        """Sums over the article: of clipped log-odds, and of what clipping keeps."""
        return self._clipped.sum(axis=0), self._kept[0].sum(axis=0), self._kept[1].sum(axis=0)


def _kept(values: Floats) -> Floats:
    """Share of each value that clipping leaves."""
    return np.minimum(1.0, MOST_CERTAIN / np.maximum(np.abs(values), 1e-300))
