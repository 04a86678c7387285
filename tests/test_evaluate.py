import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from framelens.evaluate import OutOfFold, average_precision, cross_validate, figures
from framelens.folds import stratified_folds
from framelens.stats import article_weights
from framelens.train import FrameClassifier

rows = st.integers(2, 40).flatmap(
    lambda size: st.tuples(
        st.lists(st.booleans(), min_size=size, max_size=size).filter(any),
        st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.7]), min_size=size, max_size=size),
        st.lists(st.integers(0, 3), min_size=size, max_size=size),
    )
)


@given(rows)
def test_weighted_average_precision_is_that_of_scikit_learn(case: tuple[list[bool], list[float], list[int]]) -> None:
    gold, proba, weights = np.array(case[0]), np.array(case[1]), np.array([case[2]])
    ours = average_precision(weights, gold, proba)[0]
    if (weights[0] * gold).sum() == 0:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(average_precision_score(gold, proba, sample_weight=weights[0]))


def test_figures_are_those_of_scikit_learn_within_their_intervals() -> None:
    rng = np.random.default_rng(1)
    Y = rng.random((300, 2)) < 0.3
    proba = np.clip(0.3 * Y + 0.7 * rng.random((300, 2)), 0, 1)
    groups = [f"a{number // 10}" for number in range(300)]
    measured = figures(["x", "y"], Y, OutOfFold(proba, proba > 0.5), groups, rng=rng)
    for place, row in enumerate(measured.frames):
        gold, present = Y[:, place], proba[:, place] > 0.5
        assert row.precision.point == pytest.approx(precision_score(gold, present))
        assert row.recall.point == pytest.approx(recall_score(gold, present))
        assert row.f1.point == pytest.approx(f1_score(gold, present))
        assert row.average_precision.point == pytest.approx(average_precision_score(gold, proba[:, place]))
        assert all(one.low < one.point < one.high for one in (row.precision, row.recall, row.f1, row.average_precision))
    assert measured.macro.f1.point == pytest.approx(np.mean([row.f1.point for row in measured.frames]))
    assert (measured.sentences, measured.articles) == (300, 30)


def test_the_bootstrap_draws_whole_articles() -> None:
    groups = np.array([0, 0, 0, 1, 2, 2])
    weights = article_weights(groups, 50, rng=np.random.default_rng(1))
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 4] == weights[:, 5]).all()
    assert (weights[:, [0, 3, 4]].sum(axis=1) == 3).all()


def test_folds_never_part_an_article_from_its_restatement(gold_table: tuple[pd.DataFrame, NDArray[np.bool_]]) -> None:
    groups = gold_table[0]["group"].to_numpy(dtype=str)
    tested = np.zeros(len(groups), dtype=int)
    for train, test in stratified_folds(groups, gold_table[1], 5, rng=np.random.default_rng(1)):
        assert not set(groups[train]) & set(groups[test])
        tested[test] += 1
    assert (tested == 1).all()


def test_cross_validation_scores_no_sentence_with_a_model_that_saw_its_article(
    gold_table: tuple[pd.DataFrame, NDArray[np.bool_]],
) -> None:
    table, Y = gold_table
    few = np.flatnonzero(table["group"].isin(table["group"].unique()[:24]))
    seen: list[tuple[int, int]] = []
    classifier = FrameClassifier(folds=2)
    held_out = cross_validate(
        classifier, table.iloc[few], Y[few], folds=3, progress=lambda done, of: seen.append((done, of)), jobs=1
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    in_sample = FrameClassifier(folds=2).fit(table.iloc[few], Y[few]).predict_proba(table.iloc[few])
    gold = Y[few][:, 0]
    assert average_precision_score(gold, held_out.proba[:, 0]) < average_precision_score(gold, in_sample[:, 0])
