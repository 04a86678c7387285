"""Files to documents: plain text, Markdown, HTML, Word, PDF and tables, each by its ending."""

import io
import os
import re
import sys
from codecs import lookup
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from framelens.errors import InputError, reason_of
from framelens.limits import MOST_BYTES, MOST_CHARACTERS, batch_rows, require_size, require_unpacked, too_long
from framelens.pages import (
    WORD_CHARACTER,
    Page,
    docx_text,
    html_text,
    one_line,
    pdf_text,
    undo_markdown,
    without_repeats,
)
from framelens.tables import csv_rows, json_rows, text_column

NO_TEXT = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}
"""Python's own codecs that are no encodings of pages; some take a time that grows with the square of the page."""

FRONT_MATTER = re.compile(r"---[ \t]*\n((?:[A-Za-z][\w-]*[ \t]*:.*\n)+)---[ \t]*(?:\n|\Z)")
MARKDOWN_MARKS = re.compile(r"^#{1,6} \S|\]\([^)\]\s]{0,2000}\)|\*\*\S", re.MULTILINE)
LINE_END = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
UTF_BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True, slots=True)
class Document:
    """One article: its name, its text, and the columns that travel along with it."""

    article: str
    text: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the reader of the figures should know about how this file was read, a line each."""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one file, under the name that the user gave it."""

    name: str
    data: bytes
    text_column: str | None = None


def read(
    paths: str | Path | Iterable[str | Path], text_column: str | None = None, leave_out: Path | None = None
) -> Iterator[Document]:
    """Read files, folders and ``-`` (standard input), one or several.

    In a table (CSV, TSV, JSONL, Parquet) each row is an article: its text stands in ``text_column`` (by default a
    column called ``text``), the other columns travel along. ``leave_out`` is a file that is passed over in folders.
    Raises ``InputError`` that names the file and the fault.
    """
    for path in [paths] if isinstance(paths, (str, Path)) else paths:
        if not str(path):
            raise InputError("an empty path; name a file, a folder, or - for standard input")
        if str(path) == "-":
            yield from _read_standard_input(text_column)
        elif Path(path).is_dir():
            yield from _read_folder(Path(path), text_column, leave_out)
        else:
            yield from _read_file(Path(path), text_column)


def _read_folder(folder: Path, text_column: str | None, leave_out: Path | None) -> Iterator[Document]:
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: cannot be read: {reason_of(error)}")

    files = []
    for at, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found = (Path(at, name) for name in names if not name.startswith("."))
        files += [file for file in found if file.suffix.lower() in READERS and not _same(file, leave_out)]
    if not files:
        raise InputError(f"{folder}: no articles in this folder; put files in it that end in {', '.join(READERS)}")
    for file in sorted(files):
        yield from _read_file(file, text_column)


def _same(file: Path, other: Path | None) -> bool:
    return other is not None and other.is_file() and file.samefile(other)


def _read_file(path: Path, text_column: str | None) -> Iterator[Document]:
    reader = READERS.get(path.suffix.lower())
    if not reader:
        raise InputError(f"{path}: no such file or folder") if not path.exists() else _unknown_kind(str(path))
    try:
        if path.exists() and not path.is_file():
            # a pipe would wait for ever, and a device never end
            raise InputError(f"{path}: no regular file; save it as one, or pipe it in: framelens classify -")
        require_size(str(path), path.suffix.lower(), path.stat().st_size)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    yield from reader(Source(path.as_posix(), data, text_column))


def read_content(name: str, data: bytes) -> Iterator[Document]:
    """Read what a file holds that is not on this machine's disk; its name says what kind it is."""
    ending = PurePath(name).suffix.lower()
    if reader := READERS.get(ending):
        require_size(name, ending, len(data))
        return reader(Source(name, data))
    raise _unknown_kind(name)


def _unknown_kind(name: str) -> InputError:
    return InputError(f"{name}: unknown kind of file; give one of {', '.join(READERS)}")


def _read_standard_input(text_column: str | None) -> Iterator[Document]:
    if sys.stdin is None or sys.stdin.isatty():
        what = "a terminal" if sys.stdin else "closed"
        raise InputError(
            f"standard input is {what}; pipe an article in, such as: cat article.txt | framelens classify -"
        )
    if text_column:
        raise InputError("standard input is read as plain text; save the table to a file to use --text-column")
    data = sys.stdin.buffer.read(8 * MOST_CHARACTERS + 1)
    if len(data) > 8 * MOST_CHARACTERS:
        raise too_long("standard input", f"more than {8 * MOST_CHARACTERS:,} bytes")
    yield from _plain(Source("standard input", data))


def _plain(source: Source) -> Iterator[Document]:
    text, notes = _decode(source)
    columns, text = _front_matter(LINE_END.sub("\n", text))
    if MARKDOWN_MARKS.search(text):
        text = undo_markdown(text, line_break="\n")
    yield _document(source.name, text, columns, notes)


def _markdown(source: Source) -> Iterator[Document]:
    text, notes = _decode(source)
    columns, text = _front_matter(LINE_END.sub("\n", text))
    yield _document(source.name, undo_markdown(text), columns, notes)


def _html(source: Source) -> Iterator[Document]:
    text, notes = _declared(source) or _decode(source)
    yield _page(source, html_text, text, notes)


def _docx(source: Source) -> Iterator[Document]:
    yield _page(source, docx_text, source.data)


def _pdf(source: Source) -> Iterator[Document]:
    yield _page(source, pdf_text, source.data)


def _page(source: Source, undo: Callable[[Any], Page], content: object, notes: tuple[str, ...] = ()) -> Document:
    try:
        page = undo(content)
    except ModuleNotFoundError:
        raise InputError(
            f"{source.name}: this kind of file needs an extra; run: pip install 'framelens[docs]'"
        ) from None
    except ValueError as error:
        raise InputError(f"{source.name}: {error}") from None
    return _document(source.name, page.text, page.columns, notes)


def _table(source: Source) -> Iterator[Document]:
    text, notes = _decode(source)
    header, rows = csv_rows(source.name, io.StringIO(text, newline=""))
    column = text_column(source.name, source.text_column, header)
    for number, row in enumerate(rows, start=1):
        yield _row(source, number, row, column, notes if number == 1 else ())


def _jsonl(source: Source) -> Iterator[Document]:
    text, notes = _decode(source)
    for number, row in json_rows(source.name, text.split("\n")):
        column = text_column(f"{source.name}, line {number}", source.text_column, row)
        yield _row(source, number, row, column, notes if number == 1 else ())


def _parquet(source: Source) -> Iterator[Document]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(source.data))
        require_unpacked(source.name, file.metadata)
        column = text_column(source.name, source.text_column, file.schema_arrow.names)
        number = 0
        characters = 0
        for batch in file.iter_batches(batch_rows(file.metadata)):
            for row in batch.to_pylist():
                number += 1
                characters += len(row[column]) if isinstance(row[column], str) else 0
                if characters > MOST_BYTES[".parquet"]:
                    raise InputError(
                        f"{source.name}: more than {MOST_BYTES['.parquet']:,} characters; part it in several"
                    )
                yield _row(source, number, row, column)
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
        raise InputError(f"{source.name}: not a Parquet file that can be read: {one_line(error)}") from None


READERS: dict[str, Callable[[Source], Iterator[Document]]] = {
    ".txt": _plain,
    ".md": _markdown,
    ".html": _html,
    ".htm": _html,
    ".docx": _docx,
    ".pdf": _pdf,
    ".csv": _table,
    ".tsv": _table,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}


def _document(name: str, text: str, columns: Mapping[str, Any] | None = None, notes: tuple[str, ...] = ()) -> Document:
    text = _tidy(text)
    if len(text) > MOST_CHARACTERS:
        raise too_long(name, f"{len(text):,} characters")
    if not WORD_CHARACTER.search(text):
        raise InputError(f"{name}: empty; there is no text to classify")
    return Document(name, text, columns or {}, notes)


def _row(source: Source, number: int, row: Mapping[str, Any], column: str, notes: tuple[str, ...] = ()) -> Document:
    name = f"{source.name}:{number}"
    others = {key: value for key, value in row.items() if key != column}
    return Document(name, article_text(name, row[column], column), others, notes)


def article_text(name: str, cell: Any, column: str) -> str:
    """Text of an article that is a cell of a table; ``InputError`` if it is no text, or too long for one article."""
    if cell is not None and not isinstance(cell, str):
        raise InputError(
            f"{name}: column {column!r} holds {type(cell).__name__}, not text; name the text with --text-column"
        )
    text = _tidy(cell or "")
    if len(text) > MOST_CHARACTERS:
        raise too_long(name, f"{len(text):,} characters")
    return text


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Columns from the ``key: value`` lines between two ``---`` lines at the top, and the text below."""
    match = FRONT_MATTER.match(text)
    if not match:
        return {}, text
    pairs = (line.split(":", 1) for line in match.group(1).splitlines())
    return {key.strip().lower(): value.strip().strip("\"'") for key, value in pairs}, text[match.end() :]


def _tidy(text: str) -> str:
    """Plain line ends, no control characters, no lines that are repeated or only decoration."""
    plain = CONTROL.sub("", LINE_END.sub("\n", text))
    lines = without_repeats(line.rstrip() for line in plain.split("\n"))
    return "\n".join(line for line in lines if not line or WORD_CHARACTER.search(line)).strip("\n")


def _decode(source: Source) -> tuple[str, tuple[str, ...]]:
    """Text of a file, and a note where its encoding had to be guessed."""
    data = source.data
    if not data.strip():
        raise InputError(f"{source.name}: empty; there is no text to classify")
    encoding = next((name for mark, name in UTF_BOMS.items() if data.startswith(mark)), _silent_utf16(data) or "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = ""
    else:
        if text.count("\0") > len(text) / 1000:
            raise InputError(f"{source.name}: a binary file, or text in an unknown encoding; save it as UTF-8")
        if encoding in ("utf-8", "utf-8-sig"):
            return text, ()
        return text, (f"{source.name}: read as UTF-16",)
    from charset_normalizer import from_bytes

    guess = from_bytes(data[:1_000_000]).best() if b"\0" not in data else None
    if guess is None:
        raise InputError(f"{source.name}: a binary file, or text in an unknown encoding; save it as UTF-8")
    text = data.decode(guess.encoding, errors="replace")
    return text, (f"{source.name}: not UTF-8, read as {guess.encoding} by its look; check the letters",)


def _declared(source: Source) -> tuple[str, tuple[str, ...]] | None:
    """Text of a page in the encoding that it declares, if that fits."""
    declared = CHARSET.search(source.data[:4096])
    try:
        codec = lookup(declared.group(1).decode()) if declared else None
        return (source.data.decode(codec.name), ()) if codec and codec.name not in NO_TEXT else None
    except (UnicodeError, LookupError):
        return None


def _silent_utf16(data: bytes) -> str | None:
    """UTF-16 without a byte-order mark: in most scripts nearly every second byte of the spaces and stops is zero."""
    if len(data) % 2 or b"\0" not in data[:4096]:
        return None
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 4 * even and odd > len(head) / 20:
        return "utf-16-le"
    if even > 4 * odd and even > len(head) / 20:
        return "utf-16-be"
    return None
