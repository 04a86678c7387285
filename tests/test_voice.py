import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conftest import DATA, rows_of
from framelens.cli import app
from framelens.errors import InputError
from framelens.segment import segment
from framelens.speakers import speakers
from framelens.voice import BRACKETS, Passage, measure, read_sample

SAMPLE = DATA / "voice" / "sample.csv"


def speaker(text: str) -> str | None:
    (found,) = speakers(text, segment(text))
    return found


def test_shares_of_quotation_are_right_on_98_in_100_coded_sentences_and_on_those_that_quote() -> None:
    found = measure(read_sample(SAMPLE))
    wrong = sum(one.what == "quoted" for one in found.mistakes)
    assert found.all.sentences >= 300
    assert found.all.shares_right == found.all.sentences - wrong >= 0.98 * found.all.sentences
    assert wrong <= 0.02 * found.all.quoting


def test_the_sample_holds_every_style_and_its_practice_sentences_as_they_stand() -> None:
    practice = {row["sentence_id"]: row["text"] for row in rows_of(DATA / "sentences.csv")}
    rows = rows_of(SAMPLE)
    assert all(BRACKETS.sub("", row["text"]) == practice[row["source"]] for row in rows if row["source"])
    assert {row["part"] for row in rows if not row["source"]} == {"invented"}
    text = "".join(row["text"] for row in rows)
    assert set("\"“”„«»‹›「」'‘’‚") <= set(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('"We left," said Ruta Mikals, who keeps bees.', "Ruta Mikals"),
        ('"We left," the older sister said.', "the older sister"),
        ("The ministry of labour said that few came back.", "The ministry of labour"),
        ("On Monday the treasury told reporters it had no money.", "the treasury"),
        ("Few came back, according to a clerk in Tarnova.", "a clerk in Tarnova"),
        ("The rector, a chemist, told the students to wait.", "The rector"),
        ("She said the bus was late.", "She"),
        ("He added that nobody asked.", "He"),
        ('"She said no," it reads.', "it"),
        ('"We left," deputy minister Olen Varga told reporters.', "deputy minister Olen Varga"),
        ("The plan, said Mr. Grey, is dead.", "Mr. Grey"),
        ("The rector, said to be ill, left.", None),
        ("She came, asked the way and left.", None),
        ("She was told to wait.", None),
        ("The ministry did not say why.", None),
        ("The law says nothing about it.", None),
        ("They came to tell him.", None),
        ('They are ranked according to their "loyalty".', None),
        ("The bus left at four.", None),
        ("", None),
    ],
)
def test_a_speaker_is_the_words_that_stand_in_the_text(text: str, named: str | None) -> None:
    assert speakers(text, segment(text)) == ([named] if text else [])


spoken = st.lists(
    st.sampled_from(
        ["said", "told", "according to", "the clerk", "Ana", "we", "of", "in", "who", "to", '"Go,"', "“No”", ",", "."]
    ),
    max_size=20,
).map(" ".join)


@given(spoken)
def test_a_speaker_stands_in_its_sentence_outside_quotations(text: str) -> None:
    sentences = segment(text)
    names = speakers(text, sentences)
    assert len(names) == len(sentences)
    for one, name in zip(sentences, names, strict=True):
        assert name is None or (name and name in one.text and not set(name) & set('"“”'))


def test_nobody_is_named_for_what_is_said_inside_a_quotation() -> None:
    assert speaker('"My brother said that it was over."') is None


def test_a_pronoun_is_not_resolved_to_the_person_before() -> None:
    text = "Ruta Mikals left. She said it was late."
    assert speakers(text, segment(text)) == [None, "She"]


def test_every_difference_from_the_coding_is_a_mistake() -> None:
    text = '"Go," he said.'
    right = Passage("a", text, ((0, 5),), ((6, 8),))
    assert measure([right]).mistakes == ()
    wrong = measure([Passage("a", text, (), ()), Passage("b", text, ((0, 14),), ((9, 13),))])
    assert [(one.what, one.coded, one.read) for one in wrong.mistakes] == [
        ("quoted", 0, pytest.approx(5 / 14)),
        ("speaker", None, "he"),
        ("quoted", 1, pytest.approx(5 / 14)),
        ("speaker", "said", "he"),
    ]
    assert (wrong.all.sentences, wrong.all.shares_right, wrong.all.named, wrong.all.coded) == (2, 0, 2, 1)
    assert (wrong.all.precision, wrong.all.recall) == (0, 0)


def test_brackets_are_read_as_spans_of_the_text_without_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("part,text\nx,⟦'Go'⟧ said ⟪Ana⟫\n", encoding="utf-8")
    assert read_sample(path) == [Passage("x", "'Go' said Ana", ((0, 4),), ((10, 13),))]


@pytest.mark.parametrize("text", ["⟦open", "⟧", "⟦a ⟪b⟫⟧", "", "⟪⟫"])
def test_brackets_without_their_partner_are_refused_with_their_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"part,text\nx,right\nx,{text}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 3"):
        read_sample(path)


def test_the_command_prints_the_figures_that_it_gives_as_json(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["data", "voice", str(SAMPLE)])
    figures = json.loads(CliRunner().invoke(app, ["data", "voice", str(SAMPLE), "--json"]).stdout)
    assert shown.exit_code == 0
    assert f"{figures['parts']['all']['precision']:.2f}" in shown.stdout
    assert len(figures["mistakes"]) == shown.stdout.count(", read as ")
    missing = CliRunner().invoke(app, ["data", "voice", str(tmp_path / "none.csv")])
    assert (missing.exit_code, missing.stdout) == (1, "")
