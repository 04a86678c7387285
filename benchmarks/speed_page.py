"""The page of benchmarks and the paragraph in the README, from the figures alone."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from string import Template
from typing import Any

from framelens.card import table
from framelens.write import whole_file

OURS, REFERENCE = "framelens", "scikit-learn, the same model"
SECTION = re.compile(r"^## Speed\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
BUSY = 1.5
"""Programs that want to run beside this one, from which the machine counts as busy."""

PAGE = Template("""\
# Benchmarks

Made by `make bench`; no figure is typed in. Text: practice articles drawn anew with noise words, new ones for each
repeat and each contender. Rates count processor time of one thread (median of $repeats repeats in turn, text
normalising counted); ratios are medians over repeats. Start-up and corpora are timed on the clock.

Machine: $processor, $cores cores, $system, Python $python; $libraries. $busy

## Scores of sentences

$scoring

`framelens` gives calibrated scores of both stages; of the others, only the same model in scikit-learn does.
$left_out

## Start-up

$start_up

## A corpus, Parquet to Parquet

One run each; memory is the peak above that of the program with one sentence.

$corpus

$corpus_ratios

## Sentence segmentation

$segmentation

Raw articles from a CSV table to a CSV table of classified sentences: $share of the processor time goes into
segmentation.
""")

README = Template("""\
## Speed

On one core of $processor, the model scores $rate sentences a second, $ratio times as many as the same model in
scikit-learn; a first sentence is classified $start seconds after the program is started. $corpus Figures beside other
tools: [docs/benchmarks.md](docs/benchmarks.md), made by `make bench`.

""")


def render(found: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    machine = found["machine"]
    left_out = "; ".join(found["left_out"])
    split = {name: median(rates) for name, rates in found["segmentation"]["bytes_a_second"].items()}
    return PAGE.substitute(
        {key: machine[key] for key in ("processor", "cores", "system", "python")},
        repeats=found["repeats"],
        libraries=", ".join(f"{name} {version}" for name, version in machine["libraries"].items()),
        busy=_busy(machine),
        scoring=table(("contender", "sentences", "sentences/s", f"{OURS} is faster by"), _scoring(found["scoring"])),
        left_out=f"\nLeft out: {left_out}.\n" if left_out else "",
        start_up=table(("program", "seconds"), [(name, _seconds(took)) for name, took in found["start_up"].items()]),
        corpus=table(("sentences", "processes", "seconds", "sentences/s", "memory, MiB"), _corpus(found["corpus"])),
        corpus_ratios=_corpus_ratios(found["corpus"]),
        segmentation=table(("splitter", "MB/s"), [(name, f"{rate / 1e6:.2f}") for name, rate in split.items()]),
        share=f"{segmentation_share(found['segmentation']):.0%}",
    )


def readme_section(found: Mapping[str, Any]) -> str:
    """The paragraph in the README."""
    rows = [row for row in found["scoring"] if row["name"] == OURS]
    ours = max(rows, key=lambda row: row["sentences"])
    ratio = ratios(found["scoring"], ours["sentences"]).get(REFERENCE)
    most = max(found["corpus"], key=lambda row: (row["sentences"], -row["jobs"]))
    clock = (
        f"A corpus of {most['sentences']:,} sentences takes one process {most['seconds'] / 60:.1f} minutes and"
        f" {_memory(most, found['corpus']):.0f} MiB beyond the program itself."
    )
    return README.substitute(
        processor=found["machine"]["processor"],
        rate=f"{1 / median(ours['seconds_a_sentence']):,.0f}",
        ratio="?" if ratio is None else f"{ratio:.1f}",
        start=_seconds(found["start_up"]["first sentence"]),
        corpus=clock,
    )


def write_readme(path: Path, found: Mapping[str, Any]) -> None:
    """Put the paragraph into the README, in place of the old one or before the Python section."""
    text = path.read_text(encoding="utf-8")
    section = readme_section(found)
    if SECTION.search(text):
        text = SECTION.sub(lambda _: section, text)
    else:
        text = text.replace("## Python\n", f"{section}## Python\n")
    with whole_file(path) as file:
        file.write(text.encode())


def ratios(rows: Sequence[Mapping[str, Any]], size: int) -> dict[str, float]:
    """How many times as long as ours each takes a sentence, median over repeats."""
    seconds = {row["name"]: row["seconds_a_sentence"] for row in rows if row["sentences"] == size}
    return {
        name: median(theirs / own for theirs, own in zip(took, seconds[OURS], strict=True))
        for name, took in seconds.items()
    }


def segmentation_share(found: Mapping[str, Any]) -> float:
    """Share of the time from raw articles to CSV that segmentation has, median over repeats."""
    splitting = (found["bytes"] / rate for rate in found["bytes_a_second"][OURS])
    shares = (split / whole for split, whole in zip(splitting, found["articles_to_csv_seconds"], strict=True))
    return float(median(shares))


def _scoring(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            row["name"],
            f"{row['sentences']:,}",
            f"{1 / median(row['seconds_a_sentence']):,.0f}",
            f"{ratios(rows, row['sentences'])[row['name']]:.2f}",
        )
        for row in rows
    ]


def _corpus(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    return [
        (
            f"{row['sentences']:,}",
            str(row["jobs"]),
            f"{row['seconds']:.1f}",
            f"{row['sentences'] / row['seconds']:,.0f}",
            f"{_memory(row, rows):.0f}",
        )
        for row in rows
    ]


def _corpus_ratios(rows: Sequence[Mapping[str, Any]]) -> str:
    alone, *sizes = [row for row in rows if row["jobs"] == 1]
    one, two = sizes[-1], rows[-1]
    each = [(row["processor_seconds"] - alone["processor_seconds"]) / row["sentences"] for row in sizes]
    cost = f"A sentence costs {each[-1] / each[0]:.2f} times as much processor time at {one['sentences']:,} as at"
    return (
        f"Two processes take {one['seconds'] / two['seconds']:.2f} times less time than one."
        f" {cost} {sizes[0]['sentences']:,} sentences, start-up not counted."
    )


def _memory(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float:
    return float(row["peak"] - rows[0]["peak"]) / 2**20


def _seconds(took: Sequence[float]) -> str:
    return f"{median(took):.2f}"


def _busy(machine: Mapping[str, Any]) -> str:
    load = max(machine["busy"], machine["busy_at_end"])
    if load < BUSY:
        return ""
    return (
        f"The machine was busy with other work ({load:.1f} programs wanted to run), so times on the clock are too long."
    )
