"""Rows of a partition, articles or sentences of articles, to sentences of whole articles, a batch at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from framelens.errors import InputError
from framelens.limits import MOST_CHARACTERS
from framelens.read import article_text
from framelens.segment import segment
from framelens.stream import AS_JSON, Stream, numbers, strings
from framelens.tables import text_column
from framelens.write import travelling_names

BATCH_CHARACTERS = 1_000_000
TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
OWN = (
    ("article", pa.string()),
    ("position", pa.int64()),
    ("start", pa.int64()),
    ("end", pa.int64()),
    ("text", pa.string()),
    ("quoted", pa.float64()),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Sentences of whole articles, in order, and their columns to the left and right of the frames."""

    texts: list[str]
    lengths: list[int]
    """Sentences of each article; 0 where an article has no text."""
    left: list[pa.ChunkedArray]
    right: list[pa.ChunkedArray]

    @property
    def empty(self) -> int:
        """Rows of the input that have no text."""
        return self.lengths.count(0) + self.texts.count("")


@dataclass(frozen=True, slots=True)
class Units:
    """The sentences of a partition, read once, and what the columns beside their frames are called.

    A file without any columns, as some programs write for no rows, has no sentences.
    """

    left: pa.Schema
    right: pa.Schema
    batches: Iterator[Batch]


def of_articles(
    name: str, stream: Stream, column: str | None, frame_columns: Sequence[str], *, language: str, keep_text: bool
) -> Units:
    """Sentences of articles, one article a row; the columns are those of ``framelens classify``."""
    own = pa.schema([field for field in OWN if keep_text or field[0] != "text"])
    if not stream.schema.names:
        return Units(own, stream.schema, iter(()))
    column = _text_column(name, stream, column)
    others = pa.schema([field for field in stream.schema if field.name != column])
    return Units(own, _renamed(others, [*own.names, *frame_columns]), _segmented(name, stream, column, own, language))


def _segmented(name: str, stream: Stream, column: str, own: pa.Schema, language: str) -> Iterator[Batch]:
    number = 0
    for table in stream.batches:
        texts = []
        for cell in table[column].to_pylist():
            number += 1
            texts.append(article_text(f"{name}:{number}", cell, column))
        first = number - len(texts) + 1
        for start, end in _spans([len(text) for text in texts]):
            rows = table.slice(start, end - start).drop_columns([column])
            names = [f"{name}:{first + row}" for row in range(start, end)]
            yield _sentences(names, texts[start:end], rows, own, language)


def _spans(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbouring rows that hold about ``BATCH_CHARACTERS`` together.

    >>> list(_spans([400_000, 700_000, 9_000_000, 1]))
    [(0, 2), (2, 3), (3, 4)]
    """
    start = total = 0
    for row, size in enumerate(sizes, start=1):
        total += size
        if total >= BATCH_CHARACTERS or row == len(sizes):
            yield start, row
            start, total = row, 0


def _sentences(names: Sequence[str], texts: Sequence[str], rows: pa.Table, own: pa.Schema, language: str) -> Batch:
    units = [segment(text, language) for text in texts]
    lengths = [len(each) for each in units]
    every = [unit for each in units for unit in each]
    sentences = [unit.text for unit in every]
    whose = numbers(np.repeat(np.arange(len(texts)), lengths))
    cells = {
        "article": strings(names).take(whose),
        "position": numbers(np.array([place for length in lengths for place in range(1, length + 1)], dtype=np.int64)),
        "start": numbers(np.array([unit.start for unit in every], dtype=np.int64)),
        "end": numbers(np.array([unit.end for unit in every], dtype=np.int64)),
        "text": strings(sentences),
        "quoted": numbers(np.array([round(unit.quoted, 4) for unit in every], dtype=np.float64)),
    }
    left = [pa.chunked_array([cells[field.name]]) for field in own]
    return Batch(sentences, lengths, left, rows.take(whose).columns)


def of_sentences(
    name: str,
    stream: Stream,
    column: str | None,
    frame_columns: Sequence[str],
    *,
    article_column: str,
    position_column: str,
    keep_text: bool,
) -> Units:
    """Sentences that are rows, those of an article below one another; all columns travel along."""
    if not stream.schema.names:
        return Units(stream.schema, stream.schema, iter(()))
    column = _text_column(name, stream, column)
    for wanted, option in ((article_column, "--article-column"), (position_column, "--position-column")):
        if wanted not in stream.schema.names:
            there = ", ".join(map(repr, stream.schema.names)) or "none"
            raise InputError(f"{name}: no column {wanted!r}; name it with {option} (columns: {there})")
    kept = pa.schema([field for field in stream.schema if keep_text or field.name != column])

    def batches() -> Iterator[Batch]:
        for rows in _whole_articles(name, stream, article_column, position_column, column):
            lengths = [len(list(group)) for _, group in groupby(rows[article_column].to_pylist())]
            yield Batch(_texts(rows, column), lengths, rows.select(kept.names).columns, [])

    return Units(_renamed(kept, frame_columns), pa.schema([]), batches())


def _whole_articles(name: str, stream: Stream, article: str, position: str, text: str) -> Iterator[pa.Table]:
    """Rows of whole articles: the last article of a batch waits for the next batch, where it may go on."""
    order = _Order(name)
    # schema.empty_table() would import pandas where it is installed
    waiting = pa.Table.from_batches([], stream.schema)
    for table in stream.batches:
        ids = table[article].to_pylist()
        order.check(ids, table[position].to_pylist())
        waiting = pa.concat_tables([waiting, table])
        ids = waiting[article].to_pylist()
        last = next((row for row in range(len(ids) - 1, 0, -1) if ids[row] != ids[row - 1]), 0)
        if last:
            yield waiting.slice(0, last)
            waiting = waiting.slice(last)
        elif (size := sum(map(len, _texts(waiting, text)))) > MOST_CHARACTERS:
            raise InputError(
                f"{name}: article {ids[0]!r} has more than {size:,} characters; at most {MOST_CHARACTERS:,}:"
                " give each article an id of its own"
            )
    if waiting.num_rows:
        yield waiting


class _Order:
    """Checks that the sentences of an article stand together and that their positions ascend."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.row = 0
        self.seen: set[Any] = set()
        self.article: Any = None
        self.position = 0.0

    def check(self, articles: Sequence[Any], positions: Sequence[Any]) -> None:
        """Check the next rows; raises ``InputError`` at the first that is out of order."""
        for article, cell in zip(articles, positions, strict=True):
            self.row += 1
            position = self._number(cell)
            if article is None or article == "":
                raise self._fault("no article is named")
            if article != self.article:
                if article in self.seen:
                    raise self._fault(f"article {article!r} was left before and comes again; sort the rows by article")
                self.seen.add(article)
            elif position <= self.position:
                raise self._fault(f"position {cell} of article {article!r} does not ascend; sort the rows by position")
            self.article, self.position = article, position

    def _number(self, cell: Any) -> float:
        try:
            return float(cell)
        except (TypeError, ValueError):
            raise self._fault(f"position {cell!r} is no number") from None

    def _fault(self, reason: str) -> InputError:
        return InputError(f"{self.name}, row {self.row}: {reason}")


def _text_column(name: str, stream: Stream, wanted: str | None) -> str:
    column = text_column(name, wanted, stream.schema.names)
    field = stream.schema.field(column)
    if field.metadata == AS_JSON or not any(is_text(field.type) for is_text in TEXT):
        kind = "values of several kinds" if field.metadata == AS_JSON else str(field.type)
        raise InputError(f"{name}: column {column!r} holds {kind}, not text; name the text with --text-column")
    return column


def _texts(rows: pa.Table, column: str) -> list[str]:
    return [cell or "" for cell in rows[column].to_pylist()]


def _renamed(schema: pa.Schema, taken: Sequence[str]) -> pa.Schema:
    """The schema under the names that its columns get beside those that are taken."""
    names = travelling_names(schema.names, taken)
    return pa.schema([field.with_name(names[field.name]) for field in schema])
