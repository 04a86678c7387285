"""What a report says of the model and of the method, so that readers can judge the figures and do them anew."""

from collections.abc import Iterable, Mapping
from platform import python_version
from typing import Any

from framelens import __version__
from framelens.charts import Series, dots
from framelens.citation import citation
from framelens.model import Model
from framelens.standalone import paragraph, table
from framelens.stats import Interval

MEASURES = ("precision", "recall", "f1", "average_precision")


def reliability(card: Mapping[str, Any], names: Mapping[str, str]) -> Iterable[str]:
    """Figures of the model, which stand in its file; ``names`` gives frames the names that readers know."""
    yield "<h2>How reliable the model is</h2>\n"
    if "figures" not in card:
        yield paragraph("No figures of the model that classified this corpus are at hand.")
        return
    data, figures = card["data"], card["figures"]
    labels = card.get("kind") == "labels"
    trained = (
        f"{data['rows']:,} rows of a table in {data['groups']:,} groups"
        if labels
        else f"{data['sentences']:,} gold sentences of {data['articles']:,} articles (origin: {data['origin']})"
    )
    yield paragraph(
        f"The model was trained on {trained}, labelled set {data['fingerprint'][:12]}. It was measured in"
        f" {figures['folds']} folds that never part {'a group' if labels else 'an article'}; brackets hold 95%"
        " intervals from a bootstrap. These figures hold for texts like those it learned from: on others it may do"
        " worse, and only a coded sample of this corpus tells."
    )
    rows = [(names.get(row["frame"], row["frame"]), _intervals(row), row) for row in figures["frames"]]
    series = [
        Series(told, [one[measure].point for _, one, _ in rows], [one[measure] for _, one, _ in rows])
        for measure, told in (("precision", "precision"), ("recall", "recall"))
    ]
    told = "Precision and recall of each frame in cross-validation, with 95% intervals."
    yield dots([name for name, _, _ in rows], series, told)
    macro = ("macro", _intervals(figures["macro"]), figures["macro"])
    shown = [
        (name, f"{row['support']:,}", *(one[measure].shown() for measure in MEASURES))
        for name, one, row in (*rows, macro)
    ]
    yield table("Figures of the model", ("frame", "gold", "precision", "recall", "F1", "average precision"), shown)


def method(model: Model, way: Mapping[str, Any], *, corrected: bool, fits: bool) -> list[str]:
    """The method in paragraphs; ``way`` is how the corpus was classified, as far as that is known.

    ``fits`` tells whether it was this model that did it.
    """
    split = "Rows of the corpus are sentences." if way.get("article_column") else "Articles were split into sentences."
    version = f" {way['framelens']}" if "framelens" in way else ""
    file = f" (model file SHA-256 {str(way['model'])[:12]})" if "model" in way else ""
    told = f"{split} Each sentence got a probability for each frame from framelens{version}{file}."
    if fits:
        reads = "each sentence by its own words" if model.stands_alone else "a sentence in its article"
        rules = f"codebook “{model.codebook.title}”, version {model.codebook.version}"
        told += f" The model reads {reads}; {rules}. {_rule(model, way)}"
    share = (
        "Shares are corrected by a random coded sample (prediction-powered inference with power tuning, PPI++,"
        " Angelopoulos, Duchi & Zrnic 2023), with variances over articles; shares by article, time and outlet are"
        " counted, not corrected."
        if corrected
        else "All shares are counts of what the model calls present. Such counts are biased by the errors of the model."
    )
    never = "Sentences are classified, never people: a frame says how a text talks, whoever speaks."
    made = f"Page made by framelens {__version__} on Python {python_version()}. Cite: {citation()}."
    return [told, f"{share} {never}", made]


def _rule(model: Model, way: Mapping[str, Any]) -> str:
    """When a frame counted as present; thresholds where it is known that no others were given."""
    pairs = zip(model.frames, model.thresholds.tolist(), strict=True)
    shown = ", ".join(f"{frame} {way.get('thresholds', {}).get(frame, value):.2f}" for frame, value in pairs)
    known = f" ({shown})" if "thresholds" in way else ""
    if model.single_label:
        return f"The label counts whose probability is highest against its threshold{known}."
    subject = "" if model.stands_alone else ", and only where the article is likely enough to be on the subject"
    return f"A frame counts as present from a threshold on{known}{subject}."


def _intervals(row: Mapping[str, Any]) -> dict[str, Interval]:
    found = {}
    for measure in MEASURES:
        bounds = {key: float("nan") if value is None else value for key, value in row[measure].items()}
        found[measure] = Interval(**bounds)
    return found
