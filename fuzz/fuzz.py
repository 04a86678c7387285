"""Coverage-guided fuzzing (atheris) of what takes text from anywhere: read, segment, score, exchange.

The first byte of an input chooses what it is given to. An input may be refused by an ``InputError`` of one line; any
other error, a broken law, more than 20 seconds or 1 GiB of memory is a finding, which ends the run and is kept.
"""

import math
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["framelens", "markdown_it", "docx", "pdfminer", "trafilatura", "json", "csv"]):
    import trafilatura  # noqa: F401  # imported late by what is fuzzed, and then not instrumented
    from docx import Document as _WordDocument  # noqa: F401
    from markdown_it import MarkdownIt  # noqa: F401
    from pdfminer import high_level  # noqa: F401

    from framelens import load
    from framelens.errors import InputError
    from framelens.exchange import READERS as TOOLS
    from framelens.exchange import joined
    from framelens.labels import read_labels
    from framelens.read import CONTROL, READERS, read_content
    from framelens.segment import segment

ROOT = Path(__file__).parents[1]
CLASSIFIER = load(ROOT / "models" / "frames.npz")
LABELS = read_labels(ROOT / "data", articles=False)
NOW = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


def read_as(ending: str) -> Callable[[bytes], None]:
    """Read the input as a file of this kind, then classify what was read."""

    def reads(data: bytes) -> None:
        try:
            documents = list(read_content(f"input{ending}", data))
        except InputError as error:
            require(str(error).count("\n") == 0, "an error of several lines")
            return
        for document in documents[:20]:
            require(not CONTROL.search(document.text), "a control character was read")
            split(document.text[:5000])

    return reads


def split(text: str) -> None:
    """Sentences are parts of the text in their order, and their probabilities are such."""
    units = segment(text)
    at = 0
    for unit in units:
        require(unit.text == text[unit.start : unit.end] and at <= unit.start < unit.end, "a sentence out of its place")
        require(0 <= unit.quoted <= 1, "a share that is none")
        at = unit.end
    for one in CLASSIFIER.classify(text):
        require(all(0 <= p <= 1 and math.isfinite(p) for p in one.probabilities.values()), "no probability")


def answers_of(kind: str) -> Callable[[bytes], None]:
    """Take the input over as what another tool has exported."""

    def imports(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        found = joined(Path("input"), TOOLS[kind](text, LABELS.codebook.ids), kind, LABELS, now=NOW, annotator=None)
        require(all("\n" not in str(fault) for fault in found.faults), "a fault of several lines")

    return imports


def require(law: bool, message: str) -> None:
    """A law of the program; where it is broken, there is a finding."""
    if not law:
        raise AssertionError(message)


TARGETS: list[Callable[[bytes], None]] = [
    *(read_as(ending) for ending in READERS),
    lambda data: split(data.decode("utf-8", "surrogatepass" if data[:1] == b"\xed" else "replace")),
    *(answers_of(kind) for kind in TOOLS),
]


def seeds(folder: Path) -> None:
    """Sound inputs to start from."""
    for number, target in enumerate((*READERS, "", *TOOLS)):
        for path in sorted((ROOT / "data" / "samples").iterdir()):
            (folder / f"{number}-{path.stem}").write_bytes(bytes([number]) + path.read_bytes()[:1500])
        del target
    line = '{"text": "They left.", "label": ["vilification"], "sentence_id": "w1-01:01", "answer": "accept"}'
    for number in range(len(TARGETS)):
        (folder / f"{number}-line").write_bytes(bytes([number]) + line.encode())
        (folder / f"{number}-list").write_bytes(bytes([number]) + f"[{line}]".encode())
        (folder / f"{number}-table").write_bytes(bytes([number]) + b"sentence_id,text,frames\nw1-01:01,They left.,-\n")


def one_input(data: bytes) -> None:
    """Give one input to what its first byte names."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


def main() -> None:
    """Fuzz for as long as the options of libFuzzer say; without a folder, from the seeds."""
    with tempfile.TemporaryDirectory() as folder:
        seeds(Path(folder))
        given = [*sys.argv, folder, "-max_len=4096", "-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1"]
        atheris.Setup(given, one_input)
        with suppress(KeyboardInterrupt):
            atheris.Fuzz()


if __name__ == "__main__":
    main()
