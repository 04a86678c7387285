"""From the labelled set to model files: cross-validate, train on everything, write, keep the old figures in view."""

import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from framelens.assess import gold_of, require_enough
from framelens.beside import Beside, beside
from framelens.errors import InputError
from framelens.evaluate import FOLDS, cross_validate, figures
from framelens.gold import LabelledSet
from framelens.held_out import write_scores
from framelens.model import load, save
from framelens.train import FrameClassifier, to_model
from framelens.write import whole_file


@dataclass(frozen=True, slots=True)
class Retrained:
    """The new model's card and digest, and what is known of the model that it replaced."""

    card: Mapping[str, Any]
    sha256: str
    replaced: Mapping[str, Any] | None
    """The old card; ``None`` where there was no model, or none that can be read."""
    beside: Beside | None = None
    """Both models on the same sentences; ``None`` where the old one's scores are not known."""


def retrain(
    labels: LabelledSet, path: Path, *, origin: str, seed: int, vectors: Path, progress: Callable[[int, int], None]
) -> Retrained:
    """Train on the gold sentences that have text, and write ``path`` (.npz), .json, .joblib and .scores.csv beside it.

    ``vectors`` is the folder of embeddings; without it the model has no word vectors.
    """
    gold = gold_of(labels, origin)
    require_enough(gold, FOLDS)
    table, Y, frames = gold.table, gold.Y, gold.frames
    replaced = old_card(path)
    require_writable(path)
    classifier = FrameClassifier(seed=seed, vectors=str(vectors))
    held_out = cross_validate(classifier, table, Y, progress=progress)
    measured = figures(frames, Y, held_out, gold.groups, rng=np.random.default_rng(seed))
    scores = path.with_suffix(".scores.csv")
    compared = beside(gold, held_out, scores, seed=seed)
    classifier.fit(table, Y)
    card = {
        "codebook": labels.codebook.as_dict(),
        "data": {
            "fingerprint": gold.fingerprint,
            "origin": origin,
            "articles": table["article"].nunique(),
            "sentences": len(table),
            "gold": dict(zip(frames, Y.sum(axis=0).tolist(), strict=True)),
        },
        "seed": seed,
        "parameters": {name: value for name, value in classifier.get_params().items() if name != "vectors"},
        "word_vectors": len(classifier.word_scores_.words),
        "figures": measured.as_dict(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("framelens", "numpy", "PyStemmer", "scikit-learn", "scipy")},
        },
    }
    model = to_model(classifier, card)
    digest = save(model, path)
    with whole_file(path.with_suffix(".joblib")) as file:
        joblib.dump(classifier, file)
    write_scores(scores, gold, held_out)
    return Retrained(model.card, digest, replaced, compared)


def require_writable(path: Path) -> None:
    """Make the folder of a model, and raise ``InputError`` where it cannot be written to, before long work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path.parent}: no model can be written here; name another place with --output")


def old_card(path: Path) -> Mapping[str, Any] | None:
    """Card of the model that is there now, if one can be read."""
    try:
        return load(path).card
    except InputError:
        # a damaged model is mended by training it anew
        return None
