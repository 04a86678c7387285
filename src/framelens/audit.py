"""What in a labelled set is likely wrong, why it looks so, and how to mend it. No file is touched here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from framelens.agree import fresh_codings
from framelens.gold import ADJUDICATED, LabelledSentence, LabelledSet
from framelens.words import words

Floats = NDArray[np.float64]
Kind = Literal["likely wrong", "same text", "near duplicate", "unused frame", "drift"]
Scores = Mapping[str, Mapping[str, float]]
"""Out-of-fold probability of each frame, by sentence id."""

NEAR = 0.7
"""Share of words in common from which two sentences are near duplicates."""
FEWEST_WORDS = 5
"""Shorter sentences are alike by chance."""
FEWEST_CODED = 200
"""Sentences of a coder from which a frame never used is worth a word."""
FEWEST_ARTICLES = 6
"""Articles that a coder shares with others, below which no drift can be told from chance."""
SURE_DRIFT = 3.0
"""Standard errors between early and late articles."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at; ``weight`` orders findings of a kind, most pressing first."""

    kind: Kind
    about: str
    """Ids of the sentences, or of the frame or coder."""
    why: str
    fix: str
    weight: float
    sentences: tuple[str, ...] = ()
    text: str = ""


def audit(labels: LabelledSet, scores: Scores | None = None) -> tuple[Finding, ...]:
    """Everything that is suspicious, kind by kind; what a model doubts needs its ``scores``, out of fold."""
    found: list[Finding] = []
    for check in CHECKS:
        found += sorted(check(labels, scores or {}), key=lambda one: -one.weight)
    return tuple(found)


def likely_wrong(labels: LabelledSet, scores: Scores) -> Iterator[Finding]:
    """Gold that a model which has not seen it contradicts with confidence.

    Confident learning (Northcutt, Jiang & Chuang 2021, section 3.1): a frame counts as confidently there from the mean
    probability of sentences that have it, and as confidently absent from that of sentences that have it not.
    """
    text = {one.id: one.text or "" for one in labels.sentences}
    for frame in labels.codebook.ids:
        ids = [one.id for one in labels.sentences if one.id in labels.gold and frame in scores.get(one.id, {})]
        gold = np.array([frame in labels.gold[id_] for id_ in ids], dtype=bool)
        proba = np.array([scores[id_][frame] for id_ in ids])
        if not gold.any() or gold.all():
            continue
        surely = np.where(gold, 1 - proba >= (1 - proba[~gold]).mean(), proba >= proba[gold].mean())
        for place in np.flatnonzero(surely):
            id_, there, chance = ids[place], gold[place], float(proba[place])
            why = f"gold {'has' if there else 'has not'} {frame}; a model that did not see it gives it {chance:.2f}"
            why += f" (coded by {_coders(labels, id_)})"
            sure = 1 - chance if there else chance
            yield Finding("likely wrong", id_, why, _again(labels, (id_,)), sure, (id_,), text[id_])


def same_text(labels: LabelledSet, scores: Scores) -> Iterator[Finding]:  # noqa: ARG001
    """Sentences that say the same word for word, with other gold."""
    by_text: dict[str, list[LabelledSentence]] = defaultdict(list)
    for one in labels.sentences:
        if one.id in labels.gold:
            by_text[one.fingerprint].append(one)
    for same in by_text.values():
        if len({labels.gold[one.id] for one in same}) > 1:
            ids = tuple(one.id for one in same)
            said = "; ".join(f"{id_}: {_names(labels, labels.gold[id_])}" for id_ in ids)
            fix = f"read them in their articles; where these do not explain it, {_again(labels, ids)}"
            why = f"one text, coded differently: {said}"
            yield Finding("same text", " ".join(ids), why, fix, len(ids), ids, same[0].text or "")


def near_duplicates(labels: LabelledSet, scores: Scores) -> Iterator[Finding]:  # noqa: ARG001
    """Sentences nearly alike in articles of different groups: a model could learn one, and be examined on the other."""
    readable = [one for one in labels.sentences if one.text is not None]
    bags = [frozenset(words(one.text or "")) for one in readable]
    for first, second, share in near_pairs(bags):
        one, other = readable[first], readable[second]
        groups = labels.articles[one.article].group, labels.articles[other.article].group
        if groups[0] != groups[1]:
            apart = labels.gold.get(one.id) != labels.gold.get(other.id)
            why = f"{share:.0%} of their words are the same, in groups {groups[0]} and {groups[1]}"
            fix = f"if one was made from the other, give {one.article} and {other.article} one group in articles.csv"
            if apart:
                why += f"; coded differently ({_said(labels, one.id)} / {_said(labels, other.id)})"
                fix += f"; {_again(labels, (one.id, other.id))}"
            ids = (one.id, other.id)
            yield Finding(
                "near duplicate", " ".join(ids), why, fix, share + apart, ids if apart else (), one.text or ""
            )


def unused_frames(labels: LabelledSet, scores: Scores) -> Iterator[Finding]:  # noqa: ARG001
    """Frames that nobody gives, and coders who never give a frame that others do."""
    given = {
        coder: Counter(frame for one in codings.values() for frame in one.frames)
        for coder, codings in labels.current.items()
        if coder != ADJUDICATED
    }
    for frame in labels.codebook.ids:
        if not any(counts[frame] for counts in given.values()):
            fix = f"look for it with: framelens annotate --queue rare --frame {frame}; or take it out of the codebook"
            yield Finding("unused frame", frame, "no coder has ever given it", fix, 1)
            continue
        for coder, counts in given.items():
            coded = len(labels.current[coder])
            if not counts[frame] and coded >= FEWEST_CODED:
                fix = f"go through its rule with {coder}; let another coder code some of the same sentences"
                yield Finding("unused frame", coder, f"has coded {coded} sentences and never given {frame}", fix, 0)


def drifting_coders(labels: LabelledSet, scores: Scores) -> Iterator[Finding]:  # noqa: ARG001
    """Coders who differ from the rest more, or less, in the articles that they coded late than in early ones.

    Compares means over articles (Welch's t), since sentences of one article are alike.
    """
    others = fresh_codings(labels)
    article_of = {one.id: one.article for one in labels.sentences}
    for coder in labels.coders:
        differs: dict[str, list[float]] = {}
        for id_, coding in labels.current[coder].items():
            said = [frames for who, frames in others.get(id_, {}).items() if who != coder]
            if said and coder in others[id_]:
                share = sum(frames != coding.frames for frames in said) / len(said)
                differs.setdefault(article_of[id_], []).append(share)
        rates = np.array([np.mean(one) for one in differs.values()])
        if len(rates) >= FEWEST_ARTICLES and abs(t := welch(rates)) >= SURE_DRIFT:
            early, late = rates[: len(rates) // 2].mean(), rates[len(rates) // 2 :].mean()
            why = (
                f"differs from other coders on {early:.0%} of the sentences of early articles, {late:.0%} of late ones"
            )
            fix = f"see where with: framelens agree; go through the rules with {coder}, and code the worse part again"
            # whoever is compared with a drifting coder seems to drift too, but less
            yield Finding("drift", coder, f"{why} (t = {t:.1f})", fix, abs(late - early))


def near_pairs(bags: Sequence[frozenset[str]]) -> Iterator[tuple[int, int, float]]:
    """Pairs of sets with a Jaccard similarity of ``NEAR`` or more, exactly; sets of few words are left out.

    Prefix filtering (Chaudhuri, Ganti & Kaushik 2006): two such sets share one of their rarest words.
    """
    frequency = Counter(word for bag in bags for word in bag)
    begins_with: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        if len(bag) < FEWEST_WORDS:
            continue
        rarest = sorted(bag, key=lambda word: (frequency[word], word))[: len(bag) - ceil(NEAR * len(bag)) + 1]
        for other in sorted({place for word in rarest for place in begins_with[word]}):
            common = len(bag & bags[other])
            share = common / (len(bag) + len(bags[other]) - common)
            if share >= NEAR:
                yield other, number, share
        for word in rarest:
            begins_with[word].append(number)


def welch(values: Floats) -> float:
    """Welch's t of the second half of some values against the first; 0 where nothing varies."""
    early, late = values[: len(values) // 2], values[len(values) // 2 :]
    error = sqrt(early.var(ddof=1) / len(early) + late.var(ddof=1) / len(late))
    return float((late.mean() - early.mean()) / error) if error else 0.0


def _again(labels: LabelledSet, ids: Sequence[str]) -> str:
    """How to change what is gold: adjudication overrules coders, so it has to be done again where it was done."""
    settled = [id_ for id_ in ids if id_ in labels.current.get(ADJUDICATED, {})]
    if settled:
        return "decide anew with: framelens adjudicate " + " ".join(f"--sentence {id_}" for id_ in settled)
    return "code again with: framelens annotate --queue audit"


def _coders(labels: LabelledSet, id_: str) -> str:
    return ", ".join(coder for coder, codings in labels.current.items() if id_ in codings)


def _said(labels: LabelledSet, id_: str) -> str:
    return _names(labels, labels.gold[id_]) if id_ in labels.gold else "no gold"


def _names(labels: LabelledSet, frames: frozenset[str]) -> str:
    return ", ".join(frame for frame in labels.codebook.ids if frame in frames) or "no frame"


CHECKS: tuple[Callable[[LabelledSet, Scores], Iterator[Finding]], ...] = (
    likely_wrong,
    same_text,
    near_duplicates,
    unused_frames,
    drifting_coders,
)
