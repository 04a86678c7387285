"""Reading many sentences at once gives what reading each gives, also where characters are rare or odd."""

import random
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from conftest import Small, lengths
from framelens.tokens import FEW, tokens
from framelens.words import has_quotation, surface, words

ALPHABETS = (
    "abcdefghij   .,'’\"",
    "ABCÉÈÊàéèßﬁ İıIi ΣσςΑΒ. ",
    "0123456789 ٠١٢٣ १२३ ²½Ⅷ _-",
    "e\u0301o\u0308i\u0307 \u200d\u00ad\ufeff\u200b\u0345Σ",
    "“”„«» ‘’\x00\x01\t\n\r\x1c\x85\u2028",
    "они уехалиЁ 亡命者 한글 עברית ᾈǅ ",
    "\U00010400\U00010428 \U0001f600\U0001f1fa \U0001ffff\U00020000\U0002a6d6\U000e0041\U0010ffff ",
    "\ud800\udbff\udc00\udfff a b",
)
PHRASES = ("the exiles", "he said", "my", "those", "in 1937", "2004", "return", "ministry", "traitors", "ΟΔΟΣ")


def fuzzed(count: int, seed: int, *, surrogates: bool) -> Iterator[str]:
    """Strings of odd letters, mixed with words that the model knows."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    alphabets = ALPHABETS if surrogates else ALPHABETS[:-1]
    for _ in range(count):
        parts = []
        for _ in range(rng.randrange(5)):
            alphabet = rng.choice(alphabets)
            parts.append("".join(rng.choices(alphabet, k=rng.randrange(9))))
            if rng.random() < 0.4:
                parts.append(rng.choice(PHRASES))
        yield rng.choice(("", " ")).join(parts)


def found_in(sentences: Sequence[str]) -> list[list[str]]:
    found = tokens(sentences)
    every = iter(found.distinct[number] for number in found.number)
    read = [[next(every) for _ in range(count)] for count in found.count]
    assert next(every, None) is None
    assert found.quotation.tolist() == [has_quotation(sentence) for sentence in sentences]
    return read


def test_40_000_fuzzed_strings_have_the_words_that_each_has_alone() -> None:
    sentences = list(fuzzed(40_000, 1, surrogates=True))
    assert {"", "\x00"} <= set(sentences) | {letter for sentence in sentences for letter in sentence}
    assert found_in(sentences) == [words(sentence) for sentence in sentences]


def test_every_character_is_read_as_it_is_alone() -> None:
    sentences = ["B ".join(f"a{chr(point)}" for point in range(at, at + 128)) for at in range(0, 0x110000, 128)]
    assert found_in(sentences) == [words(sentence) for sentence in sentences]


@given(st.lists(st.text(st.characters(codec=None), max_size=6), max_size=5), st.integers(0, 1))
def test_words_end_where_sentences_end(few: list[str], many: int) -> None:
    sentences = few + ["left"] * many * FEW
    assert found_in(sentences) == [words(sentence) for sentence in sentences]


def test_few_sentences_and_many_have_the_same_words() -> None:
    sentences = list(fuzzed(FEW + 1, 2, surrogates=True))
    assert found_in(sentences[:-1]) == found_in(sentences)[:-1]


def test_the_surface_of_many_sentences_is_that_of_each(
    small: Small, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]]
) -> None:
    sentences = [*gold_table[0]["text"], *fuzzed(5_000, 3, surrogates=False)]
    classifier, found = small.classifier, tokens(sentences)
    rows = classifier._lexicon.rows(found.distinct)[found.number]
    assert np.array_equal(classifier._surface(rows, found), np.array([surface(text) for text in sentences]))


def test_40_000_fuzzed_strings_are_scored_as_scikit_learn_does(small: Small) -> None:
    sentences = list(fuzzed(40_000, 4, surrogates=False))
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"article": np.repeat(np.arange(20_000), rng.integers(0, 5, 20_000))[: len(sentences)]})
    sentences = sentences[: len(table)]
    assert len(table) > 39_000
    ours = small.classifier.probabilities(sentences, lengths(table))
    theirs = small.estimator.predict_proba(table.assign(text=sentences, group=table["article"], on_subject=True))
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize("most", [1, 50, 700])
def test_scores_do_not_depend_on_how_articles_are_put_into_blocks(
    most: int, small: Small, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = gold_table[0][:2_000]
    sizes = [len(list(rows)) for _, rows in groupby(table["article"])]
    expected = small.classifier.probabilities(table["text"].tolist(), sizes)
    monkeypatch.setattr("framelens.score.BLOCK_SENTENCES", most)
    assert np.abs(small.classifier.probabilities(table["text"].tolist(), sizes) - expected).max() < 1e-12


@pytest.mark.parametrize("most", [1, 100, 3_000])
def test_scores_do_not_depend_on_how_many_words_are_kept(
    most: int, small: Small, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = gold_table[0]["text"].tolist()[:1_000]
    expected = small.classifier.probabilities(texts)
    monkeypatch.setattr("framelens.lexicon.MOST_WORDS", most)
    classifier = small.classifier
    for first in range(0, 1_000, 100):
        classifier.probabilities(texts[first : first + 100][::-1])
    # to the last bit, since a corpus is the same to the byte wherever its partitions are scored
    assert np.array_equal(classifier.probabilities(texts), expected)
