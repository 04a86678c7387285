"""Bags of words: TF-IDF rows of many sentences, in NumPy alone, since scipy.sparse takes long to import."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AT_ONCE = 256
"""Sentences that are summed at once, so that the table's rows stay in the cache of the processor."""


@dataclass(frozen=True)
class Bags:
    """TF-IDF rows (term frequency 1 + log), not yet of unit length.

    Terms stay in the order of the text, so that a sum does not depend, to its last bit, on how terms are numbered.
    """

    sentences: int
    sentence: Ints
    """Sentence of each occurrence of a term, ascending; shape (occurrences,)."""
    term: Ints
    weight: Floats
    """TF-IDF, shared out equally among the occurrences of a term in its sentence; shape (occurrences,)."""
    squares: Floats
    """Squared length of each row; shape (sentences,)."""

    @classmethod
    def of(cls, sentences: int, sentence: Ints, term: Ints, idf: Floats) -> "Bags":
        """Bags of terms that stand in these sentences; ``idf`` has the shape (terms,).

        >>> Bags.of(1, np.array([0, 0, 0]), np.array([1, 0, 1]), np.array([1.0, 1.0])).weight.round(3).tolist()
        [0.847, 1.0, 0.847]
        """
        frequency = _frequency(sentence * len(idf) + term)
        weight = (1 + np.log(frequency)) / frequency * idf[term]
        squares = np.bincount(sentence, weight**2 * frequency, minlength=sentences).astype(np.float64)
        return cls(sentences, sentence, term, weight, squares)

    def __matmul__(self, table: Floats) -> Floats:
        """Sums of the rows of a table of shape (terms, K), weighted; shape (sentences, K)."""
        sums = np.zeros((self.sentences, table.shape[1]))
        heads = np.flatnonzero(np.diff(self.sentence, prepend=-1))
        bounds = np.append(heads, len(self.sentence))
        for first in range(0, len(heads), AT_ONCE):
            some = heads[first : first + AT_ONCE]
            here = slice(some[0], bounds[first + len(some)])
            rows = table.take(self.term[here], axis=0)
            rows *= self.weight[here, None]
            sums[self.sentence[some]] = np.add.reduceat(rows, some - some[0])
        return sums


def _frequency(keys: Ints) -> Ints:
    """How often each value occurs among all; shape (values,)."""
    order = np.argsort(keys)
    ranked = keys[order]
    counts = np.diff(np.append(np.flatnonzero(np.diff(ranked, prepend=-1)), len(keys)))
    frequency = np.empty_like(keys)
    frequency[order] = np.repeat(counts, counts)
    return frequency
