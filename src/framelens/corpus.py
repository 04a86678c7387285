"""A corpus: which partitions it has, which of them are done, and one function mapped over the rest."""

import json
import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from threading import Thread
from time import sleep
from typing import Any

from framelens import __version__
from framelens.errors import InputError
from framelens.pages import one_line
from framelens.partition import Counts, Partition, Settings, score_partition
from framelens.storage import (
    TEMPORARY,
    WILDCARD,
    Place,
    files_in,
    is_file,
    is_folder,
    matches,
    place,
    reading,
    remove,
    size_of,
    writing,
)
from framelens.stream import CARD, READERS, ending

KINDS = {".parquet": "parquet", ".jsonl": "jsonl", ".csv": "csv", ".tsv": "csv"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do."""

    todo: tuple[Partition, ...]
    finished: int
    """Partitions that an earlier run has finished."""
    passed_over: tuple[str, ...]
    """Files whose ending is none of a partition."""
    out: Place
    names: frozenset[str]
    """Names of all outputs, done or not."""

    def sweep(self) -> None:
        """Remove half-written files that a killed process left; only while nothing is being written."""
        for name in files_in(self.out):
            folder, _, bare = name.rpartition("/")
            match = TEMPORARY.fullmatch(bare)
            if match and posixpath.join(folder, match.group(1)) in self.names | {CARD}:
                remove(self.out / name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one partition: its counts, or the reason why it failed."""

    partition: Partition
    counts: Counts
    failure: str | None = None


def prepare(source: str, target: str, settings: Settings, *, kind: str | None = None, overwrite: bool = False) -> Plan:
    """Find the partitions of ``source`` and make ``target`` ready for those that are not done.

    ``kind`` is the format of the output (``parquet``, ``jsonl``, ``csv``), by default that of each partition. With
    ``overwrite``, all are done anew. Raises ``InputError`` where input and output overlap or settings differ.
    """
    base, sizes = _files(source)
    out = place(target)
    if is_file(out):
        raise InputError(f"{target}: is a file; name a folder for the output")
    if (is_folder(place(source)) or "**" in source) and out.inside(base):
        raise InputError(f"{target}: lies in the input folder; name a folder outside {source}")
    named = {name: size for name, size in sizes.items() if not _hidden(name)}
    usable = sorted(name for name in named if ending(name) in READERS)
    if not usable:
        raise InputError(f"{source}: no partitions here; give files that end in {', '.join(READERS)}")
    targets = _targets(usable, kind)
    if within := next((name for name in usable if (base / name).inside(out)), None):
        raise InputError(f"{target}: holds the input {within}; name a folder of its own for the output")
    partitions = [Partition(name, base / name, out / targets[name], named[name]) for name in usable]
    card = _card(base, settings, kind)
    there = files_in(out)
    if overwrite:
        _clear(target, out, set(targets.values()), there)
        there = files_in(out)
    _require_same(target, out, card, set(targets.values()) & set(there), there)
    with writing(out / CARD) as file:
        file.write(f"{json.dumps(card, ensure_ascii=False, indent=1)}\n".encode())
    todo = tuple(partition for partition in partitions if targets[partition.name] not in there)
    passed_over = tuple(sorted(set(named) - set(usable)))
    return Plan(todo, len(partitions) - len(todo), passed_over, out, frozenset(targets.values()))


def _files(source: str) -> tuple[Place, Mapping[str, int]]:
    """The folder that names are counted from, and its files or those that match, with their sizes."""
    at = place(source)
    if is_folder(at):
        return at, files_in(at)
    if is_file(at):
        if ending(at.path) not in READERS:
            raise InputError(f"{source}: unknown kind of partition; give files that end in {', '.join(READERS)}")
        base, name = Place(posixpath.dirname(at.path), at.system), posixpath.basename(at.path)
        return base, {name: size_of(at)}
    if not WILDCARD.search(at.path):
        raise InputError(f"{source}: no such file or folder")
    base, found = matches(at)
    if not found:
        raise InputError(f"{source}: no file matches; put the pattern into quotation marks, such as 'corpus/*.parquet'")
    return base, found


def _hidden(name: str) -> bool:
    """Whether a file is an index or a leftover of another program, such as ``_SUCCESS``, by its name."""
    return any(part.startswith((".", "_")) for part in name.split("/"))


def _targets(names: Sequence[str], kind: str | None) -> dict[str, str]:
    """Name of the output of each partition; raises ``InputError`` where two would get the same."""
    targets: dict[str, str] = {}
    for name in names:
        bare = name[: -len(ending(name))]
        target = f"{bare}.{kind or KINDS[ending(name)]}"
        if other := next((one for one, taken in targets.items() if taken == target), None):
            raise InputError(
                f"{other} and {name} would both become {target}; rename one of them, or leave out --format"
            )
        targets[name] = target
    return targets


def _card(base: Place, settings: Settings, kind: str | None) -> dict[str, Any]:
    ways = {name: value for name, value in asdict(settings).items() if name not in ("model", "sha256")}
    ways["thresholds"] = dict(settings.thresholds)
    return {"framelens": __version__, "model": settings.sha256, "input": str(base), "format": kind, **ways}


def _require_same(target: str, out: Place, card: Mapping[str, Any], done: set[str], there: Mapping[str, int]) -> None:
    """Raise ``InputError`` where partitions that are there were not classified as they would be now."""
    if CARD not in there:
        if done:
            raise InputError(
                f"{target}: {min(done)} is there, but not by classify-corpus; use another folder, or --overwrite"
            )
        return
    try:
        with reading(out / CARD) as file:
            old = json.load(file)
        if not isinstance(old, dict):
            raise ValueError("not an object")
    except ValueError:
        raise InputError(f"{target}/{CARD}: damaged; use another folder, or --overwrite") from None
    if changed := [key for key in {**card, **old} if card.get(key) != old.get(key)]:
        ways = "; ".join(
            f"{key.replace('_', ' ')} {_short(old.get(key))}, now {_short(card.get(key))}" for key in changed
        )
        raise InputError(f"{target}: was classified in another way ({ways}); use another folder, or --overwrite")


def _short(value: Any) -> str:
    if isinstance(value, str) and len(value) == 64:
        return f"{value[:12]}…"
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _clear(target: str, out: Place, targets: set[str], there: Mapping[str, int]) -> None:
    """Remove what earlier runs wrote; the card goes last, so that a run that is killed here does not mix either."""
    if others := [name for name in there if not _hidden(name) and ending(name) in READERS and name not in targets]:
        raise InputError(f"{target}: {min(others)} is no output of this run; use another folder, or remove it first")
    for name in sorted(targets & set(there)):
        remove(out / name)
    remove(out / CARD)


def attempt(partition: Partition, settings: Settings) -> Outcome:
    """Score a partition; whatever goes wrong is told, so that the others go on."""
    try:
        return Outcome(partition, score_partition(partition, settings))
    except InputError as error:
        return Outcome(partition, Counts(), str(error))
    except MemoryError:
        return Outcome(partition, Counts(), f"{partition.name}: not enough memory; use fewer --jobs")
    except OSError as error:
        reason = (error.strerror or one_line(error)).lower()
        return Outcome(partition, Counts(), f"{partition.name}: {reason}")
    except Exception as error:  # a fault of one partition must not end the others
        return Outcome(partition, Counts(), f"{partition.name}: {type(error).__name__}: {one_line(error)}")


def on_processes(partitions: Sequence[Partition], settings: Settings, jobs: int) -> Iterator[Outcome]:
    """Outcomes as they come, from ``jobs`` processes; one works here."""
    jobs = min(jobs, len(partitions))
    if jobs < 2:
        yield from (attempt(partition, settings) for partition in partitions)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import BrokenProcessPool

    tasks = (delayed(_attempt_as_child)(partition, settings, os.getpid()) for partition in partitions)
    try:
        yield from Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")(tasks)
    except BrokenProcessPool:
        raise InputError(
            "a process was ended from outside, perhaps for lack of memory; what is finished stays: run the same"
            " command again, with fewer --jobs"
        ) from None


def _attempt_as_child(partition: Partition, settings: Settings, parent: int) -> Outcome:
    _end_with(parent)
    return attempt(partition, settings)


@cache
def _end_with(parent: int) -> None:
    """End this process when its parent is gone: a run that was killed must not work on in the background."""

    def watch() -> None:
        while os.getppid() == parent:
            sleep(0.5)
        os._exit(1)

    Thread(target=watch, daemon=True).start()


def on_dask(partitions: Sequence[Partition], settings: Settings, address: str) -> Iterator[Outcome]:
    """Outcomes as they come, from the workers of a Dask cluster; the partitions of a lost worker go to others."""
    try:
        from distributed import Client, as_completed
        from distributed.comm.addressing import get_address_host_port
    except ModuleNotFoundError:
        raise InputError("--dask needs an extra; run: pip install 'framelens[dask]'") from None
    try:
        # a client of an address that is none cannot be closed
        get_address_host_port(address)
        client = Client(address, timeout=10, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"--dask {address}: no scheduler answers there: {one_line(error)}") from None
    with client:
        if not client.scheduler_info()["workers"]:
            raise InputError(f"--dask {address}: the cluster has no workers; start some with: dask worker {address}")
        futures = client.map(partial(attempt, settings=settings), partitions, pure=False)
        by_key = {future.key: partition for future, partition in zip(futures, partitions, strict=True)}
        for future in as_completed(futures, loop=client.loop):
            if fault := future.exception():
                name = by_key[future.key].name
                yield Outcome(by_key[future.key], Counts(), f"{name}: {type(fault).__name__}: {one_line(fault)}")
            else:
                yield future.result()
