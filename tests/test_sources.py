"""The text of the two source articles stays out of the repository; their units are found in the files all the same."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT, SOURCES, needs_sources, rows_of
from framelens.read import read
from framelens.segment import fingerprint, segment

RUN = 8
GIT = ("git", "-C", str(ROOT))


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return zip(*(words[start:] for start in range(RUN)), strict=False)


@needs_sources
def test_no_run_of_eight_words_of_the_source_articles_is_in_files_or_history() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there is no history to search")
    sources = [row for row in rows_of(ROOT / "data" / "articles.csv") if row["origin"] == "source"]
    cited = {run for row in sources for citation in (row["title"], row["url"]) for run in runs(citation)}
    forbidden = {run for path in SOURCES.glob("*.txt") for run in runs(path.read_text(encoding="utf-8"))} - cited
    assert len(forbidden) > 1000
    listed = subprocess.run([*GIT, "ls-files", "-z", "-co", "--exclude-standard"], capture_output=True, check=True)
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    history = subprocess.run([*GIT, "log", "--all", "--patch", "--text", "--no-color"], capture_output=True, check=True)
    added = "\n".join(line.lstrip("+- ") for line in history.stdout.decode(errors="replace").splitlines())
    for name, text in [*((str(path), path.read_text(errors="replace")) for path in files), ("history", added)]:
        # counted, not shown: a test's output is no place for the text either
        assert len(forbidden.intersection(runs(text))) == 0, name


@needs_sources
@pytest.mark.parametrize("article", ["kontur", "tmt"])
def test_units_that_carry_a_frame_are_found_as_they_were_coded(article: str) -> None:
    (document,) = read([SOURCES / f"{article}.txt"])
    found = {fingerprint(one.text) for one in segment(document.text)}
    codings = ROOT / "data" / "codings"
    framed = {
        row["fingerprint"]
        for path in codings.iterdir()
        for row in rows_of(path)
        if row["frames"] and row["sentence_id"].startswith(f"{article}:")
    }
    assert framed
    assert framed <= found


@needs_sources
def test_nearly_all_units_of_both_source_articles_are_found() -> None:
    found, units = set(), []
    for article in ("kontur", "tmt"):
        (document,) = read([SOURCES / f"{article}.txt"])
        found |= {fingerprint(one.text) for one in segment(document.text)}
        units += [fingerprint(row["text"]) for row in rows_of(Path(SOURCES / f"{article}.units.csv"))]
    assert sum(unit in found for unit in units) >= 0.95 * len(units)
