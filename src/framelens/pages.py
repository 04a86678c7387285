"""Text of marked-up files: Markdown, HTML, Word and PDF without their marks."""

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

# a date in the prose is not the date of the article
DATES = {"extensive_search": False, "original_date": True}
MOST_XML = 20 * 2**20
"""Most bytes of XML in a Word document: its tree takes thirty times as much."""
MOST_UNPACKED = 100 * 2**20
"""Most bytes that a Word document, or the streams of a PDF, may unpack to."""
WORD_CHARACTER = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a file and what it says of itself."""

    text: str
    columns: Mapping[str, str] = field(default_factory=dict)


def undo_markdown(text: str, line_break: str = " ") -> str:
    """Text of a Markdown file without its marks: links, emphasis, headings, lists; one block a paragraph.

    >>> undo_markdown("# News\\n\\nThey *left* [last week](https://example.org/).")
    'News\\n\\nThey left last week.'
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    once = "\n".join(without_repeats(text.split("\n")))
    return "\n\n".join(block for token in parser.parse(once) if (block := _block(token, line_break)))


def _block(token: Any, line_break: str) -> str:
    """Text of one Markdown block; tokens that only open or close one have none."""
    if token.type in ("code_block", "fence"):
        return str(token.content).strip("\n")
    if token.type == "html_block":
        return re.sub(r"<[^<>]*>", "", token.content).strip()
    if token.type != "inline":
        return ""
    breaks = {"softbreak": line_break, "hardbreak": "\n"}
    parts = (
        child.content if child.type in ("text", "code_inline") else breaks.get(child.type, "")
        for child in token.children
    )
    return "".join(parts)


def html_text(html: str) -> Page:
    """Main text, title, date and outlet of a web page; raises ``ValueError`` where there is no article."""
    import trafilatura  # takes most of a second

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    page: Any = trafilatura.bare_extraction(
        html, include_comments=False, favor_recall=True, with_metadata=True, date_extraction_params=DATES
    )
    if page is None or not page.text:
        raise ValueError("no article text found in this page; save it as text, or check that it is an article")
    found = {"title": page.title, "date": page.date, "outlet": page.sitename}
    # the headline often stands outside the element that holds the article
    headline = f"{page.title}\n\n" if page.title and page.title not in page.text else ""
    lines = (re.sub(r"^[-*] ", "", line).strip("|").replace("|", "\n") for line in page.text.splitlines())
    return Page(headline + "\n".join(lines), {key: value for key, value in found.items() if value})


def docx_text(data: bytes) -> Page:
    """Paragraphs, table cells and title of a Word document; raises ``ValueError`` where it is none."""
    import docx

    try:
        _require_small(data)
        file = docx.Document(io.BytesIO(data))
        blocks = [block.text if hasattr(block, "text") else _cells(block) for block in file.iter_inner_content()]
    except Exception as error:  # python-docx lets errors of zip, XML and its own through
        raise ValueError(f"not a Word document that can be read: {one_line(error)}") from None
    title = file.core_properties.title
    return Page("\n\n".join(blocks), {"title": title} if title else {})


def _require_small(data: bytes) -> None:
    """Unpack all parts of a Word document once, a little at a time: what they say of their size may be untrue."""
    packed = marked_up = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                while part := file.read(2**16):
                    packed += len(part)
                    marked_up += len(part) if member.filename.lower().endswith((".xml", ".rels")) else 0
                    if marked_up > MOST_XML or packed > MOST_UNPACKED:
                        raise ValueError(
                            f"more than {MOST_XML:,} bytes of text with marks, or {MOST_UNPACKED:,} in all"
                        )


def _cells(table: Any) -> str:
    return "\n".join(cell.text for row in table.rows for cell in row.cells)


def pdf_text(data: bytes) -> Page:
    """Paragraphs of a PDF that holds text; raises ``ValueError`` where it holds none."""
    from pdfminer import pdftypes
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LTTextBox

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)  # what is wrong is told in one line, or is mended
    vars(pdftypes)["zlib"] = Inflation  # pdfminer unpacks without any limit, and offers none
    UNPACKED.set(0)
    try:
        pages = extract_pages(io.BytesIO(data))
        boxes = (box for page in pages for box in page if isinstance(box, LTTextBox))
        blocks = [block for box in boxes for block in _blocks(box)]
    except Exception as error:  # pdfminer lets many kinds of error through
        raise ValueError(f"not a PDF that can be read: {one_line(error)}") from None
    # a page breaks lines where they end, so only the gaps between blocks are paragraphs
    unbroken = (re.sub(r"(?<=[a-z])-\n(?=[a-z])", "", block).replace("\n", " ") for block in blocks)
    text = "\n\n".join(re.sub(r" {2,}", " ", block) for block in unbroken)
    if not WORD_CHARACTER.search(text):
        raise ValueError("no text in this PDF; if its pages are pictures, run text recognition (OCR) first")
    return Page(text)


UNPACKED: ContextVar[int] = ContextVar("UNPACKED", default=0)
"""Bytes that the streams of this PDF have unpacked to so far."""


class Stream:
    """A packed stream of a PDF that may unpack to no more than is left of ``MOST_UNPACKED``."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    @property
    def complete(self) -> bool:
        """Whether its end was reached."""
        return self._stream.eof

    def decompress(self, data: bytes) -> bytes:
        """What these bytes add."""
        left = MOST_UNPACKED - UNPACKED.get()
        part = self._stream.decompress(data, left + 1)
        if len(part) > left:
            raise ValueError(f"its streams unpack to more than {MOST_UNPACKED:,} bytes")
        UNPACKED.set(UNPACKED.get() + len(part))
        return part


class Inflation:
    """What pdfminer uses of ``zlib``."""

    error = zlib.error
    decompressobj = Stream

    @staticmethod
    def decompress(data: bytes) -> bytes:
        """All that is packed in these bytes; raises as ``zlib.decompress`` does."""
        stream = Stream()
        whole = stream.decompress(data)
        if not stream.complete:
            raise zlib.error("incomplete or truncated stream")
        return whole


def _blocks(box: Any) -> list[str]:
    """Paragraphs of one text box of a PDF; a change of letter size parts a heading from what follows."""
    lines = [line for line in box if hasattr(line, "get_text") and line.get_text().strip()]
    sizes = [max((letter.size for letter in line if hasattr(letter, "size")), default=0.0) for line in lines]
    blocks: list[str] = []
    for place, line in enumerate(lines):
        if place and abs(sizes[place] - sizes[place - 1]) < 1:
            blocks[-1] += line.get_text()
        else:
            blocks.append(line.get_text())
    return [block.strip() for block in blocks]


def without_repeats(lines: Iterable[str]) -> Iterator[str]:
    """Lines without those that say again what the last line with words said, as captions do."""
    last = ""
    for line in lines:
        if not WORD_CHARACTER.search(line):
            yield line
        elif line.strip() != last:
            last = line.strip()
            yield line


def one_line(error: Exception) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
