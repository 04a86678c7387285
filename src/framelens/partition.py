"""One partition of a corpus: articles or sentences in, frames out, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from framelens.errors import InputError
from framelens.score import Classifier, load
from framelens.storage import Place, reading, sha256_of, writing
from framelens.stream import Stream, ending, numbers, read_stream, strings, write_stream
from framelens.units import Batch, Units, of_articles, of_sentences

ABSTENTION = (("certainty", pa.float64()), ("abstained", pa.bool_()))
"""Columns that a run with ``abstain_below`` adds."""


@dataclass(frozen=True, slots=True)
class Partition:
    """One file of a corpus, and where its frames go; ``name`` is its name below the folder of the corpus."""

    name: str
    source: Place
    target: Place
    size: int
    """Bytes of the source."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a corpus is classified: the same settings and the same input give the same bytes."""

    model: str
    sha256: str
    """Of the model file, so that no machine of a cluster uses another one."""
    thresholds: tuple[tuple[str, float], ...] = ()
    language: str = "en"
    text_column: str | None = None
    article_column: str | None = None
    """With ``position_column``, rows are sentences; without both, rows are articles."""
    position_column: str | None = None
    keep_text: bool = True
    abstain_below: float | None = None
    """Certainty below which no frame is called on a sentence."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a partition held."""

    articles: int = 0
    sentences: int = 0
    empty: int = 0
    """Rows without text."""
    withheld: int = 0
    """Sentences on which no frame is called for want of certainty."""

    def __add__(self, other: "Counts") -> "Counts":
        """Counts of both together."""
        return Counts(
            self.articles + other.articles,
            self.sentences + other.sentences,
            self.empty + other.empty,
            self.withheld + other.withheld,
        )


def score_partition(partition: Partition, settings: Settings) -> Counts:
    """Write the frames of one partition, which appears when it is whole.

    It depends on its arguments and on the files that they name alone, so it may run anywhere, and once more. Raises
    ``InputError`` that names the partition and the fault.
    """
    counts = Counts()
    # one thread: processes share the cores already
    with threadpool_limits(1), reading(partition.source) as file:
        classifier = _model(settings.model, settings.sha256).with_thresholds(dict(settings.thresholds))
        verdicts = pa.schema(
            [
                ("frames", pa.list_(pa.string())),
                *(ABSTENTION if settings.abstain_below is not None else ()),
                *((f"p_{frame}", pa.float64()) for frame in classifier.frames),
            ]
        )
        units = _units(partition.name, read_stream(partition.name, file), settings, verdicts.names)
        schema = pa.schema([*units.left, *verdicts, *units.right])

        def tables() -> Iterator[pa.Table]:
            nonlocal counts
            for batch in units.batches:
                found, withheld = _verdicts(classifier, batch, settings.abstain_below)
                counts += Counts(len(batch.lengths), len(batch.texts), batch.empty, withheld)
                columns = [*batch.left, *found, *batch.right]
                yield pa.Table.from_arrays(columns, schema=schema)

        with writing(partition.target) as out:
            write_stream(out, ending(partition.target.path).removeprefix("."), schema, tables())
    return counts


def _units(name: str, stream: Stream, settings: Settings, frame_columns: list[str]) -> Units:
    if settings.article_column is None or settings.position_column is None:
        return of_articles(
            name,
            stream,
            settings.text_column,
            frame_columns,
            language=settings.language,
            keep_text=settings.keep_text,
        )
    return of_sentences(
        name,
        stream,
        settings.text_column,
        frame_columns,
        article_column=settings.article_column,
        position_column=settings.position_column,
        keep_text=settings.keep_text,
    )


def _verdicts(classifier: Classifier, batch: Batch, below: float | None) -> tuple[list[pa.Array], int]:
    """Frames, certainty where it is asked for, and probabilities, a column each; on how many no frame is called."""
    proba, subject = classifier.scores(batch.texts, batch.lengths)
    found = classifier.present(proba, subject)
    doubt: list[pa.Array] = []
    withheld = np.zeros(len(found), dtype=bool)
    if below is not None:
        from framelens.measures import certainty  # imports scipy, which other runs do without

        certain = certainty(proba, found)
        withheld = certain < below
        found &= ~withheld[:, None]
        doubt = [numbers(np.round(certain, 6)), pa.array(withheld.tolist())]
    ends = np.concatenate([[0], np.cumsum(found.sum(axis=1))])
    names = strings(classifier.frames).take(numbers(np.nonzero(found)[1]))
    frames = pa.ListArray.from_arrays(numbers(ends.astype(np.int32)), names)
    return [frames, *doubt, *(numbers(column) for column in np.round(proba, 6).T)], int(withheld.sum())


@lru_cache(maxsize=1)
def _model(path: str, sha256: str) -> Classifier:
    """The model, loaded once a process."""
    if sha256_of(Path(path)) != sha256:
        raise InputError(f"{path}: another model than the one that the run was started with")
    return load(path)
