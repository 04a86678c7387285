from pathlib import Path

import pytest

from conftest import SAMPLES, rows_of
from framelens.errors import InputError
from framelens.intake import add, prepare
from framelens.labels import read_labels
from framelens.read import Document, read
from framelens.segment import segment
from test_cli import failed, run

INVENTED = "They left at night.\nNobody came.\n\nThe ferry was late.\nNobody came.\n"


def files(folder: Path) -> dict[str, bytes]:
    """Every file but locks, which say nothing."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("origin", ["written", "source"])
def test_added_articles_have_the_sentences_that_classify_sees(data: Path, origin: str) -> None:
    done = run("add", SAMPLES, "--data", data, "--origin", origin)
    assert done.exit_code == 0, done.stderr
    labels = read_labels(data)
    assert labels.faults == ()
    for document in read(SAMPLES):
        id_ = Path(document.article).stem
        assert labels.articles[id_].origin == origin
        found = [one.text for one in labels.sentences if one.article == id_]
        assert found == [one.text for one in segment(document.text)]


def test_text_that_belongs_to_others_is_kept_out_of_the_set(data: Path) -> None:
    before = files(data)
    run("add", SAMPLES / "welcome-home.txt", "--data", data)
    after = files(data)
    kept = {name for name in after if name not in before}
    assert kept == {"articles/welcome-home.txt"}
    assert after["articles/welcome-home.txt"] == (SAMPLES / "welcome-home.txt").read_bytes()
    for sentence in segment(next(iter(read(SAMPLES / "welcome-home.txt"))).text)[1:]:
        assert all(sentence.text.encode() not in content for name, content in after.items() if name not in kept)


def test_what_is_said_on_the_command_line_overrules_what_the_file_says(data: Path) -> None:
    command = ("add", SAMPLES / "welcome-home.txt", "--data", data, "--id", "home", "--outlet", "The Quay")
    assert run(*command, "--date", "2026-05-01", "--group", "g").exit_code == 0
    row = rows_of(data / "articles.csv")[-1]
    assert (row["article_id"], row["outlet"], row["date"], row["group"]) == ("home", "The Quay", "2026-05-01", "g")
    assert row["title"].startswith("Capital opens")


def test_sentences_that_say_the_same_have_ids_of_their_own(data: Path, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(INVENTED)
    run("add", tmp_path / "ferry.txt", "--data", data)
    rows = [row for row in rows_of(data / "sentences.csv") if row["article_id"] == "ferry"]
    assert len({row["sentence_id"] for row in rows}) == 4
    assert rows[1]["fingerprint"] == rows[3]["fingerprint"]
    texts = [one.text for one in read_labels(data).sentences if one.article == "ferry"]
    assert texts == ["They left at night.", "Nobody came.", "The ferry was late.", "Nobody came."]


def test_rows_of_a_table_become_articles(data: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,body,outlet\nq1,They left. It rained.,Quay\nq2,She came home.,\n")
    done = run("add", tmp_path / "t.csv", "--text-column", "body", "--data", data)
    assert done.exit_code == 0, done.stderr
    labels = read_labels(data)
    assert [one.text for one in labels.sentences if one.article in ("q1", "q2")] == [
        *("They left.", "It rained."),
        "She came home.",
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("an id that exists", ["--id", "w1-01"], "there is an article"),
        ("no id", ["--id", "a b"], "is no id"),
        ("an id for two", ["other.txt", "--id", "x"], "names one article"),
        ("two of one id", ["FERRY.md"], "has the id 'ferry' too"),
        ("an empty file", ["empty.txt"], "empty"),
    ],
)
def test_what_cannot_be_added_adds_nothing(
    data: Path, tmp_path: Path, name: str, arguments: list[str], says: str
) -> None:
    for file in ("ferry.txt", "other.txt", "FERRY.md"):
        (tmp_path / file).write_text(INVENTED)
    (tmp_path / "empty.txt").write_text("")
    before = files(data)
    more = [str(tmp_path / one) if "." in one else one for one in arguments]
    line = failed(run("add", tmp_path / "ferry.txt", *more, "--data", data))
    assert says in line, name
    assert line.count("\n") == 1
    assert files(data) == before


def test_adding_twice_is_refused_and_an_article_cut_off_without_sentences_goes_on(data: Path) -> None:
    articles = prepare([Document("ferry.txt", INVENTED)], {"origin": "written", "language": "en"})
    add(data, articles)
    whole = files(data)
    with pytest.raises(InputError, match="there is an article"):
        add(data, articles)
    assert files(data) == whole
    sentences = (data / "sentences.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (data / "sentences.csv").write_text("".join(sentences[:-4]), encoding="utf-8")
    add(data, articles)
    assert files(data) == whole


def test_another_text_of_the_same_name_is_not_overwritten(data: Path) -> None:
    (data / "articles").mkdir()
    (data / "articles" / "welcome-home.txt").write_text("Something else.")
    assert "there is another text" in failed(run("add", SAMPLES / "welcome-home.txt", "--data", data))
    assert (data / "articles" / "welcome-home.txt").read_text() == "Something else."


def test_a_wrong_date_and_a_folder_without_codebook_are_told(data: Path, tmp_path: Path) -> None:
    article = SAMPLES / "welcome-home.txt"
    assert "is no date" in failed(run("add", article, "--data", data, "--date", "yesterday"), code=2)
    assert "no labelled set" in failed(run("add", article, "--data", tmp_path / "nowhere"))
