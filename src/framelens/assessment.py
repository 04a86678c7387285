"""What ``framelens evaluate`` gives: the gold that it measures against, and every figure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.measures import CoveragePoint, ReliabilityBin, ThresholdPoint
from framelens.stats import Interval

if TYPE_CHECKING:  # these come with scikit-learn, which readers of figures need not load
    from framelens.evaluate import Difference, Figures, OutOfFold

Bools = NDArray[np.bool_]
Kind = Literal["false alarm", "missed"]

ABOUT_BASELINES = (
    "majority: no frame; keywords: any of 20 words a frame, learned in each fold; plain TF-IDF: words and pairs,"
    " balanced logistic regression, thresholds chosen on articles left out in training."
)


@dataclass(frozen=True, slots=True)
class Gold:
    """The gold sentences that have text, in article order, and what else is known of them."""

    frames: tuple[str, ...]
    table: pd.DataFrame
    """Columns sentence, article, text, group, one row a sentence; origin, genre and on_subject where they are known."""
    Y: Bools
    """Shape (sentences, frames)."""
    coders_alpha: Mapping[str, float]
    """Krippendorff's alpha between the coders on these sentences, before adjudication; per frame where known."""
    fingerprint: str

    @property
    def groups(self) -> list[str]:
        """What is never parted, of each sentence."""
        return [str(group) for group in self.table["group"]]

    @property
    def quiet(self) -> Bools:
        """Frameless sentences of articles on other subjects, for false alarms; none where subjects are not known."""
        if "on_subject" not in self.table:
            return np.zeros(len(self.Y), dtype=bool)
        return np.asarray(~self.table["on_subject"].to_numpy(dtype=bool) & ~self.Y.any(axis=1))


@dataclass(frozen=True, slots=True)
class System:
    """One way of calling frames, its figures and its false alarms, and what ours gains over it."""

    name: str
    figures: "Figures"
    false_alarms: tuple[Interval, ...]
    """Per frame: alarms in 1,000 frameless sentences of articles on other subjects."""
    gain: "Difference | None"
    """Ours minus this; ``None`` for ours."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How far the probabilities and the decisions of one frame can be trusted."""

    frame: str
    brier: Interval
    calibration_error: Interval
    alpha: Interval
    """Krippendorff's alpha between out-of-fold decisions and gold."""
    coders_alpha: float
    """Alpha between coders: the ceiling."""
    reliability: tuple[ReliabilityBin, ...]
    thresholds: tuple[ThresholdPoint, ...]


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """Macro figures of models that were trained on a share of the articles; ``nan`` where these are too few."""

    share: float
    articles: float
    """Mean over folds."""
    f1: Interval
    average_precision: Interval


@dataclass(frozen=True, slots=True)
class Mistake:
    """A decision that differs from gold; ``confidence`` is the probability of what was wrongly decided."""

    sentence: str
    frame: str
    kind: Kind
    confidence: float
    text: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that ``framelens evaluate`` has measured."""

    origin: str
    seed: int
    folds: int
    sentences: int
    articles: int
    fingerprint: str
    quiet_sentences: int
    """Frameless sentences of articles on other subjects, on which false alarms are counted."""
    systems: tuple[System, ...]
    """Ours first, then the baselines."""
    frames: tuple[Diagnosis, ...]
    coverage: tuple[CoveragePoint, ...]
    learning: tuple[LearningPoint, ...]
    mistakes: tuple[Mistake, ...]
    by_origin: "Mapping[str, Figures]"
    by_genre: "Mapping[str, Figures]"
    held_out: "OutOfFold"
    """What ours said of each gold sentence, in their order."""

    @property
    def ours(self) -> System:
        """The model that is assessed."""
        return self.systems[0]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for ``--json``; what was said of each sentence is left to ``--scores``."""
        plain = asdict(self)
        del plain["held_out"]
        return plain
