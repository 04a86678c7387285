"""Honest figures: grouped cross-validation, with intervals from a bootstrap over articles."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from framelens.folds import Fold, stratified_folds
from framelens.measures import average_precision, rates, ratio
from framelens.stats import Interval, article_weights, bootstrap

__all__ = [
    "DRAWS",
    "FOLDS",
    "MEASURES",
    "Difference",
    "Figures",
    "FrameFigures",
    "OutOfFold",
    "average_precision",
    "cross_validate",
    "difference",
    "figures",
    "intervals",
    "out_of_fold",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Progress = Callable[[int, int], None]

FOLDS = 8
DRAWS = 1000
MEASURES = ("precision", "recall", "f1", "average_precision")
BLOCK = 100
"""Weightings worked on at once; a bound on memory."""


class Estimator(Protocol):
    """What can be cross-validated: a scikit-learn estimator over a table with ``group`` and ``text``."""

    def fit(self, table: pd.DataFrame, Y: Bools) -> Any:
        """Learn from gold of shape (sentences, frames)."""

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames called present, shape (sentences, frames)."""


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models said of sentences whose articles they had not seen."""

    proba: Floats
    """Shape (sentences, frames)."""
    present: Bools
    """Frames called present, by rules that the models learned on their own articles; shape (sentences, frames)."""


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """Figures of one frame, or of all frames taken together, each with its interval; ``nan`` where undefined."""

    frame: str
    support: int
    precision: Interval
    recall: Interval
    f1: Interval
    average_precision: Interval


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures per frame, their mean over frames (macro), and those of all decisions in one pot (micro)."""

    sentences: int
    articles: int
    folds: int
    frames: tuple[FrameFigures, ...]
    macro: FrameFigures
    micro: FrameFigures

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the model card and ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """Macro figures of one model minus those of another on the same sentences, drawn together."""

    f1: Interval
    average_precision: Interval


def cross_validate(
    classifier: Estimator,
    table: pd.DataFrame,
    Y: Bools,
    *,
    folds: int = FOLDS,
    seed: int | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
    jobs: int = -1,
) -> OutOfFold:
    """Score each group's sentences with a model trained on the other groups, thresholds included.

    The folds follow ``seed``, or the classifier's own where none is given.
    """
    rng = np.random.default_rng(getattr(classifier, "seed", 0) if seed is None else seed)
    parts = stratified_folds(table["group"].to_numpy(dtype=str), Y, folds, rng=rng)
    return out_of_fold(classifier, table, Y, parts, progress=progress, jobs=jobs)


def out_of_fold(
    classifier: Estimator,
    table: pd.DataFrame,
    Y: Bools,
    parts: Sequence[Fold],
    *,
    progress: Progress = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
    jobs: int = -1,
) -> OutOfFold:
    """Train a copy on the training rows of each fold, and ask it about the fold's test rows."""
    proba, present = np.zeros(Y.shape), np.zeros(Y.shape, dtype=bool)
    run = joblib.Parallel(n_jobs=jobs, return_as="generator")
    scored = run(joblib.delayed(_score_fold)(clone(classifier), table, Y, train, test) for train, test in parts)
    for done, ((_, test), (fold_proba, fold_present)) in enumerate(zip(parts, scored, strict=True), start=1):
        proba[test], present[test] = fold_proba, fold_present
        progress(done, len(parts))
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
    """Precision, recall, F1 and average precision per frame, macro and micro, with 95% intervals.

    A mean over frames is undefined where the figure of one frame is; a draw that misses a frame leaves it out.
    """
    mean = _Macro(Y, held_out)

    def statistic(drawn: Ints) -> Floats:
        per_frame = _per_frame(drawn, Y, held_out)
        micro = _measures(drawn, Y, held_out.present, held_out.proba)
        return np.concatenate([per_frame, mean(per_frame)[None], micro[None]]).reshape(-1, len(drawn)).T

    measured = intervals(statistic, groups, rng=rng)
    names = [*frames, "macro", "micro"]
    support = [*Y.sum(axis=0).tolist(), int(Y.any(axis=1).sum()), int(Y.sum())]
    rows = [
        FrameFigures(name, count, *measured[len(MEASURES) * place : len(MEASURES) * (place + 1)])
        for place, (name, count) in enumerate(zip(names, support, strict=True))
    ]
    return Figures(len(Y), len(set(groups)), folds, tuple(rows[:-2]), rows[-2], rows[-1])


def difference(
    Y: Bools, ours: OutOfFold, theirs: OutOfFold, groups: Sequence[str], *, rng: np.random.Generator
) -> Difference:
    """Macro F1 and average precision of ours minus theirs, both measured on the same draws of articles (paired)."""
    means = [(said, _Macro(Y, said)) for said in (ours, theirs)]

    def statistic(drawn: Ints) -> Floats:
        one, other = (mean(_per_frame(drawn, Y, said))[2:] for said, mean in means)
        return np.asarray((one - other).T)

    return Difference(*intervals(statistic, groups, rng=rng))


def intervals(
    statistic: Callable[[Ints], Floats], groups: Sequence[str], *, rng: np.random.Generator
) -> list[Interval]:
    """Figures with their 95% intervals from 1,000 draws of whole groups, a block of draws at a time."""
    numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
    weights = article_weights(numbers, DRAWS, rng=rng)
    return bootstrap(lambda drawn: np.concatenate(list(map(statistic, _blocks(drawn)))), weights)


def _blocks(drawn: Ints) -> Iterator[Ints]:
    # draws of a row side by side in memory, since sums run over rows for all draws at once
    return (np.asfortranarray(drawn[start : start + BLOCK]) for start in range(0, len(drawn), BLOCK))


class _Macro:
    """Mean over frames of figures of shape (frames, measures, draws); undefined where one is on all the rows."""

    def __init__(self, Y: Bools, said: OutOfFold) -> None:
        once = np.ones((1, len(Y)), dtype=np.int64)
        self._undefined: Bools = np.isnan(_per_frame(once, Y, said)).any(axis=(0, 2)).reshape(-1)

    def __call__(self, per_frame: Floats) -> Floats:
        there = ~np.isnan(per_frame)
        mean = ratio(np.where(there, per_frame, 0).sum(axis=0), there.sum(axis=0))
        return np.asarray(np.where(self._undefined[:, None], np.nan, mean))


def _score_fold(classifier: Estimator, table: pd.DataFrame, Y: Bools, train: Ints, test: Ints) -> tuple[Floats, Bools]:
    classifier.fit(table.iloc[train], Y[train])
    return classifier.predict_proba(table.iloc[test]), classifier.predict(table.iloc[test])


def _per_frame(drawn: Ints, Y: Bools, said: OutOfFold) -> Floats:
    """Shape (frames, measures, draws)."""
    columns = zip(Y.T, said.present.T, said.proba.T, strict=True)
    return np.array([_measures(drawn, gold, present, proba) for gold, present, proba in columns])


def _measures(weights: Ints, gold: Bools, present: Bools, proba: Floats) -> Floats:
    """Measures of one frame, or of all together, under each weighting; shape (measures, draws)."""
    return np.concatenate([rates(weights, gold, present), average_precision(weights, gold, proba)[None]])
