"""What is built is the same each time, and brings nothing that asks more than to be named."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import supply
from conftest import ROOT


def test_two_builds_in_two_folders_at_two_times_give_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for number, stamp in enumerate((1_700_000_000, 1_800_000_000)):
        source, target = tmp_path / f"source-{number}", tmp_path / f"built-{number}"
        left = shutil.ignore_patterns(".*cache", ".venv", ".git", ".hypothesis", "cache", "__pycache__", "*.joblib")
        shutil.copytree(ROOT, source, ignore=left)
        for path in source.rglob("*"):
            os.utime(path, (stamp, stamp))
        line = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), str(source)]
        zone = {**os.environ, "TZ": ("UTC", "Asia/Tokyo")[number]}
        subprocess.run(line, check=True, capture_output=True, env=zone, umask=(0o022, 0o077)[number])
        found.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in target.iterdir()})
    assert len(found[0]) == 2
    assert found[0] == found[1]


def test_nothing_that_comes_with_framelens_is_copyleft_but_what_is_named() -> None:
    packages = supply.needed()
    assert {"numpy", "fastapi", "distributed", "trafilatura"} <= {one.name for one in packages}
    assert {one.name for one in packages if one.copyleft} <= set(supply.UNCHANGED)
    assert [one.name for one in packages if one.licence == "not told"] == []


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "GNU General Public License v2 (GPLv2)", "MIT OR LGPL-2.1-or-later"]
)
def test_copyleft_is_known_by_its_names(licence: str) -> None:
    assert supply.Needed("one", "1", licence).copyleft
    assert not supply.Needed("one", "1", "BSD-3-Clause").copyleft


def test_every_pinned_package_has_hashes() -> None:
    pinned = supply.LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    packages = [line for line in pinned if line[:1].isalnum()]
    assert len(packages) > 50
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []
