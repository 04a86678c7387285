"""Pages of HTML that need nothing else: no script, nothing fetched, all text escaped; they print well."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isnan
from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Safe for colour-blind readers (Okabe & Ito 2008); markers and dashes tell lines apart in print."""

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #000;
background: #fff; overflow-wrap: anywhere }
h2 { margin-top: 2.5rem }
p, li { max-width: 46rem }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.875rem; overflow-wrap: normal }
caption { text-align: left; font-weight: bold }
th, td { border-bottom: 1px solid #bbb; padding: 0.2rem 0.75rem 0.2rem 0; text-align: right; vertical-align: top }
th:first-child, .text { text-align: left }
th:first-child { min-width: 6rem }
.text { overflow-wrap: anywhere; min-width: 10rem }
.wide { overflow-x: auto }
figure { margin: 1rem 0; break-inside: avoid; overflow-x: auto }
svg { max-width: 100%; height: auto }
svg.chart { width: 100%; max-width: 40rem; font: 14px system-ui, sans-serif }
li { margin: 0.6rem 0 }
mark { color: #000; border-radius: 0.15rem; padding: 0 0.05rem }
.why { font-size: 0.85rem; color: #333 }
details { margin: 1rem 0 }
@page { margin: 1.5cm }
@media print {
body { margin: 0; max-width: none; font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact }
h2 { break-after: avoid }
tr, li { break-inside: avoid }
table { font-size: 0.75rem }
svg.chart { max-width: 34rem }
.wide, figure { overflow: visible }
}
"""


def whole_page(title: str, parts: Iterable[str]) -> str:
    """A page of HTML; ``parts`` are escaped already."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # a browser then holds to it that nothing is fetched or run
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], texts: Sequence[str] = ("text",)) -> str:
    """A table whose first column names its rows; ``texts`` are columns of prose. It scrolls where it is too wide."""
    head = "".join(f'<th scope="col"{_kind(column, texts)}>{escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{_row(columns, row, texts)}</tr>\n" for row in rows)
    return (
        # who uses keys alone must be able to scroll it
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}">\n'
        f"<table>\n<caption>{escape(caption)}</caption>\n<tr>{head}</tr>\n{body}</table>\n</div>\n"
    )


def _row(columns: Sequence[str], row: Sequence[Any], texts: Sequence[str]) -> str:
    first, *rest = row
    cells = (
        f"<td{_kind(column, texts)}>{escape(_shown(cell))}</td>" for column, cell in zip(columns[1:], rest, strict=True)
    )
    return f'<th scope="row"{_kind(columns[0], texts)}>{escape(_shown(first))}</th>{"".join(cells)}'


def _kind(column: str, texts: Sequence[str]) -> str:
    return ' class="text"' if column in texts else ""


def _shown(cell: Any) -> str:
    if isinstance(cell, float):
        return "undefined" if isnan(cell) else f"{cell:.2f}"
    return str(cell)
