import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framelens.agreement import krippendorff_alpha
from framelens.assess import Plan, assess, gold_of
from framelens.assessment import Assessment, Gold
from framelens.baselines import Majority, PlainTfidf
from framelens.beside import beside
from framelens.errors import InputError
from framelens.evaluate import OutOfFold
from framelens.gold import LabelledSet
from framelens.held_out import read_scores, write_scores
from framelens.write import json_text

PLAN = Plan(folds=2, seed=1, jobs=1)


@pytest.fixture(scope="module")
def gold(labels: LabelledSet) -> Gold:
    """Some articles, spread over all."""
    return some_of(gold_of(labels, "written"), 72)


@pytest.fixture(scope="module")
def assessment(gold: Gold) -> Assessment:
    return assess(gold, PlainTfidf(folds=2, seed=7), replace(PLAN, learning_curve=True, mistakes=3), origin="written")


def some_of(gold: Gold, groups: int) -> Gold:
    """Sentences of so many groups, spread over all."""
    names = gold.table["group"].unique()
    rows = np.flatnonzero(gold.table["group"].isin(names[:: len(names) // groups][:groups]))
    return replace(gold, table=gold.table.iloc[rows], Y=gold.Y[rows])


def test_gold_is_in_article_order_with_all_that_is_known_of_its_articles(labels: LabelledSet) -> None:
    gold = gold_of(labels, "all")
    assert len(gold.table) == len(gold.Y) == sum(one.text is not None for one in labels.sentences)
    assert set(gold.table["origin"]) == {"written"}
    assert gold.table["article"].nunique() == (gold.table["article"] != gold.table["article"].shift()).sum()
    assert all(0.9 < alpha < 1 for alpha in gold.coders_alpha.values())
    first = gold.table["sentence"].iloc[0]
    assert {frame for frame, there in zip(gold.frames, gold.Y[0], strict=True) if there} == labels.gold[first]


def test_ours_stands_first_and_gains_over_what_knows_less(assessment: Assessment) -> None:
    assert [one.name for one in assessment.systems] == ["framelens", "majority", "keywords", "plain TF-IDF"]
    assert assessment.ours.gain is None
    for one in assessment.systems[1:3]:
        assert one.gain
        assert one.gain.average_precision.low > 0
        ours = assessment.ours.figures.macro.average_precision.point
        assert one.gain.average_precision.point == pytest.approx(ours - one.figures.macro.average_precision.point)


def test_a_model_gains_nothing_over_itself(gold: Gold, assessment: Assessment) -> None:
    plan = replace(PLAN, baselines=False)
    again = assess(gold, PlainTfidf(folds=2, seed=7), plan, others={"same.csv": assessment.held_out})
    assert [one.name for one in again.systems] == ["framelens", "same.csv"]
    assert again.systems[1].gain
    assert again.systems[1].gain.f1.high == again.systems[1].gain.f1.low == 0


def test_the_same_seed_gives_the_same_figures_and_progress_counts_every_fit(gold: Gold, assessment: Assessment) -> None:
    told: list[tuple[int, int]] = []
    plan = replace(PLAN, learning_curve=True, mistakes=3)
    again = assess(
        gold,
        PlainTfidf(folds=2, seed=7),
        plan,
        origin="written",
        progress=lambda done, of: told.append((done, of)),
    )
    assert json_text(again.as_dict()) == json_text(assessment.as_dict())
    assert told == [(one, len(told)) for one in range(1, len(told) + 1)]


def test_agreement_with_gold_is_krippendorffs_alpha_below_that_of_coders(gold: Gold, assessment: Assessment) -> None:
    for place, one in enumerate(assessment.frames):
        codes = np.stack([gold.Y[:, place], assessment.held_out.present[:, place]]).astype(float)
        assert one.alpha.point == pytest.approx(krippendorff_alpha(codes))
        assert one.alpha.low < one.alpha.point < one.alpha.high < one.coders_alpha
        assert one.calibration_error.point > 0


def test_false_alarms_are_counted_on_frameless_sentences_of_other_subjects(gold: Gold, assessment: Assessment) -> None:
    quiet = [
        called.any()
        for called, there, on in zip(assessment.held_out.present, gold.Y, gold.table["on_subject"], strict=True)
        if not on and not there.any()
    ]
    assert assessment.quiet_sentences == len(quiet)
    worst = max(one.point for one in assessment.ours.false_alarms)
    assert worst <= 1000 * sum(quiet) / len(quiet) <= sum(one.point for one in assessment.ours.false_alarms)
    assert all(one.point == 0 for one in assessment.systems[1].false_alarms)


def test_more_articles_teach_more_and_too_few_are_undefined(assessment: Assessment) -> None:
    assert [one.share for one in assessment.learning] == [0.125, 0.25, 0.5, 1.0]
    first, *_, half, whole = assessment.learning
    assert np.isnan(first.f1.point)
    assert half.average_precision.point < whole.average_precision.point
    assert half.articles == pytest.approx(whole.articles / 2, rel=0.05)
    assert whole.f1 == assessment.ours.figures.macro.f1


def test_mistakes_are_wrong_and_the_most_confident_stand_first(gold: Gold, assessment: Assessment) -> None:
    place = {sentence: row for row, sentence in enumerate(gold.table["sentence"])}
    assert [one.kind for one in assessment.mistakes] == ["false alarm"] * 3 + ["missed"] * 3
    for one in assessment.mistakes:
        row, column = place[one.sentence], gold.frames.index(one.frame)
        assert gold.Y[row, column] == (one.kind == "missed")
        assert one.text == gold.table["text"].iloc[row]
    confidences = [one.confidence for one in assessment.mistakes]
    assert confidences == sorted(confidences[:3], reverse=True) + sorted(confidences[3:], reverse=True)


def test_parts_add_up_and_what_is_undefined_is_null(assessment: Assessment) -> None:
    assert sum(one.sentences for one in assessment.by_genre.values()) == assessment.sentences
    assert set(assessment.by_origin) == {"written"}
    plain = json.loads(json_text(assessment.as_dict()))
    assert plain["systems"][1]["figures"]["macro"]["precision"]["point"] is None
    assert plain["learning"][0]["f1"]["point"] is None
    assert "held_out" not in plain


def test_scores_come_back_from_their_file(gold: Gold, assessment: Assessment, tmp_path: Path) -> None:
    write_scores(tmp_path / "scores.csv", gold, assessment.held_out)
    back = read_scores(tmp_path / "scores.csv", gold)
    assert (back.present == assessment.held_out.present).all()
    assert np.abs(back.proba - assessment.held_out.proba).max() < 1e-6


def test_two_models_are_compared_on_the_sentences_that_both_were_tested_on(
    gold: Gold, assessment: Assessment, tmp_path: Path
) -> None:
    said, path = assessment.held_out, tmp_path / "scores.csv"
    write_scores(path, gold, OutOfFold(said.proba, ~said.present))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[40:]]), encoding="utf-8")
    found = beside(gold, said, path, seed=1)
    assert found is not None
    assert found.old.sentences == found.new.sentences == len(gold.Y) - 39
    assert found.change.f1.point == pytest.approx(found.new.macro.f1.point - found.old.macro.f1.point)
    assert found.change.f1.low > 0
    assert found.change.average_precision.point == pytest.approx(0, abs=1e-5)
    for text in ("", lines[0], "no,scores\n1,2\n"):
        path.write_text(text, encoding="utf-8")
        assert beside(gold, said, path, seed=1) is None
    path.unlink()
    assert beside(gold, said, path, seed=1) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "no scores of these frames"),
        ("", "gold sentences have no scores"),
        ("sentence,gold,frames,p_vilification\nw1-05:01,,,0.5\n", "no scores of these frames"),
        (None, "cannot be read: no such file"),
        (b"\xff\xfe", "no scores of these frames"),
    ],
)
def test_scores_that_do_not_fit_are_told(text: str | bytes | None, says: str, gold: Gold, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=says):
        read_scores(path, gold)


def test_too_little_gold_is_told_before_anything_is_trained(gold: Gold) -> None:
    with pytest.raises(InputError, match="12 coded articles with text; 16 or more are needed"):
        assess(some_of(gold, 12), Majority(), PLAN)
    with pytest.raises(InputError, match="100 or more are needed"):
        assess(some_of(gold, 16), Majority(), replace(PLAN, folds=100))
    rare = gold.Y.copy()
    rare[5:, 1] = False
    with pytest.raises(InputError, match="'return_incentive' is on "):
        assess(replace(gold, Y=rare), Majority(), PLAN)
    narrow = gold.Y.copy()
    narrow[:, 1] = gold.table["group"].isin(gold.table["group"].unique()[:3])
    with pytest.raises(InputError, match="'return_incentive' is in 3 articles"):
        assess(replace(gold, Y=narrow), Majority(), PLAN)
