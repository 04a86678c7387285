"""From a labelled table to model files: cross-validate, train on every row, write."""

import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np

from framelens.assess_table import cautions, gold_of_table, require_rows
from framelens.evaluate import FOLDS, cross_validate, figures
from framelens.labelled_table import LabelledTable, codebook_of
from framelens.model import save
from framelens.retrain import Retrained, old_card, require_writable
from framelens.train_table import Aim, LabelClassifier, to_label_model


def retrain_table(
    table: LabelledTable, path: Path, *, optimize: Aim, seed: int, progress: Callable[[int, int], None]
) -> Retrained:
    """Train on every row, and write ``path`` (.npz) and its card (.json) beside it."""
    require_rows(table, FOLDS)
    replaced = old_card(path)
    require_writable(path)
    gold = gold_of_table(table)
    classifier = LabelClassifier(single_label=table.columns.single_label, optimize=optimize, seed=seed)
    held_out = cross_validate(classifier, gold.table, gold.Y, progress=progress)
    measured = figures(gold.frames, gold.Y, held_out, gold.groups, rng=np.random.default_rng(seed))
    classifier.fit(gold.table, gold.Y)
    shaky = cautions(table, measured.frames, FOLDS, np.random.default_rng(seed))
    card = {
        "codebook": codebook_of(table).as_dict(),
        "data": {
            "fingerprint": gold.fingerprint,
            "labels_column": table.columns.labels,
            "rows": len(table.texts),
            "groups": len(set(table.groups)),
            "gold": dict(zip(table.labels, table.Y.sum(axis=0).tolist(), strict=True)),
            "notes": list(table.notes),
            "cautions": {one.label: one.told for one in shaky},
        },
        "seed": seed,
        "parameters": classifier.get_params(),
        "figures": measured.as_dict(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("framelens", "numpy", "PyStemmer", "scikit-learn", "scipy")},
        },
    }
    model = to_label_model(classifier, card)
    return Retrained(model.card, save(model, path), replaced)
