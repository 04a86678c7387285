"""Label Studio's JSON and JSON_MIN; its labelling configuration is in ``config``."""

from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

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
    time_of,
    travelled,
)
from framelens.write import json_text


def config(codebook: Codebook) -> str:
    """The labelling configuration that a project with these frames needs."""
    choices = "".join(f"<Choice value={quoteattr(frame.id)}/>" for frame in codebook.frames)
    return (
        '<View><Text name="text" value="$text"/><Choices name="frame" toName="text" choice="multiple">'
        f"{choices}</Choices></View>"
    )


def write(items: Sequence[Item], codebook: Codebook) -> str:
    """An array of tasks; a sentence that is to be coded has no annotation."""
    rows = []
    for number, one in enumerate(items, start=1):
        row: dict[str, Any] = {"id": number, "data": {"text": one.sentence.text, **one.meta}}
        if one.coding:
            value = {"choices": one.frames(codebook.ids)}
            choice = {"id": f"r{number}", "from_name": "frame", "to_name": "text", "type": "choices", "value": value}
            row["annotations"] = [{"result": [choice] if value["choices"] else [], "was_cancelled": False}]
        rows.append(json_text(row))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def read(text: str, frames: Sequence[str]) -> Iterator[Found]:  # noqa: ARG001  # as all formats are read
    """Every annotation that was not cancelled; predictions are no codings."""
    for found in elements_of(text):
        if isinstance(found, Broken):
            yield found
        elif isinstance(found[1].get("data"), dict):
            yield from _task(*found)
        else:
            yield _minimal(*found)


def _task(line: int, task: dict[str, Any]) -> Iterator[Found]:
    data, sentence = task["data"], sentence_of(task["data"], task.get("meta"))
    for one in listed(task.get("annotations")):
        if not isinstance(one, dict):
            yield Broken(line, "an annotation without its result; export as JSON, with annotations")
        elif one.get("was_cancelled"):
            yield Passed(line, sentence, "cancelled")
        else:
            yield _answer(line, sentence, one, data)


def _answer(line: int, sentence: str, annotation: dict[str, Any], data: dict[str, Any]) -> Found:
    meta = travelled(data)
    chosen: list[str] = []
    try:
        for result in annotation.get("result") or []:
            if result["from_name"] == "frame":
                chosen += names(result["value"]["choices"])
    except (KeyError, TypeError, ValueError):
        return Broken(line, "a result that is no choice; the control must be <Choices name='frame'>")
    if when := time_of(annotation.get("created_at")):
        meta["coded_at"] = when
    return Answer(line, sentence, tuple(chosen), _who(annotation.get("completed_by")), meta)


def _minimal(line: int, row: dict[str, Any]) -> Found:
    """JSON_MIN: one choice is text, several are ``{"choices": [...]}``, and none leaves the key out."""
    said = row.get("frame", [])
    try:
        chosen = names(said.get("choices") if isinstance(said, dict) else said)
    except ValueError as error:
        return Broken(line, str(error))
    if "annotation_id" not in row:
        return Passed(line, sentence_of(row), "not annotated")
    meta = travelled(row)
    if when := time_of(row.get("created_at")):
        meta["coded_at"] = when
    return Answer(line, sentence_of(row), chosen, _who(row.get("annotator")), meta)


def _who(person: Any) -> str:
    """Who annotated, as Label Studio names them: by number, or by number and address."""
    if isinstance(person, dict):
        person = person.get("id", person.get("email"))
    return "" if person is None else str(person)
