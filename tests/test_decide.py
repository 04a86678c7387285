import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framelens.decide import MOST_CERTAIN, MOST_FALSE_ALARMS, Rule, best_rule, both, log_logistic, logistic, present


def test_the_rule_of_highest_expected_f1_is_found() -> None:
    proba = np.array([0.9, 0.8, 0.7, 0.1, 0.05])
    chosen = best_rule(proba, np.ones(5), np.zeros(5, dtype=bool))
    # the sum is 2.55: calling the first three gives 2 * 2.4 / (3 + 2.55), more than any other number
    assert chosen == Rule(0.7, 0.0)


def test_a_rule_calls_few_sentences_of_off_subject_articles() -> None:
    rng = np.random.default_rng(1)
    proba, subject = rng.random(4000), rng.random(4000)
    quiet = rng.random(4000) < 0.5
    rule = best_rule(proba, subject, quiet)
    called = (proba >= rule.threshold) & (subject >= rule.subject)
    assert called.sum() > 0
    assert (called & quiet).sum() <= MOST_FALSE_ALARMS * quiet.sum() / 1000


def test_the_subject_of_the_article_is_used_where_it_parts_quiet_sentences_from_others() -> None:
    proba = np.full(2000, 0.6)
    subject = np.where(np.arange(2000) < 1000, 0.9, 0.4)
    rule = best_rule(proba, subject, quiet=np.arange(2000) >= 1000)
    assert 0.4 < rule.subject < 0.9


def test_a_frame_is_present_from_its_threshold_on_in_articles_on_the_subject() -> None:
    proba = np.array([[0.5, 0.2], [0.5, 0.2], [0.4, 0.9]])
    found = present(proba, np.array([0.8, 0.1, 0.8]), np.array([0.5, 0.2]), np.array([0.5, 0.0]))
    assert found.tolist() == [[True, True], [False, True], [False, True]]


@given(st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_the_odds_of_both_are_those_of_the_product_of_probabilities(one: float, other: float) -> None:
    together = both(np.array([one]), np.array([other]))[0]
    product = logistic(np.array([one]))[0] * logistic(np.array([other]))[0]
    assert abs(together) <= MOST_CERTAIN
    if abs(together) < MOST_CERTAIN:
        assert logistic(np.array([together]))[0] == pytest.approx(product, rel=1e-3)


@given(st.floats(-1000, 1000))
def test_probabilities_of_any_odds_are_finite_and_agree_with_their_logarithm(odds: float) -> None:
    log_odds = np.array([odds])
    assert 0 <= logistic(log_odds)[0] <= 1
    assert np.isfinite(log_logistic(log_odds)[0])
    if abs(odds) < 30:
        assert np.log(logistic(log_odds)[0]) == pytest.approx(log_logistic(log_odds)[0], abs=1e-3)
