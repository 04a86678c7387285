import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_fscore_support

from framelens.agreement import krippendorff_alpha
from framelens.measures import (
    THRESHOLDS,
    alpha_with_gold,
    best_threshold,
    brier,
    certainty,
    expected_calibration_error,
    macro_f1,
    mean_probability,
    most_certain,
    per_thousand,
    rates,
    rates_at_thresholds,
    share_present,
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
    shares, (counts, means) = share_present(ONCE, GOLD, PROBA)[0], mean_probability(PROBA)
    filled = counts > 0
    share, mean = calibration_curve(GOLD, PROBA, n_bins=10)
    assert shares[filled] == pytest.approx(share)
    assert means[filled] == pytest.approx(mean)
    gap = (counts * np.abs(shares - means))[filled].sum() / 400
    assert expected_calibration_error(ONCE, GOLD, PROBA)[0] == pytest.approx(gap)


def test_probabilities_that_are_right_have_no_calibration_error_and_empty_bins_are_undefined() -> None:
    gold = np.array([True, False, True, True])
    proba = np.array([0.5, 0.5, 1.0, 1.0])
    once = np.ones((1, 4), dtype=np.int64)
    assert expected_calibration_error(once, gold, proba)[0] == 0
    counts, means = mean_probability(proba)
    assert counts.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]
    assert np.isnan(means[0])
    assert np.isnan(share_present(once, gold, proba)[0, 0])


def test_rates_at_thresholds_are_the_rates_at_each_and_the_best_threshold_is_none_below_them() -> None:
    weights = np.concatenate([ONCE, RNG.integers(0, 4, (3, 400))])
    curve = rates_at_thresholds(weights, GOLD, PROBA)
    assert curve.shape == (4, 19, 3)
    for place, threshold in enumerate(THRESHOLDS):
        expected = rates(weights, GOLD, threshold <= PROBA)
        np.testing.assert_allclose(curve[:, place].T, expected)
    called = best_threshold(GOLD, PROBA) <= PROBA
    assert rates(ONCE, GOLD, called)[2, 0] >= curve[0, :, 2].max()


def test_the_model_abstains_on_what_it_is_least_sure_of() -> None:
    proba, present = np.array([[0.9, 0.1], [0.5, 0.4], [0.2, 0.0]]), np.array([[1, 0], [1, 0], [0, 0]], dtype=bool)
    assert certainty(proba, present) == pytest.approx([0.81, 0.3, 0.8])
    Y = np.stack([GOLD, RNG.random(400) < 0.5], axis=1)
    sure = np.abs(Y - 0.1)
    sure[:200] = 0.5
    decided = most_certain(sure, sure > 0.5)
    assert [len(rows) for rows in decided] == [400, 360, 320, 280, 240, 200, 160, 120, 80, 40]
    assert min(decided[5]) == 200


def test_macro_f1_is_the_mean_of_f1_over_frames() -> None:
    Y, present = np.stack([GOLD, ~GOLD], axis=1), RNG.random((400, 2)) < 0.5
    weights = RNG.integers(0, 4, (3, 400))
    per_frame = [rates(weights, gold, called)[2] for gold, called in zip(Y.T, present.T, strict=True)]
    assert macro_f1(weights, Y, present) == pytest.approx(np.mean(per_frame, axis=0))


def test_what_cannot_be_counted_is_undefined() -> None:
    nothing = np.zeros(400, dtype=bool)
    assert np.isnan(per_thousand(ONCE, GOLD, nothing)[0])
    assert per_thousand(ONCE, nothing, GOLD)[0] == 0
    assert np.isnan(rates(ONCE, GOLD, nothing)[0, 0])
    assert np.isnan(alpha_with_gold(ONCE, nothing, nothing)[0])
    assert np.isnan(macro_f1(ONCE, nothing[:, None], GOLD[:, None])[0])
