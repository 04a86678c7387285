"""A corpus, Parquet to Parquet: memory, and cost a sentence, with one process and with two."""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from corpora import write_partitions
from framelens.terminal import note
from machine import run

ONE = 1
"""Sentences of the corpus that shows what the loaded program takes by itself."""


def corpus(articles: Sequence[Sequence[str]], sizes: Sequence[int], model: Path) -> list[dict[str, Any]]:
    """What a run over each corpus took, once each; the first shows the program alone."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (ONE, *sizes):
            source = Path(folder) / f"in-{size}"
            write_partitions(source, articles, size, rng=np.random.default_rng(size))
            for jobs in (1, 2) if size == max(sizes) else (1,):
                note(f"corpus of {size:,} sentences, {jobs} at once")
                target = Path(folder) / f"out-{size}-{jobs}"
                line = [sys.executable, "-m", "framelens", "classify-corpus", str(source), str(target)]
                line += ["--article-column", "article", "--position-column", "n", "--model", str(model)]
                rows.append({"sentences": size, "jobs": jobs, **asdict(run([*line, "--jobs", str(jobs)]))})
    return rows
