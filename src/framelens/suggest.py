"""What a model says of sentences of the labelled set, read in their articles."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from framelens.gold import LabelledSentence, LabelledSet
from framelens.queues import Chances
from framelens.score import Classifier

Floats = NDArray[np.float64]


class Suggestions:
    """A model beside a labelled set; each article is scored once, when first asked for."""

    def __init__(self, labels: LabelledSet, classifier: Classifier) -> None:
        self._classifier = classifier
        self._articles: dict[str, list[LabelledSentence]] = {}
        for sentence in labels.sentences:
            if sentence.text is not None:
                self._articles.setdefault(sentence.article, []).append(sentence)
        self._scored: dict[str, dict[str, Floats]] = {}

    def of_one(self, sentence: LabelledSentence) -> Mapping[str, float]:
        """Probability of each frame for one sentence."""
        self._score([sentence.article])
        return dict(zip(self._classifier.frames, self._proba(sentence).tolist(), strict=True))

    def of_many(self, sentences: Sequence[LabelledSentence]) -> Chances:
        """Probabilities for the queues; articles are scored in batches."""
        self._score(list(dict.fromkeys(one.article for one in sentences)))
        proba = np.array([self._proba(one) for one in sentences]).reshape(-1, len(self._classifier.frames))
        return Chances(self._classifier.frames, proba, np.asarray(self._classifier.model.thresholds, dtype=np.float64))

    def _proba(self, sentence: LabelledSentence) -> Floats:
        return self._scored[sentence.article][sentence.id]

    def _score(self, articles: Sequence[str]) -> None:
        new = [name for name in articles if name not in self._scored]
        for first in range(0, len(new), 500):
            units = [self._articles[name] for name in new[first : first + 500]]
            texts = [one.text or "" for each in units for one in each]
            proba = iter(self._classifier.probabilities(texts, [len(each) for each in units]))
            for name, each in zip(new[first : first + 500], units, strict=True):
                self._scored[name] = {one.id: next(proba) for one in each}
