"""What a coder sees at one moment, whatever shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from framelens.codebook import Codebook, Frame
from framelens.gold import Coding


@dataclass(frozen=True, slots=True)
class FrameChoice:
    """One frame as the coder sees it; ``chance`` is the model's suggestion, where it was asked for."""

    frame: Frame
    chosen: bool
    chance: float | None


@dataclass(frozen=True, slots=True)
class View:
    """All that there is to see at one moment."""

    title: str
    place: str
    before: tuple[str, ...]
    sentence: str
    after: tuple[str, ...]
    frames: tuple[FrameChoice, ...]
    said: Mapping[str, Coding]
    """What others coded: empty, but for adjudication."""
    note: str
    typing: bool
    """Whether keys are letters of the note."""
    rule: Frame | Codebook | None
    """What is open to read: the rule of a frame, or those that hold for all."""
    page: int
    """Which page of the rule; counts on behind the last, which is for the screen to know."""
    message: str
    decides: bool
    """Whether coders differed on the sentences, so that each is decided."""
    done: int
    """Sentences coded in this run, each counted once."""
    earlier: int
    """Sentences coded in runs before."""
    left: int
    """Sentences of the queue that are not coded, those that were skipped among them."""
    per_hour: float | None
    """Sentences coded in an hour at the rate so far; ``None`` while that rests on next to nothing."""
    finished: bool
