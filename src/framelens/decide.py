"""From scores to decisions: when a frame counts as present."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_CERTAIN = 12.0
"""Log-odds are clipped here before they are calibrated."""
MOST_FALSE_ALARMS = 10
"""Calls per 1,000 quiet sentences of off-subject articles that a rule may make on the articles it is chosen on.

Fewer than the 15 that are wanted on unseen articles, where rules do a little worse than where they were chosen."""
SUBJECT_LEVELS = (0.0, *(round(0.3 + 0.03 * step, 2) for step in range(23)))


@dataclass(frozen=True, slots=True)
class Rule:
    """A frame is present from ``threshold`` on, if the article is on the subject with at least ``subject``."""

    threshold: float
    subject: float


def logistic(log_odds: Floats) -> Floats:
    """Probabilities of log-odds, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)))


def log_logistic(log_odds: Floats) -> Floats:
    """Logarithm of the probabilities of log-odds, without overflow."""
    return np.asarray(-np.logaddexp(0, -log_odds))


def both(one: Floats, other: Floats) -> Floats:
    """Log-odds that both of two things hold, from the log-odds of each; clipped, so that none is certain."""
    together = np.minimum(log_logistic(one) + log_logistic(other), -1e-9)
    return np.asarray(np.clip(together - np.log(-np.expm1(together)), -MOST_CERTAIN, MOST_CERTAIN))


def best_rule(proba: Floats, subject: Floats, quiet: Bools) -> Rule:
    """The rule of highest expected F1 among those that make few false alarms in off-subject articles.

    ``proba`` are calibrated, ``subject`` is the probability that the sentence's article is on the subject, and
    ``quiet`` marks sentences without the frame in off-subject articles; shapes (n,). Expected F1 needs no labels, only
    calibrated probabilities, and so holds up where frames are denser (Lipton et al. 2014).
    """
    allowed = int(MOST_FALSE_ALARMS * quiet.sum() / 1000)
    best = (-1.0, Rule(0.5, 0.0))
    for level in SUBJECT_LEVELS:
        on_subject = subject >= level
        ranked = np.sort(proba[on_subject])[::-1]
        expected = _expected_f1(ranked, proba.sum())
        noise = np.sort(proba[quiet & on_subject])[::-1]
        if len(noise) > allowed:
            expected = np.where(ranked > noise[allowed], expected, -1.0)
        if len(expected) and expected.max() > best[0]:
            place = int(expected.argmax())
            best = (float(expected[place]), Rule(float(ranked[place]), level))
    return best[1]


def threshold_of(proba: Floats) -> float:
    """The threshold of highest expected F1 for calibrated probabilities of shape (n,); see ``best_rule``."""
    ranked = np.sort(proba)[::-1]
    return float(ranked[_expected_f1(ranked, ranked.sum()).argmax()])


def _expected_f1(ranked: Floats, positives: float) -> Floats:
    """Expected F1 of calling the first, the first two, ... of ranked probabilities present; shape (n,)."""
    return np.asarray(2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + positives))


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores of shape (n, labels) of which one must be right, without overflow."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def one_of(proba: Floats, thresholds: Floats) -> Bools:
    """The one label of each row whose probability is highest against its threshold; shape (n, labels)."""
    chosen = (proba / thresholds).argmax(axis=1)
    return np.asarray(chosen[:, None] == np.arange(proba.shape[1]))


def present(proba: Floats, subject: Floats, thresholds: Floats, levels: Floats) -> Bools:
    """Frames that count as present, shape (n, frames); ``subject`` has the shape (n,), the rest (frames,)."""
    return np.asarray((proba >= thresholds) & (subject[:, None] >= levels))
