"""Tables as streams: read and written a batch at a time, so that memory does not grow with the file."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from framelens.errors import InputError
from framelens.pages import one_line
from framelens.tables import Row, csv_rows, json_rows, require_distinct
from framelens.write import json_text, write_rows

BATCH_ROWS = 4096
BATCH_BYTES = 2 * 2**20
GROUP_ROWS = 2**15
GROUP_BYTES = 16 * 2**20
CARD = "_framelens.json"
"""Says in the folder of classified partitions how they were classified, so that no two ways are mixed."""
MOST_EXACT = 2**53
"""Largest whole number that a fraction can stand for exactly."""
AS_JSON = {b"framelens": b"json"}
"""Marks a column of JSON Lines whose cells mix kinds, or nest: it is kept as JSON text."""
KINDS = {
    frozenset({"bool"}): pa.bool_(),
    frozenset({"int"}): pa.int64(),
    frozenset({"long"}): pa.int64(),
    frozenset({"int", "long"}): pa.int64(),
    frozenset({"int", "float"}): pa.float64(),
    frozenset({"float"}): pa.float64(),
    frozenset({"text"}): pa.string(),
    frozenset(): pa.string(),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """A table that is read once, batch after batch of whole rows."""

    schema: pa.Schema
    batches: Iterator[pa.Table]


def read_stream(name: str, file: IO[bytes]) -> Stream:
    """Open a table by the ending of its name; raises ``InputError`` that names the file and the fault."""
    stream = READERS[ending(name)](name, file)
    require_distinct(name, stream.schema.names)
    return Stream(stream.schema, _told(name, stream.batches))


def ending(name: str) -> str:
    """The ending of a name, such as ``.csv``.

    >>> ending("2024/part.01.CSV")
    '.csv'
    """
    return f".{name.rpartition('.')[2].lower()}"


def write_stream(file: IO[bytes], kind: str, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    """Write tables of one schema below one another, as ``parquet``, ``csv`` or ``jsonl``."""
    if kind == "parquet":
        _write_parquet(file, schema, tables)
    else:
        write_rows(file, kind, schema.names, (row for table in tables for row in _rows(table)))


def numbers(values: NDArray[Any]) -> pa.Array:
    """Numbers as a column.

    Made from their bytes, as in ``strings``: ``pyarrow.array`` imports pandas, which takes longer than all else here.
    """
    kind = {"i4": pa.int32(), "i8": pa.int64(), "f8": pa.float64()}[values.dtype.str[1:]]
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def strings(values: Sequence[str]) -> pa.Array:
    """Texts as a column."""
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))])


def _told(name: str, batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    try:
        yield from batches
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; save it as UTF-8") from None
    except (pa.ArrowException, OSError, OverflowError) as error:
        raise InputError(f"{name}: cannot be read: {one_line(error)}") from None


def _parquet(name: str, file: IO[bytes]) -> Stream:
    try:
        # unbuffered, a row group would be held in memory whole
        table = pq.ParquetFile(file, buffer_size=2**20, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name}: not a Parquet file that can be read: {one_line(error)}") from None
    groups = [table.metadata.row_group(number) for number in range(table.metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1.0)
    rows = max(1, min(BATCH_ROWS, int(BATCH_BYTES / max(widest, 1.0))))
    schema = pa.schema([_plain(field) for field in table.schema_arrow])
    return Stream(schema, (pa.Table.from_batches([batch]).cast(schema) for batch in table.iter_batches(rows)))


def _plain(field: pa.Field) -> pa.Field:
    """The field without notes; a dictionary of values is undone, for each batch has its own."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    return pa.field(field.name, kind)


def _csv(name: str, file: IO[bytes]) -> Stream:
    try:
        header, rows = csv_rows(name, _lines(file))
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; save it as UTF-8") from None
    schema = pa.schema([(key, pa.string()) for key in header])
    return Stream(schema, (pa.Table.from_pylist(batch, schema) for batch in _batches(rows)))


def _jsonl(name: str, file: IO[bytes]) -> Stream:
    # read twice: only at its end is it known which columns there are, and of what kind
    kinds: dict[str, set[str]] = {}
    try:
        for _, row in json_rows(name, _lines(file)):
            for key, value in row.items():
                kinds.setdefault(key, set()).update(_kind(value))
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8; save it as UTF-8") from None
    file.seek(0)
    schema = pa.schema([_json_field(key, kinds[key]) for key in kinds])
    rows = (row for _, row in json_rows(name, _lines(file)))
    return Stream(schema, (_json_table(batch, list(kinds), schema) for batch in _batches(rows)))


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Lines of UTF-8 text with their ends, without a byte-order mark."""
    for number, line in enumerate(file):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8")


def _kind(value: Any) -> set[str]:
    """Kind of a JSON value, as in ``KINDS``; none for null."""
    if value is None:
        return set()
    if isinstance(value, int) and not isinstance(value, bool):
        return {"int" if abs(value) <= MOST_EXACT else "long" if -(2**63) <= value < 2**63 else "json"}
    return {{bool: "bool", float: "float", str: "text"}.get(type(value), "json")}


def _json_field(key: str, kinds: set[str]) -> pa.Field:
    kind = KINDS.get(frozenset(kinds))
    return pa.field(_encodable(key), kind or pa.string(), metadata=None if kind else AS_JSON)


def _json_table(rows: list[Row], keys: list[str], schema: pa.Schema) -> pa.Table:
    columns = []
    for key, field in zip(keys, schema, strict=True):
        cells = [row.get(key) for row in rows]
        if field.metadata == AS_JSON:
            cells = [None if cell is None else json_text(cell) for cell in cells]
        if pa.types.is_string(field.type):
            cells = [cell if cell is None or cell.isascii() else _encodable(cell) for cell in cells]
        columns.append(pa.array(cells, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _encodable(text: str) -> str:
    """Text without lone surrogates, which no encoding has."""
    return text.encode("utf-8", "replace").decode()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows by the thousand, fewer where they are long."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(cell) if isinstance(cell, str) else 8 for cell in row.values())
        if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        cells = column.to_pylist()
        if field.metadata == AS_JSON:
            cells = [None if cell is None else json.loads(cell) for cell in cells]
        columns.append(cells)
    return zip(*columns, strict=True)


def _write_parquet(file: IO[bytes], schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    plain = pa.schema([field.remove_metadata() for field in schema])
    waiting: list[pa.Table] = []
    with pq.ParquetWriter(file, plain, compression="zstd") as writer:
        for table in tables:
            waiting.append(pa.Table.from_arrays(table.columns, schema=plain))
            if (
                sum(part.num_rows for part in waiting) >= GROUP_ROWS
                or sum(one.nbytes for one in waiting) >= GROUP_BYTES
            ):
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting))


READERS: dict[str, Callable[[str, IO[bytes]], Stream]] = {
    ".parquet": _parquet,
    ".jsonl": _jsonl,
    ".csv": _csv,
    ".tsv": _csv,
}
