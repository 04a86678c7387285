"""Decisions that are withheld because they are too uncertain, and what that buys by the model's own figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.card import read_figures, require_same, shown
from framelens.errors import InputError
from framelens.measures import certainty
from framelens.score import ClassifiedSentence

Floats = NDArray[np.float64]


@dataclass
class Abstention:
    """Withholds the frames of sentences whose certainty is below ``below``, and counts them."""

    below: float
    sentences: int = 0
    withheld: int = 0

    def apply(self, sentences: Sequence[ClassifiedSentence]) -> tuple[tuple[ClassifiedSentence, ...], Floats]:
        """The sentences, without frames where those are withheld, and the certainty of each; shape (sentences,).

        Certainty is that of the coverage curve of ``framelens evaluate``: the chance that the decisions on all frames
        of a sentence are right, if frames were independent.
        """
        if not sentences:
            return (), np.zeros(0)
        proba = np.array([list(one.probabilities.values()) for one in sentences])
        present = np.array([[frame in one.frames for frame in one.probabilities] for one in sentences])
        certain = certainty(proba, present)
        kept = [
            one if sure >= self.below else replace(one, frames=()) for one, sure in zip(sentences, certain, strict=True)
        ]
        self.sentences += len(sentences)
        self.withheld += int((certain < self.below).sum())
        return tuple(kept), certain

    def told(self) -> str:
        """How much is withheld."""
        return how_much(self.withheld, self.sentences, self.below)


def how_much(withheld: int, sentences: int, below: float) -> str:
    """How much of a text is withheld, in words."""
    share = f" ({withheld / sentences:.0%})" if sentences else ""
    return (
        f"withheld: {withheld:,} of {sentences:,} sentences{share} have a certainty below {below:g};"
        " no frame is called on them"
    )


def bought(card: Mapping[str, Any], figures: Path, kept: float) -> str:
    """What the out-of-fold coverage curve has nearest to the share ``kept``, by a file of figures of this model."""
    try:
        found = read_figures(figures, "evaluate")
        require_same(card, found)
        curve = found["coverage"]
        point = min(curve, key=lambda one: abs(float(one["coverage"]) - kept))
        all_ = max(curve, key=lambda one: float(one["coverage"]))
        here, on_all = (shown(one["macro_f1"]) for one in (point, all_))
        return (
            f"what it buys: in cross-validation (origin: {found['origin']}), macro F1 is {here} on the most certain"
            f" {point['coverage']:.0%} of the sentences, {on_all} on all; other texts differ"
        )
    except (InputError, KeyError, TypeError, ValueError):
        return (
            f"what it buys is not known: {figures} holds no coverage curve of this model; measure it with: framelens"
            " evaluate --json"
        )
