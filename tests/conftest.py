"""What tests share: the labelled set, a small model trained in the test run, and where the source articles would be."""

import csv
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from framelens.assess import gold_of
from framelens.gold import LabelledSet
from framelens.labels import read_labels
from framelens.model import Model
from framelens.score import Classifier
from framelens.train import FrameClassifier, to_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from framelens.web.desk import Desk

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
SAMPLES = DATA / "samples"
SOURCES = ROOT.parent / "shared" / "source-articles"

settings.register_profile("framelens", deadline=None, derandomize=True)
settings.load_profile("framelens")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    *("--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs a browser; on Debian: apt-get install --no-install-recommends chromium"
)
needs_sources = pytest.mark.skipif(
    not SOURCES.is_dir(), reason="the two source articles belong to their publishers and are not on this machine"
)


@dataclass(frozen=True)
class Small:
    """A classifier trained on a few articles, as scikit-learn estimator and as model arrays."""

    estimator: FrameClassifier
    model: Model

    @property
    def classifier(self) -> Classifier:
        return Classifier(self.model)


@pytest.fixture(scope="session")
def labels() -> LabelledSet:
    return read_labels(DATA, articles=False)


@pytest.fixture(scope="session")
def gold_table(labels: LabelledSet) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Every gold sentence that has text, and its frames."""
    gold = gold_of(labels, "written")
    return gold.table, gold.Y


@pytest.fixture(scope="session")
def small(labels: LabelledSet, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]]) -> Small:
    table, Y = gold_table
    rows = np.flatnonzero(table["article"].isin(list(labels.articles)[::8]))
    estimator = FrameClassifier(folds=3, vectors=str(DATA / "vectors")).fit(table.iloc[rows], Y[rows])
    return Small(estimator, to_model(estimator, {"codebook": labels.codebook.as_dict()}))


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def desk(data: Path, small: Small) -> "Desk":
    """What the pages work on, with the small model."""
    from framelens.web.desk import Desk

    desk = Desk(data)
    desk.__dict__["classifier"] = small.classifier
    return desk


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of a few articles of the labelled set, to be spoilt."""
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("articles", "samples"))
    keep = {row["article_id"] for row in rows_of(folder / "articles.csv")[4:44]}
    for path in (folder / "articles.csv", folder / "sentences.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        at = 0 if path.name == "articles.csv" else 1
        path.write_text(lines[0] + "".join(line for line in lines[1:] if line.split(",")[at] in keep), encoding="utf-8")
    for path in (folder / "codings").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines[1:] if line.split(":")[0] in keep]
        path.write_text(lines[0] + "".join(kept), encoding="utf-8")
    return folder


def resampled(count: int, seed: int) -> pa.Table:
    """About so many practice sentences, of articles that are drawn and numbered."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    written = [row for row in rows_of(DATA / "sentences.csv") if row["text"]]
    articles = [[row["text"] for row in rows] for _, rows in groupby(written, key=lambda row: row["article_id"])]
    rows: list[dict[str, Any]] = []
    while len(rows) < count:
        id_ = f"a{len(rows)}"
        drawn = enumerate(rng.choice(articles), start=1)
        rows += ({"article_id": id_, "position": place, "text": text} for place, text in drawn)
    return pa.Table.from_pylist(rows)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def lengths(table: pd.DataFrame) -> Sequence[int]:
    return [len(list(rows)) for _, rows in groupby(table["article"])]


TALLY: Counter[tuple[str, str]] = Counter()
"""What was tried, by area and kind; ``make trust`` prints it."""


MEASURED: list[str] = []
"""What else a trial has measured."""


def tried(area: str, inputs: int = 1, *, faults: int = 0, lost: int = 0) -> None:
    """Count inputs tried and faults made to happen, and what was lost by them."""
    TALLY[area, "inputs"] += inputs
    TALLY[area, "faults"] += faults
    TALLY[area, "lost"] += lost


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """Tell what was tried, and write it to the file that ``FRAMELENS_TRUST`` names if all went well."""
    if "FRAMELENS_TRUST" not in os.environ:
        return
    areas = sorted({area for area, _ in TALLY})
    kinds = ("inputs", "faults", "lost")
    lines = [f"{'':24}{'inputs tried':>14}{'faults injected':>17}{'lost':>8}"]
    for area in [*areas, "together"]:
        counts = (sum(TALLY[one, kind] for one in areas if area in (one, "together")) for kind in kinds)
        lines.append("{:24}{:>14,}{:>17,}{:>8,}".format(area, *counts))
    lines += MEASURED
    terminalreporter.section("trust")
    for line in lines:
        terminalreporter.write_line(line)
    if exitstatus == pytest.ExitCode.OK:
        Path(os.environ["FRAMELENS_TRUST"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
