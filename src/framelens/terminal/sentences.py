"""Classified sentences as they are read in a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from framelens.codebook import Codebook
from framelens.read import Document
from framelens.score import ClassifiedSentence
from framelens.terminal import progress_bar

Classified = Iterable[tuple[Document, tuple[ClassifiedSentence, ...]]]
WithAdded = Iterable[tuple[Document, tuple[ClassifiedSentence, ...], Sequence[Mapping[str, Any]]]]


def with_progress(classified: Classified, total: int) -> Classified:
    """The same documents, counted on a bar if there are several."""
    with progress_bar("articles", shown=total > 1) as progress:
        for done, one in enumerate(classified, start=1):
            yield one
            progress.update(progress.task_ids[0], completed=done, total=total)


def print_sentences(console: Console, classified: WithAdded, codebook: Codebook, added: Sequence[str]) -> None:
    """One table an article: sentences, frames, columns that were asked for, and the probability of each frame.

    Words that decided, where they were asked for, stand below the sentence, each with what it adds to the log-odds.
    """
    for document, sentences, more in classified:
        table = Table(title=Text(document.article, style="bold"), title_justify="left", box=None, pad_edge=False)
        table.add_column("#", justify="right", style="dim")
        table.add_column("sentence", ratio=1, overflow="fold")
        table.add_column("frames")
        for name in added:
            # what is withheld shows where its frames would stand
            if name != "abstained":
                table.add_column(name)
        for frame in codebook.frames:
            table.add_column(Text(frame.key), justify="right", style=frame.colour)
        for sentence, cells in zip(sentences, more, strict=True):
            present = (frame for frame in codebook.frames if frame.id in sentence.frames)
            names = Text("\n").join(Text(frame.name, style=frame.colour) for frame in present)
            if cells.get("abstained"):
                names = Text("withheld", style="dim")
            chances = (f"{chance:.2f}" for chance in sentence.probabilities.values())
            more_cells = (_cell(cells[name]) for name in added if name != "abstained")
            told = _told(sentence, cells.get("why", {}), codebook)
            table.add_row(str(sentence.position), told, names, *more_cells, *chances)
        console.print(table)
        console.print()
    keys = ", ".join(f"{frame.key} = {frame.name.lower()}" for frame in codebook.frames)
    console.print(f"Probabilities: {keys}")


def _cell(value: Any) -> Text:
    return Text(f"{value:.2f}" if isinstance(value, float) else value or "")


def _told(sentence: ClassifiedSentence, reasons: Mapping[str, Mapping[str, float]], codebook: Codebook) -> Text:
    """The sentence in a line, and below it a line for each frame that is explained."""
    told = Text(" ".join(sentence.text.split()))
    for frame in codebook.frames:
        if words := reasons.get(frame.id):
            told.append(f"\n{frame.key}: ", style=frame.colour)
            told.append(", ".join(f"{word} {value:+.2f}" for word, value in words.items()), style="dim")
    return told
