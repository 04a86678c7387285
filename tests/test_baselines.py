import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone

from framelens.baselines import BASELINES, Keywords, Majority, PlainTfidf
from framelens.evaluate import cross_validate, figures

Table = tuple[pd.DataFrame, NDArray[np.bool_]]


@pytest.fixture(scope="module")
def few(gold_table: Table) -> Table:
    table, Y = gold_table
    rows = np.flatnonzero(table["group"].isin(table["group"].unique()[:40]))
    return table.iloc[rows], Y[rows]


def test_each_baseline_is_a_scikit_learn_estimator(few: Table) -> None:
    table, Y = few
    for baseline in BASELINES.values():
        fitted = clone(baseline()).fit(table, Y)
        proba = fitted.predict_proba(table)
        assert fitted.predict(table).shape == proba.shape == Y.shape
        assert (proba >= 0).all()
        assert (proba <= 1).all()


def test_the_majority_is_no_frame() -> None:
    table, Y = pd.DataFrame({"text": ["a", "b", "c"]}), np.array([[True], [False], [False]])
    fitted = Majority().fit(table, Y)
    assert not fitted.predict(table).any()
    assert fitted.predict_proba(table)[0, 0] == pytest.approx(1 / 3)


def test_keywords_are_the_words_of_the_frame_and_any_of_them_calls_it() -> None:
    texts = ["the traitors left", "the traitors lied", "the market opened", "the market closed", "the tram was late"]
    table, Y = pd.DataFrame({"text": texts}), np.array([[True], [True], [False], [False], [False]])
    fitted = Keywords(size=1).fit(table, Y)
    assert fitted.words_ == [["traitors"]]
    asked = pd.DataFrame({"text": ["Traitors!", "the market", "nothing known"]})
    assert fitted.predict(asked)[:, 0].tolist() == [True, False, False]


def test_baselines_rank_majority_keywords_tfidf_and_one_frame_is_enough(few: Table) -> None:
    table, Y = few
    macro = []
    for baseline in (Majority(), Keywords(), PlainTfidf(folds=3)):
        held_out = cross_validate(baseline, table, Y[:, 2:3], folds=3, seed=1, jobs=1)
        measured = figures(["testimony"], Y[:, 2:3], held_out, table["group"].tolist(), rng=np.random.default_rng(1))
        macro.append(measured.macro)
    assert macro[0].f1.point == 0
    assert np.isnan(macro[0].precision.point)
    assert macro[0].average_precision.point < macro[1].average_precision.point < macro[2].average_precision.point
