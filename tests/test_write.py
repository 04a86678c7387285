import csv
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from framelens.errors import InputError
from framelens.write import whole_file, write_rows

COLUMNS = ["article", "frames", "p_x", "extra"]
ROWS = [["a, b", ["x", "y"], 0.25, 7], ['"quoted"\nline', [], 1.0, "seven"], ["é", ["x"], 0.0, None]]


def test_each_kind_gives_the_rows_back(tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        with whole_file(tmp_path / f"out.{kind}") as file:
            write_rows(file, kind, COLUMNS, ROWS)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1:] == [
            ["a, b", "x y", "0.25", "7"],
            ['"quoted"\nline', "", "1.0", "seven"],
            ["é", "x", "0.0", ""],
        ]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [list(json.loads(line).values()) for line in lines] == ROWS
    rows = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [row["frames"] for row in rows] == [row[1] for row in ROWS]
    assert [row["extra"] for row in rows] == ["7", "seven", None]


def test_an_interrupted_file_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fail_in_the_middle() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_the_middle()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_gets_the_usual_rights(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.csv") as file:
        file.write(b"x")
    (tmp_path / "plain").touch()
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"), whole_file(tmp_path / "no" / "out.csv"):
        pass


def test_a_link_is_followed_a_file_keeps_its_rights_and_a_pipe_stays_one(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o600
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with whole_file(pipe) as file:
        file.write(b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert pipe.is_fifo()


@pytest.mark.parametrize("value", [10**20, {}, {"a": 1}, "\ud800", [1, "a"], float("nan")])
def test_whatever_travels_along_is_written(value: object, tmp_path: Path) -> None:
    for kind in ("csv", "jsonl", "parquet"):
        with whole_file(tmp_path / f"out.{kind}") as file:
            write_rows(file, kind, ["article", "extra"], [["a", value], ["b", "plain"]])
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 2
    assert [json.loads(line)["article"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == ["a", "b"]


def test_own_columns_have_their_kind_whatever_they_hold(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.parquet") as file:
        write_rows(file, "parquet", ["frames", "p_x", "position"], [])
    assert list(map(str, pq.read_schema(tmp_path / "out.parquet").types)) == [
        "list<element: string>",
        "double",
        "int64",
    ]


def test_no_rows_still_give_the_columns(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.parquet") as file:
        write_rows(file, "parquet", COLUMNS, [])
    assert pq.read_table(tmp_path / "out.parquet").column_names == COLUMNS
    assert os.listdir(tmp_path) == ["out.parquet"]  # noqa: PTH208  # hidden files count too
