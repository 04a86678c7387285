"""The report on a corpus as one page: what was read, frames by article, time and outlet, together, telling, voiced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.charts import Series, dots, lines, shaded
from framelens.codebook import Codebook
from framelens.explained import FULL, marked, told
from framelens.report_method import reliability
from framelens.shares import ALL, Share, Shares
from framelens.standalone import paragraph, table, whole_page
from framelens.stats import Interval
from framelens.tally import EDGES, LISTED, NONE, Group, Tallied, largest, periods
from framelens.telling import Told

COUNTED = "Counted by the model, with its errors."
CLASSES = (
    "none",
    *(
        f"{'over ' if low else 'up to '}{f'{low:.0%} to ' if low else ''}{high:.0%}"
        for low, high in zip(EDGES, (*EDGES[1:], 1.0), strict=True)
    ),
)
TEXTS = ("article", "outlet", "definition")


@dataclass(frozen=True)
class Reported:
    """Everything that a report tells."""

    name: str
    frames: tuple[str, ...]
    tallied: Tallied
    telling: Sequence[Told]
    codebook: Codebook | None
    """Of the model, where it has these frames."""
    prevalence: Shares | None
    """From a coded sample, where one was given."""
    model: Mapping[str, Any]
    """The card of the model, empty where another one classified the corpus."""
    method: Sequence[str]
    """How it was done, a paragraph each."""
    notes: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """Frames as they are called."""
        called = {frame.id: frame.name for frame in self.codebook.frames} if self.codebook else {}
        return [called.get(frame, frame) for frame in self.frames]


def page(found: Reported) -> str:
    """The whole page as HTML."""
    return whole_page(f"Frames in {found.name}", (part for section in SECTIONS for part in section(found)))


def _read(found: Reported) -> Iterable[str]:
    whole, tallied = found.tallied.whole, found.tallied
    yield f"<h1>Frames in {escape(found.name)}</h1>\n"
    dates = sorted(date[:10] for date in tallied.by_date if date[:1].isdecimal())
    outlets = [name for name in tallied.by_outlet if name != NONE]
    rows = [
        ("articles", f"{whole.articles:,}"),
        ("articles without text", f"{tallied.empty:,}"),
        ("sentences", f"{whole.sentences:,}"),
        ("sentences with a frame, as counted", f"{tallied.carrying:,} ({_share(tallied.carrying, whole.sentences)})"),
        ("dates", f"{dates[0]} to {dates[-1]}" if dates else "not given"),
        ("outlets", f"{len(outlets):,}" if outlets else "not given"),
    ]
    yield table("What was read", ("", "count"), rows)
    yield from map(paragraph, found.notes)
    if found.codebook:
        defined = [(frame.name, frame.definition) for frame in found.codebook.frames]
        yield "<h2>What the frames mean</h2>\n"
        yield table("Frames", ("frame", "definition"), defined, TEXTS)


def _prevalence(found: Reported) -> Iterable[str]:
    yield "<h2>How much of it carries each frame</h2>\n"
    if found.prevalence:
        yield from _corrected(found, found.prevalence)
        return
    whole, articles = found.tallied.whole, found.tallied.articles_with
    by_article = articles / (whole.articles - found.tallied.empty)
    series = [Series("of sentences", whole.shares.tolist()), Series("of articles", by_article.tolist())]
    yield dots(found.names, series, f"Share of sentences and of articles with each frame. {COUNTED}")
    rows = [
        (name, f"{count:,}", _percent(share), f"{some:,}", _percent(part))
        for name, count, share, some, part in zip(
            found.names, whole.called.tolist(), whole.shares, articles.tolist(), by_article, strict=True
        )
    ]
    yield table("Counted by the model", ("frame", "sentences", "share", "articles", "share of articles"), rows)
    yield paragraph(
        "These shares count what the model calls present. Such counts are biased by its errors and have no intervals:"
        " before one is reported, code a random sample of this corpus, and give it with --coded."
    )


def _corrected(found: Reported, shares: Shares) -> Iterable[str]:
    names = dict(zip(found.frames, found.names, strict=True))
    for unit in dict.fromkeys(one.unit for one in shares.shares):
        chosen = [one for one in shares.shares if one.unit == unit and one.group == ALL]
        known = [one.corrected.share if one.corrected else Interval(nan, nan, nan) for one in chosen]
        series = [
            Series("corrected, with its 95% interval", [one.point for one in known], known),
            Series("counted", [one.naive for one in chosen]),
        ]
        told_ = f"Share of {unit}s with each frame, corrected by the coded sample, and as the model counts it."
        yield dots([names[one.frame] for one in chosen], series, told_)
        columns = ("frame", "coded", f"of {unit}s", "counted", "coded sample alone", "corrected")
        yield table(f"Share of {unit}s [95% interval]", columns, [_corrected_row(one, names) for one in chosen])
    yield paragraph(
        "The corrected share uses all scores and the coded sample (prediction-powered inference with power tuning,"
        " PPI++); its interval holds even if the model errs. Counted: what the model calls present, with its errors."
        " ~ stands where fewer than 10 coded sentences have the frame, or lack it: the interval is rough."
    )
    yield from (paragraph(f"Caution: {line}") for line in shares.cautions)


def _corrected_row(one: Share, names: Mapping[str, str]) -> tuple[str, ...]:
    alone, corrected = one.coded_only, one.corrected
    return (
        names[one.frame],
        f"{one.codings:,}",
        f"{one.units:,}",
        f"{one.naive:.3f}",
        alone.share.shown(3) if alone else "not coded",
        corrected.share.shown(3) + (" ~" if corrected.rough else "") if corrected else "not coded",
    )


def _articles(found: Reported) -> Iterable[str]:
    yield "<h2>Article by article</h2>\n"
    tallied = found.tallied
    if tallied.whole.articles <= LISTED:
        groups = {row.name: row.counts for row in tallied.listed}
        yield from _grouped(found, groups, "article", "Share of the sentences of each article with each frame.")
        return
    counts = tallied.by_class
    of = max(tallied.whole.articles - tallied.empty, 1)
    series = [Series(name, (own / of).tolist()) for name, own in zip(found.names, counts, strict=True)]
    yield dots(CLASSES, series, f"Articles by the share of their sentences that carries a frame. {COUNTED}")
    rows = [
        (kind, *(f"{int(count):,} ({_share(count, of)})" for count in own))
        for kind, own in zip(CLASSES, counts.T, strict=True)
    ]
    yield table("Articles by the share of their sentences with a frame", ("share", *found.names), rows)


def _over_time(found: Reported) -> Iterable[str]:
    yield "<h2>Over time</h2>\n"
    unit, groups = periods(found.tallied.by_date)
    if not groups:
        yield paragraph("The articles have no dates of the form YYYY-MM-DD, in a column or a line date: at their top.")
        return
    series = [
        Series(name, [float(one.shares[place]) for one in groups.values()]) for place, name in enumerate(found.names)
    ]
    yield lines(list(groups), series, f"Share of sentences with each frame by {unit}. {COUNTED}")
    yield _group_table(found, groups, unit)
    if missing := found.tallied.by_date.get(NONE):
        yield paragraph(f"{missing.articles:,} articles without a date are left out.")


def _by_outlet(found: Reported) -> Iterable[str]:
    yield "<h2>By outlet</h2>\n"
    if not set(found.tallied.by_outlet) - {NONE}:
        yield paragraph("The articles do not say their outlet, in a column or a line outlet: at their top.")
        return
    groups = largest(found.tallied.by_outlet)
    yield from _grouped(found, groups, "outlet", "Share of sentences with each frame by outlet, the largest first.")


def _grouped(found: Reported, groups: Mapping[str, Group], unit: str, told_: str) -> Iterable[str]:
    series = [
        Series(name, [float(one.shares[place]) for one in groups.values()]) for place, name in enumerate(found.names)
    ]
    yield dots(list(groups), series, f"{told_} {COUNTED}")
    yield _group_table(found, groups, unit)


def _group_table(found: Reported, groups: Mapping[str, Group], unit: str) -> str:
    rows = [
        (name, *([f"{one.articles:,}"] if unit != "article" else []), f"{one.sentences:,}", *map(_percent, one.shares))
        for name, one in groups.items()
    ]
    columns = (unit, *(["articles"] if unit != "article" else []), "sentences", *found.names)
    return table(f"Share of sentences with each frame by {unit}, as counted", columns, rows, TEXTS)


def _together(found: Reported) -> Iterable[str]:
    names, tallied = found.names, found.tallied
    if len(names) < 2:
        return
    yield "<h2>Frames together</h2>\n"
    for unit, counts in (("sentences", tallied.together), ("articles", tallied.articles_together)):
        own = np.diag(counts)[:, None]
        shares = np.where(own > 0, counts / np.maximum(own, 1), np.nan)
        np.fill_diagonal(shares, np.nan)
        told_ = f"Of {unit} with the frame at the left, the share that also carries the frame above. {COUNTED}"
        yield shaded(names, names, shares.tolist(), told_)
        rows = [(name, *(f"{int(count):,}" for count in row)) for name, row in zip(names, counts, strict=True)]
        yield table(f"{unit.capitalize()} with both frames; in the diagonal, with the frame", ("", *names), rows)


def _telling(found: Reported) -> Iterable[str]:
    yield "<h2>The most telling sentences</h2>\n"
    if not found.telling:
        why = (
            "The corpus was classified without its text." if found.tallied.carrying else "No sentence carries a frame."
        )
        yield paragraph(why)
        return
    if any(one.why for one in found.telling):
        yield (
            f"<p>The surest of each frame. {marked(('For', FULL))} and {marked(('against', -FULL))} the frame: words by"
            " what they add to its log-odds; below, the strongest reasons.</p>\n"
        )
    for frame, name in zip(found.frames, found.names, strict=True):
        if own := [one for one in found.telling if one.frame == frame]:
            yield f"<h3>{escape(name)}</h3>\n<ol>\n{''.join(map(_item, own))}</ol>\n"


def _item(one: Told) -> str:
    text = escape(one.sentence.text)
    article = one.sentence.article
    about = (article.name, f"sentence {one.sentence.at + 1}", article.outlet, article.date[:10])
    below = [f"{', '.join(part for part in about if part)}: {one.sentence.probability:.2f}"]
    if one.why:
        text = "".join(map(marked, one.why.words(one.frame)))
        below.append(told(one.why, one.frame))
    return f"<li>{text}{''.join(map(_below, below))}</li>\n"


def _below(line: str) -> str:
    return f'<div class="why">{escape(line)}</div>'


def _voice(found: Reported) -> Iterable[str]:
    yield "<h2>Voice</h2>\n"
    mean, counts = found.tallied.quoted, found.tallied.whole
    if mean is None:
        yield paragraph("The corpus does not tell what stands inside quotation marks (column quoted).")
        return
    names = [*found.names, "all sentences"]
    totals = np.append(counts.called, counts.sentences)
    mostly = found.tallied.mostly_quoted / np.where(totals > 0, totals, np.nan)
    series = [Series("mean share quoted", mean.tolist()), Series("mostly quoted", mostly.tolist())]
    yield dots(
        names,
        series,
        "How far sentences with each frame stand inside quotation marks: the mean share of their characters, and the"
        " share of sentences of which at least half is quoted. Who is quoted is not told.",
    )
    rows = [
        (name, f"{int(total):,}", _percent(one), _percent(most))
        for name, total, one, most in zip(names, totals, mean, mostly, strict=True)
    ]
    yield table("Inside quotation marks", ("frame", "sentences", "mean share quoted", "mostly quoted"), rows)


def _share(part: Any, of: int) -> str:
    return _percent(float(part) / of if of else nan)


def _percent(share: float | NDArray[np.float64]) -> str:
    return "–" if isnan(float(share)) else f"{float(share):.1%}"


SECTIONS = (
    _read,
    _prevalence,
    _articles,
    _over_time,
    _by_outlet,
    _together,
    _telling,
    _voice,
    lambda found: reliability(found.model, dict(zip(found.frames, found.names, strict=True))),
    lambda found: ("<h2>Method</h2>\n", *map(paragraph, found.method)),
)
