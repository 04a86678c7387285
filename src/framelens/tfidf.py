"""TF-IDF rows of sentences over words, and of words over their character n-grams."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.preprocessing import normalize

from framelens import words

Floats = NDArray[np.float64]


# the folds of a cross-validation count the same sentences again and again
@lru_cache(maxsize=100_000)
def terms(text: str) -> list[str]:
    """Stems and pairs of a sentence."""
    return words.terms(text)


@lru_cache(maxsize=100_000)
def all_words(text: str) -> list[str]:
    """Words of a sentence."""
    return words.words(text)


@lru_cache(maxsize=100_000)
def stems(text: str) -> list[str]:
    """Stems of a sentence."""
    return [words.stem(word) for word in all_words(text)]


class WordTfidf(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """L2-normalised TF-IDF rows over whatever words the sentences at hand have; unseen words are the rarest."""

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn how rare words are."""
        counter = CountVectorizer(analyzer=all_words, binary=True)
        self.present_ = counter.fit_transform(texts)
        self.words_ = counter.get_feature_names_out()
        self.idf_ = _idf(np.append(_sums(self.present_), 0), len(texts))
        self.number_ = {word: number for number, word in enumerate(self.words_)}
        return self

    def rows(self, texts: Sequence[str]) -> tuple[sp.csr_array, Sequence[str]]:
        """Sparse rows of shape (sentences, words), and these words, sorted."""
        counter = CountVectorizer(analyzer=all_words)
        try:
            counts = counter.fit_transform(texts).astype(np.float64)
        except ValueError:  # no sentence has a word
            return sp.csr_array((len(texts), 0)), ()
        vocabulary = counter.get_feature_names_out()
        counts.data = 1 + np.log(counts.data)
        idf = self.idf_[[self.number_.get(word, -1) for word in vocabulary]]
        return normalize(counts @ sp.diags_array(idf)), vocabulary


class SubwordTfidf(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """The L2-normalised character n-grams of each word, to be weighted by the TF-IDF of the word in its sentence.

    A sentence's row adds up over its words, so that a word's share can be worked out once, and unseen words count by
    their n-grams.
    """

    def __init__(self, min_df: int = 2) -> None:
        self.min_df = min_df

    def fit(self, by_word: WordTfidf) -> Self:
        """Learn how rare n-grams are in the sentences that ``by_word`` was fitted on."""
        counter = CountVectorizer(analyzer=words.grams)
        in_words = counter.fit_transform(by_word.words_)
        frequency = _sums((by_word.present_ @ in_words) > 0)
        frequent = frequency >= self.min_df
        self.grams_ = counter.get_feature_names_out()[frequent]
        self.gram_idf_ = _idf(np.append(frequency[frequent], 0), by_word.present_.shape[0])
        return self

    def transform(self, vocabulary: Sequence[str]) -> sp.csr_array:
        """Sparse rows of shape (words, n-grams); n-grams that training did not see count in the norm alone."""
        known = CountVectorizer(analyzer=words.grams, vocabulary=self.grams_, dtype=np.float64).transform(vocabulary)
        parts = np.array([len(words.grams(word)) for word in vocabulary])
        weighted = known @ sp.diags_array(self.gram_idf_[:-1])
        unknown = parts - _sums(known.T)
        norm = np.sqrt(_sums(weighted.multiply(weighted).T) + unknown * self.gram_idf_[-1] ** 2)
        return sp.diags_array(1 / norm) @ weighted


class OwnWords(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """TF-IDF of a sentence's stems and pairs, and of the n-grams of its words, side by side."""

    def fit(self, texts: Sequence[str]) -> Self:
        """Learn which terms and n-grams there are, and how rare they are."""
        self.terms_ = TfidfVectorizer(analyzer=terms, sublinear_tf=True, min_df=2).fit(texts)
        self.by_word_ = WordTfidf().fit(texts)
        self.subwords_ = SubwordTfidf().fit(self.by_word_)
        return self

    def transform(self, texts: Sequence[str]) -> Any:
        """Sparse rows of shape (sentences, terms + n-grams)."""
        rows, vocabulary = self.by_word_.rows(texts)
        # sentences without any word have no row to multiply
        empty = sp.csr_array((len(texts), len(self.subwords_.grams_)))
        by_subwords = rows @ self.subwords_.transform(vocabulary) if len(vocabulary) else empty
        return sp.hstack([self.terms_.transform(texts), by_subwords], format="csr")

    def tables(self, weight: Floats) -> dict[str, Any]:
        """The arrays of a model that say what a sentence's own words weigh, in sorted order.

        ``weight`` has the shape (terms + n-grams, K).
        """
        names = self.terms_.get_feature_names_out()
        stems = [name for name in names if " " not in name]
        number = {stem: place for place, stem in enumerate(stems)}
        parted = (name.split(" ") for name in names if " " in name)
        pairs = sorted((number[one], number[two]) for one, two in parted)
        order = [self.terms_.vocabulary_[stem] for stem in stems]
        order += [self.terms_.vocabulary_[f"{stems[one]} {stems[two]}"] for one, two in pairs]
        return {
            "stems": tuple(stems),
            "pairs": np.array(pairs, dtype=np.int32).reshape(-1, 2),
            "term_idf": self.terms_.idf_[order],
            "term_weight": weight[: len(names)][order].astype(np.float32),
            "words": tuple(self.by_word_.words_),
            "word_idf": self.by_word_.idf_,
            "grams": tuple(self.subwords_.grams_),
            "gram_idf": self.subwords_.gram_idf_,
            "gram_weight": weight[len(names) :].astype(np.float32),
        }


def _sums(counts: Any) -> Floats:
    """Sum of each column of a sparse matrix."""
    return np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()


def _idf(frequency: Floats, sentences: int) -> Floats:
    return np.asarray(np.log((1 + sentences) / (1 + frequency)) + 1, dtype=np.float64)
