"""Commands in documentation: each ```console block starts with ``$ command`` and holds what the command prints.

A test compares; ``make readme`` writes the outputs anew.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "data/README.md")
BLOCK = re.compile(r"```console\n\$ ([^\n]+)\n(.*?)```", re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    """Command and output of each block."""
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match.group(1), match.group(2)


def run(command: str) -> str:
    """What the command prints, as in a shell at the top of the checkout."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100"}
    done = subprocess.run(command, shell=True, cwd=ROOT, env=environment, capture_output=True, check=True)  # noqa: S602  # our own pages
    return "\n".join(line.rstrip() for line in done.stdout.decode().splitlines()) + "\n"


def main() -> None:
    """Write every output anew."""
    for page in PAGES:
        path = ROOT / page
        text = path.read_text(encoding="utf-8")
        path.write_text(
            BLOCK.sub(lambda match: f"```console\n$ {match.group(1)}\n{run(match.group(1))}```", text), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
