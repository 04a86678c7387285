"""The rules of a codebook, as coders read them."""

from collections.abc import Iterator

from rich.console import Console, Group
from rich.text import Text

from framelens.codebook import Codebook, Frame


def rule_of(what: Frame | Codebook) -> Iterator[Text]:
    """What counts as the frame, or the rules that hold for all frames, line by line."""
    if isinstance(what, Codebook):
        yield from _ground(what)
        yield from _doubtful(what)
        return
    yield Text(what.name, style=f"bold {what.colour}")
    yield Text(what.definition.strip())
    for heading, lines in (("counts", what.include), ("does not count", what.exclude), ("such as", what.examples)):
        yield from (Text(f"  {heading}: {one}") for one in lines)


def print_codebook(console: Console, codebook: Codebook) -> None:
    """All rules, as they are read before coding."""
    console.print(Group(*_ground(codebook)))
    for frame in codebook.frames:
        console.print()
        console.print(Text(f"key {frame.key}: "), end="")
        console.print(Group(*rule_of(frame)))
    for line in _doubtful(codebook):
        console.print(line)


def _ground(codebook: Codebook) -> Iterator[Text]:
    yield Text(f"{codebook.title} (version {codebook.version})", style="bold")
    yield from (Text(text.strip()) for text in (codebook.unit, *codebook.terms, codebook.none) if text)


def _doubtful(codebook: Codebook) -> Iterator[Text]:
    if codebook.doubtful:
        yield Text("\nIn doubt", style="bold")
    yield from (Text(f"  {line}") for line in codebook.doubtful)
