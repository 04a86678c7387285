import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from conftest import ROOT
from framelens.card import read_figures, render
from framelens.cli import app
from framelens.errors import InputError
from framelens.model import load

MODELS = ROOT / "models"


@pytest.fixture
def card() -> dict[str, Any]:
    return dict(load(MODELS / "frames.npz").card)


@pytest.fixture
def figures() -> dict[str, Any]:
    return read_figures(MODELS / "figures.json", "evaluate")


def test_the_committed_card_is_what_the_command_renders() -> None:
    result = CliRunner().invoke(app, ["model", "card"])
    assert result.exit_code == 0, result.stderr
    assert (MODELS / "README.md").read_text(encoding="utf-8") == result.stdout, "out of date; run: make card"


def test_every_figure_stands_there_with_its_interval(card: dict[str, Any], figures: dict[str, Any]) -> None:
    page = render(card, figures, None)
    ours = figures["systems"][0]
    for row in (*ours["figures"]["frames"], ours["figures"]["macro"]):
        for key in ("precision", "recall", "f1", "average_precision"):
            one = row[key]
            assert f"{one['point']:.2f} [{one['low']:.2f}, {one['high']:.2f}]" in page
    assert all(f"genre: {genre} " in page for genre in figures["by_genre"])
    assert "never people" in page
    assert "CITATION.cff" in page


def test_a_table_has_as_many_cells_in_each_line_whatever_a_text_holds(
    card: dict[str, Any], figures: dict[str, Any]
) -> None:
    hostile = {**figures["mistakes"][0], "text": "a | b\n<b>*c*"}
    page = render(card, {**figures, "mistakes": [hostile]}, None)
    (line,) = (line for line in page.splitlines() if "\\<b>" in line)
    assert line.endswith("| a \\| b \\<b>\\*c\\* |")


def test_texts_that_may_belong_to_others_are_not_shown(card: dict[str, Any], figures: dict[str, Any]) -> None:
    other = {**card, "data": {**card["data"], "origin": "all"}}
    page = render(other, figures, None)
    assert not any(" ".join(one["text"].split()) in page for one in figures["mistakes"])
    assert figures["mistakes"][0]["sentence"] in page


def test_figures_of_another_model_or_labelled_set_are_refused(card: dict[str, Any], figures: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="those of another model or labelled set"):
        render(card, {**figures, "fingerprint": "0" * 64}, None)
    better = json.loads(json.dumps(figures))
    better["systems"][0]["figures"]["macro"]["f1"]["point"] += 0.01
    with pytest.raises(InputError, match="those of another model or labelled set"):
        render(card, better, None)
    with pytest.raises(InputError, match="figures of the transfer are those of another labelled set"):
        render(card, figures, {"train_fingerprint": "0" * 64})
    transfer = read_figures(MODELS / "transfer.json", "transfer")
    for best in transfer["systems"][0]["best"]:
        del best["by_chance"]
    with pytest.raises(InputError, match="figures of the transfer are those of another version"):
        render(card, figures, transfer)
    with pytest.raises(InputError, match="card has no figures"):
        render({"codebook": card["codebook"]}, figures, None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no figures can be read here"),
        (b"{", "not the output of"),
        (b"[1]", "not the output of"),
        (b'{"systems": []}', "evaluate"),
    ],
)
def test_files_that_hold_no_figures_are_told(content: bytes | None, says: str, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=says):
        read_figures(path, "evaluate")
