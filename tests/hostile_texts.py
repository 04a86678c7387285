"""Files to read that would take all memory, all time, or all patience: a name, an ending, and how each is made."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import docx
import pyarrow as pa
import pyarrow.parquet as pq

MIB = 2**20
TWICE = "[/FlateDecode/FlateDecode]"


def word(change: Callable[[zipfile.ZipFile], object]) -> bytes:
    """A Word document with one more part, or several."""
    whole = io.BytesIO()
    file = docx.Document()
    file.add_paragraph("They left.")
    file.save(whole)
    with zipfile.ZipFile(whole, "a", zipfile.ZIP_DEFLATED) as archive:
        change(archive)
    return whole.getvalue()


def zeros(archive: zipfile.ZipFile, name: str, size: int) -> None:
    with archive.open(name, "w") as member:
        for _ in range(size // MIB):
            member.write(bytes(MIB))


def understated_word() -> bytes:
    size = 120 * MIB
    data = word(lambda archive: zeros(archive, "word/media/a.png", size))
    return data.replace(struct.pack("<L", size), struct.pack("<L", 100))


def entities() -> bytes:
    """The billion laughs, in a Word document."""
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE w [<!ENTITY a0 "left">{lines}]><w:document xmlns:w="x"><w:body>&a9;</w:body></w:document>'
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word(lambda _: None))) as source, zipfile.ZipFile(whole, "w") as target:
        for member in source.infolist():
            target.writestr(member.filename, xml if member.filename == "word/document.xml" else source.read(member))
    return whole.getvalue()


def pdf(packed: bytes, filters: str = "/FlateDecode") -> bytes:
    """A PDF of one page with this content."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>",
        f"<</Length {len(packed)}/Filter{filters}>>stream\n".encode() + packed + b"\nendstream",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 5\n0000000000 65535 f \n{table}trailer<</Size 5/Root 1 0 R>>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + end.encode()


def inflated(size: int) -> bytes:
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def parquet(table: pa.Table) -> bytes:
    whole = io.BytesIO()
    pq.write_table(table, whole, compression="zstd")
    return whole.getvalue()


def long_word(size: int) -> pa.Table:
    return pa.table({"text": pa.array(["x" * size])})


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a Word part of 120 MiB": (".docx", lambda: word(lambda archive: zeros(archive, "word/media/a.png", 120 * MIB))),
    "a Word part that says it is small": (".docx", understated_word),
    "Word XML of 40 MiB": (".docx", lambda: word(lambda archive: zeros(archive, "word/more.xml", 40 * MIB))),
    "a billion laughs": (".docx", entities),
    "a zip that is no Word document": (".docx", lambda: b"PK\x05\x06" + bytes(18)),
    "a PDF stream of 120 MiB": (".pdf", lambda: pdf(inflated(120 * MIB))),
    "a PDF stream packed twice": (
        ".pdf",
        lambda: pdf(zlib.compress(inflated(1024 * MIB)), "[/FlateDecode/FlateDecode]"),
    ),
    "a PDF stream that is damaged": (".pdf", lambda: pdf(inflated(120 * MIB)[:-9] + b"x" * 9)),
    "a PDF of nothing": (".pdf", lambda: b"%PDF-1.7\n%%EOF"),
    "6,000,000 rows of nothing": (".parquet", lambda: parquet(pa.table({"text": pa.nulls(6_000_000, pa.string())}))),
    "a Parquet cell of 360 MB": (".parquet", lambda: parquet(pa.table({"text": pa.array(["x" * 6_000_000] * 60)}))),
    "a Parquet cell that is too long": (".parquet", lambda: parquet(long_word(6_000_000))),
    "Parquet without an end": (".parquet", lambda: parquet(long_word(10))[:-8] + b"\xff\xff\xff\x7fPAR1"),
    "JSON too deep to read": (".jsonl", lambda: b'{"text": "x", "a": ' + b"[" * 100_000),
    "JSON too deep to write": (".jsonl", lambda: b'{"text": "x", "a": ' + b"[" * 400 + b"]" * 400 + b"}"),
    "JSON of one huge number": (".jsonl", lambda: b'{"text": "x", "a": ' + b"9" * 100_000 + b"}"),
    "a cell without end": (".csv", lambda: b'text\n"' + b"They left. " * 500_000),
    "a cell that is too long": (".csv", lambda: b'text\n"' + b"They left. " * 500_000 + b'"\n'),
    "100,000 columns of one name": (".csv", lambda: b"text," * 100_000 + b"\n"),
    "a line that is too long": (".txt", lambda: b"They left. " * 500_000),
    "a page of 11 MB": (".html", lambda: b"<p>They left.</p>" * 650_000),
    "a page nested 300,000 deep": (".html", lambda: b"<div>" * 300_000 + b"They left."),
    "text that is a program": (".txt", lambda: b"\x7fELF\x02\x01\x01" + bytes(5000)),
    "UTF-16 cut in a letter": (".txt", lambda: b"\xff\xfea\x00b"),
}


def unreadable(folder: Path) -> dict[str, Path]:
    """Places that are no files, whatever their names say."""
    places = {"a pipe": folder / "pipe.txt", "a device": folder / "device.csv", "a folder": folder / "folder.pdf"}
    os.mkfifo(places["a pipe"])
    places["a device"].symlink_to("/dev/zero")
    (places["a folder"]).mkdir()
    return places
