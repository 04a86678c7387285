"""Files of this machine and, behind any address that fsspec knows, of others: the same few verbs for both."""

import hashlib
import os
import posixpath
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from framelens.errors import InputError, reason_of
from framelens.write import whole_file

WILDCARD = re.compile(r"[*?[]")
TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]{8}")
"""Names of files that are being written, or that a killed run left; the group is the name that they were to get."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder; ``system`` is its file system in fsspec, or ``None`` on this machine."""

    path: str
    system: Any = None

    def __str__(self) -> str:
        """The address, as a user would write it."""
        return self.path if self.system is None else str(self.system.unstrip_protocol(self.path))

    def __truediv__(self, name: str) -> "Place":
        """A file in this folder."""
        return Place(posixpath.join(self.path, name), self.system)

    def inside(self, other: "Place") -> bool:
        """Whether this lies in the other folder, or is it."""
        near = type(self.system) is type(other.system)
        return near and posixpath.join(self.path, "").startswith(posixpath.join(other.path, ""))


def place(address: str) -> Place:
    """Where an address leads: a path, ``file://`` and a path, or a URL of fsspec such as ``s3://bucket/folder``."""
    if address.startswith("file://") and "::" not in address:
        address = unquote(address.removeprefix("file://"))
    if "://" not in address and "::" not in address:
        return Place(os.path.realpath(address))
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError:
        raise InputError(f"{address}: such an address needs an extra; run: pip install 'framelens[remote]'") from None
    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError, OSError) as error:
        raise InputError(f"{address}: no such place can be reached: {' '.join(str(error).split())}") from None
    return Place(path.rstrip("/") or path, system)


def files_in(folder: Place) -> dict[str, int]:
    """Files in a folder and the folders in it: name below the folder, and bytes; nothing where it is not there."""
    if folder.system is not None:
        if not folder.system.exists(folder.path):
            return {}
        found = folder.system.find(folder.path, detail=True)
        return {posixpath.relpath(path, folder.path): about["size"] or 0 for path, about in found.items()}

    def refuse(error: OSError) -> None:
        if Path(folder.path).exists():
            raise InputError(f"{error.filename}: cannot be read: {reason_of(error)}")

    return {
        (Path(at) / name).relative_to(folder.path).as_posix(): (Path(at) / name).stat().st_size
        for at, _, names in os.walk(folder.path, onerror=refuse)
        for name in names
        if (Path(at) / name).is_file()
    }


def matches(pattern: Place) -> tuple[Place, dict[str, int]]:
    """The folder before the first wildcard, and the files that match, as in ``files_in``."""
    folder = Place(posixpath.dirname(WILDCARD.split(pattern.path)[0]), pattern.system)
    if pattern.system is not None:
        found = pattern.system.glob(pattern.path, detail=True)
        sizes = {path: about["size"] or 0 for path, about in found.items() if about["type"] == "file"}
    else:
        there = Path(folder.path).glob(posixpath.relpath(pattern.path, folder.path))
        sizes = {path.as_posix(): path.stat().st_size for path in there if path.is_file()}
    return folder, {posixpath.relpath(path, folder.path): size for path, size in sizes.items()}


def size_of(at: Place) -> int:
    """Bytes of a file."""
    return int(at.system.size(at.path) or 0) if at.system is not None else Path(at.path).stat().st_size


def is_folder(at: Place) -> bool:
    """Whether there is a folder here."""
    return bool(at.system.isdir(at.path)) if at.system is not None else Path(at.path).is_dir()


def is_file(at: Place) -> bool:
    """Whether there is a file here."""
    return bool(at.system.isfile(at.path)) if at.system is not None else Path(at.path).is_file()


@contextmanager
def reading(at: Place) -> Iterator[IO[bytes]]:
    """The bytes of a file."""
    with at.system.open(at.path, "rb") if at.system is not None else Path(at.path).open("rb") as file:
        yield file


@contextmanager
def writing(at: Place) -> Iterator[IO[bytes]]:
    """A file that appears under its name when it is whole; its folder is made."""
    folder, name = posixpath.split(at.path)
    if at.system is None:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with whole_file(Path(at.path)) as file:
            yield file
        return
    at.system.makedirs(folder, exist_ok=True)
    temporary = posixpath.join(folder, f".{name}.{uuid.uuid4().hex[:8]}")
    try:
        with at.system.open(temporary, "wb") as file:
            yield file
        at.system.mv(temporary, at.path)
    finally:
        if at.system.exists(temporary):
            at.system.rm_file(temporary)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(at: Place) -> None:
    """Delete a file, if it is there."""
    if at.system is None:
        Path(at.path).unlink(missing_ok=True)
    elif at.system.exists(at.path):
        at.system.rm_file(at.path)
