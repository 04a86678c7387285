import csv
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import DATA, rows_of, tried
from framelens.append import append_rows
from framelens.errors import InputError
from framelens.labels import CODING_COLUMNS, append_codings, read_labels

COLUMNS = ("id", "text", "note")
KILLS = int(os.environ.get("FRAMELENS_KILLS", "20"))
"""How often the coding program is killed; the full proof takes 200."""

RECORD = """
import sys
import time
from pathlib import Path
from framelens import Coding, append_codings, read_labels
folder, count = Path(sys.argv[1]), int(sys.argv[2])
sentences = read_labels(folder, articles=False).sentences
path = folder / "codings" / "coder-77.csv"
print("ready", flush=True)
for number in range(count):
    one = sentences[number % len(sentences)]
    note = f"coding {number} of {sys.argv[3]}"
    append_codings(path, [Coding(one.id, one.fingerprint, frozenset(), "1.1", "all", "2026-01-01", note)])
    print(number, flush=True)
"""


def row(id_: str = "1", text: str = "", note: str = "") -> dict[str, str]:
    return {"id": id_, "text": text, "note": note}


def append_many(path: Path, who: int) -> None:
    for number in range(1000):
        append_rows(path, COLUMNS, [row(f"{who}-{number}", 'so, "so"', "x" * (number % 90))])


def test_four_processes_that_append_to_one_file_leave_every_line_whole(tmp_path: Path) -> None:
    path = tmp_path / "codings" / "me.csv"
    fork = multiprocessing.get_context("spawn")
    workers = [fork.Process(target=append_many, args=(path, who)) for who in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert path.read_bytes().count(b"\n") == 4001
    assert sorted(one["id"] for one in rows_of(path)) == sorted(f"{who}-{n}" for who in range(4) for n in range(1000))
    assert all(one["text"] == 'so, "so"' for one in rows_of(path))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems can kill a program without a warning")
def test_no_acknowledged_coding_is_lost_when_the_program_is_killed(data: Path) -> None:
    """Killed at random moments while it records about 2,000 codings in all; FRAMELENS_KILLS=200 for the full proof."""
    chance = random.Random(5)  # noqa: S311  # moments, not secrets
    path = data / "codings" / "coder-77.csv"
    acknowledged: list[str] = []
    for kill in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", RECORD, str(data), "10000", str(kill)], stdout=subprocess.PIPE
        )
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        moment = chance.randrange(2 * 2000 // KILLS)
        acknowledged += [f"coding {process.stdout.readline().decode().strip()} of {kill}" for _ in range(moment)]
        # anywhere within the next coding or two
        _spin(chance.random() * 2e-3)
        process.send_signal(signal.SIGKILL)
        acknowledged += [f"coding {line.decode().strip()} of {kill}" for line in process.stdout if line.endswith(b"\n")]
        process.stdout.close()
        process.wait()
        assert read_labels(data, articles=False).faults == ()
    recorded = [one["note"] for one in rows_of(path)]
    lost = set(acknowledged) - set(recorded)
    tried("kills while coding", len(acknowledged), faults=KILLS, lost=len(lost))
    assert not lost
    assert len(recorded) <= len(acknowledged) + KILLS
    assert len(recorded) == len(set(recorded))


def _spin(seconds: float) -> None:
    """Wait without giving the processor away, since a sleep is longer than a coding takes."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


FULL = """
import resource, sys
from pathlib import Path
from framelens.append import append_rows
from framelens.errors import InputError
path, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    append_rows(path, ("id", "text"), [{"id": "2", "text": "x" * 3000}])
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize("there", [b"", b"id,text\n1,a\n", b"id,text\n1,a"])
def test_what_does_not_fit_on_the_disk_leaves_the_file_as_it_was(tmp_path: Path, there: bytes) -> None:
    path = tmp_path / "me.csv"
    if there:
        path.write_bytes(there)
    done = subprocess.run([sys.executable, "-c", FULL, path, "1000"], capture_output=True, check=True, text=True)
    assert done.stdout == f"{path}: nothing was recorded: file too large\n"
    assert (path.read_bytes() if path.exists() else b"") == there
    assert path.exists() == bool(there)
    append_rows(path, ("id", "text"), [{"id": "2", "text": "fits"}])
    assert rows_of(path)[-1] == {"id": "2", "text": "fits"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, data: bytes) -> int:  # noqa: ARG001  # as os.write is called
        with Path("/dev/full").open("wb", buffering=0) as device:
            return device.write(data)

    append_rows(tmp_path / "me.csv", COLUMNS, [row("1")])
    before = (tmp_path / "me.csv").read_bytes()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(InputError, match="nothing was recorded: no space left on device"):
        append_rows(tmp_path / "me.csv", COLUMNS, [row("2")])
    assert (tmp_path / "me.csv").read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "codings").write_text("a file where the folder should be")
    with pytest.raises(InputError, match=r"me\.csv: nothing was recorded"):
        append_rows(tmp_path / "codings" / "me.csv", COLUMNS, [row()])


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have folders that nobody but root can write to")
def test_a_write_protected_folder_is_told_in_one_line_and_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "codings" / "me.csv"
    append_rows(path, COLUMNS, [row("1")])
    before = path.read_bytes()
    (path.parent / ".me.csv.lock").unlink(missing_ok=True)
    path.parent.chmod(0o555)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)
        with pytest.raises(InputError, match="nothing was recorded: permission denied"):
            append_rows(path, COLUMNS, [row("2")])
    finally:
        if root:
            os.seteuid(0)
        path.parent.chmod(0o755)
    assert path.read_bytes() == before


SPREADSHEETS = {
    "changed line ends": b"id,text,note\r\n1,a,b\r\n",
    "a byte-order mark": b"\xef\xbb\xbfid,text,note\n1,a,b\n",
    "quotes around everything": b'"id","text","note"\r\n"1","a","b"\r\n',
    "a reordered column": b"note,id,text\nb,1,a\n",
    "all of it": b'\xef\xbb\xbf"text","note","id"\r\n"a","b","1"',
    "no end of the last line": b"id,text,note\n1,a,b",
}


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_a_file_that_a_spreadsheet_saved_keeps_its_form(name: str, tmp_path: Path) -> None:
    path, before = tmp_path / "me.csv", SPREADSHEETS[name]
    path.write_bytes(before)
    append_rows(path, COLUMNS, [row("2", "c", 'd, "e"')])
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.count(b"\r\n") in (0, after.count(b"\n"))
    with path.open(newline="", encoding="utf-8-sig") as file:
        assert list(csv.DictReader(file)) == [row("1", "a", "b"), row("2", "c", 'd, "e"')]


def quoting(name: str) -> Literal[0, 1]:
    return csv.QUOTE_ALL if b'"' in SPREADSHEETS[name] else csv.QUOTE_MINIMAL


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_codings_in_a_file_that_a_spreadsheet_saved_are_read_and_added_to(name: str, data: Path) -> None:
    path = data / "codings" / "coder-01.csv"
    said = read_labels(data, articles=False).codings["coder-01"]
    rows = rows_of(path)
    columns = list(reversed(CODING_COLUMNS)) if "reordered" in name or "all" in name else list(CODING_COLUMNS)
    with path.open("w", newline="", encoding="utf-8-sig" if SPREADSHEETS[name][0] == 0xEF else "utf-8") as file:
        end = "\r\n" if b"\r\n" in SPREADSHEETS[name] else "\n"
        writer = csv.DictWriter(file, columns, lineterminator=end, quoting=quoting(name))
        writer.writeheader()
        writer.writerows(rows)
    if not SPREADSHEETS[name].endswith(b"\n"):
        path.write_bytes(path.read_bytes().rstrip(b"\r\n"))
    append_codings(path, said[:1])
    labels = read_labels(data, articles=False)
    assert labels.faults == ()
    assert labels.codings["coder-01"] == (*said, said[0])


@pytest.mark.parametrize(
    "first", [b"id;text;note\n", b"id,text\n", b"\xff\xfei\0d\0\n", b'"id,text\n', b"\nid,text,note\n"]
)
def test_a_file_of_other_columns_is_not_touched(first: bytes, tmp_path: Path) -> None:
    path = tmp_path / "me.csv"
    path.write_bytes(first + b"1;a;b\n")
    with pytest.raises(InputError, match=r"me\.csv:1: "):
        append_rows(path, COLUMNS, [row("2")])
    assert path.read_bytes() == first + b"1;a;b\n"


def test_a_line_that_another_program_left_unfinished_stays_a_line_of_its_own(data: Path) -> None:
    path = data / "codings" / "coder-01.csv"
    said = read_labels(data, articles=False).codings["coder-01"]
    path.write_bytes(path.read_bytes() + b"w1-05:01,0000")
    append_codings(path, said[:1])
    labels = read_labels(data, articles=False)
    assert [fault.message for fault in labels.faults] == ["broken line: 2 fields where the header has 7"]
    assert labels.codings["coder-01"] == (*said, said[0])


@given(st.lists(st.tuples(st.text(), st.text()), max_size=4))
def test_any_text_is_one_line_and_words_come_back(
    tmp_path_factory: pytest.TempPathFactory, fields: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "me.csv"
    append_rows(path, ("id", "text", "note"), [row("1", *pair) for pair in fields])
    assert path.read_bytes().count(b"\n") == len(fields) + 1
    for found, (text, _) in zip(rows_of(path), fields, strict=True):
        if text.isprintable():  # which leaves out what cannot be written as UTF-8
            assert found["text"] == " ".join(text.split())


def test_the_lock_of_a_coder_is_no_file_of_codings(tmp_path: Path) -> None:
    shutil.copy(DATA / "codings" / "coder-01.csv", tmp_path)
    append_rows(tmp_path / "coder-01.csv", CODING_COLUMNS, [])
    assert [path.name for path in tmp_path.glob("*.csv")] == ["coder-01.csv"]
