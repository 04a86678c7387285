"""A corpus, Parquet to Parquet: memory, and cost a sentence, with one process and with two."""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from corpora import write_partitions
from framelens.terminal import note
from machine import Run, run

ONE = 1
"""Sentences of the corpus that shows what the loaded program takes by itself."""


def corpus(articles: Sequence[Sequence[str]], sizes: Sequence[int], repeats: int, model: Path) -> list[dict[str, Any]]:
    """What each run over each corpus took; they take turns, and the first of each turn shows the program alone.

    Two programs that know nothing of each other show how much the machine gives to two at all.
    """
    ways = [*((size, 1, 1) for size in (ONE, *sizes)), (min(sizes), 1, 2), (max(sizes), 2, 1)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (ONE, *sizes):
            write_partitions(Path(folder) / f"in-{size}", articles, size, rng=np.random.default_rng(size))
        for repeat in range(repeats):
            for size, jobs, programs in ways:
                note(f"corpus of {size:,}, processes: {jobs}, programs: {programs}, repeat {repeat + 1} of {repeats}")
                start = perf_counter()
                with ThreadPoolExecutor(programs) as starts:
                    runs = list(starts.map(partial(_classified, folder, size, jobs, model), range(programs)))
                took = {**asdict(runs[0]), "seconds": perf_counter() - start}
                rows.append({"sentences": size, "jobs": jobs, "programs": programs, "repeat": repeat, **took})
    return rows


def _classified(folder: str, size: int, jobs: int, model: Path, number: int) -> Run:
    target = Path(folder) / f"out-{number}"
    line = [sys.executable, "-m", "framelens", "classify-corpus", f"{folder}/in-{size}", str(target)]
    line += ["--article-column", "article", "--position-column", "n", "--model", str(model), "--jobs", str(jobs)]
    took = run(line)
    shutil.rmtree(target)
    return took
