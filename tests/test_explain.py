import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner

from conftest import Small
from framelens.cli import app
from framelens.explain import KINDS, Explainer
from framelens.explained import LEAST, STRONGEST, decided
from framelens.model import save
from framelens.score import Classifier

ARTICLE = ("They left.", "The ministry promised returning engineers a flat, a job and a flat.", "In 1937 they said so.")
"""Invented."""


def log_odds(classifier: Classifier, sentences: Sequence[str]) -> NDArray[np.float64]:
    proba = classifier.probabilities(sentences)
    return np.asarray(np.log(proba) - np.log1p(-proba))


def test_contributions_add_up_to_the_score_of_every_sentence_of_the_labelled_set(
    small: Small, gold_table: tuple[pd.DataFrame, NDArray[np.bool_]]
) -> None:
    table, _ = gold_table
    explainer, worst = Explainer(small.model), 0.0
    for _, rows in groupby(table[["article", "text"]].itertuples(index=False), key=lambda row: row[0]):
        sentences = [text for _, text in rows]
        found = np.array([one.log_odds for one in explainer.explain(sentences)])
        worst = max(worst, float(np.abs(found - log_odds(small.classifier, sentences)).max()))
    assert worst < 1e-9


@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_contributions_add_up_for_any_text(small: Small, sentences: list[str]) -> None:
    found = np.array([one.log_odds for one in Explainer(small.model).explain(sentences)])
    assert found == pytest.approx(log_odds(small.classifier, sentences), abs=1e-9)


def test_subwords_one_by_one_add_up_to_those_of_their_words(small: Small) -> None:
    whole, split = (Explainer(small.model, subwords=each).explain(ARTICLE)[1] for each in (False, True))
    sums = [sum(c.log_odds for c in one.contributions if c.kind == "subwords") for one in (whole, split)]
    assert sums[0] == pytest.approx(sums[1], abs=1e-9)
    assert len(split.contributions) > len(whole.contributions)


def test_all_kinds_of_contributions_are_named(small: Small) -> None:
    kinds = {one.kind for found in Explainer(small.model).explain(ARTICLE) for one in found.contributions}
    assert kinds <= set(KINDS)
    assert {"start", "stem", "subwords", "around", "surface", "place", "subject"} <= kinds


def test_what_is_told_of_words_is_all_that_is_about_words(small: Small) -> None:
    explained = Explainer(small.model).explain(ARTICLE)[1]
    about_words = sum(one.log_odds for one in explained.contributions if one.words)
    assert explained.by_word.sum(axis=0) == pytest.approx(about_words)
    assert [ARTICLE[1][start:end] for start, end in explained.spans][:3] == ["The", "ministry", "promised"]


def test_an_article_off_the_subject_takes_log_odds_off_and_never_adds_any(small: Small) -> None:
    for explained in Explainer(small.model).explain(ARTICLE):
        (doubt,) = (one for one in explained.contributions if one.kind == "subject")
        assert (doubt.log_odds <= 0).all()


def test_no_sentence_needs_no_explanation(small: Small) -> None:
    assert Explainer(small.model).explain([]) == []


def test_chosen_sentences_are_explained_as_they_are_among_all(small: Small) -> None:
    explainer = Explainer(small.model)
    (_, *whole), chosen = explainer.explain(ARTICLE), explainer.explain(ARTICLE, [1, 2])
    assert [one.log_odds.tolist() for one in chosen] == [one.log_odds.tolist() for one in whole]


@given(st.lists(st.text(max_size=60), min_size=1, max_size=7))
def test_words_alone_add_what_they_add_among_all_else(small: Small, sentences: list[str]) -> None:
    explainer = Explainer(small.model)
    alone = explainer.by_words(sentences, range(len(sentences)))
    for one, whole in zip(alone, explainer.explain(sentences), strict=True):
        assert one.by_word == pytest.approx(whole.by_word, abs=1e-9)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_words_that_decided_stand_in_the_sentence_and_add_to_a_frame_that_is_present(
    small: Small, sentences: list[str]
) -> None:
    classified = small.classifier.with_thresholds({small.model.frames[0]: 0.0}).classify("\n".join(sentences))
    for sentence, why in zip(classified, decided(classified, Explainer(small.model)), strict=True):
        assert list(why) == list(sentence.frames)
        for words in why.values():
            assert all(word in sentence.text.lower() for word in words)
            assert list(words.values()) == sorted(words.values(), reverse=True)
            assert min(words.values(), default=LEAST) >= LEAST - 1e-4
            assert len(words) <= STRONGEST


class TestCommand:
    """``framelens explain``."""

    @pytest.fixture
    def model(self, small: Small, tmp_path: Path) -> str:
        save(small.model, tmp_path / "small.npz")
        return str(tmp_path / "small.npz")

    def test_json_has_contributions_that_add_up(self, model: str) -> None:
        found = CliRunner().invoke(app, ["explain", ARTICLE[1], "--model", model, "-f", "json"])
        ((sentence,),) = (article["sentences"] for article in json.loads(found.stdout))
        for frame, score in sentence["log_odds"].items():
            assert sum(one[frame] for one in sentence["contributions"]) == pytest.approx(score)
            assert 1 / (1 + np.exp(-score)) == pytest.approx(sentence["probabilities"][frame])

    def test_html_is_escaped(self, model: str) -> None:
        found = CliRunner().invoke(
            app, ["explain", "<script>traitors</script> & they left.", "--model", model, "-f", "html"]
        )
        assert "<script" not in found.stdout
        assert "&lt;" in found.stdout

    def test_a_table_names_the_frame_that_was_asked_for(self, model: str) -> None:
        found = CliRunner().invoke(app, ["explain", ARTICLE[1], "--model", model, "--frame", "vilification"])
        assert "1. Vilification:" in found.stdout
        assert "together" in found.stdout

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (["no.txt"], "no.txt"),
            ([" "], "the text is empty"),
            ([""], "the text is empty"),
            (["They left.", "--frame", "villain"], "no frame 'villain'"),
        ],
    )
    def test_what_cannot_be_explained_is_said_in_one_line(self, model: str, given: list[str], said: str) -> None:
        found = CliRunner().invoke(app, ["explain", *given, "--model", model])
        assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
        assert said in found.stderr
