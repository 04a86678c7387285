"""Cells that a spreadsheet would take for a formula: written behind an apostrophe, which is taken off when read."""

import re

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠].", re.DOTALL)
"""What spreadsheets run, or part, when they open a CSV file (OWASP, CSV injection); one such mark alone they show."""
FIRST = frozenset("'=+-@\t\r\n＝＋－＠")


def guarded(cell: str) -> str:
    """A cell that stays text in a spreadsheet; ``unguarded`` gives it back as it was, whatever it was.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("- She left."), guarded("-"), guarded("'tis")
    ("'=1+1", "''=1+1", "'- She left.", '-', "'tis")
    """
    return f"'{cell}" if cell[:1] in FIRST and FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """What a cell said before it was guarded.

    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return cell[1:] if cell[:1] == "'" and FORMULA.match(cell) else cell
