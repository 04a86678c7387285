"""How fast framelens is, beside what else could be used: one run, on one machine, of the same text.

Writes the figures (benchmarks/results.json), the page (docs/benchmarks.md) and the paragraph in the README. Rates count
processor time of one thread, which other programs on the machine disturb little; every repeat reads new text, and those
that are compared take turns. What is not installed is left out with a note; with all of it:

    pip install --no-deps --require-hashes -r benchmarks/comparators.txt -r benchmarks/requirements.txt
    python benchmarks/bench.py
    python benchmarks/bench.py --render       # only page and README, from the figures
"""

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from threadpoolctl import threadpool_limits

from contenders import CONTENDERS, SLOW, Scorer, labelled
from corpora import documentation, practice_articles, resampled
from framelens.errors import InputError
from framelens.terminal import note
from framelens.write import json_text, whole_file
from latency import latency
from machine import about, start_up
from memory import memory
from partitions import corpus
from speed_page import PRACTICE, render, write_readme
from splitters import segmentation

ROOT = Path(__file__).parents[1]
DOCUMENTATION = "documentation"
PARTS = ("corpus", "start_up", "latency", "scoring", "segmentation")
DATA, MODELS = ROOT / "data", ROOT / "models"
RESULTS, PAGE = ROOT / "benchmarks" / "results.json", ROOT / "docs" / "benchmarks.md"


def main(
    sentences: Annotated[list[int] | None, typer.Option(help="Sentences to score; repeat for several sizes.")] = None,
    corpus_sentences: Annotated[list[int] | None, typer.Option(help="Sizes of the corpora.")] = None,
    coded: Annotated[int, typer.Option(help="Sentences in the set of a coder who waits for the next.")] = 100_000,
    repeats: Annotated[int, typer.Option(min=1)] = 5,
    model: Annotated[Path, typer.Option()] = MODELS / "frames.npz",
    estimator: Annotated[Path, typer.Option(help="The same model, as train writes it.")] = MODELS / "frames.joblib",
    results: Annotated[Path, typer.Option()] = RESULTS,
    page: Annotated[Path, typer.Option()] = PAGE,
    readme: Annotated[Path, typer.Option()] = ROOT / "README.md",
    only: Annotated[list[str] | None, typer.Option(metavar="PART", help=f"Only this of {', '.join(PARTS)}.")] = None,
    only_render: Annotated[bool, typer.Option("--render", help="Only page and README, from the figures.")] = False,
) -> None:
    """Time everything, or the parts that are named, then write figures, page and README."""
    # one thread each: what is compared is work, not the number of cores
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    articles = practice_articles(DATA)
    sizes = sentences or [10_000, 100_000]
    measures: Mapping[str, Callable[[], Any]] = {
        "corpus": lambda: corpus(articles, corpus_sentences or [100_000, 1_000_000], repeats, model),
        "start_up": lambda: start_up(repeats, model),
        "latency": lambda: latency(DATA, articles, coded, 4 * repeats + 1),
        "scoring": lambda: scoring(
            {PRACTICE: (articles, sizes), DOCUMENTATION: (documentation(), sizes[:1])}, repeats, model, estimator
        ),
        "segmentation": lambda: segmentation(articles, repeats, model),
    }
    found: dict[str, Any] = json.loads(results.read_bytes()) if only else {"machine": about(), "repeats": repeats}
    for part in () if only_render else only or PARTS:
        with threadpool_limits(1):
            found[part] = measures[part]()
        found["machine"]["busy_at_end"] = about()["busy"]
        # after each part, so that a fault in the next loses nothing
        with whole_file(results) as file:
            file.write(f"{json.dumps(json.loads(json_text(found)), indent=1, ensure_ascii=False)}\n".encode())
    given = json.loads(results.read_bytes())
    page.parent.mkdir(exist_ok=True)
    with whole_file(page) as file:
        file.write(render(given).encode())
    write_readme(readme, given)


def scoring(
    given: Mapping[str, tuple[Sequence[Sequence[str]], Sequence[int]]], repeats: int, model: Path, estimator: Path
) -> dict[str, Any]:
    """Seconds a sentence of each contender on each text at each size, its memory at the first, and what is left out."""
    scorers, left_out = {}, []
    gold = labelled(DATA, model, estimator)
    for name, make in CONTENDERS.items():
        note(f"making ready: {name}")
        try:
            scorers[name] = make(gold)
        except (ImportError, InputError) as error:
            left_out.append(f"{name}: {error}")
            note(f"left out: {left_out[-1]}")
    rows: list[dict[str, Any]] = []
    for text, (articles, sizes) in given.items():
        for size in sizes:
            seconds = timed(scorers, articles, size, repeats)
            rows += [
                {"text": text, "name": name, "sentences": size, "seconds_a_sentence": took}
                for name, took in seconds.items()
            ]
    for row in rows[: len(scorers)]:
        note(f"memory: {row['name']}")
        row["memory"] = memory(row["name"], share(row["name"], row["sentences"]), model, estimator)
    return {"rows": rows, "left_out": left_out}


def timed(
    scorers: Mapping[str, Scorer], articles: Sequence[Sequence[str]], size: int, repeats: int
) -> dict[str, list[float]]:
    """Seconds of processor time a sentence; contenders take turns, each with text of its own."""
    seconds: dict[str, list[float]] = {name: [] for name in scorers}
    for repeat in range(repeats):
        note(f"{size:,} sentences, repeat {repeat + 1} of {repeats}")
        for name, score in scorers.items():
            # new words for each, so that nobody has met them
            rng = np.random.default_rng([size, repeat, len(name)])
            drawn = resampled(articles, share(name, size), rng=rng)
            texts = [text for article in drawn for text in article]
            start = time.process_time()
            score(texts, [len(one) for one in drawn])
            seconds[name].append((time.process_time() - start) / len(texts))
    return seconds


def share(name: str, size: int) -> int:
    """Sentences that a contender is timed on: a hundredth for those that are slow."""
    return max(size // 100, 20) if name in SLOW else size


if __name__ == "__main__":
    typer.run(main)
