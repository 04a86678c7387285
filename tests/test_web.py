import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import ROOT, SAMPLES, Small, rows_of
from framelens.explain import Explainer
from framelens.explained import decided
from framelens.gold import ADJUDICATED
from framelens.labels import read_labels
from framelens.web.desk import Desk
from framelens.web.guard import SENT_ALONG
from framelens.web.pages import MOST_BYTES, PAGES
from framelens.web.server import application
from test_cli import failed, run

HERE = "http://127.0.0.1:8765"
MARKUP = "<script>alert(1)</script><b title='x'>"


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(application(desk), base_url=HERE) as client:
        yield client


def shown(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.get("/api/next", params={"coder": "coder-13", **asked})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def coded(client: TestClient, sentence: str, *frames: str, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/code", json={"coder": "coder-13", "sentence": sentence, "frames": frames, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def refused(answer: Any, status: int = 422) -> str:
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    return str(answer.json()["error"])


def test_a_coding_is_in_the_coders_file_when_the_api_answers(client: TestClient, data: Path) -> None:
    first = shown(client)
    second = coded(client, first["sentence_id"], "vilification", note="so\nit is")
    (row,) = rows_of(data / "codings" / "coder-13.csv")
    assert (row["sentence_id"], row["frames"], row["note"]) == (first["sentence_id"], "vilification", "so it is")
    assert row["selected_by"] == first["selected_by"] == "article"
    assert second["before"][-1] == first["sentence"]
    reloaded = shown(client)
    assert {**reloaded, "per_hour": None} == {**second, "per_hour": None}
    assert read_labels(data).faults == ()


def test_what_is_coded_is_the_sentence_that_was_shown_whatever_another_window_did(
    client: TestClient, data: Path
) -> None:
    first = shown(client)
    second = coded(client, first["sentence_id"], "vilification")
    coded(client, first["sentence_id"], "return_incentive", replace=True)
    coded(client, second["sentence_id"], "personal_testimony")
    rows = rows_of(data / "codings" / "coder-13.csv")
    assert [(row["sentence_id"], row["frames"]) for row in rows] == [
        (first["sentence_id"], "vilification"),
        (first["sentence_id"], "return_incentive"),
        (second["sentence_id"], "personal_testimony"),
    ]


@pytest.mark.parametrize("queue", [{}, {"limit": 5}, {"suggest": True}])
def test_a_window_that_has_not_seen_a_coding_replaces_it_only_when_told_to(
    client: TestClient, data: Path, queue: dict[str, Any]
) -> None:
    stale = shown(client)
    assert stale["recorded"] is None
    id_ = stale["sentence_id"]
    assert shown(client, **queue)["sentence_id"] == id_
    coded(client, id_, "return_incentive", "vilification", **queue)
    sent = {"coder": "coder-13", "sentence": id_, "frames": ["vilification"], "seen": None}
    told = refused(client.post("/api/code", json=sent), 409)
    assert told == f"{id_} has been coded since, as vilification, return_incentive; Enter again replaces it"
    assert len(rows_of(data / "codings" / "coder-13.csv")) == 1
    coded(client, id_, "vilification", seen=None, replace=True)
    assert rows_of(data / "codings" / "coder-13.csv")[-1]["frames"] == "vilification"


def test_a_sentence_gone_back_to_or_taken_back_is_replaced_without_asking(client: TestClient, data: Path) -> None:
    first = shown(client)["sentence_id"]
    coded(client, first, "vilification")
    back = coded(client, "", action="back")
    assert (back["sentence_id"], back["recorded"]) == (first, ["vilification"])
    coded(client, first, "return_incentive", seen=back["recorded"])
    coded(client, "", action="undo")
    coded(client, "", action="undo")
    coded(client, first, "historical_parallel", seen=["vilification"])
    assert [row["frames"] for row in rows_of(data / "codings" / "coder-13.csv")][-1] == "historical_parallel"


def test_the_same_answer_sent_again_is_no_conflict_and_a_program_that_says_nothing_is_asked(
    client: TestClient, data: Path
) -> None:
    first = shown(client)["sentence_id"]
    coded(client, first, "vilification")
    assert coded(client, first, "vilification")["message"] == f"{first}: unchanged"
    sent = {"coder": "coder-13", "sentence": first, "frames": []}
    assert "as vilification; Enter again" in refused(client.post("/api/code", json=sent), 409)
    coded(client, "", action="back")
    coded(client, "", action="back")
    coded(client, first)
    assert [row["frames"] for row in rows_of(data / "codings" / "coder-13.csv")] == ["vilification", ""]


def test_skip_back_and_undo_do_as_in_the_terminal(client: TestClient, data: Path) -> None:
    first = shown(client)
    second = coded(client, first["sentence_id"], "vilification")
    third = coded(client, second["sentence_id"], action="skip")
    assert coded(client, third["sentence_id"], action="back")["sentence_id"] == second["sentence_id"]
    again = coded(client, second["sentence_id"], action="undo")
    assert (again["sentence_id"], again["chosen"]) == (first["sentence_id"], ["vilification"])
    assert rows_of(data / "codings" / "coder-13.csv")[-1]["selected_by"] == "undone"
    assert coded(client, first["sentence_id"], action="undo")["message"] == "nothing to undo"


def test_a_program_that_starts_anew_goes_on_where_the_files_say(client: TestClient, desk: Desk) -> None:
    second = coded(client, shown(client)["sentence_id"], "vilification")
    with TestClient(application(Desk(desk.data)), base_url=HERE) as anew:
        assert shown(anew)["sentence_id"] == second["sentence_id"]
        coded(anew, second["sentence_id"])


def test_what_cannot_be_written_is_no_coding_and_is_told(client: TestClient, data: Path) -> None:
    first = shown(client)
    path = data / "codings" / "coder-13.csv"
    path.write_text("these,are,other,columns\n", encoding="utf-8")
    sent = {"coder": "coder-13", "sentence": first["sentence_id"], "frames": ["vilification"]}
    assert refused(client.post("/api/code", json=sent), 500).startswith("NOT recorded")
    assert path.read_text(encoding="utf-8") == "these,are,other,columns\n"
    path.unlink()
    assert client.post("/api/code", json=sent).status_code == 200
    assert [row["frames"] for row in rows_of(path)] == ["vilification"]


def test_coding_never_shows_what_others_said_and_adjudication_does(client: TestClient, data: Path) -> None:
    decided = data / "codings" / f"{ADJUDICATED}.csv"
    lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
    decided.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    disputed = client.get("/api/disputed", params={"coder": "coder-13"}).json()
    coders = {one["coder"] for one in disputed["said"]}
    assert len(coders) == 2
    blind = shown(client, queue="disputed")
    assert blind["sentence_id"] == disputed["sentence_id"]
    assert (blind["said"], blind["chosen"], blind["chances"]) == ([], [], {})
    page = client.get("/code", params={"coder": "coder-13", "queue": "disputed"}).text
    assert not any(coder in page for coder in coders)
    sent = {"coder": "coder-13", "sentence": disputed["sentence_id"], "frames": ["vilification"], "note": "rule 1"}
    assert client.post("/api/adjudicate", json=sent).json()["finished"]
    last = rows_of(decided)[-1]
    assert (last["frames"], last["selected_by"], last["note"]) == ("vilification", "disputed, by coder-13", "rule 1")
    assert read_labels(data).counts()["disputed"] == 0


def copy_an_article(data: Path) -> None:
    for path in (data / "articles.csv", data / "sentences.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        id_ = rows_of(path)[0]["article_id"]
        path.write_text("".join([*lines, *(one.replace(id_, "copy") for one in lines if id_ in one)]), encoding="utf-8")


@pytest.mark.parametrize(
    ("queue", "selected_by"),
    [
        ({"queue": "random", "limit": 5}, "random p=5/"),
        ({"queue": "rare", "frame": "vilification"}, "rare vilification"),
        ({"queue": "uncertain", "suggest": True}, "uncertain"),
        ({"queue": "audit"}, "audit"),
    ],
)
def test_every_queue_of_the_terminal_is_here_and_codings_say_which(
    client: TestClient, data: Path, queue: dict[str, Any], selected_by: str
) -> None:
    copy_an_article(data)  # which is what an audit finds
    first = shown(client, **queue)
    assert first["selected_by"].startswith(selected_by)
    assert set(first["chances"]) == (set(read_labels(data).codebook.ids) if "suggest" in queue else set())
    coded(client, first["sentence_id"], **queue)
    (row,) = rows_of(data / "codings" / "coder-13.csv")
    assert row["selected_by"] == first["selected_by"] + (" suggested" if "suggest" in queue else "")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"coder": "../../me"}, "is no id of a coder"),
        ({"coder": "adjudicated"}, "is no id of a coder"),
        ({"sentence": "nowhere:01"}, "not in this queue"),
        ({"sentence": ""}, "not in this queue"),
        ({"frames": ["gossip"]}, "unknown frame 'gossip'"),
        ({"queue": "rare"}, "needs a frame"),
        ({"queue": "gossip"}, "queue: input should be"),
        ({"article": "../nowhere"}, "no article '../nowhere'"),
        ({"note": "x" * 10_001}, "note: string should have at most"),
        ({"colour": "red"}, "colour: extra inputs"),
    ],
)
def test_what_cannot_be_coded_is_told_in_one_line_and_leaves_no_file(
    client: TestClient, data: Path, change: dict[str, Any], says: str
) -> None:
    before = sorted(path for path in data.parent.rglob("*") if path.suffix != ".lock")
    sent = {"coder": "coder-13", "sentence": shown(client)["sentence_id"], **change}
    assert says in refused(client.post("/api/code", json=sent))
    assert sorted(path for path in data.parent.rglob("*") if path.suffix != ".lock") == before


def test_pasted_text_and_files_are_classified_as_on_the_command_line(client: TestClient, small: Small) -> None:
    path = SAMPLES / "letters-from-the-quay.md"
    sent = client.post("/api/classify/file", params={"name": path.name}, content=path.read_bytes()).json()
    pasted = client.post("/api/classify", json={"text": "The ministry promised engineers a flat."}).json()
    (one,) = small.classifier.classify("The ministry promised engineers a flat.")
    assert pasted["articles"][0]["sentences"][0]["probabilities"] == pytest.approx(dict(one.probabilities))
    assert pasted["articles"][0]["sentences"][0]["frames"] == list(one.frames)
    (why,) = decided([one], Explainer(small.model))
    assert pasted["articles"][0]["sentences"][0]["why"] == why
    assert [frame["id"] for frame in sent["frames"]] == list(small.classifier.frames)
    assert len(sent["articles"][0]["sentences"]) == 12


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.exe", b"x", "unknown kind of file"),
        ("../../etc/passwd", b"x", "unknown kind of file"),
        ("x.txt", b"", "there is no text"),
        ("x.pdf", b"no pdf", "x.pdf"),
        ("x.csv", b"a,b\n1,2\n", "x.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(client: TestClient, name: str, content: bytes, says: str) -> None:
    assert says in refused(client.post("/api/classify/file", params={"name": name}, content=content))


def test_more_than_is_taken_is_refused_whether_or_not_its_length_is_announced(client: TestClient) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 1_000_000 + 1):
            yield b"x" * 1_000_000

    for content in (b"x" * (MOST_BYTES + 1), parts()):
        assert client.post("/api/classify/file", params={"name": "x.txt"}, content=content).status_code == 413


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "framelens.example"},
        {"Host": "127.0.0.1.example:8765"},
        {"Host": "127.0.0.1@example"},
        {"Host": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    ],
)
def test_nothing_is_told_to_another_site(client: TestClient, headers: dict[str, str]) -> None:
    for address in (*PAGES, "/api/next?coder=coder-13", "/openapi.json", "/static/style.css"):
        answer = client.get(address, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://framelens.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Content-Type": "text/plain"},
    ],
)
def test_no_other_site_can_record_a_coding(client: TestClient, data: Path, headers: dict[str, str]) -> None:
    sent = f'{{"coder": "coder-13", "sentence": "{shown(client)["sentence_id"]}"}}'
    headers = {"Content-Type": "application/json", **headers}
    assert client.post("/api/code", content=sent, headers=headers).status_code in (403, 422)
    assert not (data / "codings" / "coder-13.csv").exists()
    own = {"Content-Type": "application/json", "Origin": HERE, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/code", content=sent, headers=own).status_code == 200


def test_a_link_from_elsewhere_may_open_a_page_but_no_frame_may_hold_it(client: TestClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = client.get("/team", headers=headers)
    assert answer.status_code == 200
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_every_answer_carries_the_strict_policy(client: TestClient) -> None:
    for address in (*PAGES, "/frames.css", "/static/code.js", "/nowhere", "/api/nowhere", "/openapi.json"):
        headers = client.get(address).headers
        assert {name: headers[name] for name in SENT_ALONG} == dict(SENT_ALONG)
    policy = SENT_ALONG["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_no_page_of_documentation_is_fetched_from_elsewhere_and_the_description_is_there(client: TestClient) -> None:
    assert [client.get(address).status_code for address in ("/docs", "/redoc")] == [404, 404]
    described = client.get("/openapi.json").json()["paths"]
    assert {f"/api/{name}" for name in ("classify", "next", "code", "agreement")} <= set(described)


@pytest.mark.parametrize(
    "address", ["/static/../templates/base.html", "/static/%2e%2e/desk.py", "/static//etc/passwd", "/static/"]
)
def test_no_file_but_the_static_ones_is_given_out(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_what_people_wrote_is_text_in_every_page(data: Path, small: Small) -> None:
    book = data / "codebook.toml"
    text = book.read_text(encoding="utf-8").replace('name = "Vilification"', f'name = "{MARKUP}"')
    book.write_text(text.replace('definition = """', f'definition = """{MARKUP}', 1), encoding="utf-8")
    desk = Desk(data)
    desk.__dict__["classifier"] = small.classifier
    with TestClient(application(desk), base_url=HERE) as client:
        pages = [client.get(path, params={"coder": MARKUP}).text for path in PAGES]
    assert sum("&lt;script&gt;" in page for page in pages) >= 2
    assert not any("<script>" in page or "<b title" in page for page in pages)


def test_agreement_and_team_are_those_of_the_files_by_now(client: TestClient, data: Path) -> None:
    agreement = client.get("/api/agreement").json()
    assert len(agreement["frames"]) == 4
    before = client.get("/api/team").json()
    assert before["states"]["gold"] == read_labels(data).counts()["gold"]
    coded(client, shown(client)["sentence_id"], "vilification")
    after = client.get("/api/team").json()
    assert [one["coder"] for one in after["coders"]] == sorted(
        [*(one["coder"] for one in before["coders"]), "coder-13"]
    )
    assert "coder-13" in client.get("/team").text


def test_the_team_page_says_how_many_disputes_are_decided_and_names_frames(client: TestClient, data: Path) -> None:
    decided = data / "codings" / f"{ADJUDICATED}.csv"
    before = len(rows_of(decided))
    differ = client.get("/api/agreement").json()["differ"]
    disputed = client.get("/api/team").json()["states"]["disputed"]
    assert before > 1
    page = client.get("/team").text
    assert f"differ on {differ:,} sentences; {differ - disputed:,} of them are decided" in page
    assert "Return incentive</th>" in page
    assert ">return_incentive" not in page
    lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
    decided.write_text(lines[0], encoding="utf-8")
    assert f"differ on {differ:,} sentences; 0 of them are decided" in client.get("/team").text


def test_agreement_that_is_undefined_is_null_and_says_why(client: TestClient, data: Path) -> None:
    for path in (data / "codings").glob("*.csv"):
        if path.stem != "coder-01":
            path.unlink()
    frame = client.get("/api/agreement").json()["frames"][0]
    assert frame["alpha"]["point"] is None
    assert frame["why"]
    assert "undefined" in client.get("/team").text


def test_without_a_labelled_set_classify_works_and_the_others_say_what_is_missing(tmp_path: Path, small: Small) -> None:
    desk = Desk(tmp_path / "none")
    desk.__dict__["classifier"] = small.classifier
    with TestClient(application(desk), base_url=HERE) as client:
        assert client.post("/api/classify", json={"text": "They left."}).status_code == 200
        assert 'data-frame="vilification"' in client.get("/frames.css").text
        for path in ("/code", "/adjudicate", "/team"):
            assert "no such folder" in client.get(path).text


def test_a_port_that_is_taken_is_told_in_one_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = failed(run("serve", "--data", data, "--port", port))
    assert f"port {port} cannot be used" in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--coder", "../me"], "is no id of a coder"),
        (["--data", "nowhere"], "no such folder"),
        (["--model", "nowhere.npz"], "nowhere.npz"),
    ],
)
def test_what_cannot_be_served_is_told_in_one_line(arguments: list[str], says: str) -> None:
    line = failed(run("serve", *arguments))
    assert says in line
    assert line.count("\n") == 1


def test_other_commands_do_not_wait_for_the_web_framework() -> None:
    code = "import sys, framelens.cli; sys.exit(any(one in sys.modules for one in ('fastapi', 'pydantic', 'uvicorn')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_wheel_holds_templates_and_static_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {path for kind in ("static", "templates") for path in (ROOT / "src/framelens/web" / kind).iterdir()}
    assert {path.relative_to(ROOT / "src").as_posix() for path in ours} <= held
