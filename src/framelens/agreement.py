"""Agreement between coders: Krippendorff's alpha for nominal codes, Cohen's kappa and F1 of two coders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from framelens.measures import ratio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pairable:
    """What alpha needs of the units that two coders or more have coded."""

    counts: Floats
    """How many coders gave each unit each value; shape (units, values)."""
    differing: Floats
    """Pairs of codes of the unit that differ, over its coders less one; shape (units,)."""

    def grouped(self, groups: Ints) -> "Pairable":
        """Sums over the units of each group, numbered from 0: alpha adds up units, so groups can be drawn whole."""
        count = int(groups.max(initial=-1)) + 1
        counts, differing = np.zeros((count, self.counts.shape[1])), np.zeros(count)
        np.add.at(counts, groups, self.counts)
        np.add.at(differing, groups, self.differing)
        return Pairable(counts, differing)

    def alpha(self, weights: Ints) -> Floats:
        """Alpha under each weighting of the units (or groups), ``nan`` where it is undefined; shape (draws,)."""
        per_value = weights @ self.counts
        total = per_value.sum(axis=1)
        expected = total * total - (per_value * per_value).sum(axis=1)
        return np.asarray(1 - ratio((total - 1) * (weights @ self.differing), expected))


def pairable(codes: Floats) -> tuple[Pairable, Bools]:
    """What alpha needs of codes of shape (coders, units), ``nan`` where missing, and which units are coded twice."""
    values = np.unique(codes[~np.isnan(codes)])
    counts = np.stack([(codes == value).sum(axis=0) for value in values], axis=1) if len(values) else codes.T[:, :0]
    per_unit = counts.sum(axis=1)
    twice = per_unit >= 2
    counts, per_unit = counts[twice].astype(np.float64), per_unit[twice]
    # pairs of the unit that differ, each unit weighted by 1 / (coders of the unit - 1)
    differing = (per_unit * per_unit - (counts * counts).sum(axis=1)) / (per_unit - 1)
    return Pairable(counts, differing), np.asarray(twice)


def krippendorff_alpha(codes: Floats) -> float:
    """Nominal alpha of codes of shape (coders, units), ``nan`` where a coder did not code a unit.

    ``nan`` where no unit is coded twice, or where all codes are the same: nothing varies that could be agreed on.
    Follows Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: nominal data with any number
    of coders and missing values.

    >>> krippendorff_alpha(np.array([[1, 1, 0, 0], [1, 0, 0, np.nan]]))
    0.444...
    """
    units, _ = pairable(codes)
    return float(units.alpha(np.ones((1, len(units.differing)), dtype=np.int64))[0])


def why_undefined(codes: Floats) -> str:
    """Why alpha of one frame (codes 0 and 1) is undefined; empty where it is not."""
    units, twice = pairable(codes)
    if not twice.any():
        return "no sentence is coded by two coders"
    if np.count_nonzero(units.counts.sum(axis=0)) > 1:
        return ""
    every = np.nanmax(codes[:, twice]) == 1
    return f"{'every' if every else 'no'} sentence that two coders coded has it, so nothing varies"


def cohen_kappa(one: Bools, other: Bools) -> float:
    """Agreement of two coders on the same units beyond chance (Cohen 1960); ``nan`` where chance alone would be 1.

    >>> cohen_kappa(np.array([True, True, False, False]), np.array([True, False, False, False]))
    0.5
    """
    if not len(one):
        return float("nan")
    observed = (one == other).mean()
    chance = one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean())
    return float("nan") if chance == 1 else float((observed - chance) / (1 - chance))


def pair_f1(one: Bools, other: Bools) -> float:
    """F1 of one coder against the other, the same both ways round; ``nan`` where neither gave the frame."""
    given = one.sum() + other.sum()
    return float(2 * (one & other).sum() / given) if given else float("nan")
