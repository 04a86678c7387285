"""Agreement between coders: Krippendorff's alpha for nominal codes."""

import numpy as np
from numpy.typing import NDArray


def krippendorff_alpha(codes: NDArray[np.float64]) -> float:
    """Nominal alpha of codes of shape (coders, units), ``nan`` where a coder did not code a unit.

    ``nan`` where no unit is coded twice, or where all codes are the same: nothing varies that could be agreed on.
    Follows Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: nominal data with any number
    of coders and missing values.

    >>> krippendorff_alpha(np.array([[1, 1, 0, 0], [1, 0, 0, np.nan]]))
    0.444...
    """
    values = np.unique(codes[~np.isnan(codes)])
    # values-by-units matrix: how many coders gave the unit this value, shape (values, units)
    counts = (codes[None, :, :] == values[:, None, None]).sum(axis=1)
    per_unit = counts.sum(axis=0)
    pairable = per_unit >= 2
    counts, per_unit = counts[:, pairable], per_unit[pairable]
    per_value = counts.sum(axis=1)
    total = per_value.sum()
    expected = total * total - (per_value * per_value).sum()
    if not total or not expected:
        return float("nan")
    # sum over units of the pairs that differ, each unit weighted by 1 / (coders of the unit - 1)
    differing = per_unit * per_unit - (counts * counts).sum(axis=0)
    observed = (differing / (per_unit - 1)).sum()
    return float(1 - (total - 1) * observed / expected)
