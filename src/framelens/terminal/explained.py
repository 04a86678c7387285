"""Explained sentences in a terminal: words coloured by what they add, and the strongest reasons below."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from framelens.codebook import Codebook
from framelens.explained import AGAINST, FOR, FULL, Explained, told

WEAK = 0.2
"""Share of the full colour below which a word stays plain."""


def print_explained(
    console: Console, articles: Iterable[tuple[str, Sequence[Explained]]], codebook: Codebook, chosen: Sequence[str]
) -> None:
    """Each sentence under each of its frames."""
    names = {frame.id: frame.name for frame in codebook.frames}
    for article, sentences in articles:
        console.print(Text(article, style="bold"))
        for one in sentences:
            for frame in one.frames(chosen):
                chance = one.sentence.probabilities[frame]
                console.print(Text(f"\n{one.sentence.position}. {names[frame]}: {chance:.2f}", style="bold"))
                console.print(Text.assemble(*map(_styled, one.words(frame))), soft_wrap=True)
                console.print(Text(told(one, frame), style="dim"), soft_wrap=True)
        console.print()
    console.print("Log-odds: what each word with its pairs, its neighbours and the form of the sentence add or take")


def _styled(piece: tuple[str, float]) -> tuple[str, str]:
    text, value = piece
    depth = min(abs(value) / FULL, 1.0)
    if depth < WEAK:
        return text, ""
    return text, f"{'bold ' if depth > 0.5 else ''}#000000 on {FOR if value > 0 else AGAINST}"
