from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from framelens.assess import gold_of
from framelens.assessment import Gold
from framelens.baselines import PlainTfidf
from framelens.decide import threshold_of
from framelens.errors import InputError
from framelens.evaluate import OutOfFold
from framelens.gold import LabelledSet
from framelens.transfer import Transfer, _losses_by_chance, transfer

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def practice(labels: LabelledSet) -> Gold:
    """Some practice articles, of which the third restates the first."""
    whole = gold_of(labels, "written")
    rows = np.flatnonzero(whole.table["group"].isin(whole.table["group"].unique()[:60]))
    table = whole.table.iloc[rows].copy()
    table.loc[table["article"] == table["article"].unique()[2], "group"] = table["group"].iloc[0]
    return replace(whole, table=table, Y=whole.Y[rows])


def part(gold: Gold, articles: slice, origin: str) -> Gold:
    rows = gold.table["article"].isin(gold.table["article"].unique()[articles]).to_numpy()
    return replace(gold, table=gold.table[rows].assign(origin=origin), Y=gold.Y[rows])


def between(train: Gold, test: Gold) -> Transfer:
    return transfer(train, test, PlainTfidf(folds=2), seed=1, baselines=False)


@pytest.fixture(scope="module")
def result(practice: Gold) -> Transfer:
    return between(part(practice, slice(2, None), "written"), part(practice, slice(2), "source"))


def test_no_restatement_of_a_tested_article_is_trained_on(practice: Gold, result: Transfer) -> None:
    assert (result.train, result.test) == ("written", "source")
    assert (result.train_articles, result.left_out, result.test_articles) == (57, 1, 2)
    assert result.sentences == practice.table["article"].isin(practice.table["article"].unique()[:2]).sum()


def test_the_best_thresholds_lose_nothing_and_no_other_gains_on_them(result: Transfer) -> None:
    (ours,) = result.systems
    rows = (*ours.figures.frames, ours.figures.macro)
    for row, best in zip(rows, ours.best, strict=True):
        assert best.frame == row.frame
        assert best.loss.point == pytest.approx(best.f1.point - row.f1.point, nan_ok=True)
        assert not best.loss.point < 0


def test_thresholds_lose_by_chance_alone_and_the_more_the_fewer_sentences() -> None:
    rng = np.random.default_rng(1)
    few, many = (_said(rng.uniform(0.01, 0.99, (count, 2))) for count in (40, 4000))
    (*frames, macro), (*_, of_many) = (_losses_by_chance(said, np.random.default_rng(2)) for said in (few, many))
    assert all(0 <= one.low <= one.point <= one.high for one in (*frames, macro))
    assert 5 * of_many.point < macro.point


def test_a_frame_of_no_probability_has_no_loss_by_chance() -> None:
    one, macro = _losses_by_chance(_said(np.zeros((9, 1))), np.random.default_rng(1))
    assert np.isnan([one.point, macro.point]).all()


def _said(proba: Floats) -> OutOfFold:
    present = np.column_stack([column >= threshold_of(column) for column in proba.T])
    return OutOfFold(proba, present)


def test_few_articles_are_drawn_by_blocks_and_many_whole(practice: Gold, result: Transfer) -> None:
    assert result.drawn == "blocks of 5 neighbouring sentences"
    many = between(part(practice, slice(20, None), "written"), part(practice, slice(20), "source"))
    assert many.drawn == "articles"


def test_an_origin_without_text_is_told(practice: Gold) -> None:
    with pytest.raises(InputError, match="no gold sentence to test on has its text here"):
        between(practice, part(practice, slice(0), "source"))
