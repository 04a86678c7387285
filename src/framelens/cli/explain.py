"""``explain``: why sentences have their frames."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import LanguageOption, ModelOption, OutputOption, known_language, load_classifier, write_text
from framelens.errors import InputError
from framelens.write import json_text

if TYPE_CHECKING:
    from framelens.explained import Explained
    from framelens.read import Document
    from framelens.score import Classifier


@app.command(epilog="Example: framelens explain article.txt --frame vilification --format html --output why.html")
def explain(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT|FILE",
            help="An article: a file, - for standard input, or the text itself.",
            show_default=False,
        ),
    ],
    frame: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FRAME",
            help="Explain this frame; may be repeated. Default: the frames present, else the likeliest.",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[
        Literal["table", "html", "json"], typer.Option("--format", "-f", help="json has every contribution.")
    ] = "table",
    output: OutputOption = None,
    subwords: Annotated[bool, typer.Option("--subwords", help="In JSON, tell what each part of a word adds.")] = False,
    model: ModelOption = None,
    language: LanguageOption = "en",
) -> None:
    """Say why: what each word, pair and subword, the sentences around and the form of the sentence add to its score.

    Contributions are log-odds and add up exactly to the log-odds of the probability that classify gives. What the words
    around add is told by sentence; "subject of the article" is what is taken off because the article may be about
    something else.
    """
    from framelens.explained import page
    from framelens.terminal import console_on
    from framelens.terminal.explained import print_explained

    classifier = load_classifier(model, None)
    chosen = _chosen(classifier, frame or [])
    articles = _explained(classifier, _documents(text), known_language(language), subwords)
    if format_ == "table":
        with console_on(output) as console:
            print_explained(console, articles, classifier.model.codebook, chosen)
        return
    if format_ == "html":
        written = page(articles, classifier.model.codebook, chosen)
    else:
        found = [{"article": name, "sentences": [one.as_dict(chosen) for one in each]} for name, each in articles]
        written = json_text(found) + "\n"
    write_text(output, written)


def _chosen(classifier: "Classifier", frames: list[str]) -> list[str]:
    for frame in frames:
        if frame not in classifier.frames:
            raise InputError(f"no frame {frame!r}; the model has {', '.join(classifier.frames)}")
    return frames


def _documents(text: str) -> "list[Document]":
    """The articles of a file, or the text itself; what looks like a path must be one."""
    from framelens.read import READERS, Document, read

    # an empty path would name the current folder
    if not text.strip():
        raise InputError("the text is empty; give a file, - for standard input, or a text")
    try:
        there = text == "-" or Path(text).exists()
    except OSError:  # a text may be too long for a name
        there = False
    if there or (Path(text).suffix.lower() in READERS and " " not in text):
        return list(read(text))
    return [Document("(text)", text)]


def _explained(
    classifier: "Classifier", documents: "list[Document]", language: str, subwords: bool
) -> "Iterator[tuple[str, list[Explained]]]":
    from framelens.explain import Explainer
    from framelens.explained import explained

    explainer = Explainer(classifier.model, subwords)
    for document, sentences in classifier.classify_documents(documents, language):
        yield document.article, explained(sentences, explainer)
