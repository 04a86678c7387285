"""The strongest words of a model as tables in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from framelens.codebook import Codebook
from framelens.strongest import FrameWords
from framelens.terminal import print_rows


def print_words(console: Console, found: Sequence[FrameWords], codebook: Codebook, source: str | None) -> None:
    """A table a frame, then what the figures are, then the warnings."""
    names = {frame.id: frame.name for frame in codebook.frames}
    for one in found:
        console.print(Text(names[one.frame], style="bold"))
        rows = [
            (
                f"{strong.text} *" if strong.is_name else strong.text,
                f"{strong.log_odds:+.2f}",
                f"{strong.by_vector:+.2f}" if strong.kind == "word" else "",
                ", ".join(strong.forms),
            )
            for strong in one.words
        ]
        print_rows(console, ("", "log-odds", "by vector", "also"), rows)
        console.print()
    console.print(
        "log-odds: what one occurrence adds to a sentence of ordinary length, by stem, pair and subwords, in the first"
        " stage; by vector: the same by a second view. Two words: a pair of stems",
        soft_wrap=True,
    )
    if source is None:
        console.print("Names were not looked for: name texts that the model was trained on with --texts")
        return
    console.print(Text(f"* mostly with a capital letter within sentences of {source}: perhaps a name"), soft_wrap=True)
    for one in found:
        if one.names:
            told = (
                f"warning: {names[one.frame]}: {len(one.names)} of its {len(one.words)} strongest words may be names of"
                f" people, places or outlets ({', '.join(one.names)}), with {one.leakage:.0%} of their log-odds; where"
                " other names stand, the model may err"
            )
            console.print(Text(told), soft_wrap=True)
