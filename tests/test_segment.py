import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framelens.segment import fingerprint, segment

news = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list("aB. \n“”\"'!?1)(«»…"))), max_size=300)


@given(news)
def test_a_sentence_is_exactly_what_stands_at_its_place(text: str) -> None:
    sentences = segment(text)
    assert all(text[one.start : one.end] == one.text for one in sentences)
    assert all(one.end <= next_.start for one, next_ in pairwise(sentences))


@given(news)
def test_no_letter_is_lost_between_sentences(text: str) -> None:
    within = "".join(one.text for one in segment(text))
    letters = re.compile(r"[^\W\d_]")
    assert letters.findall(within) == letters.findall(text)


@given(news)
def test_every_sentence_has_a_letter_and_no_white_space_around_it(text: str) -> None:
    for one in segment(text):
        assert re.search(r"[^\W\d_]", one.text)
        assert one.text == one.text.strip()
        assert 0 <= one.quoted <= 1


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One line\nanother line", ["One line", "another line"]),
        ("1. First.\n2. Second.", ["1. First.", "2. Second."]),
        ("1.\nFirst.", ["1.\nFirst."]),
        ("They left. 12", ["They left. 12"]),
        ("“Go. Now. Please,” he said. They went.", ["“Go. Now. Please,” he said.", "They went."]),
        (
            "Dr. Ivana Roth spoke at 5 p.m. on Monday. It rained.",
            ["Dr. Ivana Roth spoke at 5 p.m. on Monday.", "It rained."],
        ),
        ("2022", []),
        ("", []),
    ],
)
def test_units(text: str, sentences: list[str]) -> None:
    assert [one.text for one in segment(text)] == sentences


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ('"All of it."', [1]),
        ("None of it.", [0]),
        ("“It began here\nand went on” there.", [1, 12 / 19]),
        ("They don't say 'no' to you.", [4 / 27]),
        ("«Домой» нет.", [7 / 12]),
        ('He said "abc".', [5 / 14]),
    ],
)
def test_quoted_share(text: str, shares: list[float]) -> None:
    assert [one.quoted for one in segment(text)] == pytest.approx(shares)


def test_what_is_no_language_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no language code"):
        segment("Text.", language="English")


@given(st.text(), st.sampled_from([" ", "\n", "\t", "\u00a0 "]))
def test_white_space_and_case_do_not_change_a_fingerprint(text: str, space: str) -> None:
    assert fingerprint(f" {text.replace(' ', space)}{space}") == fingerprint(text)
    assert re.fullmatch(r"[0-9a-f]{16}", fingerprint(text))


def test_case_and_width_do_not_change_a_fingerprint_but_words_do() -> None:
    assert fingerprint("ＴＨＥＹ left") == fingerprint("they LEFT")
    assert fingerprint("they left") != fingerprint("they stayed")
