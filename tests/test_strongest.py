import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from conftest import Small
from framelens.cli import app
from framelens.explain import Explainer
from framelens.lexicon import Lexicon
from framelens.model import save
from framelens.strongest import capitals, strongest

INVENTED = ["They left Karvenia.", "Why leave Karvenia at all?", "In Karvenia they promised a flat."]


def test_a_figure_is_what_one_word_adds_to_a_sentence_of_ordinary_length(small: Small) -> None:
    """Against the explainer: a word alone adds idf * weight / |idf|, which is the figure times the ordinary length."""
    model = small.model
    (found, *_) = strongest(model, 5)
    word = next(one for one in found.words if one.kind == "word")
    lexicon, frames = Lexicon(model), len(model.frames)
    row = lexicon.rows([word.text])[0]
    lengths = [np.sqrt(np.exp(1 - idf) @ idf**2) for idf in (model.term_idf, model.word_idf[:-1])]
    alone = Explainer(model)._parts(word.text)
    kinds = {part.kind: part.adds[:frames] for part in alone if part.kind in ("stem", "subwords")}
    idf = {"stem": model.term_idf[lexicon.stem[row]], "subwords": lexicon.idf[row]}
    scale = dict(zip(("stem", "subwords"), lengths, strict=True))
    expected = sum(adds[0] * idf[kind] / scale[kind] for kind, adds in kinds.items())
    assert word.log_odds == pytest.approx(expected)


def test_words_are_ranked_and_no_stem_is_listed_twice(small: Small) -> None:
    for one in strongest(small.model, 30):
        figures = [word.log_odds for word in one.words]
        assert figures == sorted(figures, reverse=True)
        assert len(one.words) == 30
        listed = [word.text for word in one.words if word.kind == "word"]
        forms = [form for word in one.words for form in word.forms]
        assert len(set(listed + forms)) == len(listed + forms)


def test_the_ordinary_length_is_about_that_of_real_sentences(small: Small, gold_table: tuple) -> None:  # type: ignore[type-arg]
    """Squared lengths of rows: the figure from idf alone lies near the mean over practice sentences."""
    lexicon, table = Lexicon(small.model), gold_table[0]
    squares = []
    for text in table["text"].iloc[::40]:
        rows = lexicon.rows(sorted(set(text.lower().split())))
        squares.append(float(lexicon.idf[rows] @ lexicon.idf[rows]))
    idf = small.model.word_idf[:-1]
    assert np.exp(1 - idf) @ idf**2 == pytest.approx(np.mean(squares), rel=0.35)


def test_a_word_is_a_name_by_its_capital_within_sentences_alone() -> None:
    found = capitals([*INVENTED, "Home Is Where Karvenia Begins", "'Home,' she said, 'is home.'", "Home: Home. Home!"])
    assert found["karvenia"] == 1.0
    assert found.get("home", 0.0) < 0.5
    assert "they" not in found or found["they"] == 0.0


def test_names_that_decide_a_frame_are_warned_of(small: Small) -> None:
    (plain, *_) = strongest(small.model, 5)
    assert plain.names == []
    first = plain.words[0]
    (warned, *_) = strongest(small.model, 5, dict.fromkeys(small.model.stems, 1.0))
    assert warned.leakage == pytest.approx(1.0)
    assert warned.names[0] == first.text


def test_a_model_without_vectors_has_words_too(small: Small) -> None:
    bare = replace(
        small.model,
        vector_words=(),
        vector_weight=np.zeros((0, small.model.vector_weight.shape[1]), np.float16),
    )
    assert {word.by_vector for one in strongest(bare, 3) for word in one.words} == {0.0}


class TestCommand:
    """``framelens model words``."""

    @pytest.fixture
    def model(self, small: Small, tmp_path: Path) -> str:
        save(small.model, tmp_path / "small.npz")
        return str(tmp_path / "small.npz")

    def test_json_has_every_frame_with_so_many_words(self, model: str, small: Small) -> None:
        found = CliRunner().invoke(app, ["model", "words", "--model", model, "--top", "3", "--json"])
        told = json.loads(found.stdout)
        assert told["names_from"] == "data/sentences.csv"
        assert [(one["frame"], len(one["words"])) for one in told["frames"]] == [(f, 3) for f in small.model.frames]

    def test_names_come_from_texts_that_are_given(self, model: str, small: Small, tmp_path: Path) -> None:
        (first, *_) = strongest(small.model, 1)
        name = first.words[0].text.split()[0].title()
        path = tmp_path / "texts.txt"
        path.write_text(f"They went to {name}.\nThey came from {name} again.\n", encoding="utf-8")
        found = CliRunner().invoke(app, ["model", "words", "--model", model, "--top", "1", "--texts", str(path)])
        assert found.exit_code == 0, found.stderr
        assert "warning: Vilification: 1 of its 1 strongest words may be names" in found.stdout

    def test_without_texts_it_says_that_names_were_not_looked_for(
        self, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        found = CliRunner().invoke(app, ["model", "words", "--model", model, "--top", "1"])
        assert "Names were not looked for" in found.stdout
        assert "warning" not in found.stdout

    def test_texts_that_are_not_there_are_told_in_one_line(self, model: str) -> None:
        found = CliRunner().invoke(app, ["model", "words", "--model", model, "--texts", "nowhere.csv"])
        assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
        assert "nowhere.csv" in found.stderr
