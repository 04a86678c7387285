import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import DATA, rows_of
from framelens.agree import NO_FRAME, Agreement, agree
from framelens.gold import ADJUDICATED, UNDONE, Coding, LabelledSet
from test_cli import failed, run


def measured(labels: LabelledSet, seed: int = 1) -> Agreement:
    return agree(labels, rng=np.random.default_rng(seed), most=400)


@pytest.fixture(scope="module")
def found(labels: LabelledSet) -> Agreement:
    return measured(labels)


def test_alpha_is_that_of_the_datasheet_and_inside_its_interval(labels: LabelledSet, found: Agreement) -> None:
    for one in found.frames:
        assert one.alpha.point == pytest.approx(labels.agreement()[one.frame])
        assert one.alpha.low < one.alpha.point < one.alpha.high
        assert one.coded_twice == len(labels.sentences)


def test_every_sentence_that_was_adjudicated_is_told_with_what_coders_said(
    labels: LabelledSet, found: Agreement
) -> None:
    assert found.differ == len(labels.current[ADJUDICATED])
    for one in found.most_disputed:
        assert one.state == "gold"
        assert len(set(one.codings.values())) > 1
        assert all(set(frames) == labels.current[coder][one.sentence].frames for coder, frames in one.codings.items())
    assert [one.disagreement for one in found.most_disputed] == sorted(
        (one.disagreement for one in found.most_disputed), reverse=True
    )


def test_open_disputes_come_before_settled_ones(labels: LabelledSet) -> None:
    some = labels.codings[ADJUDICATED][100:]
    found = measured(replace(labels, codings={**labels.codings, ADJUDICATED: some}))
    assert {one.state for one in found.most_disputed[:100]} == {"disputed"}
    assert {one.state for one in found.most_disputed[100:]} == {"gold"}


def test_one_article_gives_an_alpha_without_an_interval(labels: LabelledSet) -> None:
    of_one = {"coder-a": [{"vilification"}, set(), set()], "coder-b": [{"vilification"}, {"vilification"}, set()]}
    alpha = measured(said(labels, of_one)).frames[0].alpha
    assert 0 < alpha.point < 1
    assert alpha.shown().endswith("[undefined]")


def said(labels: LabelledSet, coder_frames: dict[str, list[set[str]]]) -> LabelledSet:
    """The set as if coders had coded its first sentences so."""
    codings = {
        coder: tuple(
            Coding(one.id, one.fingerprint, frozenset(frames), "1.1", "all", "2026-01-01")
            for one, frames in zip(labels.sentences, rows, strict=False)
        )
        for coder, rows in coder_frames.items()
    }
    return replace(labels, codings=codings)


def test_confusions_are_frames_that_stand_in_each_others_place(labels: LabelledSet) -> None:
    one = [{"vilification"}, {"vilification"}, {"vilification", "personal_testimony"}, set()]
    other: list[set[str]] = [{"return_incentive"}, {"return_incentive"}, {"vilification"}, set()]
    found = measured(said(labels, {"a": one, "b": other}))
    assert [(one.frames, one.times) for one in found.confusions] == [
        (("vilification", "return_incentive"), 2),
        (("personal_testimony", NO_FRAME), 1),
    ]


def test_coders_who_share_no_sentence_have_no_pair_and_undefined_alpha_says_why(labels: LabelledSet) -> None:
    alone = measured(said(labels, {"a": [{"vilification"}]}))
    assert alone.pairs == ()
    assert {one.why for one in alone.frames} == {"no sentence is coded by two coders"}
    same = measured(said(labels, {"a": [set()], "b": [set()]}))
    assert [one.sentences for one in same.pairs] == [1]
    assert all("nothing varies" in one.why for one in same.frames)


def test_a_coding_that_was_taken_back_does_not_count_and_the_one_before_it_stands_again(labels: LabelledSet) -> None:
    first = said(labels, {"a": [{"vilification"}]}).codings["a"][0]
    again = replace(first, frames=frozenset())
    undone = replace(first, frames=frozenset(), selected_by=UNDONE)
    taken_back = replace(labels, codings={"a": (first, again, undone)})
    assert taken_back.current["a"] == {first.sentence: first}
    assert replace(labels, codings={"a": (first, again, undone, undone, undone)}).current["a"] == {}


def test_the_command_prints_and_gives_json(data: Path) -> None:
    shown = run("agree", DATA, "--disputed", 1)
    assert "kappa of two coders" in shown.stdout
    adjudicated = rows_of(DATA / "codings" / "adjudicated.csv")
    assert f"Coders differ on {len(adjudicated)} sentences" in shown.stdout
    told = json.loads(run("agree", data, "--json").stdout)
    assert {one["frame"] for one in told["frames"]} == set(told["pairs"][0]["kappa"])
    assert run("agree", data, "--json").stdout == run("agree", data, "--json").stdout
    assert "no such folder" in failed(run("agree", "nowhere"))
