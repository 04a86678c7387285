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
            ['"quoted"\nline', "", "1", "seven"],
            ["é", "x", "0", ""],
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


def test_no_rows_still_give_the_columns(tmp_path: Path) -> None:
    with whole_file(tmp_path / "out.parquet") as file:
        write_rows(file, "parquet", COLUMNS, [])
    assert pq.read_table(tmp_path / "out.parquet").column_names == COLUMNS
    assert os.listdir(tmp_path) == ["out.parquet"]  # noqa: PTH208  # hidden files count too
