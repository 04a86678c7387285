"""Scores of sentences: the trained model on new text, without scikit-learn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from framelens.bags import Bags
from framelens.context import Layout, Scale, doubted, from_neighbours, from_words, in_article, of_article
from framelens.decide import both, logistic, one_of, present, softmax
from framelens.lexicon import Lexicon
from framelens.model import Model, override_thresholds, shipped_path
from framelens.model import load as load_model
from framelens.read import Document
from framelens.segment import Sentence, segment
from framelens.tokens import Tokens, tokens
from framelens.words import SHORT, WORD_KINDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BATCH_CHARACTERS = 2_000_000
BLOCK_SENTENCES = 4096


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
            found = self.present(proba, subject)
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
        proba, subject, at = np.zeros((len(sentences), len(self.frames))), np.zeros(len(sentences)), 0
        for block in _blocks(lengths):
            here = slice(at, at := at + sum(block))
            proba[here], subject[here] = self._scores(sentences[here], Layout.of(block))
        return proba, subject

    def _scores(self, sentences: Sequence[str], layout: Layout) -> tuple[Floats, Floats]:
        model, found = self.model, tokens(sentences)
        rows = self._lexicon.rows(found.distinct)[found.number]
        own, near, vector = self._sums(rows, found.count)
        if model.stands_alone:
            return self._calibrated(own), np.ones(len(sentences))
        log_odds, by_vector = own + from_neighbours(near, layout), from_words(vector, layout) + model.vector_bias
        seen = self._surface(rows, found)
        features = in_article(log_odds, by_vector, seen, layout, Scale(*model.scales[0]), Scale(*model.scales[1]))
        article = of_article(log_odds, by_vector, layout)
        subject = doubted(article @ model.subject_weight + model.subject_bias, layout)
        odds = both(features @ model.frame_weight + model.frame_bias, subject[:, None])
        return self._calibrated(odds), logistic(subject)

    def _calibrated(self, odds: Floats) -> Floats:
        calibrated = odds * self.model.platt[:, 0] + self.model.platt[:, 1]
        return softmax(calibrated) if self.model.single_label else logistic(calibrated)

    def present(self, proba: Floats, subject: Floats) -> NDArray[np.bool_]:
        """Which frames count as present, by the rules of the model, from ``scores``; shape (sentences, frames)."""
        if self.model.single_label:
            return one_of(proba, self.model.thresholds)
        return present(proba, subject, self.model.thresholds, self.model.levels)

    def _sums(self, rows: Ints, count: Ints) -> tuple[Floats, Floats, Floats]:
        """What the words of each sentence add to its own log-odds, to those around, and to both by their vectors."""
        targets, sentences = len(self.model.bias), len(count)
        sentence = np.repeat(np.arange(sentences), count)
        by_words = Bags.of(sentences, sentence, rows, self._lexicon.idf)
        scores = _normalised(by_words @ self._lexicon.score, by_words.squares)
        by_terms, near = self._by_terms(self._lexicon.stem[rows], sentence, sentences)
        return by_terms + scores[:, :targets] + self.model.bias, near, scores[:, targets:]

    def _by_terms(self, stems: Ints, sentence: Ints, sentences: int) -> tuple[Floats, Floats]:
        """What stems and pairs add to the log-odds, and what stems add to the sentences around.

        A pair is two neighbouring stems of one sentence.
        """
        idf, known = self.model.term_idf, len(self.model.stems)
        seen = stems >= 0
        first = np.flatnonzero(seen[1:] & seen[:-1] & (sentence[1:] == sentence[:-1]))
        pairs = self._pairs(stems[first] * known + stems[first + 1])
        found = pairs >= 0
        single = Bags.of(sentences, sentence[seen], stems[seen], idf[:known])
        double = Bags.of(sentences, sentence[first[found]], pairs[found], idf[known:])
        sums, targets = single @ self._stem_weight, len(self.model.bias)
        by_terms = sums[:, :targets] + double @ self._pair_weight
        return _normalised(by_terms, single.squares + double.squares), _normalised(sums[:, targets:], single.squares)

    def _pairs(self, keys: Ints) -> Ints:
        """Number of each pair, -1 for one that training did not see."""
        if not len(self._pair_keys):
            return np.full(len(keys), -1)
        places = np.searchsorted(self._pair_keys, keys)
        return np.where(self._pair_keys.take(places, mode="clip") == keys, places, -1)

    def _surface(self, rows: Ints, found: Tokens) -> Floats:
        """As ``words.surface``, of all sentences at once; shape (sentences, SURFACE)."""
        sentences = len(found.count)
        sentence = np.repeat(np.arange(sentences), found.count)
        # few words are of any kind
        marked = np.flatnonzero(self._lexicon.marked[rows])
        kinds = np.zeros((sentences, WORD_KINDS))
        np.add.at(kinds, sentence[marked], self._lexicon.kinds[rows[marked]])
        opening = np.zeros((sentences, 3))
        spoken = found.count > 0
        opening[spoken] = self._lexicon.kinds[rows[(np.cumsum(found.count) - found.count)[spoken]], 3:6]
        length = (np.log1p(found.count), found.count <= SHORT)
        return np.column_stack([found.quotation, *length, np.minimum(kinds[:, :3], 3), opening, kinds[:, 6:] > 0])

    @cached_property
    def _pair_keys(self) -> Ints:
        return self.model.pairs[:, 0].astype(np.int64) * len(self.model.stems) + self.model.pairs[:, 1]

    @cached_property
    def _stem_weight(self) -> Floats:
        """What stems add to their own sentence, then to those around; shape (stems, 4 * targets)."""
        own = self.model.term_weight[: len(self.model.stems)]
        return np.hstack([own, self.model.near_weight]).astype(np.float64)

    @cached_property
    def _pair_weight(self) -> Floats:
        return self.model.term_weight[len(self.model.stems) :].astype(np.float64)

    @cached_property
    def _lexicon(self) -> Lexicon:
        return Lexicon(self.model)

    def _sentence(self, place: int, one: Sentence, found: list[bool], chances: list[float]) -> ClassifiedSentence:
        frames = tuple(frame for frame, there in zip(self.frames, found, strict=True) if there)
        by_frame = dict(zip(self.frames, chances, strict=True))
        return ClassifiedSentence(place, one.start, one.end, one.text, one.quoted, frames, by_frame)


def load(path: Path | str | None = None) -> Classifier:
    """Load a model, by default the one that comes with the package; raises ``InputError`` if it cannot be used."""
    return Classifier(load_model(shipped_path() if path is None else Path(path)))


def _normalised(sums: Floats, squares: Floats) -> Floats:
    return np.asarray(sums / np.sqrt(np.where(squares > 0, squares, 1))[:, None])


def _blocks(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Articles in parts of some thousand sentences, so that what is worked out at once stays small."""
    block: list[int] = []
    size = 0
    for length in lengths:
        if block and size + length > BLOCK_SENTENCES:
            yield block
            block, size = [], 0
        block.append(length)
        size += length
    if size:
        yield block


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
