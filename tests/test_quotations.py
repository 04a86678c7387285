from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framelens.quotations import quotations

DOUBLE = ['""', "“”", "„“", "„”", "””", "«»", "»«", "»»", "‹›", "›‹", "「」", "『』"]
SINGLE = ["''", "‘’", "‚‘", "‚’"]
MARKS = "\"“”„«»‹›「」'‘’‚`"
words = st.lists(st.text("abcdefg", min_size=1, max_size=6), min_size=1, max_size=6).map(" ".join)
news = st.text(st.sampled_from(f"aS1 .,\n—({MARKS}"), max_size=80)


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quotations(text)]


@given(news)
def test_quotations_stand_in_order_apart_and_in_one_line_each(text: str) -> None:
    spans = quotations(text)
    assert all(0 <= start < end <= len(text) and "\n" not in text[start:end] for start, end in spans)
    assert all(one[1] <= next_[0] for one, next_ in pairwise(spans))


@given(st.text(st.characters(exclude_characters=f"{MARKS}＂"), max_size=80))
def test_where_no_mark_stands_nothing_is_quoted(text: str) -> None:
    assert quotations(text) == []


@given(marks=st.sampled_from(DOUBLE + SINGLE), before=words, inside=words, after=words)
def test_every_style_of_marks_quotes_what_stands_between_them(marks: str, before: str, inside: str, after: str) -> None:
    quotation = f"{marks[0]}{inside},{marks[1]}"
    assert quoted(f"{before} {quotation} {after}.") == [quotation]


pairs = st.tuples(st.sampled_from(DOUBLE), st.sampled_from(DOUBLE + SINGLE)).filter(
    lambda two: not {*two[0]} & {*two[1]}
)


@settings(max_examples=400)
@given(pairs.flatmap(st.permutations), words, words, words)
def test_a_quotation_in_another_belongs_to_it(pair: list[str], before: str, inside: str, after: str) -> None:
    outer, inner = pair
    whole = f"{outer[0]}{before} {inner[0]}{inside}{inner[1]} {after}!{outer[1]}"
    assert quoted(f"{whole} {after}") == [whole]


@given(st.lists(words, min_size=1, max_size=5), st.sampled_from(["““”", '"""', "„„“", "««»", "‘‘’"]))
def test_a_quotation_that_opens_anew_in_each_paragraph_is_quoted_to_its_end(paragraphs: list[str], marks: str) -> None:
    text = "".join(f"{marks[0]}{one}.\n" for one in paragraphs).removesuffix(".\n") + f",{marks[2]} she said."
    assert "".join(quoted(text)) == text.removesuffix(" she said.").replace("\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "The workers' flat and the teachers' school.",
        "He left in the '90s, and rock 'n' roll stayed; tell 'em that it's '68 again.",
        'A 5\'10" man with a 12" record.',
        "’Tis the farmers’ year, don’t say it isn’t.",
    ],
)
def test_apostrophes_and_units_are_no_quotation_marks(text: str) -> None:
    assert quoted(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'The workers' flat isn't ours,' he said.", ["'The workers' flat isn't ours,'"]),
        ("'I'm goin' home,' he said.", ["'I'm goin' home,'"]),
        ("the 'workers' and the peasants' sons", ["'workers'"]),
        ('"A 12" record," he said.', ['"A 12" record,"']),
        ('"I left. I was ill, she said. "Then I came," he said.', ['"I left. I was ill, she said.', '"Then I came,"']),
        ('"He said "come" to me," she said.', ['"He said "come" to me,"']),
        ("“It began here\nand went on” there.", ["“It began here", "and went on”"]),
        ("He said: “It has no end.\nIt rained.", ["“It has no end."]),
        ('He said,"I left,"and went.', ['"I left,"']),
        ("« Oui », dit-il.", ["« Oui »"]),
        ("``Go,'' he said.", ["``Go,''"]),
        ('" word " and no more', ['" word "']),
    ],
)  # fmt: skip
def test_hard_cases(text: str, found: list[str]) -> None:
    assert quoted(text) == found
