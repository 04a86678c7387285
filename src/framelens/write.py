"""Rows to files: CSV, JSONL and Parquet, whole or not at all."""

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from framelens.errors import InputError

Row = Sequence[Any]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when all is written, and not at all if anything fails.

    Raises ``InputError`` where the folder does not take a file.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from error
    finally:
        Path(temporary).unlink(missing_ok=True)


def write_rows(file: IO[bytes], kind: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as one of ``KINDS``; lists become space-separated text in CSV and stay lists elsewhere."""
    KINDS[kind](file, columns, rows)


def _csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    writer = csv.writer(_Encoded(file), lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value


def _jsonl(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    for row in rows:
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str)
        file.write(f"{line}\n".encode("utf-8", "replace"))


def _parquet(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = []
    for values in cells:
        try:
            arrays.append(pa.array(values))
        except pa.ArrowException:
            # a column that travels along may mix kinds from several files
            arrays.append(pa.array([None if value is None else str(_cell(value)) for value in values]))
    pq.write_table(pa.table(arrays, names=list(columns)), file)


class _Encoded:
    """Text into a binary file, for ``csv``; letters that no encoding has are replaced."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        return self.file.write(text.encode("utf-8", "replace"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


KINDS: dict[str, Callable[[IO[bytes], Sequence[str], Iterable[Row]], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
