"""Text to be timed on: articles drawn anew, with noise words, so that no two runs read the same words."""

import csv
import pydoc_data.topics
import string
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from framelens.segment import segment

NOISE = 0.1
"""Share of sentences that get a word nobody wrote before."""
PARTITION = 50_000
DOCUMENTATION = Path("/usr/share/doc")
"""What Debian's packages say about themselves."""
WRITTEN = (".txt", ".md", ".rst")
MOST_BYTES = 200_000
"""Files that are longer are mostly tables."""


def practice_articles(data: Path) -> list[list[str]]:
    """Sentences of each practice article."""
    with (data / "sentences.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"]]
    return [[row["text"] for row in some] for _, some in groupby(rows, key=lambda row: row["article_id"])]


def documentation(folder: Path = DOCUMENTATION) -> list[list[str]]:
    """Sentences of each topic of Python's own help, and of each text file of Debian's packages if installed."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in WRITTEN and path.is_file())
    texts = [path.read_text("utf-8", "replace") for path in files if path.stat().st_size <= MOST_BYTES]
    split = ([one.text for one in segment(text)] for text in [*pydoc_data.topics.topics.values(), *texts])
    return [article for article in split if article]


def resampled(articles: Sequence[Sequence[str]], count: int, *, rng: np.random.Generator) -> list[list[str]]:
    """Articles drawn until there are ``count`` sentences; noise words stand at the end of sentences."""
    drawn: list[list[str]] = []
    missing = count
    while missing:
        article = articles[int(rng.integers(len(articles)))][:missing]
        noisy = rng.random(len(article)) < NOISE
        drawn.append([_with_noise(text, rng) if one else text for text, one in zip(article, noisy, strict=True)])
        missing -= len(article)
    return drawn


def _with_noise(text: str, rng: np.random.Generator) -> str:
    letters = rng.choice(list(string.ascii_lowercase), rng.integers(4, 12))
    return f"{text} {''.join(letters)}"


def write_partitions(folder: Path, articles: Sequence[Sequence[str]], count: int, *, rng: np.random.Generator) -> None:
    """``count`` sentences as Parquet partitions, a sentence a row."""
    folder.mkdir()
    for number, start in enumerate(range(0, count, PARTITION)):
        drawn = resampled(articles, min(PARTITION, count - start), rng=rng)
        ids = np.repeat([f"{number}-{place}" for place in range(len(drawn))], [len(article) for article in drawn])
        table = {
            "article": ids,
            "n": [place for article in drawn for place in range(1, len(article) + 1)],
            "text": [text for article in drawn for text in article],
        }
        pq.write_table(pa.table(table), folder / f"part-{number:03}.parquet")
