"""Which key does what while sentences are coded."""

from collections.abc import Mapping

from framelens.codebook import Codebook
from framelens.errors import InputError

KEYS: Mapping[str, str] = {
    "\n": "accept",
    "\r": "accept",
    " ": "accept",
    "\t": "skip",
    "\x7f": "back",
    "\b": "back",
    "-": "undo",
    "/": "note",
    "?": "rule",
    "\x1b": "quit",
    "\x04": "quit",
}
"""What each key does; the keys of frames are those of the codebook."""
CLOSES = frozenset("\x1b\r\n ")
"""Keys that close the question for a rule; but for Space, which pages, they close a rule too."""


def require_free_keys(codebook: Codebook) -> None:
    """Raise ``InputError`` where a frame has a key that means something else."""
    for frame in codebook.frames:
        if what := KEYS.get(frame.key):
            raise InputError(f"frame {frame.id!r} has the key {frame.key!r}, which means {what}; give it another")
