"""A sentence in its article: what the second stage of the model reads."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from framelens.words import has_quotation

Floats = NDArray[np.float64]

NEIGHBOURS = (1, -1, 2, -2)
OUTSIDE = -4.0
"""Log-odds where the article has no such neighbour: as good as surely no frame."""
MOST_CERTAIN = 8.0
"""Log-odds are clipped here, so that one certain sentence does not decide over its whole article."""


def in_article(log_odds: Floats, lengths: Sequence[int], texts: Sequence[str]) -> Floats:
    """Features of shape (sentences, 7 * frames + 4), for articles that follow one another whole.

    ``log_odds`` are those of the first stage, shape (sentences, frames); ``lengths`` counts the sentences of
    each article.
    """
    clipped = np.clip(log_odds, -MOST_CERTAIN, MOST_CERTAIN)
    counts = np.asarray([length for length in lengths if length], dtype=np.int64)
    if not len(counts):
        return np.zeros((0, 7 * log_odds.shape[1] + 4))
    article = np.repeat(np.arange(len(counts)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    place = np.arange(len(article)) - starts[article]
    mean = np.add.reduceat(clipped, starts)[article] / counts[article, None]
    highest = np.maximum.reduceat(clipped, starts)[article]
    characters = np.array([len(text) for text in texts])
    single = np.column_stack(
        [
            place == 0,
            np.minimum(place, 10) / 10,
            [has_quotation(text) for text in texts],
            np.minimum(characters, 500) / 100,
        ]
    )
    return np.hstack([clipped, *(_neighbour(clipped, article, step) for step in NEIGHBOURS), mean, highest, single])


def _neighbour(log_odds: Floats, article: NDArray[np.int64], step: int) -> Floats:
    """Log-odds of the sentence ``step`` places earlier in the same article."""
    shifted = np.full_like(log_odds, OUTSIDE)
    here, there = (slice(step, None), slice(None, -step)) if step > 0 else (slice(None, step), slice(-step, None))
    same = article[here] == article[there]
    shifted[here][same] = log_odds[there][same]
    return shifted
