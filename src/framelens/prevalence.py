"""Shares with intervals that hold though the model errs: scores of a whole corpus, corrected by a random coded sample.

Prediction-powered inference with power tuning (PPI++, Angelopoulos, Duchi & Zrnic 2023) for a mean, with weights for
unequal inclusion (Hajek 1971) and variances linearised over articles (Binder 1983), whose sentences are alike. Articles
count as drawn from a wider stream of news: for the corpus alone, the intervals are a little wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, nan

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from framelens.measures import ratio
from framelens.stats import Interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEVEL = 0.95
FEWEST_ARTICLES = 10
"""Articles with coded sentences below which no interval is given: its nominal level would not hold."""
MOST_WORTH = 1.5
"""Independent units that one coding may count for where hardly an error was met; chosen by simulation."""
FEW = 10
"""Coded sentences with the frame, or without it, below which an interval is called rough."""


@dataclass(frozen=True)
class Scored:
    """A population: a score of each unit, and the number of the article it stands in (from 0); shapes (N,)."""

    score: Floats
    article: Ints


@dataclass(frozen=True)
class Coded:
    """A random sample of that population; shapes (n,)."""

    row: Ints
    """Which units were coded."""
    label: Floats
    """1 where the coded unit carries the frame."""
    inclusion: Floats
    """Probability of having been drawn, up to a common factor."""

    def where(self, members: Bools, number: Ints) -> "Coded":
        """Those of the members of a group; ``number`` gives the place of each unit in it."""
        kept = members[self.row]
        return Coded(number[self.row[kept]], self.label[kept], self.inclusion[kept])


@dataclass(frozen=True)
class Estimate:
    """A share, its interval, and what its uncertainty is made of."""

    share: Interval
    power: float
    """How far the model is relied on, from 0 (not at all) to 1; chosen for the narrowest interval."""
    influence: Floats
    """What each article adds to the error, small-sample correction included; shape (articles,)."""
    freedom: int
    """Degrees of freedom of the interval."""
    codings: int
    coded_share: float
    """Part of the variance that more codings would reduce, from 0 to 1."""
    rough: bool

    @property
    def variance(self) -> float:
        """Squared standard error; ``nan`` where there is none."""
        return float(self.influence @ self.influence)

    def more_codings(self, width: float) -> float:
        """How many more codings would make the interval this wide; ``inf`` where only more articles would help."""
        wanted = (width / (2 * quantile(self.freedom))) ** 2
        reducible = self.variance * self.coded_share
        left = wanted - (self.variance - reducible)
        if np.isnan(self.variance):
            return nan
        return max(ceil(self.codings * reducible / left) - self.codings, 0) if left > 0 else inf


@dataclass(frozen=True, slots=True)
class Contrast:
    """How far two shares differ; ``p`` as it stands, and by Holm's method for all contrasts made together."""

    difference: Interval
    p: float
    p_holm: float = nan


def estimate(population: Scored, sample: Coded, *, articles: int, power: float | None = None) -> Estimate:
    """Share of the units with the frame; ``power`` 0 asks the coded sample alone, ``None`` tunes it.

    The estimate is label mean + power * (score mean of the population - score mean of the sample), sample means
    weighted by inverse inclusion; its error is a sum over articles.
    """
    weight = 1 / sample.inclusion
    weight = weight / weight.sum()
    where, score = population.article[sample.row], population.score[sample.row]
    by_label = np.bincount(where, weight * (sample.label - weight @ sample.label), articles)
    gap = float(population.score.mean() - weight @ score)
    spread = (population.score - population.score.mean()) / len(population.score)
    in_population = np.bincount(population.article, spread, articles)
    by_score = in_population - np.bincount(where, weight * (score - weight @ score), articles)
    tuned = power is None
    if power is None:
        power = float(np.clip(-ratio(by_label @ by_score, by_score @ by_score), 0, 1))
        power = 0.0 if np.isnan(power) else abs(power)  # never -0
    point = float(weight @ sample.label) + power * gap
    drawn = len(np.unique(where))
    freedom = drawn - (2 if tuned else 1)
    correction = drawn / freedom if drawn >= FEWEST_ARTICLES else nan
    influence = (by_label + power * by_score) * np.sqrt(correction)
    residual = sample.label - power * score
    by_coding = float(weight**2 @ (residual - weight @ residual) ** 2) * correction
    variance = float(influence @ influence)
    positives = float(sample.label.sum())
    return Estimate(
        wilson(point, variance, freedom, len(sample.row)),
        power,
        influence,
        freedom,
        len(sample.row),
        min(by_coding / variance, 1.0) if variance > 0 else 1.0,
        min(positives, len(sample.row) - positives) < FEW,
    )


def wilson(point: float, variance: float, freedom: int, codings: int) -> Interval:
    """Score interval (Wilson 1927) of as many independent units as the variance is worth, within 0 and 1.

    Near 0 and 1, and where hardly an error of the model was met, the plain interval is too narrow (Franco et al. 2019);
    so the term for small samples counts at most ``MOST_WORTH`` units a coding.
    """
    point = min(max(point, 0.0), 1.0)
    if np.isnan(variance):
        return Interval(point, nan, nan)
    inside = min(max(point, 0.5 / codings), 1 - 0.5 / codings)
    units = inside * (1 - inside) / variance if variance > 0 else float(codings)
    t = quantile(freedom)
    centre = (inside + t**2 / (2 * units)) / (1 + t**2 / units)
    small = t**2 / (4 * min(units, MOST_WORTH * codings) ** 2)
    half = t / (1 + t**2 / units) * np.sqrt(inside * (1 - inside) / units + small)
    low = max(float(centre - half), 0.0) if point > 0 else 0.0
    high = min(float(centre + half), 1.0) if point < 1 else 1.0
    return Interval(point, min(low, point), max(high, point))


def contrast(one: Estimate, other: Estimate) -> Contrast:
    """How far the second share lies above the first, with the two-sided p-value that they are equal."""
    influence = other.influence - one.influence
    error = float(np.sqrt(influence @ influence))
    freedom = min(one.freedom, other.freedom)
    point = other.share.point - one.share.point
    if np.isnan(error) or error == 0:
        return Contrast(Interval(point, nan, nan), nan)
    half = quantile(freedom) * error
    return Contrast(Interval(point, point - half, point + half), float(2 * stdtr(freedom, -abs(point) / error)))


def holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted for their number (Holm 1979); what is undefined stays so and is not counted.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    defined = [place for place, one in enumerate(p) if not np.isnan(one)]
    adjusted, reached = [nan] * len(p), 0.0
    for rank, place in enumerate(sorted(defined, key=lambda place: p[place])):
        reached = max(reached, min((len(defined) - rank) * p[place], 1.0))
        adjusted[place] = reached
    return adjusted


def quantile(freedom: int) -> float:
    """Half width of the interval in standard errors (Student's t)."""
    return float(-stdtrit(freedom, (1 - LEVEL) / 2)) if freedom > 0 else nan
