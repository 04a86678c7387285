"""The model card to read: what a model is for, how good it is, where it fails; all figures from files of figures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from framelens.errors import InputError, reason_of
from framelens.stats import Interval

EXAMPLES = 5
"""Mistakes of each kind that are shown."""
CLOSE = 1e-6

PAGE = Template("""\
# Model card: $title

Written by `framelens model card` from the model's own card and from measured figures; not edited by hand. Brackets hold
95% intervals.

## What it is

A linear model in two stages: logistic regression on the words of a sentence and of those around it, then a small
logistic regression that reads the sentence in its article; calibrated, with a rule per frame that stays quiet in
articles about something else. It gives each sentence the probability of each frame:
$frames.
framelens $version, seed $seed.

## Intended use

Counting frames over many sentences of news articles, for research on how news talks; choosing sentences for people to
code. Code a sample of your own corpus before you report shares: figures below do not hold for other texts.

**Not for**: profiling, ranking, looking up or judging people. The model classifies sentences, never people: a frame
says how a text talks, and an insult that is quoted or denied is coded like an insult. Not for decisions about anybody,
for moderation without a person, or for languages and subjects that it was not trained on.

## What it was trained on

$sentences gold sentences of $articles articles (origin: $origin, codebook $codebook, labelled set $fingerprint).
$about_origin

$data

## How good it is

`framelens evaluate --origin $origin --seed $seed` prints this anew: cross-validation in $folds stratified folds that
never part an article from its restatement; the bootstrap draws whole articles.

$figures

Against other ways on the same folds. Gain: ours minus the other, on the same draws of articles.

$systems

By genre and by origin of the articles; undefined where a frame is on no sentence.

$parts

### Calibration and agreement

Krippendorff's alpha of model and gold stands beside that of the coders, which is the ceiling.

$calibration

### False alarms

Calls in 1,000 frameless sentences of articles on other subjects ($quiet sentences).

$alarms
$transfer
## Known failures

The most confident mistakes in cross-validation; confidence is the probability of what was wrongly decided. $about_texts

$mistakes

It errs on irony, on sentences that only make sense after the one before, on sub-headings, and on the coldness of
officials. A share that it counts is biased by these errors. A sentence without its article gives it less to go on.

## Citation and licence

Cite framelens as `CITATION.cff` says. The shipped model and its labelled set are under CC BY 4.0, the code under MIT; a
model that was trained on other labels follows theirs.
""")

TRANSFER = Template("""
## On articles of another origin

`framelens transfer --train $train --test $test --seed $seed` prints this anew: trained on $train_articles articles
(origin: $train; $left_out left out that restate a tested one), tested on $sentences sentences of $test_articles
articles (origin: $test). The bootstrap draws $drawn. $caution
The best thresholds are chosen on the tested sentences themselves. The loss by chance is what that alone would gain them
if the probabilities were exactly right: mean, and where 95% of draws lie.

$figures
""")
PRACTICE = "Texts are from practice articles, which were written for this project and tell of invented events."
CAUTION = "Its intervals tell how much hangs on these sentences, not how other articles would differ."

BEST = {"f1": "F1 with the best thresholds there", "loss": "loss", "by_chance": "loss by chance"}
PRINTED = {
    "evaluate": {"systems", "fingerprint", "folds", "seed", "frames", "by_genre", "by_origin", "mistakes"},
    "transfer": {"systems", "train_fingerprint", "train", "test", "seed", "drawn"},
}
"""What a file of figures holds, by the command that prints it."""

WRITTEN = (
    "All of them are practice articles, written for this project: people, figures and events in them are invented."
    "\nThey are not a sample of any news."
)


def read_figures(path: Path, verb: str) -> dict[str, Any]:
    """What ``framelens evaluate --json`` or ``framelens transfer --json`` printed into a file."""
    command = f"framelens {verb} --json"
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        reason = reason_of(error)
        raise InputError(f"{path}: no figures can be read here ({reason}); measure them with: {command}") from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not PRINTED[verb] <= found.keys():
        raise InputError(f"{path}: not the output of: {command}")
    return found


def render(card: Mapping[str, Any], figures: Mapping[str, Any], transfer: Mapping[str, Any] | None) -> str:
    """The page in Markdown; raises ``InputError`` where the figures are those of another model."""
    require_same(card, figures)
    _require_same_data(card, transfer)
    data, ours = card["data"], figures["systems"][0]
    frames = [frame["id"] for frame in card["codebook"]["frames"]]
    written = data["origin"] == "written"
    return PAGE.substitute(
        title=card["codebook"]["title"],
        frames=", ".join(f"`{frame}`" for frame in frames),
        version=card["versions"]["framelens"],
        seed=figures["seed"],
        sentences=f"{data['sentences']:,}",
        articles=data["articles"],
        origin=data["origin"],
        codebook=card["codebook"]["version"],
        fingerprint=f"`{data['fingerprint'][:12]}`",
        about_origin=WRITTEN if written else "",
        data=table(("frame", "gold sentences"), [(frame, f"{data['gold'][frame]:,}") for frame in frames]),
        folds=figures["folds"],
        figures=_figures(ours["figures"]),
        systems=_systems(figures["systems"]),
        parts=_parts(figures),
        calibration=_calibration(figures["frames"]),
        quiet=f"{figures['quiet_sentences']:,}",
        alarms=_alarms(frames, figures["systems"]),
        transfer=_transfer(transfer) if transfer else "",
        about_texts=PRACTICE if written else "Texts are not shown.",
        mistakes=_mistakes(figures["mistakes"], with_text=written),
    )


def require_same(card: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Raise ``InputError`` where figures are not those of the model with this card."""
    if not {"codebook", "data", "figures", "versions"} <= card.keys():
        raise InputError("this model's card has no figures; train it with: framelens train")
    macro, measured = card["figures"]["macro"], figures["systems"][0]["figures"]["macro"]
    same = all(abs(macro[key]["point"] - measured[key]["point"]) < CLOSE for key in ("f1", "average_precision"))
    if figures["fingerprint"] != card["data"]["fingerprint"] or not same:
        raise InputError(
            "the figures are those of another model or labelled set; measure them anew with: framelens evaluate --json"
        )


def _require_same_data(card: Mapping[str, Any], transfer: Mapping[str, Any] | None) -> None:
    if transfer and transfer["train_fingerprint"] != card["data"]["fingerprint"]:
        raise InputError(
            "the figures of the transfer are those of another labelled set; measure them anew with: framelens transfer"
            " --json"
        )


def _figures(found: Mapping[str, Any]) -> str:
    columns = ("frame", "gold", "precision", "recall", "F1", "average precision")
    rows = [
        (row["frame"], f"{row['support']:,}", *map(shown, (row["precision"], row["recall"], row["f1"])), _ap(row))
        for row in (*found["frames"], found["macro"], found["micro"])
    ]
    return table(columns, rows)


def _systems(systems: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for one in systems:
        macro, gain = one["figures"]["macro"], one["gain"]
        gains = (shown(gain["f1"]), shown(gain["average_precision"])) if gain else ("", "")
        rows.append((one["name"], shown(macro["f1"]), gains[0], _ap(macro), gains[1]))
    return table(("", "macro F1", "gain", "macro average precision", "gain"), rows)


def _parts(figures: Mapping[str, Any]) -> str:
    rows = [
        (f"{kind}: {name}", part["articles"], f"{part['sentences']:,}", shown(part["macro"]["f1"]), _ap(part["macro"]))
        for kind, parts in (("genre", figures["by_genre"]), ("origin", figures["by_origin"]))
        for name, part in parts.items()
    ]
    return table(("articles", "groups", "sentences", "macro F1", "macro average precision"), rows)


def _calibration(frames: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            one["frame"],
            shown(one["brier"], 3),
            shown(one["calibration_error"], 3),
            shown(one["alpha"]),
            f"{one['coders_alpha']:.2f}",
        )
        for one in frames
    ]
    columns = ("frame", "Brier score", "expected calibration error", "alpha of model and gold", "of coders")
    return table(columns, rows)


def _alarms(frames: Sequence[str], systems: Iterable[Mapping[str, Any]]) -> str:
    rows = [(one["name"], *(shown(alarm, 0) for alarm in one["false_alarms"])) for one in systems]
    return table(("", *frames), rows)


def _transfer(transfer: Mapping[str, Any]) -> str:
    ours = transfer["systems"][0]
    if any(key not in best for best in ours["best"] for key in BEST):
        raise InputError(
            "the figures of the transfer are those of another version; measure them anew with: framelens"
            " transfer --json"
        )
    rows = [
        (row["frame"], row["support"], _ap(row), shown(row["f1"]), *(shown(best[key]) for key in BEST))
        for row, best in zip((*ours["figures"]["frames"], ours["figures"]["macro"]), ours["best"], strict=True)
    ]
    columns = ("frame", "gold", "average precision", "F1", *BEST.values())
    caution = "" if transfer["drawn"] == "articles" else CAUTION
    return TRANSFER.substitute({**transfer, "caution": caution, "figures": table(columns, rows)})


def _mistakes(mistakes: Iterable[Mapping[str, Any]], *, with_text: bool) -> str:
    """Mistakes of each kind; texts only of practice articles, since others may belong to somebody."""
    kinds: dict[str, list[Sequence[Any]]] = {}
    for one in mistakes:
        text = " ".join(one["text"].split()) if with_text else ""
        row = (one["kind"], one["frame"], f"{one['confidence']:.2f}", one["sentence"], text)
        kinds.setdefault(one["kind"], []).append(row)
    rows = [row for found in kinds.values() for row in found[:EXAMPLES]]
    return table(("kind", "frame", "confidence", "sentence", "text"), rows)


def _ap(row: Mapping[str, Any]) -> str:
    return shown(row["average_precision"])


def shown(figure: Mapping[str, float | None], digits: int = 2) -> str:
    """A figure from JSON, where what is undefined is ``null``."""
    values = {key: float("nan") if value is None else value for key, value in figure.items()}
    return Interval(**values).shown(digits)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as a table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(cell: Any) -> str:
    """Text that stays one cell and is not taken for markup."""
    text = str(cell)
    for mark in ("\\", "|", "<", "*", "`"):
        text = text.replace(mark, f"\\{mark}")
    return text
