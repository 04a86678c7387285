"""Coding in a terminal: one screen a sentence, one key a frame; from a pipe, one character is one key."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys
from rich.console import Console
from rich.text import Text

from framelens.coding import CodingSession
from framelens.terminal import SafeConsole
from framelens.terminal.screen import draw

PLAIN = {
    Keys.ControlM: "\n",
    Keys.ControlJ: "\n",
    Keys.Tab: "\t",
    Keys.Right: "\t",
    Keys.Backspace: "\x7f",
    Keys.Delete: "\x7f",
    Keys.Left: "\x7f",
    Keys.Escape: "\x1b",
    Keys.ControlC: "\x04",
    Keys.ControlD: "\x04",
}
"""What a session calls the keys that have no letter."""
PASTES_MARKED, PASTES_UNMARKED = "\x1b[?2004h", "\x1b[?2004l"
AT_ONCE_SECONDS = 0.1
"""Keys that come sooner belong together: an arrow key that comes in pieces, or a key that is held."""


def code_in_terminal(session: CodingSession) -> None:
    """Let a coder work until they quit; input that is no terminal is read as keys, and ends where it ends."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        _on_screen(session)
    else:
        _from_pipe(session)


def _on_screen(session: CodingSession) -> None:
    console, keyboard = SafeConsole(), create_input()
    # keys typed ahead wait for their turn: the terminal stays in this mode between them
    with console.screen(), _pastes_told(console), keyboard.raw_mode():
        draw(console, session.view())
        for keys, at_once in _pressed(keyboard):
            for place, key in enumerate(keys):
                _take(session, key, at_once=at_once or place > 0)
                if session.quit:
                    return
            draw(console, session.view())


def _take(session: CodingSession, key: KeyPress, *, at_once: bool) -> None:
    if key.key == Keys.BracketedPaste:
        session.paste(key.data)
    else:
        session.press(PLAIN.get(key.key, key.data) if isinstance(key.key, Keys) else key.key, at_once=at_once)


@contextmanager
def _pastes_told(console: Console) -> Iterator[None]:
    """The terminal marks what is pasted, so that it is not read as keys."""
    console.file.write(PASTES_MARKED)
    try:
        yield
    finally:
        console.file.write(PASTES_UNMARKED)
        console.file.flush()


@contextmanager
def _resizes() -> Iterator[int]:
    """A file descriptor that can be read once the terminal has another size."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    before = signal.signal(signal.SIGWINCH, lambda *_: _tell(tell))
    try:
        yield told
    finally:
        signal.signal(signal.SIGWINCH, before)
        os.close(told)
        os.close(tell)


def _tell(pipe: int) -> None:
    # a full pipe tells already
    with suppress(BlockingIOError):
        os.write(pipe, b"\0")


def _pressed(keyboard: Input) -> Iterator[tuple[list[KeyPress], bool]]:
    """Keys as they come, and whether they came as soon as the screen was drawn, until the terminal is gone.

    There are none where the screen is to be drawn anew, since its size has changed.
    """
    if os.name != "posix":  # Windows waits in read_keys, and gives whole keys
        while not keyboard.closed:
            yield keyboard.read_keys(), False
        return
    at_once = False
    with _resizes() as resizes:
        while not keyboard.closed:
            ready, _, _ = select.select([keyboard.fileno(), resizes], [], [])
            if resizes in ready:
                os.read(resizes, 1024)
                yield [], False
                continue
            yield keyboard.read_keys(), at_once
            at_once = bool(select.select([keyboard.fileno()], [], [], AT_ONCE_SECONDS)[0])
            # what may be the start of an arrow key is held back; it was Esc if nothing follows
            if not at_once and (held := keyboard.flush_keys()):
                yield held, False


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
