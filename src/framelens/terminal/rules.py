"""The rules of a codebook, as coders read them."""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.text import Text

from framelens.codebook import Codebook, Frame


def rule_of(frame: Frame) -> Iterator[Text]:
    """What counts as the frame, line by line."""
    yield Text(frame.name, style=f"bold {frame.colour}")
    yield Text(frame.definition.strip())
    for heading, lines in (("counts", frame.include), ("does not count", frame.exclude), ("such as", frame.examples)):
        yield from (Text(f"  {heading}: {one}") for one in lines)


def print_codebook(console: Console, codebook: Codebook) -> None:
    """All rules, as they are read before coding."""
    console.print(Text(f"{codebook.title} (version {codebook.version})", style="bold"))
    for text in (codebook.unit, *codebook.terms, codebook.none):
        if text:
            console.print(Text(text.strip()))
    for frame in codebook.frames:
        console.print()
        console.print(Text(f"key {frame.key}: "), end="")
        console.print(Group(*rule_of(frame)))
    if codebook.doubtful:
        console.print(Text("\nIn doubt", style="bold"))
        console.print(Group(*(Text(f"  {line}") for line in codebook.doubtful)))
