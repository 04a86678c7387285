"""What our model must beat: no frame at all, keyword lists, and plain TF-IDF with logistic regression."""

from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from framelens.folds import stratified_folds
from framelens.measures import best_threshold

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

KEYWORDS = 20
INNER_FOLDS = 5


class Majority(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Calls no frame, which is right of most sentences."""

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:  # noqa: ARG002  # scikit-learn's signature
        """Remember how common each frame is."""
        self.share_ = Y.mean(axis=0)
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """The same for every sentence; shape (sentences, frames)."""
        return np.tile(self.share_, (len(table), 1))

    def predict(self, table: pd.DataFrame) -> Bools:
        """The commoner side of each frame, shape (sentences, frames)."""
        return self.predict_proba(table) > 0.5


class Keywords(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Calls a frame where one of its words stands; the list is learned, so that no hand has tuned it against us."""

    def __init__(self, size: int = KEYWORDS) -> None:
        self.size = size

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Take the words that tell each frame's sentences from the others most surely.

        Words rank by the z-score of their log-odds ratio (Monroe, Colaresi & Quinn 2008, equations 15 to 22, with all
        sentences as the prior).
        """
        self.counter_ = CountVectorizer(binary=True)
        present = self.counter_.fit_transform(table["text"])
        everywhere = np.asarray(present.sum(axis=0), dtype=np.float64).ravel()
        within = np.asarray(Y.T.astype(np.float64) @ present)
        scores = [_log_odds_z(inside, everywhere - inside, everywhere) for inside in within]
        self.lists_ = np.stack([np.argsort(-score, kind="stable")[: self.size] for score in scores])
        return self

    @property
    def words_(self) -> list[list[str]]:
        """The keywords of each frame, the surest first."""
        names: NDArray[np.object_] = self.counter_.get_feature_names_out()
        return [names[numbers].tolist() for numbers in self.lists_]

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Share of the frame's list that stands in the sentence: a rank, no probability; shape (sentences, frames)."""
        present = self.counter_.transform(table["text"])
        found = [np.asarray(present[:, numbers].sum(axis=1)).ravel() for numbers in self.lists_]
        return np.asarray(np.column_stack(found) / self.lists_.shape[1])

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames of which any keyword stands there, shape (sentences, frames)."""
        return self.predict_proba(table) > 0


class PlainTfidf(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Words and word pairs by scikit-learn's own tokens, balanced logistic regression, thresholds out of fold."""

    def __init__(self, folds: int = INNER_FOLDS, seed: int = 0, solver: str = "lbfgs") -> None:
        self.folds = folds
        self.seed = seed
        self.solver = solver

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames); thresholds have the best F1 on articles left out in turn.

        Without ``folds`` there are no thresholds.
        """
        texts, held_out = table["text"].to_numpy(dtype=object), np.zeros(Y.shape)
        if not self.folds:
            self.fitted_, self.thresholds_ = _fitted(texts, Y, self.solver), np.full(Y.shape[1], 0.5)
            return self
        rng = np.random.default_rng(self.seed)
        for train, test in stratified_folds(table["group"].to_numpy(dtype=str), Y, self.folds, rng=rng):
            held_out[test] = _proba(_fitted(texts[train], Y[train], self.solver), texts[test])
        self.fitted_ = _fitted(texts, Y, self.solver)
        self.thresholds_ = np.array([best_threshold(gold, proba) for gold, proba in zip(Y.T, held_out.T, strict=True)])
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""
        return _proba(self.fitted_, table["text"].to_numpy(dtype=object))

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames above their thresholds, shape (sentences, frames)."""
        return self.predict_proba(table) >= self.thresholds_


class OneLabel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Calls the likeliest label of another estimator, where each text has exactly one."""

    def __init__(self, estimator: Majority | Keywords | PlainTfidf) -> None:
        self.estimator = estimator

    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from labels of shape (rows, labels)."""
        self.estimator.fit(table, Y)
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """As the other estimator; shape (rows, labels)."""
        return self.estimator.predict_proba(table)

    def predict(self, table: pd.DataFrame) -> Bools:
        """The one label of each row; shape (rows, labels)."""
        proba = self.predict_proba(table)
        return np.asarray(proba.argmax(axis=1)[:, None] == np.arange(proba.shape[1]))


BASELINES = {"majority": Majority, "keywords": Keywords, "plain TF-IDF": PlainTfidf}


Fitted = tuple[TfidfVectorizer, list[LogisticRegression | float]]
"""Vectors and one regression a frame, or only how common it is where there is nothing to tell apart."""


def _fitted(texts: NDArray[np.object_], Y: Bools, solver: str) -> Fitted:
    vectors = TfidfVectorizer(ngram_range=(1, 2))
    X = vectors.fit_transform(texts)
    model = LogisticRegression(class_weight="balanced", max_iter=1000, solver=solver, random_state=0)
    return vectors, [clone(model).fit(X, gold) if gold.any() and not gold.all() else float(gold.mean()) for gold in Y.T]


def _proba(fitted: Fitted, texts: NDArray[np.object_]) -> Floats:
    vectors, estimators = fitted
    X = vectors.transform(texts)
    return np.column_stack(
        [np.full(len(texts), one) if isinstance(one, float) else one.predict_proba(X)[:, 1] for one in estimators]
    )


def _log_odds_z(inside: Floats, outside: Floats, prior: Floats) -> Floats:
    """z-score of the log-odds ratio of each word, inside against outside; shape (words,)."""
    one, other = inside + prior, outside + prior
    total = prior.sum()
    difference = np.log(one / (inside.sum() + total - one)) - np.log(other / (outside.sum() + total - other))
    return np.asarray(difference / np.sqrt(1 / one + 1 / other))
