"""How long a coder waits for the next sentence after the key that accepts the last, in a large labelled set."""

import csv
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from corpora import resampled
from framelens.segment import fingerprint
from framelens.terminal import note

CODER = "coder-99"
PAUSE = 0.3
"""Seconds that the coder looks at a sentence; Enter that comes at once counts as a key that is held."""
PROGRAM = [sys.executable, "-m", "framelens"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]
WATCH = """() => {
  window.waits = [];
  let pressed = 0;
  addEventListener("keydown", () => (pressed = performance.now()), true);
  const drawn = () => requestAnimationFrame(() => window.waits.push((performance.now() - pressed) / 1000));
  new MutationObserver(drawn).observe(document.getElementById("progress"), { childList: true, characterData: true });
}"""
"""Notes the seconds from each key to the frame in which the browser draws what came."""


def latency(data: Path, articles: Sequence[Sequence[str]], size: int, repeats: int) -> dict[str, Any]:
    """Seconds from key to next sentence, ``repeats`` of each, in the terminal and in Chromium if it is there."""
    found: dict[str, Any] = {"sentences": size}
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "data"
        _enlarged(data, large, articles, size)
        note(f"coding in the terminal, {size:,} sentences")
        found["terminal"] = _in_terminal(large, repeats)
        if CHROMIUM:
            note(f"coding in the browser, {size:,} sentences")
            found["browser"] = _in_browser(large, repeats)
    return found


def _enlarged(data: Path, large: Path, articles: Sequence[Sequence[str]], size: int) -> None:
    """Copy the labelled set and add ``size`` sentences."""
    shutil.copytree(data, large, ignore=shutil.ignore_patterns("vectors", "samples", "articles"))
    drawn = resampled(articles, size, rng=np.random.default_rng(size))
    with (
        (large / "articles.csv").open("a", newline="", encoding="utf-8") as about,
        (large / "sentences.csv").open("a", newline="", encoding="utf-8") as units,
    ):
        for number, sentences in enumerate(drawn):
            id_ = f"drawn-{number:05}"
            csv.writer(about).writerow([id_, sentences[0], "drawn anew", "", "en", "written", id_, "", "", "", ""])
            csv.writer(units).writerows(
                [f"{id_}:{place:02d}", id_, place, fingerprint(text), text] for place, text in enumerate(sentences, 1)
            )


def _in_terminal(data: Path, repeats: int) -> list[float]:
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (40, 100))
    line = [*PROGRAM, "annotate", "--coder", CODER, "--data", str(data)]
    program = subprocess.Popen(line, stdin=child, stdout=child, stderr=child, env={**os.environ, "TERM": "xterm"})  # noqa: S603  # our own
    os.close(child)
    try:
        _read_until(parent, rb"Esc quit")
        waits = []
        for _ in range(repeats):
            sleep(PAUSE)
            start = perf_counter()
            os.write(parent, b"\r")
            # the legend is the last line of the next sentence's screen
            _read_until(parent, rb"recorded .*Esc quit")
            waits.append(perf_counter() - start)
        return waits
    finally:
        program.kill()
        program.wait()
        os.close(parent)


def _read_until(terminal: int, pattern: bytes) -> None:
    shown = b""
    while not re.search(pattern, shown, re.DOTALL):
        if not select.select([terminal], [], [], 120)[0]:
            raise RuntimeError(f"the terminal shows no {pattern!r}: {shown[-500:]!r}")
        shown += os.read(terminal, 65536)


def _in_browser(data: Path, repeats: int) -> list[float]:
    from playwright.sync_api import sync_playwright

    line = [*PROGRAM, "serve", "--port", "0", "--data", str(data), "--coder", f"{CODER}-browser"]
    program = subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)  # noqa: S603  # our own
    try:
        assert program.stderr  # noqa: S101  # asked for above
        address = next(re.finditer(r"http://\S+?(?=/?\s)", program.stderr.readline())).group()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page()
            page.goto(f"{address}/code")
            page.locator("#desk").wait_for(state="visible", timeout=120_000)
            page.evaluate(WATCH)
            for done in range(repeats):
                page.keyboard.press("Enter")
                # not wait_for_function, which the page's policy against eval forbids
                while page.evaluate("window.waits.length") <= done:
                    page.wait_for_timeout(5)
            waits: list[float] = page.evaluate("window.waits")
            browser.close()
        return waits[:repeats]
    finally:
        program.kill()
        program.communicate()
