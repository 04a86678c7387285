"""``classify-corpus`` on this machine: what it writes, what it skips, and what it says where it cannot go on."""

import csv
import json
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from conftest import SAMPLES, resampled, rows_of, tried
from framelens.cli import app

SENTENCES = ("--article-column", "article_id", "--position-column", "position")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["classify-corpus", *(str(one) for one in arguments)])


def done(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json", "--jobs", 1)
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def failures(*arguments: object) -> dict[str, str]:
    result = run(*arguments, "--json", "--jobs", 1)
    assert result.exit_code == 1
    return {one["partition"]: one["reason"] for one in json.loads(result.stdout)["failed"]}


def refused(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("framelens: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Two small partitions of sentences, one of them in a folder of its own."""
    folder = tmp_path / "corpus"
    (folder / "2024").mkdir(parents=True)
    pq.write_table(resampled(100, seed=1), folder / "a.parquet")
    pq.write_table(resampled(100, seed=2), folder / "2024" / "b.parquet")
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A table of three articles."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.iterdir()) if path.suffix != ".html"]
    path = tmp_path / "articles" / "a.csv"
    path.parent.mkdir()
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [["id", "frames", "body"], *([n, "old", text] for n, text in enumerate(texts)), [9, "", ""]]
        )
    return path


def test_articles_get_the_rows_of_classify(articles: Path, tmp_path: Path) -> None:
    found = done(articles, tmp_path / "out", "--text-column", "body")
    assert (
        CliRunner()
        .invoke(app, ["classify", str(articles), "--text-column", "body", "-o", str(tmp_path / "plain.csv")])
        .exit_code
        == 0
    )
    ours, plain = rows_of(tmp_path / "out" / "a.csv"), rows_of(tmp_path / "plain.csv")
    assert [{**row, "article": f"{articles.parent}/{row['article']}"} for row in ours] == plain
    assert (found["articles"], found["sentences"], found["empty"]) == (3, len(plain), 1)


def test_sentences_keep_their_columns_and_are_read_in_their_article(corpus: Path, tmp_path: Path) -> None:
    assert done(corpus, tmp_path / "out", *SENTENCES)["classified"] == 2
    before, after = pq.read_table(corpus / "2024" / "b.parquet"), pq.read_table(tmp_path / "out" / "2024" / "b.parquet")
    assert after.select(before.column_names).equals(before)
    assert after.column_names[3] == "frames"
    # sentences alone, each its own article, get other probabilities
    alone = before.set_column(0, "article_id", pa.array([str(row) for row in range(len(before))]))
    (tmp_path / "alone").mkdir()
    pq.write_table(alone, tmp_path / "alone" / "b.parquet")
    done(tmp_path / "alone", tmp_path / "other", *SENTENCES)
    assert not pq.read_table(tmp_path / "other" / "b.parquet")["p_vilification"].equals(after["p_vilification"])


@pytest.mark.parametrize("options", [SENTENCES, ()])
def test_every_format_in_and_out_holds_the_same(options: tuple[str, ...], tmp_path: Path) -> None:
    table = resampled(40, seed=3)
    sources = {kind: tmp_path / kind / f"part.{kind}" for kind in ("parquet", "csv", "jsonl", "tsv")}
    for path in sources.values():
        path.parent.mkdir()
    pq.write_table(table, sources["parquet"])
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        pyarrow.csv.write_csv(table, sources[kind], pyarrow.csv.WriteOptions(delimiter=delimiter))
    sources["jsonl"].write_text("".join(f"{json.dumps(row)}\n" for row in table.to_pylist()), encoding="utf-8")
    found = []
    for kind, path in sources.items():
        for out in ("parquet", "csv", "jsonl"):
            done(path, tmp_path / f"{kind}-{out}", "--format", out, *options)
            found.append(plain(tmp_path / f"{kind}-{out}" / f"part.{out}"))
    assert len(found[0]) >= 40
    assert [rows == found[0] for rows in found] == [True] * len(found)


def plain(path: Path) -> list[dict[str, str]]:
    """Rows as text, whatever the format; names of articles without the ending of their partition."""
    if path.suffix == ".csv":
        rows: list[dict[str, Any]] = list(rows_of(path))
    elif path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        rows = pq.read_table(path).to_pylist()
    cells = (
        {key: " ".join(cell) if isinstance(cell, list) else str(cell) for key, cell in row.items()} for row in rows
    )
    return [{**row, "article": row.get("article", "").rpartition(":")[2]} for row in cells]


def test_without_text_the_output_has_no_text(corpus: Path, articles: Path, tmp_path: Path) -> None:
    done(corpus, tmp_path / "out", *SENTENCES, "--no-text")
    assert pq.read_schema(tmp_path / "out" / "a.parquet").names[:3] == ["article_id", "position", "frames"]
    done(articles, tmp_path / "other", "--text-column", "body", "--no-text")
    assert list(rows_of(tmp_path / "other" / "a.csv")[0])[:4] == ["article", "position", "start", "end"]


def test_columns_of_json_lines_keep_what_they_hold(tmp_path: Path) -> None:
    lines = [
        {"text": "They left.", "id": 2**60, "tags": ["a", {"b": None}], "mixed": 1, "n": 1.5},
        {"text": "They came back.", "id": 1, "mixed": "one", "late": "ä\ud800", "huge": 10**30},
    ]
    source = tmp_path / "in" / "a.jsonl"
    source.parent.mkdir()
    source.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    done(source, tmp_path / "out")
    first, second = [
        json.loads(line) for line in (tmp_path / "out" / "a.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {key: first[key] for key in lines[0]} == lines[0]
    assert (second["mixed"], second["huge"], second["late"], second["tags"]) == ("one", 10**30, "ä?", None)
    done(source, tmp_path / "table", "--format", "parquet")
    assert pq.read_table(tmp_path / "table" / "a.parquet")["id"].to_pylist() == [2**60, 1]


def test_a_second_run_does_nothing_twice_and_two_processes_write_what_one_writes(corpus: Path, tmp_path: Path) -> None:
    assert run(corpus, tmp_path / "two", *SENTENCES, "--jobs", 2).exit_code == 0
    done(corpus, tmp_path / "one", *SENTENCES)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    before = (tmp_path / "one" / "a.parquet").stat().st_mtime_ns
    (tmp_path / "one" / "2024" / "b.parquet").unlink()
    found = done(corpus, tmp_path / "one", *SENTENCES)
    assert (found["classified"], found["finished_before"]) == (1, 1)
    assert (tmp_path / "one" / "a.parquet").stat().st_mtime_ns == before
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")


def test_another_way_to_classify_is_not_mixed_in_but_may_replace(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done(corpus, out, *SENTENCES)
    changed = (corpus, out, *SENTENCES, "--threshold", "vilification=0.2")
    assert 'thresholds {}, now {"vilification": 0.2}' in refused(*changed)
    assert done(*changed, "--overwrite")["classified"] == 2
    assert done(*changed)["finished_before"] == 2
    (out / "_framelens.json").write_text("[]", encoding="utf-8")
    assert "damaged" in refused(*changed)
    (out / "_framelens.json").unlink()
    assert "not by classify-corpus" in refused(*changed)
    pq.write_table(resampled(1, seed=1), out / "stranger.parquet")
    assert "stranger.parquet is no output of this run" in refused(*changed, "--overwrite")


def test_a_partition_that_fails_is_told_and_the_others_go_on(corpus: Path, tmp_path: Path) -> None:
    good = pa.table({"article_id": ["a", "a", "b"], "position": [1, 2, 1], "text": ["x", "y", "z"]})
    pq.write_table(good.drop_columns(["text"]), corpus / "no-text.parquet")
    pq.write_table(good.drop_columns(["position"]), corpus / "no-position.parquet")
    pq.write_table(good.set_column(0, "article_id", pa.array(["a", "b", "a"])), corpus / "again.parquet")
    pq.write_table(good.set_column(1, "position", pa.array([2, 2, 1])), corpus / "order.parquet")
    pq.write_table(good.set_column(1, "position", pa.array(["1", "two", "1"])), corpus / "number.parquet")
    pq.write_table(good.set_column(0, "article_id", pa.array(["a", None, "a"])), corpus / "unnamed.parquet")
    pq.write_table(good.set_column(2, "text", pa.array([1, 2, 3])), corpus / "kind.parquet")
    (corpus / "cut.parquet").write_bytes((corpus / "a.parquet").read_bytes()[:-100])
    (corpus / "no.parquet").write_bytes(b"")
    (corpus / "latin.csv").write_bytes("article_id,position,text\na,1,é\n".encode("latin-1"))
    (corpus / "ragged.csv").write_text("article_id,position,text\na,1\n", encoding="utf-8")
    (corpus / "twice.csv").write_text("text,text\na,b\n", encoding="utf-8")
    (corpus / "bad.jsonl").write_text('{"text": "x"}\n[1]\n', encoding="utf-8")
    (corpus / "mixed.jsonl").write_text('{"text": "x"}\n{"text": 1}\n', encoding="utf-8")
    long = pa.table({"article_id": ["a"] * 60, "position": range(60), "text": ["They left. " * 9_000] * 60})
    pq.write_table(long, corpus / "long.parquet", row_group_size=5)
    found = failures(corpus, tmp_path / "out", *SENTENCES)
    says = {
        "no-text.parquet": "no column 'text'",
        "no-position.parquet": "no column 'position'; name it with --position-column",
        "again.parquet": "row 3: article 'a' was left before and comes again",
        "order.parquet": "row 2: position 2 of article 'a' does not ascend",
        "number.parquet": "row 2: position 'two' is no number",
        "unnamed.parquet": "row 2: no article is named",
        "kind.parquet": "column 'text' holds int64, not text",
        "cut.parquet": "not a Parquet file that can be read",
        "no.parquet": "not a Parquet file that can be read",
        "latin.csv": "not UTF-8",
        "ragged.csv": "line 2: 2 fields where the header has 3",
        "twice.csv": "two columns are called 'text'",
        "bad.jsonl": "line 2: not a JSON object",
        "mixed.jsonl": "column 'text' holds values of several kinds",
        "long.parquet": "at most 5,000,000",
    }
    assert {name: reason for name, reason in found.items() if says[name] not in reason} == {}
    assert set(found) == set(says)
    assert set(bytes_of(tmp_path / "out")) == {"_framelens.json", "a.parquet", "2024/b.parquet"}


def test_partitions_without_rows_give_partitions_without_rows(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    pq.write_table(resampled(1, seed=1).slice(0, 0), source / "a.parquet")
    (source / "b.csv").write_text("id,text\n", encoding="utf-8")
    (source / "c.csv").write_bytes(b"")
    (source / "d.jsonl").write_bytes(b"")
    assert done(source, tmp_path / "out")["sentences"] == 0
    assert pq.read_table(tmp_path / "out" / "a.parquet").num_rows == 0
    assert (tmp_path / "out" / "b.csv").read_text().startswith("article,position,start,end,text,quoted,frames,p_vil")
    assert rows_of(tmp_path / "out" / "c.csv") == []


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("nowhere", "out", "no such file or folder"),
        ("corpus/*.csv", "out", "no file matches"),
        ("empty", "out", "no partitions here"),
        ("a.txt", "out", "unknown kind of partition"),
        ("corpus", "corpus", "lies in the input folder"),
        ("corpus", "corpus/out", "lies in the input folder"),
        ("corpus", "a.txt", "is a file; name a folder"),
        ("corpus/a.parquet", "corpus", "holds the input a.parquet"),
        ("corpus/**/*.parquet", "corpus/out", "lies in the input folder"),
        ("corpus", ".", "holds the input 2024/b.parquet"),
        ("gossip://corpus", "out", "no such place can be reached"),
        ("corpus", "a.txt/out", "not a directory"),
    ],
)
@pytest.mark.usefixtures("corpus")
def test_what_cannot_be_used_is_refused_before_the_work(
    source: str, target: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("They left.")
    before = bytes_of(tmp_path)
    assert says in refused(source, target, *SENTENCES)
    assert bytes_of(tmp_path) == before


def test_two_partitions_never_become_one(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl"):
        (tmp_path / name).write_text("")
    assert "a.csv and a.jsonl would both become a.parquet" in refused(tmp_path, tmp_path.parent / "o", "-f", "parquet")


@pytest.mark.parametrize(
    "wrong", [["--article-column", "a"], ["--jobs", "0"], ["--dask", "a:1", "--jobs", "2"], ["-f", "x"]]
)
def test_a_wrong_call_is_explained(wrong: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, tmp_path / "out", *wrong).exit_code == 2


def test_patterns_other_endings_and_files_of_other_programs(corpus: Path, tmp_path: Path) -> None:
    (corpus / "notes.txt").write_text("x")
    (corpus / "_SUCCESS").write_text("")
    (corpus / ".hidden.parquet").write_text("")
    result = run(corpus, tmp_path / "all", *SENTENCES)
    assert result.stderr == "note: passed over, for its ending: notes.txt\n"
    assert set(bytes_of(tmp_path / "all")) == {"_framelens.json", "a.parquet", "2024/b.parquet"}
    done(f"{corpus}/**/b.*", tmp_path / "some", *SENTENCES)
    assert set(bytes_of(tmp_path / "some")) == {"_framelens.json", "2024/b.parquet"}


def test_addresses_of_other_file_systems(corpus: Path, tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra framelens[remote] is not installed")
    done(corpus, tmp_path / "out", *SENTENCES)
    done(corpus.as_uri(), (tmp_path / "uri").as_uri(), *SENTENCES)
    assert bytes_of(tmp_path / "uri") == bytes_of(tmp_path / "out")
    memory = fsspec.filesystem("memory")
    memory.put(f"{corpus}/", "/in/", recursive=True)
    for _ in range(2):
        found = done("memory://in", "memory://out", *SENTENCES)
    assert found["finished_before"] == 2
    assert set(memory.find("/out")) == {"/out/_framelens.json", "/out/a.parquet", "/out/2024/b.parquet"}
    assert memory.cat("/out/2024/b.parquet") == (tmp_path / "out" / "2024" / "b.parquet").read_bytes()
    assert done("memory://in/*.parquet", "memory://some", *SENTENCES)["classified"] == 1
    assert "lies in the input folder" in refused("memory://in", "memory://in/out", *SENTENCES)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(corpus / "a.parquet", "a.parquet")
    done(f"zip://*.parquet::{tmp_path}/in.zip", tmp_path / "unzipped", *SENTENCES)
    assert (tmp_path / "unzipped" / "a.parquet").read_bytes() == (tmp_path / "out" / "a.parquet").read_bytes()


def test_local_paths_need_no_fsspec_and_no_scikit_learn(articles: Path, tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['fsspec'] = sys.modules['sklearn'] = None;from framelens.__main__ import main; main()"
    )
    call = [sys.executable, "-c", code, "classify-corpus", str(articles), "--text-column", "body", "--jobs", "1"]
    subprocess.run([*call, str(tmp_path / "out")], check=True, capture_output=True)
    assert (tmp_path / "out" / "a.csv").exists()
    said = subprocess.run([*call, "memory://out"], check=False, capture_output=True)
    assert (said.returncode, said.stderr.count(b"\n")) == (1, 1)
    assert b"pip install 'framelens[remote]'" in said.stderr


def test_killed_at_ten_random_moments_the_output_is_that_of_an_undisturbed_run(tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus", tmp_path / "out"
    corpus.mkdir()
    for number in range(30):
        pq.write_table(resampled(500, seed=number), corpus / f"part-{number:02}.parquet")
    assert run(corpus, tmp_path / "undisturbed", *SENTENCES).exit_code == 0
    rng = random.Random(2026)  # noqa: S311  # no secret
    call = [sys.executable, "-m", "framelens", "classify-corpus", str(corpus), str(out), *SENTENCES, "--jobs"]
    for jobs in [1] * 7 + [2] * 3:
        process = subprocess.Popen([*call, str(jobs)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not list(out.glob(".part-*")):
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.15))
        process.kill()
        process.wait()
    subprocess.run([*call, "1"], check=True, stdout=subprocess.DEVNULL)
    whole = bytes_of(tmp_path / "undisturbed")
    tried("classify-corpus", len(whole), faults=10, lost=len(whole.keys() - bytes_of(out).keys()))
    assert bytes_of(out) == whole
