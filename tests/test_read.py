import json
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

from conftest import SAMPLES
from framelens.errors import InputError
from framelens.limits import MOST_CHARACTERS
from framelens.pages import undo_markdown
from framelens.read import Document, read
from framelens.segment import segment

PARAGRAPHS = [
    "Tide office opens on the north pier",
    "The tide office of Sorrel Bay opened on Monday, nine weeks late. Nobody cut a ribbon.",
    "“I came for the stamps. I stayed for the maps,” said Ana Brandt, a retired pilot who had crossed the bay on foot"
    " at low water.",
    "The office will also lend boots – free of charge – to visitors from inland.",
]
"""Invented, like every article in these tests."""


def one(path: Path, text_column: str | None = None) -> Document:
    (document,) = read([path], text_column)
    return document


def sentences(document: Document) -> list[str]:
    return [each.text for each in segment(document.text)]


def as_txt(path: Path) -> None:
    path.write_text("\n\n".join(PARAGRAPHS), encoding="utf-8")


def as_md(path: Path) -> None:
    lines = [
        f"# {PARAGRAPHS[0]}",
        PARAGRAPHS[1].replace("Sorrel Bay", "[Sorrel *Bay*](https://example.org/)"),
        *PARAGRAPHS[2:],
    ]
    lines[3] = f"**{lines[3]}**"
    path.write_text("\n\n".join(lines), encoding="utf-8")


def as_html(path: Path) -> None:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[1:])
    path.write_text(
        f"<html><head><title>{PARAGRAPHS[0]}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{PARAGRAPHS[0]}</h1>{body}</article><footer>Imprint</footer></body></html>",
        encoding="utf-8",
    )


def as_docx(path: Path) -> None:
    file = docx.Document()
    file.add_heading(PARAGRAPHS[0])
    for paragraph in PARAGRAPHS[1:]:
        file.add_paragraph(paragraph)
    file.save(str(path))


def as_pdf(path: Path) -> None:
    styles = getSampleStyleSheet()
    story = [
        Paragraph(PARAGRAPHS[0], styles["Heading1"]),
        *(Paragraph(each, styles["Normal"]) for each in PARAGRAPHS[1:]),
    ]
    for paragraph in story[1:]:
        paragraph.style.spaceAfter = 12
    SimpleDocTemplate(str(path)).build(story)


def as_csv(path: Path) -> None:
    text = "\n\n".join(PARAGRAPHS)
    path.write_text(f'id,text\r\n7,"{text}"\r\n', encoding="utf-8", newline="")


def as_tsv(path: Path) -> None:
    path.write_text("id\ttext\n7\t" + " ".join(PARAGRAPHS[1:]) + "\n", encoding="utf-8")


def as_jsonl(path: Path) -> None:
    path.write_text(json.dumps({"id": 7, "text": "\n\n".join(PARAGRAPHS)}) + "\n", encoding="utf-8")


def as_parquet(path: Path) -> None:
    pq.write_table(pa.table({"id": [7], "text": ["\n\n".join(PARAGRAPHS)]}), path)


@pytest.mark.parametrize(
    ("ending", "write"),
    [
        ("txt", as_txt),
        ("md", as_md),
        ("html", as_html),
        ("htm", as_html),
        ("docx", as_docx),
        ("pdf", as_pdf),
        ("csv", as_csv),
        ("jsonl", as_jsonl),
        ("parquet", as_parquet),
    ],
)
def test_every_format_gives_the_same_sentences(ending: str, write: Callable[[Path], None], tmp_path: Path) -> None:
    as_txt(tmp_path / "plain.txt")
    write(tmp_path / f"article.{ending}")
    expected = sentences(one(tmp_path / "plain.txt"))
    assert len(expected) == 5
    assert sentences(one(tmp_path / f"article.{ending}")) == expected


def test_other_columns_travel_along_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;body;flag\n01;They left.;TRUE\n02;They stayed.;\n", encoding="utf-8")
    first, second = read([path], "body")
    assert (first.text, first.columns) == ("They left.", {"id": "01", "flag": "TRUE"})
    assert second.columns == {"id": "02", "flag": ""}
    assert first.article != second.article


def test_a_tab_separated_table_is_read(tmp_path: Path) -> None:
    as_tsv(tmp_path / "a.tsv")
    assert one(tmp_path / "a.tsv").columns == {"id": "7"}


def test_a_separator_of_lines_inside_json_is_no_end_of_a_row(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "They left.\u2028They came back."}\n', encoding="utf-8")
    assert sentences(one(path)) == ["They left.", "They came back."]


def test_a_date_in_the_prose_of_a_page_is_not_its_date(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><body><article><h1>Boots</h1><p>The office said on 5 May 2021 that boots are lent, free of charge, to"
        " visitors from inland.</p><p>Nobody cut a ribbon, and nobody minded.</p></article></body></html>"
    )
    assert "date" not in one(path).columns


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    head = '<html><head><meta charset="iso-8859-1"></head>'
    page = f"{head}<body><article><p>José salió de España.</p></article></body></html>"
    path.write_bytes(page.encode("latin-1"))
    assert sentences(one(path)) == ["José salió de España."]


def test_one_path_needs_no_list(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("They left.")
    assert [document.text for document in read(str(tmp_path / "a.txt"))] == ["They left."]


def test_front_matter_becomes_columns_and_not_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text('---\ntitle: "Home: a report"\ndate: 2026-01-02\n---\nThey left.\n', encoding="utf-8")
    assert one(path) == Document(path.as_posix(), "They left.", {"title": "Home: a report", "date": "2026-01-02"})


def test_a_page_brings_title_date_and_outlet() -> None:
    columns = one(SAMPLES / "harbour-market.html").columns
    assert columns["title"] == "Fish market moves to the east quay"
    assert columns["date"] == "2026-05-06"
    assert columns["outlet"].startswith("Practice article")


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        ("Они уехали домой.".encode(), ""),
        ("Они уехали домой.".encode("utf-8-sig"), ""),
        ("Они уехали домой.".encode("utf-16"), "UTF-16"),
        ("They went home by train.".encode("utf-16-le"), "UTF-16"),
        ("They went home by train.".encode("utf-16-be"), "UTF-16"),
        (
            ("Они уехали домой. Он сказал, что вернётся в Россию, когда закончится война. " * 3).encode("cp1251"),
            "cp1251",
        ),
    ],
)
def test_encodings_are_found_and_named(data: bytes, noted: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    document = one(path)
    assert document.text.startswith(("Они уехали домой.", "They went home"))
    assert noted in " ".join(document.notes)
    assert bool(document.notes) == bool(noted)


def test_a_repeated_caption_and_a_line_of_decoration_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("A quay. [Photo: A. Nemo]\nA quay. [Photo: A. Nemo]\n\n* * *\n\n1. They left.\n", encoding="utf-8")
    assert sentences(one(path)) == ["A quay.", "[Photo: A. Nemo]", "1. They left."]


def test_markdown_in_plain_text_is_undone_but_its_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("# Headline\nFirst line\nsecond [line](#)\n[Ana Nemo/Wire]\n", encoding="utf-8")
    assert sentences(one(path)) == ["Headline", "First line", "second line", "[Ana Nemo/Wire]"]


def test_wrapped_markdown_is_joined() -> None:
    table = "| a | b |\n|---|---|\n| c | d |"
    text = f"> They left\n> at night.\n\n- one\n- two\n\n{table}\n\n![photo](x.png)\n\n<div>boxed</div>"
    assert undo_markdown(text).split("\n\n") == ["They left at night.", "one", "two", "a", "b", "c", "d", "boxed"]


def test_a_folder_is_read_in_order_and_hidden_files_are_not(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "deep/c.txt", ".hidden/d.txt", "notes.xyz"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Text of {name}.", encoding="utf-8")
    assert [Path(document.article).name for document in read([tmp_path])] == ["a.md", "b.txt", "c.txt"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"They left.")))
    assert [document.text for document in read(["-"])] == ["They left."]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\n ", "empty"),
        ("a.txt", b"***\n---\n", "empty"),
        ("a.txt", b"\x7fELF\x00\x01\x02\x00" * 50, "binary"),
        ("a.txt", b"\x00" * 1000, "binary"),
        ("a.txt", b"word " * 2_000_000 + b"end", "characters"),
        ("a.txt", b"x" * (8 * MOST_CHARACTERS + 1), "at most"),
        ("a.xyz", b"text", "unknown kind"),
        ("a.docx", b"not a zip", "not a Word document"),
        ("a.pdf", b"%PDF-1.4 nothing", "PDF"),
        ("a.html", b"<html><body></body></html>", "no article text"),
        ("a.csv", b"id,body\n1,They left.\n", "no column 'text'"),
        ("a.csv", b"id,text\n1,They left.,extra\n", "line 2: 3 fields where the header has 2"),
        ("a.csv", b'id,text\n1,"They left.\n', "line 2"),
        ("a.jsonl", b'{"text": "They left."}\n{"text": ', "line 2: not JSON"),
        ("a.jsonl", b"[1]\n", "line 1: not a JSON object"),
        ("a.jsonl", b'{"text": 5}\n', "holds int"),
        ("a.jsonl", b'{"text": "x"}\n{"body": "x"}\n', "line 2: no column 'text'"),
        ("a.jsonl", b'{"text": ' + b"[" * 200_000, "line 1: not JSON"),
        ("a.csv", b"text,note,note\nx,1,2\n", "two columns are called 'note'"),
        ("a.parquet", b"PAR1 nothing PAR1", "not a Parquet file"),
    ],
)
def test_bad_input_gets_one_line_that_names_the_file(name: str, data: bytes, says: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read([path]))
    message = str(caught.value)
    assert message.startswith(path.as_posix())
    assert says in message
    assert "\n" not in message


def test_missing_and_empty_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an empty path"):
        list(read([""]))
    with pytest.raises(InputError, match="no such file or folder"):
        list(read([tmp_path / "nowhere"]))
    with pytest.raises(InputError, match="cannot be read: no such file"):
        list(read([tmp_path / "nowhere.txt"]))
    with pytest.raises(InputError, match="no articles in this folder"):
        list(read([tmp_path]))
