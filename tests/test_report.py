import builtins
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from framelens.assess import Plan, assess, gold_of
from framelens.assessment import Assessment
from framelens.baselines import PlainTfidf
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.report import page, require_plots


@pytest.fixture(scope="module")
def assessment(labels: LabelledSet) -> Assessment:
    gold = gold_of(labels, "written")
    rows = np.flatnonzero(gold.table["group"].isin(gold.table["group"].unique()[:60]))
    few = replace(gold, table=gold.table.iloc[rows], Y=gold.Y[rows])
    plan = Plan(folds=2, seed=1, learning_curve=True, mistakes=2, jobs=1)
    found = assess(few, PlainTfidf(folds=2), plan, origin="written")
    hostile = replace(found.mistakes[0], text="<script>alert('&')</script>")
    return replace(found, mistakes=(hostile, *found.mistakes[1:]))


class Tags(HTMLParser):
    """Tags and ids of a page, and whether what opens is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_every_plot_has_its_words_and_table(assessment: Assessment) -> None:
    pytest.importorskip("matplotlib", reason="the extra framelens[report] is not installed")
    text = page(assessment)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert "script" not in tags.tags
    assert len(tags.ids) == len(set(tags.ids))
    assert tags.tags.count("svg") == tags.tags.count("figcaption") == 4
    assert tags.tags.count("table") > 8
    assert len(re.findall(r'<svg role="img" aria-label="[^"]{20,}"', text)) == 4
    assert not re.search(r"@import|url\((?!#)|<link|<image", text)
    assert set(re.findall(r'href="([^"]{4})', text)) <= {f"#{name}" for name in ("rel", "thr", "cov", "lea")}
    assert "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;" in text
    assert "undefined" in text
    assert text.count("FillBetweenPolyCollection") == 4 + 1 + 2
    assert text.count("LineCollection") == 4 + 4  # in the plot, and in its legend
    assert str(assessment.ours.figures.macro.f1) in text


def test_the_same_figures_give_the_same_page(assessment: Assessment) -> None:
    pytest.importorskip("matplotlib", reason="the extra framelens[report] is not installed")
    assert page(assessment) == page(assessment)
    assert "Would more articles help?" not in page(replace(assessment, learning=()))


def test_a_missing_plotting_library_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "matplotlib":
            raise ImportError(name)
        return kept(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=r"pip install 'framelens\[report\]'"):
        require_plots()
