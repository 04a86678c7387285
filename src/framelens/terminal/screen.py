"""What a coder sees on a screen of any size."""

from collections.abc import Iterator

from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.padding import Padding
from rich.text import Text

from framelens.terminal.rules import rule_of
from framelens.view import View

LEGEND = "Enter accept (none chosen: no frame)  Tab skip  Backspace back  - undo  / note  ? rule  Esc quit"


def draw(console: Console, view: View) -> None:
    """The whole screen at once; neighbours make way where it is small."""
    height = console.height
    for near in (3, 2, 1, 0):
        with console.capture() as captured:
            console.print(Group(*_screen(view, near)))
        lines = captured.get().splitlines()
        if len(lines) < height:
            break
    console.control(Control.home(), Control.clear())
    console.file.write("\r\n".join(lines[: height - 1]))
    console.file.flush()


def _screen(view: View, near: int) -> Iterator[RenderableType]:
    rate = f", {view.per_hour:.0f} an hour" if view.per_hour else ""
    yield Text(f"{view.done} coded, {view.left} to go{rate}   {view.place}", style="dim")
    yield Text(view.title, style="bold dim")
    yield Text()
    if view.finished:
        yield Text("That was the last sentence. Esc quits, Backspace goes back.", style="bold")
    else:
        yield from (_beside(one) for one in view.before[len(view.before) - min(near, len(view.before)) :])
        # a mark too, for terminals without colours
        yield Text(f"> {view.sentence}", style="bold")
        yield from (_beside(one) for one in view.after[:near])
        yield Text()
        yield from _said(view)
        yield _frames(view)
    if view.note or view.typing:
        yield Text(f"note: {view.note}{'_   (Enter keeps it, Esc drops it)' if view.typing else ''}")
    if view.rule:
        yield Text()
        yield from rule_of(view.rule)
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
    if view.said:
        yield Text()
