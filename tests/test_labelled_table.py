import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framelens.codebook import parse_codebook
from framelens.errors import InputError
from framelens.labelled_table import KEYS, MOST_LABELS, Columns, LabelledTable, _ids, _keys, codebook_of, read_table

ODD = ["TRUE", "1", "None", "NA", "nan", "null", "1.0", "Économie, société", "false"]
COLUMNS = Columns("text", "labels")
ONE = Columns("text", "labels", single_label=True)


def csv_table(folder: Path, *labels: str, header: str = "text,labels") -> Path:
    path = folder / "t.csv"
    rows = "".join(f'"The harbour opened {number}","{label}"\n' for number, label in enumerate(labels))
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return path


def cells(table: LabelledTable) -> list[list[str]]:
    return [[label for label, yes in zip(table.labels, row, strict=True) if yes] for row in table.Y]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_labels_that_look_like_something_else_stay_what_they_are(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"t.{ending}"
    rows: list[dict[str, Any]] = [{"text": f"Row {number}.", "labels": label} for number, label in enumerate(ODD)]
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif ending == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    else:
        mark = "\t" if ending == "tsv" else ","
        lines = [mark.join((row["text"], f'"{row["labels"]}"')) for row in rows]
        path.write_text("\n".join([mark.join(("text", "labels")), *lines]), encoding="utf-8")
    assert cells(read_table(path, COLUMNS)) == [[label] for label in ODD]
    assert cells(read_table(path, ONE)) == [[label] for label in ODD]


def test_an_empty_cell_carries_no_label_and_is_told_where_each_row_needs_one(tmp_path: Path) -> None:
    path = csv_table(tmp_path, "a", "", "b; a", " ; ", "c")
    table = read_table(path, COLUMNS)
    assert cells(table) == [["a"], [], ["a", "b"], [], ["c"]]
    assert any("1 cells hold only separators" in note and "t.csv:4" in note for note in table.notes)
    with pytest.raises(InputError, match=r"t\.csv:2: no label in column 'labels' \(1 of 5 rows"):
        read_table(path, ONE)


def test_cells_may_be_lists_numbers_and_truth_values_where_a_file_has_them(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    values: list[Any] = [["a; b", "c"], True, 1, None, [], ["c", "c"], 2.5]
    path.write_text(
        "".join(f"{json.dumps({'text': f'Row {place}.', 'labels': one})}\n" for place, one in enumerate(values)),
        encoding="utf-8",
    )
    found = [sorted(one) for one in cells(read_table(path, COLUMNS))]
    assert found == [["a; b", "c"], ["true"], ["1"], [], [], ["c"], ["2.5"]]
    path.write_text('{"text": "Row.", "labels": {"a": 1}}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"t\.jsonl:1: column 'labels' holds dict, not text"):
        read_table(path, COLUMNS)
    path.write_text('{"text": "Row.", "labels": ["a", "b"]}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"t\.jsonl:1: 2 labels in column 'labels'"):
        read_table(path, ONE)


def test_the_same_text_is_one_group_and_a_group_column_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,labels,g\nRain fell.,a,1\nrain  FELL.,b,2\nSun shone.,a,\n", encoding="utf-8")
    table = read_table(path, COLUMNS)
    assert table.groups[0] == table.groups[1] != table.groups[2]
    assert any("2 rows share 1 texts" in note for note in table.notes)
    assert any("1 of the 1 repeated texts have other labels" in note for note in table.notes)
    grouped = read_table(path, Columns("text", "labels", "g"))
    assert len(set(grouped.groups)) == 3
    assert any("1 rows have no group" in note for note in grouped.notes)
    assert any("stand in several groups" in note for note in grouped.notes)


def test_a_separator_that_is_not_there_is_told_with_the_one_that_is(tmp_path: Path) -> None:
    table = read_table(csv_table(tmp_path, "a|b", "b", "c|a"), COLUMNS)
    assert any("the separator ';' stands in no cell" in note and "--separator '|'" in note for note in table.notes)
    assert table.Y.shape == (3, 3)


@pytest.mark.parametrize(
    ("labels", "columns", "says"),
    [
        (["a", "a"], COLUMNS, "every row is labelled 'a'"),
        (["", ""], COLUMNS, "no row has a label in column 'labels'"),
        ([], COLUMNS, "the table has no rows"),
        ([f"l{number}" for number in range(200)], COLUMNS, f"200 different labels .* at most {MOST_LABELS}"),
        (
            ["a"],
            Columns("text", "topic"),
            r"no column 'topic'; name it with --labels-column \(columns: 'text', 'labels'",
        ),
        (["a"], Columns("body", "labels"), r"no column 'body'; name the text with --text-column"),
        (["a"], Columns("text", "labels", "g"), "no column 'g'; name it with --group-column"),
        (["a"], Columns("text", "text"), "column 'text' is named twice"),
        (["a"], Columns("text", "labels", separator=""), "the separator of labels is empty"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_in_one_line(
    labels: list[str], columns: Columns, says: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        read_table(csv_table(tmp_path, *labels), columns)
    assert "\n" not in str(caught.value)


def test_what_is_no_table_and_columns_that_stand_twice_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two columns are called 'labels'"):
        read_table(csv_table(tmp_path, "a", header="text,labels,labels"), COLUMNS)
    with pytest.raises(InputError, match=r"no such file; give a file that ends in \.csv"):
        read_table(tmp_path / "gone.xlsx", COLUMNS)


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=len(KEYS) - 2, unique=True))
def test_any_labels_make_a_codebook_that_is_right(labels: list[str]) -> None:
    frames = [
        {"id": id_, "name": label, "key": key, "colour": "#000000", "definition": "x"}
        for id_, label, key in zip(_ids(labels), labels, _keys(labels), strict=True)
    ]
    book = parse_codebook({"version": "1.0", "title": "x", "frames": frames})
    assert [frame.name for frame in book.frames] == labels


def test_the_codebook_of_a_table_passes_its_own_check(tmp_path: Path) -> None:
    table = read_table(csv_table(tmp_path, *ODD), COLUMNS)
    book = codebook_of(table)
    assert parse_codebook(book.as_dict()) == book
    assert tuple(frame.name for frame in book.frames) == table.labels
