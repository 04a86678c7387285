"""Rows of tables that are text: CSV, TSV and JSONL, one at a time."""

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from framelens.errors import InputError
from framelens.pages import one_line
from framelens.spreadsheet import unguarded

Row = dict[str, Any]
MOST_NESTED = 64
"""Levels of lists and objects inside one another; much deeper ones could not be written again."""


def csv_rows(name: str, lines: Iterator[str]) -> tuple[list[str], Iterator[Row]]:
    """Header and rows of a table; the separator is a tab in ``.tsv``, else the one that the header has most of.

    ``lines`` keep their ends. Raises ``InputError`` that names the file, the line and the fault.
    """
    first = next(lines, "")
    delimiter = "\t" if name.lower().endswith(".tsv") else max(",;\t", key=first.count)
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    try:
        header = [unguarded(name) for name in next(reader, [])]
    except csv.Error as error:
        raise _broken(name, reader.line_num, error) from None
    require_distinct(name, header)
    return header, _csv_body(name, header, reader)


def _csv_body(name: str, header: list[str], reader: Any) -> Iterator[Row]:
    try:
        for row in reader:
            if row and len(row) != len(header):
                raise InputError(
                    f"{name}, line {reader.line_num}: {len(row)} fields where the header has {len(header)};"
                    " quote fields that hold the separator"
                )
            if row:
                yield dict(zip(header, map(unguarded, row), strict=True))
    except csv.Error as error:
        raise _broken(name, reader.line_num, error) from None


def _broken(name: str, line: int, error: Exception) -> InputError:
    return InputError(
        f"{name}, line {line}: broken table: {one_line(error)}; quote fields that hold the separator or quotation marks"
    )


def json_rows(name: str, lines: Iterable[str]) -> Iterator[tuple[int, Row]]:
    """Line number and object of each line that is not blank; raises ``InputError`` that names file, line and fault."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}, line {number}: not JSON: {one_line(error)}") from None
        if not isinstance(row, dict):
            raise InputError(f"{name}, line {number}: not a JSON object; write one object a line")
        if nests_too_deep(row):
            raise InputError(f"{name}, line {number}: nested deeper than {MOST_NESTED} levels; flatten the object")
        yield number, row


def nests_too_deep(value: Any, left: int = MOST_NESTED) -> bool:
    """Whether lists and objects stand inside one another on more levels than that."""
    if not isinstance(value, (dict, list)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return left == 0 or any(nests_too_deep(one, left - 1) for one in inside)


def require_distinct(name: str, columns: Iterable[str]) -> None:
    """Raise ``InputError`` where two columns of a table have one name."""
    seen = set()
    for column in columns:
        if column in seen:
            raise InputError(f"{name}: two columns are called {column!r}; give each its own name")
        seen.add(column)


def text_column(name: str, wanted: str | None, columns: Iterable[str]) -> str:
    """The column that holds the text, by default ``text``; raises ``InputError`` if it is not among ``columns``."""
    columns = list(columns)
    wanted = wanted or "text"
    if wanted not in columns:
        there = ", ".join(map(repr, columns)) or "none"
        raise InputError(f"{name}: no column {wanted!r}; name the text with --text-column (columns: {there})")
    return wanted
