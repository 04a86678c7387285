"""Figures of the labelled set and of models as tables in a terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from framelens.stats import Interval
from framelens.terminal import number, print_rows

if TYPE_CHECKING:
    from framelens.assessment import Assessment
    from framelens.transfer import Transfer


def print_check(
    console: Console, counts: Mapping[str, int], gold: Mapping[str, int], alpha: Mapping[str, float], faults: int
) -> None:
    """What ``data check`` found."""
    print_rows(console, ("", "count"), [(what, f"{count:,}") for what, count in counts.items()])
    rows = [(frame, f"{count:,}", f"{alpha[frame]:.3f}") for frame, count in gold.items()]
    print_rows(console, ("frame", "gold sentences", "alpha"), rows)
    console.print("alpha: Krippendorff's, nominal, over all coders' codings, before adjudication", soft_wrap=True)
    console.print(f"{faults} faults")


def print_card(console: Console, card: Mapping[str, Any]) -> None:
    """What a model was trained on, and its figures with their intervals."""
    data, figures = card["data"], card["figures"]
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
    rows = [
        [
            row["frame"],
            f"{row['support']:,}",
            *(number(row[measure]["point"]) for measure in ("precision", "recall")),
            *(str(Interval(**row[measure])) for measure in ("f1", "average_precision")),
        ]
        for row in (*figures["frames"], figures["macro"])
    ]
    print_rows(console, ("frame", "gold", "P", "R", "F1", "average precision"), rows)


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
        _print_systems(console, assessment)
    _print_diagnoses(console, assessment)
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
    console.print("\nF1 if thresholds were the best for these very sentences, and what is lost by ours")
    print_rows(console, ("frame", "F1 at best", "loss"), [(one.frame, str(one.f1), str(one.loss)) for one in ours.best])
    if len(result.systems) > 1:
        console.print("\nTrained and tested on the same sentences")
        rows = [
            (one.name, str(one.figures.macro.average_precision), str(one.figures.macro.f1), str(one.best[-1].loss))
            for one in result.systems
        ]
        print_rows(console, ("", "macro AP", "macro F1", "loss"), rows)


def print_change(console: Console, new: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Figures of a new model beside those of the one it replaces, from their cards."""
    same = new["data"]["fingerprint"] == old["data"]["fingerprint"]
    caution = "" if same else " (not the same sentences: the labelled set has changed)"
    console.print(f"New beside old{caution}:")
    before = {row["frame"]: row for row in (*old["figures"]["frames"], old["figures"]["macro"])}
    rows = []
    for row in (*new["figures"]["frames"], new["figures"]["macro"]):
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


def _print_figures(console: Console, assessment: "Assessment") -> None:
    """Two tables, since four intervals in a row are wider than a terminal."""
    ours = assessment.ours.figures
    rows = (*ours.frames, ours.macro, ours.micro)
    found: list[Sequence[Any]] = [(one.frame, f"{one.support:,}", str(one.precision), str(one.recall)) for one in rows]
    print_rows(console, ("frame", "gold", "precision", "recall"), found)
    console.print()
    print_rows(
        console,
        ("frame", "F1", "average precision"),
        [(one.frame, str(one.f1), str(one.average_precision)) for one in rows],
    )


def _print_systems(console: Console, assessment: "Assessment") -> None:
    from framelens.assessment import ABOUT_BASELINES  # loads pandas, which most commands need not

    console.print(
        "\nOn the same sentences; gain: ours minus this one, both on the same draws of articles", soft_wrap=True
    )
    for name, measure in (("macro F1", "f1"), ("macro average precision", "average_precision")):
        rows = [
            (one.name, str(getattr(one.figures.macro, measure)), str(getattr(one.gain, measure)) if one.gain else "")
            for one in assessment.systems
        ]
        print_rows(console, ("", name, "gain"), rows)
    console.print(ABOUT_BASELINES, soft_wrap=True)


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
    console.print("\nMacro F1 when only the most certain sentences are decided")
    rows = [(f"{one.coverage:.0%}", f"{one.sentences:,}", str(one.macro_f1)) for one in assessment.coverage]
    print_rows(console, ("decided", "sentences", "macro F1"), rows)


def _print_learning(console: Console, assessment: "Assessment") -> None:
    console.print("\nLearning curve: trained on a share of the articles")
    rows = [
        (f"{one.share:.1%}", number(one.articles, 0), str(one.f1), str(one.average_precision))
        for one in assessment.learning
    ]
    print_rows(console, ("share", "articles", "macro F1", "macro AP"), rows)


def _print_mistakes(console: Console, assessment: "Assessment") -> None:
    console.print(
        "\nMistakes, most confident first; confidence: probability of what was wrongly decided", soft_wrap=True
    )
    for one in assessment.mistakes:
        console.print(Text(f"{one.confidence:.2f}  {one.kind}: {one.frame} ({one.sentence})"), soft_wrap=True)
        console.print(Padding(Text(" ".join(one.text.split())), (0, 0, 0, 6)))
