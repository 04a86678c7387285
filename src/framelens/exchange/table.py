"""A plain table for a spreadsheet: frames parted by spaces, - for no frame, nothing where nobody has coded yet."""

import csv
import io
from collections.abc import Iterator, Sequence

from framelens.codebook import Codebook
from framelens.exchange.answers import TRAVELS, Answer, Broken, Found, Item, Passed, travelled
from framelens.spreadsheet import guarded, unguarded

COLUMNS = ("sentence_id", "article_id", "text", "frames", *TRAVELS)
NO_FRAME = "-"


def write(items: Sequence[Item], codebook: Codebook) -> str:
    """One row a sentence."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for one in items:
        frames = " ".join(one.frames(codebook.ids)) or NO_FRAME
        cells = {**one.meta, "text": one.sentence.text or "", "frames": frames if one.coding else ""}
        writer.writerow({key: guarded(cell) for key, cell in cells.items()})
    return text.getvalue()


def read(text: str, frames: Sequence[str]) -> Iterator[Found]:  # noqa: ARG001  # as all formats are read
    """Rows in any order of columns, parted by commas, semicolons or tabs, as spreadsheets save them."""
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = next(rows, [])
        if "sentence_id" not in header or "frames" not in header:
            yield Broken(1, "no columns sentence_id and frames")
            return
        for row in rows:
            if not any(row):
                continue
            if len(row) != len(header):
                yield Broken(rows.line_num, f"{len(row)} fields where the header has {len(header)}")
                continue
            found = dict(zip(header, map(unguarded, row), strict=True))
            sentence, said = found["sentence_id"], found["frames"].split()
            if not said:
                yield Passed(rows.line_num, sentence, "not coded")
            else:
                chosen = () if said == [NO_FRAME] else tuple(said)
                meta = {key: value for key, value in travelled(found).items() if value}
                yield Answer(rows.line_num, sentence, chosen, found.get("coder", ""), meta)
    except csv.Error as error:
        yield Broken(rows.line_num, f"broken table: {error}")
