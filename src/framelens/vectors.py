"""Word vectors whose sum stands for a sentence: learned from sentence embeddings and texts, without any label."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import lapack

from framelens.errors import InputError
from framelens.segment import fingerprint

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

RIDGE = 1.5
"""Penalty on word vectors; chosen by grouped cross-validation, as all constants here."""
MOST_SENTENCES = 12_000
"""Sentences that word vectors are learned from, since memory grows with the square; the first so many."""
FEWEST_SENTENCES = 200
"""Embedded sentences below which no word vectors are learned."""
FILES = ("words.npz", "sentences.npz")


@dataclass(frozen=True)
class Embeddings:
    """What a sentence encoder makes of single words and of whole sentences; D dimensions."""

    words: Mapping[str, int]
    word_vectors: Floats32
    """Centred; shape (words, D)."""
    sentences: Mapping[str, int]
    """By the fingerprint of the text."""
    sentence_vectors: Floats32
    """Shape (sentences, D)."""

    def of_words(self, words: Sequence[str]) -> Floats32:
        """Vectors of single words, 0 for those not known; shape (len(words), D)."""
        return _picked(self.words, words, self.word_vectors)[0]

    def of_sentences(self, texts: Sequence[str]) -> tuple[Floats32, Bools]:
        """Vectors of texts, shape (len(texts), D), and which of them are known."""
        return _picked(self.sentences, [fingerprint(text) for text in texts], self.sentence_vectors)


@dataclass(frozen=True)
class WordVectors:
    """One vector a word: its own correction and the common map of what the encoder makes of it alone."""

    embeddings: Embeddings
    words: Mapping[str, int]
    learned: Floats32
    """Of the words of the training sentences; shape (words, D)."""
    common: Floats32
    """Shape (D, D)."""

    def of(self, words: Sequence[str]) -> Floats32:
        """Shape (len(words), D)."""
        return _picked(self.words, words, self.learned)[0] + self.embeddings.of_words(words) @ self.common

    @property
    def known(self) -> list[str]:
        """Words that have a vector, sorted."""
        return sorted(self.words.keys() | self.embeddings.words.keys())


@lru_cache(maxsize=2)
def read_embeddings(folder: Path) -> Embeddings | None:
    """Both files of ``folder``, or ``None`` where there is no such folder; raises ``InputError`` for a bad file."""
    if not folder.is_dir():
        return None
    (words, word_vectors), (sentences, sentence_vectors) = (_read(folder / name) for name in FILES)
    if word_vectors.shape[1] != sentence_vectors.shape[1]:
        raise InputError(f"{folder}: words and sentences differ in dimensions; make both by the same encoder")
    return Embeddings(words, word_vectors, sentences, sentence_vectors)


def learn(
    rows: sp.csr_array, words: Sequence[str], texts: Sequence[str], embeddings: Embeddings, folds: Sequence[Ints]
) -> tuple[WordVectors, Floats]:
    """Word vectors, and each sentence's sum of them as if its fold had not been seen; shape (sentences, D).

    ``rows`` are TF-IDF rows R of the sentences over ``words``, ``folds`` row numbers left out in turn. Embeddings are
    regressed on sums of v(w) = d[w] + u[w] A, with u[w] the encoder's vector of the word alone and one penalty on d and
    A, solved in the dual: kernel R R' + (R u)(R u)'. Rows z that are left out follow from the inverse kernel without a
    second fit: residual = inverse[z, z]^-1 c[z] (Rasmussen & Williams 2006, section 5.4.2, for blocks of rows).
    """
    E, known = embeddings.of_sentences(texts)
    used = np.flatnonzero(known)[:MOST_SENTENCES]
    alone = embeddings.of_words(words)
    part = sp.csr_array(rows[used].astype(np.float32))
    by_word = np.asarray(part @ alone, dtype=np.float32)
    centred = E[used] - E[used].mean(axis=0)
    inverse = _inverse(np.asarray((part @ part.T).todense(), dtype=np.float32) + by_word @ by_word.T)
    dual = inverse @ centred
    learned = np.asarray(part.T @ dual, dtype=np.float32)
    common = by_word.T @ dual
    number = {word: place for place, word in enumerate(words)}
    vectors = WordVectors(embeddings, number, learned, common)
    sums = np.asarray(rows @ vectors.of(words), dtype=np.float64)
    place = np.full(rows.shape[0], -1)
    place[used] = np.arange(len(used))
    for fold in folds:
        left_out = place[fold][place[fold] >= 0]
        sums[used[left_out]] = centred[left_out] - np.linalg.solve(inverse[np.ix_(left_out, left_out)], dual[left_out])
    return vectors, sums


def _inverse(kernel: Floats32) -> Floats32:
    """Inverse of the kernel with the ridge added; the kernel is overwritten."""
    kernel[np.diag_indices(len(kernel))] += RIDGE
    factor, failed = lapack.spotrf(kernel, lower=1, overwrite_a=1, clean=1)
    inverse, broken = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed or broken:
        raise ValueError("the kernel of the sentences is not positive definite")
    return np.asarray(np.tril(inverse) + np.tril(inverse, -1).T, dtype=np.float32)


def _picked(number: Mapping[str, int], names: Sequence[str], vectors: Floats32) -> tuple[Floats32, Bools]:
    places = np.fromiter((number.get(name, -1) for name in names), np.int64, count=len(names))
    known = places >= 0
    found = np.zeros((len(names), vectors.shape[1]), dtype=np.float32)
    found[known] = vectors[places[known]]
    return found, known


def _read(path: Path) -> tuple[dict[str, int], Floats32]:
    """Names and vectors, which are kept as eight-bit integers with a scale a row."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            parts: dict[str, Any] = {name: archive[name] for name in ("names", "vectors", "scales")}
        names = parts["names"].tobytes().decode().split("\n")
        vectors = parts["vectors"].astype(np.float32) * parts["scales"].astype(np.float32)[:, None]
        if len(names) != len(vectors):
            raise ValueError(f"{len(names)} names and {len(vectors)} vectors")
    except (ValueError, KeyError, OSError, EOFError, IndexError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a usable file of vectors: {error}; restore it") from None
    return {name: place for place, name in enumerate(names)}, vectors
