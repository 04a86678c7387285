"""Coding in a terminal: one screen a sentence, one key a frame; from a pipe, one character is one key."""

import os
import select
import sys
from collections.abc import Iterator

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.control import Control
from rich.padding import Padding
from rich.text import Text

from framelens.codebook import Codebook, Frame
from framelens.coding import CodingSession, View
from framelens.terminal import SafeConsole

PLAIN = {
    Keys.ControlM: "\n",
    Keys.ControlJ: "\n",
    Keys.Tab: "\t",
    Keys.Right: "\t",
    Keys.Backspace: "\x7f",
    Keys.Delete: "\x7f",
    Keys.Left: "\x7f",
    Keys.Escape: "\x1b",
    Keys.ControlC: "\x1b",
    Keys.ControlD: "\x1b",
}
"""What a session calls the keys that have no letter."""
ESCAPE_SECONDS = 0.1
"""How long what starts like an arrow key may take to become one; after that it was the key Esc."""
LEGEND = "Enter accept (none chosen: no frame)  Tab skip  Backspace back  - undo  / note  ? rule  Esc quit"


def code_in_terminal(session: CodingSession) -> None:
    """Let a coder work until they quit; input that is no terminal is read as keys, and ends where it ends."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        _on_screen(session)
    else:
        _from_pipe(session)


def _on_screen(session: CodingSession) -> None:
    console, keyboard = SafeConsole(), create_input()
    # keys typed ahead wait for their turn: the terminal stays in this mode between them
    with console.screen(), keyboard.raw_mode():
        _draw(console, session.view())
        for keys in _pressed(keyboard):
            for key in keys:
                session.press(PLAIN.get(key.key, key.data) if isinstance(key.key, Keys) else key.key)
                if session.quit:
                    return
            _draw(console, session.view())


def _pressed(keyboard: Input) -> Iterator[list[KeyPress]]:
    """Keys as they come, until the terminal is gone."""
    posix = os.name == "posix"  # Windows waits in read_keys, and gives whole keys
    while not keyboard.closed:
        if posix:
            select.select([keyboard.fileno()], [], [])
        yield keyboard.read_keys()
        # what may be the start of an arrow key is held back; it was Esc if nothing follows
        if (
            posix
            and not select.select([keyboard.fileno()], [], [], ESCAPE_SECONDS)[0]
            and (held := keyboard.flush_keys())
        ):
            yield held


def _from_pipe(session: CodingSession) -> None:
    console = SafeConsole()
    for key in _characters():
        session.press(key)
        view = session.view()
        if view.message:
            console.print(Text(view.message), soft_wrap=True)
        if session.quit:
            return


def _characters() -> Iterator[str]:
    while key := sys.stdin.read(1):
        yield key


def _draw(console: Console, view: View) -> None:
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
        yield from _rule(view.rule)
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


def _rule(frame: Frame) -> Iterator[Text]:
    yield Text(frame.name, style=f"bold {frame.colour}")
    yield Text(frame.definition.strip())
    for heading, lines in (("counts", frame.include), ("does not count", frame.exclude), ("such as", frame.examples)):
        yield from (Text(f"  {heading}: {one}") for one in lines)


def print_codebook(console: Console, codebook: Codebook) -> None:
    """All rules, as they are read before coding."""
    console.print(Text(f"{codebook.title} (version {codebook.version})", style="bold"))
    for text in (codebook.unit, *codebook.terms, codebook.none):
        if text:
            console.print(Text(text.strip()))
    for frame in codebook.frames:
        console.print()
        console.print(Text(f"key {frame.key}: "), end="")
        console.print(Group(*_rule(frame)))
    if codebook.doubtful:
        console.print(Text("\nIn doubt", style="bold"))
        console.print(Group(*(Text(f"  {line}") for line in codebook.doubtful)))
