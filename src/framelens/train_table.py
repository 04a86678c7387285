"""Training on a table of texts that stand alone: labels in, a model of one stage out, with scikit-learn."""

from typing import Any, Literal, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from framelens.decide import logistic, one_of, softmax, threshold_of
from framelens.errors import InputError
from framelens.folds import stratified_folds
from framelens.model import FORMAT, Model
from framelens.tfidf import OwnWords
from framelens.train import SEED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Fitted = tuple[Floats, Floats]
"""Weights of shape (features, labels) and biases."""
Aim = Literal["macro", "micro"]

FOLDS = 3
LEANINGS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""How far the choice of one label may lean towards rare ones: powers of the share of each label."""


class LabelClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """A logistic regression over the words of a text, for a table with the columns ``group`` and ``text``.

    One regression a label, or a multinomial one where each text has exactly one label (``single_label``). Calibration
    and thresholds come from scores of groups that were left out in turn; the vectors of texts, which know no label,
    are made once. ``optimize`` says which mean F1 the decisions aim at: over labels (macro) or over decisions (micro).
    """

    def __init__(
        self,
        c: float = 3.0,
        single_label: bool = False,
        optimize: Aim = "macro",
        folds: int = FOLDS,
        seed: int = SEED,
    ) -> None:
        self.c = c
        self.single_label = single_label
        self.optimize = optimize
        self.folds = folds
        self.seed = seed

    # one thread: many threads sum in another order, and the same data must give the same bytes
    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from labels of shape (rows, labels); a label that is on no row keeps its base rate."""
        texts, groups = table["text"].tolist(), table["group"].to_numpy(dtype=str)
        try:
            self.own_ = OwnWords().fit(texts)
            X = self.own_.transform(texts)
        except ValueError:
            raise InputError("no word stands in two texts; there is nothing to learn from") from None
        rng = np.random.default_rng(self.seed)
        held_out = np.zeros(Y.shape)
        for train, test in stratified_folds(groups, Y, min(self.folds, len(np.unique(groups))), rng=rng):
            held_out[test] = _scores(self._regression(X[train], Y[train]), X[test])
        weight, self.bias_ = self._regression(X, Y)
        # the file keeps 32 bits; both then give the same scores
        self.weight_ = weight.astype(np.float32).astype(np.float64)
        self.platt_ = _temperature(held_out, Y) if self.single_label else _platt(held_out, Y)
        self.thresholds_ = self._thresholds(self._proba(held_out), Y)
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each label, shape (rows, labels)."""
        X = self.own_.transform(table["text"].tolist())
        return self._proba(_scores((self.weight_, self.bias_), X))

    def predict(self, table: pd.DataFrame) -> Bools:
        """Labels present, shape (rows, labels)."""
        return self._present(self.predict_proba(table))

    def _regression(self, X: Any, Y: Bools) -> Fitted:
        return _multinomial(X, Y, self.c) if self.single_label else _one_each(X, Y, self.c, self.seed)

    def _proba(self, scores: Floats) -> Floats:
        calibrated = scores * self.platt_[:, 0] + self.platt_[:, 1]
        return softmax(calibrated) if self.single_label else logistic(calibrated)

    def _present(self, proba: Floats) -> Bools:
        return one_of(proba, self.thresholds_) if self.single_label else proba >= self.thresholds_

    def _thresholds(self, proba: Floats, Y: Bools) -> Floats:
        """What probabilities are held against; shape (labels,)."""
        labels = Y.shape[1]
        if self.single_label:
            share = np.maximum(Y.mean(axis=0), 0.5 / len(Y))
            leanings = LEANINGS if self.optimize == "macro" else (0.0,)
            return max((share**power for power in leanings), key=lambda by: _macro_f1(Y, one_of(proba, by)))
        if self.optimize == "micro":
            # of one threshold for all decisions F1 is highest where probabilities are calibrated (Lipton et al. 2014)
            return np.full(labels, threshold_of(proba.ravel()))
        return np.array([threshold_of(column) for column in proba.T])


def to_label_model(classifier: LabelClassifier, card: dict[str, Any]) -> Model:
    """The arrays of a fitted classifier; those of the second stage are empty."""
    labels = len(classifier.bias_)
    tables = classifier.own_.tables(classifier.weight_)
    return Model(
        card={"format": FORMAT, "kind": "labels", "single_label": classifier.single_label, **card},
        **tables,
        near_weight=np.zeros((len(tables["stems"]), 0), dtype=np.float32),
        vector_words=(),
        vector_weight=np.zeros((0, 0), dtype=np.float16),
        vector_bias=np.zeros(0),
        bias=classifier.bias_,
        scales=np.zeros((2, 2, 0)),
        frame_weight=np.zeros((0, labels)),
        frame_bias=np.zeros(labels),
        subject_weight=np.zeros(0),
        subject_bias=np.zeros(1),
        platt=classifier.platt_,
        thresholds=classifier.thresholds_,
        levels=np.zeros(labels),
    )


def _scores(fitted: Fitted, X: Any) -> Floats:
    weights, biases = fitted
    return np.asarray(X @ weights + biases)


def _one_each(X: Any, Y: Bools, C: float, seed: int) -> Fitted:
    """One logistic regression a label."""
    weights, biases = np.zeros((X.shape[1], Y.shape[1])), _base_rates(Y)
    for place, target in enumerate(Y.T):
        if target.any() and not target.all():
            # solved in the dual, which is quickest where features are many and rows are few (Yu et al. 2011)
            model = LogisticRegression(C=C, solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=seed)
            model.fit(X, target)
            weights[:, place], biases[place] = model.coef_[0], model.intercept_[0]
    return weights, biases


def _multinomial(X: Any, Y: Bools, C: float) -> Fitted:
    """One logistic regression over all labels; a label that is on no row gets a bias of about its base rate."""
    weights, biases = np.zeros((X.shape[1], Y.shape[1])), np.log(np.maximum(Y.sum(axis=0), 0.5) / len(Y))
    seen = np.flatnonzero(Y.any(axis=0))
    if len(seen) < 2:
        return weights, biases
    model = LogisticRegression(C=C, tol=1e-3, max_iter=1000).fit(X, Y[:, seen].argmax(axis=1))
    # of two labels scikit-learn keeps one column, the log-odds of the second
    weight = model.coef_.T if len(seen) > 2 else np.hstack([-model.coef_.T / 2, model.coef_.T / 2])
    bias = model.intercept_ if len(seen) > 2 else np.append(-model.intercept_, model.intercept_) / 2
    weights[:, seen] = weight
    total = np.logaddexp.reduce(np.asarray(X @ weight + bias), axis=1).mean()
    biases += total
    biases[seen] = bias
    return weights, biases


def _base_rates(Y: Bools) -> Floats:
    """Log-odds of how common each label is."""
    there = Y.sum(axis=0)
    return np.asarray(np.log((there + 0.5) / (len(Y) - there + 0.5)))


def _platt(scores: Floats, Y: Bools) -> Floats:
    """Slope and intercept that calibrate the log-odds of each label; shape (labels, 2).

    Platt's scaling (1999), pooled: each label departs from the slope and intercept of all only as far as its rows bear
    it out (an L2 penalty), so that a label of two rows is calibrated like the others.
    """
    rows, labels = Y.shape
    member = sp.kron(np.ones((rows, 1)), sp.eye_array(labels), format="csr")
    column = scores.reshape(-1, 1)
    # ten times the common score: the slope of all is as good as free
    X = sp.hstack([sp.csr_array(10 * column), member, member.multiply(column)], format="csr")
    model = LogisticRegression(max_iter=1000).fit(X, Y.ravel())
    common, (intercepts, slopes) = model.coef_[0, 0], np.split(model.coef_[0, 1:], 2)
    # a slope below zero would turn the ranking round; then the scores say nothing
    return np.column_stack([np.maximum(10 * common + slopes, 0), model.intercept_[0] + intercepts])


def _temperature(scores: Floats, Y: Bools) -> Floats:
    """One slope for the scores of all labels, by maximum likelihood (Guo et al. 2017); shape (labels, 2)."""
    right = Y.argmax(axis=1)

    def loss(log_slope: float) -> float:
        sharpened = np.exp(log_slope) * scores
        return float((np.logaddexp.reduce(sharpened, axis=1) - sharpened[np.arange(len(Y)), right]).mean())

    slope = np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded").x)
    return np.column_stack([np.full(Y.shape[1], slope), np.zeros(Y.shape[1])])


def _macro_f1(Y: Bools, called: Bools) -> float:
    """Mean F1 over labels that are there or called."""
    named = Y.sum(axis=0) + called.sum(axis=0)
    return float((2 * (Y & called).sum(axis=0)[named > 0] / named[named > 0]).mean())
