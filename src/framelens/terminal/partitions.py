"""How far a corpus is, on standard error."""

from collections.abc import Iterable, Iterator
from time import monotonic

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from framelens.corpus import Outcome
from framelens.terminal import errors


def with_bar(outcomes: Iterable[Outcome], partitions: int, size: int) -> Iterator[Outcome]:
    """The same outcomes, with a bar that counts partitions of ``size`` bytes together, if somebody watches."""
    columns = (
        TextColumn("{task.fields[done]}/{task.fields[partitions]} partitions"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[rate]}, left:"),
        TimeRemainingColumn(),
    )
    started, sentences = monotonic(), 0
    # one partition may take minutes, so the speed is that of the whole run
    with Progress(
        *columns, console=errors, transient=True, disable=not errors.is_terminal, speed_estimate_period=1e9
    ) as bar:
        task = bar.add_task("", total=size, done=0, partitions=partitions, rate="... sentences/s")
        for done, outcome in enumerate(outcomes, start=1):
            sentences += outcome.counts.sentences
            rate = f"{sentences / (monotonic() - started):,.0f} sentences/s"
            bar.update(task, advance=outcome.partition.size, done=done, rate=rate)
            yield outcome
