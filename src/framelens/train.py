"""Training: gold sentences in, a two-stage model out, with scikit-learn."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from framelens import words
from framelens.context import MOST_CERTAIN, Layout, Scale, doubted, in_article, of_article
from framelens.decide import best_rule, both, logistic, present
from framelens.first_stage import FirstStage, VectorStage, WordScores, regressions
from framelens.folds import Fold, stratified_folds
from framelens.model import FORMAT, Model
from framelens.vectors import FEWEST_SENTENCES, learn, read_embeddings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SEED = 2026
INNER_FOLDS = 5


class FrameClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Both stages as one estimator over a table with the columns ``article``, ``group``, ``on_subject`` and ``text``.

    Sentences of an article stand together and in order. The second stage learns from first-stage scores of articles
    that the first stage did not see (grouped folds); calibration and rules come from second-stage scores of the same
    kind. A frame's probability is that the article is on the subject, times that of the frame in such an article.
    ``vectors`` names a folder of embeddings, from which word vectors are learned; without it there are none.
    """

    def __init__(
        self,
        own_c: float = 3.0,
        near_c: float = 1.5,
        vector_c: float = 0.2,
        context_c: float = 0.01,
        article_c: float = 0.01,
        folds: int = INNER_FOLDS,
        seed: int = SEED,
        vectors: str = "",
    ) -> None:
        self.own_c = own_c
        self.near_c = near_c
        self.vector_c = vector_c
        self.context_c = context_c
        self.article_c = article_c
        self.folds = folds
        self.seed = seed
        self.vectors = vectors

    # one thread: many threads sum in another order, and the same data must give the same bytes
    @threadpool_limits.wrap(limits=1)  # type: ignore[untyped-decorator]  # threadpoolctl is untyped
    def fit(self, table: pd.DataFrame, Y: Bools) -> Self:
        """Learn from gold ``Y`` of shape (sentences, frames)."""
        texts, on_subject = table["text"].tolist(), table["on_subject"].to_numpy(dtype=bool)
        T = np.column_stack([Y, Y.any(axis=1), on_subject])
        folds = stratified_folds(
            table["group"].to_numpy(dtype=str), Y, self.folds, rng=np.random.default_rng(self.seed)
        )
        log_odds = self._learn_words(texts, table, T, folds)
        by_vector = self._learn_vectors(texts, table, T, folds)
        layout = _layout(table)
        clipped = np.clip(log_odds, -MOST_CERTAIN, MOST_CERTAIN)
        self.own_scale_, self.rest_scale_ = _scale(clipped), _scale(layout.others(clipped))
        context = self._features(log_odds, by_vector, texts, layout)
        article = of_article(log_odds, by_vector, layout)
        frame, subject = np.zeros(Y.shape), np.zeros(len(Y))
        for train, test in folds:
            within = train[on_subject[train]]
            frame[test] = _decision(_scaled(context[within], Y[within], self.context_c), context[test])
            fitted = _scaled(article[train], on_subject[train, None], self.article_c)
            subject[test] = _decision(fitted, article[test])[:, 0]
        subject = doubted(subject, layout)
        self.frame_weight_, self.frame_bias_ = _scaled(context[on_subject], Y[on_subject], self.context_c)
        self.subject_weight_, self.subject_bias_ = _scaled(article, on_subject[:, None], self.article_c)
        self._calibrate(both(frame, subject[:, None]), subject, Y, on_subject)
        return self

    def _learn_words(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        """Fit the first stage; its log-odds as of articles not seen, shape ``T.shape``."""
        log_odds = np.zeros(T.shape)
        for train, test in folds:
            first = self._first().fit(_at(texts, train), _layout(table.iloc[train]), T[train])
            log_odds[test] = first.decision_function(_at(texts, test), _layout(table.iloc[test]))
        self.first_ = self._first().fit(texts, _layout(table), T)
        return log_odds

    def _learn_vectors(self, texts: Sequence[str], table: pd.DataFrame, T: Bools, folds: Sequence[Fold]) -> Floats:
        """Learn word vectors and what they say of the targets; log-odds as of articles not seen, shape ``T.shape``."""
        embeddings = read_embeddings(Path(self.vectors)) if self.vectors else None
        by_vector = np.zeros(T.shape)
        self.word_scores_ = WordScores.none(T.shape[1])
        if embeddings is None or embeddings.of_sentences(texts)[1].sum() < FEWEST_SENTENCES:
            return by_vector
        rows, vocabulary = self.first_.own_.by_word_.rows(texts)
        vectors, sums = learn(rows, vocabulary, texts, embeddings, [test for _, test in folds])
        for train, test in folds:
            stage = VectorStage(self.vector_c).fit(sums[train], _layout(table.iloc[train]), T[train])
            by_vector[test] = stage.decision_function(sums[test], _layout(table.iloc[test]))
        stage = VectorStage(self.vector_c).fit(sums, _layout(table), T)
        self.word_scores_ = WordScores.folded(vectors, stage)
        return by_vector

    def _by_vector(self, texts: Sequence[str], layout: Layout) -> Floats:
        if not len(self.word_scores_.words):
            return np.zeros((len(texts), len(self.word_scores_.bias)))
        return self.word_scores_.decision_function(*self.first_.own_.by_word_.rows(texts), layout)

    def _calibrate(self, odds: Floats, subject: Floats, Y: Bools, on_subject: Bools) -> None:
        """Platt's scaling (1999) and the rules, on scores of articles that were not seen."""
        fits = [regressions(odds[:, [place]], Y[:, [place]], 1e6) for place in range(Y.shape[1])]
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
        by_vector = self._by_vector(texts, layout)
        frame = self._features(log_odds, by_vector, texts, layout) @ self.frame_weight_ + self.frame_bias_
        article = of_article(log_odds, by_vector, layout)
        subject = doubted((article @ self.subject_weight_ + self.subject_bias_)[:, 0], layout)
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

    def _features(self, log_odds: Floats, by_vector: Floats, texts: Sequence[str], layout: Layout) -> Floats:
        surface = np.array([words.surface(text) for text in texts], dtype=np.float64)
        return in_article(log_odds, by_vector, surface, layout, self.own_scale_, self.rest_scale_)


def to_model(classifier: FrameClassifier, card: dict[str, Any]) -> Model:
    """The arrays of a fitted classifier; stems, pairs, words and n-grams in sorted order."""
    first = classifier.first_
    return Model(
        card={"format": FORMAT, **card},
        **first.own_.tables(first.own_weight_),
        near_weight=first.near_weight_.astype(np.float32),
        vector_words=tuple(classifier.word_scores_.words),
        vector_weight=classifier.word_scores_.weight.astype(np.float16),
        vector_bias=classifier.word_scores_.bias,
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


def _scaled(X: Floats, T: Bools, C: float) -> tuple[Floats, Floats]:
    """Logistic regressions on standardised features, as weights and biases on the features as they are."""
    scaler = StandardScaler().fit(X)
    weights, biases = regressions(scaler.transform(X), T, C)
    weights = weights / scaler.scale_[:, None]
    return weights, biases - scaler.mean_ @ weights


def _decision(fitted: tuple[Floats, Floats], X: Floats) -> Floats:
    weights, biases = fitted
    return np.asarray(X @ weights + biases)


def _scale(values: Floats) -> Scale:
    return Scale(values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9))


def _at(texts: Sequence[str], rows: Ints) -> list[str]:
    return [texts[row] for row in rows]


def _layout(table: pd.DataFrame) -> Layout:
    return Layout.of([sum(1 for _ in rows) for _, rows in groupby(table["article"])])
