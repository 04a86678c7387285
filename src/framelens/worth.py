"""What first-stage figures of the sentences of an article are worth to one of them, in the second stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from framelens.context import MOST_CERTAIN, NEIGHBOURS, Layout, doubted, from_words, of_article
from framelens.model import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """What a unit of a sentence's log-odds adds to the frames of one sentence; n sentences, K targets, F frames.

    It is the same everywhere in the article but for a few sentences, so that it is known for one without the others.
    """

    everywhere: Floats
    """Shape (K, F)."""
    more: Mapping[int, Floats]
    """What it is worth beyond that, by number of the sentence; shape (K, F)."""
    kept: Floats
    """Share of each figure that clipping leaves; shape (n, K)."""
    kept_of_all: Floats
    """Sum of ``kept`` over the article; shape (K,)."""

    @property
    def each(self) -> Floats:
        """Of all sentences; shape (n, K, F)."""
        found = self.everywhere * self.kept[:, :, None]
        for row, extra in self.more.items():
            found[row] += extra * self.kept[row][:, None]
        return found

    @property
    def total(self) -> Floats:
        """Sum over all sentences; shape (K, F)."""
        found = self.everywhere * self.kept_of_all[:, None]
        for row, extra in self.more.items():
            found = found + extra * self.kept[row][:, None]
        return found

    def at(self, row: int) -> Floats:
        """Of one sentence, zero where there is none; shape (K, F)."""
        if not 0 <= row < len(self.kept):
            return np.zeros_like(self.everywhere)
        return np.asarray((self.everywhere + self.more.get(row, 0.0)) * self.kept[row][:, None])

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

    def weights(self, at: int) -> tuple[Floats, Floats]:
        """What a unit of ``adds`` is worth to the frames of a sentence, (n, 8 * K, F), and what stands alone, (F,)."""
        model = self.model
        by_words, by_vectors = self._by_words(at), self._by_vectors(at)
        (centre, spread), (middle, width) = model.scales
        squares, products = self._blocks[7:9]
        start = model.frame_bias + (centre / spread) ** 2 @ squares + centre * middle / (spread * width) @ products
        start = start + model.bias @ by_words.total + model.vector_bias @ by_vectors.total
        return np.concatenate([by_words.reach, by_vectors.reach], axis=1), start

    def own_weights(self, at: int) -> Floats:
        """What a unit of the sentence's own ``adds`` is worth to its frames: one row of ``weights``, (8 * K, F)."""
        return np.concatenate([self._by_words(at).reach_at(at), self._by_vectors(at).reach_at(at)])

    def _by_words(self, at: int) -> Worth:
        size, block = len(self.adds), self._blocks
        (centre, spread), (middle, width) = self.model.scales
        x = self._clipped[at]
        z = (self._sums[0] - x) / (size - 1) if size > 1 else x
        product = block[8] * ((x / 2 - centre) / (spread * width))[:, None] / max(size - 1, 1)
        everywhere = block[5] / size + product
        own = block[0] + block[7] * ((x - 2 * centre) / spread**2)[:, None]
        own = own + block[8] * ((z / 2 - middle) / (spread * width))[:, None]
        more = {at: own - product if size > 1 else own}
        for step, weight in zip(NEIGHBOURS, block[1:5], strict=True):
            if 0 <= at - step < size:
                more[at - step] = more.get(at - step, 0.0) + weight
            else:
                everywhere = everywhere + weight / size
        for target, row in enumerate(self._highest.tolist()):
            extra = np.zeros_like(own)
            extra[target] = block[6][target]
            more[row] = more.get(row, 0.0) + extra
        return Worth(everywhere, more, self._kept[0], self._sums[1])

    def _by_vectors(self, at: int) -> Worth:
        size, block = len(self.adds), self._blocks
        others = block[10] / (size - 1) if size > 1 else np.zeros_like(block[10])
        return Worth(others, {at: block[9] - others}, self._kept[1], self._sums[2])

    @cached_property
    def _blocks(self) -> Floats:
        """Weights of the second stage by kind of feature; shape (11, K, F)."""
        K = len(self.model.bias)
        return self.model.frame_weight[: 11 * K].reshape(11, K, len(self.model.frames))

    @cached_property
    def _clipped(self) -> Floats:
        return np.clip(self.log_odds, -MOST_CERTAIN, MOST_CERTAIN)

    @cached_property
    def _highest(self) -> NDArray[np.int64]:
        """Which sentence has the highest log-odds of each target."""
        return np.asarray(self._clipped.argmax(axis=0))

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
