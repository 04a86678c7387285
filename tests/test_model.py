import contextlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from conftest import Small, lengths
from framelens.errors import InputError
from framelens.model import FORMAT, Model, load, save
from framelens.score import Classifier
from framelens.score import load as load_classifier


def test_scores_from_the_file_are_those_of_scikit_learn(
    small: Small, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]], tmp_path: Path
) -> None:
    save(small.model, tmp_path / "m.npz")
    joblib.dump(small.estimator, tmp_path / "m.joblib")
    table = gold_table[0]
    ours = load_classifier(tmp_path / "m.npz").probabilities(table["text"].tolist(), lengths(table))
    theirs = joblib.load(tmp_path / "m.joblib").predict_proba(table)
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize(
    "texts",
    [
        ["", " ", "!?"],
        ["Ωmega ÉMIGRÉ naïve ǅ İstanbul ß ﬁn", "x" * 10_000, "१२३ 22 2²"],
        ["они уехали", "𐐀 𐐨", "e\u0301migre\u0301", "snow_case don't"],
        ["one"],
    ],
)
def test_odd_text_is_scored_as_scikit_learn_does(texts: list[str], small: Small) -> None:
    table = pd.DataFrame({"article": "a", "group": "a", "on_subject": True, "text": texts})
    assert np.abs(small.classifier.probabilities(texts) - small.estimator.predict_proba(table)).max() < 1e-6


def test_a_saved_model_is_the_loaded_one_and_the_same_bytes_each_time(small: Small, tmp_path: Path) -> None:
    first = save(small.model, tmp_path / "one.npz")
    second = save(small.model, tmp_path / "two.npz")
    assert first == second
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))["sha256"] == first
    again = load(tmp_path / "one.npz")
    assert again.stems == small.model.stems
    assert np.array_equal(again.term_weight, small.model.term_weight)
    assert again.codebook == small.model.codebook
    assert {path.name for path in tmp_path.iterdir()} == {"one.npz", "one.json", "two.npz", "two.json"}


def test_the_model_does_not_depend_on_what_was_scored_before(small: Small) -> None:
    fresh, used = small.classifier, small.classifier
    used.probabilities(["Words that nobody said before this zorblax.", "Exile and return."])
    text = ["They called the exiles traitors.", "zorblax"]
    assert np.array_equal(fresh.probabilities(text), used.probabilities(text))


def test_the_cache_of_words_is_bounded_and_forgets_without_harm(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{number} and exile{number} home" for number in range(60)]
    expected = small.classifier.probabilities(texts)
    monkeypatch.setattr("framelens.lexicon.MOST_WORDS", 20)
    classifier = small.classifier
    whole = classifier.probabilities(texts)
    assert np.array_equal(whole, expected)
    for text in texts:
        classifier.probabilities([text])
    assert len(classifier._lexicon.idf) <= 20


def rewrite(path: Path, change: Callable[[dict[str, NDArray[Any]]], None]) -> None:
    with np.load(path) as archive:
        arrays = dict(archive)
    change(arrays)
    np.savez(path, **arrays)


def spoil_weight(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["bias"] = arrays["bias"] + 1e-9


def drop_bias(arrays: dict[str, NDArray[Any]]) -> None:
    del arrays["bias"]


def pickled(arrays: dict[str, NDArray[Any]]) -> None:
    arrays["stems"] = np.array([{"a": 1}], dtype=object)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "no model can be read"),
        (lambda path: path.write_bytes(b""), "not a usable framelens model"),
        (lambda path: path.write_bytes(path.read_bytes()[:-5000]), "not a usable framelens model"),
        (lambda path: path.write_bytes(path.read_bytes()[:300]), "not a usable framelens model"),
        (lambda path: path.write_bytes(b"not a model"), "not a usable framelens model"),
        (lambda path: rewrite(path, spoil_weight), "altered or damaged"),
        (lambda path: rewrite(path, drop_bias), "'bias' is missing"),
        (lambda path: rewrite(path, pickled), "not a usable framelens model"),
        (lambda path: np.savez(path, other=np.zeros(3)), "'sha256' is missing"),
    ],
)
def test_a_spoilt_model_file_is_refused_in_one_line(
    spoil: Callable[[Path], None], says: str, small: Small, tmp_path: Path
) -> None:
    path = tmp_path / "m.npz"
    save(small.model, path)
    spoil(path)
    with pytest.raises(InputError) as caught:
        load(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"card": {"format": FORMAT + 1}}, "another version of framelens"),
        ({"thresholds": np.array([0.5])}, "thresholds has the shape (1,)"),
        ({"bias": np.array([0.0, np.nan, 0.0, 0.0, 0.0, 0.0])}, "not finite"),
        ({"bias": np.zeros(6, dtype=np.float32)}, "bias is float32"),
        ({"pairs": np.array([[0, 10**9]], dtype=np.int32)}, "shape"),
    ],
)
def test_a_model_of_another_kind_is_refused_though_its_sum_is_right(
    change: dict[str, Any], says: str, small: Small, tmp_path: Path
) -> None:
    save(replace(small.model, **change), tmp_path / "m.npz")
    with pytest.raises(InputError) as caught:
        load(tmp_path / "m.npz")
    assert says in str(caught.value)


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("card.npy", "w") as member:
        for _ in range(300):
            member.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(InputError, match="larger than"):
        load(path)


def test_no_flipped_bit_goes_unnoticed(small: Small, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    save(small.model, path)
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(whole), 40):
        spoilt = bytearray(whole)
        spoilt[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(bytes(spoilt))
        with contextlib.suppress(InputError):
            # only a bit of the archive that says nothing, such as a time, may pass
            assert np.array_equal(load(path).term_weight, small.model.term_weight)


def test_thresholds_can_be_changed_and_are_checked(small: Small) -> None:
    text = "They called the exiles traitors and took their flats."
    (none,) = small.classifier.with_thresholds(dict.fromkeys(small.model.frames, 1)).classify(text)
    (every,) = small.classifier.with_thresholds(dict.fromkeys(small.model.frames, 0)).classify(text)
    assert none.frames == ()
    assert every.frames == small.model.frames
    with pytest.raises(InputError, match="unknown frame 'gossip'"):
        small.classifier.with_thresholds({"gossip": 0.5})
    with pytest.raises(InputError, match="no probability"):
        small.classifier.with_thresholds({"vilification": 1.5})


def test_articles_are_scored_apart_whatever_stands_beside_them(small: Small) -> None:
    one = ["They called the exiles traitors.", "He left.", "Then the rain came."]
    two = ["The minister invited engineers home.", "A flat and a job were promised."]
    together = small.classifier.probabilities(one + two, [3, 2])
    apart = np.vstack([small.classifier.probabilities(one), small.classifier.probabilities(two)])
    assert np.allclose(together, apart, atol=1e-12)
    with_empty = small.classifier.probabilities(one + two, [0, 3, 0, 2, 0])
    assert np.array_equal(with_empty, together)
    with pytest.raises(ValueError, match="add up to 4"):
        small.classifier.probabilities(one + two, [4])


def test_a_sentence_without_frames_and_a_text_without_sentences(small: Small) -> None:
    assert small.classifier.classify("") == ()
    assert isinstance(small.classifier, Classifier)
    assert isinstance(small.model, Model)
