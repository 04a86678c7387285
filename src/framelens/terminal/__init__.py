"""What a person sees in a terminal: tables, progress, and notes on standard error."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from framelens.write import whole_file

SHOWN = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], 0xFFFD),
}
"""What steers a terminal, or turns the direction of the letters behind it, and the sign that is shown instead."""


def visible(text: str) -> str:
    """Text that a terminal only shows.

    >>> visible("\\x1b[31mred\\u202e")
    '␛[31mred�'
    """
    return text.translate(SHOWN)


class SafeConsole(Console):
    """A console on which what was read from files stays text: no escapes, no markup, no names of pictures."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, markup=False, emoji=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Pieces of text with their style; only the console itself may steer."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else Segment(visible(piece.text), piece.style)


errors = SafeConsole(stderr=True, soft_wrap=True)


def note(message: str) -> None:
    """One line on standard error."""
    errors.print(Text(message.replace("\n", "\u240a")))


def print_line(message: str) -> None:
    """One line on standard output."""
    SafeConsole(soft_wrap=True).print(message.replace("\n", "\u240a"))


@contextmanager
def progress_bar(description: str, *, shown: bool = True) -> Iterator[Progress]:
    """A bar on standard error that goes when the work is done; none where nobody watches."""
    with Progress(console=errors, transient=True, disable=not (shown and errors.is_terminal)) as progress:
        progress.add_task(description, total=None)
        yield progress


@contextmanager
def console_on(output: Path | None) -> Iterator[Console]:
    """A console on standard output, or on a file that appears when it is whole."""
    if output is None:
        yield SafeConsole()
        return
    text = StringIO()
    yield SafeConsole(file=text, width=120)
    with whole_file(output) as file:
        file.write(text.getvalue().encode("utf-8", "replace"))


def print_rows(console: Console, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Any rows as a table; fractions with two decimals."""
    table = _table(*columns)
    for row in rows:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else "" if cell is None else str(cell) for cell in row)
        table.add_row(*map(Text, cells))
    console.print(table)


def number(value: float, digits: int = 2) -> str:
    """A figure; what is undefined is said to be."""
    return "undefined" if isnan(value) else f"{value:.{digits}f}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in columns:
        names_rows = name in ("", "frame", "article")
        left = names_rows or name in ("label", "why")
        table.add_column(Text(name), justify="left" if left else "right", no_wrap=names_rows)
    return table
