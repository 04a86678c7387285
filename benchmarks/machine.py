"""The machine that was measured on, and how long programs take to start there."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = (
    "numpy", "pyarrow", "PyStemmer", "sentencex", "scikit-learn", "scipy", "fasttext-numpy2-wheel", "spacy", "pysbd",
    "nltk", "tokenizers",
)  # fmt: skip
SENTENCE = "The ministry promised returning engineers a flat."

SMALL = """
import json, os, sys, time
start = time.perf_counter()
nowhere = os.open(os.devnull, os.O_WRONLY)
program = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
_, status, usage = os.wait4(program, 0)
took = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
run = dict(seconds=took, processor_seconds=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * unit)
sys.stdout.write(json.dumps(run))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs the program that its arguments name, and tells what that took."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a program took."""

    seconds: float
    processor_seconds: float
    peak: int
    """Most memory that one of its processes held, in bytes."""


def run(line: Sequence[str]) -> Run:
    """Run a program to its end; raises ``RuntimeError`` where it fails."""
    # a program counts as its own peak what its parent held at its start: a small one starts it
    told = subprocess.run([sys.executable, "-c", SMALL, *line], stdout=subprocess.PIPE, check=False)  # noqa: S603  # our own
    if told.returncode:
        raise RuntimeError(f"{' '.join(line)} failed with exit code {told.returncode}")
    return Run(**json.loads(told.stdout))


def start_up(repeats: int, model: Path) -> Mapping[str, list[float]]:
    """Seconds on the clock of each program; they take turns, and the first round, which caches files, is left out."""
    first = f"import framelens; framelens.load({str(model)!r}).classify({SENTENCE!r})"
    lines = {
        "python -c pass": ["-c", "pass"],
        "import typer": ["-c", "import typer"],
        "framelens --help": ["-m", "framelens", "--help"],
        "import numpy, pyarrow": ["-c", "import numpy, pyarrow"],
        "first sentence": ["-c", first],
    }
    seconds: dict[str, list[float]] = {name: [] for name in lines}
    for repeat in range(repeats + 1):
        for name, line in lines.items():
            took = run([sys.executable, *line]).seconds
            if repeat:
                seconds[name].append(took)
    return seconds


def about() -> dict[str, Any]:
    """Processor, cores, versions, and how many programs wanted to run over the last minute."""
    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": libraries,
        "busy": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    names = Path("/proc/cpuinfo")
    if names.exists():
        for line in names.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
