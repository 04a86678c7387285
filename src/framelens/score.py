"""Scores of sentences: the trained model on new text, without scikit-learn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framelens.context import Layout, Scale, doubted, from_neighbours, in_article, of_article
from framelens.decide import both, logistic, one_of, present, softmax
from framelens.model import Model, override_thresholds, shipped_path
from framelens.model import load as load_model
from framelens.read import Document
from framelens.segment import Sentence, segment
from framelens.words import grams, stem, surface, words

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCH_CHARACTERS = 2_000_000
MOST_CACHED_WORDS = 1_000_000


@dataclass(frozen=True, slots=True)
class ClassifiedSentence:
    """One sentence with its place in the text (``text[start:end]``, in characters) and its frames."""

    position: int
    start: int
    end: int
    text: str
    quoted: float
    frames: tuple[str, ...]
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Classifier:
    """A loaded model that classifies text; make one with ``framelens.load()`` and keep it."""

    model: Model

    @property
    def frames(self) -> tuple[str, ...]:
        """Frame ids, in the order of every table."""
        return self.model.frames

    def with_thresholds(self, thresholds: Mapping[str, float]) -> "Classifier":
        """The same model with other probabilities from which frames count as present."""
        return Classifier(override_thresholds(self.model, thresholds))

    def classify(self, text: str, language: str = "en") -> tuple[ClassifiedSentence, ...]:
        """Frames of each sentence of one article.

        >>> import framelens
        >>> sentence, = framelens.load().classify("The ministry promised returning engineers a flat and a job.")
        >>> sentence.frames
        ('return_incentive',)
        """
        ((_, sentences),) = self.classify_documents([Document("", text)], language)
        return sentences

    def classify_documents(
        self, documents: Iterable[Document], language: str = "en"
    ) -> Iterator[tuple[Document, tuple[ClassifiedSentence, ...]]]:
        """Each document with its sentences, scored in batches that keep articles whole."""
        for batch in _batches(documents):
            units = [segment(document.text, language) for document in batch]
            texts = [unit.text for unit in chain.from_iterable(units)]
            proba, subject = self.scores(texts, [len(each) for each in units])
            found = self._present(proba, subject)
            rows = zip(found.tolist(), proba.tolist(), strict=True)
            for document, sentences in zip(batch, units, strict=True):
                numbered = enumerate(zip(sentences, islice(rows, len(sentences)), strict=True), start=1)
                yield document, tuple(self._sentence(place, one, *row) for place, (one, row) in numbered)

    def probabilities(self, sentences: Sequence[str], lengths: Sequence[int] | None = None) -> Floats:
        """Probability of each frame, shape (sentences, frames); see ``scores``."""
        return self.scores(sentences, lengths)[0]

    def scores(self, sentences: Sequence[str], lengths: Sequence[int] | None = None) -> tuple[Floats, Floats]:
        """Probability of each frame, (sentences, frames), and that the article is on the subject, (sentences,).

        ``lengths`` counts the sentences of each article, in order; without it, all are one article.
        """
        if lengths is None:
            lengths = [len(sentences)]
        if sum(lengths) != len(sentences):
            raise ValueError(f"lengths add up to {sum(lengths)}, but there are {len(sentences)} sentences")
        if not sentences:
            return np.zeros((0, len(self.frames))), np.zeros(0)
        if self.model.stands_alone:
            return self._alone(sentences), np.ones(len(sentences))
        model, layout = self.model, Layout.of(lengths)
        log_odds = self.log_odds(sentences, layout)
        seen = np.array([surface(sentence) for sentence in sentences], dtype=np.float64)
        features = in_article(log_odds, seen, layout, Scale(*model.scales[0]), Scale(*model.scales[1]))
        subject = doubted(of_article(log_odds, layout) @ model.subject_weight + model.subject_bias, layout)
        odds = both(features @ model.frame_weight + model.frame_bias, subject[:, None])
        return logistic(odds * model.platt[:, 0] + model.platt[:, 1]), logistic(subject)

    def log_odds(self, sentences: Sequence[str], layout: Layout) -> Floats:
        """Log-odds of the first stage, shape (sentences, targets): each sentence's words, and those around it."""
        rows, numbers = self._words(sentences)
        stems = self._lexicon.stem[numbers]
        seen = stems >= 0
        idf = self.model.term_idf[: len(self.model.stems)]
        near = _tfidf_sum(rows[seen], stems[seen], len(sentences), idf, self.model.near_weight)
        return self._by_own_words(rows, numbers, len(sentences)) + from_neighbours(near, layout)

    def _alone(self, sentences: Sequence[str]) -> Floats:
        """Probabilities of a model that knows no article; shape (sentences, frames)."""
        log_odds = self._by_own_words(*self._words(sentences), len(sentences))
        calibrated = log_odds * self.model.platt[:, 0] + self.model.platt[:, 1]
        return softmax(calibrated) if self.model.single_label else logistic(calibrated)

    def _present(self, proba: Floats, subject: Floats) -> NDArray[np.bool_]:
        if self.model.single_label:
            return one_of(proba, self.model.thresholds)
        return present(proba, subject, self.model.thresholds, self.model.levels)

    def _words(self, sentences: Sequence[str]) -> tuple[Ints, Ints]:
        """Sentence of each word, and its number in the lexicon."""
        tokens = [words(sentence) for sentence in sentences]
        rows = np.repeat(np.arange(len(tokens)), [len(each) for each in tokens])
        return rows, self._lexicon.numbers(list(chain.from_iterable(tokens)))

    def _by_own_words(self, rows: Ints, numbers: Ints, count: int) -> Floats:
        """Log-odds by words, stems and pairs of the sentence itself; shape (count, targets)."""
        by_words = _tfidf_sum(rows, numbers, count, self._lexicon.idf, self._lexicon.score)
        return self._by_terms(rows, self._lexicon.stem[numbers], count) + by_words + self.model.bias

    def _by_terms(self, rows: Ints, stems: Ints, count: int) -> Floats:
        """What stems and pairs add to the log-odds; a pair is two neighbouring stems of one sentence."""
        seen = stems >= 0
        first = np.flatnonzero(seen[1:] & seen[:-1] & (rows[1:] == rows[:-1]))
        keys = stems[first] * len(self.model.stems) + stems[first + 1]
        pairs = np.searchsorted(self._pair_keys, keys)
        found = self._pair_keys.take(pairs, mode="clip") == keys if len(self._pair_keys) else np.zeros(len(keys), bool)
        terms = np.concatenate([stems[seen], len(self.model.stems) + pairs[found]])
        term_rows = np.concatenate([rows[seen], rows[first[found]]])
        return _tfidf_sum(term_rows, terms, count, self.model.term_idf, self.model.term_weight)

    @cached_property
    def _pair_keys(self) -> Ints:
        return self.model.pairs[:, 0].astype(np.int64) * len(self.model.stems) + self.model.pairs[:, 1]

    @cached_property
    def _lexicon(self) -> "_Lexicon":
        return _Lexicon(self.model)

    def _sentence(self, place: int, one: Sentence, found: list[bool], chances: list[float]) -> ClassifiedSentence:
        frames = tuple(frame for frame, there in zip(self.frames, found, strict=True) if there)
        by_frame = dict(zip(self.frames, chances, strict=True))
        return ClassifiedSentence(place, one.start, one.end, one.text, one.quoted, frames, by_frame)


class _Lexicon:
    """Stem, idf and subword score of every word met so far; each distinct word is worked on once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._stems = {text: number for number, text in enumerate(model.stems)}
        self._idf = dict(zip(model.words, model.word_idf.tolist(), strict=False))
        self._grams = {text: number for number, text in enumerate(model.grams)}
        self._forget()

    def numbers(self, tokens: Sequence[str]) -> Ints:
        """Row of each word in ``stem``, ``idf`` and ``score``; new words are added first."""
        new = [word for word in dict.fromkeys(tokens) if word not in self._number]
        if len(self._number) + len(new) > MOST_CACHED_WORDS:
            self._forget()
            new = list(dict.fromkeys(tokens))
        if new:
            self._add(new)
        return np.fromiter(map(self._number.__getitem__, tokens), np.int64, count=len(tokens))

    def _forget(self) -> None:
        self._number: dict[str, int] = {}
        self.stem: Ints = np.empty(0, np.int64)
        self.idf: Floats = np.empty(0)
        self.score: Floats = np.empty((0, len(self._model.bias)))

    def _add(self, new: Sequence[str]) -> None:
        unseen = float(self._model.word_idf[-1])
        self._number.update((word, number) for number, word in enumerate(new, start=len(self._number)))
        self.stem = np.append(self.stem, [self._stems.get(stem(word), -1) for word in new])
        self.idf = np.append(self.idf, [self._idf.get(word, unseen) for word in new])
        self.score = np.vstack([self.score, [self._subword_score(word) for word in new]])

    def _subword_score(self, word: str) -> Floats:
        parts = grams(word)
        known = [number for part in parts if (number := self._grams.get(part)) is not None]
        idf = self._model.gram_idf[known]
        norm = np.sqrt(idf @ idf + (len(parts) - len(known)) * self._model.gram_idf[-1] ** 2)
        return np.asarray(idf @ self._model.gram_weight[known] / norm)


def load(path: Path | str | None = None) -> Classifier:
    """Load a model, by default the one that comes with the package; raises ``InputError`` if it cannot be used."""
    return Classifier(load_model(shipped_path() if path is None else Path(path)))


def _tfidf_sum(rows: Ints, terms: Ints, count: int, idf: Floats, weight: NDArray[np.floating]) -> Floats:
    """L2-normalised TF-IDF rows (term frequency 1 + log) times weights; shape (count, columns of weight)."""
    keys, repeats = np.unique(rows * len(idf) + terms, return_counts=True)
    row, term = np.divmod(keys, max(len(idf), 1))
    value = (1 + np.log(repeats)) * idf[term]
    norm = np.sqrt(np.bincount(row, value * value, minlength=count))
    norm[norm == 0] = 1
    sums = [np.bincount(row, value * column[term], minlength=count) for column in weight.T]
    return np.column_stack(sums) / norm[:, None]


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
