"""Plots of shares as inline SVG: dots, lines and shaded tables, told apart by colour, shape and dashes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import isnan

from framelens.standalone import COLOURS
from framelens.stats import Interval

MARKS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.7-3.7h7.4v7.4h-7.4z",
    "M0-5L4.7 3.7H-4.7z",
    "M0-5.3L5.3 0L0 5.3L-5.3 0z",
    "M0 5L4.7-3.7H-4.7z",
    "M-1.5-5h3v3.5H5v3H1.5V5h-3V1.5H-5v-3h3.5z",
    "M-5 0L0-2L5 0L0 2z",
)
"""Outlines around the point that they mark, a shape a series."""
DASHES = ("", "7 3", "7 3 2 3", "2 3")
WIDTH = 520
LEFT, RIGHT = 180, 496
"""Where the axis of a plot of dots begins and ends; names of rows stand left of it."""
LANE = 10
"""Height that each series has in a row of its own."""
LINE = 18
"""Height of a line of text."""
LETTER = 8.6
"""Width of a letter, about."""
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Series:
    """Shares under one name, one for each row or place; ``nan`` where there is none."""

    name: str
    values: Sequence[float]
    intervals: Sequence[Interval] = ()
    """Drawn as bars where they are given."""


def dots(rows: Sequence[str], series: Sequence[Series], told: str) -> str:
    """A row of dots for each name, a lane a series, so that none hides another."""
    legend, top = _legend(series)
    high = LANE * len(series) + 8
    step, most = _axis(series)
    bottom = top + high * len(rows)
    drawn = [*legend, *_scale(step, most, top, bottom)]
    for place, name in enumerate(rows):
        middle = top + high * place + high / 2
        drawn.append(_text(LEFT - 10, middle + 4, _short(name, (LEFT - 10) / LETTER), "end"))
        drawn.append(_line(LEFT, top + high * place, RIGHT, top + high * place, "#e4e4e4"))
        for number, one in enumerate(series):
            drawn += _dot(one, place, number, most, top + high * place + 4 + LANE * (number + 0.5))
    return _figure(drawn, bottom + LINE + 4, told)


def lines(places: Sequence[str], series: Sequence[Series], told: str) -> str:
    """A line a series over places in order, such as months."""
    legend, top = _legend(series)
    step, most = _axis(series)
    left, bottom = 50, top + 220
    drawn = list(legend)
    for tick in range(round(most / step) + 1):
        y = bottom - (bottom - top) * tick * step / most
        drawn += [_line(left, y, RIGHT, y, "#ddd"), _text(left - 8, y + 4, f"{tick * step:.0%}", "end")]
    wide = (RIGHT - left - 20) / max(len(places) - 1, 1)
    along = [left + 10 + wide * place for place in range(len(places))]
    every = max(1, round(max(map(len, places), default=1) * LETTER * 1.3 / wide + 0.5))
    for place in range(0, len(places), every):
        drawn.append(_text(along[place], bottom + LINE, places[place], "middle"))
    for number, one in enumerate(series):
        points = [(x, bottom - (bottom - top) * value / most) for x, value in zip(along, one.values, strict=True)]
        drawn += _curve(points, number)
    return _figure(drawn, bottom + LINE + 8, told)


def shaded(rows: Sequence[str], columns: Sequence[str], values: Sequence[Sequence[float]], told: str) -> str:
    """A table of shares, the darker the higher; black figures stay readable on the darkest shade."""
    wide, high = (WIDTH - LEFT) / max(len(columns), 1), 34
    drawn = []
    heads = [name.split() for name in columns]
    top = LINE * max(map(len, heads), default=0) + 8
    for place, parts in enumerate(heads):
        for line, part in enumerate(parts, start=1):
            drawn.append(_text(LEFT + wide * (place + 0.5), LINE * line, _short(part, wide / 7), "middle"))
    for down, (name, own) in enumerate(zip(rows, values, strict=True)):
        y = top + high * down
        drawn.append(_text(LEFT - 10, y + high / 2 + 4, _short(name, (LEFT - 10) / LETTER), "end"))
        for across, value in enumerate(own):
            x = LEFT + wide * across
            depth = 0.0 if isnan(value) else 0.6 * value
            box = f'<rect x="{x:.1f}" y="{y}" width="{wide - 2:.1f}" height="{high - 2}"'
            drawn.append(f'{box} fill="{COLOURS[0]}" fill-opacity="{depth:.2f}" stroke="#ccc"/>')
            drawn.append(_text(x + wide / 2, y + high / 2 + 4, "–" if isnan(value) else f"{value:.0%}", "middle"))
    return _figure(drawn, top + high * len(rows), told)


def _axis(series: Iterable[Series]) -> tuple[float, float]:
    """Distance of the ticks, and the share at the end of the axis."""
    values = [value for one in series for value in (*one.values, *(bar.high for bar in one.intervals))]
    most = max((value for value in values if not isnan(value)), default=0.0)
    step = next((step for step in STEPS if most <= 5 * step), STEPS[-1])
    ticks = next(count for count in range(1, 6) if count == 5 or most <= count * step + 1e-9)
    return step, step * ticks


def _legend(series: Sequence[Series]) -> tuple[list[str], int]:
    """Marks with their names above the plot, in as many lines as they take, and where the plot begins."""
    drawn, x, y = [], 12.0, LINE - 6
    for number, one in enumerate(series):
        wide = 18 + LETTER * len(one.name)
        if x > 12 and x + wide > WIDTH:
            x, y = 12.0, y + LINE
        drawn += [_mark(x, y, number), _text(x + 10, y + 4, one.name, "start")]
        x += wide + 10
    return drawn, y + LINE + 2


def _scale(step: float, most: float, top: float, bottom: float) -> list[str]:
    """Ticks below the rows, and a thin line up from each."""
    drawn = []
    for tick in range(round(most / step) + 1):
        x = LEFT + (RIGHT - LEFT) * tick * step / most
        drawn += [_line(x, top, x, bottom, "#ddd"), _text(x, bottom + LINE - 2, f"{tick * step:.0%}", "middle")]
    return drawn


def _dot(one: Series, place: int, number: int, most: float, y: float) -> list[str]:
    def at(value: float) -> float:
        return LEFT + (RIGHT - LEFT) * value / most

    drawn = []
    if one.intervals and not isnan(one.intervals[place].low):
        bar = one.intervals[place]
        drawn.append(_line(at(bar.low), y, at(bar.high), y, COLOURS[number % len(COLOURS)], 2))
    if not isnan(one.values[place]):
        drawn.append(_mark(at(one.values[place]), y, number))
    return drawn


def _curve(points: Sequence[tuple[float, float]], number: int) -> list[str]:
    """Marks, joined where there is a value on both sides."""
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    drawn = [
        _line(*one, *other, colour, 1.5, dashes)
        for one, other in pairwise(points)
        if not (isnan(one[1]) or isnan(other[1]))
    ]
    return drawn + [_mark(x, y, number) for x, y in points if not isnan(y)]


def _mark(x: float, y: float, number: int) -> str:
    """A shape of its own for each series; beyond seven, hollow ones."""
    colour = COLOURS[number % len(COLOURS)]
    fill = colour if number < len(COLOURS) else "#fff"
    outline = MARKS[number % len(MARKS)]
    return f'<path d="{outline}" transform="translate({x:.1f} {y:.1f})" fill="{fill}" stroke="{colour}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width}"{dashed}/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _short(text: str, letters: float) -> str:
    """The text, or its beginning and its end, which tells files in long folders apart."""
    kept = max(int(letters) - 1, 2)
    return text if len(text) <= letters else f"{text[: kept // 3]}…{text[kept // 3 - kept :]}"


def _figure(drawn: Iterable[str], height: float, told: str) -> str:
    return (
        f'<figure>\n<svg class="chart" role="img" aria-label="{escape(told)}" viewBox="0 0 {WIDTH} {height:.0f}">'
        f"{''.join(drawn)}</svg>\n<figcaption>{escape(told)}</figcaption>\n</figure>\n"
    )
