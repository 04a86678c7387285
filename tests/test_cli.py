import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from conftest import DATA, ROOT, SAMPLES, rows_of
from framelens.cli import app

FRAMES = ["vilification", "return_incentive", "personal_testimony", "historical_parallel"]
FRAMELENS = [sys.executable, "-m", "framelens"]


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], input=stdin)


def table(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout, newline="")))


def failed(result: Result, code: int = 1) -> str:
    assert result.exit_code == code
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr


def commands(group: Any, *path: str) -> list[tuple[str, Any]]:
    found = []
    for name, command in group.commands.items():
        found += (
            commands(command, *path, name) if hasattr(command, "commands") else [(" ".join((*path, name)), command)]
        )
    return found


@pytest.mark.parametrize(("name", "command"), commands(get_command(app)))
def test_every_command_and_option_has_help_and_the_readme_names_it(name: str, command: Any) -> None:
    assert len(command.help) > 40
    assert all(getattr(parameter, "help", None) for parameter in command.params)
    assert f"framelens {name}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert run(*name.split(), "--help").exit_code == 0


def test_one_row_a_sentence_with_its_place_and_the_columns_that_travel() -> None:
    rows = table(run("classify", SAMPLES))
    assert list(rows[0]) == [
        *("article", "position", "start", "end", "text", "quoted", "frames"),
        *(f"p_{frame}" for frame in FRAMES),
        *("title", "date", "outlet"),
    ]
    assert {Path(row["article"]).name for row in rows} == {path.name for path in SAMPLES.iterdir()}
    assert all(0 <= float(row[f"p_{frame}"]) <= 1 for row in rows for frame in FRAMES)
    assert all(int(row["end"]) - int(row["start"]) == len(row["text"]) for row in rows)
    assert [int(row["position"]) for row in rows if row["article"].endswith(".md")] == list(range(1, 13))


def test_the_samples_carry_the_frames_that_they_were_written_to_carry() -> None:
    rows = table(run("summarize", SAMPLES))
    shares = {Path(row["article"]).stem: {frame: float(row[f"share_{frame}"]) for frame in FRAMES} for row in rows}
    assert max(shares["harbour-market"].values()) == 0
    assert shares["letters-from-the-quay"]["historical_parallel"] > 0.1
    assert min(shares["welcome-home"][frame] for frame in FRAMES[:3]) > 0.1


def test_every_output_format_holds_the_same(tmp_path: Path) -> None:
    article = SAMPLES / "welcome-home.txt"
    rows = table(run("classify", article))
    for ending in ("csv", "jsonl", "parquet"):
        assert run("classify", article, "--output", tmp_path / f"out.{ending}").exit_code == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == run("classify", article, "--format", "csv").stdout
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert [(line["text"], " ".join(line["frames"])) for line in lines] == [
        (row["text"], row["frames"]) for row in rows
    ]
    assert lines[0]["p_return_incentive"] == pytest.approx(float(rows[0]["p_return_incentive"]), abs=1e-5)


def test_the_words_that_decided_are_the_same_in_every_format(tmp_path: Path) -> None:
    article = SAMPLES / "welcome-home.txt"
    (row, *_) = table(run("classify", article, "--explain"))
    assert list(row).index("why") == list(row).index("title") - 1
    why = json.loads(row["why"])
    assert why["return_incentive"]["home"] > 0.1
    for ending in ("jsonl", "parquet"):
        assert run("classify", article, "--explain", "--output", tmp_path / f"out.{ending}").exit_code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])["why"] == why
    assert json.loads(pq.read_table(tmp_path / "out.parquet").to_pylist()[0]["why"]) == why
    shown = run("classify", article, "--explain", "--format", "table").stdout
    assert f"home {why['return_incentive']['home']:+.2f}" in " ".join(shown.split())
    assert "why" not in table(run("classify", article))[0]


def test_a_table_shows_sentence_frames_and_probabilities() -> None:
    shown = run("classify", SAMPLES / "welcome-home.txt", "--format", "table").stdout
    assert "Return incentive" in shown
    assert "Probabilities: v = vilification" in shown


def test_a_terminal_gets_a_table_and_a_pipe_gets_csv() -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen([*FRAMELENS, "classify", str(SAMPLES / "welcome-home.txt")], stdout=child, stderr=child)
    os.close(child)
    shown = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # Linux ends a closed terminal so
            break
        if not part:
            break
        shown += part
    os.close(parent)
    assert process.wait() == 0
    assert b"Return incentive" in shown
    assert b"article,position" not in shown
    piped = subprocess.run([*FRAMELENS, "classify", str(SAMPLES / "welcome-home.txt")], capture_output=True, check=True)
    assert piped.stdout.startswith(b"article,position")
    assert piped.stderr == b""


def test_standard_input_is_an_article() -> None:
    (row,) = table(run("classify", "-", stdin=b"They called the emigrants traitors."))
    assert (row["article"], row["frames"]) == ("standard input", "vilification")


def test_columns_of_a_table_travel_and_taken_names_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,frames,body\n01,old,They left at night.\n", encoding="utf-8")
    (row,) = table(run("classify", path, "--text-column", "body"))
    assert (row["id"], row["input_frames"]) == ("01", "old")


def test_no_column_takes_the_name_of_another(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("body,text,input_text\nThey left.,AAA,BBB\n", encoding="utf-8")
    (row,) = table(run("classify", path, "--text-column", "body"))
    assert (row["text"], row["input_input_text"], row["input_text"]) == ("They left.", "AAA", "BBB")


def test_numbers_that_travel_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "They left.", "time": 1732234567.25, "id": 12345678.0}\n')
    (row,) = table(run("classify", tmp_path / "a.jsonl"))
    assert (row["time"], row["id"]) == ("1732234567.25", "12345678.0")


def test_rows_without_text_and_tables_without_rows_are_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,text\n1,They left.\n2,\n")
    result = run("summarize", tmp_path / "a.csv")
    assert [row["share_vilification"] for row in table(result)] == ["0.0", ""]
    assert "1 of 2 rows have no text" in result.stderr
    (tmp_path / "b.csv").write_text("id,text\n")
    assert "no rows" in run("classify", tmp_path / "b.csv").stderr


def test_the_output_is_never_read_as_input(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("They left.")
    output = tmp_path / "out.csv"
    for _ in range(2):
        assert run("classify", tmp_path, "--output", output).exit_code == 0
        assert len(output.read_text().splitlines()) == 2
    assert "input and --output at once" in failed(run("classify", output, "--output", output))


def test_an_unknown_ending_of_the_output_is_a_wrong_call(tmp_path: Path) -> None:
    failed(run("classify", SAMPLES, "--output", tmp_path / "out.xlsx"), code=2)
    assert run("classify", SAMPLES, "--output", tmp_path / "out.txt", "--format", "table").exit_code == 0
    assert "Return incentive" in (tmp_path / "out.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["classify", str(SAMPLES)], ["model", "show"]])
def test_a_full_disk_is_told_in_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*FRAMELENS, *arguments], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(b"framelens: ")
    assert done.stderr.count(b"\n") == 1


def test_a_closed_standard_output_does_no_harm(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    done = subprocess.run(
        ["/bin/sh", "-c", '"$@" >&-', "sh", *FRAMELENS, "classify", str(SAMPLES), "--output", str(output)],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert output.exists()


def sleeps(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the program waits for something, input here, rather than works."""
    return Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see that the program has started")
def test_an_interruption_is_told_in_one_line() -> None:
    process = subprocess.Popen(
        [*FRAMELENS, "classify", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # a shell that runs the tests in the background makes them, and so this program, deaf to interruptions
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    idle = 0
    while idle < 10:
        # on a busy machine a start takes long, so wait for one second of waiting, not for a time
        time.sleep(0.1)
        idle = idle + 1 if sleeps(process) else 0
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 130
    assert said == b"framelens: interrupted; no half-written file is left\n"


def test_thresholds_change_frames_but_not_probabilities() -> None:
    article = SAMPLES / "harbour-market.html"
    rows = table(run("classify", article, "--threshold", "vilification=0"))
    assert all(row["frames"] == "vilification" for row in rows)
    plain = table(run("classify", article))
    assert [row["p_vilification"] for row in rows] == [row["p_vilification"] for row in plain]


def test_a_note_on_encoding_goes_to_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("They left.".encode("utf-16"))
    result = run("classify", path)
    assert "UTF-16" in result.stderr
    assert len(table(result)) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["classify", "nowhere.txt"], "cannot be read: no such file"),
        (["classify", "nowhere"], "no such file or folder"),
        (["classify", str(SAMPLES), "--model", "nowhere.npz"], "no model can be read"),
        (["classify", str(SAMPLES), "--threshold", "gossip=0.5"], "unknown frame 'gossip'"),
        (["classify", str(SAMPLES), "--output", "nowhere/out.csv"], "cannot be written"),
        (["data", "check", "nowhere"], "no such folder"),
        (["train", "--data", "nowhere"], "no such folder"),
        (["evaluate", "--data", "nowhere"], "no such folder"),
        (["evaluate", "--data", str(DATA), "--origin", "written", "--compare", "nowhere.csv"], "cannot be read"),
        (["evaluate", "--scores", "nowhere/scores.csv"], "nowhere is no folder that can be written to"),
        (["model", "show", "--model", "pyproject.toml"], "not a usable framelens model"),
    ],
)
def test_what_cannot_be_used_ends_in_one_line_and_exit_code_1(arguments: list[str], says: str) -> None:
    line = failed(run(*arguments))
    assert line.startswith("framelens: ")
    assert says in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify"],
        ["classify", str(SAMPLES), "--format", "xml"],
        ["classify", str(SAMPLES), "--threshold", "vilification"],
        ["classify", str(SAMPLES), "--language", "English"],
        ["train", "--output", "model.pkl"],
        ["evaluate", "--folds", "1"],
        ["evaluate", "--origin", "source"],
        ["gossip"],
    ],
)
def test_a_wrong_call_is_explained_with_exit_code_2(arguments: list[str]) -> None:
    failed(run(*arguments), code=2)


def test_one_bad_file_among_good_ones_leaves_no_output(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"")
    result = run("classify", SAMPLES, tmp_path / "bad.txt", "--output", tmp_path / "out.csv")
    assert "bad.txt: empty" in failed(result)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.txt"]


def test_a_reader_that_has_enough_ends_it_quietly_as_other_programs(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("They left the town at night.\n" * 1 + "\n".join(f"Line {n} is here." for n in range(20000)))
    process = subprocess.Popen([*FRAMELENS, "classify", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.read(10)
    process.stdout.close()
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 141
    assert said == ""


def test_data_check_counts_and_is_silent_about_what_is_right() -> None:
    result = run("data", "check", DATA, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    counts = json.loads(result.stdout)
    assert counts["faults"] == []
    assert counts["gold"] == counts["sentences"]


def test_data_check_names_a_fault_and_fails(data: Path) -> None:
    with (data / "codings" / "coder-01.csv").open("a", encoding="utf-8") as file:
        file.write("w1-05:01,0000000000000000,gossip,1.1,all,2026-01-01,\n")
    result = run("data", "check", data)
    assert result.exit_code == 1
    assert f"{data}/codings/coder-01.csv:" in result.stderr
    assert "unknown frame 'gossip'" in result.stderr
    assert "1 faults" in result.stdout
    assert "1 faults" in failed(run("train", "--data", data, "--output", data / "m.npz"))
    assert "1 faults" in failed(run("evaluate", "--data", data))


def test_training_twice_gives_the_same_file_and_shows_new_beside_old(data: Path, tmp_path: Path) -> None:
    one = run("train", "--data", data, "--output", tmp_path / "m.npz", "--json")
    assert one.exit_code == 0, one.stderr
    first = (tmp_path / "m.npz").read_bytes()
    scores = tmp_path / "m.scores.csv"
    header, *rows = scores.read_text(encoding="utf-8").splitlines(keepends=True)
    # as if half of the set had come later
    scores.write_text(header + "".join(rows[: len(rows) // 2]), encoding="utf-8")
    two = run("train", "--data", data, "--output", tmp_path / "m.npz")
    assert (tmp_path / "m.npz").read_bytes() == first
    card = json.loads(one.stdout)
    assert len(rows) == card["data"]["sentences"]
    assert re.search(f"New beside old, on the {len(rows) // 2:,} sentences of .* that both were tested on", two.stdout)
    assert scores.read_text(encoding="utf-8") == header + "".join(rows)
    assert "+0.000" in two.stdout
    assert "New minus old: macro F1 0.000 [0.000, 0.000]" in two.stdout
    names = [path.name for path in tmp_path.glob("m.*")]
    assert sorted(names) == ["m.joblib", "m.json", "m.npz", "m.scores.csv"]
    assert card["sha256"] in two.stdout
    assert card["figures"]["macro"]["average_precision"]["point"] > 0.3
    shown = json.loads(run("model", "show", "--model", tmp_path / "m.npz", "--json").stdout)
    assert {**shown, "sha256": card["sha256"], "beside": None} == card
    assert table(run("classify", SAMPLES, "--model", tmp_path / "m.npz"))


def test_evaluation_prints_every_figure_and_compares_with_scores_of_before(data: Path, tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    arguments = ("evaluate", "--data", data, "--folds", 2, "--errors", 1)
    shown = run(*arguments, "--scores", scores)
    assert shown.exit_code == 0, shown.stderr
    told = ("micro", "keywords", "Brier score", "alpha of model", "False alarms", "missed")
    assert [name for name in told if name not in shown.stdout] == []
    rows = [line for line in shown.stdout.splitlines() if line.startswith((*FRAMES, "plain TF-IDF"))]
    assert all(line.count("[") == line.count("]") and len(line) <= 80 for line in rows)
    again = run(*arguments, "--no-baselines", "--compare", scores, "--json")
    assert again.exit_code == 0, again.stderr
    found = json.loads(again.stdout)
    assert [one["name"] for one in found["systems"]] == ["framelens", str(scores)]
    assert found["systems"][1]["gain"]["f1"] == {"point": 0, "low": 0, "high": 0}
    assert found["quiet_sentences"] > 0
    assert len(found["mistakes"]) == 2
    assert sum(part["sentences"] for part in found["by_genre"].values()) == found["sentences"]
    assert {row["sentence"] for row in rows_of(scores)} == {
        row["sentence_id"] for row in rows_of(data / "sentences.csv")
    }


def test_evaluation_writes_a_page(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra framelens[report] is not installed")
    result = run("evaluate", "--data", data, "--folds", 2, "--no-baselines", "--html", tmp_path / "figures.html")
    assert result.exit_code == 0, result.stderr
    assert "<svg" in (tmp_path / "figures.html").read_text(encoding="utf-8")


def withhold(data: Path, articles: int) -> None:
    """Make the first articles somebody else's: their text leaves the tables for files of its own."""
    described, sentences = rows_of(data / "articles.csv"), rows_of(data / "sentences.csv")
    (data / "articles").mkdir()
    for article in described[:articles]:
        article["origin"] = "source"
        own = [row for row in sentences if row["article_id"] == article["article_id"]]
        text = "\n\n".join(row["text"] for row in own)
        (data / "articles" / f"{article['article_id']}.txt").write_text(text, encoding="utf-8")
        for row in own:
            row["text"] = ""
    for path, rows in ((data / "articles.csv", described), (data / "sentences.csv", sentences)):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def test_transfer_measures_on_articles_whose_text_is_only_here(data: Path) -> None:
    withhold(data, 3)
    shown = run("transfer", "--data", data, "--no-baselines")
    assert shown.exit_code == 0, shown.stderr
    assert "blocks of 5 neighbouring sentences" in shown.stdout
    assert "F1 at best" in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines() if line.startswith((*FRAMES, "macro"))) <= 80
    found = json.loads(run("transfer", "--data", data, "--no-baselines", "--json").stdout)
    assert (found["train_articles"], found["test_articles"]) == (37, 3)
    assert not any(row["text"] in json.dumps(found) for row in rows_of(DATA / "sentences.csv") if row["text"])
    shutil.rmtree(data / "articles")
    told = failed(run("transfer", "--data", data))
    assert "no sentence of origin 'source' has its text here" in told
    assert told.count("\n") == 1


def test_a_damaged_model_is_mended_by_training_and_one_frame_is_enough(data: Path) -> None:
    book = (data / "codebook.toml").read_text(encoding="utf-8")
    first = book.index("[[frames]]", book.index("[[frames]]") + 1)
    (data / "codebook.toml").write_text(book[:first], encoding="utf-8")
    for path in (data / "codings").iterdir():
        lines = path.read_text(encoding="utf-8")
        for other in FRAMES[1:]:
            lines = lines.replace(other, "")
        path.write_text(lines, encoding="utf-8")
    (data / "m.npz").write_bytes(b"damaged")
    result = run("train", "--data", data, "--output", data / "m.npz")
    assert result.exit_code == 0, result.stderr
    assert "New beside old" not in result.stdout
    assert table(run("classify", SAMPLES, "--model", data / "m.npz"))


def test_too_few_coded_articles_are_told(data: Path) -> None:
    lines = (data / "sentences.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    few = {line.split(",")[1] for line in lines[1:100]}
    kept = [line for line in lines[1:] if line.split(",")[1] in few]
    (data / "sentences.csv").write_text(lines[0] + "".join(kept), encoding="utf-8")
    for path in (data / "codings").iterdir():
        coded = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(coded[0] + "".join(line for line in coded[1:] if line.split(":")[0] in few), encoding="utf-8")
    assert "coded articles with text; 16 or more are needed" in failed(
        run("train", "--data", data, "--output", data / "m.npz")
    )


def test_the_version_is_that_of_the_package() -> None:
    assert run("--version").stdout == "framelens 0.1.0\n"
