"""A table with texts and labels of a team's own: read, checked, and turned into frames."""

import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.codebook import Codebook, Frame
from framelens.errors import InputError
from framelens.limits import TABLES
from framelens.read import CONTROL, Document, read
from framelens.segment import fingerprint

Bools = NDArray[np.bool_]

SEPARATOR = ";"
MOST_LABELS = 60
"""More are hardly labels: each needs a key to be shown by, and rows to be learned from."""
KEYS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Safe for colour-blind readers (Okabe & Ito 2008)."""
SLUG = re.compile(r"[^a-z0-9]+")
SEPARATORS = (";", ",", "|", "/", "\t")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table hold what, and how labels stand in a cell."""

    text: str
    labels: str
    group: str | None = None
    separator: str = SEPARATOR
    single_label: bool = False
    """Each row has exactly one label, and the whole cell is the label."""


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """Texts with their labels; identical texts, and rows of one group, must never be parted."""

    name: str
    rows: tuple[str, ...]
    """Name of each row: file and number."""
    texts: tuple[str, ...]
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    """The commonest first."""
    Y: Bools
    """Shape (rows, labels)."""
    columns: Columns
    notes: tuple[str, ...]
    """What the reader of the figures should know about how the table was read, a line each."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    text: str
    labels: tuple[str, ...]
    group: str | None
    cell: Any


def read_table(path: Path, columns: Columns) -> LabelledTable:
    """Read a CSV, TSV, JSONL or Parquet file; raises ``InputError`` that names file, row and column.

    Cells stay the text that they are (``NA``, ``TRUE``, ``1``); an empty one carries no label, and lists of texts are
    taken as they stand. Rows without text are left out, and told.
    """
    _require_sense(path, columns)
    documents = list(read(path, text_column=columns.text))
    _require_columns(path, columns, documents)
    rows = [_row(document, columns) for document in documents]
    kept = [row for row in rows if row.text.strip()]
    if not kept:
        raise InputError(f"{path}: no row has text in column {columns.text!r}")
    counts = Counter(label for row in kept for label in row.labels)
    hint = _separator_hint(kept, columns)
    _require_labels(path, columns, kept, counts, hint)
    labels = tuple(sorted(counts, key=lambda label: (-counts[label], label)))
    place = {label: number for number, label in enumerate(labels)}
    Y = np.zeros((len(kept), len(labels)), dtype=bool)
    for number, row in enumerate(kept):
        Y[number, [place[label] for label in row.labels]] = True
    prints = [fingerprint(row.text) for row in kept]
    # a row without a group stands alone, but the same text is the same row wherever it stands
    groups = tuple(same if row.group is None else row.group for row, same in zip(kept, prints, strict=True))
    read_notes = [note for document in documents[:1] for note in document.notes]
    notes = (*read_notes, *_notes(rows, kept, columns, labels), *hint, *_same_texts(prints, groups, Y, columns))
    texts = tuple(row.text for row in kept)
    return LabelledTable(path.as_posix(), tuple(row.name for row in kept), texts, groups, labels, Y, columns, notes)


def codebook_of(table: LabelledTable) -> Codebook:
    """A codebook with a frame for each label: a plain id of its own, and the label itself as the name."""
    ids, keys = _ids(table.labels), _keys(table.labels)
    column = table.columns.labels
    frames = tuple(
        Frame(id_, label, key, COLOURS[number % len(COLOURS)], f"Rows labelled {label!r} in column {column!r}.")
        for number, (id_, label, key) in enumerate(zip(ids, table.labels, keys, strict=True))
    )
    return Codebook(version="1.0", title=f"Labels of column {column!r}", frames=frames)


def _ids(labels: Sequence[str]) -> list[str]:
    """Ids of lower-case letters, digits and underscores, no two alike.

    >>> _ids(["Économie & société", "économie, société", "1", "политика"])
    ['economie_societe', 'economie_societe_2', 'label_1', 'label']
    """
    ids: list[str] = []
    for label in labels:
        plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
        slug = SLUG.sub("_", plain)[:40].strip("_")
        if not slug or not slug[0].isalpha():
            slug = f"label_{slug}".rstrip("_")
        tried = (slug if number == 1 else f"{slug}_{number}" for number in range(1, len(labels) + 2))
        ids.append(next(id_ for id_ in tried if id_ not in ids))
    return ids


def _keys(labels: Sequence[str]) -> list[str]:
    """One character a label, one of its own letters where it is free."""
    keys: list[str] = []
    for label in labels:
        wanted = [letter for letter in label.lower() if letter in KEYS]
        keys.append(next(key for key in (*wanted, *KEYS) if key not in keys))
    return keys


def _require_sense(path: Path, columns: Columns) -> None:
    if path.suffix.lower() not in TABLES:
        reason = "no such file" if not path.exists() else "no table"
        raise InputError(f"{path}: {reason}; give a file that ends in {', '.join(TABLES)}")
    if not columns.separator:
        raise InputError("the separator of labels is empty; give one such as ';' or ','")
    names = [name for name in (columns.text, columns.labels, columns.group) if name]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"column {twice[0]!r} is named twice; text, labels and group are columns of their own")


def _require_columns(path: Path, columns: Columns, documents: Sequence[Document]) -> None:
    if not documents:
        raise InputError(f"{path}: the table has no rows")
    there = dict.fromkeys(key for document in documents for key in document.columns)
    for name, option in ((columns.labels, "--labels-column"), (columns.group, "--group-column")):
        if name and name not in there:
            known = ", ".join(map(repr, (columns.text, *there)))
            raise InputError(f"{path}: no column {name!r}; name it with {option} (columns: {known})")


def _row(document: Document, columns: Columns) -> _Row:
    cell = document.columns.get(columns.labels)
    labels = tuple(dict.fromkeys(label for label in map(_tidy, _parts(document, cell, columns)) if label))
    group = document.columns.get(columns.group) if columns.group else None
    named = None if group is None or not str(group).strip() else f"group {str(group).strip()}"
    return _Row(document.article, document.text, labels, named, cell)


def _parts(document: Document, cell: Any, columns: Columns) -> Iterator[str]:
    """The labels of a cell, as text."""
    if isinstance(cell, str):
        yield from [cell] if columns.single_label else cell.split(columns.separator)
        return
    for value in cell if isinstance(cell, list) else [cell]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (bool, int, float)):
            # as they stand in JSON: true, 1; what is not a number is no label
            yield "" if isinstance(value, float) and math.isnan(value) else json.dumps(value)
        elif value is not None:
            raise InputError(
                f"{document.article}: column {columns.labels!r} holds {type(value).__name__}, not text; give labels as"
                " text or as a list of texts"
            )


def _tidy(label: str) -> str:
    """The label without what cannot be seen: white space around it, control characters, ways to write an accent."""
    return " ".join(CONTROL.sub(" ", unicodedata.normalize("NFC", label)).split())


def _require_labels(
    path: Path, columns: Columns, rows: Sequence[_Row], counts: Counter[str], hint: Sequence[str]
) -> None:
    column = columns.labels
    if not counts:
        raise InputError(f"{path}: no row has a label in column {column!r}")
    if columns.single_label:
        _require_one_each(path, columns, rows)
    if len(counts) == 1 and (columns.single_label or len(rows) == counts.total()):
        raise InputError(
            f"{path}: every row is labelled {next(iter(counts))!r} in column {column!r}; there is nothing to tell apart"
        )
    if len(counts) > MOST_LABELS:
        told = "".join(f" ({line})" for line in hint)
        raise InputError(
            f"{path}: {len(counts)} different labels in column {column!r}, at most {MOST_LABELS} can be told apart;"
            f" name the right column or merge labels{told}"
        )


def _require_one_each(path: Path, columns: Columns, rows: Sequence[_Row]) -> None:
    several = [row for row in rows if len(row.labels) > 1]
    without = [row for row in rows if not row.labels]
    if several:
        raise InputError(
            f"{several[0].name}: {len(several[0].labels)} labels in column {columns.labels!r} ({len(several):,} such"
            " rows); leave out --single-label where a row may have several"
        )
    if without:
        raise InputError(
            f"{without[0].name}: no label in column {columns.labels!r} ({len(without):,} of {len(rows):,} rows of"
            f" {path}); with --single-label each row has one: give these a label of their own, such as none, or leave"
            " them out"
        )


def _separator_hint(rows: Sequence[_Row], columns: Columns) -> tuple[str, ...]:
    """A line where the separator stands in no cell but another mark stands in many."""
    cells = [row.cell for row in rows if isinstance(row.cell, str)]
    if columns.single_label or not cells or any(columns.separator in cell for cell in cells):
        return ()
    found = {mark: sum(mark in cell for cell in cells) for mark in SEPARATORS}
    mark = max(found, key=lambda one: found[one])
    told = f"the separator {columns.separator!r} stands in no cell of column {columns.labels!r}, so each is one label"
    if not found[mark]:
        return (f"{told}; if all rows have just one, --single-label trains a model that chooses one",)
    return (f"{told}; {found[mark]:,} cells hold {mark!r}: if it parts labels, give --separator {mark!r}",)


def _notes(rows: Sequence[_Row], kept: Sequence[_Row], columns: Columns, labels: Sequence[str]) -> Iterator[str]:
    if len(kept) < len(rows):
        first = next(row.name for row in rows if not row.text.strip())
        yield f"{len(rows) - len(kept):,} rows without text are left out; the first is {first}"
    if hollow := [row for row in kept if not row.labels and isinstance(row.cell, str) and row.cell.strip()]:
        yield f"{len(hollow):,} cells hold only separators and carry no label; the first is in {hollow[0].name}"
    if columns.group and (alone := sum(row.group is None for row in kept)):
        yield f"{alone:,} rows have no group in column {columns.group!r}; each stands alone"
    folded = defaultdict(list)
    for label in labels:
        folded[label.casefold()].append(label)
    for alike in folded.values():
        if len(alike) > 1:
            yield f"labels that differ only in capitals are kept apart: {', '.join(map(repr, alike))}"


def _same_texts(prints: Sequence[str], groups: Sequence[str], Y: Bools, columns: Columns) -> Iterator[str]:
    """What is to be said of rows with the same text."""
    places = defaultdict(list)
    for number, same in enumerate(prints):
        places[same].append(number)
    repeated = [numbers for numbers in places.values() if len(numbers) > 1]
    if not repeated:
        return
    count, texts = sum(map(len, repeated)), len(repeated)
    parted = sum(len({groups[number] for number in numbers}) > 1 for numbers in repeated)
    if not columns.group:
        yield f"{count:,} rows share {texts:,} texts; rows with the same text are never parted"
    elif parted:
        yield f"{parted:,} texts stand in several groups, so that figures may flatter; leave repeats out"
    if differing := sum(len(np.unique(Y[numbers], axis=0)) > 1 for numbers in repeated):
        yield f"{differing:,} of the {texts:,} repeated texts have other labels in another row"
