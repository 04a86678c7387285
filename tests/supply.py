"""What framelens needs when it is installed: licences of all of it, and known vulnerabilities of the pinned versions.

python tests/supply.py
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
COPYLEFT = ("GPL", "GNU", "MPL", "Mozilla", "EUPL", "CC-BY-SA", "EPL", "CDDL", "OSL", "SSPL")
UNCHANGED = {
    "certifi": "a list of certificates, used as it is, by the extra docs",
    "tld": "used as it is, by the extra docs; copyleft of its own files alone (MPL)",
}
"""Copyleft of single files, which binds who changes these files; we do not."""
AUDIT = ["tool", "run", "--quiet", "pip-audit", "--requirement", str(LOCK), "--disable-pip", "--require-hashes"]


@dataclass(frozen=True, slots=True)
class Needed:
    """A package that comes with framelens or one of its extras."""

    name: str
    version: str
    licence: str

    @property
    def copyleft(self) -> bool:
        """Whether its licence asks more than to be named."""
        return any(mark in self.licence for mark in COPYLEFT)


def needed(name: str = "framelens", extras: tuple[str, ...] | None = None) -> list[Needed]:
    """Everything that an installation with all extras brings, by name; what is not installed here is left out."""
    extras = tuple(metadata(name).get_all("Provides-Extra", [])) if extras is None else extras
    found: dict[tuple[str, tuple[str, ...]], Needed] = {}
    waiting = [(name, extras)]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        try:
            about = metadata(one[0])
        except PackageNotFoundError:
            continue
        found[one] = Needed(one[0], about["Version"], _licence(one[0]))
        waiting += _requirements(*one)
    return sorted({one.name: one for one in found.values()}.values(), key=lambda one: one.name)


def _requirements(name: str, extras: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in distribution(name).requires or []:
        asked = Requirement(line)
        if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in extras or ("",)):
            yield canonicalize_name(asked.name), tuple(sorted(asked.extras))


def _licence(name: str) -> str:
    about = metadata(name)
    kinds = [kind.rpartition(" :: ")[2] for kind in about.get_all("Classifier", []) if kind.startswith("License ::")]
    # some put the whole text into the field
    told = about.json.get("license_expression") or ", ".join(kinds) or about.json.get("license") or "not told"
    return str(told).partition("\n")[0]


def vulnerabilities() -> tuple[list[str], int, int]:
    """Known vulnerabilities of the pinned packages; how many packages were looked up, and how many could not be."""
    line = [str(Path(sys.executable).parent / "uv"), *AUDIT, "--format", "json"]
    told = subprocess.run(line, capture_output=True, text=True, check=False)  # our own
    if not told.stdout.strip():
        raise RuntimeError(f"pip-audit did not run: {told.stderr.strip().rpartition(chr(10))[2]}")
    packages = json.loads(told.stdout)["dependencies"]
    faults = [f"{one['name']} {one['version']}: {fault['id']}" for one in packages for fault in one.get("vulns", [])]
    skipped = sum("skip_reason" in one for one in packages)
    return faults, len(packages) - skipped, skipped


def main() -> int:
    """Print both, and fail where one of them is not as promised."""
    packages = needed()
    for one in packages:
        print(f"{one.name} {one.version}: {one.licence}")  # noqa: T201  # what it is for
    wrong = [one.name for one in packages if one.copyleft and one.name not in UNCHANGED]
    allowed = "; ".join(f"{name} ({why})" for name, why in UNCHANGED.items())
    print(f"{len(packages)} packages with all extras; copyleft: {', '.join(wrong) or 'none'} beside {allowed}")  # noqa: T201
    faults, known, unknown = vulnerabilities()
    for fault in faults:
        print(fault)  # noqa: T201
    database = "" if known else "; no database can be reached from here, so nothing is known"
    print(f"known vulnerabilities: {len(faults)}; looked up {known}, not found {unknown}{database}")  # noqa: T201
    return int(bool(wrong or faults))


if __name__ == "__main__":
    sys.exit(main())
