"""Rows added to a file that people type into: whole, on disk before it is said, in the form the file has by then."""

import csv
import io
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from filelock import FileLock

from framelens.errors import InputError, reason_of
from framelens.spreadsheet import guarded

MARK = b"\xef\xbb\xbf"
"""The byte-order mark that spreadsheets put before UTF-8."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a file writes its rows: its own order of the columns, and its own line ends."""

    columns: tuple[str, ...]
    line_end: str = "\n"

    def line(self, row: Mapping[str, str]) -> bytes:
        """One row as the one line that it takes; white space in a field is folded, so that it stays one."""
        return self._written([guarded(one_line(row[column])) for column in self.columns])

    @property
    def header(self) -> bytes:
        """The first line of a new file."""
        return self._written(self.columns)

    def _written(self, fields: Sequence[str]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator=self.line_end).writerow(fields)
        return text.getvalue().encode("utf-8", "replace")


def append_rows(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    """Append rows, each as one whole line, and return once they are on disk; several programs may do so at once.

    The file keeps its own order of columns, line ends and quotes; a last line without its end gets one, and nothing
    that stands in the file is changed. Raises ``InputError``, and leaves the file as it was, where not all can be
    written.
    """
    with locked(path):
        is_new = not path.exists()
        try:
            with path.open("ab+", buffering=0) as file:
                _extend(file, lines_to_add(path, columns, rows))
            if is_new:
                _keep_name(path.parent)
        except (OSError, InputError) as error:
            if is_new:
                path.unlink(missing_ok=True)
            raise (not_recorded(path, error) if isinstance(error, OSError) else error) from None


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file against other programs that append to it; the lock goes when its holder ends, however it ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.parent / f".{path.name}.lock", poll_interval=0.001)
        lock.acquire()
    except OSError as error:
        raise not_recorded(path, error) from None
    try:
        yield
    finally:
        lock.release()


def form_of(path: Path, columns: Sequence[str]) -> Form | None:
    """The form of the rows of a file, ``None`` where it is new or empty; raises ``InputError`` for other columns."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        first = file.readline()
    if not first.strip(b"\r\n" + MARK):
        if path.stat().st_size > len(first):
            raise InputError(f"{path}:1: the first line is empty; it must be {','.join(columns)}")
        return None
    try:
        header = tuple(next(csv.reader([first.decode("utf-8-sig").strip("\r\n")], strict=True)))
    except (UnicodeDecodeError, csv.Error):
        header = ()
    if sorted(header) != sorted(columns):
        raise InputError(
            f"{path}:1: nothing can be added: the columns must be {','.join(columns)}, parted by commas, in UTF-8"
        )
    return Form(header, "\r\n" if first.endswith(b"\r\n") else "\n")


def lines_to_add(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """What has to be written behind the file so that it holds the rows too."""
    form = form_of(path, columns)
    head = b""
    if form is None:
        form = Form(tuple(columns))
        head = form.header
    elif not _ends_a_line(path):
        head = form.line_end.encode()
    return head + b"".join(map(form.line, rows))


def one_line(text: str) -> str:
    """Text that stands on one line whatever reads it.

    >>> one_line("so \\n and\\x00 so ")
    'so and so'
    """
    return " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one) != "Cc").split())


def not_recorded(path: Path, error: OSError) -> InputError:
    """What went wrong, and that the file is as it was."""
    return InputError(f"{path}: nothing was recorded: {reason_of(error)}")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _extend(file: FileIO, data: bytes) -> None:
    """Write all of it behind the file and wait for the disk; where that fails, the file is cut back to what it was."""
    size = file.seek(0, os.SEEK_END)
    try:
        while data:  # the system may take it in parts
            data = data[os.write(file.fileno(), data) :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(size)
        raise


def _keep_name(folder: Path) -> None:
    """A new name lasts through a power cut only when its folder is on disk too; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
