"""The program starts at once: what is heavy is imported when it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Small
from framelens.model import save


def modules_after(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in ran.stderr.split()}


HELP = """
from framelens.cli import app
app(["--help"], standalone_mode=False)
"""


def test_help_imports_none_of_what_classifies_or_trains() -> None:
    assert not modules_after(HELP) & {"sklearn", "pandas", "matplotlib", "scipy", "numpy", "pyarrow"}


@pytest.mark.parametrize("count", [1, 500])
def test_a_sentence_is_classified_without_what_trains(count: int, small: Small, tmp_path: Path) -> None:
    save(small.model, tmp_path / "m.npz")
    (tmp_path / "article.txt").write_text("They left the country.\n" * count, encoding="utf-8")
    line = ["classify", str(tmp_path / "article.txt"), "--model", str(tmp_path / "m.npz"), "--format", "csv"]
    found = modules_after(f"from framelens.cli import app\napp({line!r}, standalone_mode=False)")
    assert not found & {"sklearn", "pandas", "matplotlib", "scipy"}
    assert "numpy" in found
