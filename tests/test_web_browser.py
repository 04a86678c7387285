"""The pages in a real browser: Chromium of the system, driven by Playwright."""

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from conftest import ROOT, SAMPLES, needs_chromium, rows_of
from framelens.gold import ADJUDICATED
from framelens.labels import read_labels
from framelens.web.pages import PAGES
from test_cli import FRAMELENS

MARKUP = "<img src=x onerror=document.title='spoilt'>"

expect.set_options(timeout=60_000)  # a machine may be busy

pytestmark = needs_chromium


class Served:
    """The program on a port of its own."""

    def __init__(self, *arguments: object) -> None:
        command = [*FRAMELENS, "serve", "--port", "0", *map(str, arguments)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stderr
        line = self.process.stderr.readline()
        assert "http://127.0.0.1:" in line, line
        self.address = line.split()[3].rstrip("/")

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def served(data: Path) -> Iterator[Served]:
    with Served("--data", data, "--coder", "coder-13") as one:
        yield one


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page; whatever it asks another host for, or complains of, fails the test."""
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda one: wrong.append(one.url) if urlsplit(one.url).hostname != "127.0.0.1" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda one: wrong.append(one.text) if "Content Security Policy" in one.text else None)
    yield page
    context.close()
    assert wrong == []


def opened(page: Page, served: Served, path: str) -> Page:
    page.goto(f"{served.address}{path}")
    if path.startswith(("/code", "/adjudicate")):
        expect(page.locator("#desk")).to_be_visible()
    return page


def typed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def codings(data: Path, coder: str = "coder-13") -> list[tuple[str, str, str]]:
    path = data / "codings" / f"{coder}.csv"
    rows = rows_of(path) if path.exists() else []
    return [(row["sentence_id"], row["frames"], row["note"]) for row in rows]


def test_ten_sentences_coded_with_keys_are_on_disk_and_a_reload_loses_nothing(
    page: Page, served: Served, data: Path
) -> None:
    sentences = [one.id for one in read_labels(data).sentences if one.text is not None]
    opened(page, served, "/code")
    for _ in range(5):
        # faster than any answer comes back: what is typed ahead waits for its sentence
        typed(page, "v", "r", "Enter", "h", "/", "o", "d", "d", "Enter", " ")
    expect(page.locator("#progress")).to_contain_text("10 coded")
    said = [("return_incentive vilification", ""), ("historical_parallel", "odd")] * 5
    assert codings(data) == [(id_, *one) for id_, one in zip(sentences, said, strict=False)]
    typed(page, "p", "/")
    page.keyboard.type("why? - really")
    page.reload()
    expect(page.locator("#progress")).to_contain_text(sentences[10])
    expect(page.get_by_role("checkbox", name="Personal testimony")).to_be_checked()
    expect(page.get_by_label("Note")).to_have_value("why? - really")
    typed(page, "Enter")
    expect(page.locator("#status")).to_have_text(f"recorded {sentences[10]}: personal_testimony")
    assert codings(data)[10:] == [(sentences[10], "personal_testimony", "why? - really")]
    assert read_labels(data).faults == ()


def test_skip_back_undo_and_rules_have_the_keys_of_the_terminal(page: Page, served: Served, data: Path) -> None:
    sentences = [one.id for one in read_labels(data).sentences if one.text is not None]
    opened(page, served, "/code")
    typed(page, "v", "Enter", "ArrowRight")
    expect(page.locator("#progress")).to_contain_text(sentences[2])
    typed(page, "Backspace", "ArrowLeft")
    expect(page.locator("#progress")).to_contain_text(sentences[0])
    expect(page.get_by_role("checkbox", name="Vilification")).to_be_checked()
    typed(page, "-", "?", "h")
    expect(page.locator("details.rule[data-frame=historical_parallel]")).to_have_attribute("open", "")
    expect(page.locator("#heard")).to_contain_text("Soviet, tsarist")
    expect(page.get_by_role("checkbox", name="Historical parallel")).not_to_be_checked()
    assert [row["selected_by"] for row in rows_of(data / "codings" / "coder-13.csv")] == ["article", "undone"]


def test_a_coding_that_is_not_on_disk_is_not_acknowledged_and_the_choice_stays(
    page: Page, served: Served, data: Path
) -> None:
    path = data / "codings" / "coder-13.csv"
    path.write_text("these,are,other,columns\n", encoding="utf-8")
    opened(page, served, "/code")
    typed(page, "v", "Enter", "r", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("NOT recorded")
    expect(page.get_by_role("checkbox", name="Vilification")).to_be_checked()
    expect(page.locator("#progress")).to_contain_text("0 coded")
    path.unlink()
    served.process.kill()
    served.process.wait()
    typed(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.get_by_role("checkbox", name="Vilification")).to_be_checked()
    assert codings(data) == []


def test_keys_that_are_off_or_belong_to_what_has_the_focus_do_nothing(page: Page, served: Served, data: Path) -> None:
    opened(page, served, "/code")
    page.get_by_role("button", name="Skip").focus()
    typed(page, " ")
    expect(page.locator("#status")).to_contain_text("skipped")
    typed(page, "Control+r")
    page.get_by_label("Keys work anywhere").uncheck()
    page.locator("#sentence").focus()
    typed(page, "v", "Enter")
    expect(page.get_by_role("checkbox", name="Vilification")).not_to_be_checked()
    page.reload()
    expect(page.get_by_label("Keys work anywhere")).not_to_be_checked()
    page.get_by_role("checkbox", name="Vilification").focus()
    typed(page, " ")
    page.get_by_role("button", name="Accept").focus()
    typed(page, "Enter")
    expect(page.locator("#status")).to_contain_text("recorded")
    assert [frames for _, frames, _ in codings(data)] == ["vilification"]


def test_the_stale_one_of_two_windows_asks_before_it_replaces(page: Page, served: Served, data: Path) -> None:
    other = opened(page.context.new_page(), served, "/code")
    opened(page, served, "/code")
    typed(page, "v", "r", "Enter")
    expect(page.locator("#progress")).to_contain_text("1 coded")
    first = codings(data)[0][0]
    typed(other, "h", "Enter")
    told = f"{first} has been coded since, as vilification, return_incentive; Enter again replaces it"
    expect(other.get_by_role("alert")).to_have_text(told)
    assert len(codings(data)) == 1
    assert hidden_parts(other, "#fault", "#sentence", "[data-do=accept]") == []
    typed(other, "Enter")
    expect(other.locator("#status")).to_contain_text("recorded")
    expect(other.get_by_role("alert")).to_be_hidden()
    assert [frames for _, frames, _ in codings(data)] == ["return_incentive vilification", "historical_parallel"]


def test_the_end_of_a_queue_leads_to_another(page: Page, served: Served) -> None:
    opened(page, served, "/code?queue=random&limit=1")
    expect(page.get_by_role("link", name="Another queue")).to_be_hidden()
    typed(page, "v", "Enter")
    expect(page.get_by_role("button", name="Accept")).to_be_disabled()
    page.get_by_role("link", name="Another queue").click()
    expect(page.get_by_label("Queue")).to_be_focused()


def test_a_queue_that_cannot_be_begun_leaves_the_sentence_on_the_screen(page: Page, served: Served) -> None:
    opened(page, served, "/code")
    coded = page.locator("#sentence").inner_text()
    page.locator("#setting > summary").click()
    fields = [page.locator(f"[name={name}]").bounding_box() for name in ("coder", "queue", "frame")]
    assert len({(box["y"], box["height"]) for box in fields if box}) == 1
    page.locator("[name=queue]").select_option("rare")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("needs a frame")
    expect(page.locator("#sentence")).to_have_text(coded)
    page.locator("[name=queue]").select_option("random")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#queue-name")).to_have_text("random")
    expect(page.locator("#progress")).to_contain_text("random p=")


def test_the_tables_of_the_team_are_whole_on_a_phone(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    opened(page, served, "/team")
    spare = "[...document.querySelectorAll('.wide')].map(one => one.scrollWidth - one.clientWidth)"
    assert page.evaluate(spare) == [0, 0]


SCREENS = [(1280, 650), (400, 800)]


def hidden_parts(page: Page, *parts: str) -> list[str]:
    """Which of these lie outside the window, or under something else, at their upper left or lower right corner."""
    found = """parts => parts.filter(one => {
      const element = document.querySelector(one), box = element.getBoundingClientRect();
      return [[box.left + 4, box.top + 4], [box.right - 4, box.bottom - 4]]
        .some(at => !element.contains(document.elementFromPoint(...at)));
    })"""
    return list(page.evaluate(found, list(parts)))


@pytest.mark.parametrize("screen", SCREENS)
def test_sentence_frames_accept_and_message_are_in_view_at_every_sentence(
    page: Page, served: Served, screen: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    opened(page, served, "/code")
    parts = ("#sentence", "#frames", "[data-do=accept]", "[data-do=undo]", "#status")
    for done in range(1, 13):
        typed(page, "v", "Enter")
        expect(page.locator("#progress")).to_contain_text(f"{done} coded")
        assert hidden_parts(page, *parts) == []
    typed(page, "?")
    expect(page.locator("#status")).to_contain_text("Which frame's rule?")
    assert hidden_parts(page, *parts) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_the_bar_never_hides_what_has_the_focus(page: Page, served: Served, screen: tuple[int, int]) -> None:
    page.set_viewport_size({"width": screen[0], "height": screen[1]})
    opened(page, served, "/code")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.locator(".brand").click()
    visited = set()
    for _ in range(30):
        typed(page, "Tab")
        focused = page.evaluate("""() => {
          const one = document.activeElement, box = one.getBoundingClientRect();
          const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
          return [one.outerHTML.slice(0, 60), one === document.body || (one.closest("label") ?? one).contains(there)];
        }""")
        visited.add(tuple(focused))
    assert [one for one, is_seen in visited if not is_seen] == []
    assert len(visited) > 20


def test_adjudication_shows_who_said_what_and_overrules_them(page: Page, served: Served, data: Path) -> None:
    decided = data / "codings" / f"{ADJUDICATED}.csv"
    lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
    decided.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    opened(page, served, "/adjudicate")
    expect(page.locator("#said tbody tr")).to_have_count(2)
    typed(page, "v", "/")
    page.keyboard.type("rule 1")
    typed(page, "Enter", "Enter")
    expect(page.locator("#sentence")).to_contain_text("last sentence")
    expect(page.get_by_role("button", name="Accept")).to_be_disabled()
    expect(page.locator("#after-queue").get_by_role("link", name="Team")).to_be_visible()
    assert codings(data, ADJUDICATED)[-1][1:] == ("vilification", "rule 1")


def test_pasted_text_and_a_file_are_shown_with_frames_and_probabilities(page: Page, served: Served) -> None:
    opened(page, served, "/")
    page.get_by_label("Article").fill(f"The ministry promised returning engineers a flat. {MARKUP} It rained.")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator("#articles")).to_contain_text(MARKUP)
    page.locator("summary").first.click()
    expect(page.get_by_role("meter")).to_have_count(4)
    expect(page.locator(".chances .words")).to_contain_text("Words that decided: ")
    expect(page.locator(".chances .words")).to_contain_text("returning +")
    page.get_by_label("Choose a file").set_input_files(SAMPLES / "letters-from-the-quay.md")
    expect(page.locator("#status")).to_have_text(
        re.compile(r"letters-from-the-quay\.md: 12 sentences, \d+ with a frame")
    )
    expect(page.get_by_label("Article")).to_have_value("")
    page.get_by_label("Article").fill("It rained.")
    page.get_by_role("button", name="Classify").click()
    expect(page.locator("#status")).to_have_text("1 sentence, 0 with a frame")
    page.get_by_label("Choose a file").set_input_files({"name": "x.exe", "mimeType": "", "buffer": b"x"})
    expect(page.get_by_role("alert")).to_contain_text("unknown kind of file")
    assert "Classify" in page.title()


def test_saved_sentences_are_those_of_the_command_line_and_no_formula_to_a_spreadsheet(
    page: Page, served: Served, tmp_path: Path
) -> None:
    article, saved, told = (tmp_path / name for name in ("art.txt", "saved.csv", "told.csv"))
    text = (SAMPLES / "welcome-home.txt").read_text(encoding="utf-8")
    article.write_text(f'{text}\n\n=1+1 was on the wall, "he" said.\n\n＋2 below it.\n\n\'tis so.\n', encoding="utf-8")
    opened(page, served, "/")
    page.get_by_label("Choose a file").set_input_files(article)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    assert download.value.suggested_filename == "art-frames.csv"
    download.value.save_as(saved)
    subprocess.run([*FRAMELENS, "classify", article, "--output", told], check=True, capture_output=True)
    ours, theirs = rows_of(saved), rows_of(told)
    assert any(row["text"].startswith("'=1+1") for row in ours)
    assert list(ours[0]) == list(theirs[0])[: len(ours[0])]
    for mine, row in zip(ours, theirs, strict=True):
        for name in ("position", "start", "end", "text", "frames"):
            assert mine[name] == row[name]
        assert float(mine["quoted"]) == pytest.approx(float(row["quoted"]), abs=1e-4)
        for name in (name for name in mine if name.startswith("p_")):
            assert float(mine[name]) == pytest.approx(float(row[name]), abs=2e-6)


FAULTS = (ROOT / "tests" / "page_faults.js").read_text(encoding="utf-8")
LEAST = {"contrast": 4.5, "target": 24}  # WCAG 2.2, 1.4.3 and 2.5.8 (pixels)
SPOKEN = ("button", "checkbox", "combobox", "link", "meter", "spinbutton", "textbox", "region")


def unnamed(page: Page) -> list[str]:
    """What Chromium's accessibility tree has no name for, of what a screen reader names."""
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]

    def value(node: dict[str, Any], key: str) -> str:
        return str(node.get(key, {}).get("value", ""))

    return [
        value(one, "role")
        for one in tree
        if not one["ignored"] and value(one, "role").lower() in SPOKEN and not value(one, "name")
    ]


def serious(page: Page) -> list[str]:
    """Faults that axe-core calls serious or critical."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['help']}" for one in found if one["impact"] in ("serious", "critical")]


def test_what_checks_the_pages_sees_faults(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang=en><title>x</title><button></button><p style='color: #bbb'>pale</p></html>")
    assert [one.partition(":")[0] for one in serious(page)] == ["button-name", "color-contrast"]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1400])
def test_every_page_can_be_read_and_heard_and_fits_the_screen(
    browser: Browser, data: Path, scheme: Any, width: int
) -> None:
    decided = data / "codings" / f"{ADJUDICATED}.csv"
    lines = decided.read_text(encoding="utf-8").splitlines(keepends=True)
    decided.write_text("".join(lines[:1] + lines[2:]), encoding="utf-8")
    with Served("--data", data, "--coder", "coder-13") as served:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page = context.new_page()
        for path in (*PAGES, "/nowhere"):
            opened(page, served, path)
            if path == "/":
                page.get_by_label("Article").fill((SAMPLES / "welcome-home.txt").read_text(encoding="utf-8"))
                page.get_by_role("button", name="Classify").click()
                expect(page.locator("#legend")).to_be_visible()
            if path in ("/code", "/adjudicate"):
                typed(page, "v", "r", "p", "h")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert (path, page.evaluate(FAULTS, LEAST), unnamed(page), serious(page)) == (path, [], [], [])
        context.close()


def test_the_first_tab_skips_to_the_content_and_the_next_sentence_is_heard(page: Page, served: Served) -> None:
    opened(page, served, "/code")
    typed(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    typed(page, "Enter")
    expect(page.locator("#main")).to_be_focused()
    typed(page, "v")
    expect(page.get_by_role("status").first).to_have_text("Vilification chosen")
    typed(page, "Enter")
    expect(page.locator("#sentence")).to_be_focused()
    expect(page.get_by_role("status").first).to_contain_text("recorded")


def test_an_interruption_ends_it_quietly(data: Path) -> None:
    served = Served("--data", data)
    served.process.send_signal(signal.SIGINT)
    out, error = served.process.communicate(timeout=60)
    assert (served.process.returncode, out, error) == (0, "", "")
