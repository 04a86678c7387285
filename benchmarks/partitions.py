"""A corpus, Parquet to Parquet: memory, and cost a sentence, with one process and with two."""

import shutil
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


def corpus(articles: Sequence[Sequence[str]], sizes: Sequence[int], repeats: int, model: Path) -> list[dict[str, Any]]:
    """What each run over each corpus took; they take turns, and the first of each turn shows the program alone."""
    ways = [*((size, 1) for size in (ONE, *sizes)), (max(sizes), 2)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (ONE, *sizes):
            write_partitions(Path(folder) / f"in-{size}", articles, size, rng=np.random.default_rng(size))
        for repeat in range(repeats):
            for size, jobs in ways:
                note(f"corpus of {size:,} sentences, {jobs} at once, repeat {repeat + 1} of {repeats}")
                target = Path(folder) / "out"
                line = [sys.executable, "-m", "framelens", "classify-corpus", f"{folder}/in-{size}", str(target)]
                line += ["--article-column", "article", "--position-column", "n", "--model", str(model)]
                took = run([*line, "--jobs", str(jobs)])
                rows.append({"sentences": size, "jobs": jobs, "repeat": repeat, **asdict(took)})
                shutil.rmtree(target)
    return rows
