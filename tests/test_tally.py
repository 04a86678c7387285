from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framelens import tally
from framelens.streamed import ClassifiedArticle
from framelens.tally import NONE, REST, Group, Tallied, Tally, largest, periods

FRAMES = 3


def article(called: Sequence[Sequence[bool]], date: str = "", outlet: str = "", name: str = "a") -> ClassifiedArticle:
    there = np.array(called, dtype=bool).reshape(-1, FRAMES)
    return ClassifiedArticle(name, None, there * 0.9, there, np.linspace(0, 1, len(there)), date, outlet)


ARTICLES = st.lists(
    st.builds(
        article,
        st.lists(st.lists(st.booleans(), min_size=FRAMES, max_size=FRAMES), max_size=6),
        st.sampled_from(["", "2026-03-02", "2026-04-19 10:00:00", "2025", "soon"]),
        st.sampled_from(["", "The Quay", "Sorrel Post"]),
    ),
    min_size=1,
    max_size=30,
)


def counted(articles: Sequence[ClassifiedArticle]) -> Tallied:
    found = Tally(FRAMES)
    for one in articles:
        found.add(one)
    return found.result


@given(ARTICLES)
def test_counts_are_those_of_all_sentences_at_once(articles: list[ClassifiedArticle]) -> None:
    found, every = counted(articles), np.vstack([one.called for one in articles])
    assert found.whole.sentences == len(every)
    assert found.whole.called.tolist() == every.sum(axis=0).tolist()
    assert found.carrying == every.any(axis=1).sum()
    assert found.together.tolist() == (every.T.astype(int) @ every).tolist()
    assert found.articles_with.tolist() == [sum(one.called[:, k].any() for one in articles) for k in range(FRAMES)]
    assert found.by_class.sum(axis=1).tolist() == [len(articles) - found.empty] * FRAMES
    assert found.by_class[:, 0].tolist() == (len(articles) - found.empty - found.articles_with).tolist()


@given(ARTICLES)
def test_groups_add_up_to_the_whole(articles: list[ClassifiedArticle]) -> None:
    found = counted(articles)
    for groups in (found.by_date, found.by_outlet, largest(found.by_outlet)):
        assert sum(one.articles for one in groups.values()) == len(articles)
        assert sum(one.sentences for one in groups.values()) == found.whole.sentences
        assert np.sum([one.called for one in groups.values()], axis=0).tolist() == found.whole.called.tolist()
    _, by_period = periods(found.by_date)
    missing = found.by_date.get(NONE)
    assert sum(one.articles for one in by_period.values()) == len(articles) - (missing.articles if missing else 0)


@given(ARTICLES, st.randoms())
def test_the_order_of_articles_changes_nothing_but_which_are_listed(
    articles: list[ClassifiedArticle], rng: object
) -> None:
    one = counted(articles)
    rng.shuffle(articles)  # type: ignore[attr-defined]
    other = counted(articles)
    assert one.together.tolist() == other.together.tolist()
    assert one.by_class.tolist() == other.by_class.tolist()
    assert {name: g.sentences for name, g in one.by_date.items()} == {n: g.sentences for n, g in other.by_date.items()}


def test_share_of_an_article_falls_into_its_class() -> None:
    shares = [0, 0.1, 0.11, 0.25, 0.5, 0.75, 1.0]
    articles = [article([[at < round(share * 100), False, False] for at in range(100)]) for share in shares]
    assert counted(articles).by_class[0].tolist() == [1, 1, 2, 1, 1, 1]


def test_voice_is_the_mean_share_quoted_of_the_sentences_with_a_frame() -> None:
    found = counted([article([[True, False, False]] * 2 + [[False, False, False]] * 3)])
    assert found.quoted is not None
    assert found.quoted[0] == pytest.approx((0 + 0.25) / 2)
    assert found.quoted[-1] == pytest.approx(0.5)
    assert found.mostly_quoted.tolist() == [0, 0, 0, 3]
    assert np.isnan(found.quoted[1])


@pytest.mark.parametrize(
    ("dates", "unit", "names"),
    [
        (["2026-03-02", "2026-03-04"], "day", ["2026-03-02", "2026-03-03", "2026-03-04"]),
        (["2026-03-02", "2026-03"], "month", ["2026-03"]),
        (["2025-11-02 10:00:00", "2026-02-09", "2026-02-10"], "month", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        (["2026-03-02", "2024"], "year", ["2024", "2025", "2026"]),
        (["1026-03-02", "2024-01-01"], "year", ["1026", "2024"]),
        (["2026-13-02", "2026-03-32", "2026-03-021", "2026-03-02"], "day", ["2026-03-02"]),
        ([f"{year}-{month:02}-01" for year in range(2015, 2025) for month in range(1, 13)], "year", None),
        (["soon"], "month", []),
    ],
)
def test_periods_are_as_fine_as_can_be_shown(dates: list[str], unit: str, names: list[str] | None) -> None:
    found = counted([article([[True, False, False]], date) for date in dates])
    told, groups = periods(found.by_date)
    assert (told, list(groups)) == (unit, names if names is not None else [str(year) for year in range(2015, 2025)])


def test_memory_is_bounded_where_every_article_has_an_outlet_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_GROUPS", 5)
    found = counted([article([[True, False, False]], outlet=f"outlet {n}") for n in range(50)])
    assert len(found.by_outlet) == 6
    assert found.by_outlet[REST].articles == 45
    assert len(found.listed) == tally.LISTED


def test_the_largest_outlets_stand_alone_and_the_others_together() -> None:
    groups = {f"o{n}": Group(1, n, np.zeros(FRAMES, np.int64)) for n in range(tally.LISTED + 5)}
    found = largest(groups)
    assert next(iter(found)) == f"o{tally.LISTED + 4}"
    assert found[REST].articles == 5
