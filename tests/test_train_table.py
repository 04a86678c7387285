import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from conftest import rows_of
from framelens.assess import Plan
from framelens.assess_table import assess_table, gold_of_table
from framelens.errors import InputError
from framelens.labelled_table import Columns, LabelledTable, codebook_of, read_table
from framelens.model import load, override_thresholds, save
from framelens.score import Classifier
from framelens.train_table import LabelClassifier, to_label_model
from framelens.write import json_text
from test_cli import failed, run

UNSEEN = ["They called the exiles traitors.", "Zorblax!", "", "A flat and a job for whoever returns home, said 2 men."]


@pytest.fixture(scope="module")
def folder(gold_table: tuple[pd.DataFrame, NDArray[np.bool_]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 practice sentences: their frames and three labels that are rarer than folds; and one label each."""
    table, Y = gold_table
    names, place = ["enemies, traitors", "Return", "témoignage", "1"], tmp_path_factory.mktemp("tables")
    rows = np.random.default_rng(1).permutation(len(table))[:300]
    several = [[name for name, yes in zip(names, Y[row], strict=True) if yes] for row in rows]
    for number, label in enumerate(["twice", "also twice", "once"]):
        for row in range(number, 60, 40 if number < 2 else 60):
            several[row] = [*several[row], label]
    one = [labels[0] if labels else "NA" for labels in several]
    found = {"text": table["text"].iloc[rows].tolist(), "labels": ["; ".join(each) for each in several], "one": one}
    pd.DataFrame(found).to_csv(place / "t.csv", index=False)
    return place


def table_of(folder: Path, *, single: bool) -> LabelledTable:
    return read_table(folder / "t.csv", Columns("text", "one" if single else "labels", single_label=single))


@pytest.mark.parametrize("single", [False, True])
def test_the_model_file_gives_the_probabilities_and_decisions_of_the_estimator(
    single: bool, folder: Path, tmp_path: Path
) -> None:
    table = table_of(folder, single=single)
    gold, card = gold_of_table(table), {"codebook": codebook_of(table).as_dict()}
    digests = set()
    for name in ("one", "two"):
        estimator = LabelClassifier(single_label=single).fit(gold.table, gold.Y)
        digests.add(save(to_label_model(estimator, card), tmp_path / f"{name}.npz"))
    assert len(digests) == 1
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    model = load(tmp_path / "one.npz")
    texts = pd.DataFrame({"text": [*table.texts[:50], *UNSEEN]})
    proba, subject = Classifier(model).scores(texts["text"].tolist())
    assert np.abs(proba - estimator.predict_proba(texts)).max() < 1e-6
    said = estimator.predict(texts)
    assert (Classifier(model).present(proba, subject) == said).all()
    (tmp_path / "corpus").mkdir()
    # each text is an article of its own, as in the table
    rows = texts.assign(article=range(len(texts)), n=1)[["article", "n", "text"]]
    rows.to_parquet(tmp_path / "corpus" / "a.parquet")
    line = ["classify-corpus", tmp_path / "corpus", tmp_path / "out", "--model", tmp_path / "one.npz"]
    assert run(*line, "--article-column", "article", "--position-column", "n").exit_code == 0
    found = pq.read_table(tmp_path / "out" / "a.parquet")["frames"].to_pylist()
    labels = np.array(Classifier(model).frames)
    assert [set(one) for one in found] == [set(labels[one]) for one in np.asarray(said)]
    if single:
        assert proba.sum(axis=1) == pytest.approx(1)
        assert (estimator.predict(texts).sum(axis=1) == 1).all()
        with pytest.raises(InputError, match="chooses one label"):
            override_thresholds(model, {model.frames[0]: 0.5})


def test_aiming_at_micro_f1_takes_one_threshold_and_plain_argmax(folder: Path) -> None:
    several, one = (gold_of_table(table_of(folder, single=single)) for single in (False, True))
    micro = LabelClassifier(optimize="micro").fit(several.table, several.Y)
    macro = LabelClassifier(optimize="macro").fit(several.table, several.Y)
    assert len(set(micro.thresholds_)) == 1 < len(set(macro.thresholds_))
    chosen = LabelClassifier(optimize="micro", single_label=True).fit(one.table, one.Y)
    assert (chosen.predict(one.table).argmax(axis=1) == chosen.predict_proba(one.table).argmax(axis=1)).all()


@pytest.mark.parametrize("single", [False, True])
def test_a_label_that_training_has_not_seen_keeps_about_its_base_rate(single: bool, folder: Path) -> None:
    gold = gold_of_table(table_of(folder, single=single))
    absent = gold.frames.index("once" if not single else "twice") if not single else len(gold.frames) - 1
    rows = np.flatnonzero(~gold.Y[:, absent])
    fitted = LabelClassifier(single_label=single).fit(gold.table.iloc[rows], gold.Y[rows])
    assert fitted.predict_proba(gold.table)[:, absent].max() < 0.05
    assert not fitted.weight_[:, absent].any()


@pytest.mark.parametrize("single", [False, True])
def test_rare_labels_and_undefined_figures_are_named_with_the_reason(single: bool, folder: Path) -> None:
    table = table_of(folder, single=single)
    found = assess_table(table, Plan(folds=4, seed=1, jobs=1, mistakes=2, learning_curve=not single), "macro")
    cautions = {one.label: one for one in found.cautions}
    for row in found.measured.ours.figures.frames:
        if row.support < 8:
            assert row.frame in cautions
        undefined = np.isnan([row.precision.point, row.recall.point, row.f1.point, row.average_precision.point])
        assert undefined.any() == bool(row.frame in cautions and cautions[row.frame].undefined)
        assert not undefined[1:].any()
    if not single:
        assert "too rare to be cross-validated: 1 scored by models that had seen none" in cautions["once"].told
    assert np.isfinite(found.measured.ours.figures.macro.f1.low)
    plain: dict[str, Any] = json.loads(json_text(found.as_dict()))
    assert {one["label"] for one in plain["cautions"]} == set(cautions)
    assert (plain["accuracy"] is not None) == single
    assert not {"origin", "by_genre", "quiet_sentences", "held_out"} & set(plain)
    assert [one.name for one in found.measured.systems] == ["framelens", "majority", "keywords", "plain TF-IDF"]
    if single:
        assert all(
            one.figures.micro.precision.point == one.figures.micro.recall.point for one in found.measured.systems
        )


def test_evaluate_and_train_take_a_table_and_the_model_classifies(folder: Path, tmp_path: Path) -> None:
    table = ("--table", folder / "t.csv", "--labels-column", "labels")
    small = ("--folds", 2, "--no-baselines", "--errors", 1)
    first = run("evaluate", *table, *small, "--scores", tmp_path / "s.csv", "--html", tmp_path / "p.html")
    assert first.exit_code == 0, first.stderr
    assert "Labels whose figures say little" in first.stdout
    assert len(rows_of(tmp_path / "s.csv")) == 300
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "enemies, traitors" in page
    assert "False alarms" not in page
    again = json.loads(run("evaluate", *table, *small, "--compare", tmp_path / "s.csv", "--json").stdout)
    assert again["systems"][1]["gain"]["f1"]["point"] == 0
    trained = run("train", *table, "--output", tmp_path / "m.npz")
    assert trained.exit_code == 0, trained.stderr
    assert "once: too rare to be cross-validated" in trained.stdout
    shown = run("model", "show", "--model", tmp_path / "m.npz")
    assert "Trained on 300 rows of a table in 300 groups" in shown.stdout
    (tmp_path / "a.txt").write_text("They are traitors.", encoding="utf-8")
    classified = run("classify", "--model", tmp_path / "m.npz", tmp_path / "a.txt")
    assert "p_enemies_traitors" in classified.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"s.csv", "p.html", "m.npz", "m.json", "a.txt"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("evaluate", "--labels-column", "labels"), "--labels-column describes a table; name it with --table"),
        (("evaluate", "--single-label"), "--single-label describes a table"),
        (("evaluate", "--table", "T"), "--table needs --labels-column"),
        (
            ("evaluate", "--table", "T", "--labels-column", "labels", "--data", "data"),
            "--data is about the labelled set",
        ),
        (
            ("train", "--table", "T", "--labels-column", "labels", "--origin", "all"),
            "--origin is about the labelled set",
        ),
        (("train", "--table", "T", "--labels-column", "labels"), "--table needs --output"),
        (
            ("evaluate", "--table", "T", "--labels-column", "one", "--single-label", "--separator", ","),
            "--separator does not go with --single-label",
        ),
        (("evaluate", "--table", "T", "--labels-column", "one", "--folds", "100"), ""),
    ],
)
def test_options_that_do_not_go_together_are_told_in_one_line(
    arguments: tuple[str, ...], says: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "five.csv").write_text("text,labels,one\n" + "".join(f"Rain {n}.,a;b,c\n" for n in "abcde"))
    table = folder / "t.csv" if says else tmp_path / "five.csv"
    told = failed(run(*(table if one == "T" else one for one in arguments)))
    assert (says or "every row is labelled 'c'") in told
    assert told.count("\n") == 1


def test_too_few_rows_and_texts_that_share_no_word_are_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,labels\n" + "".join(f"Rain {n}.,{n}\n" for n in "abcde"), encoding="utf-8")
    told = failed(run("train", "--table", path, "--labels-column", "labels", "--output", tmp_path / "m.npz"))
    assert "5 different texts in 5 rows; 16 or more are needed" in told
    alone = "".join(f"{chr(0x4E00 + number)},{'ab'[number % 2]}\n" for number in range(20))
    path.write_text(f"text,labels\n{alone}", encoding="utf-8")
    assert "no word stands in two texts" in failed(run("evaluate", "--table", path, "--labels-column", "labels"))
