"""How fast text is split into sentences, and what share that has of classifying raw articles."""

import csv
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

from framelens.partition import Partition, Settings, score_partition
from framelens.score import load
from framelens.segment import segment
from framelens.storage import place, sha256_of

Splitter = Callable[[str], Any]


def _pysbd() -> Splitter:
    import pysbd

    splitter: Splitter = pysbd.Segmenter(language="en", clean=False).segment
    return splitter


def _punkt(articles: Sequence[str]) -> Splitter:
    from nltk.tokenize.punkt import PunktSentenceTokenizer

    # what is downloaded with nltk is not at hand; punkt learns from plain text
    splitter: Splitter = PunktSentenceTokenizer("\n".join(articles)).tokenize
    return splitter


def segmentation(articles: Sequence[Sequence[str]], repeats: int, model: Path) -> dict[str, Any]:
    """Bytes a second of each splitter, and seconds of the whole way from raw articles to a CSV file."""
    texts = ["\n".join([article[0], " ".join(article[1:])]) for article in articles]
    size = sum(len(text.encode()) for text in texts)
    splitters: dict[str, Splitter] = {"framelens": segment}
    for name, make in (("pysbd", _pysbd), ("nltk, punkt", lambda: _punkt(texts))):
        try:
            splitters[name] = make()
        except ImportError:
            continue
    rates: dict[str, list[float]] = {name: [] for name in splitters}
    whole: list[float] = []
    load(model)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "articles.csv"
        with source.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        partition = Partition("articles.csv", place(str(source)), place(str(Path(folder) / "out.csv")), size)
        settings = Settings(str(model), sha256_of(model))
        score_partition(partition, settings)
        for _ in range(repeats):
            start = process_time()
            score_partition(partition, settings)
            whole.append(process_time() - start)
            for name, split in splitters.items():
                # pysbd takes minutes for what the others do in a second
                some = texts[:: 40 if name == "pysbd" else 1]
                start = process_time()
                for text in some:
                    split(text)
                took = process_time() - start
                rates[name].append(sum(len(text.encode()) for text in some) / took)
    return {"bytes": size, "bytes_a_second": rates, "articles_to_csv_seconds": whole}
