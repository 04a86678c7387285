"""``classify`` and ``summarize``: frames of articles."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from framelens.cli.app import app
from framelens.cli.options import (
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
)
from framelens.errors import InputError
from framelens.write import travelling_names, whole_file, write_rows

if TYPE_CHECKING:
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
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Say which words decided, in a column why; framelens explain tells everything."),
    ] = False,
) -> None:
    """Say which frames each sentence carries: one row a sentence.

    Columns: article, position, start, end (characters in the text as read), text, quoted (share inside quotation
    marks), frames, p_FRAME (probability of each frame), with --explain why (JSON: for each frame that is present, the
    words that add most to its log-odds, and what each adds), then the columns that travel along.
    """
    from framelens.terminal import console_on
    from framelens.terminal.sentences import print_sentences, with_progress

    kind = output_kind(format_, output)
    classifier = load_classifier(model, threshold)
    documents = read_documents(paths, text_column, output)
    classified = with_progress(classifier.classify_documents(documents, known_language(language)), len(documents))
    why = _why(classifier) if explain else None
    if kind == "table":
        with console_on(output) as console:
            print_sentences(console, classified, classifier.model.codebook, why)
        return
    own = [*SENTENCE_COLUMNS, *(f"p_{frame}" for frame in classifier.frames), *(["why"] if why else [])]
    travelling = _travelling(documents, own)
    rows = (
        _row(document, sentence, reasons, travelling)
        for document, sentences in classified
        for sentence, reasons in zip(sentences, _cells(sentences, why), strict=True)
    )
    _write(kind, output, [*own, *travelling.values()], rows)


@app.command(epilog="Example: framelens summarize articles/ --format csv > articles.csv")
def summarize(
    paths: Paths,
    format_: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    text_column: ColumnOption = None,
    threshold: ThresholdOption = None,
    language: LanguageOption = "en",
) -> None:
    """Count frames per article: one row an article.

    Columns: article, sentences, share_FRAME (share of its sentences that carry the frame), then the columns that
    travel along. Shares count what the model calls present, with the model's errors.
    """
    from framelens.terminal import console_on, print_rows
    from framelens.terminal.sentences import with_progress

    kind = output_kind(format_, output)
    classifier = load_classifier(model, threshold)
    documents = read_documents(paths, text_column, output)
    classified = with_progress(classifier.classify_documents(documents, known_language(language)), len(documents))
    own = ["article", "sentences", *(f"share_{frame}" for frame in classifier.frames)]
    travelling = _travelling(documents, own)
    columns = [*own, *travelling.values()]
    rows = (_summary(document, sentences, classifier.frames, travelling) for document, sentences in classified)
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


def _why(classifier: "Classifier") -> "Why":
    """What tells the words that decided the sentences of an article."""
    from framelens.explain import Explainer
    from framelens.explained import decided

    explainer = Explainer(classifier.model)
    return lambda sentences: decided(sentences, explainer)


def _cells(sentences: "Sequence[ClassifiedSentence]", why: "Why | None") -> list[list[Any]]:
    """Cells of the column why, none where it was not asked for."""
    return [[reasons] for reasons in why(sentences)] if why else [[] for _ in sentences]


def _row(
    document: "Document", sentence: "ClassifiedSentence", reasons: list[Any], travelling: Iterable[str]
) -> list[Any]:
    return [
        document.article,
        sentence.position,
        sentence.start,
        sentence.end,
        sentence.text,
        round(sentence.quoted, 4),
        list(sentence.frames),
        *(round(chance, 6) for chance in sentence.probabilities.values()),
        *reasons,
        *(document.columns.get(key) for key in travelling),
    ]


def _summary(
    document: "Document",
    sentences: "Sequence[ClassifiedSentence]",
    frames: Sequence[str],
    travelling: Iterable[str],
) -> list[Any]:
    counts = (sum(frame in sentence.frames for sentence in sentences) for frame in frames)
    shares = (round(count / len(sentences), 6) if sentences else None for count in counts)
    return [document.article, len(sentences), *shares, *(document.columns.get(key) for key in travelling)]


def _write(kind: str, output: Path | None, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    if output:
        with whole_file(output) as file:
            write_rows(file, kind, columns, rows)
    else:
        write_rows(sys.stdout.buffer, kind, columns, rows)
