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
from sklearn.feature_extraction.text import TfidfVectorizer

from framelens import train, words
from framelens.context import in_article
from framelens.train import FrameClassifier, SubwordTfidf

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TINY = 1e-9


class Swapped(FrameClassifier):
    """The shipped classifier, with names of its module replaced while it learns and while it scores."""

    swaps: ClassVar[Mapping[str, Any]] = {}

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        with swapped(self.swaps):
            super().fit(table, Y)
        return self

    def scores(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Probability of each frame, (sentences, frames), and that the article is on the subject, (sentences,)."""
        with swapped(self.swaps):
            return super().scores(table)


class Rewritten(FrameClassifier):
    """The shipped classifier on texts that were rewritten."""

    pattern: ClassVar[re.Pattern[str]]
    into: ClassVar[str]

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        super().fit(self._rewritten(table), Y)
        return self

    def scores(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Probability of each frame, (sentences, frames), and that the article is on the subject, (sentences,)."""
        return super().scores(self._rewritten(table))

    def _rewritten(self, table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(text=table["text"].str.replace(self.pattern, self.into, regex=True))


class NoSubwords(SubwordTfidf):
    """Nothing of any word."""

    def transform(self, texts: Sequence[str]) -> sp.csr_array:
        """Empty rows of shape (sentences, 1)."""
        return sp.csr_array((len(texts), 1))


def only(kept: Callable[[int, int], Sequence[int] | NDArray[np.int64]]) -> Callable[..., Floats]:
    """Features of a sentence in its article, of which only some columns are kept, by their number and that of K."""

    def features(log_odds: Floats, *rest: Any) -> Floats:
        found = in_article(log_odds, *rest)
        targets = log_odds.shape[1]
        if found.shape[1] != 9 * targets + 2 + words.SURFACE:
            raise RuntimeError("the second stage has other features now; these variants must be written anew")
        return found[:, kept(found.shape[1], targets)]

    return features


def without(first: int, last: int) -> Callable[..., Floats]:
    """Features without these blocks of K columns.

    Own 0, neighbours 1 to 4, mean 5, maximum 6, squares 7, products 8.
    """
    return only(lambda count, K: np.delete(np.arange(count), slice(first * K, last * K)))


def skipping(text: str) -> list[str]:
    """Stems, pairs of neighbours, and pairs that skip one stem."""
    stems = [words.stem(word) for word in words.words(text)]
    skipped = [f"{one} {other}" for one, other in zip(stems, stems[2:], strict=False)]
    return [*stems, *(f"{one} {other}" for one, other in pairwise(stems)), *skipped]


def uncalibrated(X: Floats, T: Bools, C: float) -> tuple[Floats, Floats]:  # noqa: ARG001  # the product's signature
    """A regression that changes nothing."""
    return np.ones((1, 1)), np.zeros(1)


def unweighted(regressions: Callable[..., Any], X: Any, T: Bools, C: float, *, balanced: bool = False) -> Any:  # noqa: ARG001
    """Regressions in which each sentence counts the same."""
    return regressions(X, T, C)


class WithoutPairs(Swapped):
    """No word pairs."""

    swaps: ClassVar = {"_terms": train._stems}


class SkipPairs(Swapped):
    """Also pairs of words that skip one."""

    swaps: ClassVar = {"_terms": skipping}


class WithoutSubwords(Swapped):
    """No subwords."""

    swaps: ClassVar = {"SubwordTfidf": NoSubwords}


class RareTerms(Swapped):
    """Stems, pairs and subwords count from the first sentence that has them, not from the second."""

    swaps: ClassVar = {
        "TfidfVectorizer": lambda **settings: TfidfVectorizer(**{**settings, "min_df": 1}),
        "SubwordTfidf": partial(SubwordTfidf, min_df=1),
    }


class WithoutNearWords(Swapped):
    """No words of the sentences around."""

    swaps: ClassVar = {"NEAR": dict.fromkeys(train.NEAR, TINY)}


class WithoutClassWeights(Swapped):
    """No class weights in the first stage."""

    swaps: ClassVar = {"_regressions": partial(unweighted, train._regressions)}


class OwnScoreAlone(Swapped):
    """The second stage sees nothing but the sentence's own first-stage scores."""

    swaps: ClassVar = {"in_article": only(lambda _, K: np.arange(K))}


class WithoutNeighbours(Swapped):
    """The second stage does not see the scores of the neighbours."""

    swaps: ClassVar = {"in_article": without(1, 5)}


class WithoutArticle(Swapped):
    """The second stage does not see mean and maximum of the article."""

    swaps: ClassVar = {"in_article": without(5, 7)}


class WithoutSquares(Swapped):
    """The second stage has no squares and no products of scores."""

    swaps: ClassVar = {"in_article": without(7, 9)}


class WithoutSurface(Swapped):
    """The second stage sees neither place, persons, quotation marks nor length."""

    swaps: ClassVar = {"in_article": only(lambda _, K: np.arange(9 * K))}


class WithoutSubject(FrameClassifier):
    """No probability that the article is on the subject; frames are learned from all articles alike."""

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        super().fit(table.assign(on_subject=True), Y)
        return self


class WithoutCalibration(FrameClassifier):
    """No calibration of the second stage; rules are chosen on its probabilities as they are."""

    def _calibrate(self, *arguments: Any) -> None:
        with swapped({"_regressions": uncalibrated}):
            super()._calibrate(*arguments)


class MaskedNames(Rewritten):
    """Capitalised words within a sentence are all one."""

    pattern: ClassVar = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]+)(?: [A-Z][a-z]+)*")
    into: ClassVar = "Name"


class MaskedNumbers(Rewritten):
    """Numbers are all one for subwords too, and years are not told apart."""

    pattern: ClassVar = re.compile(r"\d+")
    into: ClassVar = "0"


VARIANTS: Mapping[str, Callable[[int], FrameClassifier]] = {
    "no pairs": lambda seed: WithoutPairs(seed=seed),
    "skip pairs": lambda seed: SkipPairs(seed=seed),
    "no subwords": lambda seed: WithoutSubwords(seed=seed),
    "rare terms": lambda seed: RareTerms(seed=seed),
    "no words around": lambda seed: WithoutNearWords(seed=seed),
    "no class weights": lambda seed: WithoutClassWeights(seed=seed),
    "names masked": lambda seed: MaskedNames(seed=seed),
    "numbers masked": lambda seed: MaskedNumbers(seed=seed),
    "own score alone": lambda seed: OwnScoreAlone(seed=seed),
    "no neighbours": lambda seed: WithoutNeighbours(seed=seed),
    "no article": lambda seed: WithoutArticle(seed=seed),
    "no squares": lambda seed: WithoutSquares(seed=seed),
    "no surface": lambda seed: WithoutSurface(seed=seed),
    "no subject": lambda seed: WithoutSubject(seed=seed),
    "no calibration": lambda seed: WithoutCalibration(seed=seed),
    "word penalty doubled": lambda seed: changed(seed, own_c=0.5, near_c=0.5),
    "word penalty halved": lambda seed: changed(seed, own_c=2, near_c=2),
    "context penalty doubled": lambda seed: changed(seed, context_c=0.5),
    "context penalty halved": lambda seed: changed(seed, context_c=2),
    "10 inner folds": lambda seed: FrameClassifier(seed=seed, folds=10),
}
"""Name, and the estimator with that seed."""


def changed(seed: int, **factors: float) -> FrameClassifier:
    """The shipped classifier with some of its parameters multiplied."""
    shipped = FrameClassifier(seed=seed)
    shipped.set_params(**{name: factor * getattr(shipped, name) for name, factor in factors.items()})
    return shipped


@contextmanager
def swapped(swaps: Mapping[str, Any]) -> Iterator[None]:
    """Names of ``framelens.train`` replaced for a while."""
    with ExitStack() as stack:
        for name, value in swaps.items():
            stack.enter_context(patch.object(train, name, value))
        yield
