"""How far a team is with its labelled set."""

from dataclasses import dataclass

from framelens.gold import LabelledSet, State

STATES: tuple[State, ...] = ("gold", "disputed", "stale", "uncoded")


@dataclass(frozen=True, slots=True)
class CoderProgress:
    """One coder: sentences coded, how many of these codings are stale, and when the last one was made."""

    coder: str
    coded: int
    stale: int
    last: str


@dataclass(frozen=True, slots=True)
class Team:
    """Sentences by state, and what each coder has done."""

    sentences: int
    states: dict[str, int]
    coders: tuple[CoderProgress, ...]


def team(labels: LabelledSet) -> Team:
    """Count what there is."""
    states = [state for state, _ in labels.judged.values()]
    coders = tuple(_progress(labels, coder) for coder in labels.coders)
    return Team(len(states), {state: states.count(state) for state in STATES}, coders)


def _progress(labels: LabelledSet, coder: str) -> CoderProgress:
    codings = labels.current[coder].values()
    stale = sum(labels.is_stale(one) for one in codings)
    return CoderProgress(coder, len(codings), stale, max((one.coded_at for one in codings), default=""))
