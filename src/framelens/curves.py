"""Curves of one model with their intervals: reliability, thresholds, coverage. Each point is drawn with its curve."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framelens.evaluate import OutOfFold, intervals
from framelens.measures import (
    BINS,
    COVERAGES,
    THRESHOLDS,
    CoveragePoint,
    ReliabilityBin,
    ThresholdPoint,
    macro_f1,
    mean_probability,
    most_certain,
    rates_at_thresholds,
    share_present,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def reliability(
    gold: Bools, proba: Floats, groups: Sequence[str], *, rng: np.random.Generator
) -> tuple[ReliabilityBin, ...]:
    """Probability against share present in each of ten bins of equal width."""
    shares = intervals(lambda drawn: share_present(drawn, gold, proba), groups, rng=rng)
    counts, means = mean_probability(proba)
    return tuple(
        ReliabilityBin(place / BINS, (place + 1) / BINS, int(counts[place]), float(means[place]), share)
        for place, share in enumerate(shares)
    )


def threshold_curve(
    gold: Bools, proba: Floats, groups: Sequence[str], *, rng: np.random.Generator
) -> tuple[ThresholdPoint, ...]:
    """Precision, recall and F1 of one frame at each of nineteen thresholds."""
    measured = intervals(lambda drawn: rates_at_thresholds(drawn, gold, proba).reshape(len(drawn), -1), groups, rng=rng)
    return tuple(ThresholdPoint(float(at), *measured[3 * place : 3 * place + 3]) for place, at in enumerate(THRESHOLDS))


def coverage_curve(
    Y: Bools, held_out: OutOfFold, groups: Sequence[str], *, rng: np.random.Generator
) -> tuple[CoveragePoint, ...]:
    """Macro F1 when only the most certain share of the sentences is decided, for shares from all to a tenth.

    Which sentences are decided is held fixed over the draws: the interval is that of F1 on them.
    """
    decided = most_certain(held_out.proba, held_out.present)
    measured = intervals(
        lambda drawn: np.stack([macro_f1(drawn[:, rows], Y[rows], held_out.present[rows]) for rows in decided], axis=1),
        groups,
        rng=rng,
    )
    return tuple(
        CoveragePoint(float(coverage), len(rows), f1)
        for coverage, rows, f1 in zip(COVERAGES, decided, measured, strict=True)
    )
