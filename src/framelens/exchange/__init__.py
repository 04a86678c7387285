"""Codings from and to other tools: each format has a module with ``write`` and ``read``; joined by ``sentence_id``."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from framelens.codebook import VERSION, Codebook, major
from framelens.errors import InputError, reason_of
from framelens.exchange import argilla, doccano, label_studio, prodigy, table
from framelens.exchange.answers import Answer, Broken, Found, Item, Passed
from framelens.gold import UNDONE, Coding, Fault, LabelledSentence, LabelledSet
from framelens.labels import FINGERPRINT, is_time
from framelens.queues import Task

WRITERS: Mapping[str, Callable[[Sequence[Item], Codebook], str]] = {
    "doccano": doccano.write,
    "label-studio": label_studio.write,
    "prodigy": prodigy.write,
    "argilla": argilla.write,
    "csv": table.write,
}
READERS: Mapping[str, Callable[[str, Sequence[str]], Iterator[Found]]] = {
    "doccano": doccano.read,
    "label-studio": label_studio.read,
    "prodigy": prodigy.read,
    "argilla": argilla.read,
    "csv": table.read,
}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds: codings, what was passed over and why, and faults; with a fault, nothing is to be used."""

    codings: tuple[Coding, ...]
    passed: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def to_code(labels: LabelledSet, tasks: Iterable[Task]) -> list[Item]:
    """Sentences of a queue, to be coded elsewhere."""
    return [Item(task.sentence, labels.codebook.version, task.selected_by) for task in tasks]


def coded_by(labels: LabelledSet, coder: str) -> list[Item]:
    """What a coder has coded, where the text is on this machine, stale codings left out."""
    if coder not in labels.current:
        raise InputError(f"no codings by {coder!r}; the set has {', '.join(labels.current) or 'none'}")
    current = labels.current[coder]
    return [
        Item(one, labels.codebook.version, current[one.id].selected_by, current[one.id])
        for one in labels.sentences
        if one.text is not None and one.id in current and not labels.is_stale(current[one.id])
    ]


def write(kind: str, items: Sequence[Item], codebook: Codebook) -> bytes:
    """The file that a tool imports."""
    return WRITERS[kind](items, codebook).encode("utf-8")


def read_answers(path: Path, kind: str, labels: LabelledSet, *, now: str, annotator: str | None = None) -> Imported:
    """Codings from a file that a tool has exported; ``annotator`` takes those of one person alone.

    Raises ``InputError`` where the file cannot be read at all; everything else that is wrong becomes a fault.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; export it again, or save it as UTF-8") from None
    return joined(path, READERS[kind](text, labels.codebook.ids), kind, labels, now=now, annotator=annotator)


def joined(
    path: Path, found: Iterable[Found], kind: str, labels: LabelledSet, *, now: str, annotator: str | None
) -> Imported:
    """Answers joined to the sentences of the set; an answer that does not fit is a fault."""
    sentences = {one.id: one for one in labels.sentences}
    codings: dict[str, tuple[Answer, Coding]] = {}
    passed: Counter[str] = Counter()
    faults = []
    for one in found:
        if isinstance(one, Passed):
            passed[one.why] += 1
        elif isinstance(one, Broken):
            faults.append(Fault(path, one.line, one.why))
        elif annotator is not None and one.by != annotator:
            passed["by another annotator"] += 1
        elif wrong := _wrong(one, sentences, labels.codebook) or _twice(one, codings):
            faults.append(Fault(path, one.line, wrong))
        else:
            codings[one.sentence] = (one, _coding(one, sentences[one.sentence], kind, labels.codebook, now))
    return Imported(tuple(coding for _, coding in codings.values()), dict(passed), tuple(faults))


def _wrong(answer: Answer, sentences: Mapping[str, LabelledSentence], codebook: Codebook) -> str:
    if not answer.sentence:
        return "no sentence_id; answers are joined by it alone, so export the sentences with: framelens export"
    if answer.sentence not in sentences:
        return f"sentence {answer.sentence!r} is not in the labelled set"
    if answer.meta.get("selected_by") == UNDONE:
        return f"sentence {answer.sentence!r}: selected_by is {UNDONE!r}, which takes a coding back; take the line out"
    if answer.meta.get("fingerprint") and not FINGERPRINT.fullmatch(answer.meta["fingerprint"]):
        return f"sentence {answer.sentence!r}: fingerprint is {answer.meta['fingerprint']!r}, not 16 hexadecimal digits"
    if answer.meta.get("codebook") and not VERSION.fullmatch(answer.meta["codebook"]):
        return f"sentence {answer.sentence!r}: codebook version is {answer.meta['codebook']!r}, not MAJOR.MINOR"
    if answer.meta.get("coded_at") and not is_time(answer.meta["coded_at"]):
        return f"sentence {answer.sentence!r}: coded_at is {answer.meta['coded_at']!r}; give it as YYYY-MM-DD"
    if major(answer.meta.get("codebook") or codebook.version) != codebook.major:
        return ""  # stale, and told as such by ``data check``; its frames may be gone
    try:
        codebook.parse_frames(" ".join(answer.frames))
    except ValueError as error:
        return f"sentence {answer.sentence!r}: {error}"
    return ""


def _twice(answer: Answer, codings: Mapping[str, tuple[Answer, Coding]]) -> str:
    if answer.sentence not in codings:
        return ""
    first, _ = codings[answer.sentence]
    hint = f"; by {first.by!r} and {answer.by!r}: choose one with --annotator" if first.by != answer.by else ""
    return f"sentence {answer.sentence!r} was answered already, in line {first.line}{hint}"


def _coding(answer: Answer, sentence: LabelledSentence, kind: str, codebook: Codebook, now: str) -> Coding:
    """An answer as a coding, of the text that was shown where the tool has kept its fingerprint."""
    meta = answer.meta
    return Coding(
        sentence=answer.sentence,
        fingerprint=meta.get("fingerprint") or sentence.fingerprint,
        frames=frozenset(answer.frames),
        codebook=meta.get("codebook") or codebook.version,
        selected_by=meta.get("selected_by") or f"import {kind}",
        coded_at=meta.get("coded_at") or now,
        note=meta.get("note", ""),
    )
