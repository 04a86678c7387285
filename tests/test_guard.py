"""Who may ask the page, how often and how slowly; its API under made-up requests, and under many coders at once."""

import asyncio
import http.client
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from conftest import MEASURED, rows_of, tried
from framelens.labels import read_labels
from framelens.web.desk import MOST_CLASSIFYING, MOST_SESSIONS, Desk
from framelens.web.guard import COOKIE, MOST_ADDRESSES, Allowance, Guard, in_time
from framelens.web.server import application
from test_cli import FRAMELENS, failed, run

TOKEN = "correct-horse"  # noqa: S105  # made up
THERE = "http://192.0.2.7:8765"
"""An address that no machine has (RFC 5737)."""
CODERS = 50
SECONDS = float(os.environ.get("FRAMELENS_LOAD_SECONDS", "3"))
THINKS = 0.3
"""Seconds between two answers of a coder; faster than anybody reads."""
REQUESTS = int(os.environ.get("FRAMELENS_API_REQUESTS", "15"))
"""Made-up requests for each address of the API."""


@pytest.fixture
def stranger(desk: Desk) -> Iterator[TestClient]:
    """Someone on another machine, without the token so far."""
    with TestClient(application(desk, TOKEN), base_url=THERE, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "correct-hörse"])
def test_without_the_token_nothing_is_told(stranger: TestClient, token: str) -> None:
    for address in ("/", "/code", "/api/team", "/openapi.json", "/static/style.css"):
        assert stranger.get(address, params={"token": token}).status_code == 401
        assert stranger.get(address, headers={b"Cookie": f"{COOKIE}={token}".encode()}).status_code == 401
        assert stranger.get(address, headers={b"Authorization": f"Bearer {token}".encode()}).status_code == 401


def test_the_printed_address_opens_the_pages_and_the_token_does_not_stay_in_it(stranger: TestClient) -> None:
    answer = stranger.get("/code", params={"token": TOKEN, "queue": "random"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/code?queue=random")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    assert stranger.get("/code").status_code == 200
    assert "token" not in stranger.get("/code").text


def test_a_program_shows_the_token_with_each_request(stranger: TestClient) -> None:
    assert stranger.get("/api/team", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("address", ["//framelens.example/", "/\\framelens.example", "///framelens.example"])
def test_the_token_leads_to_no_other_site(stranger: TestClient, address: str) -> None:
    answer = stranger.request("GET", f"{THERE}{address}", params={"token": TOKEN})
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith(("//", "/\\framelens"))


def test_whoever_holds_the_token_cannot_be_used_by_another_site(stranger: TestClient, data: Path) -> None:
    stranger.get("/", params={"token": TOKEN})
    id_ = stranger.get("/api/next", params={"coder": "coder-13"}).json()["sentence_id"]
    sent = {"coder": "coder-13", "sentence": id_}
    for origin in ("http://framelens.example", "null", "http://192.0.2.7", "https://192.0.2.7:1"):
        assert stranger.post("/api/code", json=sent, headers={"Origin": origin}).status_code == 403
    assert not (data / "codings" / "coder-13.csv").exists()
    for origin in (THERE, THERE.replace("http", "https")):
        assert stranger.post("/api/code", json=sent, headers={"Origin": origin}).status_code == 200


def test_another_address_of_this_machine_prints_a_token_that_changes(data: Path) -> None:
    tokens = []
    for _ in range(2):
        line = [*FRAMELENS, "serve", "--data", str(data), "--host", "0.0.0.0", "--port", "0"]  # noqa: S104  # with a token
        with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as program:
            assert program.stderr
            found = re.search(r"http://0\.0\.0\.0:(\d+)/\?token=(\S+)", program.stderr.readline())
            assert found
            statuses = []
            for address in ("/", f"/?token={found[2]}"):
                connection = http.client.HTTPConnection("127.0.0.1", int(found[1]))
                connection.request("GET", address)
                statuses.append(connection.getresponse().status)
                connection.close()
            program.terminate()
        assert statuses == [401, 303]
        tokens.append(found[2])
    assert tokens[0] != tokens[1]
    assert min(map(len, tokens)) >= 32


def test_an_address_that_is_not_of_this_machine_is_told_in_one_line(data: Path) -> None:
    line = failed(run("serve", "--data", data, "--host", "192.0.2.7"))
    assert "192.0.2.7, port 8765 cannot be used" in line
    assert line.count("\n") == 1


@given(st.lists(st.floats(0, 3), min_size=1, max_size=80), st.integers(1, 5), st.integers(1, 9))
def test_no_address_gets_more_than_its_allowance(pauses: list[float], each_second: int, at_once: int) -> None:
    allowance, now, taken = Allowance(each_second, at_once), 100.0, 0
    for pause in pauses:
        now += pause
        taken += allowance.takes("one", now)
    assert taken <= at_once + each_second * (now - 100.0) + 1e-6
    assert allowance.takes("another", now)


def test_a_million_addresses_take_no_more_memory_than_a_thousand() -> None:
    allowance = Allowance()
    for number in range(3 * MOST_ADDRESSES):
        allowance.takes(str(number), 1.0)
    assert len(allowance._left) == MOST_ADDRESSES


def test_who_asks_too_often_waits_and_others_do_not(desk: Desk) -> None:
    app = Guard(application(desk))
    app.allowance = Allowance(each_second=0.001, at_once=5)
    with TestClient(app, base_url="http://127.0.0.1", client=("192.0.2.1", 1)) as one:
        statuses = [one.get("/static/icon.svg").status_code for _ in range(9)]
        with TestClient(app, base_url="http://127.0.0.1", client=("192.0.2.2", 1)) as other:
            assert other.get("/static/icon.svg").status_code == 200
    assert statuses == [200] * 5 + [429] * 4


def test_a_body_that_does_not_come_counts_as_gone_and_a_slow_one_that_comes_is_read() -> None:
    def parts(*pauses: float) -> Any:
        left = iter(pauses)

        async def receive() -> MutableMapping[str, Any]:
            await asyncio.sleep(next(left))
            return {"type": "http.request", "body": b"x", "more_body": True}

        return receive

    async def kinds(*pauses: float) -> list[str]:
        receive = in_time(parts(*pauses), seconds=0.2)
        return [(await receive())["type"] for _ in pauses]

    assert asyncio.run(kinds(0, 0.01, 0)) == ["http.request"] * 3
    assert asyncio.run(kinds(0, 5)) == ["http.request", "http.disconnect"]


def test_more_texts_at_once_than_it_can_classify_are_refused_and_it_recovers(desk: Desk) -> None:
    with TestClient(application(desk), base_url="http://127.0.0.1") as client:
        for _ in range(MOST_CLASSIFYING):
            desk.classifying.acquire()
        assert client.post("/api/classify", json={"text": "They left."}).status_code == 503
        for _ in range(MOST_CLASSIFYING):
            desk.classifying.release()
        for _ in range(MOST_CLASSIFYING + 1):
            assert client.post("/api/classify", json={"text": "They left."}).status_code == 200
            assert client.post("/api/classify", json={"text": " "}).status_code == 422


def test_sessions_that_nobody_uses_are_given_up_and_begin_anew(desk: Desk) -> None:
    with TestClient(application(desk), base_url="http://127.0.0.1") as client:
        for seed in range(MOST_SESSIONS + 5):
            assert client.get(f"/api/next?coder=coder-13&queue=random&limit=1&seed={seed}").status_code == 200
    assert len(desk._sessions) == MOST_SESSIONS


def test_the_api_does_as_its_description_says_whatever_is_sent(desk: Desk) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", application(desk), headers={"Host": "127.0.0.1"})
    faults = [
        answer["content"]["application/json"]["schema"]["$ref"]
        for path in schema.raw_schema["paths"].values()
        for described in path.values()
        for status, answer in described["responses"].items()
        if status != "200"
    ]
    assert set(faults) == {"#/components/schemas/Fault"}
    checks = (
        schemathesis.checks.not_a_server_error,
        schemathesis.checks.status_code_conformance,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
    )
    sent_so_far = 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(case=operation.as_strategy())
        @hypothesis.settings(max_examples=REQUESTS, suppress_health_check=list(HealthCheck), database=None)
        def sent(case: Any) -> None:
            nonlocal sent_so_far
            sent_so_far += 1
            case.call_and_validate(checks=checks, headers={"Host": "127.0.0.1"})

        sent()
    assert sent_so_far > REQUESTS
    tried("the API", sent_so_far)
    assert read_labels(desk.data).faults == ()


def test_fifty_coders_at_once_lose_nothing(data: Path) -> None:
    """``FRAMELENS_LOAD_SECONDS=300`` codes for five minutes; the times are told, not judged."""
    with subprocess.Popen(
        [*FRAMELENS, "serve", "--data", str(data), "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr
        port = int(re.findall(r":(\d+)/", program.stderr.readline())[0])
        coders = [_Coder(f"load-{number:02}", port) for number in range(CODERS)]
        for one in coders:
            one.start()
        for one in coders:
            one.join()
        program.terminate()
    waits = sorted(wait for one in coders for wait in one.waits)
    slowest = waits[int(len(waits) * 0.99)] * 1000
    MEASURED.append(f"{CODERS} coders at once for {SECONDS:.0f} s: 99th percentile of an answer {slowest:.0f} ms")
    assert [one.fault for one in coders] == [""] * CODERS
    lost = 0
    for one in coders:
        found = [row["sentence_id"] for row in rows_of(data / "codings" / f"{one.name}.csv")]
        lost += len(set(one.acknowledged) - set(found))
        assert found == one.acknowledged
    assert len(waits) >= CODERS
    tried("coders at once", len(waits), lost=lost)
    assert read_labels(data).faults == ()


class _Coder(threading.Thread):
    """Codes until the time is up, one sentence after the other, each as the answer to the last shows it."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(name=name)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.acknowledged: list[str] = []
        self.waits: list[float] = []
        self.fault = ""

    def run(self) -> None:
        shown = self._asked("GET", f"/api/next?coder={self.name}")
        end = time.monotonic() + SECONDS
        while not self.fault and shown["sentence_id"] and time.monotonic() < end:
            start = time.monotonic()
            id_ = shown["sentence_id"]
            shown = self._asked("POST", "/api/code", {"coder": self.name, "sentence": id_, "frames": ["vilification"]})
            self.waits.append(time.monotonic() - start)
            if not self.fault:
                self.acknowledged.append(id_)
            time.sleep(THINKS)
        self.connection.close()

    def _asked(self, method: str, address: str, sent: object = None) -> dict[str, Any]:
        body = json.dumps(sent) if sent else None
        self.connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
        answer = self.connection.getresponse()
        found = answer.read()
        if answer.status != 200:
            self.fault = f"{answer.status}: {found!r}"
            return {"sentence_id": ""}
        return dict(json.loads(found))
