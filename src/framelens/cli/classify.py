"""``classify`` and ``summarize``: frames of articles."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framelens.cli.app import app
from framelens.cli.options import (
    AbstainOption,
    ColumnOption,
    FormatOption,
    LanguageOption,
    ModelOption,
    OutputOption,
    Paths,
    ThresholdOption,
    known_language,
    load_classifier,
    output_kind,
    tell_abstention,
)
from framelens.errors import InputError
from framelens.quotations import MOSTLY
from framelens.write import travelling_names, whole_file, write_rows

if TYPE_CHECKING:
    from framelens.abstain import Abstention
    from framelens.explained import Why
    from framelens.read import Document
    from framelens.score import ClassifiedSentence, Classifier

SENTENCE_COLUMNS = ("article", "position", "start", "end", "text", "quoted", "frames")


@app.command(epilog="Example: framelens classify articles/ --output sentences.csv")
def classify(
    paths: Paths,
    format_: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    text_column: ColumnOption = None,
    threshold: ThresholdOption = None,
    language: LanguageOption = "en",
    voice: Annotated[
        bool,
        typer.Option("--voice", help="Add the column speaker: who is said to speak, as it stands in the sentence."),
    ] = False,
    abstain_below: AbstainOption = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say which words decided, in a column why; framelens explain tells everything."),
    ] = False,
) -> None:
    """Say which frames each sentence carries: one row a sentence.

    Columns: article, position, start, end (characters in the text as read), text, quoted (share inside quotation
    marks), frames, p_FRAME (probability of each frame), then the columns that travel along. --voice adds speaker,
    --abstain-below adds certainty and abstained, behind frames; --explain adds why behind p_FRAME (JSON: for each frame
    that is present, the words that add most to its log-odds, and what each adds).
    """
    from framelens.terminal import console_on
    from framelens.terminal.sentences import print_sentences, with_progress

    kind = output_kind(format_, output)
    classifier = load_classifier(model, threshold)
    documents = read_documents(paths, text_column, output)
    abstention = _abstention(abstain_below)
    added = [*(["speaker"] if voice else []), *(["certainty", "abstained"] if abstention else [])]
    scored = with_progress(classifier.classify_documents(documents, known_language(language)), len(documents))
    classified = _with_added(scored, classifier, voice, abstention, explain)
    if kind == "table":
        with console_on(output) as console:
            print_sentences(console, classified, classifier.model.codebook, added)
    else:
        chances = [f"p_{frame}" for frame in classifier.frames]
        own = [*SENTENCE_COLUMNS, *added, *chances, *(["why"] if explain else [])]
        travelling = _travelling(documents, own)
        rows = (
            _row(document, sentence, cells, own, travelling)
            for document, sentences, more in classified
            for sentence, cells in zip(sentences, more, strict=True)
        )
        _write(kind, output, [*own, *travelling.values()], rows)
    if abstention:
        kept = 1 - abstention.withheld / max(abstention.sentences, 1)
        tell_abstention(abstention.told(), model, classifier.model.card, kept, threshold)


@app.command(epilog="Example: framelens summarize articles/ --format csv > articles.csv")
def summarize(
    paths: Paths,
    format_: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    text_column: ColumnOption = None,
    threshold: ThresholdOption = None,
    language: LanguageOption = "en",
    voice: Annotated[
        bool, typer.Option("--voice", help="Add how many of the sentences with each frame are quoted.")
    ] = False,
) -> None:
    """Count frames per article: one row an article.

    Columns: article, sentences, share_FRAME (share of its sentences that carry the frame), then the columns that
    travel along. Shares count what the model calls present, with the model's errors. --voice adds quoted (share of the
    sentences of which half or more stands inside quotation marks) and quoted_FRAME (the same of those that carry the
    frame; empty without any): what a source says in its own words. The rest is told by the journalist.
    """
    from framelens.terminal import console_on, print_rows
    from framelens.terminal.sentences import with_progress

    kind = output_kind(format_, output)
    classifier = load_classifier(model, threshold)
    documents = read_documents(paths, text_column, output)
    classified = with_progress(classifier.classify_documents(documents, known_language(language)), len(documents))
    by_voice = ["quoted", *(f"quoted_{frame}" for frame in classifier.frames)] if voice else []
    own = ["article", "sentences", *(f"share_{frame}" for frame in classifier.frames), *by_voice]
    travelling = _travelling(documents, own)
    columns = [*own, *travelling.values()]
    rows = (_summary(document, sentences, classifier.frames, voice, travelling) for document, sentences in classified)
    if kind == "table":
        with console_on(output) as console:
            print_rows(console, columns, rows)
    else:
        _write(kind, output, columns, rows)


def read_documents(paths: Sequence[str], text_column: str | None, output: Path | None) -> "list[Document]":
    """All documents, read before anything is scored, so that bad input ends the run before any output."""
    from framelens.read import read
    from framelens.terminal import note

    if output and output.is_file() and any(Path(path).exists() and output.samefile(path) for path in paths):
        raise InputError(f"{output}: is input and --output at once; write to another file")
    documents = list(read(paths, text_column, leave_out=output))
    for document in documents:
        for line in document.notes:
            note(f"note: {line}")
    if empty := sum(not document.text for document in documents):
        note(f"note: {empty} of {len(documents)} rows have no text")
    if not documents:
        note("note: the tables have no rows")
    return documents


def _travelling(documents: "Sequence[Document]", taken: Sequence[str]) -> dict[str, str]:
    """Columns that travel along, and the names they get."""
    return travelling_names((key for document in documents for key in document.columns), taken)


def _abstention(below: float | None) -> "Abstention | None":
    if below is None:
        return None
    from framelens.abstain import Abstention

    return Abstention(below)


def _with_added(
    classified: "Iterable[tuple[Document, tuple[ClassifiedSentence, ...]]]",
    classifier: "Classifier",
    voice: bool,
    abstention: "Abstention | None",
    explain: bool,
) -> "Iterator[tuple[Document, tuple[ClassifiedSentence, ...], list[dict[str, Any]]]]":
    """Each document with its sentences, and for each sentence the cells of the columns that were asked for, by name."""
    from framelens.speakers import speakers

    why = _why(classifier) if explain else None
    for document, sentences in classified:
        added: list[dict[str, Any]] = [{} for _ in sentences]
        if voice:
            for cells, name in zip(added, speakers(document.text, sentences), strict=True):
                cells["speaker"] = name
        if abstention:
            sentences, certain = abstention.apply(sentences)
            for cells, sure in zip(added, certain.tolist(), strict=True):
                cells |= {"certainty": round(sure, 6), "abstained": sure < abstention.below}
        if why:
            for cells, reasons in zip(added, why(sentences), strict=True):
                cells["why"] = reasons
        yield document, sentences, added


def _why(classifier: "Classifier") -> "Why":
    """What tells the words that decided the sentences of an article."""
    from framelens.explain import Explainer
    from framelens.explained import decided

    explainer = Explainer(classifier.model)
    return lambda sentences: decided(sentences, explainer)


def _row(
    document: "Document",
    sentence: "ClassifiedSentence",
    added: Mapping[str, Any],
    own: Iterable[str],
    travelling: Iterable[str],
) -> list[Any]:
    cells = {
        "article": document.article,
        "position": sentence.position,
        "start": sentence.start,
        "end": sentence.end,
        "text": sentence.text,
        "quoted": round(sentence.quoted, 4),
        "frames": list(sentence.frames),
        **added,
        **{f"p_{frame}": round(chance, 6) for frame, chance in sentence.probabilities.items()},
    }
    return [*map(cells.__getitem__, own), *(document.columns.get(key) for key in travelling)]


def _summary(
    document: "Document",
    sentences: "Sequence[ClassifiedSentence]",
    frames: Sequence[str],
    voice: bool,
    travelling: Iterable[str],
) -> list[Any]:
    carrying = [[one for one in sentences if frame in one.frames] for frame in frames]
    shares = [round(len(each) / len(sentences), 6) if sentences else None for each in carrying]
    quoted = [_quoted(each) for each in (sentences, *carrying)] if voice else []
    return [document.article, len(sentences), *shares, *quoted, *(document.columns.get(key) for key in travelling)]


def _quoted(sentences: "Sequence[ClassifiedSentence]") -> float | None:
    """Share of the sentences that are quoted; ``None`` without any."""
    return round(sum(one.quoted >= MOSTLY for one in sentences) / len(sentences), 6) if sentences else None


def _write(kind: str, output: Path | None, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    if output:
        with whole_file(output) as file:
            write_rows(file, kind, columns, rows)
    else:
        write_rows(sys.stdout.buffer, kind, columns, rows)
