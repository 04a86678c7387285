"""Arrays in a zip file (.npz), read strictly: every size is checked before memory is taken, and nothing is executed."""

import math
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

LARGEST = 256 * 2**20
"""Most bytes that a file of arrays may take, packed or unpacked."""
MOST_DIRECTORY = 2**16
"""Most bytes of the list of members at the end of the file; a list of millions would fill the memory by itself."""

END = struct.Struct("<4s4H2LH")
"""The end-of-central-directory record (PKWARE APPNOTE, section 4.3.16)."""
ZIP64_MARK = b"PK\x06\x07"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
MAGIC = b"\x93NUMPY\x01\x00"
HEADER = re.compile(
    rb"\{'descr': '([^'\\]{1,20})', 'fortran_order': (True|False), 'shape': \((\d{1,9}(?:, \d{1,9}){0,3}),?\), \} *\n"
)
KINDS = {b"<f8": np.float64, b"<f4": np.float32, b"<f2": np.float16, b"<i4": np.int32, b"|u1": np.uint8}
"""The kinds of numbers that may stand in a file; all else, Python objects above all, is refused by its name alone."""

Array = NDArray[Any]


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, once its frame is sound; raises ``OSError`` where none can be read and ``ValueError`` for others."""
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        # a pipe would wait for ever, and a device never end
        raise ValueError("a folder" if stat.S_ISDIR(about.st_mode) else "no regular file")
    with path.open("rb") as file:
        _require_frame(file, about.st_size)
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
            raise ValueError(f"damaged: {' '.join(str(error).split()) or 'its end is missing'}") from None


def _require_frame(file: BinaryIO, size: int) -> None:
    """Refuse what is no archive, or lists more members than memory should be taken for."""
    if size > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**20} MiB")
    file.seek(max(0, size - END.size - 20))
    tail = file.read()
    if len(tail) < END.size or not tail[-END.size :].startswith(b"PK\x05\x06") or not tail.endswith(b"\0\0"):
        raise ValueError("empty" if not size else "no archive of arrays (.npz), or its end is missing")
    _, _, _, _, _, directory, _, _ = END.unpack(tail[-END.size :])
    # where both stand there, Python's reader believes the larger record
    if directory > MOST_DIRECTORY or tail.startswith(ZIP64_MARK):
        raise ValueError("its list of members is too long")


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members by the name of their array; raises ``ValueError`` for a repeated one, or for too many bytes.

    Names are keys and nothing else, so that a path in one can lead nowhere.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(".npy")
        if name == member.filename:
            raise ValueError(f"holds {name[:60]!r}, which is no array")
        if name in found:
            raise ValueError(f"holds {name[:60]!r} twice")
        if member.compress_type not in METHODS or member.flag_bits & ENCRYPTED:
            raise ValueError(f"{name[:60]!r} is packed in a way that is not read")
        found[name] = member
    if sum(member.file_size for member in found.values()) > LARGEST:
        raise ValueError(f"larger than {LARGEST // 2**20} MiB unpacked")
    return found


def read_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int = LARGEST) -> Array:
    """The numbers of one member, which may take ``most`` bytes; its header must say the size that it has."""
    name = member.filename.removesuffix(".npy")
    if member.file_size > most:
        raise ValueError(f"{name} takes {member.file_size:,} bytes; at most {most:,} can be")
    with archive.open(member) as file:
        start = file.read(len(MAGIC) + 2)
        if not start.startswith(MAGIC):
            raise ValueError(f"{name} is no array")
        length = int.from_bytes(start[-2:], "little")
        header = HEADER.fullmatch(file.read(length))
        if not header:
            raise ValueError(f"{name} has a header that numpy does not write")
        kind, fortran, sizes = header.groups()
        if kind not in KINDS:
            raise ValueError(f"{name} holds {kind.decode('ascii', 'replace')!r}, which are no plain numbers")
        shape = tuple(map(int, sizes.split(b", ")))
        size = member.file_size - len(start) - length
        if math.prod(shape) * np.dtype(KINDS[kind]).itemsize != size:
            raise ValueError(f"{name} says that its shape is {shape}, which its {size:,} bytes do not hold")
        data = file.read(size)  # never without the size: a member may unpack to more than it says
    if len(data) != size:
        raise ValueError(f"{name} breaks off")
    return np.frombuffer(data, KINDS[kind]).reshape(shape, order="F" if fortran == b"True" else "C")


def read_arrays(
    archive: zipfile.ZipFile, found: Mapping[str, zipfile.ZipInfo], most: Mapping[str, int]
) -> dict[str, Array]:
    """All these members; ``most`` gives the most bytes of some."""
    return {name: read_array(archive, member, most.get(name, LARGEST)) for name, member in found.items()}
