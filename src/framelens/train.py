"""Training: gold sentences in, a two-stage model out, with scikit-learn."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler, normalize
from threadpoolctl import threadpool_limits

from framelens import words
from framelens.context import MOST_CERTAIN, Layout, Scale, doubted, from_neighbours, in_article, of_article
from framelens.decide import best_rule, both, logistic, present
from framelens.folds import stratified_folds
from framelens.model import FORMAT, Model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SEED = 2026
INNER_FOLDS = 5
NEAR = {1: 0.7, -1: 0.7, 0: 2.0}
"""Weight of the words of the sentence before, of the one after, and of the rest of the article."""


# the folds of a cross-validation count the same sentences again and again
@lru_cache(maxsize=100_000)
def _terms(text: str) -> list[str]:
    return words.terms(text)


@lru_cache(maxsize=100_000)
def _words(text: str) -> list[str]:
    return words.words(text)


@lru_cache(maxsize=100_000)
def _stems(text: str) -> list[str]:
    return [words.stem(word) for word in _words(text)]


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


class FirstStage(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Log-odds of a sentence from its own words and from those around it: the mean of two logistic regressions.

    One reads the sentence alone (stems, pairs, subwords), the other also the stems of the sentence before, of the one
    after, and of the rest of the article.
    """

    def __init__(self, own_c: float = 3.0, near_c: float = 1.5) -> None:
        self.own_c = own_c
        self.near_c = near_c

    def fit(self, texts: Sequence[str], layout: Layout, T: Bools) -> Self:
        """Learn targets ``T`` of shape (sentences, K)."""
        self.terms_ = own_terms()
        self.subwords_ = SubwordTfidf()
        self.stems_ = TfidfVectorizer(analyzer=_stems, sublinear_tf=True, min_df=2)
        own = sp.hstack([self.terms_.fit_transform(texts), self.subwords_.fit_transform(texts)], format="csr")
        near = _near_features(self.stems_.fit_transform(texts), layout)
        alone = _regressions(own, T, self.own_c, balanced=True)
        together = _regressions(sp.hstack([own, near], format="csr"), T, self.near_c, balanced=True)
        width = own.shape[1]
        # the file keeps 32 bits; both then give the same scores
        self.own_weight_ = _as_32_bits((alone[0] + together[0][:width]) / 2)
        weights = np.split(together[0][width:] / 2, len(NEAR))
        self.near_weight_ = _as_32_bits(
            np.hstack([by * weight for by, weight in zip(NEAR.values(), weights, strict=True)])
        )
        self.bias_ = (alone[1] + together[1]) / 2
        return self

    def decision_function(self, texts: Sequence[str], layout: Layout) -> Floats:
        """Log-odds, shape (sentences, K)."""
        own = sp.hstack([self.terms_.transform(texts), self.subwords_.transform(texts)], format="csr")
        near = self.stems_.transform(texts) @ self.near_weight_
        return np.asarray(own @ self.own_weight_ + from_neighbours(near, layout) + self.bias_)


class FrameClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Both stages as one estimator over a table with the columns ``article``, ``group``, ``on_subject`` and ``text``.

    Sentences of an article stand together and in order. The second stage learns from first-stage scores of articles
    that the first stage did not see (grouped folds); calibration and rules come from second-stage scores of the same
    kind. A frame's probability is that the article is on the subject, times that of the frame in such an article.
    """

    def __init__(
        self,
        own_c: float = 3.0,
        near_c: float = 1.5,
        context_c: float = 0.03,
        article_c: float = 0.01,
        folds: int = INNER_FOLDS,
        seed: int = SEED,
    ) -> None:
        self.own_c = own_c
        self.near_c = near_c
        self.context_c = context_c
        self.article_c = article_c
        self.folds = folds
        self.seed = seed

    # one thread: many threads sum in another order, and the same data must give the same bytes
    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold ``Y`` of shape (sentences, frames)."""
        texts, on_subject = table["text"].tolist(), table["on_subject"].to_numpy(dtype=bool)
        T = np.column_stack([Y, Y.any(axis=1), on_subject])
        folds = stratified_folds(
            table["group"].to_numpy(dtype=str), Y, self.folds, rng=np.random.default_rng(self.seed)
        )
        log_odds = np.zeros(T.shape)
        for train, test in folds:
            first = self._first().fit(_at(texts, train), _layout(table.iloc[train]), T[train])
            log_odds[test] = first.decision_function(_at(texts, test), _layout(table.iloc[test]))
        layout = _layout(table)
        clipped = np.clip(log_odds, -MOST_CERTAIN, MOST_CERTAIN)
        self.own_scale_, self.rest_scale_ = _scale(clipped), _scale(layout.others(clipped))
        context, article = self._features(log_odds, texts, layout), of_article(log_odds, layout)
        frame, subject = np.zeros(Y.shape), np.zeros(len(Y))
        for train, test in folds:
            within = train[on_subject[train]]
            frame[test] = _decision(_scaled(context[within], Y[within], self.context_c), context[test])
            fitted = _scaled(article[train], on_subject[train, None], self.article_c)
            subject[test] = _decision(fitted, article[test])[:, 0]
        subject = doubted(subject, layout)
        self.first_ = self._first().fit(texts, layout, T)
        self.frame_weight_, self.frame_bias_ = _scaled(context[on_subject], Y[on_subject], self.context_c)
        self.subject_weight_, self.subject_bias_ = _scaled(article, on_subject[:, None], self.article_c)
        self._calibrate(both(frame, subject[:, None]), subject, Y, on_subject)
        return self

    def _calibrate(self, odds: Floats, subject: Floats, Y: Bools, on_subject: Bools) -> None:
        """Platt's scaling (1999) and the rules, on scores of articles that were not seen."""
        fits = [_regressions(odds[:, [place]], Y[:, [place]], 1e6) for place in range(Y.shape[1])]
        self.platt_ = np.array([[weight[0, 0], bias[0]] for weight, bias in fits])
        proba = logistic(odds * self.platt_[:, 0] + self.platt_[:, 1])
        chance = logistic(subject)
        rules = [best_rule(p, chance, ~on_subject & ~y) for p, y in zip(proba.T, Y.T, strict=True)]
        self.thresholds_ = np.array([rule.threshold for rule in rules])
        self.levels_ = np.array([rule.subject for rule in rules])

    def scores(self, table: pd.DataFrame) -> tuple[Floats, Floats]:
        """Probability of each frame, (sentences, frames), and that the article is on the subject, (sentences,)."""
        texts, layout = table["text"].tolist(), _layout(table)
        log_odds = self.first_.decision_function(texts, layout)
        frame = self._features(log_odds, texts, layout) @ self.frame_weight_ + self.frame_bias_
        subject = doubted((of_article(log_odds, layout) @ self.subject_weight_ + self.subject_bias_)[:, 0], layout)
        odds = both(frame, subject[:, None]) * self.platt_[:, 0] + self.platt_[:, 1]
        return logistic(odds), logistic(subject)

    def predict_proba(self, table: pd.DataFrame) -> Floats:
        """Probability of each frame, shape (sentences, frames)."""
        return self.scores(table)[0]

    def predict(self, table: pd.DataFrame) -> Bools:
        """Frames present, shape (sentences, frames)."""
        return present(*self.scores(table), self.thresholds_, self.levels_)

    def _first(self) -> FirstStage:
        return FirstStage(self.own_c, self.near_c)

    def _features(self, log_odds: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        surface = np.array([words.surface(text) for text in texts], dtype=np.float64)
        return in_article(log_odds, surface, layout, self.own_scale_, self.rest_scale_)


def to_model(classifier: FrameClassifier, card: dict[str, Any]) -> Model:
    """The arrays of a fitted classifier; stems, pairs, words and n-grams in sorted order."""
    first = classifier.first_
    return Model(
        card={"format": FORMAT, **card},
        **word_tables(first.terms_, first.subwords_, first.own_weight_),
        near_weight=first.near_weight_.astype(np.float32),
        bias=first.bias_,
        scales=np.array(
            [
                [classifier.own_scale_.centre, classifier.own_scale_.spread],
                [classifier.rest_scale_.centre, classifier.rest_scale_.spread],
            ]
        ),
        frame_weight=classifier.frame_weight_,
        frame_bias=classifier.frame_bias_,
        subject_weight=classifier.subject_weight_[:, 0],
        subject_bias=classifier.subject_bias_,
        platt=classifier.platt_,
        thresholds=classifier.thresholds_,
        levels=classifier.levels_,
    )


def own_terms() -> TfidfVectorizer:
    """TF-IDF of stems and pairs."""
    return TfidfVectorizer(analyzer=_terms, sublinear_tf=True, min_df=2)


def word_tables(terms: TfidfVectorizer, subwords: SubwordTfidf, weight: Floats) -> dict[str, Any]:
    """The arrays of a model that say what a sentence's own words weigh; ``weight`` of shape (terms + n-grams, K)."""
    names = terms.get_feature_names_out()
    stems = [name for name in names if " " not in name]
    number = {stem: place for place, stem in enumerate(stems)}
    parted = (name.split(" ") for name in names if " " in name)
    pairs = sorted((number[one], number[two]) for one, two in parted)
    order = [terms.vocabulary_[stem] for stem in stems]
    order += [terms.vocabulary_[f"{stems[one]} {stems[two]}"] for one, two in pairs]
    return {
        "stems": tuple(stems),
        "pairs": np.array(pairs, dtype=np.int32).reshape(-1, 2),
        "term_idf": terms.idf_[order],
        "term_weight": weight[: len(names)][order].astype(np.float32),
        "words": tuple(subwords.words_),
        "word_idf": subwords.word_idf_,
        "grams": tuple(subwords.grams_),
        "gram_idf": subwords.gram_idf_,
        "gram_weight": weight[len(names) :].astype(np.float32),
    }


def _regressions(X: Any, T: Bools, C: float, *, balanced: bool = False) -> tuple[Floats, Floats]:
    """One logistic regression a column of ``T``: weights of shape (features, columns) and biases."""
    weights, biases = np.zeros((X.shape[1], T.shape[1])), np.zeros(T.shape[1])
    for place, target in enumerate(T.T):
        if target.all() or not target.any():
            # nothing to learn: only how common it is
            biases[place] = np.log((target.sum() + 0.5) / (len(target) - target.sum() + 0.5))
            continue
        model = LogisticRegression(C=C, class_weight="balanced" if balanced else None, max_iter=1000)
        model.fit(X, target)
        weights[:, place], biases[place] = model.coef_[0], model.intercept_[0]
    return weights, biases


def _scaled(X: Floats, T: Bools, C: float) -> tuple[Floats, Floats]:
    """Logistic regressions on standardised features, as weights and biases on the features as they are."""
    scaler = StandardScaler().fit(X)
    weights, biases = _regressions(scaler.transform(X), T, C)
    weights = weights / scaler.scale_[:, None]
    return weights, biases - scaler.mean_ @ weights


def _decision(fitted: tuple[Floats, Floats], X: Floats) -> Floats:
    weights, biases = fitted
    return np.asarray(X @ weights + biases)


def _near_features(stems: Any, layout: Layout) -> Any:
    """Stems of the sentence before, of the one after, and mean of the rest of the article; a block each, weighted."""
    count = len(layout.article)
    rows = np.arange(count)
    member = sp.csr_array((np.ones(count), (rows, layout.article)))
    sums = member @ (member.T @ stems) - stems
    blocks = []
    for step, weight in NEAR.items():
        if step:
            there = rows - step
            inside = (there >= 0) & (there < count)
            inside[inside] &= layout.article[rows[inside]] == layout.article[there[inside]]
            pick = sp.csr_array((np.ones(inside.sum()), (rows[inside], there[inside])), shape=(count, count))
            blocks.append(weight * (pick @ stems))
        else:
            blocks.append(sp.diags_array(weight / np.maximum(layout.size - 1, 1)) @ sums)
    return sp.hstack(blocks, format="csr")


def _scale(values: Floats) -> Scale:
    return Scale(values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9))


def _as_32_bits(weights: Floats) -> Floats:
    return weights.astype(np.float32).astype(np.float64)


def _at(texts: Sequence[str], rows: Ints) -> list[str]:
    return [texts[row] for row in rows]


def _layout(table: pd.DataFrame) -> Layout:
    return Layout.of([sum(1 for _ in rows) for _, rows in groupby(table["article"])])


def _sums(counts: Any) -> Floats:
    """Sum of each column of a sparse matrix."""
    return np.asarray(counts.sum(axis=0), dtype=np.float64).ravel()


def _idf(frequency: Floats, sentences: int) -> Floats:
    return np.asarray(np.log((1 + sentences) / (1 + frequency)) + 1, dtype=np.float64)
