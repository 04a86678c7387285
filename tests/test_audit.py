import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framelens.audit import FEWEST_WORDS, NEAR, Finding, audit, likely_wrong, near_pairs, welch
from framelens.gold import ADJUDICATED, Coding, LabelledSentence, LabelledSet
from framelens.labels import read_labels
from framelens.segment import fingerprint
from test_cli import failed, run

FRAMES = ("vilification", "return_incentive", "personal_testimony", "historical_parallel")
Said = dict[str, dict[str, set[str]]]


def kinds(found: Sequence[Finding], kind: str) -> list[Finding]:
    return [one for one in found if one.kind == kind]


def coded(labels: LabelledSet, said: Said) -> LabelledSet:
    """The set with these codings alone: coder to sentence id to frames."""
    mark = {one.id: one.fingerprint for one in labels.sentences}
    codings = {
        coder: tuple(
            Coding(id_, mark[id_], frozenset(frames), labels.codebook.version, "all", "2026-01-01")
            for id_, frames in by_id.items()
        )
        for coder, by_id in said.items()
    }
    return replace(labels, codings=codings)


def readable(labels: LabelledSet, count: int) -> list[LabelledSentence]:
    return [one for one in labels.sentences if one.text is not None][:count]


def scores_of(labels: LabelledSet) -> dict[str, dict[str, float]]:
    """A model that is right and fairly sure."""
    return {id_: {one: 0.9 if one in frames else 0.1 for one in FRAMES} for id_, frames in labels.gold.items()}


places = st.lists(st.tuples(st.integers(0, 299), st.sampled_from(FRAMES)), min_size=1, max_size=4, unique=True)


@settings(max_examples=20)
@given(places)
def test_codings_that_were_spoilt_are_what_is_likely_wrong(labels: LabelledSet, chosen: list[tuple[int, str]]) -> None:
    some = replace(labels, sentences=tuple(readable(labels, 300)))
    scores = scores_of(some)
    gold = {one.id: set(some.gold[one.id]) for one in some.sentences}
    spoilt = {(some.sentences[place].id, frame) for place, frame in chosen}
    for id_, frame in spoilt:
        scores[id_][frame] = 0.99 if frame in gold[id_] else 0.01
        gold[id_] ^= {frame}
    found = list(likely_wrong(coded(some, {"a": gold}), scores))
    assert {one.about for one in found} == {id_ for id_, _ in spoilt}
    assert len(found) == len(spoilt)
    assert all("coded by a" in one.why and "annotate --queue audit" in one.fix for one in found)


def test_what_was_adjudicated_is_to_be_adjudicated_again(labels: LabelledSet) -> None:
    scores = scores_of(labels)
    decided = next(id_ for id_ in labels.current[ADJUDICATED] if "vilification" in labels.gold[id_])
    scores[decided]["vilification"] = 0.001
    (found,) = kinds(audit(labels, scores), "likely wrong")
    assert found.fix == f"decide anew with: framelens adjudicate --sentence {decided}"


def test_without_scores_no_gold_is_doubted(labels: LabelledSet) -> None:
    assert kinds(audit(labels), "likely wrong") == []


def restated(labels: LabelledSet, texts: Sequence[str], *, one_group: bool = False) -> tuple[LabelledSet, list[str]]:
    """The set with these texts, the first sentences of as many articles."""
    firsts = {one.article: one for one in reversed(readable(labels, 4000))}
    chosen = [
        replace(one, text=text, fingerprint=fingerprint(text))
        for one, text in zip(firsts.values(), texts, strict=False)
    ]
    articles = dict(labels.articles)
    if one_group:
        articles |= {one.article: replace(articles[one.article], group="g") for one in chosen}
    return replace(labels, sentences=tuple(chosen), articles=articles), [one.id for one in chosen]


def test_one_text_that_is_coded_differently_is_found_and_one_coded_alike_is_not(labels: LabelledSet) -> None:
    some, (one, other) = restated(labels, ["They left.", "THEY  left."])
    (found,) = kinds(audit(coded(some, {"a": {one: {"vilification"}, other: set()}})), "same text")
    assert found.sentences == (one, other)
    assert f"{one}: vilification; {other}: no frame" in found.why
    assert kinds(audit(coded(some, {"a": {one: set(), other: set()}})), "same text") == []


NEARLY = ["The ferry left the old harbour at dawn.", "The ferry left the old harbour at night.", "She sold bread."]


def test_near_duplicates_are_found_across_groups_and_not_within_one(labels: LabelledSet) -> None:
    some, ids = restated(labels, NEARLY)
    (found,) = kinds(audit(coded(some, {"a": {id_: set() for id_ in ids}})), "near duplicate")
    assert found.about == " ".join(ids[:2])
    assert "one group in articles.csv" in found.fix
    assert found.sentences == ()
    (apart,) = kinds(audit(coded(some, {"a": {ids[0]: {FRAMES[0]}, ids[1]: set()}})), "near duplicate")
    assert apart.sentences == tuple(ids[:2])
    assert kinds(audit(restated(labels, NEARLY, one_group=True)[0]), "near duplicate") == []


@given(st.lists(st.frozensets(st.sampled_from("abcdefghijkl"), max_size=12), max_size=12))
def test_no_near_pair_is_missed_and_none_is_made_up(bags: list[frozenset[str]]) -> None:
    plain = {
        (one, other)
        for other in range(len(bags))
        for one in range(other)
        if min(len(bags[one]), len(bags[other])) >= FEWEST_WORDS
        and len(bags[one] & bags[other]) / len(bags[one] | bags[other]) >= NEAR
    }
    assert {(one, other) for one, other, _ in near_pairs(bags)} == plain


def test_frames_that_nobody_or_one_coder_never_gives_are_told(labels: LabelledSet) -> None:
    ids = [one.id for one in readable(labels, 250)]
    said: Said = {"a": {id_: {FRAMES[0]} for id_ in ids}, "b": {id_: {FRAMES[1]} for id_ in ids[:20]}}
    found = kinds(audit(coded(labels, said)), "unused frame")
    assert [(one.about, one.why.split()[-1]) for one in found if one.about != "a"] == [
        (FRAMES[2], "it"),
        (FRAMES[3], "it"),
    ]
    assert [one.why for one in found if one.about == "a"] == [f"has coded 250 sentences and never given {FRAMES[1]}"]


@pytest.mark.parametrize("drifts", [True, False])
def test_a_coder_who_drifts_from_the_rest_over_time_is_told(labels: LabelledSet, drifts: bool) -> None:
    rng = np.random.default_rng(3)
    ids = [one.id for one in readable(labels, 1200)]
    rates = np.linspace(0.02, 0.5 if drifts else 0.02, len(ids))
    odd: dict[str, set[str]] = {
        id_: {FRAMES[0]} if rng.random() < rate else set() for id_, rate in zip(ids, rates, strict=True)
    }
    plain: dict[str, set[str]] = {id_: set() for id_ in ids}
    found = kinds(audit(coded(labels, {"a": plain, "b": plain, "odd": odd})), "drift")
    assert ("odd" in {one.about for one in found}) == drifts
    assert not found or found[0].about == "odd"


def test_welch_is_what_the_formula_gives() -> None:
    # means 2 and 5, variances 1 and 1, three each: 3 / sqrt(2/3)
    assert welch(np.array([1.0, 2, 3, 4, 5, 6])) == pytest.approx(3 / np.sqrt(2 / 3))
    assert welch(np.ones(6)) == 0


def test_the_command_lists_and_the_audit_queue_codes_what_it_names(data: Path) -> None:
    labels = read_labels(data)
    scores = scores_of(labels)
    settled = labels.current[ADJUDICATED]
    wrong = next(id_ for id_ in labels.gold if id_ not in settled and not labels.gold[id_])
    scores[wrong]["vilification"] = 0.99
    lines = [",".join(["sentence", *(f"p_{frame}" for frame in FRAMES)])]
    lines += [",".join([id_, *(str(row[frame]) for frame in FRAMES)]) for id_, row in scores.items()]
    path = data / "scores.csv"
    path.write_text("\n".join(lines) + "\n")
    shown = run("audit", data, "--scores", path)
    assert shown.exit_code == 0, shown.stderr
    assert "likely wrong: 1" in shown.stdout
    assert f"{wrong}\n" in shown.stdout
    told = json.loads(run("audit", data, "--scores", path, "--json").stdout)
    assert told["findings"][0]["about"] == wrong
    coder = next(coder for coder, codings in labels.current.items() if wrong in codings)
    command = ("annotate", "--coder", coder, "--data", data, "--queue", "audit", "--scores", path, "--limit", 1)
    assert f"recorded {wrong}: vilification" in run(*command, stdin=b"v\n").stdout
    assert read_labels(data).current[coder][wrong].selected_by == "audit"
    assert "without --scores" in run("audit", data).stderr
    assert "no scores of these frames" in failed(run("audit", data, "--scores", data / "articles.csv"))


def test_a_named_sentence_can_be_adjudicated_again(data: Path) -> None:
    labels = read_labels(data)
    decided = next(iter(labels.current[ADJUDICATED]))
    command = ("adjudicate", "--coder", "coder-13", "--data", data, "--sentence")
    assert "1 codings recorded" in run(*command, decided, stdin=b"h\n").stdout
    assert read_labels(data).gold[decided] == {"historical_parallel"}
    assert "no sentence 'x:01'" in failed(run(*command, "x:01", stdin=b""))
