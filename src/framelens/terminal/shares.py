"""Shares with intervals, and how groups differ, as tables in a terminal."""

from math import isinf, isnan

from rich.console import Console

from framelens.shares import ALL, Share, Shares
from framelens.terminal import print_rows

MOST_DIFFERENCES = 30


def print_shares(console: Console, found: Shares) -> None:
    """The shares of each group, then the contrasts, the clearest first."""
    grouped = any(share.group != ALL for share in found.shares)
    heads = ["frame", *(["group"] if grouped else []), "coded", "counted", "coded only", "corrected", "model"]
    for unit in dict.fromkeys(share.unit for share in found.shares):
        rows = [_row(share, grouped, found.width) for share in found.shares if share.unit == unit]
        console.print(f"Share of {unit}s [95% interval]", markup=False)
        print_rows(console, [*heads, "more"] if found.width else heads, rows)
        console.print()
    if found.differences:
        _print_differences(console, found)
    for line in _legend(found):
        console.print(line, soft_wrap=True, markup=False)


def _row(share: Share, grouped: bool, width: float | None) -> list[str]:
    corrected, alone = share.corrected, share.coded_only
    more = share.more_codings
    wanted = "" if more is None or isnan(more) else "articles" if isinf(more) else f"{more:,.0f}"
    return [
        share.frame,
        *([share.group] if grouped else []),
        f"{share.codings:,}/{share.units:,}",
        f"{share.naive:.3f}",
        alone.share.shown(3) if alone else "not coded",
        corrected.share.shown(3) + (" ~" if corrected.rough else "") if corrected else "not coded",
        f"{corrected.power:.2f}" if corrected else "",
        *([wanted] if width else []),
    ]


def _print_differences(console: Console, found: Shares) -> None:
    ranked = sorted(found.differences, key=lambda one: (isnan(one.contrast.p), one.contrast.p))
    rows = [
        (
            one.frame,
            f"{one.unit}s",
            f"{one.second} - {one.first}",
            one.contrast.difference.shown(3),
            "" if isnan(one.contrast.p) else f"{one.contrast.p:.4f}",
            "" if isnan(one.contrast.p_holm) else f"{one.contrast.p_holm:.4f}",
        )
        for one in ranked[:MOST_DIFFERENCES]
    ]
    console.print(
        f"Differences of corrected shares; p by Holm's method counts all {len(ranked):,} of them", markup=False
    )
    print_rows(console, ("frame", "of", "groups", "difference", "p", "p (Holm)"), rows)
    if len(ranked) > len(rows):
        console.print(f"{len(ranked) - len(rows):,} more with higher p; --json has them all")
    console.print()


def _legend(found: Shares) -> list[str]:
    told = [
        "counted: what the model calls present, with its errors. corrected: by all scores and the coded sample (PPI++);"
        " the interval holds even if the model errs. model: how far it is relied on, 0 to 1"
    ]
    if any(share.corrected and share.corrected.rough for share in found.shares):
        told.append("~ fewer than 10 coded sentences with the frame, or without it: the interval is rough")
    if found.width:
        told.append(
            f"more: codings beyond those there are for an interval that is {found.width:g} wide; articles: no number of"
            " codings will do, only more articles"
        )
    return [*told, *(f"caution: {line}" for line in found.cautions)]
