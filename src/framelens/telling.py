"""The most telling sentences of a corpus: the surest of each frame, and the words that made them so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from framelens.explain import Explainer
from framelens.explained import Explained
from framelens.score import ClassifiedSentence, Classifier
from framelens.words import words

if TYPE_CHECKING:
    from framelens.streamed import ClassifiedArticle

MOST = 5
"""Sentences a frame."""
MOST_OF_ARTICLE = 2
ALIKE = 0.7
"""Share of the words of two sentences that they have in common, from which one says what the other says."""
SAME = 2e-6
"""How far probabilities may differ: what classify writes is rounded."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence that carries a frame, in its article."""

    article: "ClassifiedArticle"
    at: int
    """Number of the sentence in its article, from 0."""
    probability: float
    text: str


class Surest:
    """Keeps the surest sentences of each frame while articles pass by, with their articles, and nothing else."""

    def __init__(self, frames: Sequence[str]) -> None:
        self._kept: dict[str, list[Telling]] = {frame: [] for frame in frames}

    def add(self, article: "ClassifiedArticle") -> None:
        """Look at an article; a text that is much like one there, or a third sentence of it, is passed over."""
        if article.texts is None:
            return
        for column, kept in enumerate(self._kept.values()):
            chances = np.where(article.called[:, column], article.proba[:, column], -1.0)
            for at in np.argsort(-chances, kind="stable")[:MOST_OF_ARTICLE].tolist():
                one = Telling(article, at, float(chances[at]), article.texts[at])
                if one.probability >= 0 and (len(kept) < MOST or one.probability > kept[-1].probability):
                    _keep(kept, one)

    @property
    def kept(self) -> Mapping[str, Sequence[Telling]]:
        """The surest sentences of each frame, the surest first."""
        return self._kept


def _keep(kept: list[Telling], one: Telling) -> None:
    own = set(words(one.text))
    if any(_alike(own, set(words(other.text))) for other in kept):
        return
    kept.append(one)
    kept.sort(key=lambda other: -other.probability)
    del kept[MOST:]


def _alike(one: set[str], other: set[str]) -> bool:
    """Whether two sentences are the same but for a few words, as in reprints."""
    return len(one & other) >= ALIKE * len(one | other)


@dataclass(frozen=True)
class Told:
    """A telling sentence and why it has its frame; ``why`` is missing where the model is another one."""

    frame: str
    sentence: Telling
    why: Explained | None


def explained(kept: Mapping[str, Sequence[Telling]], classifier: Classifier) -> list[Told]:
    """The same with their reasons, as far as the model gives the probabilities that the corpus has."""
    explainer = Explainer(classifier.model)
    return [Told(frame, one, _why(one, classifier, explainer)) for frame, each in kept.items() for one in each]


def _why(one: Telling, classifier: Classifier, explainer: Explainer) -> Explained | None:
    texts = one.article.texts or []
    proba = classifier.probabilities(texts)[one.at]
    own = one.article.proba[one.at]
    if proba.shape != own.shape or np.abs(proba - own).max() > SAME:
        return None
    (explanation,) = explainer.explain(texts, [one.at])
    frames = tuple(
        frame for frame, there in zip(classifier.frames, one.article.called[one.at].tolist(), strict=True) if there
    )
    by_frame = dict(zip(classifier.frames, own.tolist(), strict=True))
    return Explained(ClassifiedSentence(one.at + 1, 0, len(one.text), one.text, 0.0, frames, by_frame), explanation)
