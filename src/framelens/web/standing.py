"""Codings that stand by now, of those recorded while the program runs, and whether a window has seen them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from framelens.gold import UNDONE, Coding

Seen = frozenset[str] | None
"""Frames that a sentence was shown as coded with; ``None`` where it was shown as not coded."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Codings by file (a coder's, or that of decisions) and sentence; what is taken back stands no longer."""

    _codings: dict[tuple[str, str], list[Coding]] = field(default_factory=dict)

    def add(self, file: str, coding: Coding) -> None:
        """Keep what has just been recorded."""
        codings = self._codings.setdefault((file, coding.sentence), [])
        if coding.selected_by != UNDONE:
            codings.append(coding)
        elif codings:
            codings.pop()

    def seen(self, file: str, sentence: str) -> Seen:
        """What who is shown the sentence now sees of it."""
        codings = self._codings.get((file, sentence))
        return codings[-1].frames if codings else None

    def unseen(self, file: str, sentence: str, seen: Seen, frames: Sequence[str]) -> Seen:
        """Frames of the coding that an answer with ``frames`` would replace unseen; ``None`` where it replaces none."""
        stands = self.seen(file, sentence)
        return None if stands in (seen, frozenset(frames)) else stands
