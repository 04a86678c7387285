"""Honest figures: grouped cross-validation, with intervals from a bootstrap over articles."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from framelens.stats import Interval, article_weights, bootstrap
from framelens.train import FrameClassifier, grouped_folds

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

FOLDS = 8
DRAWS = 1000
MEASURES = ("precision", "recall", "f1", "average_precision")


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models said of sentences whose articles they had not seen."""

    proba: Floats
    """Shape (sentences, frames)."""
    present: Bools
    """Frames called present, by thresholds that the models chose on their own articles; shape (sentences, frames)."""


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """Figures of one frame, or of the mean over frames, each with its interval."""

    frame: str
    support: int
    precision: Interval
    recall: Interval
    f1: Interval
    average_precision: Interval


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures per frame and their mean over frames (macro)."""

    sentences: int
    articles: int
    folds: int
    frames: tuple[FrameFigures, ...]
    macro: FrameFigures

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the model card and ``--json``."""
        return asdict(self)


def cross_validate(
    classifier: FrameClassifier,
    table: pd.DataFrame,
    Y: Bools,
    *,
    folds: int = FOLDS,
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
    jobs: int = -1,
) -> OutOfFold:
    """Score each group's sentences with a model trained on the other groups, second stage and thresholds included."""
    proba, present = np.zeros(Y.shape), np.zeros(Y.shape, dtype=bool)
    parts = list(grouped_folds(table["group"], folds, classifier.seed))
    run = joblib.Parallel(n_jobs=jobs, return_as="generator")
    scored = run(joblib.delayed(_score_fold)(clone(classifier), table, Y, train, test) for train, test in parts)
    for done, ((_, test), (fold_proba, fold_present)) in enumerate(zip(parts, scored, strict=True), start=1):
        proba[test], present[test] = fold_proba, fold_present
        progress(done, folds)
    return OutOfFold(proba, present)


def figures(
    frames: Sequence[str],
    Y: Bools,
    held_out: OutOfFold,
    groups: Sequence[str],
    *,
    rng: np.random.Generator,
    folds: int = FOLDS,
) -> Figures:
    """Precision, recall, F1 and average precision per frame and their means, with 95% intervals."""
    numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
    weights = article_weights(numbers, DRAWS, rng=rng)

    def statistic(drawn: Ints) -> Floats:
        columns = zip(Y.T, held_out.present.T, held_out.proba.T, strict=True)
        per_frame = np.array([_measures(drawn, gold, present, proba) for gold, present, proba in columns])
        both = np.concatenate([per_frame, per_frame.mean(axis=0, keepdims=True)])
        return both.reshape(-1, len(drawn)).T

    intervals = bootstrap(statistic, weights)
    names = [*frames, "macro"]
    support = [*Y.sum(axis=0).tolist(), int(Y.any(axis=1).sum())]
    rows = [
        FrameFigures(name, count, *intervals[len(MEASURES) * place : len(MEASURES) * (place + 1)])
        for place, (name, count) in enumerate(zip(names, support, strict=True))
    ]
    return Figures(len(Y), int(numbers.max()) + 1, folds, tuple(rows[:-1]), rows[-1])


def _score_fold(
    classifier: FrameClassifier, table: pd.DataFrame, Y: Bools, train: Ints, test: Ints
) -> tuple[Floats, Bools]:
    classifier.fit(table.iloc[train], Y[train])
    proba = classifier.predict_proba(table.iloc[test])
    return proba, proba >= classifier.thresholds_


def _measures(weights: Ints, gold: Bools, present: Bools, proba: Floats) -> Floats:
    """Measures of one frame under each weighting; shape (measures, draws)."""
    hits = weights @ (gold & present)
    called, there = weights @ present, weights @ gold
    with np.errstate(invalid="ignore"):
        precision = np.where(called > 0, hits / np.maximum(called, 1), 0.0)
        recall = np.where(there > 0, hits / np.maximum(there, 1), np.nan)
        f1 = np.where(there > 0, 2 * hits / np.maximum(called + there, 1), np.nan)
    return np.stack([precision, recall, f1, average_precision(weights, gold, proba)])


def average_precision(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Mean precision over the positives, ranked by probability, under each weighting; shape (draws,).

    The sum over thresholds of precision times the rise in recall (no interpolation); ties share one threshold.
    """
    order = np.argsort(-proba, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(proba[order]) != 0, True))
    hits = np.cumsum(weights[:, order] * gold[order], axis=1)[:, ends]
    called = np.cumsum(weights[:, order], axis=1)[:, ends]
    rises = np.diff(hits, axis=1, prepend=0)
    there = hits[:, -1]
    area = (rises * (hits / np.maximum(called, 1))).sum(axis=1)
    return np.where(there > 0, area / np.maximum(there, 1), np.nan)
