"""Argilla 2's records as JSON, nested (``to_json``) and flat (``to_list(flatten=True)``)."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from framelens.codebook import Codebook
from framelens.exchange.answers import (
    Answer,
    Broken,
    Found,
    Item,
    Passed,
    elements_of,
    listed,
    names,
    sentence_of,
    travelled,
)
from framelens.write import json_text

OUR_USER = "framelens"


def write(items: Sequence[Item], codebook: Codebook) -> str:
    """Nested records with a multi-label question ``frame``; a sentence that is to be coded has no response."""
    rows = []
    for one in items:
        responses = {"frame": [{"value": one.frames(codebook.ids), "user_id": OUR_USER}]} if one.coding else {}
        row = {
            "id": one.sentence.id,
            "fields": {"text": one.sentence.text},
            "metadata": one.meta,
            "suggestions": {},
            "responses": responses,
            "vectors": {},
            "status": "completed" if one.coding else "pending",
        }
        rows.append(json_text(row))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def read(text: str, frames: Sequence[str]) -> Iterator[Found]:  # noqa: ARG001  # as all formats are read
    """Every response; drafts and discarded ones, which only the flat form tells, are no codings."""
    for found in elements_of(text):
        if isinstance(found, Broken):
            yield found
            continue
        line, row = found
        sentence = sentence_of(row.get("metadata"), row) or str(row.get("id", ""))
        said = list(_flat(row) if "frame.responses" in row else _nested(row))
        meta = travelled(row.get("metadata", row))
        if not said:
            yield Passed(line, sentence, "not answered")
        for value, user, status in said:
            if status != "submitted":
                yield Passed(line, sentence, status)
                continue
            try:
                yield Answer(line, sentence, names(value), "" if user == OUR_USER else user, meta)
            except ValueError as error:
                yield Broken(line, str(error))


def _nested(row: dict[str, Any]) -> Iterator[tuple[Any, str, str]]:
    responses = row.get("responses")
    for one in listed(responses.get("frame")) if isinstance(responses, dict) else []:
        if isinstance(one, dict):
            yield one.get("value"), str(one.get("user_id") or ""), "submitted"


def _flat(row: dict[str, Any]) -> Iterator[tuple[Any, str, str]]:
    columns = (listed(row.get(f"frame.responses{of}")) for of in ("", ".users", ".status"))
    for value, user, status in zip_longest(*columns):
        yield value, str(user or ""), str(status or "submitted")
