import numpy as np

from framelens.curves import coverage_curve, reliability, threshold_curve
from framelens.evaluate import OutOfFold, figures

RNG = np.random.default_rng(1)
Y = RNG.random((600, 2)) < 0.3
PROBA = np.clip(0.3 * Y + 0.7 * RNG.random((600, 2)), 0, 1)
GROUPS = [f"a{number // 10}" for number in range(600)]
HELD_OUT = OutOfFold(PROBA, PROBA >= 0.5)


def seeded() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_point_of_a_curve_has_the_interval_of_the_same_figure_in_the_tables() -> None:
    table = figures(["x", "y"], Y, HELD_OUT, GROUPS, rng=seeded())
    for place, row in enumerate(table.frames):
        at = threshold_curve(Y[:, place], PROBA[:, place], GROUPS, rng=seeded())[9]
        assert at.threshold == 0.5
        assert (at.precision, at.recall, at.f1) == (row.precision, row.recall, row.f1)
    everything = coverage_curve(Y, HELD_OUT, GROUPS, rng=seeded())[0]
    assert everything.sentences == 600
    for ours, theirs in zip(
        (everything.macro_f1.point, everything.macro_f1.low, everything.macro_f1.high),
        (table.macro.f1.point, table.macro.f1.low, table.macro.f1.high),
        strict=True,
    ):
        assert abs(ours - theirs) < 1e-12


def test_each_bin_has_its_interval_and_an_empty_one_has_none() -> None:
    bins = reliability(Y[:, 0], PROBA[:, 0], GROUPS, rng=seeded())
    assert sum(one.sentences for one in bins) == 600
    filled = [one for one in bins if one.sentences]
    assert all(one.share_present.low <= one.share_present.point <= one.share_present.high for one in filled)
    assert all(np.isnan(one.share_present.high) for one in bins if not one.sentences)
