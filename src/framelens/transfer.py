"""How figures hold up on articles of another origin: train on one, test on the other."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.agreement import pair_f1
from framelens.assess import FEWEST_GROUPS, OURS, require_enough
from framelens.assessment import Gold
from framelens.baselines import BASELINES
from framelens.errors import InputError
from framelens.evaluate import FOLDS, Estimator, Figures, OutOfFold, figures, intervals
from framelens.measures import best_threshold, macro_f1
from framelens.stats import Interval, around

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BLOCK = 5
"""Neighbouring sentences that are drawn together where there are too few articles to draw."""
GUESSES = 1000
"""Gold that is drawn from the probabilities, to see what thresholds lose by chance alone."""


@dataclass(frozen=True, slots=True)
class BestThreshold:
    """F1 of a frame, or macro, with the thresholds that are best on the tested sentences themselves: an upper bound."""

    frame: str
    f1: Interval
    loss: Interval
    """That F1 minus F1 by the model's own rules, both on the same draws."""
    by_chance: Interval
    """The loss if the probabilities were exactly right: mean, and where 95% lie, over gold that is drawn from them.

    The best thresholds are chosen on the very sentences that they are measured on; on few sentences they gain by that.
    """


@dataclass(frozen=True, slots=True)
class TransferredSystem:
    """One way of calling frames, trained on one origin and measured on the other."""

    name: str
    figures: Figures
    best: tuple[BestThreshold, ...]
    """Per frame, then macro."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Everything that ``framelens transfer`` has measured."""

    train: str
    test: str
    seed: int
    train_fingerprint: str
    """Of all gold sentences of the training origin."""
    test_fingerprint: str
    train_articles: int
    left_out: int
    """Articles of the training origin that belong to the group of a tested article, and so were not trained on."""
    test_articles: int
    sentences: int
    drawn: str
    """What the bootstrap draws."""
    systems: tuple[TransferredSystem, ...]
    """Ours first, then the baselines."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``."""
        return asdict(self)


def transfer(
    train: Gold,
    test: Gold,
    classifier: Estimator,
    *,
    seed: int,
    baselines: bool = True,
    progress: Callable[[int, int], None] = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
) -> Transfer:
    """Train on the articles of one origin that restate none of the other, and measure on the other."""
    if not len(test.Y):
        raise InputError("no gold sentence to test on has its text here; put the articles into DATA/articles")
    kept = ~train.table["group"].isin(test.table["group"].unique()).to_numpy(dtype=bool)
    left_out = train.table["article"][~kept].nunique()
    trained_on = replace(train, table=train.table[kept], Y=train.Y[kept])
    require_enough(trained_on, FOLDS)
    groups, drawn = _drawn_together(test.table)
    estimators = {OURS: classifier, **({name: make() for name, make in BASELINES.items()} if baselines else {})}
    systems = []
    for done, (name, estimator) in enumerate(estimators.items(), start=1):
        systems.append(_measured(name, test, _said(estimator, trained_on, test), groups, seed))
        progress(done, len(estimators))
    return Transfer(
        train=str(train.table["origin"].iloc[0]),
        test=str(test.table["origin"].iloc[0]),
        seed=seed,
        train_fingerprint=train.fingerprint,
        test_fingerprint=test.fingerprint,
        train_articles=trained_on.table["article"].nunique(),
        left_out=left_out,
        test_articles=test.table["article"].nunique(),
        sentences=len(test.Y),
        drawn=drawn,
        systems=tuple(systems),
    )


def _said(estimator: Estimator, train: Gold, test: Gold) -> OutOfFold:
    fitted = estimator.fit(train.table, train.Y)
    return OutOfFold(fitted.predict_proba(test.table), fitted.predict(test.table))


def _drawn_together(table: pd.DataFrame) -> tuple[list[str], str]:
    """What the bootstrap draws whole: articles, or blocks of sentences (Carlstein 1986) where articles are few."""
    if table["group"].nunique() >= FEWEST_GROUPS:
        return table["group"].astype(str).tolist(), "articles"
    place = table.groupby("article", sort=False).cumcount() // BLOCK
    blocks = [f"{article}:{number}" for article, number in zip(table["article"], place, strict=True)]
    return blocks, f"blocks of {BLOCK} neighbouring sentences"


def _measured(name: str, tested: Gold, said: OutOfFold, groups: Sequence[str], seed: int) -> TransferredSystem:
    measured = figures(tested.frames, tested.Y, said, groups, rng=np.random.default_rng(seed), folds=1)
    columns = zip(tested.Y.T, said.proba.T, strict=True)
    best = np.column_stack([proba >= best_threshold(gold, proba) for gold, proba in columns])

    def statistic(drawn: Ints) -> Floats:
        places = [[place] for place in range(len(tested.frames))]
        chosen = (*places, [place for (place,) in places])
        there = np.array([macro_f1(drawn, tested.Y[:, some], best[:, some]) for some in chosen])
        own = np.array([macro_f1(drawn, tested.Y[:, some], said.present[:, some]) for some in chosen])
        return np.stack([there, there - own], axis=1).reshape(-1, len(drawn)).T

    found = intervals(statistic, groups, rng=np.random.default_rng(seed))
    by_chance = _losses_by_chance(said, np.random.default_rng(seed))
    rows = zip((*tested.frames, "macro"), found[::2], found[1::2], by_chance, strict=True)
    return TransferredSystem(name, measured, tuple(BestThreshold(*row) for row in rows))


def _losses_by_chance(said: OutOfFold, rng: np.random.Generator) -> list[Interval]:
    """What the model's rules lose where its probabilities are right: per frame, then macro."""
    drawn = (rng.random(said.proba.shape) < said.proba for _ in range(GUESSES))
    losses = np.array(
        [[_loss(*column) for column in zip(Y.T, said.proba.T, said.present.T, strict=True)] for Y in drawn]
    )
    return [_spread(column) for column in (*losses.T, losses.mean(axis=1))]


def _loss(gold: Bools, proba: Floats, present: Bools) -> float:
    """F1 of the best threshold minus F1 of the decisions; ``nan`` where no sentence has the frame."""
    if not gold.any():
        return np.nan
    return pair_f1(gold, proba >= best_threshold(gold, proba)) - pair_f1(gold, present)


def _spread(values: Floats) -> Interval:
    """Mean, and the bounds of the middle 95%, of what is defined."""
    defined = values[~np.isnan(values)]
    return around(float(defined.mean()) if len(defined) else np.nan, defined)
