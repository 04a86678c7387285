"""How far the coders of a labelled set agree, frame by frame and two by two, and where they do not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framelens.agreement import Pairable, cohen_kappa, krippendorff_alpha, pair_f1, pairable, why_undefined
from framelens.gold import LabelledSet, State
from framelens.stats import Interval, article_weights, bootstrap

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NO_FRAME = "no frame"
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class FrameAgreement:
    """Krippendorff's alpha of one frame; ``why`` says why it is undefined, and is empty where it is not."""

    frame: str
    coded_twice: int
    alpha: Interval
    why: str


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two coders on the sentences that both have coded."""

    coders: tuple[str, str]
    sentences: int
    kappa: Mapping[str, float]
    f1: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one of two coders gave a sentence one of these frames, and the other the other one instead."""

    frames: tuple[str, str]
    times: int


@dataclass(frozen=True, slots=True)
class DisputedSentence:
    """A sentence on which coders differ, what each said, and its state by now."""

    sentence: str
    text: str | None
    codings: Mapping[str, tuple[str, ...]]
    disagreement: float
    """Share of the pairs of its coders that differ, summed over frames."""
    state: State


@dataclass(frozen=True, slots=True)
class Agreement:
    """All that is known of how coders agree, before adjudication, stale codings left out."""

    coders: tuple[str, ...]
    frames: tuple[FrameAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    confusions: tuple[Confusion, ...]
    differ: int
    """Sentences on which coders differ."""
    most_disputed: tuple[DisputedSentence, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def agree(labels: LabelledSet, *, rng: np.random.Generator, most: int = 10) -> Agreement:
    """Measure agreement; intervals are from a bootstrap over whole articles (groups of them)."""
    codes = labels.code_table()
    disputed = _disputed(labels)
    return Agreement(
        coders=labels.coders,
        frames=_per_frame(labels, codes, rng),
        pairs=_pairs(labels, codes),
        confusions=_confusions(labels),
        differ=len(disputed),
        most_disputed=tuple(disputed[:most]),
    )


def fresh_codings(labels: LabelledSet) -> dict[str, dict[str, frozenset[str]]]:
    """What each coder says of each sentence, stale codings and adjudication left out: sentence to coder to frames."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for coder in labels.coders:
        for id_, coding in labels.current[coder].items():
            if not labels.is_stale(coding):
                found.setdefault(id_, {})[coder] = coding.frames
    return found


def _per_frame(labels: LabelledSet, codes: Floats, rng: np.random.Generator) -> tuple[FrameAgreement, ...]:
    group_of = [labels.articles[one.article].group for one in labels.sentences]
    found = []
    for frame, code in zip(labels.codebook.ids, codes, strict=True):
        units, twice = pairable(code)
        alpha, why = Interval(krippendorff_alpha(code), float("nan"), float("nan")), why_undefined(code)
        if not why:
            _, groups = np.unique([one for one, kept in zip(group_of, twice, strict=True) if kept], return_inverse=True)
            drawn = units.grouped(groups)
            weights = article_weights(np.arange(len(drawn.differing)), DRAWS, rng=rng)
            (alpha,) = bootstrap(partial(_alpha, drawn), weights)
        found.append(FrameAgreement(frame, int(twice.sum()), alpha, why))
    return tuple(found)


def _alpha(units: Pairable, weights: Ints) -> Floats:
    return units.alpha(weights)[:, None]


def _pairs(labels: LabelledSet, codes: Floats) -> tuple[PairAgreement, ...]:
    found = []
    for (one, first), (other, second) in combinations(enumerate(labels.coders), 2):
        both = ~np.isnan(codes[:, [one, other]]).any(axis=(0, 1))
        if both.any():
            said = codes[:, one][:, both] == 1, codes[:, other][:, both] == 1
            rows = list(zip(labels.codebook.ids, *said, strict=True))
            kappa = {frame: cohen_kappa(a, b) for frame, a, b in rows}
            f1 = {frame: pair_f1(a, b) for frame, a, b in rows}
            found.append(PairAgreement((first, second), int(both.sum()), kappa, f1))
    return tuple(found)


def _confusions(labels: LabelledSet) -> tuple[Confusion, ...]:
    """Frames that one coder gave in the place of what the other gave, most frequent first."""
    order = (*labels.codebook.ids, NO_FRAME)
    times: Counter[tuple[str, str]] = Counter()
    for said in fresh_codings(labels).values():
        for one, other in combinations(said.values(), 2):
            if one != other:
                only = [sorted(these - those) or [NO_FRAME] for these, those in ((one, other), (other, one))]
                times.update((a, b) if order.index(a) < order.index(b) else (b, a) for a in only[0] for b in only[1])
    return tuple(Confusion(pair, count) for pair, count in times.most_common())


def _disputed(labels: LabelledSet) -> list[DisputedSentence]:
    """Sentences on which coders differ: those still open first, then by how far they differ."""
    codings, found = fresh_codings(labels), []
    for sentence in labels.sentences:
        said = codings.get(sentence.id, {})
        if len(set(said.values())) > 1:
            pairs = list(combinations(said.values(), 2))
            found.append(
                DisputedSentence(
                    sentence.id,
                    sentence.text,
                    {
                        coder: tuple(frame for frame in labels.codebook.ids if frame in one)
                        for coder, one in said.items()
                    },
                    sum(len(one ^ other) for one, other in pairs) / len(pairs),
                    labels.judged[sentence.id][0],
                )
            )
    return sorted(found, key=lambda one: (one.state != "disputed", -one.disagreement))
