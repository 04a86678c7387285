import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from framelens.context import (
    FADING,
    FARTHEST,
    MOST_CERTAIN,
    Layout,
    Scale,
    doubted,
    from_neighbours,
    in_article,
    of_article,
)
from framelens.first_stage import _near_features

counts = st.lists(st.integers(0, 6), min_size=1, max_size=6).filter(any)


@given(counts, st.integers(-3, 3).filter(bool))
def test_a_neighbour_stands_in_the_same_article(lengths: list[int], step: int) -> None:
    layout = Layout.of(lengths)
    values = np.arange(sum(lengths), dtype=float)[:, None]
    shifted = layout.neighbour(values, step, -1.0)[:, 0]
    for row, (article, place) in enumerate(zip(layout.article, layout.place, strict=True)):
        inside = 0 <= place - step < layout.lengths[article]
        assert shifted[row] == (values[row - step, 0] if inside else -1.0)


@given(counts)
def test_means_and_maxima_are_those_of_each_article(lengths: list[int]) -> None:
    layout = Layout.of(lengths)
    values = np.random.default_rng(1).normal(size=(sum(lengths), 2))
    for row, article in enumerate(layout.article):
        own = values[layout.article == article]
        assert layout.mean(values)[row] == pytest.approx(own.mean(axis=0))
        assert layout.highest(values)[row] == pytest.approx(own.max(axis=0))
        rest = own.sum(axis=0) - values[row]
        assert layout.others(values)[row] == pytest.approx(rest / max(len(own) - 1, 1))


@given(st.lists(st.integers(0, 3 * FARTHEST), min_size=1, max_size=4).filter(any))
def test_the_sentences_around_fade_with_distance_and_end_with_the_article(lengths: list[int]) -> None:
    layout = Layout.of(lengths)
    values = np.random.default_rng(1).random((sum(lengths), 2))
    rows = np.arange(len(values))
    for row, found in zip(rows, layout.around(values), strict=True):
        distance = np.abs(rows - row)
        there = (layout.article == layout.article[row]) & (distance > 0) & (distance <= FARTHEST)
        assert found == pytest.approx(FADING ** (distance[there] - 1.0) @ values[there])


@given(st.lists(st.integers(1, 2 * FARTHEST), min_size=1, max_size=4))
def test_in_a_short_text_the_mean_stands_for_the_sentences_that_are_missing(lengths: list[int]) -> None:
    layout = Layout.of(lengths)
    whole = 2 * sum(FADING**step for step in range(FARTHEST))
    there = layout.around(np.ones((sum(lengths), 1)))[:, 0]
    assert (there + layout.missing)[layout.size <= FARTHEST] == pytest.approx(whole)
    assert (layout.missing[layout.size > FARTHEST] == 0).all()


@given(counts)
def test_training_counts_the_words_around_as_scoring_adds_them(lengths: list[int]) -> None:
    rng = np.random.default_rng(1)
    layout, stems, weights = Layout.of(lengths), rng.random((sum(lengths), 5)), rng.normal(size=(15, 2))
    trained = _near_features(sp.csr_array(stems), layout) @ weights
    before, after, around = np.split(weights, 3)
    scored = from_neighbours(np.hstack([stems @ (0.7 * before), stems @ (0.7 * after), stems @ (2 * around)]), layout)
    assert trained == pytest.approx(scored)


def test_a_short_article_is_doubted_less_for_its_subject_than_a_long_one() -> None:
    short, long = (doubted(np.full(size, -4.0), Layout.of([size]))[0] for size in (1, 50))
    assert -4.0 < long < short
    assert np.isfinite(doubted(np.array([1000.0, -1000.0]), Layout.of([1, 1]))).all()


def test_one_certain_sentence_is_clipped() -> None:
    layout, one = Layout.of([2]), Scale(np.zeros(1), np.ones(1))
    features = in_article(np.array([[100.0], [0.0]]), np.zeros((2, 1)), np.zeros((2, 2)), layout, one, one)
    assert features.max() == MOST_CERTAIN**2
    assert (
        of_article(np.array([[100.0], [0.0]]), np.array([[-100.0], [0.0]]), layout).tolist()
        == [[MOST_CERTAIN / 2, MOST_CERTAIN, -MOST_CERTAIN / 2]] * 2
    )
