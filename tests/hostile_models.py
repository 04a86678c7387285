"""Files that are no sound model: a name, and how each is made from the shipped one."""

import hashlib
import json
import os
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conftest import ROOT
from framelens.model import FORMAT

SHIPPED = ROOT / "models" / "frames.npz"
Make = Callable[[Path], object]
Arrays = dict[str, NDArray[Any]]


class Trap:
    """Makes a file beside the model when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path.with_name("executed"),)


@lru_cache(maxsize=1)
def arrays() -> Arrays:
    with np.load(SHIPPED) as archive:
        return dict(archive)


def text(value: str | bytes) -> NDArray[np.uint8]:
    return np.frombuffer(value.encode() if isinstance(value, str) else value, np.uint8)


def signed(found: Arrays) -> Arrays:
    """The arrays with the SHA-256 that is right for them, so that only what they hold can be refused."""
    digest = hashlib.sha256()
    for name in sorted(found.keys() - {"sha256"}):
        digest.update(f"{name}\t{found[name].dtype.str}\t{found[name].shape}\n".encode() + found[name].tobytes())
    return {**found, "sha256": text(digest.hexdigest())}


def written(path: Path, found: Mapping[str, Any]) -> None:
    np.savez(path, **found)


def changed(path: Path, **changes: Any) -> None:
    """The shipped model with other arrays, rightly signed."""
    written(path, signed({**arrays(), **changes}))


def carded(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The shipped model with another card, rightly signed."""
    card = json.loads(arrays()["card"].tobytes())
    change(card)
    changed(path, card=text(json.dumps(card)))


@lru_cache(maxsize=1)
def raw() -> dict[str, bytes]:
    with zipfile.ZipFile(SHIPPED) as archive:
        return {member.filename: archive.read(member) for member in archive.infolist()}


def packed(
    path: Path,
    change: Mapping[str, bytes | None],
    method: int = zipfile.ZIP_STORED,
    more: tuple[str, bytes] = ("", b""),
) -> None:
    """The shipped model with other bytes in some members, without those that are ``None``, and with one more."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in {**raw(), **change}.items():
            if data is not None:
                archive.writestr(name, data)
        if more[0]:
            archive.NameToInfo.pop(more[0], None)  # or it would warn of a second member of this name
            archive.writestr(*more)


def array(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """A member of any header."""
    line = header.encode() + b"\n"
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(line))
    return b"\x93NUMPY" + version + length + line + data


def shaped(shape: str, kind: str = "<f8") -> bytes:
    return array(f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}", bytes(48))


def saved(path: Path, value: NDArray[Any]) -> None:
    with path.open("wb") as file:
        np.save(file, value)


def cut(path: Path, size: int) -> None:
    path.write_bytes(SHIPPED.read_bytes()[:size])


def flipped(path: Path, place: int, bit: int = 3) -> None:
    data = bytearray(SHIPPED.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(bytes(data))


def flipped_inside(path: Path, member: str, place: int) -> None:
    """A bit flipped at ``place``, or at the next byte where that changes what is read: Deflate has words to spare."""
    with zipfile.ZipFile(SHIPPED) as archive:
        sound = archive.read(member)
    for there in range(place, place + 100):
        flipped(path, there)
        try:
            with zipfile.ZipFile(path) as archive:
                same = archive.read(member) == sound
        except (zipfile.BadZipFile, zlib.error):
            same = False
        if not same:
            return
    raise AssertionError(f"no bit of {member} matters")


def bomb(path: Path, name: str, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, data in raw().items():
            if key != name:
                archive.writestr(key, data)
        with archive.open(name, "w", force_zip64=True) as member:
            for _ in range(size // 2**20):
                member.write(bytes(2**20))


def understated(path: Path) -> None:
    """A member that says it is small and unpacks to 64 MiB: its size is changed in the list and before its data."""
    bomb(path, "card.npy", 64 * 2**20)
    data = path.read_bytes()
    said, small = struct.pack("<Q", 64 * 2**20), struct.pack("<L", 64 * 2**20)
    path.write_bytes(data.replace(said, struct.pack("<Q", 5000)).replace(small, struct.pack("<L", 5000)))


def crowded(path: Path, count: int = 20_000) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.npy", b"")


def twice_listed(path: Path) -> None:
    """Two members that lie on the same bytes."""
    packed(path, {})
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.infolist()[1]
        archive.filelist.append(first)
        archive._didModify = True  # type: ignore[attr-defined]  # so that the list is written anew


def larger_record(path: Path) -> None:
    """A second record before the end that says another size, which Python's reader prefers."""
    data = SHIPPED.read_bytes()
    end = data[-22:]
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(data) - 22, 1)
    path.write_bytes(data[:-22] + record + locator + end)


def encrypted(path: Path) -> None:
    packed(path, {})
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        listed = archive.start_dir
    data[listed + 8] |= 1
    path.write_bytes(bytes(data))


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**38)


def spoilt(name: str, value: float) -> NDArray[Any]:
    found = arrays()[name].copy()
    found.flat[0] = value
    return found


def first_frame(card: dict[str, Any]) -> dict[str, Any]:
    return dict(card["codebook"]["frames"][0])


def by_section() -> Iterator[tuple[str, Make]]:
    """Cut before, inside and behind each member, and a bit flipped in each and in its place in the list."""
    with zipfile.ZipFile(SHIPPED) as archive:
        for member in archive.infolist():
            name, start = member.filename.removesuffix(".npy"), member.header_offset
            middle = start + 30 + len(member.filename) + member.compress_size // 2
            yield f"cut before {name}", partial(cut, size=start)
            yield f"cut inside {name}", partial(cut, size=middle)
            yield f"bit flipped in {name}", partial(flipped_inside, member=member.filename, place=middle)
        listed = archive.start_dir
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            for what, field in (("check sum", 16), ("size", 24), ("place", 42), ("name", 46)):
                yield f"bit flipped in the {what} of {name}", partial(flipped, place=listed + field)
            listed += 46 + len(member.filename) + len(member.extra)
        yield "cut before the list", partial(cut, size=archive.start_dir)
        yield "cut inside the list", partial(cut, size=archive.start_dir + 100)
        yield "cut inside the end", partial(cut, size=SHIPPED.stat().st_size - 5)


def without_each() -> Iterator[tuple[str, Make]]:
    for name in raw():
        yield f"without {name}", partial(packed, change={name: None})
        yield f"{name} twice", partial(packed, change={}, more=(name, raw()[name]))


def no_files() -> Iterator[tuple[str, Make]]:
    yield "nothing there", Path.exists
    yield "empty", lambda path: path.write_bytes(b"")
    yield "one byte", lambda path: path.write_bytes(b"P")
    yield "text", lambda path: path.write_text("They left.\n" * 100)
    yield "a folder", lambda path: path.mkdir()
    yield "a pipe", os.mkfifo
    yield "a device without end", lambda path: path.symlink_to("/dev/zero")
    yield "a link to nowhere", lambda path: path.symlink_to("nowhere")
    yield "a link to itself", lambda path: path.symlink_to(path.name)
    yield "256 GiB of nothing", sparse
    yield "a pickle", lambda path: path.write_bytes(pickle.dumps(Trap(path)))
    yield "one array", lambda path: saved(path, np.zeros(9))
    yield "one pickled array", lambda path: saved(path, np.array([Trap(path)], dtype=object))
    yield "a card alone", lambda path: path.write_bytes(arrays()["card"].tobytes())


def strange_archives() -> Iterator[tuple[str, Make]]:
    yield "a bomb as card", partial(bomb, name="card.npy", size=300 * 2**20)
    yield "a bomb below the limit as card", partial(bomb, name="card.npy", size=64 * 2**20)
    yield "a bomb below the limit as check sum", partial(bomb, name="sha256.npy", size=64 * 2**20)
    yield "a bomb that says it is small", understated
    yield "20,000 members", crowded
    yield "two members on the same bytes", twice_listed
    yield "a larger record of its end", larger_record
    yield "packed by LZMA", partial(packed, change=dict.fromkeys(list(raw())[2:]), method=zipfile.ZIP_LZMA)
    yield "packed by BZ2", partial(packed, change=dict.fromkeys(list(raw())[2:]), method=zipfile.ZIP_BZIP2)
    yield "encrypted", encrypted
    for name in (
        "../../evil.npy",
        "/etc/evil.npy",
        "C:\\evil.npy",
        "bias.npy/../evil.npy",
        "evil/",
        "evil.py",
        "évil\x1b[31m\n.npy",
    ):
        yield f"one more member {name!r}", partial(packed, change={}, more=(name, b"x"))
    yield "a member renamed", partial(packed, change={"bias.npy": None}, more=("Bias.npy", raw()["bias.npy"]))
    yield "a pickle for an array", lambda path: packed(path, {"bias.npy": pickle.dumps(Trap(path))})
    yield (
        "a pickled array",
        lambda path: np.savez(path, allow_pickle=True, **{**arrays(), "bias": np.array([Trap(path)], dtype=object)}),
    )


def strange_headers() -> Iterator[tuple[str, Make]]:
    headers = {
        "a shape of 10^18": shaped("(1000000000, 1000000000)"),
        "a shape of 8 GiB": shaped("(999999999,)"),
        "a shape of many digits": shaped(f"({'9' * 5000},)"),
        "a negative shape": shaped("(-6,)"),
        "no shape": shaped("()"),
        "a shape of 40 dimensions": shaped(f"({', '.join('1' * 40)})"),
        "a shape of old Python": shaped("(6L,)"),
        "one number too many": shaped("(7,)"),
        "Python objects": shaped("(6,)", "|O"),
        "text": shaped("(6,)", "<U2"),
        "the other byte order": shaped("(6,)", ">f8"),
        "complex numbers": shaped("(3,)", "<c16"),
        "items of 2 GiB": shaped("(1,)", "|V2147483647"),
        "code": array(
            "{'descr': __import__('os').mkdir('executed'), 'fortran_order': False, 'shape': (6,), }", bytes(48)
        ),
        "brackets": array("(" * 5000, bytes(48)),
        "records": array("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,), }", bytes(48)),
        "a later version": array("{'descr': '<f8', 'fortran_order': False, 'shape': (6,), }", bytes(48), b"\x03\x00"),
        "a length beyond its end": b"\x93NUMPY\x01\x00\xff\xff{",
        "nothing": b"",
        "half a magic word": b"\x93NUM",
    }
    for name, data in headers.items():
        yield f"header: {name}", partial(packed, change={"bias.npy": data})


def strange_values() -> Iterator[tuple[str, Make]]:
    for name in ("term_weight", "gram_weight", "vector_weight", "platt", "thresholds"):
        yield f"NaN in {name}", lambda path, name=name: changed(path, **{name: spoilt(name, np.nan)})  # type: ignore[misc]
        yield f"infinity in {name}", lambda path, name=name: changed(path, **{name: spoilt(name, np.inf)})  # type: ignore[misc]
    yield "a weight of 1e300", lambda path: changed(path, bias=spoilt("bias", 1e300))
    yield "a spread of nothing", lambda path: changed(path, scales=np.zeros((2, 2, 6)))
    yield "a negative idf", lambda path: changed(path, word_idf=spoilt("word_idf", -1))
    yield "a stem beyond the stems", lambda path: changed(path, pairs=spoilt("pairs", 2**31 - 1))
    yield "a stem before the stems", lambda path: changed(path, pairs=spoilt("pairs", -1))
    yield "one frame less", lambda path: changed(path, thresholds=np.zeros(3))
    yield "weights of 64 bits", lambda path: changed(path, term_weight=arrays()["term_weight"].astype(np.float64))
    yield "weights laid flat", lambda path: changed(path, term_weight=arrays()["term_weight"].ravel())
    yield "words that are no UTF-8", lambda path: changed(path, words=text(b"\xff\xfe"))
    yield "words as numbers", lambda path: changed(path, words=np.zeros(5))
    yield "words without end", lambda path: changed(path, words=text("\n" * 3_000_000))
    yield "one word less", lambda path: changed(path, words=text("one"))
    yield "another check sum", lambda path: written(path, {**arrays(), "sha256": text("0" * 64)})
    yield "a check sum of numbers", lambda path: written(path, {**arrays(), "sha256": np.zeros(4)})
    yield "a check sum that is no text", lambda path: written(path, {**arrays(), "sha256": text(b"\xff" * 64)})
    yield "one weight changed", lambda path: written(path, {**arrays(), "bias": spoilt("bias", 0.5)})


def strange_cards() -> Iterator[tuple[str, Make]]:
    whole = {
        "no JSON": "{",
        "not UTF-8": b"\xff",
        "a list": "[1]",
        "nothing": "",
        "too deep": "[" * 500_000,
        "5 MiB": json.dumps({"format": FORMAT, "x": "x" * 5 * 2**20}),
        "a number of 5,000 digits": f'{{"format": {"9" * 5000}}}',
        "of another format": json.dumps({"format": FORMAT - 1}),
        "of a format in text": json.dumps({"format": str(FORMAT)}),
        "without format": "{}",
        "without codebook": json.dumps({"format": FORMAT}),
    }
    for name, card in whole.items():
        yield f"card: {name}", lambda path, card=card: changed(path, card=text(card))  # type: ignore[misc]
    parts: dict[str, Callable[[dict[str, Any]], object]] = {
        "a codebook that is text": lambda card: card.update(codebook="1.1"),
        "a codebook of no frames": lambda card: card["codebook"].update(frames=[]),
        "a frame renamed to a path": lambda card: card["codebook"]["frames"][0].update(id="../evil"),
        "a frame renamed to markup": lambda card: card["codebook"]["frames"][0].update(id="<script>"),
        "a frame twice": lambda card: card["codebook"]["frames"].append(first_frame(card)),
        "a frame missing": lambda card: card["codebook"]["frames"].pop(),
        "a colour that is style": lambda card: card["codebook"]["frames"][0].update(colour="red;}"),
        "a key that is an escape": lambda card: card["codebook"]["frames"][0].update(key="\x1b"),
        "9,000 frames": lambda card: card["codebook"].update(frames=[{**first_frame(card), "definition": ""}] * 9_000),
        "figures that are text": lambda card: card.update(figures="good"),
        "figures without rows": lambda card: card["figures"].pop("frames"),
        "a figure that is text": lambda card: card["figures"]["macro"]["f1"].update(point="0.99"),
        "a figure that is missing": lambda card: card["figures"]["frames"][1]["f1"].pop("low"),
        "counts that are text": lambda card: card["data"].update(sentences="many"),
        "no counts": lambda card: card.update(data={}),
        "another kind": lambda card: card.update(kind="labels"),
    }
    for name, change in parts.items():
        yield f"card: {name}", partial(carded, change=change)


HOSTILE: dict[str, Make] = {
    **dict(no_files()),
    **dict(by_section()),
    **dict(without_each()),
    **dict(strange_archives()),
    **dict(strange_headers()),
    **dict(strange_values()),
    **dict(strange_cards()),
}
