import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from conftest import DATA, ROOT, SAMPLES, rows_of
from framelens.abstain import Abstention, bought
from framelens.card import shown
from framelens.classified import read_classified, read_withheld
from framelens.cli import app
from framelens.errors import InputError
from framelens.gold import LabelledSet
from framelens.measures import certainty, most_certain
from framelens.model import load, shipped_path
from framelens.queues import Wish, queue
from framelens.score import ClassifiedSentence

ARTICLE = SAMPLES / "welcome-home.txt"
FIGURES = ROOT / "models" / "figures.json"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def table(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout, newline="")))


def sentences(chances: Sequence[tuple[float, bool]]) -> list[ClassifiedSentence]:
    return [
        ClassifiedSentence(place, 0, 1, "x", 0.0, ("a",) if there else (), {"a": chance, "b": 0.0})
        for place, (chance, there) in enumerate(chances, start=1)
    ]


decisions = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


@given(decisions, st.floats(0, 1))
def test_what_is_kept_is_the_most_certain_part_as_on_the_coverage_curve(
    chances: list[tuple[float, bool]], below: float
) -> None:
    given_ = sentences(chances)
    abstention = Abstention(below)
    kept, certain = abstention.apply(given_)
    proba, present = np.array([[p, 0.0] for p, _ in chances]), np.array([[there, False] for _, there in chances])
    if chances:
        assert certain.tolist() == certainty(proba, present).tolist()
        order = most_certain(proba, present)[0]
        assert sorted(order[: len(chances) - abstention.withheld]) == np.flatnonzero(certain >= below).tolist()
    assert abstention.sentences == len(chances)
    assert [one.frames for one in kept] == [
        one.frames if sure >= below else () for one, sure in zip(given_, certain, strict=True)
    ]
    assert [one.probabilities for one in kept] == [one.probabilities for one in given_]


def test_nothing_is_withheld_below_0_and_the_rest_of_the_output_stays() -> None:
    plain, asked = table(run("classify", SAMPLES)), table(run("classify", SAMPLES, "--abstain-below", 0))
    assert {row.pop("abstained") for row in asked} == {"False"}
    assert all(0 <= float(row.pop("certainty")) <= 1 for row in asked)
    assert asked == plain


def test_withheld_sentences_have_no_frames_in_every_format(tmp_path: Path) -> None:
    for ending in ("csv", "jsonl", "parquet"):
        result = run("classify", ARTICLE, "--abstain-below", 0.75, "--voice", "-o", tmp_path / f"a.{ending}")
        assert result.exit_code == 0
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == pq.read_table(tmp_path / "a.parquet").to_pylist()
    rows = rows_of(tmp_path / "a.csv")
    assert list(rows[0])[5:10] == ["quoted", "frames", "speaker", "certainty", "abstained"]
    assert [row["abstained"] == "True" for row in rows] == [one["abstained"] for one in lines]
    assert all(one["abstained"] is (one["certainty"] < 0.75) for one in lines)
    assert {bool(one["frames"]) for one in lines if one["abstained"]} == {False}
    assert "withheld" in run("classify", ARTICLE, "--abstain-below", 0.75, "-f", "table").stdout


def test_a_corpus_is_withheld_as_its_articles_are(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    text = ARTICLE.read_text(encoding="utf-8").split("---")[-1]
    (tmp_path / "in" / "a.jsonl").write_text(json.dumps({"text": text}) + "\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    result = run("classify-corpus", tmp_path / "in", tmp_path / "out", "--abstain-below", 0.75, "--jobs", 1, "--json")
    assert result.exit_code == 0
    one = run("classify", tmp_path / "a.txt", "--abstain-below", 0.75, "-f", "jsonl")
    names = ("text", "frames", "certainty", "abstained")
    found, wanted = (
        [{name: json.loads(line)[name] for name in names} for line in lines.splitlines()]
        for lines in ((tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8"), one.stdout)
    )
    assert found == wanted
    assert json.loads(result.stdout)["withheld"] == sum(row["abstained"] for row in wanted) > 0
    assert result.stderr == one.stderr


def test_the_message_counts_what_is_withheld_and_tells_the_measured_figures() -> None:
    result = run("classify", ARTICLE, "--abstain-below", 0.75, "-f", "csv")
    rows = table(result)
    withheld = sum(row["abstained"] == "True" for row in rows)
    assert f"{withheld} of {len(rows)} sentences" in result.stderr
    curve = {one["coverage"]: shown(one["macro_f1"]) for one in json.loads(FIGURES.read_text())["coverage"]}
    nearest = min(curve, key=lambda coverage: abs(coverage - 1 + withheld / len(rows)))
    assert f"{curve[nearest]} on the most certain {nearest:.0%}" in result.stderr
    assert f"{curve[1.0]} on all" in result.stderr


def test_figures_of_another_model_and_other_thresholds_say_nothing(tmp_path: Path) -> None:
    card = load(shipped_path()).card
    figures = json.loads(FIGURES.read_text())
    (tmp_path / "other.json").write_text(json.dumps({**figures, "fingerprint": "0"}), encoding="utf-8")
    assert "not known" not in bought(card, FIGURES, 0.5)
    for path in (tmp_path / "other.json", tmp_path / "none.json", DATA / "codebook.toml"):
        assert "not known" in bought(card, path, 0.5)
    changed = run("classify", ARTICLE, "--abstain-below", 0.5, "--threshold", "vilification=0.2", "-f", "csv")
    assert "not known with other thresholds" in changed.stderr


def test_withheld_sentences_are_coded_the_least_certain_first(labels: LabelledSet) -> None:
    some = [one for one in labels.sentences if one.text is not None][5:9]
    wish = Wish(labels, "coder-13", withheld=[one.fingerprint for one in reversed(some)] + ["0" * 16])
    tasks = queue("abstained", wish)
    assert [task.sentence for task in tasks] == some[::-1]
    assert {task.selected_by for task in tasks} == {"abstained"}


def test_what_classify_withheld_is_coded_once_its_article_is_in_the_set(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = table(run("classify", ARTICLE, "--abstain-below", 0.75, "-f", "csv"))
    assert run("classify", ARTICLE, "--abstain-below", 0.75, "-o", path).exit_code == 0
    texts = read_withheld(path)
    doubtful = sorted((row for row in rows if row["abstained"] == "True"), key=lambda row: float(row["certainty"]))
    assert texts == [row["text"] for row in doubtful]
    line = ("annotate", "--coder", "me", "--data", data, "--queue", "abstained", "--classified", path)
    assert "add their articles" in run(*line).stderr
    assert run("add", ARTICLE, "--data", data).exit_code == 0
    done = CliRunner().invoke(app, [str(one) for one in line], input=b" " * len(texts))
    assert done.exit_code == 0
    positions = [f"welcome-home:{int(row['position']):02d}" for row in doubtful]
    assert [row["sentence_id"] for row in rows_of(data / "codings" / "me.csv")] == positions


def test_a_share_is_not_measured_on_withheld_frames(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert run("classify", ARTICLE, "--abstain-below", 0.75, "-o", path).exit_code == 0
    with pytest.raises(InputError, match="withheld"):
        read_classified(path)


@pytest.mark.parametrize("text", ["text,certainty\nx,1\n", "text,certainty,abstained\nx,high,True\n"])
def test_a_file_without_withheld_sentences_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.csv"):
        read_withheld(path)
    missing = run("annotate", "--coder", "me", "--data", DATA, "--queue", "abstained")
    assert "--classified" in missing.stderr


def test_summarize_says_how_much_of_each_frame_is_quoted() -> None:
    rows = table(run("classify", ARTICLE))
    (row,) = table(run("summarize", ARTICLE, "--voice", "-f", "csv"))
    for frame in ("vilification", "return_incentive", "historical_parallel"):
        carrying = [one for one in rows if frame in one["frames"].split()]
        quoted = sum(float(one["quoted"]) >= 0.5 for one in carrying)
        assert row[f"quoted_{frame}"] == (str(round(quoted / len(carrying), 6)) if carrying else "")
    assert float(row["quoted"]) == pytest.approx(sum(float(one["quoted"]) >= 0.5 for one in rows) / len(rows), abs=1e-6)
    assert not any(name.startswith("quoted") for name in table(run("summarize", ARTICLE, "-f", "csv"))[0])
