import csv
import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import SAMPLES, SOURCES, Small, needs_sources, resampled, rows_of
from framelens.model import load as load_model
from framelens.model import save, shipped_path
from framelens.score import load
from framelens.streamed import ClassifiedArticle, Columns, read_corpus
from framelens.survey import survey
from framelens.tally import LISTED
from framelens.telling import MOST, MOST_OF_ARTICLE, Surest
from test_cli import FRAMES, failed, run
from test_report import Tags

HOSTILE = "<b onclick=x>The & 'Quay'</b>"


def page(*arguments: object) -> str:
    result = run("report", *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def without_tags(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


@pytest.fixture(scope="module")
def samples() -> str:
    return page(SAMPLES)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of invented articles with hostile outlets, classified as a table whose rows are articles."""
    rows = resampled(400, seed=5).to_pylist()
    articles: dict[str, list[str]] = {}
    for row in rows:
        articles.setdefault(row["article_id"], []).append(row["text"])
    folder = tmp_path / "corpus"
    folder.mkdir()
    with (folder / "a.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "date", "outlet"])
        for place, texts in enumerate(articles.values()):
            writer.writerow(["\n".join(texts), f"2026-{place % 12 + 1:02}-01", HOSTILE])
    assert run("classify-corpus", folder, tmp_path / "frames", "--jobs", 1).exit_code == 0
    return tmp_path / "frames"


def test_the_page_stands_alone_and_every_plot_has_its_words_and_table(samples: str) -> None:
    tags = Tags()
    tags.feed(samples)
    assert tags.open == []
    assert not {"script", "link", "img", "iframe"} & set(tags.tags)
    assert len(tags.ids) == len(set(tags.ids))
    assert not re.search(r"@import|url\(|href|https?:", samples)
    assert tags.tags.count("svg") == tags.tags.count("figcaption") == 8
    assert len(re.findall(r'<svg class="chart" role="img" aria-label="[^"]{20,}"', samples)) == 8
    assert len(re.findall(r"</figure>\n<div class=\"wide\"[^>]*>\n<table>", samples)) == 8


def test_the_page_tells_what_was_read_how_and_how_far_to_trust_it(samples: str) -> None:
    told = without_tags(samples)
    shipped = load_model(shipped_path())
    learned = shipped.card["data"]
    counted = csv.DictReader(io.StringIO(run("summarize", SAMPLES, "--format", "csv").stdout))
    letters = next(row for row in counted if row["article"].endswith("quay.md"))
    shares = " ".join(f"{float(letters[f'share_{frame}']):.1%}" for frame in FRAMES)
    for part in (
        "articles 3",
        "2026-03-02 to 2026-05-06",
        "Counted by the model, with its errors",
        "Such counts are biased by the errors of the model",
        f"letters-from-the-quay.md 12 {shares}",
        f"{learned['sentences']:,} gold sentences of {learned['articles']} articles",
        f"vilification {shipped.thresholds[0]:.2f}",
        "Cite: The framelens authors (2026). framelens",
    ):
        assert part in told, part
    assert "<mark" in samples
    assert "“deserters” +" in samples


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_what_classify_wrote_gives_the_same_page(samples: str, ending: str, tmp_path: Path) -> None:
    written = tmp_path / f"sentences.{ending}"
    assert run("classify", SAMPLES, "--output", written).exit_code == 0
    counted = page(written).replace(str(written), str(SAMPLES))
    assert counted.split("<h2>Method")[0] == samples.split("<h2>Method")[0]


def test_text_of_a_corpus_is_escaped_and_its_groups_are_counted(corpus: Path) -> None:
    text = page(corpus)
    Tags().feed(text)
    assert "&lt;b onclick=x&gt;The &amp; &#x27;Quay&#x27;&lt;/b&gt;" in text
    assert "<b onclick" not in text
    rows = rows_of(corpus / "a.csv")
    assert f"sentences {len(rows):,} sentences with a frame" in without_tags(text)
    shares = [sum(frame in row["frames"].split() for row in rows) / len(rows) for frame in FRAMES]
    assert " ".join(f"{share:.1%}" for share in shares) in without_tags(text.split("By outlet")[1])


def test_a_coded_sample_gives_the_intervals_of_prevalence(corpus: Path, tmp_path: Path) -> None:
    rows = rows_of(corpus / "a.csv")[::3]
    with (tmp_path / "coded.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["article", "position", "frames", "inclusion_probability"])
        writer.writerows([row["article"], row["position"], row["frames"] or "-", 0.33] for row in rows)
    shares = json.loads(run("prevalence", corpus, "--coded", tmp_path / "coded.csv", "--json").stdout)["shares"]
    text = without_tags(page(corpus, "--coded", tmp_path / "coded.csv"))
    for one in shares:
        known = one["corrected"]
        assert f"{one['naive']:.3f}" in text
        assert f"{known['point']:.3f} [{known['low']:.3f}, {known['high']:.3f}]" in text
    assert "Such counts are biased" not in text
    straight = without_tags(page(corpus.parent / "corpus" / "a.csv", "--coded", tmp_path / "coded.csv"))
    assert straight.split("coded sample alone")[1][:200] == text.split("coded sample alone")[1][:200]


def test_rows_that_are_sentences_keep_the_names_of_their_columns(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    rows = resampled(300, seed=1)
    pq.write_table(rows.append_column("article", pa.array(["x"] * len(rows))), tmp_path / "in" / "a.parquet")
    options = ("--article-column", "article_id", "--position-column", "position", "--jobs", 1)
    assert run("classify-corpus", tmp_path / "in", tmp_path / "out", *options).exit_code == 0
    told = without_tags(page(tmp_path / "out"))
    assert "Rows of the corpus are sentences." in told
    assert "does not tell what stands inside quotation marks" in told


def test_scores_of_another_model_are_not_explained_by_this_one(corpus: Path, small: Small, tmp_path: Path) -> None:
    save(small.model, tmp_path / "small.npz")
    text = page(corpus, "--model", tmp_path / "small.npz")
    assert "Another model than the one at hand" in text
    assert "<mark" not in text
    assert "No figures of the model" in text


def test_a_corpus_without_its_text_has_no_telling_sentences_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text("text\nThey called the emigrants traitors.\n", encoding="utf-8")
    assert run("classify-corpus", tmp_path / "in", tmp_path / "out", "--no-text", "--jobs", 1).exit_code == 0
    assert "classified without its text" in page(tmp_path / "out")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("article,position,frames,p_x\n", "holds no sentences"),
        ("article,position,frames,p_x\na,1,,high\n", "not all of them are numbers"),
        ("article,position,frames,p_x\na,1,,7\n", "not between 0 and 1"),
        ("position,frames,p_x\n1,,0.5\n", "no column 'article'"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_in_one_line(content: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    line = failed(run("report", tmp_path / "a.csv"))
    assert says in line
    assert line.count("\n") == 1


def test_articles_without_text_count_as_read_but_carry_no_share(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,They called the emigrants traitors.\n2,\n", encoding="utf-8")
    told = without_tags(page(tmp_path / "a.csv"))
    assert "articles 2 articles without text 1 sentences 1" in told
    assert "Vilification 1 100.0% 1 100.0%" in told


def test_classified_files_are_given_one_at_a_time_and_a_damaged_card_is_told(corpus: Path) -> None:
    assert "give one file or folder" in failed(run("report", corpus, SAMPLES))
    (corpus / "_framelens.json").write_text("[]")
    assert "damaged" in failed(run("report", corpus))


def fabricated(folder: Path, partitions: int, articles: int = 500, sentences: int = 25) -> Path:
    """Partitions with made-up scores; their texts are numbers."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    for number in range(partitions):
        count = articles * sentences
        proba = rng.random((count, len(FRAMES)))
        called = [[frame for frame, chance in zip(FRAMES, row, strict=True) if chance > 0.7] for row in proba]
        table = {
            "article": np.repeat([f"{number}-{place}" for place in range(articles)], sentences),
            "position": np.tile(np.arange(1, sentences + 1), articles),
            "text": [f"Sentence {number} {place} of many that were made up." for place in range(count)],
            "quoted": rng.random(count),
            "frames": called,
            **{f"p_{frame}": proba[:, place] for place, frame in enumerate(FRAMES)},
            "date": np.repeat([f"20{10 + place % 16}-{place % 12 + 1:02}-01" for place in range(articles)], sentences),
            "outlet": np.repeat([f"Outlet {place % 70}" for place in range(articles)], sentences),
        }
        pq.write_table(pa.table(table), folder / f"part-{number}.parquet")
    return folder


def test_a_corpus_of_100_000_sentences_makes_a_page_under_3_mb(tmp_path: Path) -> None:
    text = page(fabricated(tmp_path / "frames", 8))
    assert "sentences 100,000" in without_tags(text)
    assert len(text.encode()) < 3 * 2**20
    assert "(all others)" in text
    assert text.count("<tr>") < 400


def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    fabricated(tmp_path / "frames", 4, articles=200)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "part-0.parquet").write_bytes((tmp_path / "frames" / "part-0.parquet").read_bytes())
    classifier, peaks = load(), []
    for folder in ("one", "one", "frames"):  # the first run fills caches
        tracemalloc.start()
        survey(read_corpus(tmp_path / folder, Columns()), classifier, "")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.5 * peaks[1]


def articles_of(texts: list[list[str]]) -> Iterator[ClassifiedArticle]:
    for place, each in enumerate(texts):
        proba = np.linspace(0.5, 0.9, len(each))[:, None]
        yield ClassifiedArticle(f"a{place}", each, proba, proba >= 0.5, None, "", "")


def test_telling_sentences_are_of_several_articles_and_no_reprints() -> None:
    surest = Surest(["x"])
    same = "The ministry promised every engineer who comes home a flat and a job."
    for one in articles_of([[f"Invented sentence {n} {m}." * (m + 1) for m in range(9)] for n in range(3)]):
        surest.add(one)
    for one in articles_of([[same], [f"{same} Again."], [same.replace("flat", "house")]]):
        surest.add(one)
    (kept,) = surest.kept.values()
    assert len(kept) <= MOST
    assert [one.probability for one in kept] == sorted((one.probability for one in kept), reverse=True)
    names = [one.article.name for one in kept]
    assert max(names.count(name) for name in names) <= MOST_OF_ARTICLE
    assert sum("ministry" in one.text for one in kept) <= 1


def test_few_articles_are_listed_one_by_one_and_many_by_classes(tmp_path: Path) -> None:
    for place in range(LISTED + 1):
        (tmp_path / f"{place:02}.txt").write_text("They left. It rained.", encoding="utf-8")
    assert "over 75% to 100%" in page(tmp_path)
    (tmp_path / "00.txt").unlink()
    assert "over 75% to 100%" not in page(tmp_path)


@needs_sources
def test_the_two_source_articles_make_a_page(tmp_path: Path) -> None:
    output = tmp_path / "report.html"
    assert run("report", *sorted(SOURCES.glob("*.txt")), "--output", output).exit_code == 0
    assert 10_000 < output.stat().st_size < 3 * 2**20
