"""What the model knows of single words: worked out once for each word that it meets, and kept within bounds."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from framelens.model import Model
from framelens.words import WORD_KINDS, grams, stem, word_kinds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_WORDS = 100_000
"""Words that are kept; beyond, all are forgotten, which changes no score."""


class Lexicon:
    """A row for each word met so far: its stem, how rare it is, what it adds to scores, what kind of word it is."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.stem_number = {text: number for number, text in enumerate(model.stems)}
        self._idf = dict(zip(model.words, model.word_idf.tolist(), strict=False))
        self.gram_number = {text: number for number, text in enumerate(model.grams)}
        self._vectors = {text: number for number, text in enumerate(model.vector_words)}
        self._forget()

    def rows(self, words: Sequence[str]) -> Ints:
        """Row of each of these distinct words; new words are added first."""
        new = [word for word in words if word not in self._row]
        if len(self._row) + len(new) > MOST_WORDS:
            self._forget()
            new = list(words)
        if new:
            self._add(new)
        return np.fromiter(map(self._row.__getitem__, words), np.int64, count=len(words))

    @cached_property
    def pair_number(self) -> dict[tuple[int, int], int]:
        """Number of each pair of stems, counted on after the stems."""
        first = len(self._model.stems)
        return {(one, two): first + place for place, (one, two) in enumerate(self._model.pairs.tolist())}

    def _forget(self) -> None:
        self._row: dict[str, int] = {}
        self.stem: Ints = np.empty(0, np.int64)
        """Number of the stem, -1 for one that training did not see; shape (words,)."""
        self.idf: Floats = np.empty(0)
        self.score: Floats = np.empty((0, len(self._model.bias) + self._model.vector_weight.shape[1]))
        """By subwords; then by vector, to the sentence and to those around it; shape (words, 5 * targets)."""
        self.kinds: Floats = np.empty((0, WORD_KINDS))
        self.marked: Bools = np.empty(0, bool)
        """Whether a word is of any kind; shape (words,)."""

    def _add(self, new: Sequence[str]) -> None:
        unseen = float(self._model.word_idf[-1])
        self._row.update((word, row) for row, word in enumerate(new, start=len(self._row)))
        self.stem = np.append(self.stem, [self.stem_number.get(stem(word), -1) for word in new])
        self.idf = np.append(self.idf, [self._idf.get(word, unseen) for word in new])
        self.score = np.vstack([self.score, np.hstack([self._by_subwords(new), self._by_vector(new)])])
        kinds = np.array([word_kinds(word) for word in new], dtype=np.float64)
        self.kinds = np.vstack([self.kinds, kinds])
        self.marked = np.append(self.marked, kinds.any(axis=1))

    def _by_vector(self, new: Sequence[str]) -> Floats:
        places = np.array([self._vectors.get(word, -1) for word in new])
        scores = np.zeros((len(new), self._model.vector_weight.shape[1]))
        scores[places >= 0] = self._model.vector_weight[places[places >= 0]]
        return scores

    def _by_subwords(self, new: Sequence[str]) -> Floats:
        parts = [grams(word) for word in new]
        number = self.gram_number.get
        numbers = np.array([number(part, -1) for each in parts for part in each], dtype=np.int64)
        whose = np.repeat(np.arange(len(new)), [len(each) for each in parts])
        unknown = np.bincount(whose[numbers < 0], minlength=len(new))
        # sorted, since the order of a set, and with it the last bit of a sum, changes from run to run
        order = np.lexsort((numbers, whose))
        numbers, whose = numbers[order], whose[order]
        whose = whose[numbers >= 0]
        numbers = numbers[numbers >= 0]
        idf = self._model.gram_idf[numbers]
        squares = np.bincount(whose, idf**2, minlength=len(new)) + unknown * self._model.gram_idf[-1] ** 2
        weights = (idf[:, None] * self._model.gram_weight[numbers]).T
        sums = np.column_stack([np.bincount(whose, weight, minlength=len(new)) for weight in weights])
        return np.asarray(sums / np.sqrt(squares)[:, None])
