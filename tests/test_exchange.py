import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import rows_of
from framelens.exchange import READERS, WRITERS, Imported, coded_by, joined, read_answers, to_code, write
from framelens.exchange.answers import elements_of
from framelens.gold import Coding, LabelledSet
from framelens.labels import read_labels
from framelens.queues import Wish, inclusion_probability, queue
from test_cli import failed, run

FRAMES = ("vilification", "return_incentive", "personal_testimony", "historical_parallel")
NOW = "2026-01-01"
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@st.composite
def codings(draw: st.DrawFn) -> list[tuple[int, Coding]]:
    """Codings of some of the first sentences with text, by their places."""
    places = draw(st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=5).map(sorted))
    return [
        (
            place,
            Coding(
                sentence="",
                fingerprint="",
                frames=draw(st.frozensets(st.sampled_from(FRAMES))),
                codebook=draw(st.sampled_from(["1.0", "1.1", "1.7"])),
                selected_by=draw(words),
                coded_at=draw(st.one_of(st.dates().map(str), st.datetimes().map(lambda one: one.isoformat()))),
                note=draw(st.lists(words, max_size=3).map(" ".join)),
            ),
        )
        for place in places
    ]


@pytest.mark.parametrize("kind", WRITERS)
@given(made=codings())
def test_a_round_trip_gives_the_same_codings(labels: LabelledSet, kind: str, made: list[tuple[int, Coding]]) -> None:
    readable = [one for one in labels.sentences if one.text is not None]
    said = tuple(
        replace(one, sentence=readable[place].id, fingerprint=readable[place].fingerprint) for place, one in made
    )
    some = replace(labels, codings={"me": said})
    written = write(kind, coded_by(some, "me"), labels.codebook).decode()
    assert joined(Path("f"), READERS[kind](written, FRAMES), kind, labels, now=NOW, annotator=None) == Imported(said)


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind != "doccano"])
def test_what_nobody_has_coded_comes_back_as_no_coding(labels: LabelledSet, kind: str) -> None:
    items = to_code(labels, queue("article", Wish(labels, "me", limit=5)))
    written = write(kind, items, labels.codebook).decode()
    found = joined(Path("f"), READERS[kind](written, FRAMES), kind, labels, now=NOW, annotator=None)
    assert (found.codings, found.faults) == ((), ())


def imported(labels: LabelledSet, folder: Path, kind: str, content: str, annotator: str | None = None) -> Imported:
    path = folder / "export"
    path.write_text(content, encoding="utf-8")
    return read_answers(path, kind, labels, now=NOW, annotator=annotator)


def said(found: Imported) -> list[tuple[str, set[str]]]:
    return [(one.sentence, set(one.frames)) for one in found.codings]


def choice(*frames: str) -> list[dict[str, Any]]:
    value = {"choices": list(frames)}
    return [{"id": "r1", "from_name": "frame", "to_name": "text", "type": "choices", "value": value}] if frames else []


def test_doccano_exports_with_its_own_id_labels_and_comments(labels: LabelledSet, tmp_path: Path) -> None:
    rows = [
        {"id": 7, "text": "…", "sentence_id": "w1-01:01", "label": ["vilification"], "Comments": ["so", "no"]},
        {"id": 8, "text": "…", "sentence_id": "w1-01:02", "label": [], "Comments": []},
    ]
    found = imported(labels, tmp_path, "doccano", "\n".join(map(json.dumps, rows)))
    assert said(found) == [("w1-01:01", {"vilification"}), ("w1-01:02", set())]
    assert found.codings[0].note == "so; no"
    assert found.codings[0].selected_by == "import doccano"
    assert found.codings[0].coded_at == NOW


def test_label_studio_exports_with_cancelled_annotations_and_bare_predictions(
    labels: LabelledSet, tmp_path: Path
) -> None:
    def task(number: int, *annotations: dict[str, Any]) -> dict[str, Any]:
        data = {"text": "…", "sentence_id": f"w1-01:{number:02d}", "article_id": "w1-01"}
        return {"id": number, "data": data, "annotations": list(annotations), "predictions": [17, 18]}

    when = "2026-02-03T04:05:06.000000Z"
    tasks = [
        task(
            1, {"id": 7, "completed_by": 10, "was_cancelled": False, "created_at": when, "result": choice(*FRAMES[:2])}
        ),
        task(2, {"id": 8, "completed_by": {"id": 10, "email": "x"}, "was_cancelled": False, "result": []}),
        task(3, {"id": 9, "completed_by": 10, "was_cancelled": True, "result": choice(FRAMES[0])}),
        task(4),
    ]
    found = imported(labels, tmp_path, "label-studio", json.dumps(tasks, indent=1))
    assert said(found) == [("w1-01:01", set(FRAMES[:2])), ("w1-01:02", set())]
    assert found.codings[0].coded_at == when
    assert found.passed == {"cancelled": 1}
    assert imported(labels, tmp_path, "label-studio", json.dumps(tasks), annotator="10").codings == found.codings


def test_label_studio_minimal_exports(labels: LabelledSet, tmp_path: Path) -> None:
    about = {"text": "…", "annotator": 1, "annotation_id": 3, "created_at": "2026-02-03T04:05:06Z", "lead_time": 2.5}
    rows = [
        {**about, "sentence_id": "w1-01:01", "frame": "vilification"},
        {**about, "sentence_id": "w1-01:02", "frame": {"choices": list(FRAMES[1:3])}},
        {**about, "sentence_id": "w1-01:03"},
    ]
    found = imported(labels, tmp_path, "label-studio", json.dumps(rows))
    assert said(found) == [("w1-01:01", {FRAMES[0]}), ("w1-01:02", set(FRAMES[1:3])), ("w1-01:03", set())]


def test_prodigy_exports_with_ignored_and_rejected_answers(labels: LabelledSet, tmp_path: Path) -> None:
    def row(number: int, answer: str, *accept: str) -> dict[str, Any]:
        options = [{"id": frame, "text": frame} for frame in FRAMES]
        about = {
            "_input_hash": 1,
            "_task_hash": 2,
            "_view_id": "choice",
            "_session_id": "s-me",
            "_timestamp": 1767225600,
        }
        meta = {"sentence_id": f"w1-01:{number:02d}"}
        return {**about, "text": "…", "options": options, "accept": list(accept), "answer": answer, "meta": meta}

    rows = [row(1, "accept", FRAMES[0]), row(2, "accept"), row(3, "ignore", FRAMES[1]), row(4, "reject", FRAMES[1])]
    found = imported(labels, tmp_path, "prodigy", "\n".join(map(json.dumps, rows)) + "\n")
    assert said(found) == [("w1-01:01", {FRAMES[0]}), ("w1-01:02", set())]
    assert found.codings[0].coded_at == "2026-01-01T00:00:00+00:00"
    assert list(found.passed.values()) == [1, 1]


def test_prodigy_binary_answers_are_a_coding_once_every_frame_was_asked_for(
    labels: LabelledSet, tmp_path: Path
) -> None:
    def row(number: int, label: str, answer: str) -> str:
        meta = {"sentence_id": f"w1-01:{number:02d}"}
        return json.dumps({"text": "…", "label": label, "answer": answer, "_view_id": "classification", "meta": meta})

    rows = [row(1, frame, "accept" if frame == FRAMES[2] else "reject") for frame in FRAMES]
    rows += [row(2, FRAMES[0], "accept")]
    found = imported(labels, tmp_path, "prodigy", "\n".join(rows))
    assert said(found) == [("w1-01:01", {FRAMES[2]})]
    assert found.passed == {f"not asked for {', '.join(FRAMES[1:])}": 1}


def test_argilla_exports_nested_and_flat(labels: LabelledSet, tmp_path: Path) -> None:
    nested = {
        "id": "w1-01:01",
        "fields": {"text": "…"},
        "metadata": {"sentence_id": "w1-01:01"},
        "suggestions": {"frame": {"value": [FRAMES[3]], "score": None, "agent": "m"}},
        "responses": {"frame": [{"value": [FRAMES[0]], "user_id": "u1"}]},
        "vectors": {},
        "status": "completed",
        "_server_id": "x",
    }
    single = {**nested, "id": "w1-01:02", "metadata": {}}
    single["responses"] = {"frame": [{"value": FRAMES[1], "user_id": "u1"}]}
    found = imported(labels, tmp_path, "argilla", json.dumps([nested, single, {**nested, "responses": {}}]))
    assert said(found) == [("w1-01:01", {FRAMES[0]}), ("w1-01:02", {FRAMES[1]})]
    flat = {
        "id": "w1-01:03",
        "text": "…",
        "sentence_id": "w1-01:03",
        "frame.responses": [[FRAMES[0]], [FRAMES[1]], []],
        "frame.responses.users": ["u1", "u2", "u3"],
        "frame.responses.status": ["draft", "submitted", "discarded"],
        "frame.suggestion": None,
        "frame.suggestion.score": None,
    }
    found = imported(labels, tmp_path, "argilla", json.dumps([flat]))
    assert said(found) == [("w1-01:03", {FRAMES[1]})]
    assert found.passed == {"draft": 1, "discarded": 1}


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace(",", ";").replace("\n", "\r\n")])
def test_tables_as_spreadsheets_save_them(labels: LabelledSet, tmp_path: Path, change: Callable[[str], str]) -> None:
    table = "\ufefffr,sentence_id,frames\n,w1-01:01,vilification\n,w1-01:02,-\n,w1-01:03,\n,,\n"
    found = imported(labels, tmp_path, "csv", change(table))
    assert said(found) == [("w1-01:01", {"vilification"}), ("w1-01:02", set())]
    assert found.passed == {"not coded": 1}


def doccano(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps({"text": "…", "sentence_id": "w1-01:01", "label": [], **row}) + "\n" for row in rows)


def argilla(*users: str) -> str:
    said = [{"value": [FRAMES[place]], "user_id": user} for place, user in enumerate(users)]
    return json.dumps([{"id": "w1-01:01", "metadata": {}, "responses": {"frame": said}}], indent=1)


FAULTS = {
    "an unknown sentence": ("doccano", doccano({}, {"sentence_id": "x:01"}), 2, "'x:01' is not in the labelled set"),
    "no sentence": ("doccano", doccano({"sentence_id": None}), 1, "no sentence_id"),
    "an unknown frame": ("doccano", doccano({"label": ["gossip"]}), 1, "unknown frame 'gossip'"),
    "a frame twice": ("doccano", doccano({"label": [FRAMES[0]] * 2}), 1, "stands twice"),
    "two answers": ("doccano", doccano({}, {"label": [FRAMES[0]]}), 2, "answered already, in line 1"),
    "two annotators": ("argilla", argilla("a", "b"), 2, "choose one with --annotator"),
    "no labels": ("doccano", doccano({"label": None}), 1, "labels are None"),
    "spans": ("doccano", doccano({"label": [[0, 3, "x"]]}), 1, "labels are"),
    "no JSON": ("prodigy", "\n{oh}\n", 2, "not JSON"),
    "a list": ("prodigy", "[]\n", 1, "not a JSON object"),
    "a strange answer": ("prodigy", '{"answer": "maybe"}', 1, "accept, reject or ignore"),
    "a file cut off": ("label-studio", '[\n{"id": 1},\n{"id": 2', 3, "not JSON"),
    "an array cut off": ("label-studio", '[\n{"id": 1}', 2, "breaks off"),
    "no array": ("argilla", "{}", 1, "not a JSON array"),
    "other columns": ("csv", "a,b\n1,2\n", 1, "no columns sentence_id and frames"),
    "a short row": ("csv", "sentence_id,frames\nw1-01:01\n", 2, "1 fields"),
    "a spoilt date": ("csv", "sentence_id,frames,coded_at\nw1-01:01,-,22/11/2026\n", 2, "coded_at is '22/11/2026'"),
    "a line that takes back": ("csv", "sentence_id,frames,selected_by\nw1-01:01,-,undone\n", 2, "takes a coding back"),
    "a spoilt fingerprint": ("csv", "sentence_id,frames,fingerprint\nw1-01:01,-,1.7E+15\n", 2, "fingerprint"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_with_file_and_line_and_nothing_is_imported(data: Path, tmp_path: Path, name: str) -> None:
    kind, content, line, says = FAULTS[name]
    content = content.replace("w1-01:", f"{read_labels(data).sentences[0].article}:")
    path = tmp_path / "export"
    path.write_text(content, encoding="utf-8")
    shown = failed(run("import", path, "--from", kind, "--coder", "coder-13", "--data", data))
    first, last = shown.splitlines()
    assert first.startswith(f"{path}:{line}: ")
    assert says in first
    assert last == f"framelens: {path}: 1 faults; nothing was imported"
    assert not (data / "codings" / "coder-13.csv").exists()


def test_lines_of_the_objects_of_an_array_are_where_they_start() -> None:
    found = list(elements_of('[\n {"a":\n 1},\n\n {"b": "]\\n,"} ]'))
    assert found == [(2, {"a": 1}), (5, {"b": "]\n,"})]


@pytest.mark.parametrize("kind", WRITERS)
def test_codings_go_out_and_come_back_by_the_command_line_and_are_not_written_twice(data: Path, kind: str) -> None:
    path = data / "export"
    command = ("--coder", "coder-13", "--data", data)
    run("annotate", *command, stdin=b"v\n/so\n\nrp\n")
    done = run("export", "--to", kind, "--coded", *command, "--output", path)
    assert done.exit_code == 0, done.stderr
    done = run("import", path, "--from", kind, *command)
    assert "0 codings recorded" in done.stdout, done.stderr
    assert "3 were there already" in done.stdout
    run("import", path, "--from", kind, "--coder", "coder-14", "--data", data)
    assert rows_of(data / "codings" / "coder-14.csv") == rows_of(data / "codings" / "coder-13.csv")
    assert read_labels(data).faults == ()


def test_a_random_sample_coded_elsewhere_keeps_its_probability(data: Path) -> None:
    command = ("--coder", "coder-13", "--data", data)
    shown = run("export", "--to", "csv", "--queue", "random", "--limit", 3, *command).stdout
    rows = list(csv.DictReader(io.StringIO(shown)))
    head = "sentence_id;frames;selected_by\n"
    (data / "t.csv").write_text(head + "".join(f"{row['sentence_id']};-;{row['selected_by']}\n" for row in rows))
    assert run("import", data / "t.csv", *command).exit_code == 0
    codings = read_labels(data).codings["coder-13"]
    assert [inclusion_probability(one.selected_by) for one in codings] == [3 / len(read_labels(data).sentences)] * 3


def test_what_cannot_be_exported_or_imported_is_told_in_one_line(data: Path) -> None:
    assert "no codings by 'coder-99'" in failed(run("export", "--coded", "--coder", "coder-99", "--data", data))
    assert "cannot be read" in failed(run("import", data / "no", "--coder", "coder-99", "--data", data))
    assert "is no id of a coder" in failed(run("import", data / "no", "--coder", "a/b", "--data", data))
    (data / "x").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in failed(run("import", data / "x", "--coder", "coder-99", "--data", data))
