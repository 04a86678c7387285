"""Coding one sentence after another: keys or calls in, what there is to see out. No terminal and no page in here."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from framelens.append import one_line
from framelens.codebook import Codebook, Frame
from framelens.errors import InputError
from framelens.gold import UNDONE, Coding, LabelledSentence, LabelledSet
from framelens.keys import CLOSES, KEYS, require_free_keys
from framelens.queues import Task
from framelens.view import FrameChoice, View

BEFORE, AFTER = 3, 2
"""How many neighbours are in view."""
RATED_FROM = 5
"""Sentences coded, in a minute at least, before which a rate would be chance."""


class CodingSession:
    """A coder at work on a queue; whatever is said to be recorded is on disk.

    ``record`` keeps a coding or raises ``InputError``; ``now`` tells the time; ``suggest`` gives a model's
    probabilities of one sentence, and each coding then says that there were suggestions; ``earlier`` are codings by
    sentence that stood before.
    """

    def __init__(
        self,
        labels: LabelledSet,
        tasks: Sequence[Task],
        record: Callable[[Coding], None],
        *,
        now: Callable[[], datetime],
        suggest: Callable[[LabelledSentence], Mapping[str, float]] | None = None,
        earlier: Mapping[str, Coding] | None = None,
    ) -> None:
        require_free_keys(labels.codebook)
        self.labels, self.tasks = labels, tasks
        self.quit = False
        self._record, self._now, self._suggest = record, now, suggest
        self._earlier, self._said = earlier or {}, dict[str, Coding]()
        self._frame_of = {frame.key: frame for frame in labels.codebook.frames}
        self._place_of = {task.sentence.id: place for place, task in enumerate(tasks)}
        self._article: dict[str, list[LabelledSentence]] = {}
        for sentence in labels.sentences:
            self._article.setdefault(sentence.article, []).append(sentence)
        self._actions: Mapping[str, Callable[[], None]] = {
            "accept": self.accept,
            "skip": self.skip,
            "back": self.back,
            "undo": self.undo,
            "note": self._begin_note,
            "rule": self._ask_rule,
            "quit": self._leave,
        }
        self._recorded: list[tuple[int, Coding]] = []
        self._started = now()
        self._rule: Frame | Codebook | None = None
        self._page = 0
        self._last = ""
        self._asks_rule = False
        self._typed: str | None = None
        self._go(0, "")

    @property
    def task(self) -> Task | None:
        """What is being coded; ``None`` once the queue is done."""
        return self.tasks[self._place] if self._place < len(self.tasks) else None

    @property
    def recorded(self) -> tuple[Coding, ...]:
        """What was coded in this session and not taken back."""
        return tuple(coding for _, coding in self._recorded)

    @property
    def coded(self) -> int:
        """How many sentences were coded in this session, however often."""
        return len(self._said)

    @property
    def unrecorded(self) -> str:
        """What leaving now would lose: frames and note that are chosen and not recorded; empty where there is none."""
        note = self._note if self._typed is None else self._typed
        if self.task is None or (self._chosen, note) == self._before(self.task.sentence.id):
            return ""
        return f"{self.task.sentence.id}: {self._names(self._chosen)}{f' ({note})' if note else ''}"

    def press(self, key: str, *, at_once: bool = False) -> None:
        """Do what a key stands for; an unknown one does nothing.

        ``at_once`` says that it came before anybody could have read what the key before it brought up: the same
        key again is then a key that is held, which does not say that a sentence has no frame.
        """
        held, self._last = at_once and key == self._last, key
        self._message = ""
        if self._typed is not None:
            self._type(key)
            return
        if self._reads_rules(key):
            return
        if frame := self._frame_of.get(key):
            self.toggle(frame.id)
        elif what := KEYS.get(key):
            if held and what == "accept" and self.task and not self._chosen and not self._note:
                self._message = f"{'Space' if key == ' ' else 'Enter'} was held: this sentence is not coded yet"
            else:
                self._actions[what]()

    def paste(self, text: str) -> None:
        """Take text that came at once: into a note, on one line; elsewhere none of it is read as keys."""
        if self._typed is not None:
            self._typed += "".join(one for one in re.sub(r"\s+", " ", text) if one.isprintable())
        else:
            self._asks_rule, self._rule = False, None
            self._last, self._message = "", "pasted text ignored; / opens a note"

    def show(self, sentence: str) -> None:
        """Go to a sentence of the queue; raises ``InputError`` where it is not in it."""
        if sentence not in self._place_of:
            raise InputError(f"{sentence}: not in this queue, or not any more; nothing was recorded")
        self._go(self._place_of[sentence], "")

    def choose(self, frames: Collection[str], note: str) -> None:
        """Choose just these frames, with this note; raises ``InputError`` for an unknown frame."""
        if unknown := sorted(set(frames) - set(self.labels.codebook.ids)):
            raise InputError(f"unknown frame {unknown[0]!r}; the codebook has {', '.join(self.labels.codebook.ids)}")
        self._chosen = frozenset(frames)
        self.write_note(note)

    def toggle(self, frame: str) -> None:
        """Choose a frame, or choose it no longer."""
        self._chosen ^= {frame}

    def accept(self) -> None:
        """Record the chosen frames, or that there are none, and go on; what cannot be recorded stays chosen."""
        if self.task is None:
            return
        sentence = self.task.sentence
        if sentence.id in self._said and not self.unrecorded:
            self._go(self._place + 1, f"{sentence.id}: unchanged")
            return
        chosen_by = f"{self.task.selected_by} suggested" if self._suggest else self.task.selected_by
        coding = self._coding(sentence, self._chosen, chosen_by, self._note)
        try:
            self._record(coding)
        except InputError as error:
            self._message = f"NOT recorded: {error}. Your choice is kept: mend this and press Enter again"
            return
        self._recorded.append((self._place, coding))
        self._said[sentence.id] = coding
        self._go(self._place + 1, f"recorded {sentence.id}: {self._names(coding.frames)}")

    def skip(self) -> None:
        """Go on without recording anything."""
        if self.task is not None:
            id_ = self.task.sentence.id
            said = f"{id_}: unchanged" if id_ in self._said else f"skipped {id_}; it comes again next time"
            self._go(self._place + 1, said)

    def back(self) -> None:
        """Go to the sentence before, to look at it or to code it anew."""
        if self._place:
            self._go(self._place - 1, "")
        else:
            self._message = "this is the first sentence of this run"

    def undo(self) -> None:
        """Take the last recorded coding of this session back, and show its sentence with what was chosen."""
        if not self._recorded:
            self._message = "nothing to undo"
            return
        place, coding = self._recorded[-1]
        sentence = self.tasks[place].sentence
        try:
            self._record(self._coding(sentence, frozenset(), UNDONE, ""))
        except InputError as error:
            self._message = f"NOT taken back: {error}"
            return
        self._recorded.pop()
        self._said.pop(sentence.id, None)
        self._said |= {one.sentence: one for _, one in self._recorded if one.sentence == sentence.id}
        stands = self._said.get(sentence.id) or self._earlier.get(sentence.id)
        again = f"; {self._names(stands.frames)}, coded before, stands again" if stands else ""
        self._go(place, f"taken back {sentence.id}: {self._names(coding.frames)}{again}")
        self._chosen, self._note = coding.frames, coding.note

    def write_note(self, text: str) -> None:
        """Say something about the coding, on one line."""
        self._note = one_line(text)

    def view(self) -> View:
        """What there is to see now."""
        task = self.task
        chances = self._suggest(task.sentence) if task and self._suggest else {}
        frames = tuple(
            FrameChoice(frame, frame.id in self._chosen, chances.get(frame.id)) for frame in self.labels.codebook.frames
        )
        before, after = self._neighbours(task.sentence) if task else ((), ())
        return View(
            title=self.labels.articles[task.sentence.article].title if task else "",
            place=f"{task.sentence.id} ({task.selected_by})" if task else "",
            before=before,
            sentence=task.sentence.text or "" if task else "",
            after=after,
            frames=frames,
            said=task.said if task else {},
            note=self._note if self._typed is None else self._typed,
            typing=self._typed is not None,
            rule=self._rule,
            page=self._page,
            message=self._message,
            decides=any(one.said for one in self.tasks),
            done=self.coded,
            earlier=len(self._earlier),
            left=len(self.tasks) - self.coded,
            per_hour=self._rate(),
            finished=task is None,
        )

    def _rate(self) -> float | None:
        minutes = (self._now() - self._started).total_seconds() / 60
        return 60 * self.coded / minutes if self.coded >= RATED_FROM and minutes >= 1 else None

    def _begin_note(self) -> None:
        self._typed = self._note

    def _ask_rule(self) -> None:
        self._asks_rule = True
        self._message = "which frame's rule? press its key; ? for the rules of all frames"

    def _reads_rules(self, key: str) -> bool:
        """Whether the key asks for a rule, pages or closes it; any other closes it and does what it does."""
        asked, rule = self._asks_rule, self._rule
        self._asks_rule, self._rule = False, None
        wanted = self.labels.codebook if KEYS.get(key) == "rule" else self._frame_of.get(key)
        if asked and wanted:
            self._rule, self._page = wanted, 0
        elif rule and key == " ":
            self._rule, self._page = rule, self._page + 1
        else:
            return bool(asked or rule) and key in CLOSES
        return True

    def _leave(self) -> None:
        self.quit = True

    def _type(self, key: str) -> None:
        """One key of a note: Enter keeps it, Esc leaves it as it was."""
        typed, what = self._typed or "", KEYS.get(key)
        if key in "\r\n":
            self.write_note(typed)
            self._typed = None
        elif what == "quit":
            self._typed = None
        elif what == "back":
            self._typed = typed[:-1]
        elif key.isprintable():
            self._typed = typed + key

    def _go(self, place: int, message: str) -> None:
        self._place, self._message = place, message
        self._chosen, self._note = self._before(self.task.sentence.id) if self.task else (frozenset(), "")

    def _before(self, sentence: str) -> tuple[frozenset[str], str]:
        """What was said of the sentence in this session."""
        said = self._said.get(sentence)
        return (said.frames & set(self.labels.codebook.ids), said.note) if said else (frozenset(), "")

    def _coding(self, sentence: LabelledSentence, frames: frozenset[str], selected_by: str, note: str) -> Coding:
        version, time = self.labels.codebook.version, self._now().isoformat(timespec="seconds")
        return Coding(sentence.id, sentence.fingerprint, frames, version, selected_by, time, note)

    def _names(self, frames: frozenset[str]) -> str:
        return ", ".join(frame for frame in self.labels.codebook.ids if frame in frames) or "no frame"

    def _neighbours(self, sentence: LabelledSentence) -> tuple[tuple[str, ...], tuple[str, ...]]:
        article = self._article[sentence.article]
        # positions start at 1, and some may be missing
        at = min(sentence.position - 1, len(article) - 1)
        at = at if article[at].id == sentence.id else article.index(sentence)
        text = [one.text or "(text is not on this machine)" for one in article[max(at - BEFORE, 0) : at + AFTER + 1]]
        split = min(at, BEFORE)
        return tuple(text[:split]), tuple(text[split + 1 :])
