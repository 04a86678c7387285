from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from conftest import DATA, Small
from framelens.errors import InputError
from framelens.segment import fingerprint
from framelens.vectors import RIDGE, Embeddings, learn, read_embeddings
from framelens.words import words

WORDS = ("exile", "home", "return", "traitor", "winter")
TEXTS = [f"sentence {number}" for number in range(30)]
Floats = NDArray[np.float64]


def rows_of_words() -> sp.csr_array:
    return sp.csr_array(np.random.default_rng(1).random((len(TEXTS), len(WORDS))))


def embeddings(known: int = len(TEXTS)) -> Embeddings:
    rng = np.random.default_rng(2)
    return Embeddings(
        {"home": 0, "letter": 1},
        rng.normal(size=(2, 3)).astype(np.float32),
        {fingerprint(text): place for place, text in enumerate(TEXTS[:known])},
        rng.normal(size=(known, 3)).astype(np.float32),
    )


def ridge(X: Floats, E: Floats) -> Floats:
    return np.asarray(np.linalg.solve(X.T @ X + RIDGE * np.eye(X.shape[1]), X.T @ E))


def test_word_vectors_are_a_ridge_regression_and_left_out_sums_a_second_fit_without_the_fold() -> None:
    made, rows = embeddings(), rows_of_words()
    folds = [np.arange(0, 30, 2), np.arange(1, 30, 2)]
    vectors, sums = learn(rows, WORDS, TEXTS, made, folds)
    X = np.hstack([rows.toarray(), rows @ made.of_words(WORDS)]).astype(np.float64)
    E = made.sentence_vectors - made.sentence_vectors.mean(axis=0)
    assert rows @ vectors.of(WORDS) == pytest.approx(X @ ridge(X, E), abs=1e-4)
    for fold in folds:
        rest = np.setdiff1d(np.arange(30), fold)
        assert sums[fold] == pytest.approx(X[fold] @ ridge(X[rest], E[rest]), abs=1e-4)


def test_a_word_that_only_the_encoder_knows_has_a_vector_and_one_that_nobody_knows_has_none() -> None:
    made = embeddings()
    vectors, _ = learn(rows_of_words(), WORDS, TEXTS, made, [])
    letter, unknown = vectors.of(["letter", "zorblax"])
    assert letter == pytest.approx(made.word_vectors[1] @ vectors.common)
    assert not unknown.any()
    assert vectors.known == sorted({*WORDS, "letter"})


def test_a_sentence_without_embedding_is_summed_but_not_learned_from() -> None:
    rows = rows_of_words()
    few, _ = learn(sp.csr_array(rows[:20]), WORDS, TEXTS[:20], embeddings(20), [])
    more, sums = learn(rows, WORDS, TEXTS, embeddings(20), [np.arange(10, 30)])
    assert more.of(WORDS) == pytest.approx(few.of(WORDS), abs=1e-5)
    assert sums[20:] == pytest.approx(rows[20:] @ few.of(WORDS), abs=1e-5)


def test_the_shipped_embeddings_know_every_practice_sentence(
    gold_table: tuple[pd.DataFrame, NDArray[np.bool_]],
) -> None:
    shipped = read_embeddings(DATA / "vectors")
    assert shipped
    texts = gold_table[0]["text"].tolist()
    assert shipped.of_sentences(texts)[1].all()
    assert set(words(" ".join(texts[:500]).replace("_", " "))) - shipped.words.keys() == {
        word for text in texts[:500] for word in words(text) if any(character.isdigit() for character in word)
    }


def test_no_embeddings_of_source_text_are_shipped() -> None:
    shipped = read_embeddings(DATA / "vectors")
    sentences = pd.read_csv(DATA / "sentences.csv", keep_default_na=False)
    assert shipped
    assert shipped.sentences.keys() == set(sentences["fingerprint"][sentences["text"] != ""])


def test_where_no_folder_is_there_are_no_embeddings(tmp_path: Path) -> None:
    assert read_embeddings(tmp_path / "vectors") is None


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"no archive")])
def test_a_spoilt_file_of_vectors_is_named(spoil, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # two callables
    for name in ("words.npz", "sentences.npz"):
        np.savez(
            tmp_path / name,
            names=np.frombuffer(b"a\nb", np.uint8),
            vectors=np.ones((2, 3), np.int8),
            scales=np.ones(2, np.float32),
        )
    spoil(tmp_path / "sentences.npz")
    with pytest.raises(InputError, match=r"sentences\.npz: not a usable file of vectors"):
        read_embeddings(tmp_path)


def test_word_vectors_count_in_the_scores(small: Small) -> None:
    assert len(small.model.vector_words) > 20_000
    assert np.abs(small.model.vector_weight).max() > 0.1
