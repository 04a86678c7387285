import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isnan, nan
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framelens.charts import LEFT, RIGHT, WIDTH, Series, dots, lines, shaded
from framelens.stats import Interval

NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40)
SHARES = st.one_of(st.floats(0, 1), st.just(nan))


def drawn(text: str) -> ElementTree.Element:
    """The SVG of a figure, which must be well formed."""
    svg = ElementTree.fromstring(text).find("svg")  # noqa: S314  # our own
    assert svg is not None
    return svg


def marks(svg: ElementTree.Element) -> list[tuple[str, float, float]]:
    """Outline and place of each mark."""
    found = []
    for path in svg.iter("path"):
        place = re.findall(r"-?[\d.]+", path.attrib["transform"])
        found.append((path.attrib["d"], float(place[0]), float(place[1])))
    return found


@st.composite
def tables(draw: Callable[[st.SearchStrategy[object]], object]) -> tuple[list[str], list[Series]]:
    rows = draw(st.lists(NAMES, min_size=1, max_size=8))
    names = draw(st.lists(NAMES, min_size=1, max_size=9))
    assert isinstance(rows, list)
    assert isinstance(names, list)
    size = len(rows)
    return rows, [Series(name, draw(st.lists(SHARES, min_size=size, max_size=size))) for name in names]  # type: ignore[arg-type]


@given(tables(), NAMES)
def test_any_names_and_shares_give_a_plot_whose_marks_stand_inside(
    table: tuple[list[str], list[Series]], told: str
) -> None:
    rows, series = table
    known = sum(not isnan(value) for one in series for value in one.values)
    for draw_, first in ((dots, LEFT), (lines, 0)):
        svg = drawn(draw_(rows, series, told))
        assert svg.attrib["aria-label"] == told
        height = float(svg.attrib["viewBox"].split()[3])
        found = marks(svg)[len(series) :]
        assert len(found) == known
        assert all(first <= x <= RIGHT and 0 <= y <= height for _, x, y in found)
    values = [list(one.values) for one in series]
    svg = drawn(shaded([one.name for one in series], rows, values, told))
    assert len(svg.findall("rect")) == len(rows) * len(series)


@pytest.mark.parametrize("count", [2, 7, 14])
def test_no_two_series_look_alike(count: int) -> None:
    svg = drawn(dots(["row"], [Series(str(number), [0.5]) for number in range(count)], "told"))
    looks = {(path.attrib["d"], path.attrib["fill"]) for path in svg.iter("path")}
    assert len(looks) == count


def test_an_interval_is_a_bar_around_its_mark_and_one_that_is_undefined_is_none() -> None:
    bars = [Interval(0.3, 0.2, 0.45), Interval(0.1, nan, nan)]
    svg = drawn(dots(["a", "b"], [Series("s", [0.3, 0.1], bars)], "told"))
    thick = [line for line in svg.iter("line") if line.attrib["stroke-width"] == "2"]
    (bar,) = thick
    (_, x, _) = marks(svg)[1]
    assert float(bar.attrib["x1"]) < x < float(bar.attrib["x2"]) <= RIGHT


def test_a_line_has_a_gap_where_a_period_has_no_sentences() -> None:
    def joined(values: Sequence[float]) -> int:
        svg = drawn(lines([f"2026-0{n}" for n in range(1, 5)], [Series("s", values)], "told"))
        return sum(line.attrib["stroke-width"] == "1.5" for line in svg.iter("line"))

    assert joined([0.1, 0.2, 0.3, 0.4]) == 3
    assert joined([0.1, nan, 0.3, 0.4]) == 1


def test_names_of_periods_do_not_run_into_each_other() -> None:
    places = [f"20{year:02}" for year in range(60)]
    svg = drawn(lines(places, [Series("s", [0.1] * 60)], "told"))
    at = [float(text.attrib["x"]) for text in svg.iter("text") if (text.text or "").startswith("20")]
    assert at
    assert all(two - one > 30 for one, two in pairwise(at))


def test_a_long_name_is_cut_in_its_middle() -> None:
    svg = drawn(dots(["corpus/2026/outlet/" + "x" * 90 + "/article.txt"], [Series("s", [0.1])], "told"))
    (name,) = (text.text for text in svg.iter("text") if "…" in (text.text or ""))
    assert name
    assert name.startswith("corpus")
    assert name.endswith("ticle.txt")
    assert len(name) * 8 < WIDTH / 2
