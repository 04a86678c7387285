"""How much of a corpus carries each frame, by group, and how groups differ, from its scores and a coded sample."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import isinf
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.classified import Classified
from framelens.errors import InputError
from framelens.prevalence import FEWEST_ARTICLES, Coded, Contrast, Estimate, Scored, contrast, estimate, holm
from framelens.sampled import Sample
from framelens.segment import fingerprint

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")
ALL = "all"
"""The group of everything."""


@dataclass(frozen=True)
class Share:
    """Share of the units of one group that carry one frame."""

    unit: str
    """``sentence`` or ``article``."""
    group: str
    frame: str
    units: int
    codings: int
    naive: float
    """What counting the model's calls gives, with the model's errors."""
    corrected: Estimate | None
    """By the coded sample and all scores; ``None`` where nothing is coded."""
    coded_only: Estimate | None
    more_codings: float | None
    """Codings that the wanted width takes beyond those there are; infinite where only more articles would help."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        found = {name: getattr(self, name) for name in ("unit", "group", "frame", "units", "codings", "naive")}
        for name, one in (("corrected", self.corrected), ("coded_only", self.coded_only)):
            found[name] = one and asdict(one.share)
        more = self.more_codings
        return {
            **found,
            "power": self.corrected and self.corrected.power,
            "rough": self.corrected and self.corrected.rough,
            "more_codings": None if more is None or np.isnan(more) or isinf(more) else int(more),
            "width_needs_more_articles": more is not None and isinf(more),
        }


@dataclass(frozen=True)
class Difference:
    """How far the share of one frame in the second group lies above that in the first."""

    unit: str
    frame: str
    first: str
    second: str
    contrast: Contrast


@dataclass(frozen=True)
class Shares:
    """Everything that ``prevalence`` found."""

    shares: tuple[Share, ...]
    differences: tuple[Difference, ...]
    cautions: tuple[str, ...]
    width: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "shares": [one.as_dict() for one in self.shares],
            "differences": [asdict(one) for one in self.differences],
            "cautions": list(self.cautions),
            "width": self.width,
        }


@dataclass(frozen=True)
class _Units:
    """Sentences or articles: number of the article, group, scores, calls, and which were coded."""

    unit: str
    article: Ints
    group: NDArray[np.str_]
    score: NDArray[np.float64]
    called: Bools
    row: Ints
    label: Bools
    inclusion: NDArray[np.float64]


def shares(corpus: Classified, sample: Sample, *, frames: Sequence[str] = (), width: float | None = None) -> Shares:
    """Shares of sentences and, where whole articles were coded, of articles; contrasts between groups.

    Raises ``InputError`` where corpus and sample do not fit.
    """
    chosen = _frames(corpus, sample, frames)
    row = _rows(corpus, sample)
    columns = [corpus.frames.index(frame) for frame in chosen]
    values = list(corpus.groups.values())
    group = (
        np.array([" · ".join(one) for one in zip(*values, strict=True)])
        if values
        else np.full(len(corpus.article), ALL)
    )
    label = np.array([[frame in one for frame in chosen] for one in sample.frames], dtype=bool)
    score, called = corpus.proba[:, columns], corpus.called[:, columns]
    sentences = _Units("sentence", corpus.article, group, score, called, row, label, sample.inclusion)
    kinds, cautions = [sentences], [*sample.cautions, *_cautions(corpus, sample)]
    if why := _no_articles(corpus, row, group):
        cautions.append(f"no share of articles: {why}")
    else:
        kinds.append(_by_article(sentences))
    found = [one for units in kinds for one in _shares(units, chosen, len(corpus.articles), width)]
    return Shares(tuple(found), tuple(_differences(found)), tuple(cautions), width)


def _shares(units: _Units, frames: Sequence[str], articles: int, width: float | None) -> list[Share]:
    names = np.unique(units.group).tolist()
    groups = [ALL, *names] if names != [ALL] else [ALL]
    found = []
    for group in groups:
        members = np.ones(len(units.group), dtype=bool) if group == ALL else units.group == group
        number = np.cumsum(members) - 1
        for column, frame in enumerate(frames):
            coded = Coded(units.row, units.label[:, column].astype(np.float64), units.inclusion).where(members, number)
            scored = Scored(units.score[members, column], units.article[members])
            tuned = estimate(scored, coded, articles=articles) if len(coded.row) else None
            alone = estimate(scored, coded, articles=articles, power=0.0) if len(coded.row) else None
            more = tuned.more_codings(width) if tuned and width else None
            naive = float(units.called[members, column].mean())
            found.append(Share(units.unit, group, frame, int(members.sum()), len(coded.row), naive, tuned, alone, more))
    return found


def _differences(found: Sequence[Share]) -> list[Difference]:
    """All pairs of groups, frame by frame; Holm's method counts them all."""
    pairs = [
        Difference(one.unit, one.frame, one.group, other.group, contrast(one.corrected, other.corrected))
        for one, other in combinations([share for share in found if share.group != ALL], 2)
        if one.unit == other.unit and one.frame == other.frame and one.corrected and other.corrected
    ]
    adjusted = holm([one.contrast.p for one in pairs])
    return [replace(one, contrast=replace(one.contrast, p_holm=p)) for one, p in zip(pairs, adjusted, strict=True)]


def _frames(corpus: Classified, sample: Sample, asked: Sequence[str]) -> tuple[str, ...]:
    coded = sample.known if sample.known is not None else corpus.frames
    there = [frame for frame in corpus.frames if frame in coded]
    for frame in asked:
        if frame not in there:
            raise InputError(f"no frame {frame!r} in both {corpus.name} and {sample.name}; give {', '.join(there)}")
    unknown = sorted(frozenset().union(*sample.frames) - set(corpus.frames))
    if unknown or not there:
        what = repr(unknown[0]) if unknown else "none of its frames"
        raise InputError(f"{sample.name}: {what} is no frame of {corpus.name}, which has {', '.join(corpus.frames)}")
    return tuple(asked) or tuple(there)


def _rows(corpus: Classified, sample: Sample) -> Ints:
    """Row of each coded sentence in the corpus, by article and position; a file stands for its id in a labelled set."""
    ids: dict[str, list[str]] = {}
    for name in corpus.articles:
        ids.setdefault(_id(name), []).append(name)
    known = set(corpus.articles)
    rows, missing = [], []
    for article, position in zip(sample.articles, sample.positions, strict=True):
        named = ids.get(_id(article), [article])
        name = article if article in known or len(named) > 1 else named[0]
        row = corpus.row.get((name, position))
        rows.append(-1 if row is None else row)
        if row is None:
            missing.append(f"article {article!r}, position {position}")
    if missing:
        raise InputError(
            f"{sample.name}: {len(missing)} of {len(rows)} coded sentences are not in {corpus.name}, such as"
            f" {missing[0]}; the sample must be drawn from the corpus, and article and position name a sentence in both"
        )
    if len(set(rows)) < len(rows):
        raise InputError(f"{sample.name}: a sentence is coded twice; give each once, with the frames that were decided")
    _require_same_text(corpus, sample, rows)
    return np.array(rows, dtype=np.int64)


def _id(name: str) -> str:
    """The id that an article of this name (a file, or a row of a table) gets in a labelled set, in lower case."""
    path, _, row = name.rpartition(":")
    stem = f"{PurePath(path).stem}-{row}" if path and row.isdecimal() else PurePath(name).stem
    return NOT_IN_AN_ID.sub("-", stem.lower()).strip("-")


def _require_same_text(corpus: Classified, sample: Sample, rows: Sequence[int]) -> None:
    if corpus.text is None or sample.fingerprints is None:
        return
    for place, row in enumerate(rows):
        if fingerprint(corpus.text[row]) != sample.fingerprints[place]:
            raise InputError(
                f"{sample.name}: article {sample.articles[place]!r}, position {sample.positions[place]} is another"
                f" sentence in {corpus.name}; classify the same text that was coded"
            )


def _cautions(corpus: Classified, sample: Sample) -> list[str]:
    told = []
    others = [size for size in sample.populations if size != len(corpus.article)]
    if others:
        told.append(
            f"the sample was drawn from {others[0]:,} sentences, the corpus has {len(corpus.article):,}: sentences that"
            " could not be drawn are taken to be like the others"
        )
    if (drawn := len(set(sample.articles))) < FEWEST_ARTICLES:
        told.append(f"coded sentences of {drawn} articles only; an interval takes {FEWEST_ARTICLES}")
    return told


def _no_articles(corpus: Classified, row: Ints, group: NDArray[np.str_]) -> str:
    """Why no share of articles can be had; empty where it can."""
    size = np.bincount(corpus.article)
    coded = np.bincount(corpus.article[row], minlength=len(size))
    if (coded[coded > 0] < size[coded > 0]).any():
        return "it takes articles that are drawn at random and coded whole"
    if len(np.unique(np.char.add(corpus.article.astype(str), group))) > len(size):
        return "the sentences of an article stand in different groups"
    return ""


def _by_article(units: _Units) -> _Units:
    """The same with articles as units: an article carries a frame if a sentence does."""
    articles = int(units.article.max()) + 1
    columns = units.score.shape[1]
    none = np.ones((articles, columns))
    np.multiply.at(none, units.article, 1 - units.score)
    called, label = np.zeros((2, articles, columns), dtype=bool)
    np.logical_or.at(called, units.article, units.called)
    np.logical_or.at(label, units.article[units.row], units.label)
    inclusion = np.zeros(articles)
    inclusion[units.article[units.row]] = units.inclusion
    group = np.empty(articles, dtype=units.group.dtype)
    group[units.article] = units.group
    row = np.unique(units.article[units.row])
    return _Units("article", np.arange(articles), group, 1 - none, called, row, label[row], inclusion[row])
