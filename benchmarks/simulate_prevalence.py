"""Do intervals of ``framelens prevalence`` hold? Simulated corpora, biased classifiers, and a table of how often.

Each corpus has articles whose sentences are alike (a random effect of the article), each sentence a frame or none, and
a score that errs in a known way. A random sample is coded. Run by ``make simulate``.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from framelens.prevalence import Coded, Estimate, Scored, estimate

Floats = NDArray[np.float64]

PAGE = Path(__file__).parents[1] / "docs" / "prevalence-simulation.md"
SPREAD = 1.5
"""Standard deviation of the log-odds of sentences within an article."""


@dataclass(frozen=True)
class Setting:
    """A kind of corpus, and how many of its sentences are coded."""

    name: str
    articles: int
    length: int
    level: float
    """Log-odds of the frame in a middling sentence."""
    between: float
    """Standard deviation of the log-odds between articles."""
    codings: int
    unequal: bool = False
    """Whether likely sentences are drawn four times as often."""
    whole: bool = False
    """Whether whole articles are coded."""

    @property
    def truth(self) -> float:
        """Expected share of sentences with the frame, by Gauss-Hermite quadrature."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        return float(weights @ expit(self.level + np.hypot(self.between, SPREAD) * nodes) / weights.sum())


@dataclass(frozen=True)
class Coverage:
    """How often intervals held the truth, and how wide they were, corrected by the model and from codings alone."""

    setting: Setting
    classifier: str
    naive: float
    """Mean share that counting what the classifier calls present gives."""
    held: tuple[float, float]
    width: tuple[float, float]
    power: float


SETTINGS = (
    Setting("frequent", 400, 12, -1.5, 1.0, 200),
    Setting("rare", 400, 12, -3.5, 1.0, 400),
    Setting("few articles", 60, 20, -1.5, 1.2, 150),
    Setting("unequal chances", 400, 12, -2.5, 1.0, 300, unequal=True),
    Setting("whole articles", 300, 12, -1.5, 1.0, 50, whole=True),
)
CLASSIFIERS: Mapping[str, Callable[[Floats, Floats, Floats, np.random.Generator], Floats]] = {
    "good": lambda y, x, level, rng: expit(level + x + 3 * (y - 0.5) + rng.normal(0, 0.7, len(y))),
    "calls too much": lambda y, x, level, _: expit(level + 1.5 + 2 * x + 1.5 * y),
    "calls too little": lambda _, x, level, __: expit(level - 2 + 1.2 * x),
    "rarely wrong": lambda y, _, __, rng: np.where(rng.random(len(y)) < 0.01, 1 - y, y),
    "yes or no": lambda y, x, _, rng: (x + rng.normal(0, 1, len(y)) > 1).astype(np.float64),
    "useless": lambda y, _, __, rng: rng.random(len(y)),
    "wrong way round": lambda _, x, level, __: expit(-level - 2 * x),
}


def simulate(setting: Setting, classifier: str, corpora: int, *, rng: np.random.Generator) -> Coverage:
    """Draw so many corpora and samples, and count."""
    found = [_one(setting, CLASSIFIERS[classifier], rng=rng) for _ in range(corpora)]
    pairs = [(corrected, alone) for corrected, alone, _ in found]
    held = [np.mean([one[kind].share.low <= setting.truth <= one[kind].share.high for one in pairs]) for kind in (0, 1)]
    width = [np.mean([one[kind].share.high - one[kind].share.low for one in pairs]) for kind in (0, 1)]
    return Coverage(
        setting,
        classifier,
        float(np.mean([naive for _, _, naive in found])),
        (float(held[0]), float(held[1])),
        (float(width[0]), float(width[1])),
        float(np.mean([corrected.power for corrected, _ in pairs])),
    )


def _one(
    setting: Setting, classifier: Callable[..., Floats], *, rng: np.random.Generator
) -> tuple[Estimate, Estimate, float]:
    lengths = 1 + rng.poisson(setting.length - 1, setting.articles)
    article = np.repeat(np.arange(setting.articles), lengths)
    x = rng.normal(0, setting.between, setting.articles)[article] + rng.normal(0, SPREAD, len(article))
    y = (rng.random(len(article)) < expit(setting.level + x)).astype(np.float64)
    score = classifier(y, x, setting.level, rng)
    rows, inclusion = _draw(setting, article, x, rng=rng)
    population, sample = Scored(score, article), Coded(rows, y[rows], inclusion)
    corrected, alone = (estimate(population, sample, articles=setting.articles, power=power) for power in (None, 0.0))
    return corrected, alone, float((score >= 0.5).mean())


def _draw(
    setting: Setting, article: NDArray[np.int64], x: Floats, *, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Floats]:
    """Rows of the sample and their inclusion probabilities."""
    if setting.whole:
        rows = np.flatnonzero(np.isin(article, rng.choice(setting.articles, setting.codings, replace=False)))
        return rows, np.ones(len(rows))
    if not setting.unequal:
        rows = rng.choice(len(x), setting.codings, replace=False)
        return rows, np.ones(setting.codings)
    chance = np.where(x > 1, 4.0, 1.0)
    chance *= setting.codings / chance.sum()
    rows = np.flatnonzero(rng.random(len(x)) < chance)
    return rows, chance[rows]


def page(found: Sequence[Coverage], corpora: int, seed: int) -> str:
    """The table as Markdown."""
    lines = [
        "# Do the intervals of `framelens prevalence` hold?",
        "",
        f"Made by `make simulate`: {corpora:,} simulated corpora a row, seed {seed}. They are random numbers, no text.",
        "Sentences of an article are alike; the classifier errs as its name says; a random sample is coded (*unequal",
        "chances*: likely sentences four times as often, Poisson sampling; *whole articles*: 50 articles with all",
        "their sentences). A 95% interval should hold the true share in 93% to 97% of the corpora. *Count* is what",
        "counting the classifier's calls (0.5 or more) gives on average; *reliance* is the tuned power, from 0 to 1.",
        "",
        "| corpus | classifier | true share | count | corrected: holds | codings alone: holds | corrected: width |"
        " codings alone: width | reliance |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one.setting.name} | {one.classifier} | {one.setting.truth:.3f} | {one.naive:.3f} | {one.held[0]:.1%} |"
        f" {one.held[1]:.1%} | {one.width[0]:.3f} | {one.width[1]:.3f} | {one.power:.2f} |"
        for one in found
    ]
    inside = sum(0.93 <= one.held[0] <= 0.97 for one in found)
    lines += [
        "",
        f"Corrected intervals hold the truth in 93% to 97% of the corpora in {inside} of {len(found)} rows.",
        "",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Simulate all settings and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--output", type=Path, default=PAGE)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    found = [simulate(setting, one, asked.corpora, rng=rng) for setting in SETTINGS for one in CLASSIFIERS]
    asked.output.parent.mkdir(exist_ok=True)
    asked.output.write_text(page(found, asked.corpora, asked.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
