"""The page of benchmarks and the paragraph in the README, from the figures alone."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from string import Template
from textwrap import fill
from typing import Any

from framelens.card import table
from framelens.write import whole_file

OURS, REFERENCE = "framelens", "scikit-learn, the same model"
PRACTICE = "practice articles"
SECTION = re.compile(r"^## Speed\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
CORPUS = ("sentences", "processes", "programs", "seconds", "sentences/s", "memory, MiB")
WIDTH = 120
BUSY = 1.5
"""Programs that want to run beside this one, from which the machine counts as busy."""

PAGE = Template("""\
# Benchmarks

Made by `make bench`; no figure is typed in. Text: practice articles (and documentation: Python's own help and the text
files of Debian's packages, where they are installed) drawn anew with noise words, new ones for each repeat and each
contender. Rates count processor time of one thread (median of $repeats repeats in turn, text normalising counted);
ratios are medians over repeats. Start-up and corpora are timed on the clock, median of $repeats repeats in turn.

Machine: $processor, $cores cores, $system, Python $python; $libraries.$busy

## Scores of sentences

$scoring

`framelens` gives calibrated scores of both stages; of the others, only the same model in scikit-learn does. Memory is
the most that a program holds while it scores, libraries and model included.
$left_out

## Start-up

$start_up

## A corpus, Parquet to Parquet

Memory is the peak above that of the program with one sentence.

$corpus

$corpus_ratios

## Coding

Milliseconds from the key that accepts a sentence until the next one shows, coding recorded on disk in between, with
$coded more sentences in the labelled set.

$latency

## Sentence segmentation

$segmentation

Raw articles from a CSV table to a CSV table of classified sentences: $share of the processor time goes into
segmentation.
""")

README = Template(
    "On one core of $processor, the model scores $rate sentences a second, $ratio times as many as the same model in"
    " scikit-learn; a first sentence is classified $start seconds after the program is started. $corpus Figures beside"
    " other tools: [docs/benchmarks.md](docs/benchmarks.md), made by `make bench`."
)


def render(found: Mapping[str, Any]) -> str:
    """The page in Markdown."""
    machine = found["machine"]
    left_out = "; ".join(found["scoring"]["left_out"])
    split = {name: median(rates) for name, rates in found["segmentation"]["bytes_a_second"].items()}
    return PAGE.substitute(
        {key: machine[key] for key in ("processor", "cores", "system", "python")},
        repeats=found["repeats"],
        libraries=", ".join(f"{name} {version}" for name, version in machine["libraries"].items()),
        busy=_busy(machine),
        scoring=table(
            ("text", "contender", "sentences", "sentences/s", f"{OURS} is faster by", "memory, MiB"),
            _scoring(found["scoring"]["rows"]),
        ),
        left_out=f"\nLeft out: {left_out}.\n" if left_out else "",
        start_up=table(("program", "seconds"), [(name, _seconds(took)) for name, took in found["start_up"].items()]),
        corpus=table(
            ("sentences", "processes", "programs", "seconds", "sentences/s", "memory, MiB"), _corpus(found["corpus"])
        ),
        corpus_ratios=_corpus_ratios(found["corpus"]),
        coded=f"{found['latency']['sentences']:,}",
        latency=table(("where", "median", "longest"), _latency(found["latency"])),
        segmentation=table(("splitter", "MB/s"), [(name, f"{rate / 1e6:.2f}") for name, rate in split.items()]),
        share=f"{segmentation_share(found['segmentation']):.0%}",
    )


def readme_section(found: Mapping[str, Any]) -> str:
    """The paragraph in the README."""
    rows = [row for row in found["scoring"]["rows"] if (row["name"], row["text"]) == (OURS, PRACTICE)]
    ours = max(rows, key=lambda row: row["sentences"])
    ratio = ratios(found["scoring"]["rows"], PRACTICE, ours["sentences"]).get(REFERENCE)
    corpora = _middle(found["corpus"])
    most = max((row for row in corpora if row["jobs"] == 1), key=lambda row: row["sentences"])
    clock = (
        f"A corpus of {most['sentences']:,} sentences takes one process {most['seconds']:,.0f} seconds and"
        f" {_memory(most, corpora):.0f} MiB beyond the program itself."
    )
    told = README.substitute(
        processor=found["machine"]["processor"],
        rate=f"{1 / median(ours['seconds_a_sentence']):,.0f}",
        ratio="?" if ratio is None else f"{ratio:.1f}",
        start=_seconds(found["start_up"]["first sentence"]),
        corpus=clock,
    )
    return f"## Speed\n\n{fill(told, WIDTH, break_on_hyphens=False)}\n\n"


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


def ratios(rows: Sequence[Mapping[str, Any]], text: str, size: int) -> dict[str, float]:
    """How many times as long as ours each takes a sentence, median over repeats."""
    seconds = {
        row["name"]: row["seconds_a_sentence"] for row in rows if (row["text"], row["sentences"]) == (text, size)
    }
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
            row["text"],
            row["name"],
            f"{row['sentences']:,}",
            f"{1 / median(row['seconds_a_sentence']):,.0f}",
            f"{ratios(rows, row['text'], row['sentences'])[row['name']]:.2f}",
            "" if row.get("memory") is None else f"{row['memory'] / 2**20:.0f}",
        )
        for row in rows
    ]


def _middle(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row for each way to run: medians over repeats, of memory the most."""
    ways = ("sentences", "jobs", "programs")
    found = []
    for way in dict.fromkeys(tuple(row[name] for name in ways) for row in rows):
        same = [row for row in rows if tuple(row[name] for name in ways) == way]
        seconds = median(row["seconds"] for row in same)
        found.append(
            {**dict(zip(ways, way, strict=True)), "seconds": seconds, "peak": max(row["peak"] for row in same)}
        )
    return found


def _corpus(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    middle = _middle(rows)
    return [
        (
            f"{row['sentences']:,}",
            str(row["jobs"]),
            str(row["programs"]),
            f"{row['seconds']:.1f}",
            f"{row['sentences'] * row['programs'] / row['seconds']:,.0f}",
            f"{_memory(row, middle):.0f}",
        )
        for row in middle
    ]


def _corpus_ratios(rows: Sequence[Mapping[str, Any]]) -> str:
    turns = [[row for row in rows if row["repeat"] == repeat] for repeat in {row["repeat"] for row in rows}]
    faster, dearer, machine = [], [], []
    for alone, *sizes, apart, two in turns:
        machine.append(2 * sizes[0]["seconds"] / apart["seconds"])
        each = [(row["processor_seconds"] - alone["processor_seconds"]) / row["sentences"] for row in sizes]
        faster.append(sizes[-1]["seconds"] / two["seconds"])
        dearer.append(each[-1] / each[0])
    few, many = (row["sentences"] for row in (turns[0][1], turns[0][-1]))
    return (
        f"Two processes take {median(faster):.2f} times less time than one; two programs at once that know nothing of"
        f" each other get {median(machine):.2f} times as much done as one, which is what this machine gives to two."
        f" A sentence costs {median(dearer):.2f} times as much processor time at {many:,} as at {few:,} sentences,"
        " start-up not counted."
    )


def _latency(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Without the first, which warms up."""
    places = [place for place in ("terminal", "browser") if place in found]
    return [
        (place, f"{median(found[place][1:]) * 1000:.0f}", f"{max(found[place][1:]) * 1000:.0f}") for place in places
    ]


def _memory(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> float:
    return float(row["peak"] - rows[0]["peak"]) / 2**20


def _seconds(took: Sequence[float]) -> str:
    return f"{median(took):.2f}"


def _busy(machine: Mapping[str, Any]) -> str:
    load = max(machine["busy"], machine["busy_at_end"])
    if load < BUSY:
        return ""
    return (
        f" The machine was busy with other work ({load:.1f} programs wanted to run): times on the clock are too long."
    )
