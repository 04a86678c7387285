"""First stages that are fitted once: variants that change only what comes after them read them from benchmarks/cache.

What is kept goes by the fingerprint of all that it depends on: sentences, targets, folds, parameters, embeddings, and
the code of the product.
"""

import ast
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

import framelens
from framelens.folds import Fold
from framelens.train import FrameClassifier
from framelens.vectors import FILES
from framelens.write import whole_file

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "benchmarks" / "cache"
LEARNING = (
    "baselines",
    "context",
    "decide",
    "first_stage",
    "folds",
    "measures",
    "tfidf",
    "train",
    "vectors",
    "words",
)
"""Product modules on which the scores of a variant depend."""


class RememberedVectors(FrameClassifier):
    """The shipped classifier; what it learns of word vectors is kept, for variants that leave these as they are."""

    def _learn_vectors(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        if not self.vectors:
            return super()._learn_vectors(texts, table, T, folds)
        rows, words = self.first_.own_.by_word_.rows(texts)
        given = (self.vector_c, embeddings_digest(Path(self.vectors)), rows.data, rows.indices, list(words))

        def learned() -> tuple[Any, Floats]:
            by_vector = super(RememberedVectors, self)._learn_vectors(texts, table, T, folds)
            return self.word_scores_, by_vector

        self.word_scores_, by_vector = remembered("vectors", learned, texts, list(table["article"]), T, folds, given)
        return np.asarray(by_vector)


class Remembered(RememberedVectors):
    """The shipped classifier; its first stage is kept, for variants that leave it as it is."""

    def _learn_words(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        def learned() -> tuple[Any, Floats]:
            log_odds = super(Remembered, self)._learn_words(texts, table, T, folds)
            return self.first_, log_odds

        given = (self.own_c, self.near_c)
        self.first_, log_odds = remembered("words", learned, texts, list(table["article"]), T, folds, given)
        return np.asarray(log_odds)


def remembered(kind: str, work: Callable[[], Any], *given: Any) -> Any:
    """What ``work`` returned when it was last done with the same code on what is ``given``."""
    path = CACHE / f"{kind}-{joblib.hash((product_code(), given))}.joblib"
    if not path.exists():
        found = work()
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            joblib.dump(found, file)
    # read back, so that the first run and the next see the same
    return joblib.load(path)


@lru_cache(maxsize=1)
def product_code() -> tuple[str, ...]:
    """What the product modules say; comments and layout do not count."""
    folder = Path(framelens.__file__).parent
    return tuple(ast.dump(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))) for name in LEARNING)


@lru_cache(maxsize=2)
def embeddings_digest(folder: Path) -> str:
    """Fingerprint of the files of a folder of embeddings."""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()
