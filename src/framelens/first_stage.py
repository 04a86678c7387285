"""First stage: log-odds of a sentence from its words and from the words around it, with scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from framelens.context import Layout, from_neighbours, from_words
from framelens.tfidf import OwnWords, stems
from framelens.vectors import WordVectors

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEAR = {1: 0.7, -1: 0.7, 0: 2.0}
"""Weight of the words of the sentence before, of the one after, and of the rest of the article."""
OWN_VECTOR = 3.0
NEAR_VECTOR = {1: 1.5, -1: 1.5, 0: 3.0}
"""The same for sums of word vectors, which are shorter than TF-IDF rows."""


class FirstStage(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Log-odds of a sentence from its own words and from those around it: the mean of two logistic regressions.

    One reads the sentence alone (stems, pairs, subwords), the other also the stems of the sentence before, of the one
    after, and of the rest of the article.
    """

    def __init__(self, own_c: float = 3.0, near_c: float = 1.5) -> None:
        self.own_c = own_c
        self.near_c = near_c

    def fit(self, texts: Sequence[str], layout: Layout, T: Bools) -> Self:
        """Learn targets ``T`` of shape (sentences, K)."""
        self.own_ = OwnWords().fit(texts)
        self.stems_ = TfidfVectorizer(analyzer=stems, sublinear_tf=True, min_df=2).fit(texts)
        own = self.own_.transform(texts)
        near = _near_features(self.stems_.transform(texts), layout)
        alone = regressions(own, T, self.own_c, balanced=True)
        together = regressions(sp.hstack([own, near], format="csr"), T, self.near_c, balanced=True)
        width = own.shape[1]
        # the file keeps 32 bits; both then give the same scores
        self.own_weight_ = _as_kept((alone[0] + together[0][:width]) / 2, np.float32)
        weights = np.split(together[0][width:] / 2, len(NEAR))
        near_weight = np.hstack([by * weight for by, weight in zip(NEAR.values(), weights, strict=True)])
        self.near_weight_ = _as_kept(near_weight, np.float32)
        self.bias_ = (alone[1] + together[1]) / 2
        return self

    def decision_function(self, texts: Sequence[str], layout: Layout) -> Floats:
        """Log-odds, shape (sentences, K)."""
        near = self.stems_.transform(texts) @ self.near_weight_
        return np.asarray(self.own_.transform(texts) @ self.own_weight_ + from_neighbours(near, layout) + self.bias_)


class VectorStage(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Log-odds of a sentence from its sum of word vectors and from those of the sentences around it."""

    def __init__(self, C: float = 0.2) -> None:
        self.C = C

    def fit(self, sums: Floats, layout: Layout, T: Bools) -> Self:
        """Learn targets ``T`` of shape (sentences, K) from sums of shape (sentences, D)."""
        blocks = [OWN_VECTOR * sums]
        for step, weight in NEAR_VECTOR.items():
            blocks.append(weight * (layout.neighbour(sums, step, 0.0) if step else layout.others(sums)))
        weights, self.bias_ = regressions(np.hstack(blocks).astype(np.float32), T, self.C, balanced=True)
        scale = (OWN_VECTOR, *NEAR_VECTOR.values())
        parts = np.split(weights, len(scale))
        self.weight_ = np.hstack([by * part for by, part in zip(scale, parts, strict=True)])
        return self

    def decision_function(self, sums: Floats, layout: Layout) -> Floats:
        """Log-odds, shape (sentences, K)."""
        return from_words(sums @ self.weight_, layout) + self.bias_


@dataclass(frozen=True)
class WordScores:
    """Word vectors and the stage that reads them, folded into a few figures a word."""

    words: Sequence[str]
    weight: Floats
    """What a word adds to its sentence, to the next one, to the one before, to the rest; shape (words, 4 * K)."""
    bias: Floats

    @classmethod
    def none(cls, targets: int) -> "WordScores":
        """Nothing is known of any word."""
        return cls((), np.zeros((0, 4 * targets)), np.zeros(targets))

    @classmethod
    def folded(cls, vectors: WordVectors, stage: VectorStage) -> "WordScores":
        """Each word's vector times the weights of the stage; the file keeps 16 bits."""
        words = vectors.known
        return cls(words, _as_kept(vectors.of(words) @ stage.weight_, np.float16), stage.bias_)

    def decision_function(self, rows: sp.csr_array, vocabulary: Sequence[str], layout: Layout) -> Floats:
        """Log-odds of sentences with these TF-IDF rows over ``vocabulary``, shape (sentences, K)."""
        places = [self._number.get(word, -1) for word in vocabulary]
        table = np.vstack([self.weight, np.zeros((1, self.weight.shape[1]))])[places]
        return from_words(np.asarray(rows @ table), layout) + self.bias

    @cached_property
    def _number(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}


def regressions(X: Any, T: Bools, C: float, *, balanced: bool = False) -> tuple[Floats, Floats]:
    """One logistic regression a column of ``T``: weights of shape (features, columns) and biases."""
    weights, biases = np.zeros((X.shape[1], T.shape[1])), np.zeros(T.shape[1])
    for place, target in enumerate(T.T):
        if target.all() or not target.any():
            # nothing to learn: only how common it is
            biases[place] = np.log((target.sum() + 0.5) / (len(target) - target.sum() + 0.5))
            continue
        model = LogisticRegression(C=C, class_weight="balanced" if balanced else None, max_iter=1000)
        model.fit(X, target)
        weights[:, place], biases[place] = model.coef_[0], model.intercept_[0]
    return weights, biases


def _near_features(stems: Any, layout: Layout) -> Any:
    """Stems of the sentence before, of the one after, and mean of the rest of the article; a block each, weighted."""
    count = len(layout.article)
    rows = np.arange(count)
    member = sp.csr_array((np.ones(count), (rows, layout.article)))
    sums = member @ (member.T @ stems) - stems
    blocks = []
    for step, weight in NEAR.items():
        if step:
            there = rows - step
            inside = (there >= 0) & (there < count)
            inside[inside] &= layout.article[rows[inside]] == layout.article[there[inside]]
            pick = sp.csr_array((np.ones(inside.sum()), (rows[inside], there[inside])), shape=(count, count))
            blocks.append(weight * (pick @ stems))
        else:
            blocks.append(sp.diags_array(weight / np.maximum(layout.size - 1, 1)) @ sums)
    return sp.hstack(blocks, format="csr")


def _as_kept(weights: Floats, kind: type[np.floating]) -> Floats:
    return weights.astype(kind).astype(np.float64)
