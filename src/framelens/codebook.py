"""The codebook: frames, their rules, and the version that codings were made under."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from framelens.errors import InputError

FRAME_ID = re.compile(r"[a-z][a-z0-9_]*")
VERSION = re.compile(r"[0-9]+\.[0-9]+")
COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame and the rules by which it is coded."""

    id: str
    name: str
    key: str
    colour: str
    definition: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Codebook:
    """Frames in order, with the rules that hold for all of them."""

    version: str
    title: str
    frames: tuple[Frame, ...]
    unit: str = ""
    terms: tuple[str, ...] = ()
    none: str = ""
    doubtful: tuple[str, ...] = ()

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Frame ids in codebook order."""
        return tuple(frame.id for frame in self.frames)

    @property
    def major(self) -> str:
        """The part of the version that changes when a rule changes what codings mean."""
        return major(self.version)

    def parse_frames(self, cell: str) -> frozenset[str]:
        """Frame ids of one coding; raises ``ValueError`` for a repeated or unknown one."""
        ids = cell.split()
        for id_ in ids:
            if id_ not in self.ids:
                raise ValueError(f"unknown frame {id_!r}; the codebook has {', '.join(self.ids)}")
            if ids.count(id_) > 1:
                raise ValueError(f"frame {id_!r} stands twice")
        return frozenset(ids)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as in the TOML file, for the model card."""
        return asdict(self)


def major(version: str) -> str:
    """Major part of a codebook version.

    >>> major("1.1")
    '1'
    """
    return version.split(".")[0]


def read_codebook(path: Path) -> Codebook:
    """Read and check a codebook; raises ``InputError`` that names the file and the fault."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot read the codebook: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save the codebook as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None
    try:
        return parse_codebook(table)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None


def parse_codebook(table: Mapping[str, Any]) -> Codebook:
    """Build a codebook from plain values; raises ``ValueError`` that names the key at fault."""
    rows = _take(table, "frames", (list, tuple), "codebook")
    frames = tuple(_frame(row, f"frames[{number}]") for number, row in enumerate(rows, start=1))
    if not frames:
        raise ValueError("codebook: no frames; give at least one [[frames]] table")
    _unique("id", [frame.id for frame in frames])
    _unique("key", [frame.key for frame in frames])
    _known(table, Codebook, "codebook")
    version = _take(table, "version", str, "codebook")
    if not VERSION.fullmatch(version):
        raise ValueError(f"codebook: version is {version!r}; give it as MAJOR.MINOR, such as '1.1'")
    return Codebook(
        version=version,
        title=_take(table, "title", str, "codebook"),
        frames=frames,
        unit=_take(table, "unit", str, "codebook", ""),
        terms=_strings(table, "terms", "codebook"),
        none=_take(table, "none", str, "codebook", ""),
        doubtful=_strings(table, "doubtful", "codebook"),
    )


def _frame(row: object, where: str) -> Frame:
    if not isinstance(row, Mapping):
        raise ValueError(f"{where}: not a table; write each frame as [[frames]]")
    _known(row, Frame, where)
    id_ = _take(row, "id", str, where)
    if not FRAME_ID.fullmatch(id_):
        raise ValueError(f"{where}: id is {id_!r}; use lower-case letters, digits and underscores")
    where = f"frame {id_!r}"
    key = _take(row, "key", str, where)
    if len(key) != 1 or not key.isprintable() or key.isspace():
        raise ValueError(f"{where}: key is {key!r}; give one printable character")
    colour = _take(row, "colour", str, where)
    if not COLOUR.fullmatch(colour):
        raise ValueError(f"{where}: colour is {colour!r}; give it as '#rrggbb'")
    return Frame(
        id=id_,
        name=_take(row, "name", str, where),
        key=key,
        colour=colour,
        definition=_take(row, "definition", str, where),
        include=_strings(row, "include", where),
        exclude=_strings(row, "exclude", where),
        examples=_strings(row, "examples", where),
    )


def _known(table: Mapping[str, Any], kind: type, where: str) -> None:
    known = list(kind.__dataclass_fields__)  # type: ignore[attr-defined]  # kind is a dataclass
    for key in table:
        if key not in known:
            raise ValueError(f"{where}: unknown key {key!r}; use {', '.join(known)}")


def _take(table: Mapping[str, Any], key: str, kind: Any, where: str, default: Any = None) -> Any:
    value = table.get(key, default)
    if value is None:
        raise ValueError(f"{where}: {key!r} is missing")
    if not isinstance(value, kind):
        raise ValueError(f"{where}: {key!r} has the wrong type")
    return value


def _strings(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = _take(table, key, (list, tuple), where, ())
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{where}: {key!r} must be a list of strings")
    return tuple(values)


def _unique(what: str, values: Sequence[str]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            raise ValueError(f"two frames have the {what} {value!r}; each needs its own")
