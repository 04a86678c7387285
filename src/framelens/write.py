"""Rows to files: CSV, JSONL and Parquet, whole or not at all."""

import csv
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from framelens.errors import InputError, reason_of
from framelens.spreadsheet import guarded

Row = Sequence[Any]
UNSEEN = re.compile(r"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters that JSON need not escape, and marks that turn the direction of what stands behind them."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name when all is written, and not at all if anything fails.

    A link is followed, a file keeps its rights, and what is no file (a pipe, a device) is written to directly. Raises
    ``InputError`` where nothing can be written.
    """
    path = Path(os.path.realpath(path))
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        if path.exists() and not os.access(path, os.W_OK):
            raise InputError(f"{path}: cannot be written: it is write-protected")
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written: {reason_of(error)}")


def write_rows(file: IO[bytes], kind: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows as one of ``KINDS``; lists become space-separated text in CSV and stay lists elsewhere."""
    KINDS[kind](file, columns, rows)


def travelling_names(columns: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Names that columns of the input get in the output: one that is taken gets ``input_`` before it.

    >>> travelling_names(["id", "frames"], taken=["text", "frames"])
    {'id': 'id', 'frames': 'input_frames'}
    """
    keys, taken = dict.fromkeys(columns), set(taken)
    names: dict[str, str] = {}
    for key in keys:
        name = key
        while name in taken or (name != key and name in keys):
            name = f"input_{name}"
        names[key] = name
        taken.add(name)
    return names


def _csv(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    writer = csv.writer(_Encoded(file), lineterminator="\r\n")
    writer.writerow(map(guarded, columns))
    for row in rows:
        writer.writerow([guarded(value) if isinstance(value, str) else _cell(value) for value in row])


def _cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, (dict, list)) else value


def _jsonl(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    for row in rows:
        file.write(f"{json_text(dict(zip(columns, row, strict=True)))}\n".encode("utf-8", "replace"))


def json_text(value: Any) -> str:
    """JSON that every reader takes: what is not a number is ``null``; what steers a terminal is written as ``\\u``."""
    text = json.dumps(_finite(value), ensure_ascii=False, default=str, allow_nan=False)
    return text if text.isprintable() else UNSEEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parquet(file: IO[bytes], columns: Sequence[str], rows: Iterable[Row]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [_array(name, values) for name, values in zip(columns, cells, strict=True)]
    pq.write_table(pa.table(arrays, names=[_clean(name) for name in columns]), file)


def _array(name: str, values: Sequence[Any]) -> Any:
    """Values of a column; its kind does not depend on the values where the column is our own."""
    import pyarrow as pa

    own = {"article": pa.string(), "text": pa.string(), "frames": pa.list_(pa.string())}
    numbers = {"position": pa.int64(), "start": pa.int64(), "end": pa.int64(), "sentences": pa.int64()}
    kind = {**own, **numbers}.get(name) or (pa.float64() if name.startswith(("p_", "share_", "quoted")) else None)
    try:
        array = pa.array(values, type=kind)
        if pa.types.is_null(array.type) or pa.types.is_struct(array.type):
            array = pa.array([None if value is None else _clean(_cell(value)) for value in values], type=pa.string())
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        # a column that travels along may mix kinds, or hold what Parquet has no kind for
        array = pa.array([None if value is None else _clean(_cell(value)) for value in values], type=pa.string())
    return array


def _clean(value: Any) -> str:
    """Text without lone surrogates, which no encoding has."""
    return str(value).encode("utf-8", "replace").decode()


class _Encoded:
    """Rows into a binary file, for ``csv``; letters that no encoding has are replaced.

    ``csv`` quotes only the line ends that it writes itself, so it writes both of them and one is taken off.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def write(self, text: str) -> int:
        return self.file.write((text.removesuffix("\r\n") + "\n").encode("utf-8", "replace"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


KINDS: dict[str, Callable[[IO[bytes], Sequence[str], Iterable[Row]], None]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
