"""New articles into the labelled set: read and segmented as everywhere, all of them or none."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from framelens.append import append_rows, lines_to_add, locked, not_recorded, one_line
from framelens.errors import InputError, reason_of
from framelens.labels import ARTICLE_COLUMNS, SENTENCE_COLUMNS
from framelens.limits import TABLES
from framelens.read import Document, read
from framelens.segment import fingerprint, segment
from framelens.spreadsheet import unguarded
from framelens.write import whole_file

ARTICLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
NOT_IN_AN_ID = re.compile(r"[^A-Za-z0-9]+")
TRAVELS = ("title", "outlet", "date", "url", "genre", "topic")
"""Columns of a document that become columns of the article, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class NewArticle:
    """One article as it goes into the set: its row, its sentences, and what was read."""

    id: str
    row: Mapping[str, str]
    sentences: tuple[str, ...]
    document: Document

    @property
    def withheld(self) -> bool:
        """Whether the text belongs to others and stays on this machine."""
        return self.row["origin"] == "source"

    @property
    def sentence_rows(self) -> list[dict[str, str]]:
        """The rows of ``sentences.csv``; without text where that belongs to others."""
        return [
            dict(
                zip(
                    SENTENCE_COLUMNS,
                    (f"{self.id}:{place:02d}", self.id, str(place), fingerprint(text), "" if self.withheld else text),
                    strict=True,
                )
            )
            for place, text in enumerate(self.sentences, start=1)
        ]


def prepare(documents: Sequence[Document], about: Mapping[str, str], id_: str | None = None) -> list[NewArticle]:
    """Articles from documents; ``about`` overrules what a document says of itself.

    The id is ``id_`` (for one document), a column ``article_id`` or ``id``, or comes from the name of the file. Raises
    ``InputError`` for what is no id, or for two articles of one id.
    """
    if id_ and len(documents) > 1:
        raise InputError(f"--id names one article, but there are {len(documents)}; leave it out, or add one at a time")
    found: dict[str, NewArticle] = {}
    for document in documents:
        article = _article(document, about, id_ or _id_of(document))
        if article.id in found:
            raise InputError(f"{document.article}: another of these articles has the id {article.id!r} too; give --id")
        found[article.id] = article
    return list(found.values())


def add(folder: Path, articles: Sequence[NewArticle]) -> None:
    """Add articles to the labelled set in ``folder``; raises ``InputError``, and adds nothing, where one cannot be."""
    with locked(folder / "set"):
        there, begun = _known(folder)
        for one in articles:
            if one.id in there or (one.id in begun and begun[one.id] != one.row["origin"]):
                raise InputError(
                    f"{folder / 'articles.csv'}: there is an article {one.id!r} already; give another --id"
                )
        kept: list[Path] = []
        try:
            for one in articles:
                if one.withheld:
                    kept += _keep_text(folder / "articles", one)
            # an article without sentences is no fault, and goes on here; sentences without their article are one
            append_rows(
                folder / "articles.csv", ARTICLE_COLUMNS, [dict(one.row) for one in articles if one.id not in begun]
            )
            _append_whole(folder / "sentences.csv", [row for one in articles for row in one.sentence_rows])
        except InputError:
            for path in kept:
                path.unlink(missing_ok=True)
            raise


def _known(folder: Path) -> tuple[set[str], dict[str, str]]:
    """Ids of articles with sentences, and origins of those without any, as a run leaves them that is cut short."""
    articles = _column_pairs(folder / "articles.csv", "article_id", "origin")
    there = {article for article, _ in _column_pairs(folder / "sentences.csv", "article_id", "sentence_id")}
    return there, {article: origin for article, origin in articles if article not in there}


def _column_pairs(path: Path, one: str, other: str) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return [(unguarded(row[one]), unguarded(row[other])) for row in csv.DictReader(file)]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    except (KeyError, TypeError, UnicodeDecodeError, csv.Error):
        raise InputError(f"{path}: broken; see what is wrong with: framelens data check {path.parent}") from None


def _append_whole(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """All rows at once: the file is written aside and renamed, so that no article is there in part."""
    try:
        before = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise not_recorded(path, error) from None
    added = lines_to_add(path, SENTENCE_COLUMNS, rows)
    with whole_file(path) as file:
        file.write(before + added)


def _keep_text(folder: Path, article: NewArticle) -> list[Path]:
    """Put the article where every command looks for it, and name the file if it is new.

    A file of its own is copied as it is, a row of a table becomes a text.
    """
    source = Path(article.document.article)
    as_it_is = source.is_file() and source.suffix.lower() not in TABLES
    path = folder / f"{article.id}{source.suffix.lower() if as_it_is else '.txt'}"
    try:
        data = source.read_bytes() if as_it_is else article.document.text.encode("utf-8")
        if path.exists():
            if path.read_bytes() != data:
                raise InputError(f"{path}: there is another text of this name; remove it, or give another --id")
            return []
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.write(data)
    except OSError as error:
        raise InputError(f"{path}: the text cannot be kept: {reason_of(error)}") from None
    found = {fingerprint(one.text) for each in read([path]) for one in segment(each.text, article.row["language"])}
    if missing := [one for one in article.sentences if fingerprint(one) not in found]:
        path.unlink()
        raise InputError(
            f"{article.document.article}: cannot be read again as it was; save it as plain text ({missing[0][:40]} ...)"
        )
    return [path]


def _article(document: Document, about: Mapping[str, str], id_: str) -> NewArticle:
    if not ARTICLE_ID.fullmatch(id_):
        raise InputError(f"{document.article}: {id_!r} is no id; use letters, digits, '.', '-' and '_'")
    own = {key: one_line(str(document.columns[key])) for key in TRAVELS if document.columns.get(key) is not None}
    row = {**dict.fromkeys(ARTICLE_COLUMNS, ""), "group": id_, **own, **about, "article_id": id_}
    try:
        sentences = tuple(one_line(one.text) for one in segment(document.text, row["language"]))
    except ValueError as error:
        raise InputError(f"{document.article}: {error}") from None
    if not sentences:
        raise InputError(f"{document.article}: no sentences in it")
    # the first sentence of a text that belongs to others stays with it, as all others do
    row["title"] = row["title"] or (id_ if row["origin"] == "source" else sentences[0])
    return NewArticle(id_, row, sentences, document)


def _id_of(document: Document) -> str:
    for key in ("article_id", "id"):
        if document.columns.get(key) is not None:
            return str(document.columns[key])
    path, _, row = document.article.rpartition(":")
    stem = Path(path).stem + f"-{row}" if path and row.isdecimal() else Path(document.article).stem
    return NOT_IN_AN_ID.sub("-", stem).strip("-").lower()
