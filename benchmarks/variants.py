"""What was tried instead of the shipped classifier: variants, each the product's own estimator with one thing changed.

A swap replaces a name of a product module while the variant works, so that the product needs no switches; a name that
is gone fails at once. The first line of a docstring says what was tried; experiments.py prints it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar, Self
from unittest.mock import patch

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from framelens import first_stage, tfidf, train, words
from framelens.context import READ, Layout, _clipped
from framelens.first_stage import FirstStage, WordScores
from framelens.folds import Fold
from framelens.tfidf import SubwordTfidf
from framelens.train import FrameClassifier
from remembered import Remembered, RememberedVectors

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TINY = 1e-9
REST = READ
"""Blocks of K columns that the second stage reads; what follows them is counted as one block more.

Own 0, sentences around 1 and 2, squares 3, products 4, by word vectors 5, own times quotation mark 6, times length 7.
"""
PERSONS = (3, 4, 5)
"""Columns of the surface: mentions of he or she, I or we, they."""
STEPS = (1, -1, 2, -2)


class Swapped(FrameClassifier):
    """The shipped classifier, with names of the first stage's modules replaced while it learns and while it scores."""

    swaps: ClassVar[Mapping[Any, Mapping[str, Any]]] = {}

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        with swapped(self.swaps):
            super().fit(table, Y)
        return self

    def scores(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Probability of each frame, (sentences, frames), and that the article is on the subject, (sentences,)."""
        with swapped(self.swaps):
            return super().scores(table)


class Rewriting(FirstStage):
    """A first stage that reads rewritten texts."""

    pattern: ClassVar[re.Pattern[str]]
    into: ClassVar[str]

    def fit(self, texts: Sequence[str], layout: Layout, T: Bools) -> Self:
        """Learn targets ``T`` of shape (sentences, K)."""
        super().fit(self._rewritten(texts), layout, T)
        return self

    def decision_function(self, texts: Sequence[str], layout: Layout) -> Floats:
        """Log-odds, shape (sentences, K)."""
        return super().decision_function(self._rewritten(texts), layout)

    def _rewritten(self, texts: Sequence[str]) -> list[str]:
        return [self.pattern.sub(self.into, text) for text in texts]


class NoNames(Rewriting):
    """Names are one word."""

    pattern: ClassVar = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+)(?: [A-Z][a-z]+)*")
    into: ClassVar = "Name"


class NoSubwords(SubwordTfidf):
    """Nothing of any word."""

    def transform(self, vocabulary: Sequence[str]) -> sp.csr_array:
        """Empty rows of shape (words, 1)."""
        return sp.csr_array((len(vocabulary), 1))


def skipping(text: str) -> list[str]:
    """Stems, pairs of neighbours, and pairs that skip one stem."""
    stems = tfidf.stems(text)
    skipped = [f"{one} {other}" for one, other in zip(stems, stems[2:], strict=False)]
    return [*stems, *(f"{one} {other}" for one, other in pairwise(stems)), *skipped]


def uncalibrated(X: Floats, T: Bools, C: float) -> tuple[Floats, Floats]:  # noqa: ARG001  # the product's signature
    """A regression that changes nothing."""
    return np.ones((1, 1)), np.zeros(1)


def unweighted(regressions: Callable[..., Any], X: Any, T: Bools, C: float, *, balanced: bool = False) -> Any:  # noqa: ARG001
    """Regressions in which each sentence counts the same."""
    return regressions(X, T, C)


class WithoutPairs(Swapped, RememberedVectors):
    """No word pairs."""

    swaps: ClassVar = {tfidf: {"terms": tfidf.stems}}


class SkipPairs(Swapped, RememberedVectors):
    """Also pairs of words that skip one."""

    swaps: ClassVar = {tfidf: {"terms": skipping}}


class WithoutSubwords(Swapped, RememberedVectors):
    """No subwords."""

    swaps: ClassVar = {tfidf: {"SubwordTfidf": NoSubwords}}


class WithoutNearWords(Swapped, RememberedVectors):
    """No words of the sentences around; word vectors still read them."""

    swaps: ClassVar = {first_stage: {"NEAR": dict.fromkeys(first_stage.NEAR, TINY)}}


class WithoutClassWeights(Swapped):
    """No class weights in the first stage."""

    swaps: ClassVar = {first_stage: {"regressions": partial(unweighted, first_stage.regressions)}}


class MaskedNames(FrameClassifier):
    """Capitalised words within a sentence are all one in the first stage; word vectors still read them."""

    def _first(self) -> FirstStage:
        return NoNames(self.own_c, self.near_c)


class FewerFeatures(Remembered):
    """The second stage without some blocks of its columns."""

    without: ClassVar[frozenset[int]]

    def _features(self, log_odds: Floats, by_vector: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        found, targets = super()._features(log_odds, by_vector, texts, layout), log_odds.shape[1]
        if found.shape[1] != REST * targets + 2 + words.SURFACE:
            raise RuntimeError("the second stage has other features now; these variants must be written anew")
        block = np.minimum(np.arange(found.shape[1]) // targets, REST)
        return found[:, ~np.isin(block, list(self.without))]


class OwnScoreAlone(FewerFeatures):
    """The second stage sees nothing but the sentence's own first-stage scores, by words and by word vectors."""

    without: ClassVar = frozenset((1, 2, 3, 4, 6, 7, REST))


class WithoutAround(FewerFeatures):
    """The second stage does not see the scores of the sentences around."""

    without: ClassVar = frozenset((1, 2))


class WithoutLogarithm(FewerFeatures):
    """The second stage sees the sum of the scores around, but not its logarithm."""

    without: ClassVar = frozenset((2,))


class MeanAndMaximum(Remembered):
    """The second stage also sees mean and maximum of the article, and the rest of it by word vectors."""

    def _features(self, log_odds: Floats, by_vector: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        clipped = _clipped(log_odds)
        of_article = [layout.mean(clipped), layout.highest(clipped), layout.others(_clipped(by_vector))]
        return np.hstack([super()._features(log_odds, by_vector, texts, layout), *of_article])


class WithoutSquares(FewerFeatures):
    """The second stage has neither squares of scores nor their products with the rest of the article."""

    without: ClassVar = frozenset((3, 4))


class WithoutSurface(FewerFeatures):
    """The second stage sees neither place, persons, quotation marks nor length."""

    without: ClassVar = frozenset((6, 7, REST))


class WithoutSurfaceProducts(FewerFeatures):
    """The second stage does not see scores times quotation mark and length."""

    without: ClassVar = frozenset((6, 7))


class WithoutVectorFeatures(FewerFeatures):
    """Word vectors help to tell whether an article is on the subject, but frames are told without them."""

    without: ClassVar = frozenset((5,))


class NeighboursOneByOne(FewerFeatures):
    """The scores of the two sentences before and the two after, one by one, in place of those that fade."""

    without: ClassVar = frozenset((1, 2))

    def _features(self, log_odds: Floats, by_vector: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        clipped = _clipped(log_odds)
        neighbours = [layout.neighbour(clipped, step, layout.mean(clipped)) for step in STEPS]
        return np.hstack([super()._features(log_odds, by_vector, texts, layout), *neighbours])


class ScoresByPersons(Remembered):
    """The second stage also sees the scores times the persons of the sentence."""

    def _features(self, log_odds: Floats, by_vector: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        found, scaled = super()._features(log_odds, by_vector, texts, layout), self.own_scale_(_clipped(log_odds))
        surface = found[:, -words.SURFACE :]
        return np.hstack([found, *(scaled * surface[:, [column]] for column in PERSONS)])


class WithoutWordVectors(Remembered):
    """No word vectors."""

    def _learn_vectors(self, texts: Any, table: Any, T: Bools, folds: Any) -> Floats:  # noqa: ARG002  # the product's signature
        self.word_scores_ = WordScores.none(T.shape[1])
        return np.zeros(T.shape)


class WithoutSubject(Remembered):
    """No probability that the article is on the subject: the second stage learns frames from all articles alike."""

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        super().fit(table.assign(on_subject=True, known=table["on_subject"]), Y)
        return self

    def _learn_words(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        return super()._learn_words(texts, table, _with_subject(T, table), folds)

    def _learn_vectors(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        return super()._learn_vectors(texts, table, _with_subject(T, table), folds)


class WithoutCalibration(Remembered):
    """No calibration of the second stage; rules are chosen on its probabilities as they are."""

    def _calibrate(self, *arguments: Any) -> None:
        with swapped({train: {"regressions": uncalibrated}}):
            super()._calibrate(*arguments)


def changed(kind: type[FrameClassifier] = Remembered, /, *, seed: int, vectors: str, **factors: float) -> Any:
    """The shipped classifier with some of its parameters multiplied."""
    shipped = kind(seed=seed, vectors=vectors)
    return shipped.set_params(**{name: factor * getattr(shipped, name) for name, factor in factors.items()})


VARIANTS: Mapping[str, Callable[..., FrameClassifier]] = {
    "own score alone": OwnScoreAlone,
    "no sentences around": WithoutAround,
    "no logarithm": WithoutLogarithm,
    "neighbours one by one": NeighboursOneByOne,
    "mean and maximum": MeanAndMaximum,
    "no squares": WithoutSquares,
    "no surface": WithoutSurface,
    "no scores by surface": WithoutSurfaceProducts,
    "scores by persons": ScoresByPersons,
    "no subject": WithoutSubject,
    "no calibration": WithoutCalibration,
    "context penalty doubled": partial(changed, context_c=0.5),
    "context penalty halved": partial(changed, context_c=2),
    "no word vectors": WithoutWordVectors,
    "word vectors for the subject alone": WithoutVectorFeatures,
    "vector penalty doubled": partial(changed, vector_c=0.5),
    "vector penalty halved": partial(changed, vector_c=2),
    "no class weights": WithoutClassWeights,
    "no pairs": WithoutPairs,
    "no subwords": WithoutSubwords,
    "no words around": WithoutNearWords,
    "skip pairs": SkipPairs,
    "names masked": MaskedNames,
}
"""Name, and what makes the estimator from a seed and a folder of embeddings."""


@contextmanager
def swapped(swaps: Mapping[Any, Mapping[str, Any]]) -> Iterator[None]:
    """Names of modules replaced for a while."""
    with ExitStack() as stack:
        for module, names in swaps.items():
            for name, value in names.items():
                stack.enter_context(patch.object(module, name, value))
        yield


def _with_subject(T: Bools, table: pd.DataFrame) -> Bools:
    """Targets as the first stage of the shipped classifier has them."""
    return np.column_stack([T[:, :-1], table["known"].to_numpy(dtype=bool)])
