"""Commands in documentation: each ```console block starts with ``$ command`` and holds what the command prints.

A test compares; ``make readme`` writes the outputs anew. A guide is run from top to bottom, its ```sh blocks too, in a
folder of its own that holds labelled set and model as a checkout does.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "data/README.md")
GUIDES = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "guides").glob("*.md")))
BLOCK = re.compile(r"```console\n\$ ([^\n]+)\n(.*?)```", re.DOTALL)
STEP = re.compile(r"```sh\n(?P<script>.*?)```|" + BLOCK.pattern, re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Command and output of each block."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match.group(1), match.group(2)


def run(command: str, folder: Path = ROOT) -> str:
    """What the command prints, as in a shell at the top of the checkout; one that shows its errors too may fail."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100"}
    line = ["bash", "-e", "-c", command]
    told = not command.endswith("2>&1")
    done = subprocess.run(line, cwd=folder, env=environment, stdout=subprocess.PIPE, check=told)
    return "\n".join(line.rstrip() for line in done.stdout.decode().splitlines()) + "\n"


@contextmanager
def checkout() -> Iterator[Path]:
    """A folder to work in that holds what a guide needs of a checkout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "data", folder / "data", ignore=shutil.ignore_patterns("articles", "vectors"))
        yield folder


def followed(page: Path) -> str:
    """The guide with what its commands print now."""

    def step(match: re.Match[str]) -> str:
        if match["script"]:
            run(match["script"], folder)
            return match[0]
        return f"```console\n$ {match[2]}\n{run(match[2], folder)}```"

    with checkout() as folder:
        return STEP.sub(step, page.read_text(encoding="utf-8"))


def main() -> None:
    """Write every output anew."""
    for page in PAGES:
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        path.write_text(
            BLOCK.sub(lambda match: f"```console\n$ {match.group(1)}\n{run(match.group(1))}```", text), encoding="utf-8"
        )
    for page in GUIDES:
        (ROOT / page).write_text(followed(ROOT / page), encoding="utf-8")


if __name__ == "__main__":
    main()
