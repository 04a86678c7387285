"""Prodigy's JSONL: multiple choice, and one question a frame (binary)."""

from collections.abc import Iterator, Sequence
from typing import Any

from framelens.codebook import Codebook
from framelens.exchange.answers import (
    Answer,
    Broken,
    Found,
    Item,
    Passed,
    lines_of,
    names,
    sentence_of,
    time_of,
    travelled,
)
from framelens.write import json_text


def write(items: Sequence[Item], codebook: Codebook) -> str:
    """Multiple-choice tasks; a sentence that is to be coded has no answer. Hashes are Prodigy's to set."""
    options = [{"id": frame.id, "text": frame.name} for frame in codebook.frames]
    lines = []
    for one in items:
        row: dict[str, Any] = {"text": one.sentence.text, "options": options, "config": {"choice_style": "multiple"}}
        if one.coding:
            row |= {"accept": one.frames(codebook.ids), "answer": "accept"}
        lines.append(f"{json_text({**row, 'meta': one.meta})}\n")
    return "".join(lines)


def read(text: str, frames: Sequence[str]) -> Iterator[Found]:
    """Accepted choices, of which none means no frame; binary answers count once every frame was asked for."""
    binary = []
    for found in lines_of(text):
        if isinstance(found, Broken):
            yield found
        elif isinstance(found[1].get("label"), str) and "options" not in found[1]:
            binary.append(found)
        else:
            yield _no_answer(*found) or _choice(*found)
    yield from _binary(binary, frames)


def _no_answer(line: int, row: dict[str, Any]) -> Found | None:
    answer, sentence = row.get("answer"), _sentence(row)
    if answer in ("ignore", None):
        return Passed(line, sentence, "ignored" if answer else "not answered")
    if answer not in ("accept", "reject"):
        return Broken(line, f"answer is {answer!r}; Prodigy writes accept, reject or ignore")
    return None


def _choice(line: int, row: dict[str, Any]) -> Found:
    if row["answer"] == "reject":
        return Passed(line, _sentence(row), "rejected: says which frames it has not, and not which it has")
    try:
        return Answer(line, _sentence(row), names(row.get("accept")), _who(row), _meta(row))
    except ValueError as error:
        return Broken(line, str(error))


def _binary(rows: Sequence[tuple[int, dict[str, Any]]], frames: Sequence[str]) -> Iterator[Found]:
    """One question a frame: an answer to all of them is a coding."""
    asked: dict[tuple[str, str], dict[str, tuple[int, dict[str, Any]]]] = {}
    for line, row in rows:
        if without := _no_answer(line, row):
            yield without
            continue
        questions = asked.setdefault((_sentence(row), _who(row)), {})
        if row["label"] in questions:
            first, _ = questions[row["label"]]
            yield Broken(line, f"sentence {_sentence(row)!r}: asked for {row['label']!r} already, in line {first}")
        else:
            questions[row["label"]] = (line, row)
    for (sentence, by), questions in asked.items():
        line, last = list(questions.values())[-1]
        if missing := [frame for frame in frames if frame not in questions]:
            yield Passed(line, sentence, f"not asked for {', '.join(missing)}")
        else:
            yes = tuple(label for label, (_, row) in questions.items() if row["answer"] == "accept")
            yield Answer(line, sentence, yes, by, _meta(last))


def _sentence(row: dict[str, Any]) -> str:
    return sentence_of(row.get("meta"), row)


def _who(row: dict[str, Any]) -> str:
    return str(row.get("_annotator_id") or row.get("_session_id") or "")


def _meta(row: dict[str, Any]) -> dict[str, str]:
    when = time_of(row.get("_timestamp"))
    return travelled(row.get("meta")) | ({"coded_at": when} if when else {})
