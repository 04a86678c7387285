"""Sentence embeddings of all-MiniLM-L6-v2 with logistic regression: what a small neural model would reach here.

For comparison only; framelens never encodes anything. The embeddings are those of data/vectors, kept as eight-bit
integers with a scale a sentence, so that nothing has to be installed or encoded to run this.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from framelens.context import Layout
from framelens.errors import InputError
from framelens.first_stage import VectorStage, WordScores, regressions
from framelens.folds import Fold, stratified_folds
from framelens.measures import average_precision, best_threshold
from framelens.train import INNER_FOLDS, SEED, FrameClassifier, _layout
from framelens.vectors import read_embeddings
from remembered import Remembered

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]

PENALTIES = (0.3, 1.0, 3.0, 10.0)


def encoded(texts: Sequence[str], folder: str) -> Floats32:
    """Embeddings of sentences that were encoded beforehand, shape (texts, 384)."""
    embeddings = read_embeddings(Path(folder))
    if embeddings is None:
        raise InputError(f"{folder}: no embeddings here; restore them")
    vectors, known = embeddings.of_sentences(texts)
    if not known.all():
        raise InputError(f"{folder}: {np.sum(~known)} of {len(texts)} sentences are not encoded; run vectors.py")
    return vectors


class EmbeddingRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Balanced logistic regression on sentence embeddings; penalty and thresholds chosen on articles left out."""

    def __init__(self, folds: int = INNER_FOLDS, seed: int = SEED, sentence_vectors: str = "") -> None:
        self.folds = folds
        self.seed = seed
        self.sentence_vectors = sentence_vectors

    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        X, rng = encoded(table["text"].tolist(), self.sentence_vectors), np.random.default_rng(self.seed)
        parts = stratified_folds(table["group"].to_numpy(dtype=str), Y, self.folds, rng=rng)
        tried = {C: np.zeros(Y.shape) for C in PENALTIES}
        for train, test in parts:
            for C, proba in tried.items():
                proba[test] = _logistic(_fitted(X[train], Y[train], C), X[test])
        self.C_ = max(tried, key=lambda C: _macro_ap(Y, tried[C]))
        columns = zip(Y.T, tried[self.C_].T, strict=True)
        self.thresholds_ = np.array([best_threshold(gold, proba) for gold, proba in columns])
        self.fitted_ = _fitted(X, Y, self.C_)
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""
        return _logistic(self.fitted_, encoded(table["text"].tolist(), self.sentence_vectors))

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames above their thresholds, shape (sentences, frames)."""
        return self.predict_proba(table) >= self.thresholds_


class EmbeddingStage:
    """A first stage that reads sentence embeddings instead of words; gives the log-odds that ours gives."""

    def __init__(self, sentence_vectors: str, C: float) -> None:
        self.sentence_vectors = sentence_vectors
        self.C = C

    def fit(self, texts: Sequence[str], layout: Layout, T: Bools) -> Self:  # noqa: ARG002  # the sentence alone
        """Learn targets ``T`` of shape (sentences, K)."""
        self.weight_, self.bias_ = regressions(encoded(texts, self.sentence_vectors), T, self.C, balanced=True)
        return self

    def decision_function(self, texts: Sequence[str], layout: Layout) -> Floats:  # noqa: ARG002  # the sentence alone
        """Log-odds, shape (sentences, K)."""
        return np.asarray(encoded(texts, self.sentence_vectors) @ self.weight_ + self.bias_)


class EmbeddingsInContext(FrameClassifier):
    """Sentence embeddings as the first stage, then our second stage, calibration and rules; no words at all."""

    def __init__(
        self,
        own_c: float = 1.0,
        context_c: float = 0.03,
        article_c: float = 0.01,
        folds: int = INNER_FOLDS,
        seed: int = SEED,
        sentence_vectors: str = "",
    ) -> None:
        super().__init__(own_c=own_c, context_c=context_c, article_c=article_c, folds=folds, seed=seed)
        self.sentence_vectors = sentence_vectors

    def _first(self) -> Any:
        return EmbeddingStage(self.sentence_vectors, self.own_c)


class EmbeddingsForVectors(Remembered):
    """Our model with the embedding of each sentence where ours has the sum of its word vectors: their ceiling."""

    def __init__(self, folds: int = INNER_FOLDS, seed: int = SEED, sentence_vectors: str = "") -> None:
        super().__init__(folds=folds, seed=seed)
        self.sentence_vectors = sentence_vectors

    def _learn_vectors(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        """Learn what embeddings say of the targets; log-odds as of articles not seen, shape ``T.shape``."""
        vectors = encoded(texts, self.sentence_vectors)
        self.mean_, self.word_scores_ = vectors.mean(axis=0), WordScores.none(T.shape[1])
        sums, by_vector = self._centred(vectors), np.zeros(T.shape)
        for train, test in folds:
            stage = VectorStage(self.vector_c).fit(sums[train], _layout(table.iloc[train]), T[train])
            by_vector[test] = stage.decision_function(sums[test], _layout(table.iloc[test]))
        self.stage_ = VectorStage(self.vector_c).fit(sums, _layout(table), T)
        return by_vector

    def _by_vector(self, texts: Sequence[str], layout: Layout) -> Floats:
        return self.stage_.decision_function(self._centred(encoded(texts, self.sentence_vectors)), layout)

    def _centred(self, vectors: Floats32) -> Floats:
        return np.asarray(vectors - self.mean_, dtype=np.float64)


EMBEDDINGS: dict[str, type[Any]] = {
    "MiniLM embeddings": EmbeddingRegression,
    "MiniLM embeddings, second stage": EmbeddingsInContext,
    "MiniLM embeddings for word vectors": EmbeddingsForVectors,
}


def _fitted(X: Floats32, T: Bools, C: float) -> list[LogisticRegression]:
    return [LogisticRegression(C=C, class_weight="balanced", max_iter=1000).fit(X, target) for target in T.T]


def _logistic(fitted: Sequence[LogisticRegression], X: Floats32) -> Floats:
    return np.column_stack([one.predict_proba(X)[:, 1] for one in fitted])


def _macro_ap(Y: Bools, proba: Floats) -> float:
    once = np.ones((1, len(Y)), dtype=np.int64)
    return float(np.mean([average_precision(once, gold, one)[0] for gold, one in zip(Y.T, proba.T, strict=True)]))
