"""How good is the model, and how do we know: gold in, every figure about the model out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.assessment import Assessment, Diagnosis, Gold, Kind, LearningPoint, Mistake, System
from framelens.baselines import BASELINES
from framelens.curves import coverage_curve, reliability, threshold_curve
from framelens.errors import InputError
from framelens.evaluate import (
    FOLDS,
    Estimator,
    Figures,
    OutOfFold,
    Progress,
    difference,
    figures,
    intervals,
    out_of_fold,
)
from framelens.folds import Fold, stratified_folds, thinned
from framelens.genres import genre_group
from framelens.gold import LabelledSet
from framelens.measures import alpha_with_gold, brier, expected_calibration_error, per_thousand
from framelens.stats import Interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Parts = Sequence[Fold]

OURS = "framelens"
OFF_SUBJECT = "other"
"""Subject of articles that are not about what the codebook is about."""
FEWEST_GROUPS = 16
FEWEST_SENTENCES = 16
FEWEST_WITH_FRAME = 8
"""Articles with a frame below which a share of the training articles teaches nothing."""
SHARES = (0.125, 0.25, 0.5)
UNDEFINED = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how."""

    folds: int = FOLDS
    seed: int = 2026
    baselines: bool = True
    learning_curve: bool = False
    mistakes: int = 10
    """How many to list of each kind."""
    jobs: int = -1
    rare: bool = False
    """Measure frames however rare they are; the caller says which figures that makes shaky."""

    def rng(self) -> np.random.Generator:
        """The same draws for every figure, so that figures can be compared."""
        return np.random.default_rng(self.seed)


def gold_of(labels: LabelledSet, origin: str) -> Gold:
    """The gold sentences with text of one origin, or of all."""
    articles = labels.articles
    chosen = [
        one
        for one in labels.sentences
        if one.text is not None and one.id in labels.gold and origin in ("all", articles[one.article].origin)
    ]
    about = [articles[one.article] for one in chosen]
    table = pd.DataFrame(
        {
            "sentence": [one.id for one in chosen],
            "article": [one.article for one in chosen],
            "text": [one.text for one in chosen],
            **{key: [getattr(one, key) for one in about] for key in ("group", "origin", "genre")},
            "on_subject": [one.subject != OFF_SUBJECT for one in about],
        }
    )
    frames = labels.codebook.ids
    Y = np.array([[frame in labels.gold[one.id] for frame in frames] for one in chosen], dtype=bool)
    ids = {one.id for one in chosen}
    codings = {coder: tuple(one for one in lines if one.sentence in ids) for coder, lines in labels.codings.items()}
    ceiling = replace(labels, sentences=tuple(chosen), codings=codings).agreement()
    return Gold(frames, table, Y.reshape(-1, len(frames)), ceiling, labels.fingerprint_of(chosen))


def assess(
    gold: Gold,
    classifier: Estimator,
    plan: Plan,
    *,
    origin: str = "all",
    others: Mapping[str, OutOfFold] | None = None,
    beside: Mapping[str, Callable[[], Estimator]] = BASELINES,
    progress: Progress = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
) -> Assessment:
    """Cross-validate the classifier, and the baselines ``beside`` it on the same folds; ``others`` come from files."""
    if not plan.rare:
        require_enough(gold, plan.folds)
    parts = stratified_folds(gold.table["group"].to_numpy(dtype=str), gold.Y, plan.folds, rng=plan.rng())
    thin = _thin(gold, parts, plan) if plan.learning_curve else {}
    compared = {name: make() for name, make in beside.items()} if plan.baselines else {}
    done, of = count(1), plan.folds * (1 + len(compared) + sum(map(bool, thin.values())))

    def run(estimator: Estimator, folds: Parts) -> OutOfFold:
        told = lambda *_: progress(next(done), of)  # noqa: E731  # counts over all runs
        return out_of_fold(estimator, gold.table, gold.Y, folds, progress=told, jobs=plan.jobs)

    held_out = run(classifier, parts)
    rest = {**{name: run(one, parts) for name, one in compared.items()}, **(others or {})}
    learned = {share: run(classifier, some) if some else None for share, some in thin.items()}
    assessment = _measured(gold, held_out, rest, plan, origin)
    if not plan.learning_curve:
        return assessment
    curve = [_learning_point(gold, share, thin[share] or parts, said, plan) for share, said in learned.items()]
    return replace(assessment, learning=(*curve, _learning_point(gold, 1.0, parts, held_out, plan)))


def _measured(gold: Gold, held_out: OutOfFold, rest: Mapping[str, OutOfFold], plan: Plan, origin: str) -> Assessment:
    compared = [(OURS, held_out, None), *((name, said, held_out) for name, said in rest.items())]
    # the work is numpy's, which lets other threads run
    run = joblib.Parallel(n_jobs=plan.jobs, prefer="threads")
    systems = run(joblib.delayed(_system)(name, gold, said, ours, plan) for name, said, ours in compared)
    return Assessment(
        origin=origin,
        seed=plan.seed,
        folds=plan.folds,
        sentences=len(gold.Y),
        articles=int(gold.table["article"].nunique()),
        fingerprint=gold.fingerprint,
        quiet_sentences=int(gold.quiet.sum()),
        systems=tuple(systems),
        frames=tuple(run(joblib.delayed(_diagnosis)(gold, held_out, place, plan) for place in range(len(gold.frames)))),
        coverage=coverage_curve(gold.Y, held_out, gold.groups, rng=plan.rng()),
        learning=(),
        mistakes=_mistakes(gold, held_out, plan.mistakes),
        by_origin=_by(gold, held_out, "origin", str, plan),
        by_genre=_by(gold, held_out, "genre", genre_group, plan),
        held_out=held_out,
    )


def require_enough(gold: Gold, folds: int) -> None:
    """Raise ``InputError`` where there is too little to cross-validate."""
    groups = gold.table["group"].to_numpy(dtype=str)
    fewest = max(FEWEST_GROUPS, folds)
    if len(np.unique(groups)) < fewest:
        raise InputError(f"{len(np.unique(groups))} coded articles with text; {fewest} or more are needed")
    for frame, column in zip(gold.frames, gold.Y.T, strict=True):
        there = int(column.sum())
        if min(there, len(column) - there) < FEWEST_SENTENCES:
            raise InputError(
                f"frame {frame!r} is on {there} of {len(column)} gold sentences; {FEWEST_SENTENCES} or more are"
                " needed with it, and without it"
            )
        if (found := len(np.unique(groups[column]))) < FEWEST_WITH_FRAME:
            raise InputError(f"frame {frame!r} is in {found} articles; {FEWEST_WITH_FRAME} or more are needed")


def _thin(gold: Gold, parts: Parts, plan: Plan) -> dict[float, list[Fold]]:
    """The folds with fewer training articles, by share; none where these would be too few to learn from."""
    groups, thin = gold.table["group"].to_numpy(dtype=str), {}
    for share in SHARES:
        rng = plan.rng()  # the same order for each share: a larger one holds the smaller
        some = [thinned(fold, groups, share, rng=rng) for fold in parts]
        thin[share] = some if all(_teaches(groups[train], gold.Y[train], plan) for train, _ in some) else []
    return thin


def _teaches(groups: NDArray[np.str_], Y: Bools, plan: Plan) -> bool:
    with_frame = [len(np.unique(groups[column])) for column in Y.T]
    return len(np.unique(groups)) >= FEWEST_GROUPS and (plan.rare or min(with_frame) >= FEWEST_WITH_FRAME)


def _learning_point(gold: Gold, share: float, parts: Parts, said: OutOfFold | None, plan: Plan) -> LearningPoint:
    articles = gold.table["article"].to_numpy(dtype=str)
    if said is None:
        return LearningPoint(share, float("nan"), UNDEFINED, UNDEFINED)
    macro = figures(gold.frames, gold.Y, said, gold.groups, rng=plan.rng(), folds=plan.folds).macro
    trained_on = float(np.mean([len(np.unique(articles[train])) for train, _ in parts]))
    return LearningPoint(share, trained_on, macro.f1, macro.average_precision)


def _system(name: str, gold: Gold, said: OutOfFold, ours: OutOfFold | None, plan: Plan) -> System:
    quiet, alarms = gold.quiet, [UNDEFINED] * len(gold.frames)
    if quiet.any():
        alarms = intervals(
            lambda drawn: np.stack([per_thousand(drawn, called, quiet) for called in said.present.T], axis=1),
            gold.groups,
            rng=plan.rng(),
        )
    measured = figures(gold.frames, gold.Y, said, gold.groups, rng=plan.rng(), folds=plan.folds)
    gain = difference(gold.Y, ours, said, gold.groups, rng=plan.rng()) if ours else None
    return System(name, measured, tuple(alarms), gain)


def _diagnosis(gold: Gold, held_out: OutOfFold, place: int, plan: Plan) -> Diagnosis:
    column, proba, present = gold.Y[:, place], held_out.proba[:, place], held_out.present[:, place]
    measured = intervals(
        lambda drawn: np.stack(
            [
                brier(drawn, column, proba),
                expected_calibration_error(drawn, column, proba),
                alpha_with_gold(drawn, column, present),
            ],
            axis=1,
        ),
        gold.groups,
        rng=plan.rng(),
    )
    frame = gold.frames[place]
    return Diagnosis(
        frame,
        brier=measured[0],
        calibration_error=measured[1],
        alpha=measured[2],
        coders_alpha=gold.coders_alpha.get(frame, float("nan")),
        reliability=reliability(column, proba, gold.groups, rng=plan.rng()),
        thresholds=threshold_curve(column, proba, gold.groups, rng=plan.rng()),
    )


def _mistakes(gold: Gold, held_out: OutOfFold, most: int) -> tuple[Mistake, ...]:
    """The most confident mistakes of each kind."""
    kinds: tuple[tuple[Kind, Bools, Floats], ...] = (
        ("false alarm", held_out.present & ~gold.Y, held_out.proba),
        ("missed", gold.Y & ~held_out.present, 1 - held_out.proba),
    )
    found = []
    for kind, wrong, confidence in kinds:
        rows, columns = np.nonzero(wrong)
        order = np.argsort(-confidence[rows, columns], kind="stable")[:most]
        for row, column in zip(rows[order], columns[order], strict=True):
            sentence, text = gold.table["sentence"].iloc[row], gold.table["text"].iloc[row]
            found.append(Mistake(sentence, gold.frames[column], kind, float(confidence[row, column]), text))
    return tuple(found)


def _by(gold: Gold, held_out: OutOfFold, column: str, part: Callable[[str], str], plan: Plan) -> dict[str, Figures]:
    """Figures of each part of the sentences by themselves; none where the column is not known."""
    if column not in gold.table:
        return {}
    part_of = gold.table[column].map(part)
    found, groups = {}, np.array(gold.groups)
    for name in sorted(part_of.unique()):
        rows = np.flatnonzero(part_of == name)
        said = OutOfFold(held_out.proba[rows], held_out.present[rows])
        found[name] = figures(gold.frames, gold.Y[rows], said, groups[rows].tolist(), rng=plan.rng(), folds=plan.folds)
    return found
