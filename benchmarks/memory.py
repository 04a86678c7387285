"""Most memory that a program holds while a contender scores, libraries and model included: one program for each.

python benchmarks/memory.py NAME SENTENCES MODEL ESTIMATOR     # prints bytes
"""

import ctypes
import gc
import subprocess
import sys
from pathlib import Path

import numpy as np

from contenders import CONTENDERS, labelled
from corpora import practice_articles, resampled
from framelens.errors import InputError

DATA = Path(__file__).parents[1] / "data"
STATUS, REFERENCES = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""Linux tells what a program holds, and forgets its peak when asked to."""


def memory(name: str, sentences: int, model: Path, estimator: Path) -> int | None:
    """Bytes at the peak, or ``None`` where the system does not tell."""
    if not REFERENCES.exists():
        return None
    line = [sys.executable, __file__, name, str(sentences), str(model), str(estimator)]
    told = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603  # our own
    if told.returncode:
        raise InputError(f"{name}: {told.stderr.strip().rpartition(chr(10))[2]}")
    return int(told.stdout.split()[-1])


def main(name: str, sentences: int, model: Path, estimator: Path) -> None:
    """Make ready, forget the peak so far, score, print the new peak."""
    score = CONTENDERS[name](labelled(DATA, model, estimator))
    drawn = resampled(practice_articles(DATA), sentences, rng=np.random.default_rng(sentences))
    texts, lengths = [text for article in drawn for text in article], [len(one) for one in drawn]
    # what learning has left behind is not counted
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    REFERENCES.write_text("5", encoding="ascii")
    score(texts, lengths)
    lines = STATUS.read_text(encoding="utf-8").splitlines()
    print(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")))  # noqa: T201  # for who asked


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
