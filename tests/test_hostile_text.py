"""Text from anywhere: any bytes are read or refused in one line, within bounds of memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import SAMPLES, Small, tried
from framelens.errors import InputError
from framelens.exchange import READERS as TOOLS
from framelens.exchange import joined
from framelens.gold import LabelledSet
from framelens.read import CONTROL, READERS, Document, read_content
from framelens.segment import segment
from hostile_texts import HOSTILE, unreadable
from steering import EXAMPLES, KEYS, exported, steered

many = settings(max_examples=EXAMPLES)


def read_or_refused(name: str, data: bytes) -> list[Document]:
    """What is read; where it is refused, in one line that names the file."""
    found, error = [], name
    try:
        found = list(read_content(name, data))
    except InputError as refused:
        error = str(refused)
    assert error.startswith(name)
    assert error.count("\n") == 0
    assert not any(CONTROL.search(document.text) for document in found)
    tried("read")
    return found


@many
@given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
@example(b'<meta charset="idna">They left. xn--', ".html")
def test_any_bytes_are_read_or_refused_in_one_line(data: bytes, ending: str) -> None:
    read_or_refused(f"a{ending}", data)


@many
@given(steered, st.sampled_from(sorted(READERS)), st.sampled_from(["utf-8", "utf-16", "cp1251"]))
def test_any_text_is_read_or_refused_in_one_line(text: str, ending: str, encoding: str) -> None:
    read_or_refused(f"a{ending}", f"text\nThey left. {text}".encode(encoding, "replace"))


@many
@given(
    st.sampled_from(sorted(SAMPLES.iterdir())), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=6)
)
def test_real_files_with_changed_bytes_are_read_or_refused(path: Path, changes: list[tuple[float, bytes]]) -> None:
    data = bytearray(path.read_bytes())
    for place, piece in changes:
        at = int(place * len(data))
        data[at : at + len(piece)] = piece
    read_or_refused(path.name, bytes(data))


@many
@given(steered)
def test_any_text_is_split_and_scored(small: Small, text: str) -> None:
    units = segment(text)
    assert all(text[one.start : one.end] == one.text for one in units)
    found = small.classifier.classify(text)
    assert len(found) == len(units)
    assert all(0 <= chance <= 1 for one in found for chance in one.probabilities.values())
    tried("segment and score")


@pytest.mark.parametrize("line", ["“", "« ", "„a", "“a. ", "'a ", "(", "a.", "[x](", "x", "\u202e"])
def test_one_long_line_of_one_mark_takes_no_time(line: str) -> None:
    """Without a limit, twice as many opening marks take four times as long; a hang is what would fail here."""
    segment(line * 50_000)
    tried("segment and score")


@many
@given(
    st.lists(st.dictionaries(st.sampled_from(KEYS), exported, max_size=8), max_size=3), st.sampled_from(sorted(TOOLS))
)
def test_whatever_another_tool_exports_is_taken_or_told(labels: LabelledSet, rows: list[Any], tool: str) -> None:
    for text in ("\n".join(map(json.dumps, rows)), json.dumps(rows), json.dumps(rows, ensure_ascii=False)):
        found = joined(
            Path("a"), TOOLS[tool](text, labels.codebook.ids), tool, labels, now="2026-01-01", annotator=None
        )
        assert not any("\n" in str(fault) for fault in found.faults)
        tried("exchange")


@many
@given(steered, st.sampled_from(sorted(TOOLS)))
def test_any_text_is_taken_as_an_export_or_told(labels: LabelledSet, text: str, tool: str) -> None:
    for whole in (text, f"sentence_id,text,frames\nw1-01:01,{text},-\n", f"[{text}", f'{{"sentence_id": "{text}"}}'):
        joined(Path("a"), TOOLS[tool](whole, labels.codebook.ids), tool, labels, now="2026-01-01", annotator=None)
        tried("exchange")


CHILD = """
import resource, signal, sys
from pathlib import Path
from framelens.errors import InputError
from framelens.read import read
for line in sys.stdin:
    signal.alarm(120)
    try:
        print("taken", sum(len(one.text) for one in read(line.rstrip("\\n"))))
    except InputError as error:
        print(error)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems tell how much memory a program took")
def test_files_that_would_fill_the_memory_are_refused_with_one_line_in_less_than_a_gibibyte(tmp_path: Path) -> None:
    with (
        (tmp_path / "errors").open("wb") as errors,
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            bufsize=1,
        ) as child,
    ):
        assert child.stdin
        assert child.stdout
        asked, told = child.stdin, child.stdout

        def refused(path: Path, name: str) -> None:
            asked.write(f"{path}\n")
            assert told.readline().startswith(str(path)), name
            assert int(told.readline()) < 2**20, name
            tried("read")

        for name, (ending, make) in HOSTILE.items():
            path = tmp_path / f"a{ending}"
            path.write_bytes(make())
            refused(path, name)
            path.unlink()
        for name, place in unreadable(tmp_path).items():
            refused(place, name)
        child.stdin.close()
    assert child.returncode == 0
    assert (tmp_path / "errors").read_text() == ""
