"""What can be measured of frames called present and of their probabilities. Arrays in, figures out."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from framelens.stats import Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BINS = 10
THRESHOLDS = np.arange(1, 20) / 20
COVERAGES = np.arange(10, 0, -1) / 10


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Sentences whose probability falls between two bounds; mean and share are ``nan`` in an empty bin."""

    low: float
    high: float
    sentences: int
    mean_probability: float
    share_present: Interval


@dataclass(frozen=True, slots=True)
class ThresholdPoint:
    """What a frame's figures would be if it were called present from this probability on."""

    threshold: float
    precision: Interval
    recall: Interval
    f1: Interval


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """Macro F1 over the most certain sentences alone; ``nan`` where a frame is on none of them."""

    coverage: float
    sentences: int
    macro_f1: Interval


def ratio(above: NDArray[np.number], below: NDArray[np.number]) -> Floats:
    """One number over another, ``nan`` where there is nothing to divide by."""
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.asarray(below) != 0))


def rates(weights: Ints, gold: Bools, present: Bools) -> Floats:
    """Precision, recall and F1 under each weighting of the rows; shape (3, draws).

    Of one frame, or of all decisions together where ``gold`` and ``present`` have the shape (rows, frames). Precision
    is ``nan`` where nothing is called, recall and F1 where nothing is there to be found.
    """
    return _rates(
        *(weights @ decisions.reshape(len(decisions), -1).sum(axis=1) for decisions in (gold & present, present, gold))
    )


def average_precision(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Mean precision over the positives, ranked by probability, under each weighting; shape (draws,).

    The sum over thresholds of precision times the rise in recall (no interpolation); ties share one threshold. Of one
    frame, or of all decisions together where ``gold`` and ``proba`` have the shape (rows, frames).
    """
    row = np.repeat(np.arange(len(gold)), gold.size // max(len(gold), 1))
    order = np.argsort(-proba.ravel(), kind="stable")
    found = np.flatnonzero(gold.ravel()[order])
    if not len(found):
        return np.full(len(weights), np.nan)
    tie = np.append(0, np.cumsum(np.diff(proba.ravel()[order]) != 0))
    # recall rises only where a positive stands, so that precision is worked out there alone
    rising, first = np.unique(tie[found], return_index=True)
    ends = np.searchsorted(tie, rising, side="right")
    called = np.cumsum(_sums(weights, row[order[: ends[-1]]], np.append(0, ends)), axis=0)
    rises = _sums(weights, row[order[found]], np.append(first, len(found)))
    hits = np.cumsum(rises, axis=0)
    return ratio((rises * (hits / np.maximum(called, 1))).sum(axis=0), hits[-1])


def _sums(weights: Ints, rows: Ints, bounds: Ints) -> Ints:
    """Sum of the weights of the rows between each bound and the next; shape (bounds - 1, draws)."""
    between = sp.csr_array(
        (np.ones(len(rows), dtype=weights.dtype), rows, bounds), shape=(len(bounds) - 1, weights.shape[1])
    )
    return np.asarray(between @ weights.T)


def brier(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Mean squared gap between probability and gold (Brier 1950, for one of two outcomes); shape (draws,)."""
    return ratio(weights @ (proba - gold) ** 2, weights.sum(axis=1))


def expected_calibration_error(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Mean gap between probability and share present over equal-width bins (Naeini et al. 2015); shape (draws,).

    Chance gaps of bins do not cancel, so its bootstrap interval leans upward.
    """
    member = _bin_of(proba)[:, None] == np.arange(BINS)
    gaps = np.abs(weights @ (member * (gold - proba)[:, None]))
    return ratio(gaps.sum(axis=1), weights.sum(axis=1))


def share_present(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Share of the sentences in each of ten bins of probability that carry the frame; shape (draws, bins)."""
    member = (_bin_of(proba)[:, None] == np.arange(BINS)).astype(np.float64)
    drawn = weights.astype(np.float64)
    return ratio(drawn @ (member * gold[:, None]), drawn @ member)


def mean_probability(proba: Floats) -> tuple[Ints, Floats]:
    """Sentences in each of ten bins of equal width, and their mean probability; shapes (bins,)."""
    place = _bin_of(proba)
    count = np.bincount(place, minlength=BINS)
    return count, ratio(np.bincount(place, weights=proba, minlength=BINS), count)


def rates_at_thresholds(weights: Ints, gold: Bools, proba: Floats) -> Floats:
    """Precision, recall and F1 of one frame at each of nineteen thresholds; shape (draws, thresholds, 3)."""
    # whole numbers as floats: matrices of floats are multiplied many times faster, and sums stay exact
    drawn = weights.astype(np.float64)
    called = (proba[:, None] >= THRESHOLDS).astype(np.float64)
    return np.moveaxis(_rates(drawn @ (called * gold[:, None]), drawn @ called, (drawn @ gold)[:, None]), 0, -1)


def best_threshold(gold: Bools, proba: Floats) -> float:
    """The probability among those given from which calling the frame present has the best F1; the highest of equals."""
    order = np.argsort(-proba, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(proba[order]) != 0, True))
    f1 = 2 * np.cumsum(gold[order])[ends] / (ends + 1 + gold.sum())
    return float(proba[order][ends][np.argmax(f1)])


def certainty(proba: Floats, present: Bools) -> Floats:
    """Chance that all decisions on a sentence are right, if frames were independent; shape (sentences,)."""
    return np.asarray(np.where(present, proba, 1 - proba).prod(axis=1))


def most_certain(proba: Floats, present: Bools) -> list[Ints]:
    """Rows of the most certain sentences, for shares from all to a tenth."""
    order = np.argsort(-certainty(proba, present), kind="stable")
    return [order[: max(1, round(coverage * len(order)))] for coverage in COVERAGES]


def macro_f1(weights: Ints, Y: Bools, present: Bools) -> Floats:
    """Mean of F1 over frames under each weighting; ``nan`` where a frame is on no sentence; shape (draws,)."""
    drawn, Y, called = weights.astype(np.float64), Y.astype(np.float64), present.astype(np.float64)
    return np.asarray(_rates(drawn @ (Y * called), drawn @ called, drawn @ Y)[2].mean(axis=1))


def alpha_with_gold(weights: Ints, gold: Bools, present: Bools) -> Floats:
    """Krippendorff's nominal alpha between decisions and gold under each weighting of the rows; shape (draws,).

    Krippendorff (2011), section A: two coders, two values, no value missing. ``nan`` where nothing varies.
    """
    units = weights.sum(axis=1)
    yes = weights @ gold + weights @ present
    differing = weights @ (gold != present)
    return np.asarray(1 - ratio((2 * units - 1) * differing, yes * (2 * units - yes)))


def per_thousand(weights: Ints, called: Bools, among: Bools) -> Floats:
    """How many of a thousand such sentences are called, under each weighting; ``nan`` without any; shape (draws,)."""
    return 1000 * ratio(weights @ (called & among), weights @ among)


def _rates(hits: NDArray[np.number], called: NDArray[np.number], there: NDArray[np.number]) -> Floats:
    there = np.broadcast_to(there, hits.shape)
    f1 = np.where(there > 0, ratio(2 * hits, called + there), np.nan)
    return np.stack([ratio(hits, called), ratio(hits, there), f1])


def _bin_of(proba: Floats) -> Ints:
    """Number of the equal-width bin; 1.0 belongs to the last."""
    return np.minimum((proba * BINS).astype(np.int64), BINS - 1)
