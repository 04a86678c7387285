from dataclasses import replace

import numpy as np
import pytest

from framelens.assess import gold_of
from framelens.assessment import Gold
from framelens.baselines import PlainTfidf
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.transfer import Transfer, transfer


@pytest.fixture(scope="module")
def gold(labels: LabelledSet) -> Gold:
    """Some practice articles, of which two play articles of another origin, one with its restatement."""
    whole = gold_of(labels, "written")
    names = whole.table["group"].unique()[:60]
    rows = np.flatnonzero(whole.table["group"].isin(names))
    table = whole.table.iloc[rows].copy()
    articles = table["article"].unique()
    table.loc[table["article"].isin(articles[:2]), "origin"] = "source"
    table.loc[table["article"] == articles[2], "group"] = table["group"].iloc[0]
    return replace(whole, table=table, Y=whole.Y[rows])


@pytest.fixture(scope="module")
def result(gold: Gold) -> Transfer:
    return transfer(gold, PlainTfidf(folds=2), train="written", test="source", seed=1, baselines=False)


def test_no_restatement_of_a_tested_article_is_trained_on(gold: Gold, result: Transfer) -> None:
    assert (result.train_articles, result.left_out, result.test_articles) == (57, 1, 2)
    assert result.sentences == (gold.table["origin"] == "source").sum()


def test_the_best_thresholds_lose_nothing_and_no_other_gains_on_them(result: Transfer) -> None:
    (ours,) = result.systems
    rows = (*ours.figures.frames, ours.figures.macro)
    for row, best in zip(rows, ours.best, strict=True):
        assert best.frame == row.frame
        assert best.loss.point == pytest.approx(best.f1.point - row.f1.point, nan_ok=True)
        assert not best.loss.point < 0


def test_few_articles_are_drawn_by_blocks_and_many_whole(gold: Gold, result: Transfer) -> None:
    assert result.drawn == "blocks of 5 neighbouring sentences"
    table = gold.table.copy()
    table["origin"] = np.where(table["group"].isin(table["group"].unique()[:20]), "source", "written")
    many = transfer(
        replace(gold, table=table), PlainTfidf(folds=2), train="written", test="source", seed=1, baselines=False
    )
    assert many.drawn == "articles"


def test_an_origin_without_text_is_told(gold: Gold) -> None:
    with pytest.raises(InputError, match="no gold sentence of origin 'nowhere' has text here"):
        transfer(gold, PlainTfidf(), train="written", test="nowhere", seed=1)
