import csv
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import DATA, SOURCES, needs_sources, rows_of
from framelens.errors import InputError
from framelens.gold import ADJUDICATED, Coding, LabelledSet
from framelens.labels import append_codings, read_labels
from framelens.segment import fingerprint

FRAMES = ("vilification", "return_incentive", "personal_testimony", "historical_parallel")


def test_the_shipped_set_has_no_fault(labels: LabelledSet) -> None:
    assert labels.faults == ()
    assert labels.stale_codings == ()


def test_every_shipped_sentence_is_gold_and_only_source_articles_lack_text(labels: LabelledSet) -> None:
    counts = labels.counts()
    assert counts["gold"] == counts["sentences"] > 7000
    assert {one.article for one in labels.sentences if one.text is None} == {"kontur", "tmt"}


def test_two_coders_coded_each_shipped_sentence(labels: LabelledSet) -> None:
    coded = [set(codings) for coder, codings in labels.current.items() if coder != ADJUDICATED]
    assert all(sum(one.id in each for each in coded) >= 2 for one in labels.sentences)


def edit(path: Path, change: Callable[[list[str]], None]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    change(lines)
    path.write_text("".join(lines), encoding="utf-8")


def replaced(line: int, old: str, new: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        assert old in lines[line - 1]
        lines[line - 1] = lines[line - 1].replace(old, new, 1)

    return change


def appended(line: str) -> Callable[[list[str]], None]:
    return lambda lines: lines.append(line)


def coding(sentence: str = "w1-05:01", **changed: str) -> str:
    row = {"fingerprint": "0" * 16, "frames": "", "codebook": "1.1", "by": "all", "at": "2026-01-01", **changed}
    return f"{sentence},{row['fingerprint']},{row['frames']},{row['codebook']},{row['by']},{row['at']},\n"


FAULTS: dict[str, tuple[str, Callable[[list[str]], None], int, str]] = {
    "a sentence id twice": ("sentences.csv", lambda lines: lines.append(lines[1]), -1, "stands twice"),
    "a changed text": ("sentences.csv", replaced(2, "\n", " indeed\n"), 2, "the text has the fingerprint"),
    "an unknown article": ("sentences.csv", appended("x:01,x,1,0000000000000000,Text\n"), -1, "not in articles.csv"),
    "a wrong position": ("sentences.csv", replaced(3, ",2,", ",7,"), 3, "at position 7"),
    "no fingerprint": ("sentences.csv", lambda lines: lines.append("w1-05:99,w1-05,99,,Text\n"), -1, "fingerprint"),
    "an article twice": ("articles.csv", lambda lines: lines.append(lines[1]), -1, "stands twice"),
    "an unknown origin": ("articles.csv", replaced(2, ",written,", ",found,"), 2, "origin is 'found'"),
    "an unknown frame": ("codings/coder-01.csv", appended(coding(frames="gossip")), -1, "unknown frame 'gossip'"),
    "a frame twice": ("codings/coder-01.csv", appended(coding(frames="vilification vilification")), -1, "stands twice"),
    "an unknown sentence": ("codings/coder-02.csv", appended(coding("w1-05:98")), -1, "no such sentence"),
    "a broken line": ("codings/coder-02.csv", appended('w1-05:01,"open quote,,\n'), -1, "broken line"),
    "a short line": ("codings/coder-02.csv", appended("w1-05:01,\n"), -1, "2 fields where the header has 7"),
    "no version": ("codings/coder-02.csv", appended(coding(codebook="new")), -1, "codebook version is 'new'"),
    "no time": ("codings/coder-02.csv", appended(coding(at="yesterday")), -1, "coded_at is 'yesterday'"),
    "no way of choosing": ("codings/adjudicated.csv", appended(coding(by="")), -1, "selected_by is empty"),
    "no language code": ("articles.csv", replaced(2, ",en,", ",English,"), 2, "language is 'English'"),
    "an empty file": ("codings/coder-03.csv", lambda lines: lines.clear(), 1, "empty; it must start with"),
    "other columns": ("codings/coder-03.csv", replaced(1, "frames", "labels"), 1, "columns are"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named_with_file_and_line(name: str, data: Path) -> None:
    assert read_labels(data).faults == ()
    file, change, line, says = FAULTS[name]
    edit(data / file, change)
    (fault,) = read_labels(data).faults
    lines = (data / file).read_text(encoding="utf-8").count("\n")
    assert str(fault).startswith(f"{data / file}:{line if line > 0 else lines}: ")
    assert says in fault.message


def test_text_of_a_source_article_in_the_set_is_a_fault(data: Path) -> None:
    shutil.copytree(DATA / "codings", data / "codings", dirs_exist_ok=True)
    for name in ("articles.csv", "sentences.csv"):
        shutil.copy(DATA / name, data / name)
    edit(data / "sentences.csv", lambda lines: lines.append(f"kontur:60,kontur,60,{fingerprint('Text')},Text\n"))
    (fault,) = read_labels(data).faults
    assert "belongs to its publisher" in fault.message


def test_bytes_that_are_not_utf8_are_a_fault(data: Path) -> None:
    path = data / "codings" / "coder-01.csv"
    path.write_bytes(path.read_bytes() + b"w1-05:01,\xff\n")
    (fault,) = read_labels(data).faults
    assert "broken line" in fault.message


def test_a_changed_sentence_loses_its_label(data: Path) -> None:
    rows = rows_of(data / "sentences.csv")
    first = rows[0]
    new = f"{first['text']} indeed"
    edit(data / "sentences.csv", replaced(2, first["text"].split(",")[0], first["text"].split(",")[0]))
    with (data / "sentences.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(first), lineterminator="\n")
        writer.writeheader()
        writer.writerows([{**first, "text": new, "fingerprint": fingerprint(new)}, *rows[1:]])
    labels = read_labels(data)
    assert labels.faults == ()
    assert labels.judged[first["sentence_id"]] == ("stale", frozenset())
    assert first["sentence_id"] not in labels.gold
    assert {coding.sentence for _, coding in labels.stale_codings} == {first["sentence_id"]}


def test_a_new_major_version_makes_codings_stale_and_a_minor_one_does_not(data: Path) -> None:
    book = data / "codebook.toml"
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace('version = "1.1"', 'version = "1.2"'), encoding="utf-8")
    assert read_labels(data).counts()["stale"] == 0
    book.write_text(text.replace('version = "1.1"', 'version = "2.0"'), encoding="utf-8")
    counts = read_labels(data).counts()
    assert counts["stale"] == counts["sentences"]
    assert counts["gold"] == 0


def settle(data: Path, coder: str, sentence: str, frames: set[str]) -> None:
    mark = next(row["fingerprint"] for row in rows_of(data / "sentences.csv") if row["sentence_id"] == sentence)
    said = Coding(sentence, mark, frozenset(frames), "1.1", "all", "2026-01-02", "")
    append_codings(data / "codings" / f"{coder}.csv", [said])


def test_disputed_until_adjudicated(data: Path) -> None:
    sentence = rows_of(data / "sentences.csv")[1]["sentence_id"]
    coders = [path.stem for path in sorted((data / "codings").glob("coder-*.csv")) if sentence in path.read_text()]
    adjudicated = data / "codings" / "adjudicated.csv"
    edit(adjudicated, lambda lines: lines.__setitem__(slice(1, None), []))
    settle(data, coders[0], sentence, {"vilification"})
    settle(data, coders[1], sentence, {"historical_parallel"})
    assert read_labels(data).judged[sentence] == ("disputed", frozenset())
    settle(data, ADJUDICATED, sentence, {"return_incentive"})
    assert read_labels(data).judged[sentence] == ("gold", frozenset({"return_incentive"}))
    settle(data, coders[0], sentence, set())
    assert read_labels(data).judged[sentence] == ("gold", frozenset({"return_incentive"}))


def test_the_last_coding_of_a_coder_wins(data: Path) -> None:
    sentence = rows_of(data / "sentences.csv")[1]["sentence_id"]
    for coder in ("coder-98", "coder-98"):
        settle(data, coder, sentence, {"vilification"})
    settle(data, "coder-98", sentence, set())
    assert read_labels(data).current["coder-98"][sentence].frames == frozenset()


@settings(max_examples=5)
@given(seed=st.integers())
def test_gold_does_not_depend_on_the_order_of_coders_and_their_lines(labels: LabelledSet, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # shuffling, not secrets
    coders = chance.sample(list(labels.codings), len(labels.codings))
    shuffled = {coder: tuple(chance.sample(labels.codings[coder], len(labels.codings[coder]))) for coder in coders}
    assert replace(labels, codings=shuffled).gold == labels.gold


codings = st.builds(
    Coding,
    sentence=st.just("w1-05:01"),
    fingerprint=st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    frames=st.frozensets(st.sampled_from(FRAMES)),
    codebook=st.from_regex(r"[0-9]{1,3}\.[0-9]{1,3}", fullmatch=True),
    selected_by=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1),
    coded_at=st.one_of(st.dates().map(str), st.datetimes().map(lambda time: time.isoformat())),
    note=st.text(st.characters(exclude_categories=["C", "Z"])),
)


@given(st.lists(codings, max_size=5), st.lists(codings, max_size=5))
def test_codings_written_are_codings_read(
    tmp_path_factory: pytest.TempPathFactory, one: list[Coding], two: list[Coding]
) -> None:
    folder = tmp_path_factory.mktemp("set")
    shutil.copy(DATA / "codebook.toml", folder)
    (folder / "articles.csv").write_text(
        "article_id,title,genre,topic,language,origin,group,subject,outlet,date,url\nw1-05,,,,en,written,w1-05,,,,\n"
    )
    (folder / "sentences.csv").write_text(
        f"sentence_id,article_id,position,fingerprint,text\nw1-05:01,w1-05,1,{fingerprint('Text')},Text\n"
    )
    path = folder / "codings" / "me.csv"
    append_codings(path, one)
    append_codings(path, two)
    labels = read_labels(folder)
    assert labels.faults == ()
    assert labels.codings["me"] == tuple(one + two)


def test_a_note_of_several_lines_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "me.csv"
    append_codings(path, [Coding("a:01", "0" * 16, frozenset(), "1.1", "all", "2026-01-01", 'so\nand "so"\r\n')])
    assert path.read_text(encoding="utf-8").count("\n") == 2
    assert rows_of(path)[0]["note"] == 'so and "so"'


def test_a_set_without_codings_is_at_fault_and_one_without_sentences_is_refused(data: Path) -> None:
    shutil.rmtree(data / "codings")
    (fault,) = read_labels(str(data)).faults
    assert "no codings" in fault.message
    (data / "sentences.csv").write_text("")
    with pytest.raises(InputError, match="no sentences that can be used; first fault"):
        read_labels(data)


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=re.escape("codebook.toml")):
        read_labels(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_labels(tmp_path / "nowhere")


@needs_sources
def test_source_articles_are_found_by_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(DATA, folder, ignore=shutil.ignore_patterns("articles"))
    (folder / "articles").mkdir()
    for name in ("kontur.txt", "tmt.txt"):
        shutil.copy(SOURCES / name, folder / "articles" / name)
    labels = read_labels(folder)
    source = [one for one in labels.sentences if one.article in ("kontur", "tmt")]
    found = [one for one in source if one.text is not None]
    assert len(found) >= 0.95 * len(source)
    assert all(one.text is not None for one in source if labels.gold[one.id])
    assert all(fingerprint(one.text or "") == one.fingerprint for one in found)
