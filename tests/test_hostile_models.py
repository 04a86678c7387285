"""Model files from strangers: each is refused with one line, within bounds of memory, and nothing in it is executed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import tried
from framelens.cli import app
from hostile_models import HOSTILE, SHIPPED

CHILD = """
import resource, signal, sys
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
from pathlib import Path
from framelens.errors import InputError
from framelens.model import load
for line in sys.stdin:
    signal.alarm(60)
    try:
        load(Path(line.rstrip()))
        print("taken")
    except InputError as error:
        print(error)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems can hold a program to so much memory")
def test_every_hostile_file_is_refused_with_one_line_in_less_than_a_gibibyte(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=tmp_path,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as child:
        assert child.stdin
        assert child.stdout
        for number, (name, make) in enumerate(HOSTILE.items()):
            path = tmp_path / str(number) / "model.npz"
            path.parent.mkdir()
            make(path)
            child.stdin.write(f"{path}\n")
            assert child.stdout.readline().startswith(f"{path}: no"), name
            assert int(child.stdout.readline()) < 2**20, name
            assert not path.with_name("executed").exists(), name
            shutil.rmtree(path.parent)
            tried("model files")
        child.stdin.close()
    assert child.returncode == 0
    assert list(tmp_path.iterdir()) == []
    assert len(HOSTILE) > 200


@pytest.mark.parametrize("command", [["model", "verify"], ["model", "show", "--model"], ["classify", "-", "--model"]])
@pytest.mark.parametrize("name", ["a pipe", "a pickle", "cut inside bias", "card: a figure that is text"])
def test_every_command_refuses_them_with_one_line(command: list[str], name: str, tmp_path: Path) -> None:
    HOSTILE[name](tmp_path / "model.npz")
    result = CliRunner().invoke(app, [*command, str(tmp_path / "model.npz")], input="They left.")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"framelens: {tmp_path / 'model.npz'}: ")
    assert result.stderr.count("\n") == 1


def test_a_sound_model_is_told_in_one_line_and_in_json() -> None:
    line = CliRunner().invoke(app, ["model", "verify", str(SHIPPED)])
    assert line.exit_code == 0
    assert line.stdout.startswith(f"{SHIPPED}: OK: ")
    assert line.stdout.count("\n") == 1
    found = json.loads(CliRunner().invoke(app, ["model", "verify", "--json", str(SHIPPED)]).stdout)
    assert found["ok"] is True
    assert found["sha256"] == json.loads(SHIPPED.with_suffix(".json").read_bytes())["sha256"]
    assert f"SHA-256 {found['sha256']}\n" in line.stdout


def test_what_is_refused_is_told_in_json_too(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["model", "verify", "--json", str(tmp_path)])
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "file": str(tmp_path),
        "ok": False,
        "reason": f"{tmp_path}: not a usable framelens model: a folder; restore the file or retrain",
    }
