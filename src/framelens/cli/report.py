"""``report``: a corpus on one page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from framelens.cli.app import app
from framelens.cli.classify import read_documents
from framelens.cli.options import (
    ColumnOption,
    DrawnOption,
    LanguageOption,
    ModelOption,
    OutputOption,
    known_language,
    load_classifier,
    write_text,
)
from framelens.errors import InputError

if TYPE_CHECKING:
    from framelens.classified import Classified
    from framelens.sampled import Sample
    from framelens.streamed import ClassifiedArticle, Columns, Corpus

EXAMPLES = """Example: framelens report articles/ --output report.html

Of a large corpus: framelens classify-corpus corpus/ frames/, then framelens report frames/ -o report.html"""


@app.command(epilog=EXAMPLES)
def report(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Articles, as for classify; or what classify or classify-corpus wrote: one file, or one folder.",
            show_default=False,
        ),
    ],
    output: OutputOption = None,
    coded: Annotated[
        Path | None,
        typer.Option(
            metavar="SAMPLE",
            help="A random coded sample of the corpus, as for prevalence: shares get 95% intervals.",
            show_default=False,
        ),
    ] = None,
    drawn_at_random: DrawnOption = False,
    model: ModelOption = None,
    text_column: ColumnOption = None,
    date_column: Annotated[str, typer.Option(metavar="COLUMN", help="Column with dates YYYY-MM-DD.")] = "date",
    outlet_column: Annotated[str, typer.Option(metavar="COLUMN", help="Column with the outlet.")] = "outlet",
    language: LanguageOption = "en",
) -> None:
    """Make one page of a corpus (HTML): what was read, frames by article, time and outlet, telling sentences, method.

    It opens without a network, prints, and has a table for each plot. Shares are counts of what the model calls
    present, and called so, unless a coded sample corrects them. A corpus of any size is read article by article;
    --coded keeps its scores in memory, as prevalence does.
    """
    from framelens import __version__
    from framelens.corpus_report import page
    from framelens.model import shipped_path
    from framelens.sampled import read_sample
    from framelens.shares import shares
    from framelens.storage import sha256_of
    from framelens.streamed import Columns, Corpus, is_classified, of_documents
    from framelens.survey import survey

    classifier, known = load_classifier(model, None), known_language(language)
    sha256 = sha256_of(model or shipped_path())
    columns = Columns(date=date_column, outlet=outlet_column)
    sample = read_sample(coded, drawn_at_random=drawn_at_random) if coded else None
    if any(is_classified(Path(path)) for path in paths):
        corpus, scores = _classified(paths, columns, sample)
    else:
        documents = read_documents(paths, text_column, output)
        articles = _counted(of_documents(classifier, documents, columns, known), len(documents))
        notes = tuple(line for document in documents for line in document.notes)
        name = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
        way = {"framelens": __version__, "model": sha256, "thresholds": {}}
        corpus, scores = _kept(Corpus(name, classifier.frames, articles, way, notes), sample)
    corrected = shares(scores, sample) if scores and sample else None
    write_text(output, page(survey(corpus, classifier, sha256, corrected)))


def _classified(paths: list[str], columns: "Columns", sample: "Sample | None") -> "tuple[Corpus, Classified | None]":
    """What was written before, to be read as a stream, and its scores where a sample is to correct them."""
    from framelens.classified import read_classified
    from framelens.streamed import read_corpus

    if len(paths) > 1:
        raise InputError(f"{paths[0]} and others: give one file or folder that classify or classify-corpus wrote")
    corpus = read_corpus(Path(paths[0]), columns)
    scores = read_classified(Path(paths[0]), texts=sample.fingerprints is not None) if sample else None
    return replace(corpus, articles=_counted(corpus.articles, None)), scores


def _kept(corpus: "Corpus", sample: "Sample | None") -> "tuple[Corpus, Classified | None]":
    """The same corpus, and its scores where a sample is to correct them."""
    from framelens.streamed import together

    if sample is None:
        return corpus, None
    articles = list(corpus.articles)
    return replace(corpus, articles=iter(articles)), together(corpus.name, corpus.frames, articles)


def _counted(articles: "Iterator[ClassifiedArticle]", total: int | None) -> "Iterator[ClassifiedArticle]":
    """The same articles, counted on a bar."""
    from framelens.terminal import progress_bar

    with progress_bar("articles", shown=total != 1) as progress:
        for done, one in enumerate(articles, start=1):
            yield one
            progress.update(progress.task_ids[0], completed=done, total=total)
