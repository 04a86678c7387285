import tomllib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import DATA
from framelens.codebook import Codebook, Frame, parse_codebook, read_codebook
from framelens.refi_qda import NAMESPACE, from_qdc, to_qdc, to_toml
from test_cli import failed, run

CODE = f"{{{NAMESPACE}}}Code"
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1).filter(lambda one: ":" not in one)
rules = st.lists(words, max_size=2).map(tuple)
letters = "abcdefghijklmnopqrstuvwxyz"
frames = st.lists(st.sampled_from(letters), unique=True, min_size=1, max_size=5).flatmap(
    lambda keys: st.tuples(
        *(
            st.builds(
                Frame,
                id=st.just(f"frame_{key}"),
                name=words,
                key=st.just(key),
                colour=st.just("#0072b2"),
                definition=words,
                include=rules,
                exclude=rules,
                examples=rules,
            )
            for key in keys
        )
    )
)


@given(frames)
def test_frames_come_back_from_qdc_as_they_went(made: tuple[Frame, ...]) -> None:
    codebook = Codebook("1.0", "Title", made)
    assert from_qdc(to_qdc(codebook), title="Title") == (codebook, ())


@given(frames, words, rules)
def test_toml_holds_the_whole_codebook(made: tuple[Frame, ...], unit: str, doubtful: tuple[str, ...]) -> None:
    codebook = Codebook("1.0", 'So "it" is\\', made, unit=unit, none="a\nb\x7f", doubtful=doubtful)
    assert parse_codebook(tomllib.loads(to_toml(codebook))) == codebook


def test_the_shipped_frames_come_back_but_for_line_breaks() -> None:
    shipped = read_codebook(DATA / "codebook.toml")
    found, _ = from_qdc(to_qdc(shipped), title=shipped.title)
    folded = tuple(replace(frame, definition=" ".join(frame.definition.split())) for frame in shipped.frames)
    assert found.frames == folded


def test_the_file_has_the_elements_and_attributes_of_the_standard() -> None:
    root = ElementTree.fromstring(to_qdc(read_codebook(DATA / "codebook.toml")))  # noqa: S314  # our own output
    assert root.tag == f"{{{NAMESPACE}}}CodeBook"
    codes = root.findall(f"{{{NAMESPACE}}}Codes/{CODE}")
    assert codes[0].get("name") == "Vilification"
    assert all(code.get("isCodable") == "true" and len(code.get("guid", "")) == 36 for code in codes)
    assert len({code.get("guid") for code in codes}) == 4
    assert all(code.find(f"{{{NAMESPACE}}}Description") is not None for code in codes)


FOREIGN = f"""<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns="{NAMESPACE}" origin="Another program"><Codes>
<Code guid="1b594aa2-e1c0-4d05-8c8c-b6ba9a4d7e7c" name="Hopes" isCodable="false">
 <Code guid="2b594aa2-e1c0-4d05-8c8c-b6ba9a4d7e7c" name="Work &amp; home" isCodable="true" color="#AA00FF">
  <Description>Speaks of work.</Description>
  <Code guid="3b594aa2-e1c0-4d05-8c8c-b6ba9a4d7e7c" name="Work? Home!" isCodable="true"/>
 </Code></Code>
<Code guid="4b594aa2-e1c0-4d05-8c8c-b6ba9a4d7e7c" name="2024" isCodable="true"/>
</Codes><Sets/></CodeBook>"""


def test_codes_of_another_program_become_frames_with_ids_and_keys_of_their_own() -> None:
    found, left_out = from_qdc(FOREIGN.encode(), title="Mine")
    assert left_out == ("Hopes",)
    assert [(one.id, one.name, one.key, one.colour) for one in found.frames] == [
        ("work_home", "Work & home", "w", "#aa00ff"),
        ("work_home_2", "Work? Home!", "o", "#0072b2"),
        ("frame_2024", "2024", "2", "#009e73"),
    ]
    assert found.frames[0].definition == "Speaks of work."


BOMB = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><CodeBook>&b;</CodeBook>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "not XML that can be read"),
        ("<CodeBook>", "not XML that can be read"),
        ("<Project/>", "not a REFI-QDA codebook"),
        ("<CodeBook><Codes/></CodeBook>", "no codes"),
        ("<CodeBook><Codes><Code/></Codes></CodeBook>", "has no name"),
    ],
)
def test_what_is_no_codebook_is_told_in_one_line(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "a.qdc").write_text(content)
    line = failed(run("codebook", "import", tmp_path / "a.qdc"))
    assert says in line
    assert line.count("\n") == 1


def test_the_command_shows_the_rules_and_which_codings_are_stale(data: Path) -> None:
    shown = run("codebook", "--data", data)
    assert shown.exit_code == 0, shown.stderr
    assert "key v: Vilification" in shown.stdout
    assert "no coding is stale" in shown.stdout
    book = data / "codebook.toml"
    book.write_text(book.read_text(encoding="utf-8").replace('version = "1.1"', 'version = "2.0"'), encoding="utf-8")
    assert "stale codings, coded under codebook 1.1" in run("codebook", "--data", data).stdout
    book.write_text(book.read_text(encoding="utf-8").replace('key = "v"', 'key = "?"'), encoding="utf-8")
    assert "give it another" in failed(run("codebook", "--data", data))


def test_export_and_import_by_the_command_line_never_overwrite_a_codebook(data: Path) -> None:
    assert run("codebook", "export", "--qdc", data / "a.qdc", "--data", data).exit_code == 0
    assert run("codebook", "import", data / "a.qdc", "--output", data / "new.toml").exit_code == 0
    assert read_codebook(data / "new.toml").ids == read_codebook(data / "codebook.toml").ids
    assert "exists already" in failed(run("codebook", "import", data / "a.qdc", "--output", data / "codebook.toml"))
    assert run("codebook", "import", data / "a.qdc").stdout == (data / "new.toml").read_text(encoding="utf-8")
