"""What was read stays text wherever it is shown: in a terminal, a spreadsheet, JSON and HTML."""

import csv
import io
import json
from collections.abc import Sequence
from contextlib import redirect_stderr
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Small, rows_of, tried
from framelens.append import append_rows, one_line
from framelens.explain import Explainer
from framelens.explained import Explained, page
from framelens.labels import CODING_COLUMNS
from framelens.read import Document
from framelens.spreadsheet import FORMULA, guarded, unguarded
from framelens.tables import csv_rows
from framelens.terminal import SafeConsole, note, print_rows
from framelens.terminal.sentences import print_sentences
from framelens.write import json_text, write_rows
from steering import EXAMPLES, STEERS, STYLE, steered, values

many = settings(max_examples=EXAMPLES)
few = settings(max_examples=max(10, EXAMPLES // 10))


@many
@given(st.one_of(steered, st.text()))
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] == "'" or not FORMULA.match(guarded(text))
    tried("tables")


@many
@given(st.lists(st.tuples(steered, steered), max_size=4))
def test_no_cell_of_a_table_is_a_formula_and_all_come_back(rows: list[tuple[str, str]]) -> None:
    file = io.BytesIO()
    write_rows(file, "csv", ["text", "=note"], rows)
    text = file.getvalue().decode()
    assert not any(
        FORMULA.match(cell) and cell[0] != "'" for row in csv.reader(io.StringIO(text, newline="")) for cell in row
    )
    _, found = csv_rows("a.csv", io.StringIO(text, newline=""))
    expected = [tuple(cell.encode("utf-8", "replace").decode() for cell in row) for row in rows]
    assert [(row["text"], row["=note"]) for row in found] == expected
    tried("tables")


@few
@given(steered)
def test_a_note_in_a_coders_file_is_no_formula(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("codings") / "me.csv"
    append_rows(path, CODING_COLUMNS, [dict.fromkeys(CODING_COLUMNS, "x") | {"note": text}])
    (row,) = rows_of(path)
    assert not FORMULA.match(row["note"]) or row["note"][0] == "'"
    assert unguarded(row["note"]) == one_line(text).encode("utf-8", "replace").decode()
    tried("tables")


@many
@given(values)
def test_json_steers_no_terminal_and_says_the_same(value: Any) -> None:
    text = json_text(value)
    assert not STEERS.search(text)
    assert json.loads(text) == value
    tried("terminal")


def printed(show: Any, *, colours: bool) -> str:
    file = io.StringIO()
    console = SafeConsole(file=file, width=60, force_terminal=colours, color_system="truecolor" if colours else None)
    show(console)
    return STYLE.sub("", file.getvalue()) if colours else file.getvalue()


@few
@given(steered, st.booleans())
def test_what_was_read_steers_no_terminal(small: Small, text: str, colours: bool) -> None:
    sentences = small.classifier.classify(f"They left. {text}")
    document, more = Document(text, text), [{"speaker": text} for _ in sentences]
    shown = printed(
        lambda console: print_sentences(console, [(document, sentences, more)], small.model.codebook, ["speaker"]),
        colours=colours,
    )
    shown += printed(lambda console: print_rows(console, ["frame", text], [(text, 0.5)]), colours=colours)
    shown += printed(lambda console: console.print(text), colours=colours)
    assert not STEERS.search(shown)
    tried("terminal")


@few
@given(steered)
def test_a_note_is_one_line_whatever_it_names(text: str) -> None:
    with redirect_stderr(io.StringIO()) as file:
        note(text)
    assert file.getvalue().count("\n") == 1
    assert not STEERS.search(file.getvalue())
    tried("terminal")


class Page(HTMLParser):
    """What a browser would make of a page: its elements, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@few
@given(steered)
def test_explanations_as_html_hold_nothing_but_their_own_elements(small: Small, text: str) -> None:
    sentences = small.classifier.classify(f"They left. {text}")
    found = Explainer(small.model).explain([one.text for one in sentences]) if sentences else []
    explained = [Explained(*one) for one in zip(sentences, found, strict=True)]
    seen = Page(page([(text, explained)], small.model.codebook, []))
    assert seen.elements <= {"html", "head", "meta", "title", "style", "body", "p", "h1", "h2", "mark"}
    assert seen.attributes <= {"lang", "charset", "name", "content", "class", "style", "title"}
    tried("html")
