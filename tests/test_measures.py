import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support

from framelens.agreement import krippendorff_alpha
from framelens.measures import (
    alpha_with_gold,
    best_threshold,
    brier,
    certainty,
    coverage_curve,
    expected_calibration_error,
    per_thousand,
    rates,
    reliability,
    threshold_curve,
)

RNG = np.random.default_rng(1)
GOLD = RNG.random(400) < 0.3
PROBA = np.clip(0.3 * GOLD + 0.7 * RNG.random(400), 0, 1)
ONCE = np.ones((1, 400), dtype=np.int64)

decisions = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), min_size=2, max_size=30).filter(
    lambda rows: any(weight for _, _, weight in rows)
)


@given(decisions)
def test_alpha_with_gold_is_krippendorffs_with_each_row_as_often_as_it_weighs(
    case: list[tuple[bool, bool, int]],
) -> None:
    gold, present, weights = (np.array(column) for column in zip(*case, strict=True))
    repeated = np.stack([np.repeat(gold, weights), np.repeat(present, weights)]).astype(float)
    ours = alpha_with_gold(weights[None], gold, present)[0]
    assert ours == pytest.approx(krippendorff_alpha(repeated), nan_ok=True)


@given(decisions)
def test_weighted_rates_are_those_of_scikit_learn_or_undefined(case: list[tuple[bool, bool, int]]) -> None:
    gold, present, weights = (np.array(column) for column in zip(*case, strict=True))
    theirs = precision_recall_fscore_support(
        gold, present, sample_weight=weights, average="binary", zero_division=np.nan
    )[:3]
    for ours, other in zip(rates(weights[None], gold, present)[:2, 0], theirs[:2], strict=True):
        assert ours == pytest.approx(other, nan_ok=True)
    f1 = rates(weights[None], gold, present)[2, 0]
    if (gold * weights).sum():
        assert f1 == pytest.approx(np.nan_to_num(theirs[2]))
    else:
        assert np.isnan(f1)


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    weights = RNG.integers(0, 4, 400)
    assert brier(ONCE, GOLD, PROBA)[0] == pytest.approx(brier_score_loss(GOLD, PROBA))
    assert brier(weights[None], GOLD, PROBA)[0] == pytest.approx(brier_score_loss(GOLD, PROBA, sample_weight=weights))


def test_reliability_is_the_calibration_curve_of_scikit_learn_and_its_mean_gap_the_calibration_error() -> None:
    bins = [one for one in reliability(GOLD, PROBA) if one.sentences]
    share, mean = calibration_curve(GOLD, PROBA, n_bins=10)
    assert [one.share_present for one in bins] == pytest.approx(share.tolist())
    assert [one.mean_probability for one in bins] == pytest.approx(mean.tolist())
    gap = sum(one.sentences * abs(one.share_present - one.mean_probability) for one in bins) / 400
    assert expected_calibration_error(ONCE, GOLD, PROBA)[0] == pytest.approx(gap)


def test_probabilities_that_are_right_have_no_calibration_error_and_empty_bins_are_undefined() -> None:
    gold = np.array([True, False, True, True])
    proba = np.array([0.5, 0.5, 1.0, 1.0])
    assert expected_calibration_error(np.ones((1, 4), dtype=np.int64), gold, proba)[0] == 0
    bins = reliability(gold, proba)
    assert [one.sentences for one in bins] == [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]
    assert np.isnan(bins[0].share_present)


def test_the_threshold_curve_gives_the_rates_at_each_threshold_and_the_best_is_none_below_it() -> None:
    curve = threshold_curve(GOLD, PROBA)
    assert [one.threshold for one in curve[:2]] == [0.05, 0.1]
    at = curve[9]
    precision, recall, f1, _ = precision_recall_fscore_support(GOLD, PROBA >= 0.5, average="binary")
    assert (at.precision, at.recall, at.f1) == pytest.approx((precision, recall, f1))
    called = best_threshold(GOLD, PROBA) <= PROBA
    assert rates(ONCE, GOLD, called)[2, 0] >= max(one.f1 for one in curve)


def test_the_model_abstains_on_what_it_is_least_sure_of() -> None:
    proba, present = np.array([[0.9, 0.1], [0.5, 0.4], [0.2, 0.0]]), np.array([[1, 0], [1, 0], [0, 0]], dtype=bool)
    assert certainty(proba, present) == pytest.approx([0.81, 0.3, 0.8])
    Y = np.stack([GOLD, RNG.random(400) < 0.5], axis=1)
    sure = np.abs(Y - 0.1)
    sure[:200] = 0.5
    points = coverage_curve(Y, sure, sure > 0.5)
    assert [one.sentences for one in points[:2]] == [400, 360]
    assert points[0].macro_f1 < points[5].macro_f1 == 1


def test_what_cannot_be_counted_is_undefined() -> None:
    nothing = np.zeros(400, dtype=bool)
    assert np.isnan(per_thousand(ONCE, GOLD, nothing)[0])
    assert per_thousand(ONCE, nothing, GOLD)[0] == 0
    assert np.isnan(rates(ONCE, GOLD, nothing)[0, 0])
    assert np.isnan(alpha_with_gold(ONCE, nothing, nothing)[0])
    assert np.isnan(coverage_curve(nothing[:, None], PROBA[:, None], nothing[:, None])[0].macro_f1)
