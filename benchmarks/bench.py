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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from threadpoolctl import threadpool_limits

from contenders import CONTENDERS, SLOW, labelled
from corpora import practice_articles, resampled
from framelens.errors import InputError
from framelens.terminal import note
from framelens.write import json_text, whole_file
from machine import about, start_up
from partitions import corpus
from speed_page import render, write_readme
from splitters import segmentation

ROOT = Path(__file__).parents[1]
DATA, MODELS = ROOT / "data", ROOT / "models"
RESULTS, PAGE = ROOT / "benchmarks" / "results.json", ROOT / "docs" / "benchmarks.md"


def main(
    sentences: Annotated[list[int] | None, typer.Option(help="Sentences to score; repeat for several sizes.")] = None,
    corpus_sentences: Annotated[list[int] | None, typer.Option(help="Sizes of the corpora.")] = None,
    repeats: Annotated[int, typer.Option(min=1)] = 5,
    model: Annotated[Path, typer.Option()] = MODELS / "frames.npz",
    estimator: Annotated[Path, typer.Option(help="The same model, as train writes it.")] = MODELS / "frames.joblib",
    results: Annotated[Path, typer.Option()] = RESULTS,
    page: Annotated[Path, typer.Option()] = PAGE,
    readme: Annotated[Path, typer.Option()] = ROOT / "README.md",
    only_render: Annotated[bool, typer.Option("--render", help="Only page and README, from the figures.")] = False,
) -> None:
    """Time everything, then write figures, page and README."""
    # one thread each: what is compared is work, not the number of cores
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    articles = practice_articles(DATA)
    if not only_render:
        found: dict[str, Any] = {"machine": about(), "repeats": repeats}
        with threadpool_limits(1):
            sizes = sentences or [10_000, 100_000]
            found["scoring"], found["left_out"] = scoring(articles, sizes, repeats, model, estimator)
            found["segmentation"] = segmentation(articles, repeats, model)
        found["start_up"] = start_up(max(repeats, 5), model)
        found["corpus"] = corpus(articles, corpus_sentences or [100_000, 1_000_000], model)
        found["machine"]["busy_at_end"] = about()["busy"]
        with whole_file(results) as file:
            file.write(f"{json.dumps(json.loads(json_text(found)), indent=1, ensure_ascii=False)}\n".encode())
    given = json.loads(results.read_bytes())
    page.parent.mkdir(exist_ok=True)
    with whole_file(page) as file:
        file.write(render(given).encode())
    write_readme(readme, given)


def scoring(
    articles: Sequence[Sequence[str]], sizes: Sequence[int], repeats: int, model: Path, estimator: Path
) -> tuple[list[dict[str, Any]], list[str]]:
    """Sentences a second of each contender at each size, and those that are left out."""
    scorers, left_out = {}, []
    given = labelled(DATA, model, estimator)
    for name, make in CONTENDERS.items():
        note(f"making ready: {name}")
        try:
            scorers[name] = make(given)
        except (ImportError, InputError) as error:
            left_out.append(f"{name}: {error}")
            note(f"left out: {left_out[-1]}")
    rows = []
    for size in sizes:
        seconds: dict[str, list[float]] = {name: [] for name in scorers}
        for repeat in range(repeats):
            note(f"{size:,} sentences, repeat {repeat + 1} of {repeats}")
            for name, score in scorers.items():
                # new words for each, so that nobody has met them
                rng = np.random.default_rng([size, repeat, len(name)])
                drawn = resampled(articles, max(size // 100, 20) if name in SLOW else size, rng=rng)
                texts = [text for article in drawn for text in article]
                took = processor_seconds(lambda: score(texts, [len(one) for one in drawn]))  # noqa: B023  # called here
                seconds[name].append(took / len(texts))
        rows += [{"name": name, "sentences": size, "seconds_a_sentence": took} for name, took in seconds.items()]
    return rows, left_out


def processor_seconds(work: Callable[[], Any]) -> float:
    """Processor time of this program while it does the work."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    typer.run(main)
