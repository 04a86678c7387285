"""How good a model is that learns from a team's own table, and which of its figures say little."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan
from typing import Any

import numpy as np
import pandas as pd

from framelens.assess import FEWEST_GROUPS, FEWEST_WITH_FRAME, Plan, assess
from framelens.assessment import ABOUT_BASELINES, Assessment, Gold
from framelens.baselines import Keywords, Majority, OneLabel, PlainTfidf
from framelens.errors import InputError
from framelens.evaluate import MEASURES, Estimator, FrameFigures, OutOfFold, Progress
from framelens.folds import stratified_folds
from framelens.labelled_table import LabelledTable, codebook_of
from framelens.stats import Interval
from framelens.train_table import Aim, LabelClassifier

SOLVER = "liblinear"
"""Of the plain baseline: for many labels it is quicker than scikit-learn's default."""
ABOUT_ONE_LABEL = (
    "majority: the commonest label; keywords: the label with most of 20 words, learned in each fold; plain TF-IDF:"
    " words and pairs, balanced logistic regression, the likeliest label."
)


@dataclass(frozen=True, slots=True)
class Caution:
    """A label whose figures say little or are not there at all, and why."""

    label: str
    rows: int
    groups: int
    untaught: int
    """Rows with it that were scored by a model that had seen none."""
    undefined: tuple[str, ...]
    """Figures that are undefined, with the reason."""

    @property
    def told(self) -> str:
        """The reasons in words."""
        parts = []
        if self.untaught:
            parts.append(f"too rare to be cross-validated: {self.untaught} scored by models that had seen none")
        elif self.groups < FEWEST_WITH_FRAME:
            parts.append("rare: so few groups decide its figures")
        return "; ".join([*parts, *self.undefined])


@dataclass(frozen=True, slots=True)
class TableAssessment:
    """Everything that ``framelens evaluate --table`` has measured; frames are the labels as they stand."""

    name: str
    labels_column: str
    single_label: bool
    optimize: Aim
    ids: Mapping[str, str]
    """Plain id of each label, by which files name it."""
    without_label: int
    notes: tuple[str, ...]
    cautions: tuple[Caution, ...]
    measured: Assessment

    @property
    def accuracy(self) -> Interval | None:
        """Share of rows whose one label is right; of several labels a row there is none."""
        return self.measured.ours.figures.micro.f1 if self.single_label else None

    @property
    def about_baselines(self) -> str:
        """What the other systems are."""
        return ABOUT_ONE_LABEL if self.single_label else ABOUT_BASELINES

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``, without what is not known of a table's rows."""
        found = self.measured.as_dict()
        for unknown in ("origin", "quiet_sentences", "by_origin", "by_genre"):
            del found[unknown]
        found["rows"], found["groups"] = found.pop("sentences"), found.pop("articles")
        for system in found["systems"]:
            del system["false_alarms"]
        for frame in found["frames"]:
            del frame["coders_alpha"]
        return {
            "table": self.name,
            "labels_column": self.labels_column,
            "single_label": self.single_label,
            "optimize": self.optimize,
            "ids": dict(self.ids),
            "rows_without_label": self.without_label,
            "accuracy": None if self.accuracy is None else asdict(self.accuracy),
            "notes": list(self.notes),
            "cautions": [
                {"label": one.label, "rows": one.rows, "groups": one.groups, "why": one.told} for one in self.cautions
            ],
            **found,
        }


def gold_of_table(table: LabelledTable) -> Gold:
    """Rows and labels in the form that every figure is worked out from."""
    frame = pd.DataFrame(
        {
            "sentence": list(table.rows),
            "article": list(table.groups),
            "group": list(table.groups),
            "text": list(table.texts),
        }
    )
    digest = hashlib.sha256()
    for text, group, labels in zip(table.texts, table.groups, table.Y, strict=True):
        named = [label for label, there in zip(table.labels, labels, strict=True) if there]
        digest.update(f"{json.dumps([text, group, named])}\n".encode())
    return Gold(table.labels, frame, table.Y, {}, digest.hexdigest())


def in_ids(gold: Gold, table: LabelledTable) -> Gold:
    """The same rows with labels under their plain ids, for files that name frames."""
    return replace(gold, frames=codebook_of(table).ids)


def require_rows(table: LabelledTable, folds: int) -> None:
    """Raise ``InputError`` where there is too little to cross-validate."""
    groups, fewest = len(set(table.groups)), max(FEWEST_GROUPS, folds)
    if groups < fewest:
        what = "groups" if table.columns.group else "different texts"
        raise InputError(
            f"{table.name}: {groups} {what} in {len(table.texts)} rows; {fewest} or more are needed to cross-validate"
        )


def assess_table(
    table: LabelledTable,
    plan: Plan,
    optimize: Aim,
    *,
    others: Mapping[str, OutOfFold] | None = None,
    progress: Progress = lambda done, of: None,  # noqa: ARG005  # by default nobody watches
) -> TableAssessment:
    """Cross-validate a model of the table's labels, and baselines on the same folds."""
    require_rows(table, plan.folds)
    gold, single = gold_of_table(table), table.columns.single_label
    classifier = LabelClassifier(single_label=single, optimize=optimize, seed=plan.seed)
    measured = assess(
        gold,
        classifier,
        replace(plan, rare=True),
        origin="",
        others=others,
        beside=_baselines(single),
        progress=progress,
    )
    return TableAssessment(
        name=table.name,
        labels_column=table.columns.labels,
        single_label=single,
        optimize=optimize,
        ids=dict(zip(table.labels, codebook_of(table).ids, strict=True)),
        without_label=int((~table.Y.any(axis=1)).sum()),
        notes=table.notes,
        cautions=cautions(table, measured.ours.figures.frames, plan.folds, plan.rng()),
        measured=measured,
    )


def cautions(
    table: LabelledTable, figures: Sequence[FrameFigures], folds: int, rng: np.random.Generator
) -> tuple[Caution, ...]:
    """Labels that are too rare for steady figures, or of which some figure is undefined."""
    groups = np.array(table.groups)
    parts = stratified_folds(groups, table.Y, folds, rng=rng)
    found = []
    for label, there, row in zip(table.labels, table.Y.T, figures, strict=True):
        untaught = sum(int(there[test].sum()) for train, test in parts if not there[train].any())
        one = Caution(label, int(there.sum()), len(np.unique(groups[there])), untaught, _undefined(row))
        if one.told:
            found.append(one)
    return tuple(found)


def _undefined(row: FrameFigures) -> tuple[str, ...]:
    """Figures without a value, and why; recall and F1 have one wherever a label is on any row."""
    missing = [name.replace("_", " ") for name in MEASURES if isnan(getattr(row, name).point)]
    return (f"undefined: {', '.join(missing)}, since it was never called",) if missing else ()


def _baselines(single_label: bool) -> dict[str, Callable[[], Estimator]]:
    if not single_label:
        return {"majority": Majority, "keywords": Keywords, "plain TF-IDF": lambda: PlainTfidf(solver=SOLVER)}
    return {
        "majority": lambda: OneLabel(Majority()),
        "keywords": lambda: OneLabel(Keywords()),
        "plain TF-IDF": lambda: OneLabel(PlainTfidf(solver=SOLVER, folds=0)),
    }
