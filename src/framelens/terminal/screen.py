"""What a coder sees on a screen of any size."""

from collections.abc import Iterable, Iterator

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from framelens.codebook import Codebook, Frame
from framelens.terminal.rules import rule_of
from framelens.view import View

LEGEND = "Enter accept (none chosen: no frame)  Tab skip  Backspace back  - undo  / note  ? rule  Esc quit"
CUT = "… (cut here: the window is too small)"
LEAST_OF_RULE = 4
"""Lines of a rule that are shown below the longest sentence."""
MOST_OF_NOTE = 300
"""Characters of a note that are shown: its end, where it is written."""


def draw(console: Console, view: View) -> None:
    """The whole screen at once."""
    # the last line stays free
    room = console.height - 1
    lines = _reading(console, view, view.rule, room) if view.rule else _coding(console, view, room)
    console.control(Control.home(), Control.clear())
    console.file.write("\r\n".join(lines))
    console.file.flush()


def _reading(console: Console, view: View, rule: Frame | Codebook, room: int) -> list[str]:
    """The sentence and, below it, as much of a rule as there is room for."""
    head = _cut(_lines(console, [*_head(view), _sentence(view), Text()]), room - LEAST_OF_RULE - 1)
    text = _lines(console, [*rule_of(rule)])
    size = max(room - len(head) - 1, 1)
    pages = -(-len(text) // size)
    page = view.page % pages
    turn = "" if pages == 1 else "more: Space · " if page < pages - 1 else "from its start: Space · "
    return [*head, *text[page * size : (page + 1) * size], *_lines(console, [Text(f"{turn}close: Esc", style="dim")])]


def _coding(console: Console, view: View, room: int) -> list[str]:
    """The sentence and its frames; neighbours make way where the screen is small."""
    foot = _lines(console, _foot(view))
    foot = foot if len(foot) < room else [CUT, *foot[len(foot) - room + 2 :]]
    for near in (3, 2, 1, 0):
        body = _lines(console, _body(view, near))
        if len(body) + len(foot) <= room:
            break
    return _cut(body, room - len(foot)) + foot


def _lines(console: Console, parts: Iterable[RenderableType]) -> list[str]:
    with console.capture() as captured:
        console.print(Group(*parts))
    return captured.get().splitlines()


def _cut(lines: list[str], room: int) -> list[str]:
    """The first lines, with a sign where some are missing."""
    return lines if len(lines) <= room else [*lines[: max(room - 1, 0)], CUT]


def _head(view: View) -> Iterator[Text]:
    rate = f", {view.per_hour:.0f} an hour" if view.per_hour else ""
    before = f" in this run ({view.earlier:,} before)" if view.earlier else ""
    done = f"{view.done:,} {'decided' if view.decides else 'coded'}{before}"
    yield Text(f"{done}, {view.left:,} to go{rate}   {view.place}", style="dim")
    yield Text(view.title, style="bold dim")
    yield Text()


def _sentence(view: View) -> RenderableType:
    if view.finished:
        again = "it comes" if view.left == 1 else "they come"
        skipped = f" {view.left:,} skipped; {again} again next time." if view.left else ""
        return Text(f"That was the last sentence.{skipped} Esc quits, Backspace goes back.", style="bold")
    # a mark too, for terminals without colours
    row = Table.grid()
    row.add_row(Text("> ", style="bold"), Text(view.sentence, style="bold"))
    return row


def _body(view: View, near: int) -> Iterator[RenderableType]:
    yield from _head(view)
    yield from (_beside(one) for one in view.before[len(view.before) - min(near, len(view.before)) :])
    yield _sentence(view)
    yield from (_beside(one) for one in view.after[:near])
    if view.said:
        yield Text()
    yield from _said(view)


def _foot(view: View) -> Iterator[RenderableType]:
    if not view.finished:
        yield Text()
        yield _frames(view)
    if view.note or view.typing:
        shown = view.note if len(view.note) <= MOST_OF_NOTE else f"…{view.note[-MOST_OF_NOTE:]}"
        yield Text(f"note: {shown}{'_   (Enter keeps it, Esc drops it)' if view.typing else ''}")
    yield Text()
    yield Text(view.message, style="bold red" if view.message.startswith("NOT") else "green")
    yield Text(LEGEND, style="dim")


def _beside(text: str) -> RenderableType:
    return Padding(Text(text, style="dim"), (0, 0, 0, 2))


def _frames(view: View) -> Columns:
    parts = []
    for one in view.frames:
        chance = "" if one.chance is None else f" {one.chance:.2f}"
        mark = "x" if one.chosen else " "
        style = f"bold {one.frame.colour}" if one.chosen else one.frame.colour
        parts.append(Text(f"{one.frame.key} [{mark}] {one.frame.name}{chance}", style=style))
    return Columns(parts, padding=(0, 3))


def _said(view: View) -> Iterator[Text]:
    for coder, coding in view.said.items():
        names = ", ".join(one.frame.name for one in view.frames if one.frame.id in coding.frames) or "no frame"
        yield Text(f"{coder}: {names}{f'  ({coding.note})' if coding.note else ''}")
