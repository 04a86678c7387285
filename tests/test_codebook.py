import re
from pathlib import Path

import pytest

from conftest import DATA
from framelens.codebook import parse_codebook, read_codebook
from framelens.errors import InputError

TEXT = (DATA / "codebook.toml").read_text(encoding="utf-8")


def test_the_shipped_codebook_has_the_four_frames_with_rules() -> None:
    book = read_codebook(DATA / "codebook.toml")
    assert book.ids == ("vilification", "return_incentive", "personal_testimony", "historical_parallel")
    assert all(frame.definition and frame.exclude and frame.examples for frame in book.frames)
    assert (book.version, book.major, len(book.doubtful)) == ("1.1", "1", 10)


def test_a_codebook_survives_the_model_card() -> None:
    book = read_codebook(DATA / "codebook.toml")
    assert parse_codebook(book.as_dict()) == book


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "return_incentive"', 'id = "vilification"', "two frames have the id 'vilification'"),
        ('key = "r"', 'key = "v"', "two frames have the key 'v'"),
        ('key = "r"', 'key = "return"', "one printable character"),
        ('id = "return_incentive"', 'id = "Return incentive"', "lower-case letters"),
        ('colour = "#0072b2"', 'colour = "blue"', "#rrggbb"),
        ('version = "1.1"', 'version = "one"', "MAJOR.MINOR"),
        ('version = "1.1"', "", "'version' is missing"),
        ('version = "1.1"', "version = 1.1", "'version' has the wrong type"),
        ('name = "Return incentive"', 'nome = "Return incentive"', "unknown key 'nome'"),
        ("[[frames]]", "[[frame]]", "'frames' is missing"),
        ('version = "1.1"', "version = ", "not valid TOML"),
    ],
)
def test_a_wrong_codebook_is_refused_in_one_line(old: str, new: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "codebook.toml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        read_codebook(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_frames_of_a_coding_are_checked() -> None:
    book = read_codebook(DATA / "codebook.toml")
    assert book.parse_frames(" vilification  return_incentive ") == {"vilification", "return_incentive"}
    assert book.parse_frames("") == frozenset()
    with pytest.raises(ValueError, match="unknown frame 'gossip'"):
        book.parse_frames("gossip")
