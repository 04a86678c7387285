"""A random sample of coded sentences, from a labelled set or a table; what was not drawn at random is refused."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.classified import frames_of, read_rows
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.labels import read_labels
from framelens.queues import SAMPLED, inclusion_probability
from framelens.segment import fingerprint

Floats = NDArray[np.float64]

WHY = "shares from sentences that were picked otherwise can be wrong in any direction, and no interval tells how far"
NO_FRAME = "-"


@dataclass(frozen=True)
class Sample:
    """Coded sentences that were drawn at random; n sentences."""

    name: str
    articles: tuple[str, ...]
    positions: tuple[int, ...]
    frames: tuple[frozenset[str], ...]
    inclusion: Floats
    """Probability of having been drawn, up to a common factor; shape (n,)."""
    known: tuple[str, ...] | None
    """Frames that coders could choose; ``None`` where only the chosen ones are known."""
    fingerprints: tuple[str, ...] | None
    populations: tuple[int, ...]
    """Of how many sentences the samples were drawn, where that is known."""
    cautions: tuple[str, ...] = ()


def read_sample(path: Path, *, drawn_at_random: bool = False) -> Sample:
    """The sample of a labelled set (a folder) or of a table with the columns article, position, frames.

    ``drawn_at_random`` is the user's word for a table that does not say how its sentences were chosen.
    """
    return _of_labels(path, read_labels(path)) if path.is_dir() else _of_table(path, drawn_at_random)


def _of_labels(path: Path, labels: LabelledSet) -> Sample:
    """Gold of the sentences that a coder was given by the queue ``random``."""
    if labels.faults:
        raise InputError(f"{path}: {len(labels.faults)} faults; see them with: framelens data check {path}")
    drawn: dict[str, list[str]] = {}
    otherwise: Counter[str] = Counter()
    for coder in labels.coders:
        for id_, coding in labels.current[coder].items():
            if labels.is_stale(coding):
                continue
            if inclusion_probability(coding.selected_by):
                drawn.setdefault(id_, []).append(coding.selected_by)
            else:
                otherwise[coding.selected_by] += 1
    if not drawn:
        seen = ", ".join(repr(one) for one, _ in otherwise.most_common(3)) or "nothing"
        raise InputError(
            f"{path}: no sentence was drawn at random (selected_by is {seen}); {WHY}. Code a random sample with:"
            " framelens annotate --coder ID --queue random"
        )
    if open_ := [id_ for id_ in drawn if id_ not in labels.gold]:
        raise InputError(
            f"{path}: coders differ on {len(open_)} of {len(drawn)} sentences of the random sample, such as {open_[0]};"
            f" without them it is no longer random. Decide them with: framelens adjudicate --coder ID"
        )
    kept = [one for one in labels.sentences if one.id in drawn]
    suggested = sum(any("suggested" in one for one in marks) for marks in drawn.values())
    caution = f"{suggested} codings were made with the model's suggestions in view, which pull shares towards the model"
    return Sample(
        str(path),
        tuple(one.article for one in kept),
        tuple(one.position for one in kept),
        tuple(labels.gold[one.id] for one in kept),
        np.array([_chance(drawn[one.id]) for one in kept]),
        labels.codebook.ids,
        tuple(one.fingerprint for one in kept),
        tuple(sorted({_population(mark) for marks in drawn.values() for mark in marks})),
        (caution,) if suggested else (),
    )


def _chance(marks: Iterable[str]) -> float:
    """Chance to be in one draw at least; the same seed draws the same sentences, a larger sample holds the smaller."""
    by_seed: dict[str, float] = {}
    for mark in marks:
        seed = next((word for word in mark.split() if word.startswith("seed=")), "")
        by_seed[seed] = max(by_seed.get(seed, 0.0), inclusion_probability(mark) or 0.0)
    return float(1 - np.prod([1 - chance for chance in by_seed.values()]))


def _population(mark: str) -> int:
    match = SAMPLED.match(mark)
    return int(match.group(2)) if match else 0


def _of_table(path: Path, drawn_at_random: bool) -> Sample:
    table = read_rows(path)
    if missing := [name for name in ("article", "position", "frames") if name not in table.columns]:
        raise InputError(f"{path}: no column {missing[0]!r}; a coded sample has article, position and frames")
    if not len(table):
        raise InputError(f"{path}: holds no coded sentences")
    marks = table["selected_by"].astype(str).tolist() if "selected_by" in table else None
    if marks is not None and (other := Counter(mark for mark in marks if not mark.startswith("random"))):
        what, count = other.most_common(1)[0]
        raise InputError(
            f"{path}: {sum(other.values())} rows were not drawn at random (selected_by is {what!r} in {count}); {WHY}"
        )
    weighted = "inclusion_probability" in table
    if marks is None and not weighted and not drawn_at_random:
        raise InputError(
            f"{path}: does not say how its sentences were chosen; {WHY}. Add a column selected_by or"
            " inclusion_probability, or give your word with --drawn-at-random"
        )
    try:
        positions = tuple(int(value) for value in table["position"])
    except (ValueError, TypeError):
        raise InputError(f"{path}: a position is not a whole number") from None
    return Sample(
        str(path),
        tuple(table["article"].astype(str)),
        positions,
        tuple(_coded(path, row, cell) for row, cell in enumerate(table["frames"], start=1)),
        _inclusion(path, table, marks),
        None,
        tuple(map(fingerprint, table["text"].astype(str))) if "text" in table else None,
        tuple(sorted({_population(mark) for mark in marks or ()} - {0})),
    )


def _coded(path: Path, row: int, cell: object) -> frozenset[str]:
    if isinstance(cell, str) and not cell.strip():
        raise InputError(
            f"{path}, row {row}: frames is empty; write {NO_FRAME} for a sentence without a frame, and code every"
            " sentence that was drawn: a sample that lost some is no longer random"
        )
    return frames_of(cell) - {NO_FRAME}


def _inclusion(path: Path, table: pd.DataFrame, marks: Sequence[str] | None) -> Floats:
    if "inclusion_probability" not in table:
        return np.array([inclusion_probability(mark) or 1.0 for mark in marks or [""] * len(table)])
    try:
        found = table["inclusion_probability"].to_numpy(dtype=np.float64)
    except (ValueError, TypeError):
        found = np.array([np.nan])
    if not ((found > 0) & (found <= 1)).all():
        raise InputError(f"{path}: inclusion_probability must lie above 0 and not above 1 in every row")
    return found
