"""The labelled set as files: articles, sentences and codings in, every fault named, codings appended."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from framelens.append import append_rows
from framelens.codebook import VERSION, Codebook, major, read_codebook
from framelens.errors import InputError, reason_of
from framelens.gold import Article, Coding, Fault, LabelledSentence, LabelledSet
from framelens.pages import one_line
from framelens.read import READERS, read
from framelens.segment import LANGUAGE, fingerprint, segment
from framelens.spreadsheet import unguarded

ARTICLE_COLUMNS = (
    "article_id",
    "title",
    "genre",
    "topic",
    "language",
    "origin",
    "group",
    "subject",
    "outlet",
    "date",
    "url",
)
SENTENCE_COLUMNS = ("sentence_id", "article_id", "position", "fingerprint", "text")
CODING_COLUMNS = ("sentence_id", "fingerprint", "frames", "codebook", "selected_by", "coded_at", "note")
ORIGINS = ("written", "source")
FINGERPRINT = re.compile(r"[0-9a-f]{16}")

Row = TypeVar("Row")


def read_labels(folder: str | Path, *, articles: bool = True) -> LabelledSet:
    """Read a data folder and note every fault; text of others is looked up in ``folder/articles`` by fingerprint.

    Raises ``InputError`` only where nothing can be read at all: no folder, no codebook, no sentences.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name the folder that holds codebook.toml and sentences.csv")
    codebook = read_codebook(folder / "codebook.toml")
    faults: list[Fault] = []
    described = _read_articles(folder / "articles.csv", faults)
    sentences, known = _read_sentences(folder / "sentences.csv", described, faults)
    if not sentences:
        told = f"; first fault: {faults[0]}" if faults else ""
        raise InputError(f"{folder / 'sentences.csv'}: no sentences that can be used{told}")
    files = sorted((folder / "codings").glob("*.csv"))
    if not files:
        faults.append(Fault(folder / "codings", 1, "no codings; each coder has a file here, named <coder>.csv"))
    codings = {path.stem: _read_codings(path, codebook, known, faults) for path in files}
    if articles and (folder / "articles").is_dir():
        sentences = _with_local_text(folder / "articles", described, sentences)
    return LabelledSet(codebook, described, tuple(sentences), codings, tuple(faults))


def append_codings(path: Path, codings: Iterable[Coding]) -> None:
    """Append codings to a coder's file, one line each, on disk when this returns; raises ``InputError`` if it cannot.

    Several programs may append to one file at once. Nothing that stands in it is changed: see ``append_rows``.
    """
    append_rows(path, CODING_COLUMNS, [_coding_row(coding) for coding in codings])


def _coding_row(coding: Coding) -> dict[str, str]:
    fields = (
        coding.sentence,
        coding.fingerprint,
        " ".join(sorted(coding.frames)),
        coding.codebook,
        coding.selected_by,
        coding.coded_at,
        coding.note,
    )
    return dict(zip(CODING_COLUMNS, fields, strict=True))


class RejectedError(ValueError):
    """Why a line of a file cannot be used."""


def _rows(path: Path, columns: Sequence[str], faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and fields of each whole row; what cannot be read becomes a fault and is passed over."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    header: list[str] | None = None
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw.strip(b"\r\xef\xbb\xbf"):
            continue
        try:
            # one row is one line, so that a broken one cannot swallow those after it
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").removesuffix("\r")
            fields = next(csv.reader([line], strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            hint = "; save the file as UTF-8" if isinstance(error, UnicodeDecodeError) else ""
            faults.append(Fault(path, number, f"broken line: {one_line(error)}{hint}"))
            if header is None:
                return
            continue
        if header is None:
            header = fields
            if sorted(header) != sorted(columns):
                faults.append(Fault(path, number, f"columns are {','.join(header)}; they must be {','.join(columns)}"))
                return
        elif len(fields) != len(header):
            faults.append(Fault(path, number, f"broken line: {len(fields)} fields where the header has {len(header)}"))
        else:
            yield number, dict(zip(header, map(unguarded, fields), strict=True))
    if header is None:
        faults.append(Fault(path, 1, f"empty; it must start with the line {','.join(columns)}"))


def _read(
    path: Path, columns: Sequence[str], faults: list[Fault], parse: Callable[[dict[str, str]], Row]
) -> Iterator[Row]:
    for line, row in _rows(path, columns, faults):
        try:
            yield parse(row)
        except RejectedError as rejected:
            faults.append(Fault(path, line, str(rejected)))


def _read_articles(path: Path, faults: list[Fault]) -> dict[str, Article]:
    articles: dict[str, Article] = {}

    def parse(row: dict[str, str]) -> Article:
        _require(row["article_id"], "article_id is empty")
        _require(row["article_id"] not in articles, f"article {row['article_id']!r} stands twice")
        article = Article(row["article_id"], *(row[key] for key in ARTICLE_COLUMNS[1:8]))
        # known from here on, so that its sentences are not told as faults of their own
        articles[article.id] = article
        _require(row["origin"] in ORIGINS, f"origin is {row['origin']!r}; give one of {', '.join(ORIGINS)}")
        right = LANGUAGE.fullmatch(row["language"])
        _require(right, f"language is {row['language']!r}; give two or three letters, such as en")
        _require(row["group"], "group is empty; give the article's own id where it stands alone")
        return article

    list(_read(path, ARTICLE_COLUMNS, faults, parse))
    return articles


def _read_sentences(
    path: Path, articles: Mapping[str, Article], faults: list[Fault]
) -> tuple[list[LabelledSentence], set[str]]:
    """Sentences in the order of their articles, and every id that was seen, so that one fault is told once."""
    seen: set[str] = set()

    def parse(row: dict[str, str]) -> LabelledSentence:
        id_, article, text = row["sentence_id"], row["article_id"], row["text"]
        _require(id_ not in seen, f"sentence {id_!r} stands twice")
        seen.add(id_)
        _require(article in articles, f"sentence {id_!r}: article {article!r} is not in articles.csv")
        _require(row["position"].isdecimal(), f"sentence {id_!r}: position is {row['position']!r}; give a whole number")
        position = int(row["position"])
        _require(
            id_ == f"{article}:{position:02d}",
            f"sentence {id_!r}: should be '{article}:{position:02d}' at position {position}",
        )
        _require(
            FINGERPRINT.fullmatch(row["fingerprint"]), f"sentence {id_!r}: fingerprint is not 16 hexadecimal digits"
        )
        withheld = articles[article].origin == "source"
        _require(not (withheld and text), f"sentence {id_!r}: the text belongs to its publisher; leave it empty here")
        _require(withheld or text, f"sentence {id_!r}: no text")
        right = fingerprint(text) if text else row["fingerprint"]
        _require(
            row["fingerprint"] == right,
            f"sentence {id_!r}: the text has the fingerprint {right}, not {row['fingerprint']}",
        )
        return LabelledSentence(id_, article, position, row["fingerprint"], text or None)

    sentences = list(_read(path, SENTENCE_COLUMNS, faults, parse))
    order = {article: number for number, article in enumerate(articles)}
    return sorted(sentences, key=lambda sentence: (order[sentence.article], sentence.position)), seen


def _read_codings(path: Path, codebook: Codebook, known: set[str], faults: list[Fault]) -> tuple[Coding, ...]:
    def parse(row: dict[str, str]) -> Coding:
        id_ = row["sentence_id"]
        _require(id_ in known, f"coding of {id_!r}: no such sentence in sentences.csv")
        _require(
            FINGERPRINT.fullmatch(row["fingerprint"]), f"coding of {id_!r}: fingerprint is not 16 hexadecimal digits"
        )
        _require(
            VERSION.fullmatch(row["codebook"]),
            f"coding of {id_!r}: codebook version is {row['codebook']!r}; give MAJOR.MINOR",
        )
        _require(row["selected_by"], f"coding of {id_!r}: selected_by is empty; say how the sentence was chosen")
        _require(
            is_time(row["coded_at"]),
            f"coding of {id_!r}: coded_at is {row['coded_at']!r}; give it as YYYY-MM-DD or with a time",
        )
        try:
            frames = codebook.parse_frames(row["frames"])
        except ValueError as error:
            # a coding under an older major version may name frames that are gone; it is stale, not wrong
            _require(major(row["codebook"]) != codebook.major, f"coding of {id_!r}: {error}")
            frames = frozenset(row["frames"].split())
        rest = (row[key] for key in CODING_COLUMNS[3:])
        return Coding(id_, row["fingerprint"], frames, *rest)

    return tuple(_read(path, CODING_COLUMNS, faults, parse))


def _require(condition: object, message: str) -> None:
    if not condition:
        raise RejectedError(message)


def is_time(text: str) -> bool:
    """Whether a text is a date, or a date with a time, as codings carry it."""
    for kind in (date, datetime):
        try:
            kind.fromisoformat(text)
        except ValueError:
            continue
        return True
    return False


def _with_local_text(
    folder: Path, articles: Mapping[str, Article], sentences: Sequence[LabelledSentence]
) -> list[LabelledSentence]:
    """Sentences with the text of those found, by fingerprint, in the article files of this machine."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(folder.iterdir()):
        if path.stem in articles and path.suffix.lower() in READERS:
            language = articles[path.stem].language
            language = language if LANGUAGE.fullmatch(language) else "en"
            for document in read([path]):
                for unit in segment(document.text, language):
                    found[path.stem, fingerprint(unit.text)] = unit.text
    return [
        replace(one, text=one.text or found.get((one.article, one.fingerprint)))  # a text is never empty
        for one in sentences
    ]
