"""doccano's JSONL: ``label`` is a list, every other key is metadata, and the file name alone says who coded."""

from collections.abc import Iterator, Sequence

from framelens.codebook import Codebook
from framelens.exchange.answers import Answer, Broken, Found, Item, lines_of, names, sentence_of, travelled
from framelens.write import json_text


def write(items: Sequence[Item], codebook: Codebook) -> str:
    """One object a line; a sentence that is to be coded has no label yet."""
    rows = ({"text": one.sentence.text, "label": one.frames(codebook.ids), **one.meta} for one in items)
    return "".join(f"{json_text(row)}\n" for row in rows)


def read(text: str, frames: Sequence[str]) -> Iterator[Found]:  # noqa: ARG001  # as all formats are read
    """An empty ``label`` says that there is no frame: doccano does not tell it from a text nobody has looked at."""
    for found in lines_of(text):
        if isinstance(found, Broken):
            yield found
            continue
        line, row = found
        try:
            labels = names(row.get("label"))
        except ValueError as error:
            yield Broken(line, f"{error}; export labels as a list of names")
            continue
        meta = travelled(row)
        comments = row.get("Comments")
        if isinstance(comments, list) and comments:
            meta["note"] = "; ".join(map(str, comments))
        yield Answer(line, sentence_of(row, row.get("meta")), labels, meta=meta)
