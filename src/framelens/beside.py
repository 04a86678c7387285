"""A new model beside the one that it replaces, on sentences that both were tested on."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from framelens.assessment import Gold
from framelens.errors import InputError
from framelens.evaluate import Difference, Figures, OutOfFold, difference, figures
from framelens.held_out import read_common


@dataclass(frozen=True, slots=True)
class Beside:
    """Figures of two models on the same sentences, by the gold of today."""

    old: Figures
    new: Figures
    change: Difference
    """New minus old, on the same draws of articles."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return asdict(self)


def beside(gold: Gold, held_out: OutOfFold, scores: Path, *, seed: int) -> Beside | None:
    """``held_out`` of the new model beside the old one's ``scores``, as ``write_scores`` wrote them.

    ``None`` where there are no such scores of these frames, or of no sentence.
    """
    try:
        rows, before = read_common(scores, gold)
    except InputError:
        # training writes them anew
        return None
    if not len(rows):
        return None
    Y, groups = gold.Y[rows], [gold.groups[row] for row in rows]
    now = OutOfFold(held_out.proba[rows], held_out.present[rows])
    old, new = (figures(gold.frames, Y, said, groups, rng=np.random.default_rng(seed)) for said in (before, now))
    return Beside(old, new, difference(Y, now, before, groups, rng=np.random.default_rng(seed)))
