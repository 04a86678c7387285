"""The benchmarks run and say what their figures say; how good each variant is, a full run tells."""

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

import experiments
from conftest import ROOT
from embeddings import EMBEDDINGS, PACKAGE, MiniLM, Vectors, _folder
from framelens import train
from framelens.assess import gold_of
from framelens.assessment import Gold
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.train import FrameClassifier
from page import render, verdict
from variants import VARIANTS


@pytest.fixture(scope="module")
def gold(labels: LabelledSet) -> Gold:
    return experiments.some_of(gold_of(labels, "written"), 16)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(experiments, "CACHE", tmp_path)
    return tmp_path / "experiments.json"


def test_the_committed_page_is_what_the_committed_figures_say() -> None:
    if not experiments.FIGURES.exists():
        pytest.skip("nothing has been measured with the present model yet; make experiments does")
    found = json.loads(experiments.FIGURES.read_bytes())
    assert experiments.PAGE.read_text(encoding="utf-8") == render(found), (
        "run: python benchmarks/experiments.py --render"
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
    assert "| no: worse in average precision and F1, though better in calibration error" in page
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
def shipped(gold: Gold) -> FrameClassifier:
    estimator = FrameClassifier(folds=2, seed=1)
    estimator.fit(gold.table, gold.Y)
    return estimator


@pytest.mark.parametrize("name", [name for name, make in VARIANTS.items() if type(make(1)) is not FrameClassifier])
def test_each_variant_is_another_model_and_leaves_the_product_as_it_was(
    name: str, gold: Gold, shipped: FrameClassifier
) -> None:
    before = dict(vars(train))
    variant = VARIANTS[name](1).set_params(folds=2)
    proba = variant.fit(gold.table, gold.Y).predict_proba(gold.table)
    assert np.abs(proba - shipped.predict_proba(gold.table)).max() > 1e-4
    assert all(vars(train)[key] is value for key, value in before.items())


@pytest.mark.parametrize("name", [*EMBEDDINGS])
def test_embeddings_are_learned_from_and_looked_up(name: str, gold: Gold) -> None:
    texts = list(dict.fromkeys(gold.table["text"]))
    matrix = np.random.default_rng(1).normal(size=(len(texts), 8)).astype(np.float32)
    estimator = EMBEDDINGS[name](Vectors({text: place for place, text in enumerate(texts)}, matrix))
    proba = estimator.set_params(folds=2).fit(gold.table, gold.Y).predict_proba(gold.table)
    assert proba.shape == gold.Y.shape
    assert ((proba > 0) & (proba < 1)).all()


def test_the_encoder_gives_unit_vectors_that_put_like_beside_like() -> None:
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        pytest.skip("all-MiniLM-L6-v2 (90 MB) is only for benchmarks and is not installed")
    vectors = MiniLM(_folder()).encode(["A man left his country.", "Somebody emigrated.", "The soup was cold."])
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
