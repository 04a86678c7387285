import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Group

from conftest import rows_of
from framelens.codebook import Frame
from framelens.coding import CodingSession
from framelens.errors import InputError
from framelens.gold import ADJUDICATED, Coding, LabelledSet
from framelens.keys import KEYS
from framelens.labels import read_labels
from framelens.queues import Task
from framelens.terminal import SafeConsole
from framelens.terminal.rules import rule_of
from framelens.terminal.screen import draw
from framelens.view import View
from test_cli import FRAMELENS, failed, run

ESCAPE, TAB, BACK = "\x1b", "\t", "\x7f"


class Clock:
    """A time that goes on by itself, a second a look."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def session(labels: LabelledSet, record: Callable[[Coding], None], count: int = 4) -> CodingSession:
    readable = [one for one in labels.sentences if one.text is not None]
    return CodingSession(labels, [Task(one, "article") for one in readable[:count]], record, now=Clock())


def typed(one: CodingSession, keys: str) -> CodingSession:
    for key in keys:
        one.press(key)
    return one


def frames(codings: list[Coding]) -> list[set[str]]:
    return [set(coding.frames) for coding in codings]


def test_keys_choose_frames_and_enter_records_them_or_none(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), "v\nvr\n\nhh ")
    assert frames(recorded) == [{"vilification"}, {"vilification", "return_incentive"}, set(), set()]
    assert one.view().finished
    assert [coding.fingerprint for coding in recorded] == [task.sentence.fingerprint for task in one.tasks]
    assert {(coding.selected_by, coding.codebook) for coding in recorded} == {("article", labels.codebook.version)}


def test_skipping_records_nothing_and_going_back_shows_what_was_said(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), f"v\n{TAB}{BACK}{BACK}")
    assert [choice.frame.key for choice in one.view().frames if choice.chosen] == ["v"]
    typed(one, "\n")
    assert len(recorded) == 1
    assert "unchanged" in one.view().message
    typed(one, f"{BACK}r\n")
    assert frames(recorded) == [{"vilification"}, {"vilification", "return_incentive"}]


def test_there_is_no_way_back_behind_the_first_sentence_and_what_is_chosen_stays(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), f"v{BACK}")
    assert one.view().message == "this is the first sentence of this run"
    assert one.task == one.tasks[0]
    assert one.unrecorded


def test_undo_takes_the_last_coding_back_by_a_line_and_keeps_the_choice(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), "v\nr\n-")
    assert one.task == one.tasks[1]
    assert [choice.frame.key for choice in one.view().frames if choice.chosen] == ["r"]
    current = replace(labels, codings={"me": tuple(recorded)}).current["me"]
    assert list(current) == [one.tasks[0].sentence.id]
    typed(one, "--")
    assert replace(labels, codings={"me": tuple(recorded)}).current["me"] == {}
    assert one.view().message == "nothing to undo"


def test_undo_of_a_recoding_says_what_stands_again(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), f"v\n{BACK}r\n-")
    assert one.view().message.endswith("return_incentive; vilification, coded before, stands again")
    assert one.view().done == 1
    assert "stands again" not in typed(one, "-").view().message
    earlier = {coding.sentence: coding for coding in typed(session(labels, lambda _: None), "p\n").recorded}
    again = CodingSession(labels, one.tasks, lambda _: None, now=Clock(), earlier=earlier)
    assert typed(again, "v\n-").view().message.endswith("personal_testimony, coded before, stands again")


def test_a_note_takes_any_letter_and_escape_drops_it(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), f"v/very - good?{BACK}!\n\n/r{ESCAPE}\n")
    assert [coding.note for coding in recorded] == ["very - good!", ""]
    assert frames(recorded) == [{"vilification"}, set()]
    assert not one.quit


def test_a_pasted_note_stays_one_note_and_pasted_text_elsewhere_is_not_read_as_keys(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), "/so: ")
    one.paste("first line\r\nvrp\tthird\x1b")
    typed(one, "\n\n")
    assert [coding.note for coding in recorded] == ["so: first line vrp third"]
    one.paste("v\nr\n")
    assert len(recorded) == 1
    assert not any(choice.chosen for choice in one.view().frames)
    assert one.view().message == "pasted text ignored; / opens a note"


def test_a_rule_is_shown_for_the_frame_that_is_asked_for_and_chooses_nothing(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), "?")
    assert "which frame" in one.view().message
    typed(one, "h")
    shown = one.view()
    assert shown.rule == labels.codebook.frames[3]
    assert not any(choice.chosen for choice in shown.frames)
    typed(one, "h")
    assert one.view().rule is None
    assert one.view().frames[3].chosen


@pytest.mark.parametrize("opened", ["?", "?h", "??"])
@pytest.mark.parametrize("key", [ESCAPE, "\n", "\r"])
def test_a_key_that_closes_a_rule_or_the_question_for_it_does_nothing_else(
    labels: LabelledSet, opened: str, key: str
) -> None:
    recorded: list[Coding] = []
    one = typed(session(labels, recorded.append), opened + key)
    assert (one.view().rule, one.view().message, one.quit, recorded) == (None, "", False, [])
    assert typed(one, key).quit or recorded


def test_space_pages_a_rule_and_a_second_question_mark_asks_for_the_rules_of_all_frames(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), "??  ")
    assert (one.view().rule, one.view().page) == (labels.codebook, 2)
    assert one.task == one.tasks[0]
    typed(one, "?v")
    assert (one.view().rule, one.view().page) == (labels.codebook.frames[0], 0)


def shown_at(view: View, height: int, width: int = 80) -> list[str]:
    text = StringIO()
    draw(SafeConsole(file=text, width=width, height=height), view)
    return [line.rstrip() for line in text.getvalue().split("\r\n")]


@pytest.mark.parametrize("height", [12, 24, 60])
@pytest.mark.parametrize("asked", ["?v", "??"])
def test_the_pages_of_a_rule_show_all_of_it_on_any_screen(labels: LabelledSet, asked: str, height: int) -> None:
    one = typed(session(labels, lambda _: None), asked)
    pages: list[list[str]] = []
    while len(pages) < 20:
        pages.append(shown_at(one.view(), height))
        assert len(pages[-1]) < height
        if "more: Space" not in pages[-1][-1]:
            break
        one.press(" ")
    assert pages[-1][-1].endswith("close: Esc")
    rule, text = one.view().rule, StringIO()
    assert rule
    SafeConsole(file=text, width=80).print(Group(*rule_of(rule)))
    wanted = [line.rstrip() for line in text.getvalue().splitlines()]
    head = pages[0].index(wanted[0])
    assert [line for page in pages for line in page[head:-1]] == wanted
    assert shown_at(typed(one, " ").view(), height) == pages[0]


@pytest.mark.parametrize("height", [6, 9, 12, 24, 60])
def test_what_does_not_fit_on_the_screen_is_cut_with_a_sign(labels: LabelledSet, height: int) -> None:
    view = typed(session(labels, lambda _: None), "v").view()
    lines = shown_at(replace(view, sentence="word " * 200 + "end", note="so " * 400), height)
    assert len(lines) < height
    assert "Esc quit" in lines[-1]
    assert any("cut here" in line for line in lines) != any(line.endswith("end") for line in lines)


@pytest.mark.parametrize("key", ["\n", " "])
def test_a_key_that_is_held_codes_one_sentence_and_typing_ahead_codes_as_many_as_are_typed(
    labels: LabelledSet, key: str
) -> None:
    recorded: list[Coding] = []
    one = session(labels, recorded.append)
    for _ in range(3):
        one.press(key, at_once=True)
    assert len(recorded) == 1
    assert one.view().message.endswith("was held: this sentence is not coded yet")
    for again in (key, "v", key, "r", key):
        one.press(again, at_once=again != key or one.unrecorded != "")
    assert frames(recorded) == [set(), set(), {"vilification"}, {"return_incentive"}]


def test_lines_of_the_sentence_are_indented_like_those_around_it(labels: LabelledSet) -> None:
    view = replace(session(labels, lambda _: None).view(), sentence="word " * 40)
    lines = [line for line in shown_at(view, 40) if "word" in line]
    assert len(lines) == 3
    assert [line[:3] for line in lines] == ["> w", "  w", "  w"]


def test_what_cannot_be_recorded_stays_chosen_and_can_be_recorded_later(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    full = [True]

    def record(coding: Coding) -> None:
        if full[0]:
            raise InputError("me.csv: nothing was recorded: no space left on device")
        recorded.append(coding)

    one = typed(session(labels, record), "v/so\n\n")
    assert one.view().message.startswith("NOT recorded: me.csv")
    assert one.unrecorded == f"{one.tasks[0].sentence.id}: vilification (so)"
    full[0] = False
    typed(one, "\n")
    assert [(set(coding.frames), coding.note) for coding in recorded] == [({"vilification"}, "so")]
    full[0] = True
    typed(one, "-")
    assert one.view().message.startswith("NOT taken back")
    assert len(one.recorded) == 1


def test_neighbours_of_the_sentence_are_in_view_and_others_codes_are_not(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), TAB * 2)
    shown, article = one.view(), [task.sentence.text for task in one.tasks]
    assert shown.before == tuple(article[:2])
    assert shown.sentence == article[2]
    assert shown.after[0] == article[3]
    assert shown.said == {}
    assert all(choice.chance is None for choice in shown.frames)


def test_the_rate_is_told_once_five_sentences_and_a_minute_say_something(labels: LabelledSet) -> None:
    clock = Clock()
    tasks = session(labels, lambda _: None, count=6).tasks
    one = CodingSession(labels, tasks, lambda _: None, now=clock)
    clock.time += timedelta(minutes=5)
    assert typed(one, "\n\n\n\n").view().per_hour is None
    shown = typed(one, "\n").view()
    assert (shown.done, shown.left) == (5, 1)
    assert shown.per_hour
    assert 50 < shown.per_hour < 60
    soon = CodingSession(labels, tasks, lambda _: None, now=Clock())
    assert typed(soon, "\n" * 6).view().per_hour is None


def test_suggestions_are_shown_only_when_asked_for_and_recorded_as_such(labels: LabelledSet) -> None:
    recorded: list[Coding] = []
    tasks = session(labels, recorded.append).tasks
    one = CodingSession(
        labels, tasks, recorded.append, now=Clock(), suggest=lambda _: dict.fromkeys(labels.codebook.ids, 0.25)
    )
    assert [choice.chance for choice in one.view().frames] == [0.25] * 4
    typed(one, "\n")
    assert recorded[0].selected_by == "article suggested"


@pytest.mark.parametrize("key", [key for key in KEYS if key.isprintable()])
def test_a_frame_may_not_take_a_key_that_means_something_else(labels: LabelledSet, key: str) -> None:
    taken = Frame("gossip", "Gossip", key, "#000000", "")
    codebook = replace(labels.codebook, frames=(*labels.codebook.frames, taken))
    with pytest.raises(InputError, match="give it another"):
        session(replace(labels, codebook=codebook), lambda _: None)


@settings(max_examples=60)
@given(st.text(st.sampled_from([*"vrph\n\t\x7f-/? z", "é"]), max_size=40))
def test_whatever_is_typed_what_stands_in_the_file_is_what_the_session_says(labels: LabelledSet, keys: str) -> None:
    lines: list[Coding] = []
    one = typed(session(labels, lines.append), keys)
    one.view()
    standing = replace(labels, codings={"me": tuple(lines)}).current["me"]
    said = {coding.sentence: coding for coding in one.recorded}
    assert standing == said
    assert (one.view().done, one.view().left) == (len(standing), len(one.tasks) - len(standing))


def test_the_screen_counts_sentences_of_this_run_and_of_those_before(labels: LabelledSet) -> None:
    first = session(labels, lambda _: None)
    assert shown_at(typed(first, f"\n{BACK}v\n").view(), 24)[0].startswith("1 coded, 3 to go")
    earlier = {f"{place}": coding for place, coding in enumerate(first.recorded * 600)}
    tasks = [replace(task, said={"coder-13": first.recorded[0]}) for task in first.tasks]
    again = CodingSession(labels, tasks, lambda _: None, now=Clock(), earlier=earlier)
    assert shown_at(again.view(), 24)[0].startswith("0 decided in this run (1,200 before), 4 to go ")


def test_what_was_skipped_is_told_and_counted_at_the_end(labels: LabelledSet) -> None:
    one = typed(session(labels, lambda _: None), f"\n\n\n{TAB}")
    assert one.view().message.endswith("; it comes again next time")
    assert " 1 skipped; it comes again next time. " in " ".join(shown_at(one.view(), 24))
    assert "skipped" not in " ".join(shown_at(typed(one, f"{BACK}\n").view(), 24))
    assert typed(one, f"{BACK}{TAB}").view().message.endswith(": unchanged")


def test_codings_from_a_pipe_are_in_the_coders_file_and_the_next_run_goes_on(data: Path) -> None:
    article = read_labels(data).sentences[0].article
    command = ("annotate", "--coder", "coder-13", "--data", data, "--article", article)
    shown = run(*command, stdin=b"v\n\nr/so it is\n\nh")
    assert shown.exit_code == 0, shown.stderr
    assert "3 codings recorded" in shown.stdout
    assert f"{article}:04: historical_parallel" in shown.stderr
    run(*command, stdin=b"p\n\x1b")
    rows = rows_of(data / "codings" / "coder-13.csv")
    assert [row["sentence_id"] for row in rows] == [f"{article}:{place:02d}" for place in range(1, 5)]
    assert [row["frames"] for row in rows] == ["vilification", "", "return_incentive", "personal_testimony"]
    assert rows[2]["note"] == "so it is"
    assert read_labels(data).faults == ()


def test_adjudication_shows_what_coders_said_and_overrules_them(data: Path) -> None:
    decided = data / "codings" / f"{ADJUDICATED}.csv"
    lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
    decided.write_text("".join(lines[:1] + lines[3:]), encoding="utf-8")
    counts = read_labels(data).counts()
    assert counts["disputed"] == 2
    shown = run("adjudicate", "--coder", "coder-13", "--data", data, stdin=b"v/rule 1\n\n\n")
    assert "2 codings recorded" in shown.stdout
    assert read_labels(data).counts()["disputed"] == 0
    first, second = rows_of(decided)[-2:]
    assert (first["frames"], first["selected_by"], first["note"]) == ("vilification", "disputed, by coder-13", "rule 1")
    assert second["frames"] == ""
    assert "no sentence with text is disputed" in failed(
        run("adjudicate", "--coder", "coder-13", "--data", data, stdin=b"")
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--coder", "adjudicated"], "is no id of a coder"),
        (["--coder", "../me"], "is no id of a coder"),
        (["--coder", "c", "--article", "nowhere"], "no article 'nowhere'"),
        (["--coder", "c", "--queue", "rare"], "needs a frame"),
        (["--coder", "c", "--queue", "rare", "--frame", "gossip"], "unknown frame 'gossip'"),
    ],
)
def test_what_cannot_be_coded_is_told_in_one_line(data: Path, arguments: list[str], says: str) -> None:
    line = failed(run("annotate", "--data", data, *arguments, stdin=b""))
    assert says in line
    assert line.count("\n") == 1


class Screen:
    """The program on a terminal of its own."""

    def __init__(self, *arguments: str, size: tuple[int, int] = (40, 100)) -> None:
        self.parent, child = pty.openpty()
        termios.tcsetwinsize(child, size)
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [*FRAMELENS, *arguments], stdin=child, stdout=child, stderr=child, env=environment, start_new_session=True
        )
        os.close(child)
        self.shown = b""

    def wait_for(self, text: str) -> None:
        """Until the text is on the screen; fails where it does not come."""
        end = time.monotonic() + 30
        while text.encode() not in self.shown:
            assert time.monotonic() < end, self.shown.decode(errors="replace")
            if select.select([self.parent], [], [], 1)[0]:
                self.shown += os.read(self.parent, 65536)
        self.shown = self.shown.split(text.encode(), 1)[1]

    def resize(self, height: int, width: int) -> None:
        """As a window does: a new size, and a signal to whom it concerns."""
        termios.tcsetwinsize(self.parent, (height, width))
        self.process.send_signal(signal.SIGWINCH)

    def send(self, keys: bytes) -> None:
        os.write(self.parent, keys)

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.parent)

    def ended(self) -> int:
        return self.process.wait(timeout=60)


def test_a_coder_at_a_real_terminal_codes_with_arrows_notes_and_keys_typed_ahead(data: Path) -> None:
    article = read_labels(data).sentences[0].article
    with Screen("annotate", "--coder", "coder-13", "--data", str(data), "--article", article) as screen:
        screen.wait_for(f"{article}:01")
        screen.send(b"v")
        screen.wait_for("[x] Vilification")
        screen.send(b"\r")
        screen.wait_for("1 coded, ")
        screen.wait_for(f"recorded {article}:01: vilification")
        # typed ahead, faster than any screen is drawn; an arrow goes back and one forward
        screen.send(b"r\rp\r/odd\r\r\x1b[D\x1b[C?h")
        screen.wait_for("Soviet, tsarist")
        screen.send(b"\x1b")
        screen.wait_for("Esc quit")
        screen.send(b"\x1b")
        screen.wait_for("4 codings recorded")
        assert screen.ended() == 0
    rows = rows_of(data / "codings" / "coder-13.csv")
    assert [(row["frames"], row["note"]) for row in rows] == [
        ("vilification", ""),
        ("return_incentive", ""),
        ("personal_testimony", ""),
        ("", "odd"),
    ]


def test_text_pasted_into_a_terminal_is_a_note_or_nothing(data: Path) -> None:
    with Screen("annotate", "--coder", "coder-13", "--data", str(data)) as screen:
        screen.wait_for("\x1b[?2004h")
        screen.wait_for("Esc quit")
        screen.send(b"\x1b[200~v\rr\r\x1b[201~")
        screen.wait_for("pasted text ignored")
        screen.send(b"/\x1b[200~first line\rv\rr\r\x1b[201~\r\r")
        screen.wait_for("recorded ")
        screen.send(b"\x1b")
        screen.wait_for("\x1b[?2004l")
        screen.wait_for("1 codings recorded")
        assert screen.ended() == 0
    (row,) = rows_of(data / "codings" / "coder-13.csv")
    assert (row["frames"], row["note"]) == ("", "first line v r")


def test_enter_held_at_a_terminal_codes_one_sentence(data: Path) -> None:
    with Screen("annotate", "--coder", "coder-13", "--data", str(data)) as screen:
        screen.wait_for("Esc quit")
        screen.send(b"\r" * 20)
        screen.wait_for("Enter was held: this sentence is not coded yet")
        screen.send(b"\x1b")
        screen.wait_for("1 codings recorded")


def test_a_terminal_that_changes_its_size_is_drawn_anew_and_what_is_chosen_stays(data: Path) -> None:
    with Screen("annotate", "--coder", "coder-13", "--data", str(data)) as screen:
        screen.wait_for("Esc quit")
        screen.send(b"v")
        screen.wait_for("[x] Vilification")
        screen.wait_for("Esc quit")
        for size in ((24, 60), (30, 120)):
            screen.resize(*size)
            screen.wait_for("[x] Vilification")
            screen.wait_for("Esc quit")
        screen.send(b"\r")
        screen.wait_for("1 coded, ")
        screen.send(b"\x1b")
        screen.wait_for("1 codings recorded")


def test_a_rule_on_a_small_terminal_is_read_to_its_end(data: Path) -> None:
    with Screen("annotate", "--coder", "coder-13", "--data", str(data), size=(24, 80)) as screen:
        screen.wait_for("Esc quit")
        screen.send(b"?v")
        screen.wait_for("more: Space · close: Esc")
        screen.send(b" ")
        screen.wait_for("from its start: Space")
        screen.send(b"\x1b")
        screen.wait_for("Esc quit")
        screen.send(b"\x03")
        screen.wait_for("0 codings recorded")


@pytest.mark.parametrize("key", [b"\x1b", b"\x03", b"\x04"])
def test_every_way_to_leave_the_terminal_says_what_was_not_recorded(data: Path, key: bytes) -> None:
    with Screen("annotate", "--coder", "coder-13", "--data", str(data)) as screen:
        screen.wait_for("Esc quit")
        screen.send(b"v" + key)
        screen.wait_for("not recorded, since it was not accepted")
        screen.wait_for("0 codings recorded")
        assert screen.ended() == 0
    assert not (data / "codings" / "coder-13.csv").exists()
