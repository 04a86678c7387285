import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulate_prevalence as simulation
from framelens.prevalence import FEWEST_ARTICLES, Coded, Scored, contrast, estimate, holm, wilson

CORPORA = 120
"""So few that 95% may come out as 88% by chance (a binomial of 120 falls below 106 once in 700 times)."""


@pytest.mark.parametrize("classifier", ["good", "calls too much", "rarely wrong"])
def test_intervals_hold_though_the_classifier_errs(classifier: str) -> None:
    found = simulation.simulate(simulation.SETTINGS[0], classifier, CORPORA, rng=np.random.default_rng(7))
    assert found.held[0] >= 0.88
    assert found.width[0] < found.width[1]


def test_counting_calls_misses_a_truth_that_the_corrected_interval_holds() -> None:
    found = simulation.simulate(simulation.SETTINGS[0], "calls too much", 20, rng=np.random.default_rng(7))
    assert found.naive > found.setting.truth + 0.2


@pytest.mark.parametrize("setting", simulation.SETTINGS[3:], ids=lambda setting: setting.name)
def test_intervals_hold_for_unequal_chances_and_whole_articles(setting: simulation.Setting) -> None:
    assert simulation.simulate(setting, "good", CORPORA, rng=np.random.default_rng(7)).held[0] >= 0.88


def test_intervals_that_take_sentences_of_an_article_for_independent_do_not_hold() -> None:
    """The simulation sees it when variance is not worked out over articles."""
    setting = simulation.Setting("whole articles", 300, 12, -1.5, 1.5, 50, whole=True)
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(CORPORA):
        _, alone, _ = simulation._one(setting, simulation.CLASSIFIERS["useless"], rng=rng)
        share = alone.share.point
        broken = wilson(share, share * (1 - share) / alone.codings, alone.freedom, alone.codings)
        held += broken.low <= setting.truth <= broken.high
    assert held / CORPORA < 0.88


def population(rng: np.random.Generator, articles: int = 40) -> tuple[Scored, np.ndarray]:
    article = np.repeat(np.arange(articles), 8)
    truth = (rng.random(len(article)) < 0.3).astype(float)
    return Scored(np.clip(0.7 * truth + 0.3 * rng.random(len(article)), 0, 1), article), truth


@given(st.integers(0, 10_000))
def test_a_census_gives_the_share_itself_whatever_the_scores(seed: int) -> None:
    scored, truth = population(np.random.default_rng(seed))
    every = Coded(np.arange(len(truth)), truth, np.ones(len(truth)))
    assert estimate(scored, every, articles=40).share.point == pytest.approx(truth.mean())


@given(st.integers(0, 10_000), st.floats(0.01, 1))
def test_a_common_factor_of_all_chances_changes_nothing(seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    scored, truth = population(rng)
    rows = rng.choice(len(truth), 100, replace=False)
    chance = rng.uniform(0.2, 1, 100)
    one, other = (estimate(scored, Coded(rows, truth[rows], by * chance), articles=40) for by in (1.0, factor))
    assert one.share.low == pytest.approx(other.share.low)
    assert one.share.high == pytest.approx(other.share.high)


def test_tuning_never_takes_more_variance_than_the_sample_alone() -> None:
    rng = np.random.default_rng(3)
    scored, truth = population(rng)
    rows = rng.choice(len(truth), 100, replace=False)
    sample = Coded(rows, truth[rows], np.ones(100))
    tuned, alone = (estimate(scored, sample, articles=40, power=power) for power in (None, 0.0))
    assert tuned.variance < alone.variance
    assert 0 < tuned.power <= 1


def test_scores_that_say_nothing_are_not_relied_on() -> None:
    scored, truth = population(np.random.default_rng(3))
    flat = Scored(np.full(len(truth), 0.5), scored.article)
    assert estimate(flat, Coded(np.arange(0, 320, 3), truth[::3], np.ones(107)), articles=40).power == 0


def test_so_many_more_codings_make_the_interval_as_narrow_as_was_asked() -> None:
    rng = np.random.default_rng(3)
    scored, truth = population(rng, 4000)
    order = rng.permutation(len(truth))

    def coded(size: int) -> Coded:
        return Coded(order[:size], truth[order[:size]], np.ones(size))

    first = estimate(scored, coded(200), articles=4000, power=0.0)
    more = first.more_codings(0.06)
    share = estimate(scored, coded(200 + int(more)), articles=4000, power=0.0).share
    assert share.high - share.low == pytest.approx(0.06, rel=0.1)
    assert first.more_codings(0.5) == 0


def test_articles_that_differ_leave_a_width_that_no_coding_reaches() -> None:
    rng = np.random.default_rng(3)
    article = np.repeat(np.arange(30), 40)
    truth = (article % 3 == 0).astype(float)
    rows = rng.choice(len(truth), 600, replace=False)
    sample = Coded(rows, truth[rows], np.ones(600))
    assert np.isinf(estimate(Scored(truth * 0, article), sample, articles=30).more_codings(0.05))


def test_few_articles_give_no_interval() -> None:
    scored, truth = population(np.random.default_rng(3), FEWEST_ARTICLES - 1)
    share = estimate(scored, Coded(np.arange(len(truth)), truth, np.ones(len(truth))), articles=9).share
    assert np.isnan(share.low)
    assert not np.isnan(share.point)


def test_a_sample_without_the_frame_has_an_interval_above_zero() -> None:
    scored, truth = population(np.random.default_rng(3))
    none = Coded(np.arange(100), np.zeros(100), np.ones(100))
    share = estimate(Scored(np.zeros(len(truth)), scored.article), none, articles=40).share
    assert (share.point, share.low) == (0, 0)
    assert 0.02 < share.high < 0.08


def test_a_group_does_not_differ_from_itself() -> None:
    scored, truth = population(np.random.default_rng(3))
    one = estimate(scored, Coded(np.arange(100), truth[:100], np.ones(100)), articles=40)
    assert contrast(one, one).difference.point == 0
    assert np.isnan(contrast(one, one).p)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(after >= before for before, after in zip(p, adjusted, strict=True))
    assert [adjusted[place] for place in np.argsort(p, kind="stable")] == sorted(adjusted)
    assert all(one <= 1 for one in adjusted)
