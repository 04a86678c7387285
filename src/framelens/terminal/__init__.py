"""What a person sees in a terminal: tables, progress, and notes on standard error."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from framelens.write import whole_file

errors = Console(stderr=True, highlight=False, soft_wrap=True)


def note(message: str) -> None:
    """One line on standard error."""
    errors.print(Text(message))


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
        yield Console(highlight=False)
        return
    text = StringIO()
    yield Console(file=text, highlight=False, width=120)
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
        table.add_column(name, justify="left" if left else "right", no_wrap=names_rows)
    return table
