"""The timing runs from end to end, and its page says what its figures say; how fast anything is, no test asserts."""

import json
from pathlib import Path

import joblib
import numpy as np
import pytest

import bench
import contenders
from bench import RESULTS
from conftest import DATA, ROOT, Small
from corpora import documentation, practice_articles, resampled
from framelens.model import save
from latency import CHROMIUM
from speed_page import OURS, PRACTICE, SECTION, ratios, readme_section, render, segmentation_share


def test_200_sentences_are_timed_and_written_up(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, estimator = tmp_path / "m.npz", tmp_path / "m.joblib"
    save(small.model, model)
    joblib.dump(small.estimator, estimator)
    results, page, readme = tmp_path / "results.json", tmp_path / "docs" / "page.md", tmp_path / "README.md"
    readme.write_text("# framelens\n\n## Python\n", encoding="utf-8")
    # what is an extra may or may not be here; what always is, is timed
    usual = {name: make for name, make in contenders.CONTENDERS.items() if make in USUAL}
    monkeypatch.setattr(bench, "CONTENDERS", {**usual, "absent": absent})
    bench.main([200], [30, 60], 50, 1, model, estimator, results, page, readme)
    found = json.loads(results.read_bytes())
    practice, others = (found["scoring"]["rows"][: len(usual)], found["scoring"]["rows"][len(usual) :])
    for rows, text in ((practice, PRACTICE), (others, bench.DOCUMENTATION)):
        assert {(row["text"], row["name"]): len(row["seconds_a_sentence"]) for row in rows} == {
            (text, name): 1 for name in usual
        }
    assert all(row["memory"] is None or row["memory"] > 0 for row in practice)
    assert found["scoring"]["left_out"] == ["absent: not here"]
    assert [(row["sentences"], row["jobs"], row["programs"]) for row in found["corpus"]] == [
        *((1, 1, 1), (30, 1, 1), (60, 1, 1), (30, 1, 2), (60, 2, 1))
    ]
    assert all(len(found["latency"][place]) == 5 for place in ("terminal", *(["browser"] if CHROMIUM else [])))
    assert page.read_text(encoding="utf-8") == render(found)
    assert readme.read_text(encoding="utf-8") == f"# framelens\n\n{readme_section(found)}## Python\n"
    bench.main(model=model, results=results, page=page, readme=readme, only_render=True)
    assert readme.read_text(encoding="utf-8").count("## Speed") == 1


USUAL = (contenders.framelens_scores, contenders.scikit_learn, contenders.plain_tfidf)


def absent(_: contenders.Labelled) -> contenders.Scorer:
    raise ModuleNotFoundError("not here")


def test_what_is_timed_side_by_side_gives_the_same_scores(small: Small, tmp_path: Path) -> None:
    model, estimator = tmp_path / "m.npz", tmp_path / "m.joblib"
    save(small.model, model)
    joblib.dump(small.estimator, estimator)
    given = contenders.Labelled(model, estimator, [], np.zeros((0, 4), dtype=bool), [])
    articles = resampled(practice_articles(DATA), 300, rng=np.random.default_rng(1))
    texts, sizes = [text for article in articles for text in article], [len(article) for article in articles]
    ours, theirs = (make(given)(texts, sizes) for make in (contenders.framelens_scores, contenders.scikit_learn))
    assert np.abs(ours - theirs).max() < 1e-6


def test_text_to_be_timed_has_the_size_asked_for_and_words_that_nobody_wrote() -> None:
    articles = practice_articles(DATA)
    drawn = resampled(articles, 1_000, rng=np.random.default_rng(1))
    written = {text for article in articles for text in article}
    assert sum(map(len, drawn)) == 1_000
    assert 50 < sum(text not in written for article in drawn for text in article) < 150


def test_documentation_is_split_into_the_sentences_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "README.md").write_text("It installs. It runs.\n", encoding="utf-8")
    (tmp_path / "package" / "logo.png").write_bytes(b"It is not text.")
    assert documentation(tmp_path)[-1] == ["It installs.", "It runs."]
    assert len(documentation(tmp_path)) > 50  # Python's own help


def test_ratios_are_medians_of_repeats_in_turn() -> None:
    rows = [
        {"name": OURS, "text": PRACTICE, "sentences": 5, "seconds_a_sentence": [1.0, 2.0, 4.0]},
        {"name": "other", "text": PRACTICE, "sentences": 5, "seconds_a_sentence": [2.0, 8.0, 12.0]},
    ]
    assert ratios(rows, PRACTICE, 5) == {OURS: 1.0, "other": 3.0}
    split = {"bytes": 6, "bytes_a_second": {OURS: [2.0, 3.0, 6.0]}, "articles_to_csv_seconds": [6.0, 10.0, 10.0]}
    assert segmentation_share(split) == 0.2


@pytest.mark.skipif(not RESULTS.exists(), reason="make bench has not been run here")
def test_the_page_and_the_readme_say_what_was_measured() -> None:
    found = json.loads(RESULTS.read_bytes())
    assert (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8") == render(found)
    section = SECTION.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert section
    assert section.group() == readme_section(found)
