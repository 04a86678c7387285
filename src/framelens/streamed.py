"""Classified articles one after another, from articles or from what was written before; memory does not grow."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from framelens.classified import ENDINGS, Classified, card_of, cell_text, files_of, frames_of, require_probabilities
from framelens.errors import InputError, reason_of
from framelens.pages import one_line
from framelens.read import Document
from framelens.score import Classifier
from framelens.stream import AS_JSON, CARD, Stream, read_stream

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ClassifiedArticle:
    """The sentences of one article, n, and their frames, F."""

    name: str
    texts: list[str] | None
    proba: Floats
    """Shape (n, F)."""
    called: Bools
    """Frames called present; shape (n, F)."""
    quoted: Floats | None
    """Share of each sentence inside quotation marks, where it is known."""
    date: str
    outlet: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What columns are called."""

    article: str = "article"
    date: str = "date"
    outlet: str = "outlet"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles that are read once, in order."""

    name: str
    frames: tuple[str, ...]
    articles: Iterator[ClassifiedArticle]
    card: Mapping[str, Any]
    """How it was classified, where that is known."""
    notes: tuple[str, ...] = ()
    """What a reader should know about how it was read."""


def is_classified(path: Path) -> bool:
    """Whether this is what ``classify`` or ``classify-corpus`` wrote, not articles."""
    if path.is_dir():
        tables = sorted(one for one in path.iterdir() if one.suffix.lower() in ENDINGS and one.name[0] not in "._")
        return (path / CARD).is_file() or bool(tables and is_classified(tables[0]))
    if path.suffix.lower() not in ENDINGS or not path.is_file():
        return False
    names = _columns(path)
    return "frames" in names and any(name.startswith("p_") for name in names)


def read_corpus(path: Path, columns: Columns) -> Corpus:
    """Open a file or a folder of partitions; raises ``InputError`` that names file and column."""
    card = card_of(path)
    columns = replace(columns, article=card.get("article_column") or columns.article)
    files = files_of(path)
    names = _columns(files[0])
    frames = tuple(name.removeprefix("p_") for name in names if name.startswith("p_"))
    if not frames:
        raise InputError(f"{files[0]}: no column p_FRAME; name what framelens classify or classify-corpus wrote")
    return Corpus(str(path), frames, (one for file in files for one in _articles(file, frames, columns)), card)


def of_documents(
    classifier: Classifier, documents: Iterable[Document], columns: Columns, language: str
) -> Iterator[ClassifiedArticle]:
    """Articles, classified as they are asked for."""
    shape = (-1, len(classifier.frames))
    for document, sentences in classifier.classify_documents(documents, language):
        chances = [list(one.probabilities.values()) for one in sentences]
        called = [[frame in one.frames for frame in classifier.frames] for one in sentences]
        yield ClassifiedArticle(
            document.article,
            [one.text for one in sentences],
            np.array(chances, dtype=np.float64).reshape(shape),
            np.array(called, dtype=bool).reshape(shape),
            np.array([one.quoted for one in sentences]),
            cell_text(document.columns.get(columns.date)),
            cell_text(document.columns.get(columns.outlet)),
        )


def together(name: str, frames: tuple[str, ...], articles: Sequence[ClassifiedArticle]) -> Classified:
    """All sentences at once, for what takes the scores of a whole corpus."""
    sizes = [len(one.proba) for one in articles]
    return Classified(
        name,
        frames,
        tuple(one.name for one in articles),
        np.repeat(np.arange(len(articles)), sizes),
        np.concatenate([np.arange(1, size + 1) for size in sizes]),
        np.concatenate([one.proba for one in articles]),
        np.concatenate([one.called for one in articles]),
        {},
        [text for one in articles for text in one.texts or ()],
    )


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    try:
        with path.open("rb") as file:
            yield read_stream(str(path), file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None


def _columns(path: Path) -> list[str]:
    with _opened(path) as stream:
        return list(stream.schema.names)


def _articles(path: Path, frames: tuple[str, ...], columns: Columns) -> Iterator[ClassifiedArticle]:
    """Articles of one file, which is closed after the last."""
    with _opened(path) as stream:
        yield from _whole_articles(path, stream, frames, columns)


def _whole_articles(
    path: Path, stream: Stream, frames: tuple[str, ...], columns: Columns
) -> Iterator[ClassifiedArticle]:
    """The last article of a batch waits for the next batch, where it may go on."""
    names = stream.schema.names
    needed = (columns.article, "frames", *(f"p_{frame}" for frame in frames))
    if missing := [name for name in needed if name not in names]:
        raise InputError(f"{path}: no column {missing[0]!r}; name what framelens classify or classify-corpus wrote")
    waiting: list[pa.Table] = []
    for table in stream.batches:
        ids = table[columns.article].to_pylist()
        starts = [row for row in range(1, len(ids)) if ids[row] != ids[row - 1]]
        if waiting and ids and waiting[-1][columns.article][-1].as_py() != ids[0]:
            starts = [0, *starts]
        at = 0
        for start in starts:
            yield _article(path, pa.concat_tables([*waiting, table.slice(at, start - at)]), frames, columns)
            waiting, at = [], start
        waiting.append(table.slice(at))
    if waiting and (last := pa.concat_tables(waiting)).num_rows:
        yield _article(path, last, frames, columns)


def _article(path: Path, rows: pa.Table, frames: tuple[str, ...], columns: Columns) -> ClassifiedArticle:
    proba = np.column_stack([_numbers(path, rows, f"p_{frame}") for frame in frames])
    require_probabilities(path, proba)
    said = rows["frames"].to_pylist()
    if rows.schema.field("frames").metadata == AS_JSON:
        said = [json.loads(cell or "[]") for cell in said]
    sets = [frames_of(cell) for cell in said]
    return ClassifiedArticle(
        cell_text(rows[columns.article][0].as_py()),
        [str(cell or "") for cell in rows["text"].to_pylist()] if "text" in rows.schema.names else None,
        proba,
        np.array([[frame in one for frame in frames] for one in sets], dtype=bool),
        _numbers(path, rows, "quoted") if "quoted" in rows.schema.names else None,
        _first(rows, columns.date),
        _first(rows, columns.outlet),
    )


def _numbers(path: Path, rows: pa.Table, column: str) -> Floats:
    try:
        found = rows[column].cast(pa.float64()).to_numpy()
    except pa.ArrowException as error:
        raise InputError(f"{path}: {column}: not all of them are numbers: {one_line(error)}") from None
    if np.isnan(found).any():
        raise InputError(f"{path}: {column}: not all of them are numbers; write the file anew")
    return np.asarray(found, dtype=np.float64)


def _first(rows: pa.Table, column: str) -> str:
    return cell_text(rows[column][0].as_py()) if column in rows.schema.names else ""
