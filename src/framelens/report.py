"""The figures as one page: plots with their tables, nothing fetched from elsewhere, no script."""

from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from math import isnan
from typing import Any

from framelens.assess_table import TableAssessment
from framelens.assessment import ABOUT_BASELINES, Assessment
from framelens.errors import InputError
from framelens.standalone import COLOURS, paragraph, table, whole_page
from framelens.stats import Interval

TITLE = "How good are the frames?"
MARKERS = "os^Dv<>"
DASHES = ("-", "--", "-.", ":")

Line = tuple[str, Sequence[float], Sequence[Interval]]
"""Name, places along the axis, heights with their intervals."""


def require_plots() -> None:
    """Raise ``InputError`` where the plotting library is missing, before anything is worked out."""
    try:
        import matplotlib  # noqa: F401  # only whether it is there
    except ImportError:
        raise InputError("--html needs matplotlib; install it with: pip install 'framelens[report]'") from None


def page(assessment: Assessment) -> str:
    """The whole page as HTML."""
    return whole_page(TITLE, (part for section in SECTIONS for part in section(assessment)))


def table_page(found: TableAssessment, told: str) -> str:
    """The page of a team's own table, without what is not known of its rows; ``told`` says what was measured."""
    parts = ["<h1>How good are the labels?</h1>\n", *map(paragraph, told.split("\n")), _figures(found.measured)]
    if found.cautions:
        rows = [(one.label, one.rows, one.groups, one.told) for one in found.cautions]
        parts.append(table("Labels whose figures say little", ("label", "rows", "groups", "text"), rows))
    parts += _baselines(found.measured, found.about_baselines)
    parts += [part for section in TABLE_SECTIONS for part in section(found.measured)]
    return whole_page(TITLE, parts)


def _summary(assessment: Assessment) -> Iterable[str]:
    yield f"<h1>{TITLE}</h1>\n"
    yield paragraph(
        f"{assessment.sentences:,} gold sentences of {assessment.articles} articles (origin: {assessment.origin},"
        f" labelled set {assessment.fingerprint[:12]}), cross-validated in {assessment.folds} stratified folds that"
        f" never part an article (seed {assessment.seed}). Brackets hold 95% intervals from a bootstrap over articles."
    )
    yield _figures(assessment)


def _figures(assessment: Assessment) -> str:
    ours = assessment.ours.figures
    rows = [
        (row.frame, f"{row.support:,}", row.precision, row.recall, row.f1, row.average_precision)
        for row in (*ours.frames, ours.macro, ours.micro)
    ]
    return table("Figures", ("frame", "gold", "precision", "recall", "F1", "average precision"), rows)


def _baselines(assessment: Assessment, about: str = ABOUT_BASELINES) -> Iterable[str]:
    yield "<h2>Against other ways</h2>\n"
    rows = [
        (
            one.name,
            one.figures.macro.f1,
            one.figures.macro.average_precision,
            one.gain.f1 if one.gain else "",
            one.gain.average_precision if one.gain else "",
        )
        for one in assessment.systems
    ]
    columns = ("on the same folds", "macro F1", "macro average precision", "ours gains in F1", "in average precision")
    yield table("Ours and others", columns, rows)
    yield paragraph(f"Gains are paired: both are measured on the same draws. {about}")


def _trust(assessment: Assessment) -> Iterable[str]:
    yield "<h2>Can the probabilities be trusted?</h2>\n"
    lines = [
        (
            one.frame,
            [bin_.mean_probability for bin_ in one.reliability if bin_.sentences],
            [bin_.share_present for bin_ in one.reliability if bin_.sentences],
        )
        for one in assessment.frames
    ]
    told = (
        "Share of sentences that carry the frame, by probability; on the diagonal, probabilities are right."
        " Bars are 95% intervals."
    )
    yield _figure("reliability", told, lines, ("probability", "share with the frame"), bars=True)
    rows = [(one.frame, one.brier.shown(3), one.calibration_error.shown(3)) for one in assessment.frames]
    yield table("Calibration", ("frame", "Brier score", "expected calibration error"), rows)
    bins = [
        (one.frame, f"{bin_.low:.1f} to {bin_.high:.1f}", bin_.sentences, bin_.mean_probability, bin_.share_present)
        for one in assessment.frames
        for bin_ in one.reliability
    ]
    columns = ("frame", "probability", "sentences", "mean probability", "share with the frame")
    yield _folded("reliability, bin by bin", table("Reliability", columns, bins))


def _thresholds(assessment: Assessment) -> Iterable[str]:
    yield "<h2>Thresholds</h2>\n"
    lines = [
        (one.frame, [at.threshold for at in one.thresholds], [at.f1 for at in one.thresholds])
        for one in assessment.frames
    ]
    told = "F1 of each frame by the threshold from which it is called. Bands are 95% intervals."
    yield _figure("thresholds", told, lines, ("threshold", "F1"))
    rows = [
        (one.frame, at.threshold, at.precision, at.recall, at.f1) for one in assessment.frames for at in one.thresholds
    ]
    columns = ("frame", "threshold", "precision", "recall", "F1")
    yield _folded("precision, recall and F1 by threshold", table("Thresholds", columns, rows))


def _coverage(assessment: Assessment) -> Iterable[str]:
    yield "<h2>If the model may abstain</h2>\n"
    points = assessment.coverage
    line = ("macro F1", [one.coverage for one in points], [one.macro_f1 for one in points])
    told = "Macro F1 when only the most certain share of the sentences is decided. Bands are 95% intervals."
    yield _figure("coverage", told, [line], ("share of sentences decided", "macro F1"))
    rows = [(f"{one.coverage:.0%}", f"{one.sentences:,}", one.macro_f1) for one in points]
    yield table("Coverage", ("decided", "sentences", "macro F1"), rows)


def _learning(assessment: Assessment) -> Iterable[str]:
    if not assessment.learning:
        return
    yield "<h2>Would more articles help?</h2>\n"
    known = [one for one in assessment.learning if one.articles == one.articles]
    articles = [one.articles for one in known]
    lines = [
        ("macro F1", articles, [one.f1 for one in known]),
        ("macro average precision", articles, [one.average_precision for one in known]),
    ]
    told = "Macro figures by the number of training articles. Bands are 95% intervals."
    yield _figure("learning", told, lines, ("articles", "figure"), unit=False)
    rows = [(f"{one.share:.1%}", _whole(one.articles), one.f1, one.average_precision) for one in assessment.learning]
    yield table("Learning curve", ("share of articles", "articles", "macro F1", "macro average precision"), rows)


def _agreement(assessment: Assessment) -> Iterable[str]:
    yield "<h2>Agreement and false alarms</h2>\n"
    yield paragraph("Krippendorff's alpha between the model and gold, beside alpha between the coders, the ceiling.")
    rows = [(one.frame, one.alpha, one.coders_alpha) for one in assessment.frames]
    yield table("Agreement", ("frame", "model and gold", "between coders"), rows)
    yield paragraph(
        f"False alarms in 1,000 frameless sentences of articles on other subjects ({assessment.quiet_sentences:,}"
        " sentences)."
    )
    frames = [one.frame for one in assessment.frames]
    alarms = [(one.name, *(alarm.shown(1) for alarm in one.false_alarms)) for one in assessment.systems]
    yield table("False alarms", ("on the same folds", *frames), alarms)


def _mistakes(assessment: Assessment) -> Iterable[str]:
    yield "<h2>Mistakes, most confident first</h2>\n"
    rows = [(one.sentence, one.frame, one.kind, one.confidence, one.text) for one in assessment.mistakes]
    yield table("Mistakes", ("sentence", "frame", "kind", "confidence", "text"), rows)


def _folded(summary: str, inside: str) -> str:
    return f"<details open>\n<summary>{escape(summary)}</summary>\n{inside}</details>\n"


def _whole(number: float) -> str:
    return "undefined" if isnan(number) else f"{number:.0f}"


def _figure(
    name: str, told: str, lines: Sequence[Line], axes: tuple[str, str], *, bars: bool = False, unit: bool = True
) -> str:
    """A plot as inline SVG, with its caption as text for those who cannot see it; ``unit`` axes run from 0 to 1.

    Intervals are bands, or ``bars`` on lines that should follow the diagonal.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # text stays text, and the same figures give the same page
    with mpl.rc_context(
        {"svg.fonttype": "none", "svg.hashsalt": name, "font.family": "sans-serif", "text.parse_math": False}
    ):
        figure = Figure(figsize=(6.4, 4), layout="constrained")
        plot = figure.add_subplot(xlabel=axes[0], ylabel=axes[1], ylim=(0, 1))
        if unit:
            plot.set_xlim(0, 1)
        if bars:
            plot.plot([0, 1], [0, 1], color="#999999", linewidth=1)
        for place, line in enumerate(lines):
            _draw(plot, line, place, bars=bars)
        plot.grid(color="#dddddd")
        plot.legend(frameon=False)
        text = StringIO()
        figure.savefig(text, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    drawn = text.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    for reference in ('id="', "url(#", 'href="#'):
        # several plots on one page must not share ids
        drawn = drawn.replace(reference, f"{reference}{name}-")
    drawn = drawn.replace("<svg", f'<svg role="img" aria-label="{escape(told)}"', 1)
    return f"<figure>\n{drawn}<figcaption>{escape(told)}</figcaption>\n</figure>\n"


def _draw(plot: Any, line: Line, place: int, *, bars: bool) -> None:
    label, along, heights = line
    colour = COLOURS[place % 7]
    points = [one.point for one in heights]
    style = {"label": label, "color": colour, "marker": MARKERS[place % 7], "linestyle": DASHES[place % 4]}
    if bars:
        # the percentile interval of a figure near its bound may leave it outside by a hair
        lengths = [
            [max(0.0, one.point - one.low) for one in heights],
            [max(0.0, one.high - one.point) for one in heights],
        ]
        plot.errorbar(along, points, yerr=lengths, markersize=4, elinewidth=0.75, capsize=2, **style)
        return
    plot.plot(along, points, markersize=4, **style)
    plot.fill_between(
        along, [one.low for one in heights], [one.high for one in heights], color=colour, alpha=0.15, linewidth=0
    )


TABLE_SECTIONS = (_trust, _thresholds, _coverage, _learning, _mistakes)
SECTIONS = (_summary, _baselines, _trust, _thresholds, _coverage, _learning, _agreement, _mistakes)
