"""The wheel in a new environment without extras, away from the checkout: help, classify, train.

python tests/smoke.py
"""

import csv
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAIN = (".txt", ".md")
"""Kinds of files that need no extra."""
ARTICLES = 40
"""Articles to train on, so that it does not take minutes."""


def built(folder: Path) -> Path:
    """The wheel, made from the checkout."""
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)])
    (wheel,) = folder.glob("*.whl")
    return wheel


def constraints(folder: Path) -> Path:
    """The pinned versions, without hashes: the wheel has none, and pip wants all or none."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    path = folder / "constraints.txt"
    path.write_text(
        "\n".join(line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()), encoding="utf-8"
    )
    return path


def some_of(data: Path, folder: Path) -> None:
    """A labelled set of some articles, spread over all."""
    shutil.copytree(data, folder, ignore=shutil.ignore_patterns("articles", "samples", "vectors"))
    with (data / "articles.csv").open(newline="", encoding="utf-8") as file:
        articles = [row["article_id"] for row in csv.DictReader(file)]
    keep = set(articles[:: len(articles) // ARTICLES])
    for name, column in (("articles", 0), ("sentences", 1)):
        with (data / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *(row for row in rows if row[column] in keep)])
    kept = {line.split(",", 1)[0] for line in (folder / "sentences.csv").read_text(encoding="utf-8").splitlines()}
    for path in (folder / "codings").iterdir():
        first, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(first + "".join(line for line in lines if line.split(",", 1)[0] in kept), encoding="utf-8")


def _run(line: Sequence[str], folder: Path | None = None) -> str:
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)  # our own
    if done.returncode:
        raise SystemExit(f"{' '.join(line)}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Each step, and what it shows of itself."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = built(folder)
        venv.create(folder / "venv", with_pip=True)
        bin_ = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
        pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--constraint", str(constraints(folder)), str(wheel)])
        framelens = str(bin_ / "framelens")
        help_ = _run([framelens, "--help"], folder)
        print(f"--help: {len(help_.splitlines())} lines")  # noqa: T201
        samples = sorted(str(path) for path in (ROOT / "data" / "samples").iterdir() if path.suffix in PLAIN)
        found = _run([framelens, "classify", *samples], folder)
        print(f"classify: {len(found.splitlines()) - 1} sentences of {len(samples)} samples")  # noqa: T201
        some_of(ROOT / "data", folder / "data")
        trained = _run([framelens, "train", "--output", "small.npz"], folder)
        print(f"train: {trained.splitlines()[-1]}")  # noqa: T201
        found = _run([framelens, "classify", "--model", "small.npz", *samples], folder)
        print(f"classify with that: {len(found.splitlines()) - 1} sentences")  # noqa: T201


if __name__ == "__main__":
    main()
