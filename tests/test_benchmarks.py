"""The benchmarks run and say what their figures say; how good each variant is, a full run tells."""

import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from sklearn.base import clone
from typer.testing import CliRunner

import experiments
import remembered
from conftest import DATA, ROOT
from embeddings import EMBEDDINGS
from framelens import first_stage, tfidf, train
from framelens.assess import gold_of
from framelens.assessment import Gold
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.train import FrameClassifier
from minilm import PACKAGE, MiniLM, model_folder
from page import render, verdict
from remembered import Remembered
from variants import VARIANTS

VECTORS = str(DATA / "vectors")
MODULES = (first_stage, tfidf, train)


@pytest.fixture(scope="module")
def gold(labels: LabelledSet) -> Gold:
    return experiments.some_of(gold_of(labels, "written"), 16)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(remembered, "CACHE", tmp_path)
    return tmp_path / "experiments.json"


def test_the_committed_page_is_what_the_committed_figures_say() -> None:
    if not experiments.FIGURES.exists():
        pytest.skip("nothing has been measured with the present model yet; make experiments does")
    found = json.loads(experiments.FIGURES.read_bytes())
    assert experiments.PAGE.read_text(encoding="utf-8") == experiments.page_of(found), (
        "run: python benchmarks/experiments.py --render"
    )


def test_the_page_says_whether_the_model_has_learned_from_other_sentences_since() -> None:
    found = json.loads(experiments.FIGURES.read_bytes())
    same = {key: found[key] for key in ("sentences", "articles", "fingerprint")}
    assert "has grown since" not in render(found, learned=same)
    assert "1,234,567 gold sentences of 89 articles" in render(
        found, learned={"sentences": 1234567, "articles": 89, "fingerprint": "0" * 64}
    )


def test_a_run_goes_on_where_it_stopped_and_other_sentences_are_measured_anew(
    gold: Gold, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiments.run(gold, 2, path, ["majority"], jobs=1)
    first = path.read_bytes()
    shipped, majority = json.loads(first)["rows"]
    assert (shipped["name"], majority["name"], shipped["difference"]) == ("shipped", "majority", None)
    assert majority["difference"]["average_precision"]["high"] < 0
    page = render(json.loads(first))
    assert f"{majority['difference']['average_precision']['point']:.3f} [" in page
    assert "| for comparison; worse in average precision and F1, though better in calibration error" in page
    monkeypatch.setattr(experiments, "out_of_fold", lambda *_, **__: pytest.fail("measured twice"))
    experiments.run(gold, 2, path, ["majority"], jobs=1)
    assert path.read_bytes() == first
    path.unlink()
    experiments.run(gold, 2, path, ["majority"], jobs=1)
    assert path.read_bytes() == first, "scores that were kept give the same figures"
    with pytest.raises(pytest.fail.Exception, match="measured twice"):
        experiments.run(experiments.some_of(gold, 12), 2, path, ["majority"], jobs=1)


def interval(low: float | None, high: float | None) -> dict[str, float | None]:
    return {"point": 0.0, "low": low, "high": high}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "no: no difference shown"),
        ({"f1": interval(0.01, 0.02)}, "yes: better in F1"),
        ({"calibration_error": interval(-0.02, -0.01)}, "yes: better in calibration error"),
        ({"calibration_error": interval(0.01, 0.02)}, "no: worse in calibration error"),
        (
            {"f1": interval(0.01, 0.02), "false_alarms": interval(1, 2)},
            "no: worse in false alarms, though better in F1",
        ),
        ({"f1": interval(None, None)}, "no: no difference shown"),
    ],
)
def test_what_is_kept_follows_from_the_intervals(changed: dict[str, Any], says: str) -> None:
    even = dict.fromkeys(("average_precision", "f1", "calibration_error", "false_alarms"), interval(-0.1, 0.1))
    assert verdict({**even, **changed}) == says


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache that the variants share, since it is there for that."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remembered, "CACHE", folder)
        yield folder


@pytest.fixture(scope="module")
def shipped(gold: Gold, kept: Path) -> Remembered:  # noqa: ARG001  # what it learns is put there
    estimator = Remembered(folds=2, seed=1, vectors=VECTORS)
    estimator.fit(gold.table, gold.Y)
    return estimator


def test_what_is_remembered_changes_no_score_and_goes_by_all_it_depends_on(
    gold: Gold, shipped: Remembered, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = FrameClassifier(folds=2, seed=1, vectors=VECTORS).fit(gold.table, gold.Y)
    assert (usual.predict_proba(gold.table) == shipped.predict_proba(gold.table)).all()
    files = sorted(kept.iterdir())
    again = Remembered(folds=2, seed=1, vectors=VECTORS, context_c=1).fit(gold.table, gold.Y)
    assert sorted(kept.iterdir()) == files, "another second stage needs no new first stage"
    assert (again.predict_proba(gold.table) != shipped.predict_proba(gold.table)).any()
    monkeypatch.setattr(FrameClassifier, "_learn_words", lambda *_: pytest.fail("learned anew"))
    for other in ({"own_c": 1.0}, {"folds": 3}):
        with pytest.raises(pytest.fail.Exception, match="learned anew"):
            clone(shipped).set_params(**other).fit(gold.table, gold.Y)
    with pytest.raises(pytest.fail.Exception, match="learned anew"):
        clone(shipped).fit(gold.table.assign(text=gold.table["text"] + "!"), gold.Y)


@pytest.mark.parametrize("name", [*VARIANTS])
def test_each_variant_is_another_model_and_leaves_the_product_as_it_was(
    name: str, gold: Gold, shipped: Remembered
) -> None:
    before = [dict(vars(module)) for module in MODULES]
    variant = VARIANTS[name](seed=1, vectors=VECTORS).set_params(folds=2)
    proba = variant.fit(gold.table, gold.Y).predict_proba(gold.table)
    assert np.abs(proba - shipped.predict_proba(gold.table)).max() > 1e-4
    for module, names in zip(MODULES, before, strict=True):
        assert all(vars(module)[key] is value for key, value in names.items())


@pytest.mark.parametrize("name", [*EMBEDDINGS])
@pytest.mark.usefixtures("kept")
def test_embeddings_are_learned_from_and_looked_up(name: str, gold: Gold) -> None:
    estimator = EMBEDDINGS[name](folds=2, seed=1, sentence_vectors=VECTORS)
    proba = estimator.fit(gold.table, gold.Y).predict_proba(gold.table)
    assert proba.shape == gold.Y.shape
    assert ((proba > 0) & (proba < 1)).all()
    with pytest.raises(InputError, match="1 of 1 sentences are not encoded"):
        estimator.predict_proba(gold.table.iloc[:1].assign(text="A sentence that nobody has encoded."))


def test_the_encoder_gives_unit_vectors_that_put_like_beside_like() -> None:
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        pytest.skip("all-MiniLM-L6-v2 (90 MB) is only for benchmarks and is not installed")
    vectors = MiniLM(model_folder()).encode(["A man left his country.", "Somebody emigrated.", "The soup was cold."])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_a_trial_does_not_overwrite_the_figures_and_an_unknown_variant_is_told(gold: Gold, path: Path) -> None:
    program = typer.Typer()
    program.command()(experiments.main)
    result = CliRunner().invoke(program, ["--articles", "20"])
    assert result.exit_code == 1
    assert "name other files" in result.stderr
    with pytest.raises(InputError, match="unknown variant 'magic'; there are shipped, majority"):
        experiments.run(gold, 2, path, ["magic"])


def test_figures_and_page_stand_where_the_repository_has_them() -> None:
    assert experiments.FIGURES == ROOT / "benchmarks" / "experiments.json"
