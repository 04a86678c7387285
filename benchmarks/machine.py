"""The machine that was measured on, and how long programs take to start there."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter
from typing import Any

LIBRARIES = (
    "numpy", "pyarrow", "PyStemmer", "sentencex", "scikit-learn", "scipy", "fasttext-numpy2-wheel", "spacy", "pysbd",
    "nltk", "tokenizers",
)  # fmt: skip
SENTENCE = "The ministry promised returning engineers a flat."


@dataclass(frozen=True, slots=True)
class Run:
    """What a program took."""

    seconds: float
    processor_seconds: float
    peak: int
    """Most memory that one of its processes held, in bytes."""


def run(line: Sequence[str]) -> Run:
    """Run a program to its end; raises ``RuntimeError`` where it fails."""
    start = perf_counter()
    with Path(os.devnull).open("w") as nowhere:
        program = subprocess.Popen(line, stdout=nowhere)  # noqa: S603  # our own
        _, status, usage = os.wait4(program.pid, 0)
    took = perf_counter() - start
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode:
        raise RuntimeError(f"{' '.join(line)} failed with exit code {program.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


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
