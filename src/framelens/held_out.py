"""Out-of-fold scores as a file, so that another model can be compared on the same sentences."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.assessment import Gold
from framelens.errors import InputError, reason_of
from framelens.evaluate import OutOfFold
from framelens.spreadsheet import unguarded
from framelens.write import whole_file, write_rows

Ints = NDArray[np.int64]


def write_scores(path: Path, gold: Gold, held_out: OutOfFold) -> None:
    """One row a sentence: its id, gold frames, frames called present, and the probability of each frame."""
    columns = ["sentence", "gold", "frames", *(f"p_{frame}" for frame in gold.frames)]
    with whole_file(path) as file:
        write_rows(file, "csv", columns, _rows(gold, held_out))


def read_scores(path: Path, gold: Gold) -> OutOfFold:
    """Scores that ``write_scores`` wrote, in the order of ``gold``; raises ``InputError`` where any are missing."""
    rows, said = read_common(path, gold)
    if len(rows) < len(gold.Y):
        raise InputError(
            f"{path}: {len(gold.Y) - len(rows)} of {len(gold.Y)} gold sentences have no scores; score them anew with"
            " --scores on the same labelled set"
        )
    return said


def read_common(path: Path, gold: Gold) -> tuple[Ints, OutOfFold]:
    """Rows of ``gold`` whose sentences have scores in the file, shape (rows,), and these scores."""
    with _read(path) as rows:
        common = [(place, rows[one]) for place, one in enumerate(gold.table["sentence"]) if one in rows]
        present = [[frame in row["frames"].split() for frame in gold.frames] for _, row in common]
        proba = np.array([[float(row[f"p_{frame}"]) for frame in gold.frames] for _, row in common])
    if not ((proba >= 0) & (proba <= 1)).all():
        raise InputError(f"{path}: a probability is not between 0 and 1")
    return np.array([place for place, _ in common], dtype=np.int64), OutOfFold(proba, np.array(present))


def read_probabilities(path: Path, frames: Sequence[str]) -> dict[str, dict[str, float]]:
    """The probabilities that ``write_scores`` wrote, by sentence id and frame, whatever the gold is by now."""
    with _read(path) as rows:
        return {one: {frame: float(row[f"p_{frame}"]) for frame in frames} for one, row in rows.items()}


@contextmanager
def _read(path: Path) -> Iterator[dict[str, dict[str, str]]]:
    """Rows by sentence id; what does not fit, here or where they are used, raises ``InputError``."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = {unguarded(row["sentence"]): row for row in csv.DictReader(file)}
        yield rows
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    except (KeyError, ValueError, TypeError, AttributeError, csv.Error):
        raise InputError(f"{path}: no scores of these frames; write them with: framelens evaluate --scores") from None


def _rows(gold: Gold, held_out: OutOfFold) -> Iterator[list[Any]]:
    rows = zip(gold.table["sentence"], gold.Y, held_out.present, held_out.proba, strict=True)
    for sentence, there, called, proba in rows:
        names = ([frame for frame, yes in zip(gold.frames, one, strict=True) if yes] for one in (there, called))
        yield [sentence, *names, *(round(float(chance), 6) for chance in proba)]
