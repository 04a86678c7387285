"""Codebooks to and from NVivo, MAXQDA and ATLAS.ti: the codebook file (.qdc) of the REFI-QDA standard 1.0."""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from framelens.codebook import COLOUR, FRAME_ID, Codebook, Frame, parse_codebook

NAMESPACE = "urn:QDA-XML:codebook:1.0"
FIRST_VERSION = "1.0"
PARTS = {"include": "Counts", "exclude": "Does not count", "examples": "Such as"}
"""Lines of a description that are rules of their own, by the field of a frame that they fill."""
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
"""For codes without one: told apart by colour-blind readers (Okabe and Ito 2008)."""
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TAKEN_KEYS = " -/?"


def to_qdc(codebook: Codebook) -> bytes:
    """One code a frame; what the standard has no place for (key, rules) stands in the description, a line each."""
    root = Element("CodeBook", {"xmlns": NAMESPACE, "origin": "framelens"})
    codes = SubElement(root, "Codes")
    for frame in codebook.frames:
        guid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"framelens:{codebook.title}:{frame.id}"))
        code = SubElement(
            codes, "Code", {"guid": guid, "name": _xml(frame.name), "isCodable": "true", "color": frame.colour}
        )
        SubElement(code, "Description").text = _xml("\n".join(_lines(frame)))
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def from_qdc(data: bytes, *, title: str) -> tuple[Codebook, tuple[str, ...]]:
    """A codebook from a .qdc file, and names of codes that cannot be coded with and are left out.

    Codes inside others become frames beside them. Raises ``ValueError`` that says what is wrong.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ValueError(f"not XML that can be read: {error}") from None
    if _local(root) != "CodeBook":
        raise ValueError(f"not a REFI-QDA codebook: its root is {_local(root)!r}; export the codebook as .qdc")
    codes = [one for one in root.iter() if _local(one) == "Code"]
    frames: list[dict[str, Any]] = []
    left_out = []
    for code in codes:
        if code.get("isCodable", "true").strip() in ("true", "1"):
            frames.append(_frame(code, frames))
        else:
            left_out.append(code.get("name", ""))
    if not frames:
        raise ValueError("no codes that can be coded with")
    return parse_codebook({"version": FIRST_VERSION, "title": title, "frames": frames}), tuple(left_out)


def to_toml(codebook: Codebook) -> str:
    """The codebook as our file; a JSON string is a TOML string too."""
    lines = [f"version = {_text(codebook.version)}", f"title = {_text(codebook.title)}"]
    lines += [f"{key} = {_text(getattr(codebook, key))}" for key in ("unit", "none") if getattr(codebook, key)]
    lines += [f"{key} = {_list(getattr(codebook, key))}" for key in ("terms", "doubtful") if getattr(codebook, key)]
    for frame in codebook.frames:
        lines += ["", "[[frames]]"]
        lines += [f"{key} = {_text(getattr(frame, key))}" for key in ("id", "name", "key", "colour", "definition")]
        lines += [f"{key} = {_list(getattr(frame, key))}" for key in PARTS if getattr(frame, key)]
    return "\n".join(lines) + "\n"


def _lines(frame: Frame) -> Iterator[str]:
    yield _folded(frame.definition)
    for field, heading in PARTS.items():
        yield from (f"{heading}: {_folded(one)}" for one in getattr(frame, field))
    yield f"Id: {frame.id}"
    yield f"Key: {frame.key}"


def _frame(code: Element, others: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Fields of a frame from a code; what is missing is made up so that no two are the same."""
    name = _folded(code.get("name", ""))
    if not name:
        raise ValueError("a code has no name")
    found: dict[str, Any] = {"name": name, "definition": [], **{field: [] for field in PARTS}, "id": "", "key": ""}
    headings = {heading: field for field, heading in PARTS.items()} | {"Id": "id", "Key": "key"}
    described = "".join(one.text or "" for one in code if _local(one) == "Description")
    for line in described.splitlines():
        heading, colon, rest = line.partition(": ")
        field = headings.get(heading.strip()) if colon else None
        if field in PARTS:
            found[field].append(rest.strip())
        elif field:
            found[field] = rest.strip()
        elif line.strip():
            found["definition"].append(line.strip())
    colour = code.get("color", "").lower()
    return found | {
        "definition": " ".join(found["definition"]),
        "id": _free_id(found["id"] or name, [one["id"] for one in others]),
        "key": _free_key(found["key"], name, [one["key"] for one in others]),
        "colour": colour if COLOUR.fullmatch(colour) else COLOURS[len(others) % len(COLOURS)],
    }


def _free_id(wanted: str, taken: Sequence[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")
    plain = plain if FRAME_ID.fullmatch(plain) else f"frame_{plain}".rstrip("_")
    number = 1
    while (found := plain if number == 1 else f"{plain}_{number}") in taken:
        number += 1
    return found


def _free_key(wanted: str, name: str, taken: Sequence[str]) -> str:
    if len(wanted) == 1 and wanted not in taken:
        return wanted
    letters = (one for one in f"{name.lower()}abcdefghijklmnopqrstuvwxyz0123456789" if one.isalnum())
    free = [one for one in letters if one not in taken and one not in TAKEN_KEYS]
    if not free:
        raise ValueError("more codes than there are keys; keep those that are to be coded in one go")
    return free[0]


def _local(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def _folded(text: str) -> str:
    return " ".join(text.split())


def _xml(text: str) -> str:
    """Text without what XML has no way to write."""
    return NOT_XML.sub("", text)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Sequence[str]) -> str:
    return "[" + "".join(f"\n  {_text(one)}," for one in values) + "\n]"
