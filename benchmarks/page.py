"""The page of experiments: figures, and what follows from their intervals."""

from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from framelens.card import shown, table

BETTER = {"average_precision": 1, "f1": 1, "calibration_error": -1, "false_alarms": -1}
"""Whether more is better."""
NAMES = {
    "average_precision": "average precision",
    "f1": "F1",
    "calibration_error": "calibration error",
    "false_alarms": "false alarms",
}
DIGITS = {"average_precision": 3, "f1": 3, "calibration_error": 4, "false_alarms": 1}

PAGE = Template("""\
# Experiments

Made by `python benchmarks/experiments.py`, which measures what is new and writes this page; no figure is typed in. The
shipped model is measured as `framelens evaluate --origin written` measures it.
$since
All variants were scored on the same sentences and folds: $sentences gold sentences of $articles practice articles
(labelled set `$fingerprint`), cross-validated in $folds stratified folds that never part an article (seed $seed);
calibration and rules are learned inside the training part of each fold. Figures are means over frames; calibration
error is the expected calibration error, false alarms are calls in 1,000 frameless sentences of articles on other
subjects. Brackets hold 95% intervals from a bootstrap over articles; a difference is the variant minus the shipped
model, both on the same draws of articles. Calibration error is a mean of sizes, which noise only enlarges: drawing
articles anew adds noise, so its interval may lie above the figure itself.

A variant is taken up if one of the four differences lies wholly on its better side and none wholly on its worse side.
Where no interval excludes zero, these articles cannot tell the two apart, and the shipped model stays. With so many
comparisons a few intervals exclude zero by chance, and figures of a variant that was chosen here flatter it a little.
Baselines and sentence embeddings of all-MiniLM-L6-v2 stand here for comparison; they are no candidates, since the
model is to score fast, with words that can be read. The embeddings are those in `data/vectors`, kept in eight bits a
number, which is practically the same as encoding anew and needs no further package.

## Figures

$figures

## Differences from the shipped model, and what follows

$differences
$waiting
## Tried earlier, and not measured here

These were tried on other folds while the model was being built. None is in the shipped model, and none was measured
again for this page, so no figure is given:

- a third stage, which reads the second stage's scores of the neighbours: no gain;
- sentences that had to be adjudicated count less in training: no gain;
- thresholds from the scores of the batch at hand: no gain;
- gradient boosting on the features of the second stage: no gain over logistic regression;
- logarithm of the article's length as a feature: gains in cross-validation and ruins the transfer to real articles. It
  picks up how the practice articles were written, not frames;
- thresholds for a corpus in which frames are denser: a loss in cross-validation, no steady gain on the source articles;
- in the first stage, words and word vectors of the sentences around as one sum that fades, not those before and those
  after apart: a loss;
- vectors of subwords in the ridge regression that learns word vectors: no gain;
- principal components of the vectors in place of all dimensions: no gain.
""")


SINCE = Template("""
**The labelled set has grown since.** The shipped model learned from $sentences gold sentences of $articles articles
(labelled set `$fingerprint`); its figures stand in the [model card](../models/README.md). What follows was measured,
and decided, on the sentences that there were before; `make experiments` measures all of it anew.
""")


def render(found: Mapping[str, Any], waiting: Sequence[str] = (), learned: Mapping[str, Any] | None = None) -> str:
    """The page in Markdown.

    ``waiting`` is what has not been measured yet, ``learned`` what the card of the shipped model says of its data.
    """
    rows = found["rows"]
    figures = [(row["name"], row["tried"], *_cells(row["figures"])) for row in rows]
    compared = [row for row in rows if row["difference"]]
    differences = [(row["name"], *_cells(row["difference"]), _kept(row)) for row in compared]
    return PAGE.substitute(
        _said(found),
        since=SINCE.substitute(_said(learned)) if learned and learned["fingerprint"] != found["fingerprint"] else "",
        waiting=f"\nNot yet measured: {', '.join(waiting)}.\n" if waiting else "",
        figures=table(("variant", "tried", *NAMES.values()), figures),
        differences=table(("variant", *NAMES.values(), "kept"), differences),
    )


def _said(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "sentences": f"{data['sentences']:,}", "fingerprint": data["fingerprint"][:12]}


def _kept(row: Mapping[str, Any]) -> str:
    said = verdict(row["difference"])
    return said if row["candidate"] else f"for comparison; {said.split(': ', 1)[1]}"


def verdict(difference: Mapping[str, Mapping[str, float | None]]) -> str:
    """Whether a variant is kept, and why, from the intervals alone."""
    better = [NAMES[key] for key, sign in BETTER.items() if _sides(difference[key], sign)[0]]
    worse = [NAMES[key] for key, sign in BETTER.items() if _sides(difference[key], sign)[1]]
    if worse:
        less = f", though better in {_listed(better)}" if better else ""
        return f"no: worse in {_listed(worse)}{less}"
    return f"yes: better in {_listed(better)}" if better else "no: no difference shown"


def _sides(difference: Mapping[str, float | None], sign: int) -> tuple[bool, bool]:
    """Whether the interval lies wholly on the better side, and wholly on the worse one; undefined is neither."""
    low, high = difference["low"], difference["high"]
    if low is None or high is None:
        return False, False
    return (low > 0, high < 0) if sign > 0 else (high < 0, low > 0)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def _cells(measures: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    return [shown(measures[key], DIGITS[key]) for key in NAMES]
