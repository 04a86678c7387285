"""Faults that are made to happen: full disks, read-only folders, kills, two programs at once, a clock set back."""

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from conftest import SAMPLES, Small, rows_of, tried
from framelens.gold import Coding
from framelens.labels import append_codings, read_labels
from framelens.model import load, save
from framelens.write import KINDS

KILLS = int(os.environ.get("FRAMELENS_KILLS", "3"))
"""How often each program is killed; ``make trust`` raises it."""
SEED = 7

posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems can kill a program without a warning")

LOOP = """
import os, sys
from framelens.cli import app
sys.argv, told, sys.stdout = ["framelens"], sys.stdout, open(os.devnull, "w")
for number in range(100_000):
    if number == 2:
        print("ready", file=told, flush=True)
    app([one.format(n=number, parity=number % 2) for one in CALL], standalone_mode=False)
"""
"""A command again and again; once it has been done twice, what takes time is its work."""
SAVE = """
import sys
from pathlib import Path
from framelens.model import load, save
one, two, path = (Path(name) for name in CALL)
models = load(one), load(two)
print("ready", flush=True)
for number in range(100_000):
    save(models[number % 2], path)
"""


def killed(program: str, call: Sequence[object], within: float) -> Iterator[int]:
    """Start the program again and again, and kill each at a random moment of its work; ``{kill}`` counts them."""
    chance = random.Random(SEED)  # noqa: S311  # moments, not secrets
    for kill in range(KILLS):
        code = f"CALL = {[str(one).replace('{kill}', str(kill)) for one in call]!r}\n{program}"
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.random() * within)
            process.send_signal(signal.SIGKILL)
        tried("kills", 0, faults=1)
        yield kill


def run(*call: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, which may write files of so many bytes."""
    code = "from framelens.__main__ import main; main()"
    if limit is not None:
        code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); {code}"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, call)], capture_output=True, text=True, check=False, timeout=100
    )


def refused(done: subprocess.CompletedProcess[str]) -> None:
    """It ended with one line and exit code 1."""
    assert done.returncode == 1
    assert done.stderr.startswith("framelens: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def left(folder: Path) -> dict[str, bytes]:
    """What is in a folder, without the locks, which say nothing."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


@posix
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_classified_file_is_the_old_or_the_new_one_whenever_its_program_is_killed(kind: str, tmp_path: Path) -> None:
    sources = [SAMPLES / "welcome-home.txt", SAMPLES / "letters-from-the-quay.md"]
    whole = set()
    for number, source in enumerate(sources):
        shutil.copy(source, tmp_path / f"{number}.txt")
        assert run("classify", tmp_path / f"{number}.txt", "-o", tmp_path / f"whole.{kind}").returncode == 0
        whole.add((tmp_path / f"whole.{kind}").read_bytes())
    path = tmp_path / f"out.{kind}"
    seen = set()
    for _ in killed(LOOP, ["classify", f"{tmp_path}/{{parity}}.txt", "-o", path], 0.1):
        if path.exists():
            seen.add(path.read_bytes())
        assert seen <= whole
    assert seen
    assert run("classify", tmp_path / "0.txt", "-o", path).returncode == 0
    assert path.read_bytes() in whole


@posix
def test_a_model_is_the_old_or_the_new_one_whenever_training_is_killed(small: Small, tmp_path: Path) -> None:
    other = replace(small.model, thresholds=np.full(4, 0.25))
    digests = {save(small.model, tmp_path / "one.npz"), save(other, tmp_path / "two.npz")}
    path = tmp_path / "out" / "frames.npz"
    path.parent.mkdir()
    save(small.model, path)
    for _ in killed(SAVE, [tmp_path / "one.npz", tmp_path / "two.npz", path], 0.5):
        found = load(path)
        assert np.array_equal(found.term_weight, small.model.term_weight)
        assert json.loads(path.with_suffix(".json").read_bytes())["sha256"] in digests
    save(other, path)
    assert load(path).thresholds.tolist() == [0.25] * 4


@posix
def test_articles_are_in_the_set_whole_or_not_at_all_whenever_adding_is_killed(data: Path, tmp_path: Path) -> None:
    article = (SAMPLES / "welcome-home.txt").read_text(encoding="utf-8")
    sentences = 12
    before = len(read_labels(data).sentences)
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text(article, encoding="utf-8")
    call = ["add", tmp_path / "{n}.txt", "--data", data, "--origin", "written", "--id", "kill-{kill}-{n}"]
    for _ in killed(LOOP, call, 0.5):
        labels = read_labels(data)
        assert labels.faults == ()
        assert (len(labels.sentences) - before) % sentences == 0
    assert len(labels.sentences) > before
    added = run("add", tmp_path / "0.txt", "--data", data, "--origin", "written", "--id", "last")
    assert added.returncode == 0, added.stderr
    assert run("data", "check", data).returncode == 0


def _mount(*options: object) -> bool:
    """Whether something could be mounted, which few may do."""
    program = shutil.which("mount")
    call = [str(program), *map(str, options)]
    return bool(program) and not subprocess.run(call, capture_output=True, check=False).returncode


def _unmount(folder: Path) -> None:
    subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own of so many bytes; the test is skipped where none may be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk)
    if not mounted:
        pytest.skip("mounting a small disk needs rights that this user has not")
    try:
        yield disk
    finally:
        _unmount(disk)


def commands(data: Path, folder: Path) -> dict[str, list[object]]:
    """Every kind of command that writes, each with what it would write into ``folder``."""
    export = folder.parent / "export.csv"
    rows = [(one["sentence_id"], "-", "x" * 500) for one in rows_of(data / "sentences.csv")[:200]]
    with export.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("sentence_id", "frames", "note"), *rows])
    return {
        **{kind: ["classify", SAMPLES, "-o", folder / f"out.{kind}"] for kind in KINDS},
        "table": ["classify", SAMPLES, "-f", "table", "-o", folder / "out.txt"],
        "html": ["explain", SAMPLES / "welcome-home.txt", "-f", "html", "-o", folder / "why.html"],
        "export": ["export", "--coder", "coder-77", "--data", data, "-o", folder / "task.csv"],
        "import": ["import", export, "--coder", "coder-77", "--data", data],
        "add": ["add", SAMPLES / "welcome-home.txt", "--data", data, "--origin", "written"],
    }


@posix
@pytest.mark.parametrize("name", ["csv", "jsonl", "parquet", "table", "html", "export", "import", "add"])
def test_what_does_not_fit_leaves_everything_as_it_was(name: str, data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    call = commands(data, folder)[name]
    before = left(data)
    refused(run(*call, limit=4000))
    assert left(data) == before
    assert left(folder) == {}
    assert read_labels(data).faults == ()
    assert run(*call).returncode == 0
    assert run("data", "check", data).returncode == 0
    tried("full disk", 0, faults=1)


@posix
@pytest.mark.parametrize("name", ["csv", "parquet", "import", "add"])
def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(name: str, data: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path, "8m") as disk:
        shutil.copytree(data, disk / "data", ignore=shutil.ignore_patterns("vectors"))
        call = commands(disk / "data", disk / "data")[name]
        before = left(disk / "data")
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass
        refused(run(*call))
        after = left(disk / "data")
        if name == "add":
            # an article whose sentences found no room stands there without any, which is no fault, and is gone on with
            assert after.pop("articles.csv").startswith(before.pop("articles.csv"))
        assert after == before
        assert read_labels(disk / "data").faults == ()
        ballast.unlink()
        assert run(*call).returncode == 0
        assert run("data", "check", disk / "data").returncode == 0
        tried("full disk", 0, faults=1)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write into the folder, not even who may do all else."""
    if os.geteuid():
        modes = {path: path.stat().st_mode for path in [folder, *folder.rglob("*")]}
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        return
    if not (_mount("--bind", folder, folder) and _mount("-o", "remount,bind,ro", folder)):
        pytest.skip("this user may write everywhere, and may not mount a folder as read-only")
    try:
        yield
    finally:
        _unmount(folder)


@posix
@pytest.mark.parametrize("name", ["csv", "table", "export", "import", "add"])
def test_a_folder_that_cannot_be_written_to_is_told_in_one_line(name: str, data: Path) -> None:
    call = commands(data, data)[name]
    before = left(data)
    with read_only(data):
        refused(run(*call))
        refused(run("train", "--data", data, "--output", data / "models" / "frames.npz"))
        assert run("data", "check", data).returncode == 0
    assert left(data) == before
    assert run(*call).returncode == 0
    tried("read-only folder", 0, faults=2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_device_that_is_full_is_told_in_one_line(kind: str) -> None:
    refused(run("classify", SAMPLES, "-f", kind, "-o", "/dev/full"))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "framelens", "classify", SAMPLES, "-f", kind],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    refused(done)
    tried("full disk", 0, faults=2)


def test_two_trainings_at_once_leave_one_whole_model(tmp_path: Path) -> None:
    words = (("exiles", "traitors", "a"), ("bread", "rain", "b"), ("ships", "quays", "c"))
    rows = [(f"{one} and {two} went home {number}", label) for number in range(12) for one, two, label in words]
    with (tmp_path / "table.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    path = tmp_path / "models" / "labels.npz"
    call = [
        "train",
        "--table",
        tmp_path / "table.csv",
        "--labels-column",
        "label",
        "--output",
        path,
        "--json",
        "--seed",
    ]
    trainings = [
        subprocess.Popen(
            [sys.executable, "-m", "framelens", *map(str, call), str(seed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for seed in (1, 2)
    ]
    said = [one.communicate() for one in trainings]
    assert [one.returncode for one in trainings] == [0, 0], said
    digests = {json.loads(out)["sha256"] for out, _ in said}
    verified = run("model", "verify", "--json", path)
    assert json.loads(verified.stdout)["sha256"] in digests
    assert json.loads(path.with_suffix(".json").read_bytes())["sha256"] in digests
    assert {one.name for one in path.parent.iterdir()} == {"labels.npz", "labels.json"}
    tried("two at once", 0, faults=1)


def test_what_stands_does_not_depend_on_the_clock(data: Path) -> None:
    """A clock that is set back makes later codings look older; the last line of a coder stands all the same."""
    one = read_labels(data).sentences[0]
    path = data / "codings" / "coder-77.csv"
    stamps = ("2031-01-01T00:00:00+00:00", "1970-01-01", "2026-01-01T00:00:00-12:00", "2026-01-01")
    for number, stamp in enumerate(stamps):
        frames = frozenset(["vilification"] if number % 2 else [])
        append_codings(path, [Coding(one.id, one.fingerprint, frames, "1.1", "all", stamp, str(number))])
        labels = read_labels(data)
        assert labels.faults == ()
        assert labels.current["coder-77"][one.id].note == str(number)
        tried("clock set back", 0, faults=1)
    append_codings(path, [Coding(one.id, one.fingerprint, frozenset(), "1.1", "undone", "1999-01-01")])
    assert read_labels(data).current["coder-77"][one.id].note == "2"
