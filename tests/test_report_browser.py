"""The report in a real browser: nothing is fetched, nothing is wrong, and it can be read on a phone and on paper."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from conftest import SAMPLES, SOURCES, needs_chromium, needs_sources
from corpora import practice_articles, write_partitions
from test_cli import run
from test_web_browser import FAULTS, LEAST, serious

pytestmark = needs_chromium


def faults(browser: Browser, path: Path, width: int, media: str = "screen") -> list[str]:
    """What is wrong with the page: what it asks for, what the console says, and what a reader would stumble on."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    page: Page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda one: wrong.append(one.url) if one.url != path.as_uri() else None)
    page.on("console", lambda one: wrong.append(one.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.emulate_media(media="print" if media == "print" else "screen")
    page.goto(path.as_uri())
    wrong += [*page.evaluate(FAULTS, LEAST), *serious(page)]
    # text of a plot must not be smaller than can be read
    small = "[...document.querySelectorAll('svg text')].filter(e => e.getBoundingClientRect().height < 9).length"
    wrong += [f"{count} texts too small" for count in [page.evaluate(small)] if count]
    outside = """[...document.querySelectorAll('svg')].flatMap(svg => [...svg.querySelectorAll('text')].filter(e => {
        const [own, all] = [e.getBoundingClientRect(), svg.getBoundingClientRect()];
        return own.left < all.left - 1 || own.right > all.right + 1;
    }).map(e => 'cut off: ' + e.textContent))"""
    wrong += page.evaluate(outside)
    context.close()
    return wrong


def written(paths: list[Path], output: Path) -> Path:
    result = run("report", *paths, "--output", output)
    assert result.exit_code == 0, result.stderr
    return output


@pytest.mark.parametrize(("width", "media"), [(400, "screen"), (1400, "screen"), (680, "print")])
def test_the_report_on_the_samples_has_no_fault(browser: Browser, width: int, media: str, tmp_path: Path) -> None:
    assert faults(browser, written([SAMPLES], tmp_path / "report.html"), width, media) == []


@pytest.mark.parametrize("width", [400, 1400])
def test_the_report_on_a_corpus_of_partitions_has_no_fault(browser: Browser, width: int, tmp_path: Path) -> None:
    articles = practice_articles(SAMPLES.parent)
    write_partitions(tmp_path / "in", articles, 1500, rng=np.random.default_rng(1))
    options = ("--article-column", "article", "--position-column", "n", "--jobs", 1)
    assert run("classify-corpus", tmp_path / "in", tmp_path / "out", *options).exit_code == 0
    assert faults(browser, written([tmp_path / "out"], tmp_path / "report.html"), width) == []


@needs_sources
@pytest.mark.parametrize("width", [400, 1400])
def test_the_report_on_the_source_articles_has_no_fault(browser: Browser, width: int, tmp_path: Path) -> None:
    assert faults(browser, written(sorted(SOURCES.glob("*.txt")), tmp_path / "report.html"), width) == []
