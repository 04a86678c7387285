"""What a report says of a corpus, counted article by article; memory does not grow with the corpus."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from framelens.quotations import MOSTLY

if TYPE_CHECKING:
    from framelens.streamed import ClassifiedArticle

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LISTED = 20
"""Articles and outlets that are shown one by one."""
MOST_GROUPS = 100_000
"""Outlets, and days, that are counted apart; those beyond are counted together."""
MOST_PERIODS = 60
"""Months beyond which years are shown, and years beyond which those without articles are left out."""
EDGES = (0.0, 0.1, 0.25, 0.5, 0.75)
"""Shares that part the classes of articles; those without the frame are a class of their own."""
REST = "(all others)"
NONE = "(none)"
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])(?!\d).*)?)?")


@dataclass(frozen=True, slots=True)
class Group:
    """Counts of some articles; F frames."""

    articles: int
    sentences: int
    called: Ints
    """Sentences with each frame; shape (F,)."""

    @property
    def shares(self) -> Floats:
        """Share of its sentences with each frame, ``nan`` where it has none; shape (F,)."""
        return self.called / self.sentences if self.sentences else np.full(len(self.called), np.nan)


@dataclass(frozen=True, slots=True)
class Row:
    """One article."""

    name: str
    date: str
    outlet: str
    counts: Group


@dataclass(frozen=True, slots=True)
class Tallied:
    """All counts; F frames."""

    whole: Group
    empty: int
    """Articles without any sentence."""
    carrying: int
    """Sentences with at least one frame."""
    articles_with: Ints
    """Articles with at least one sentence of each frame; shape (F,)."""
    together: Ints
    """Sentences that carry both of two frames; shape (F, F)."""
    articles_together: Ints
    by_class: Ints
    """Articles by the share of their sentences with a frame: none, then by ``EDGES``; shape (F, 6)."""
    by_date: Mapping[str, Group]
    by_outlet: Mapping[str, Group]
    listed: tuple[Row, ...]
    """The first articles; all of them where they are at most ``LISTED``."""
    quoted: Floats | None
    """Mean share inside quotation marks: of sentences with each frame, then of all; shape (F + 1,)."""
    mostly_quoted: Ints
    """Sentences with each frame that are mostly quoted, then all of them; shape (F + 1,)."""


class Tally:
    """Counts articles, one at a time."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._whole = np.zeros(frames + 2, np.int64)
        self._empty = self._carrying = 0
        self._with: Ints = np.zeros(frames, np.int64)
        self._together, self._articles_together = np.zeros((2, frames, frames), np.int64)
        self._by_class = np.zeros((frames, len(EDGES) + 1), np.int64)
        self._dates: dict[str, Ints] = {}
        self._outlets: dict[str, Ints] = {}
        self._listed: list[Row] = []
        self._quoted = np.zeros(frames + 1)
        self._mostly = np.zeros(frames + 1, np.int64)
        self._voiced = True

    def add(self, article: "ClassifiedArticle") -> None:
        """Count an article."""
        called = article.called.astype(np.int64)
        size, counts = len(called), called.sum(axis=0)
        row = np.array([1, size, *counts])
        self._whole += row
        self._empty += not size
        self._carrying += int(called.any(axis=1).sum())
        there = counts > 0
        self._with += there
        self._together += called.T @ called
        self._articles_together += np.outer(there, there)
        if size:
            classes = np.where(there, np.searchsorted(EDGES, counts / size), 0)
            self._by_class[np.arange(self._frames), classes] += 1
        _count(self._dates, article.date[:10] if DATE.fullmatch(article.date) else NONE, row)
        _count(self._outlets, article.outlet or NONE, row)
        if len(self._listed) < LISTED:
            self._listed.append(Row(article.name, article.date, article.outlet, _group(row)))
        self._add_voice(article)

    def _add_voice(self, article: "ClassifiedArticle") -> None:
        if article.quoted is None:
            self._voiced = False
            return
        of = np.column_stack([article.called, np.ones(len(article.called), bool)])
        self._quoted += article.quoted @ of
        self._mostly += (article.quoted >= MOSTLY) @ of.astype(np.int64)

    @property
    def result(self) -> Tallied:
        """The counts so far."""
        sentences = np.append(self._whole[2:], self._whole[1])
        mean = self._quoted / np.where(sentences > 0, sentences, np.nan)
        return Tallied(
            _group(self._whole),
            self._empty,
            self._carrying,
            self._with,
            self._together,
            self._articles_together,
            self._by_class,
            {name: _group(row) for name, row in self._dates.items()},
            {name: _group(row) for name, row in self._outlets.items()},
            tuple(self._listed),
            mean if self._voiced else None,
            self._mostly,
        )


def periods(by_date: Mapping[str, Group]) -> tuple[str, dict[str, Group]]:
    """``day``, ``month`` or ``year``, and the counts of each period in order, also of those without articles between.

    Months, unless all dates are of one month (days), or of very many or known by their year alone (years).

    >>> one = Group(1, 10, np.array([2]))
    >>> list(periods({"2026-04-19": one, "2026-06-06": one, NONE: one})[1])
    ['2026-04', '2026-05', '2026-06']
    """
    dates = sorted(date for date in by_date if date not in (NONE, REST))
    if not dates:
        return "month", {}
    finest = min(map(len, dates))
    months = _month(dates[-1]) - _month(dates[0]) + 1
    width = 4 if finest < 7 or months > MOST_PERIODS else 10 if finest == 10 and months == 1 else 7
    none = np.zeros(2 + len(by_date[dates[0]].called), np.int64)
    sums = dict.fromkeys(_between(dates[0][:width], dates[-1][:width]), none)
    for date in dates:
        one = by_date[date]
        _count(sums, date[:width], np.array([one.articles, one.sentences, *one.called]))
    return {10: "day", 7: "month", 4: "year"}[width], {name: _group(row) for name, row in sums.items()}


def _month(date: str) -> int:
    """Number of the month of a date; a year alone counts as its first month."""
    return 12 * int(date[:4]) + int(date[5:7] or 1)


def _between(first: str, last: str) -> Iterator[str]:
    """Names of all periods of a kind from the first to the last; none where they are very many years."""
    if len(first) == 10:
        yield from (f"{first[:8]}{day:02}" for day in range(int(first[8:]), int(last[8:]) + 1))
    elif len(first) == 7:
        yield from (
            f"{(month - 1) // 12:04}-{(month - 1) % 12 + 1:02}" for month in range(_month(first), _month(last) + 1)
        )
    elif int(last) - int(first) <= MOST_PERIODS:
        yield from (f"{year:04}" for year in range(int(first), int(last) + 1))


def largest(groups: Mapping[str, Group]) -> dict[str, Group]:
    """The groups with most sentences, and all others as one."""
    ranked = sorted(groups, key=lambda name: (name == REST, -groups[name].sentences, name))
    sums: dict[str, Ints] = {}
    for place, name in enumerate(ranked):
        one = groups[name]
        kept = name if place < LISTED else REST
        _count(sums, kept, np.array([one.articles, one.sentences, *one.called]))
    return {name: _group(row) for name, row in sums.items()}


def _count(sums: dict[str, Ints], name: str, row: Ints) -> None:
    if name not in sums and len(sums) >= MOST_GROUPS:
        name = REST
    sums[name] = sums.get(name, 0) + row


def _group(row: Ints) -> Group:
    return Group(int(row[0]), int(row[1]), row[2:].copy())
