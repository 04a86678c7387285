"""Figures of the labelled set and of models as tables in a terminal."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from framelens.stats import Interval
from framelens.terminal import number, print_rows

if TYPE_CHECKING:
    from framelens.assess_table import TableAssessment
    from framelens.assessment import Assessment
    from framelens.beside import Beside
    from framelens.transfer import Transfer
    from framelens.voice import Voice


def print_check(
    console: Console, counts: Mapping[str, int], gold: Mapping[str, int], alpha: Mapping[str, float], faults: int
) -> None:
    """What ``data check`` found."""
    print_rows(console, ("", "count"), [(what, f"{count:,}") for what, count in counts.items()])
    rows = [(frame, f"{count:,}", f"{alpha[frame]:.3f}") for frame, count in gold.items()]
    print_rows(console, ("frame", "gold sentences", "alpha"), rows)
    console.print("alpha: Krippendorff's, nominal, over all coders' codings, before adjudication", soft_wrap=True)
    console.print(f"{faults} faults")


def print_voice(console: Console, voice: "Voice") -> None:
    """How well quotations and speakers are read, by part of the sample, and what is not read as it was coded."""
    rows = [
        (
            name,
            f"{part.sentences:,}",
            f"{part.quoting:,}",
            f"{part.shares_right:,}",
            f"{part.coded:,}",
            f"{part.named:,}",
            number(part.precision),
            number(part.recall),
        )
        for name, part in (*voice.parts.items(), ("all", voice.all))
    ]
    print_rows(console, ("", "sentences", "quoting", "share right", "speakers", "named", "precision", "recall"), rows)
    for one in voice.mistakes:
        console.print(Text(f"{one.shown()}: {' '.join(one.text.split())}"), soft_wrap=True)


def print_card(console: Console, card: Mapping[str, Any]) -> None:
    """What a model was trained on, and its figures with their intervals."""
    data, figures = card["data"], card["figures"]
    if card.get("kind") == "labels":
        _print_table_card(console, card)
        return
    console.print(
        f"Trained on {data['sentences']:,} gold sentences of {data['articles']} articles (origin: {data['origin']},"
        f" codebook {card['codebook']['version']}, labelled set {data['fingerprint'][:12]})",
        soft_wrap=True,
    )
    console.print(
        f"Cross-validation in {figures['folds']} folds that never part an article; [95% intervals] from a bootstrap"
        " over articles; P precision, R recall",
        soft_wrap=True,
        markup=False,
    )
    _print_card_figures(console, figures, "frame")


def _print_table_card(console: Console, card: Mapping[str, Any]) -> None:
    data, figures = card["data"], card["figures"]
    kind = "exactly one label a row" if card["single_label"] else "any number of labels a row"
    told = (
        f"Trained on {data['rows']:,} rows of a table in {data['groups']:,} groups ({kind}, column"
        f" {data['labels_column']!r}, labelled set {data['fingerprint'][:12]})\nCross-validation in"
        f" {figures['folds']} folds that never part a group, aiming at {card['parameters']['optimize']} F1; [95%"
        " intervals] from a bootstrap over groups; P precision, R recall"
    )
    console.print(Text(told), soft_wrap=True)
    _print_card_figures(console, figures, "label")
    for label, why in data["cautions"].items():
        console.print(Text(f"{label}: {why}"), soft_wrap=True)


def _print_card_figures(console: Console, figures: Mapping[str, Any], unit: str) -> None:
    rows = [
        [
            row["frame"],
            f"{row['support']:,}",
            *(number(row[measure]["point"]) for measure in ("precision", "recall")),
            *(str(Interval(**row[measure])) for measure in ("f1", "average_precision")),
        ]
        for row in (*figures["frames"], figures["macro"])
    ]
    print_rows(console, (unit, "gold", "P", "R", "F1", "average precision"), rows)


def print_assessment(console: Console, assessment: "Assessment") -> None:
    """All that ``framelens evaluate`` has found, but for the curves of thresholds."""
    told = (
        f"{assessment.sentences:,} gold sentences of {assessment.articles} articles (origin: {assessment.origin},"
        f" labelled set {assessment.fingerprint[:12]})\nCross-validation in {assessment.folds} stratified folds that"
        f" never part an article (seed {assessment.seed}); [95% intervals] from a bootstrap over articles"
    )
    console.print(told, soft_wrap=True, markup=False)
    _print_figures(console, assessment)
    if len(assessment.systems) > 1:
        from framelens.assessment import ABOUT_BASELINES  # loads pandas, which most commands need not

        _print_systems(console, assessment, ABOUT_BASELINES)
    _print_diagnoses(console, assessment)
    _print_coverage(console, assessment)
    if assessment.learning:
        _print_learning(console, assessment)
    if assessment.mistakes:
        _print_mistakes(console, assessment)


def print_transfer(console: Console, result: "Transfer") -> None:
    """What ``framelens transfer`` has found."""
    console.print(
        f"Trained on {result.train_articles} articles (origin: {result.train}; {result.left_out} left out that restate"
        f" a tested one), tested on {result.sentences} sentences of {result.test_articles} articles (origin:"
        f" {result.test}, labelled set {result.test_fingerprint[:12]}, seed {result.seed})\n[95% intervals] from a"
        f" bootstrap over {result.drawn}",
        soft_wrap=True,
        markup=False,
    )
    if result.drawn != "articles":
        console.print("They tell how much hangs on these sentences, not how other articles would differ.")
    ours = result.systems[0]
    rows: list[Sequence[Any]] = [
        (one.frame, one.support, str(one.average_precision), str(one.f1))
        for one in (*ours.figures.frames, ours.figures.macro)
    ]
    print_rows(console, ("frame", "gold", "average precision", "F1"), rows)
    console.print("\nF1 if thresholds were the best for these very sentences, what is lost by ours, and what would be")
    console.print("lost by chance alone if the probabilities were exactly right (mean, and where 95% of draws lie)")
    rows = [(one.frame, str(one.f1), str(one.loss), str(one.by_chance)) for one in ours.best]
    print_rows(console, ("frame", "F1 at best", "loss", "loss by chance"), rows)
    if len(result.systems) > 1:
        console.print("\nTrained and tested on the same sentences")
        rows = [
            (one.name, str(one.figures.macro.average_precision), str(one.figures.macro.f1), str(one.best[-1].loss))
            for one in result.systems
        ]
        print_rows(console, ("", "macro AP", "macro F1", "loss"), rows)


def print_table_assessment(console: Console, found: "TableAssessment") -> None:
    """All that ``framelens evaluate --table`` has found, but for the curves of thresholds."""
    measured = found.measured
    console.print(Text(told_of_table(found)), soft_wrap=True)
    _print_figures(console, measured, "label")
    if found.accuracy:
        console.print(Text(f"accuracy {found.accuracy}; {ABOUT_SINGLE_LABEL}"), soft_wrap=True)
    if found.cautions:
        _print_cautions(console, found)
    if len(measured.systems) > 1:
        _print_systems(console, measured, found.about_baselines)
    console.print("\nCalibration, and Krippendorff's alpha of model and gold", soft_wrap=True)
    rows = [(one.frame, one.brier.shown(3), one.calibration_error.shown(3), str(one.alpha)) for one in measured.frames]
    print_rows(console, ("label", "Brier score", "calibration error", "alpha"), rows)
    _print_coverage(console, measured)
    if any(isnan(one.macro_f1.point) for one in measured.coverage):
        console.print("undefined where a label is on none of the rows that are decided", soft_wrap=True)
    if measured.learning:
        _print_learning(console, measured, "groups")
    if measured.mistakes:
        _print_mistakes(console, measured)


ABOUT_SINGLE_LABEL = (
    "each row gets one label from a multinomial model (softmax), the one that is most probable or, where macro F1 is"
    " aimed at, most probable against how common it is."
)


def told_of_table(found: "TableAssessment") -> str:
    """What was measured, and how, in lines."""
    measured = found.measured
    lines = [
        f"{found.name}: {measured.sentences:,} rows in {measured.articles:,} groups, {len(measured.frames)} labels in"
        f" column {found.labels_column!r}, {found.without_label:,} rows without a label (labelled set"
        f" {measured.fingerprint[:12]})",
        f"Cross-validation in {measured.folds} stratified folds that never part a group (seed {measured.seed}), aiming"
        f" at {found.optimize} F1; [95% intervals] from a bootstrap over groups",
        *(f"note: {note}" for note in found.notes),
    ]
    return "\n".join(lines)


def print_change(console: Console, new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Figures of a new model beside those of the one it replaces, from their cards."""
    same = new["data"]["fingerprint"] == old["data"]["fingerprint"]
    caution = "" if same else " (not the same sentences: the labelled set has changed)"
    console.print(f"New beside old{caution}:")
    _print_old_and_new(console, old["figures"], new["figures"])


def print_beside(console: Console, found: "Beside") -> None:
    """Figures of a new model beside those of the one it replaces, on the same sentences."""
    console.print(
        f"New beside old, on the {found.new.sentences:,} sentences of {found.new.articles} articles that both were"
        " tested on, by the gold of today:",
        soft_wrap=True,
    )
    _print_old_and_new(console, found.old.as_dict(), found.new.as_dict())
    f1, precision = (change.shown(3) for change in (found.change.f1, found.change.average_precision))
    console.print(f"New minus old: macro F1 {f1}, macro average precision {precision}", soft_wrap=True, markup=False)


def _print_old_and_new(console: Console, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    before = {row["frame"]: row for row in (*old["frames"], old["macro"])}
    rows = []
    for row in (*new["frames"], new["macro"]):
        cells = [row["frame"]]
        for measure in ("f1", "average_precision"):
            now = row[measure]["point"]
            if row["frame"] in before:
                then = before[row["frame"]][measure]["point"]
                cells += [f"{then:.3f}", f"{now:.3f}", f"{now - then:+.3f}"]
            else:
                cells += ["-", f"{now:.3f}", "-"]
        rows.append(cells)
    columns = ("frame", "F1 old", "F1 new", "change", "AP old", "AP new", "change")
    print_rows(console, columns, rows)


def _print_figures(console: Console, assessment: "Assessment", unit: str = "frame") -> None:
    """Two tables, since four intervals in a row are wider than a terminal."""
    ours = assessment.ours.figures
    rows = (*ours.frames, ours.macro, ours.micro)
    found: list[Sequence[Any]] = [(one.frame, f"{one.support:,}", str(one.precision), str(one.recall)) for one in rows]
    print_rows(console, (unit, "gold", "precision", "recall"), found)
    console.print()
    print_rows(
        console,
        (unit, "F1", "average precision"),
        [(one.frame, str(one.f1), str(one.average_precision)) for one in rows],
    )


def _print_cautions(console: Console, found: "TableAssessment") -> None:
    console.print("\nLabels whose figures say little", soft_wrap=True)
    rows = [(one.label, f"{one.rows:,}", f"{one.groups:,}", one.told) for one in found.cautions]
    print_rows(console, ("label", "rows", "groups", "why"), rows)
    if any(one.undefined for one in found.cautions):
        console.print("A macro figure is undefined where that of one label is.", soft_wrap=True)


def _print_systems(console: Console, assessment: "Assessment", about: str) -> None:
    console.print("\nOn the same sentences; gain: ours minus this one, both on the same draws", soft_wrap=True)
    for name, measure in (("macro F1", "f1"), ("macro average precision", "average_precision")):
        rows = [
            (one.name, str(getattr(one.figures.macro, measure)), str(getattr(one.gain, measure)) if one.gain else "")
            for one in assessment.systems
        ]
        print_rows(console, ("", name, "gain"), rows)
    console.print(about, soft_wrap=True)


def _print_diagnoses(console: Console, assessment: "Assessment") -> None:
    console.print(
        "\nCalibration, and Krippendorff's alpha of model and gold beside that of the coders (the ceiling)",
        soft_wrap=True,
    )
    rows: list[Sequence[Any]] = [
        (one.frame, one.brier.shown(3), one.calibration_error.shown(3)) for one in assessment.frames
    ]
    print_rows(console, ("frame", "Brier score", "calibration error"), rows)
    rows = [(one.frame, str(one.alpha), number(one.coders_alpha)) for one in assessment.frames]
    print_rows(console, ("frame", "alpha of model", "of coders"), rows)
    console.print(
        f"\nFalse alarms in 1,000 frameless sentences of articles on other subjects ({assessment.quiet_sentences:,}"
        " sentences)",
        soft_wrap=True,
    )
    rows = [
        (
            frame.frame,
            assessment.ours.false_alarms[place].shown(0),
            *(number(one.false_alarms[place].point, 0) for one in assessment.systems[1:]),
        )
        for place, frame in enumerate(assessment.frames)
    ]
    print_rows(console, ("frame", *(one.name for one in assessment.systems)), rows)


def _print_coverage(console: Console, assessment: "Assessment") -> None:
    console.print("\nMacro F1 when only the most certain sentences are decided")
    rows = [(f"{one.coverage:.0%}", f"{one.sentences:,}", str(one.macro_f1)) for one in assessment.coverage]
    print_rows(console, ("decided", "sentences", "macro F1"), rows)


def _print_learning(console: Console, assessment: "Assessment", unit: str = "articles") -> None:
    console.print(f"\nLearning curve: trained on a share of the {unit}")
    rows = [
        (f"{one.share:.1%}", number(one.articles, 0), str(one.f1), str(one.average_precision))
        for one in assessment.learning
    ]
    print_rows(console, ("share", unit, "macro F1", "macro AP"), rows)


def _print_mistakes(console: Console, assessment: "Assessment") -> None:
    console.print(
        "\nMistakes, most confident first; confidence: probability of what was wrongly decided", soft_wrap=True
    )
    for one in assessment.mistakes:
        console.print(Text(f"{one.confidence:.2f}  {one.kind}: {one.frame} ({one.sentence})"), soft_wrap=True)
        console.print(Padding(Text(" ".join(one.text.split())), (0, 0, 0, 6)))
