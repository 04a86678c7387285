"""Training: gold sentences in, a two-stage model out, with scikit-learn."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler, normalize
from threadpoolctl import threadpool_limits

from framelens import words
from framelens.context import in_article
from framelens.model import FORMAT, Model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SEED = 2026
INNER_FOLDS = 5


# the folds of a cross-validation count the same sentences again and again
@lru_cache(maxsize=100_000)
def _terms(text: str) -> list[str]:
    return words.terms(text)


@lru_cache(maxsize=100_000)
def _words(text: str) -> list[str]:
    return words.words(text)


class SubwordTfidf(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """TF-IDF of the words of a sentence times each word's own L2-normalised character n-grams.

    It adds up over words, so that a word's share can be worked out once, and unseen words count by their n-grams.
    """

    def __init__(self, min_df: int = 2) -> None:
        self.min_df = min_df

    def fit(self, texts: Sequence[str], y: object = None) -> Self:  # noqa: ARG002  # scikit-learn's signature
        """Learn how rare words and n-grams are."""
        counter = CountVectorizer(analyzer=_words, binary=True)
        present = counter.fit_transform(texts)
        sentences = present.shape[0]
        self.words_ = counter.get_feature_names_out()
        self.word_idf_ = _idf(np.append(_sums(present), 0), sentences)
        self.word_number_ = {word: number for number, word in enumerate(self.words_)}
        gram_counter = CountVectorizer(analyzer=words.grams)
        in_words = gram_counter.fit_transform(self.words_)
        frequency = _sums((present @ in_words) > 0)
        frequent = frequency >= self.min_df
        self.grams_ = gram_counter.get_feature_names_out()[frequent]
        self.gram_idf_ = _idf(np.append(frequency[frequent], 0), sentences)
        return self

    def transform(self, texts: Sequence[str]) -> sp.csr_array:
        """Sparse rows of shape (sentences, n-grams)."""
        counter = CountVectorizer(analyzer=_words)
        try:
            counts = counter.fit_transform(texts).astype(np.float64)
        except ValueError:  # no sentence has a word
            return sp.csr_array((len(texts), len(self.grams_)))
        vocabulary = counter.get_feature_names_out()
        counts.data = 1 + np.log(counts.data)
        idf = self.word_idf_[[self.word_number_.get(word, -1) for word in vocabulary]]
        return normalize(counts @ sp.diags(idf)) @ self._grams_of(vocabulary)

    def _grams_of(self, vocabulary: Sequence[str]) -> sp.csr_array:
        """L2-normalised idf of the n-grams of each word; n-grams that training did not see count in the norm alone."""
        known = CountVectorizer(analyzer=words.grams, vocabulary=self.grams_, dtype=np.float64).transform(vocabulary)
        parts = np.array([len(words.grams(word)) for word in vocabulary])
        weighted = known @ sp.diags(self.gram_idf_[:-1])
        unknown = parts - _sums(known.T)
        norm = np.sqrt(_sums(weighted.multiply(weighted).T) + unknown * self.gram_idf_[-1] ** 2)
        return sp.diags(1 / norm) @ weighted

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:  # noqa: ARG002
        """The n-grams."""
        return np.asarray(self.grams_, dtype=object)


class PerFrame(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """One binary classifier a frame, for gold of shape (sentences, frames)."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, Y: Bools) -> Self:
        """Fit a copy of the estimator to each column."""
        self.estimators_ = [clone(self.estimator).fit(X, y) for y in Y.T]
        return self

    def decision_function(self, X: Any) -> Floats:
        """Log-odds, shape (sentences, frames)."""
        return np.column_stack([one.decision_function(X) for one in self.estimators_])

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities, shape (sentences, frames)."""
        return np.column_stack([one.predict_proba(X)[:, 1] for one in self.estimators_])


class FrameClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Both stages as one scikit-learn estimator over a table with the columns ``article``, ``group`` and ``text``.

    Sentences of an article stand together and in order. The second stage learns from first-stage scores of articles
    that the first stage did not see (grouped folds), and thresholds come from second-stage scores of the same kind.
    """

    def __init__(self, first_c: float = 3.0, second_c: float = 0.1, folds: int = INNER_FOLDS, seed: int = SEED) -> None:
        self.first_c = first_c
        self.second_c = second_c
        self.folds = folds
        self.seed = seed

    # one thread: many threads sum in another order, and the same data must give the same bytes
    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold ``Y`` of shape (sentences, frames)."""
        texts = table["text"].to_numpy(dtype=object)
        folds = list(grouped_folds(table["group"], self.folds, self.seed))
        first = self._first_stage()
        log_odds = np.zeros(Y.shape)
        for train, test in folds:
            log_odds[test] = clone(first).fit(texts[train], Y[train]).decision_function(texts[test])
        context = in_article(log_odds, _lengths(table), texts.tolist())
        second = self._second_stage()
        held_out = np.zeros(Y.shape)
        for train, test in folds:
            held_out[test] = clone(second).fit(context[train], Y[train]).predict_proba(context[test])
        self.first_ = first.fit(texts, Y)
        self.second_ = second.fit(context, Y)
        for one in self.first_["frames"].estimators_:
            # the file keeps 32 bits; both then give the same scores
            one.coef_ = one.coef_.astype(np.float32).astype(np.float64)
        self.thresholds_ = np.array([best_threshold(y, p) for y, p in zip(Y.T, held_out.T, strict=True)])
        return self

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""
        texts = table["text"].to_numpy()
        log_odds = self.first_.decision_function(texts)
        return np.asarray(self.second_.predict_proba(in_article(log_odds, _lengths(table), texts.tolist())))

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames present, shape (sentences, frames)."""
        return self.predict_proba(table) >= self.thresholds_

    def _first_stage(self) -> Pipeline:
        features = FeatureUnion(
            [("terms", TfidfVectorizer(analyzer=_terms, sublinear_tf=True, min_df=2)), ("subwords", SubwordTfidf())]
        )
        logistic = LogisticRegression(C=self.first_c, class_weight="balanced", max_iter=1000)
        return Pipeline([("features", features), ("frames", PerFrame(logistic))])

    def _second_stage(self) -> Pipeline:
        logistic = LogisticRegression(C=self.second_c, max_iter=1000)
        return Pipeline([("scale", StandardScaler()), ("frames", PerFrame(logistic))])


def sentence_table(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    """The table that ``FrameClassifier`` reads, from (article, group, text) in article order."""
    return pd.DataFrame(rows, columns=["article", "group", "text"])


def to_model(classifier: FrameClassifier, card: dict[str, Any]) -> Model:
    """The arrays of a fitted classifier; stems, pairs, words and n-grams in sorted order."""
    parts = dict(classifier.first_["features"].transformer_list)
    terms, subwords = parts["terms"], parts["subwords"]
    names = terms.get_feature_names_out()
    stems = [name for name in names if " " not in name]
    number = {stem: place for place, stem in enumerate(stems)}
    pairs = sorted((number[one], number[two]) for name in names if " " in name for one, two in [name.split(" ")])
    order = [terms.vocabulary_[stem] for stem in stems] + [
        terms.vocabulary_[f"{stems[one]} {stems[two]}"] for one, two in pairs
    ]
    estimators = classifier.first_["frames"].estimators_
    weight = np.column_stack([one.coef_[0] for one in estimators])
    context_weight, context_bias = _unscaled(classifier.second_)
    return Model(
        card={"format": FORMAT, **card},
        stems=tuple(stems),
        pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
        term_idf=terms.idf_[order],
        term_weight=weight[: len(names)][order].astype(np.float32),
        words=tuple(subwords.words_),
        word_idf=subwords.word_idf_,
        grams=tuple(subwords.grams_),
        gram_idf=subwords.gram_idf_,
        gram_weight=weight[len(names) :].astype(np.float32),
        bias=np.array([one.intercept_[0] for one in estimators]),
        context_weight=context_weight,
        context_bias=context_bias,
        thresholds=classifier.thresholds_,
    )


def _unscaled(second: Pipeline) -> tuple[Floats, Floats]:
    """Weights and bias of the second stage on features as they are, before scaling."""
    scale, estimators = second["scale"], second["frames"].estimators_
    weight = np.column_stack([one.coef_[0] for one in estimators]) / scale.scale_[:, None]
    return weight, np.array([one.intercept_[0] for one in estimators]) - scale.mean_ @ weight


def grouped_folds(groups: Sequence[str] | pd.Series, folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Row numbers to train on and to test on; the rows of a group are never parted."""
    splitter = GroupKFold(folds, shuffle=True, random_state=seed)
    yield from splitter.split(np.zeros(len(groups)), groups=np.asarray(groups))


def best_threshold(gold: Bools, proba: Floats) -> float:
    """Probability from which calling the frame present gives the best F1 on these rows."""
    precision, recall, thresholds = precision_recall_curve(gold, proba)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[np.argmax(f1[:-1])])


def _lengths(table: pd.DataFrame) -> list[int]:
    return [sum(1 for _ in rows) for _, rows in groupby(table["article"])]


def _sums(counts: Any) -> Floats:
    """Sum of each column of a sparse matrix."""
    return np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()


def _idf(frequency: Floats, sentences: int) -> Floats:
    return np.asarray(np.log((1 + sentences) / (1 + frequency)) + 1, dtype=np.float64)
