"""A sentence to its words, stems, word pairs and subwords: what the model counts, in training and in scoring."""

import math
import re
from itertools import pairwise

import Stemmer

WORD = re.compile(r"\w+")
SHORTEST_GRAM, LONGEST_GRAM = 2, 5
QUOTE_MARKS = re.compile(r'["“”„«»]')

THIRD = frozenset(("he", "she", "his", "her", "him", "hers"))
FIRST = frozenset(("i", "my", "me", "we", "our", "us"))
MANY = frozenset(("they", "them", "their", "those"))
OPENINGS = (
    frozenset(("he", "she", "his", "her")),
    frozenset(("i", "my", "we", "our")),
    frozenset(("they", "their", "this", "that", "these", "it", "those")),
)
PAST_YEAR = re.compile(r"1[0-9]{3}s?|200[0-9]")
SHORT = 7
SURFACE = 11
"""How many figures ``surface`` gives."""
WORD_KINDS = 8
"""How many figures ``word_kinds`` gives."""

_stemmer = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case words in order.

    >>> words("They left in 2022.")
    ['they', 'left', 'in', '2022']
    """
    return WORD.findall(text.lower())


def stem(word: str) -> str:
    """Stem of a lower-case word (Porter's second English stemmer); all numbers are one.

    >>> stem("leaving"), stem("2022")
    ('leav', '0')
    """
    return "0" if word.isdigit() else str(_stemmer.stemWord(word))


def terms(text: str) -> list[str]:
    """Stems, then pairs of neighbouring stems.

    >>> terms("Leaving home")
    ['leav', 'home', 'leav home']
    """
    stems = [stem(word) for word in words(text)]
    return stems + [f"{one} {next_}" for one, next_ in pairwise(stems)]


def grams(word: str) -> set[str]:
    """Character n-grams of a word with its borders, which an unseen word shares with its relatives.

    >>> sorted(grams("go"))
    [' g', ' go', ' go ', 'go', 'go ', 'o ']
    """
    bordered = f" {word} "
    return {
        bordered[start : start + length]
        for length in range(SHORTEST_GRAM, LONGEST_GRAM + 1)
        for start in range(len(bordered) - length + 1)
    }


def has_quotation(text: str) -> bool:
    """Whether a quotation mark stands in the sentence."""
    return QUOTE_MARKS.search(text) is not None


def word_kinds(word: str) -> tuple[bool, ...]:
    """Whether a word means he or she, I or we, they; which of the openings it is; a past year; has a digit."""
    persons = (word in kind for kind in (THIRD, FIRST, MANY))
    openings = (word in kind for kind in OPENINGS)
    return (*persons, *openings, PAST_YEAR.fullmatch(word) is not None, any(letter.isdigit() for letter in word))


def surface(text: str) -> tuple[float, ...]:
    """What can be seen of a sentence without knowing its words: persons, years, numbers, quotation marks, length.

    In order: quotation mark; log of the number of words; seven words or fewer; mentions of he or she, I or we, they (up
    to three each); opens with one of these; a past year; a digit.
    """
    kinds = [word_kinds(word) for word in words(text)]
    columns = list(zip(*kinds, strict=True)) if kinds else [()] * WORD_KINDS
    mentions = (min(sum(column), 3) for column in columns[:3])
    openings = kinds[0][3:6] if kinds else (False,) * 3
    size = len(kinds)
    return (
        has_quotation(text),
        math.log1p(size),
        size <= SHORT,
        *mentions,
        *openings,
        any(columns[6]),
        any(columns[7]),
    )
