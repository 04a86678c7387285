import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from framelens.cli import app
from framelens.gold import Coding
from framelens.labels import append_codings, read_labels
from framelens.queues import Wish, queue

ARTICLES, LENGTH = 60, 10


@pytest.fixture
def corpus() -> pd.DataFrame:
    """Scores of an invented corpus without text: two outlets, two months, one frame, calls that are too many."""
    rng = np.random.default_rng(1)
    article = np.repeat(np.arange(ARTICLES), LENGTH)
    truth = rng.random(len(article)) < np.where(article % 2, 0.5, 0.1)
    chance = np.clip(0.6 * truth + 0.5 * rng.random(len(article)), 0, 1).round(6)
    return pd.DataFrame(
        {
            "article": [f"news/a{number}.txt" for number in article],
            "position": np.tile(np.arange(1, LENGTH + 1), ARTICLES),
            "frames": np.where(chance >= 0.3, "threat", ""),
            "p_threat": chance,
            "outlet": np.where(article % 2, "Quay", "Harbour"),
            "date": np.where(article < 30, "2031-01-05", "2031-02-07"),
            "truth": truth,
        }
    )


def sample_of(corpus: pd.DataFrame, rows: pd.Index | None = None, **columns: str | float) -> pd.DataFrame:
    drawn = corpus.sample(200, random_state=3) if rows is None else corpus.loc[rows]
    frames = np.where(drawn["truth"], "threat", "-")
    return drawn[["article", "position"]].assign(frames=frames, **columns)


def run(
    tmp_path: Path, corpus: pd.DataFrame, sample: pd.DataFrame, *options: str
) -> dict[str, list[dict[str, object]]]:
    found = attempt(tmp_path, corpus, sample, *options, "--json")
    assert found.exit_code == 0, found.output
    read: dict[str, list[dict[str, object]]] = json.loads(found.stdout)
    return read


def attempt(tmp_path: Path, corpus: pd.DataFrame, sample: pd.DataFrame, *options: str):  # type: ignore[no-untyped-def]
    corpus.drop(columns="truth").to_csv(tmp_path / "corpus.csv", index=False)
    sample.to_csv(tmp_path / "sample.csv", index=False)
    paths = [str(tmp_path / "corpus.csv"), "--coded", str(tmp_path / "sample.csv")]
    return CliRunner().invoke(app, ["prevalence", *paths, *options])


def test_the_interval_holds_the_share_that_counting_misses(tmp_path: Path, corpus: pd.DataFrame) -> None:
    (share,) = run(tmp_path, corpus, sample_of(corpus, selected_by="random p=200/600 seed=1"))["shares"]
    truth, corrected = corpus["truth"].mean(), share["corrected"]
    assert isinstance(corrected, dict)
    assert corrected["low"] <= truth <= corrected["high"] < share["naive"]


def test_groups_and_periods_are_contrasted_with_holms_correction(tmp_path: Path, corpus: pd.DataFrame) -> None:
    found = run(tmp_path, corpus, sample_of(corpus, selected_by="random"), "--by", "outlet,month")
    groups = [share["group"] for share in found["shares"]]
    assert groups == ["all", "Harbour · 2031-01", "Harbour · 2031-02", "Quay · 2031-01", "Quay · 2031-02"]
    assert len(found["differences"]) == 6
    contrasts = [one["contrast"] for one in found["differences"]]
    assert all(isinstance(one, dict) and one["p_holm"] >= one["p"] for one in contrasts)
    first = next(one for one in found["differences"] if one["second"] == "Quay · 2031-01")
    assert isinstance(first["contrast"], dict)
    assert first["contrast"]["difference"]["low"] > 0


def test_all_forms_of_a_corpus_give_the_same_figures(tmp_path: Path, corpus: pd.DataFrame) -> None:
    sample = sample_of(corpus, selected_by="random")
    wanted = run(tmp_path, corpus, sample)
    listed = corpus.assign(frames=[one.split() for one in corpus["frames"]])
    listed.to_parquet(tmp_path / "corpus.parquet")
    (tmp_path / "parts").mkdir()
    listed[:300].to_json(tmp_path / "parts" / "one.jsonl", orient="records", lines=True)
    listed[300:].to_parquet(tmp_path / "parts" / "two.parquet")
    for path in ("corpus.parquet", "parts"):
        command = ["prevalence", str(tmp_path / path), "--coded", str(tmp_path / "sample.csv"), "--json"]
        found = CliRunner().invoke(app, command)
        assert found.exit_code == 0, found.output
        assert json.loads(found.stdout) == wanted


def test_whole_articles_give_a_share_of_articles(tmp_path: Path, corpus: pd.DataFrame) -> None:
    drawn = [f"news/a{number}.txt" for number in range(0, ARTICLES, 3)]
    rows = corpus.index[corpus["article"].isin(drawn)]
    found = run(tmp_path, corpus, sample_of(corpus, rows, inclusion_probability=1 / 3))
    sentences, articles = found["shares"]
    assert (sentences["unit"], sentences["codings"]) == ("sentence", 200)
    assert (articles["unit"], articles["codings"], articles["units"]) == ("article", 20, ARTICLES)
    truth = corpus.groupby("article")["truth"].any().mean()
    assert isinstance(articles["corrected"], dict)
    assert articles["corrected"]["low"] <= truth <= articles["corrected"]["high"]


def test_a_table_is_printed_with_what_a_width_takes(tmp_path: Path, corpus: pd.DataFrame) -> None:
    found = attempt(tmp_path, corpus, sample_of(corpus, selected_by="random"), "--width", "0.08", "--by", "outlet")
    assert found.exit_code == 0
    assert "an interval that is 0.08 wide" in found.stdout
    assert "no share of articles" in " ".join(found.stdout.split())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"selected_by": "rare threat"}, "were not drawn at random (selected_by is 'rare threat' in 200)"),
        ({}, "does not say how its sentences were chosen"),
        ({"selected_by": "random", "frames": ""}, "row 1: frames is empty"),
        ({"selected_by": "random", "frames": "treat"}, "'treat' is no frame of"),
        ({"selected_by": "random", "position": 99}, "200 of 200 coded sentences are not in"),
        ({"selected_by": "random", "position": "x"}, "a position is not a whole number"),
        ({"inclusion_probability": 0}, "must lie above 0"),
    ],
)
def test_a_sample_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, corpus: pd.DataFrame, change: dict[str, str | float], said: str
) -> None:
    found = attempt(tmp_path, corpus, sample_of(corpus).assign(**change))
    assert found.exit_code == 1
    assert said in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_a_table_of_unknown_origin_counts_on_the_users_word(tmp_path: Path, corpus: pd.DataFrame) -> None:
    assert attempt(tmp_path, corpus, sample_of(corpus), "--drawn-at-random").exit_code == 0


def test_a_column_that_is_not_there_is_named(tmp_path: Path, corpus: pd.DataFrame) -> None:
    found = attempt(tmp_path, corpus, sample_of(corpus, selected_by="random"), "--by", "country")
    assert "no column 'country' to group by" in found.stderr


def test_no_file_at_all_is_one_line(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["prevalence", str(tmp_path / "no.csv"), "--coded", str(tmp_path / "no.csv")])
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)


class TestLabelledSet:
    """The sample is what coders were given by the queue ``random``."""

    def classified(self, data: Path, tmp_path: Path) -> Path:
        labels = read_labels(data)
        frames = labels.codebook.ids
        rows = [
            {
                "article": f"{one.article}.txt",
                "position": one.position,
                "text": one.text,
                "frames": "",
                **{f"p_{frame}": 0.8 if frame in labels.gold.get(one.id, ()) else 0.1 for frame in frames},
            }
            for one in labels.sentences
            if one.text
        ]
        pd.DataFrame(rows).to_csv(tmp_path / "corpus.csv", index=False)
        return tmp_path / "corpus.csv"

    def test_it_is_refused_where_nothing_was_drawn_at_random(self, data: Path, tmp_path: Path) -> None:
        command = ["prevalence", str(self.classified(data, tmp_path)), "--coded", str(data)]
        found = CliRunner().invoke(app, command)
        assert found.exit_code == 1
        assert "no sentence was drawn at random (selected_by is 'all'" in found.stderr

    def drawn(self, data: Path, coder: str, *, frames: frozenset[str] = frozenset()) -> None:
        labels = read_labels(data)
        for task in queue("random", Wish(labels, coder, limit=150)):
            said = labels.gold.get(task.sentence.id, frozenset()) | frames
            one = Coding(task.sentence.id, task.sentence.fingerprint, said, "1.1", task.selected_by, "2026-01-01")
            append_codings(data / "codings" / f"{coder}.csv", [one])

    def test_a_random_sample_of_it_gives_shares(self, data: Path, tmp_path: Path) -> None:
        self.drawn(data, "coder-90")
        corpus = self.classified(data, tmp_path)
        found = CliRunner().invoke(app, ["prevalence", str(corpus), "--coded", str(data), "--json"])
        assert found.exit_code == 0, found.output
        shares = json.loads(found.stdout)["shares"]
        assert [share["codings"] for share in shares] == [150] * 4
        labels = read_labels(data)
        for share in shares:
            truth = np.mean([share["frame"] in frames for frames in labels.gold.values()])
            assert share["corrected"]["low"] - 0.02 <= truth <= share["corrected"]["high"] + 0.02

    def test_undecided_sentences_of_the_sample_must_be_decided_first(self, data: Path, tmp_path: Path) -> None:
        for path in (data / "codings").glob("*.csv"):
            path.unlink()
        self.drawn(data, "coder-90")
        self.drawn(data, "coder-91", frames=frozenset({"vilification"}))
        found = CliRunner().invoke(app, ["prevalence", str(self.classified(data, tmp_path)), "--coded", str(data)])
        assert "coders differ on 150 of 150 sentences" in found.stderr

    def test_another_text_at_the_same_place_is_noticed(self, data: Path, tmp_path: Path) -> None:
        self.drawn(data, "coder-90")
        corpus = self.classified(data, tmp_path)
        table = pd.read_csv(corpus)
        table.assign(text="An invented sentence.").to_csv(corpus, index=False)
        found = CliRunner().invoke(app, ["prevalence", str(corpus), "--coded", str(data)])
        assert "is another sentence in" in found.stderr
