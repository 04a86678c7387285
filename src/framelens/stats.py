"""Intervals: the bootstrap over whole articles."""

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A point estimate with the bounds of its 95% interval; bounds are ``nan`` where none can be had."""

    point: float
    low: float
    high: float

    def __str__(self) -> str:
        """The figure as it is printed, such as ``0.72 [0.70, 0.74]``."""
        return self.shown()

    def shown(self, digits: int = 2) -> str:
        """The figure with so many decimals; what is undefined is said to be.

        >>> Interval(0.5, float("nan"), float("nan")).shown(1), Interval(float("nan"), 0, 1).shown()
        ('0.5 [undefined]', 'undefined')
        """
        if isnan(self.point):
            return "undefined"
        bounds = "undefined" if isnan(self.low) else f"{self.low:.{digits}f}, {self.high:.{digits}f}"
        return f"{self.point:.{digits}f} [{bounds}]"


def article_weights(groups: NDArray[np.int64], draws: int, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """How often each row is drawn when whole groups are drawn with replacement; shape (draws, rows).

    ``groups`` gives the group of each row as a number from 0. Davison & Hinkley (1997), section 3.8: resampling
    clusters, since sentences of one article are alike.
    """
    count = int(groups.max()) + 1
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=draws)
    return drawn[:, groups]


def bootstrap(statistic: Callable[[NDArray[np.int64]], Floats], weights: NDArray[np.int64]) -> list[Interval]:
    """Percentile intervals of figures that ``statistic`` gives for many weightings of the rows at once.

    ``statistic`` takes weights of shape (draws, rows) and returns figures of shape (draws, figures).
    """
    points = statistic(np.ones((1, weights.shape[1]), dtype=np.int64))[0]
    if (weights == weights[:1]).all():
        # one article is drawn again and again: it tells nothing of others
        return [Interval(float(point), float("nan"), float("nan")) for point in points]
    intervals = []
    for point, drawn in zip(points, statistic(weights).T, strict=True):
        # a resample without any positive sentence has no figure
        intervals.append(around(float(point), drawn[~np.isnan(drawn)]))
    return intervals


def around(point: float, drawn: Floats) -> Interval:
    """A figure with the bounds of the middle 95% of what was drawn; without bounds where nothing was."""
    low, high = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
    return Interval(point, float(low), float(high))
