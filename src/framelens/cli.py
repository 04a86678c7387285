"""The command line: parse, call once, print. Results go to standard output, everything else to standard error."""

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
from typer.core import TyperGroup

from framelens.errors import InputError
from framelens.write import json_text, whole_file, write_rows

if TYPE_CHECKING:
    from framelens.gold import LabelledSet
    from framelens.read import Document
    from framelens.score import ClassifiedSentence, Classifier

Format = Literal["table", "csv", "jsonl", "parquet"]
Origin = Literal["all", "written", "source"]


class Commands(TyperGroup):
    """Turns what a user can mend into one line on standard error and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except InputError as error:
            _fail(str(error))
        except BrokenPipeError:
            # nothing more can be printed: keep the interpreter from trying at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            _fail("standard output was closed before all was written; use --output FILE to keep everything")
        except KeyboardInterrupt:
            _fail("interrupted; no half-written file is left", code=130)
        except MemoryError:
            _fail("not enough memory; give fewer or smaller files at a time")
        except OSError as error:
            _fail(f"{error.filename or 'output'}: {(error.strerror or str(error)).lower()}")
        return value


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH...",
        help="Articles: .txt .md .html .docx .pdf, tables .csv .tsv .jsonl .parquet (a row is an article), folders of"
        " these, or - for standard input.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        help="Default: by the ending of --output, a table to a terminal, CSV to a pipe.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write here; the file appears when it is whole.",
        show_default=False,
        readable=False,
    ),
]
ModelOption = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="A model of your own (.npz). Default: the shipped one.",
        show_default=False,
        readable=False,
    ),
]
ColumnOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Column of a table that holds the text. Default: text.", show_default=False),
]
ThresholdOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FRAME=P", help="Call a frame present from this probability on; may be repeated.", show_default=False
    ),
]
LanguageOption = Annotated[str, typer.Option(metavar="CODE", help="Language, for finding where sentences end.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Classify news sentences by frame: how the news talks about people, not only what about.",
    epilog="Start with: framelens classify ARTICLE.txt",
)
data_app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The labelled set: check it.")
model_app = typer.Typer(
    no_args_is_help=True, rich_markup_mode="markdown", help="The trained model: what it is and how good."
)
app.add_typer(data_app, name="data")
app.add_typer(model_app, name="model")

SENTENCE_COLUMNS = ("article", "position", "start", "end", "text", "quoted", "frames")


@app.callback(invoke_without_command=True)
def start(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    """Classify news sentences by frame."""
    if version:
        from framelens import __version__

        typer.echo(f"framelens {__version__}")
        raise typer.Exit


@app.command(epilog="Example: framelens classify articles/ --output sentences.csv")
def classify(
    paths: Paths,
    format_: FormatOption = None,
    output: OutputOption = None,
    model: ModelOption = None,
    text_column: ColumnOption = None,
    threshold: ThresholdOption = None,
    language: LanguageOption = "en",
) -> None:
    """Say which frames each sentence carries: one row a sentence.

    Columns: article, position, start, end (characters in the text as read), text, quoted (share inside quotation
    marks), frames, p_FRAME (probability of each frame), then the columns that travel along.
    """
    from framelens.terminal import console_on, print_sentences, with_progress

    kind = _kind(format_, output)
    classifier = _classifier(model, threshold)
    documents = _read(paths, text_column, output)
    classified = with_progress(classifier.classify_documents(documents, _language(language)), len(documents))
    if kind == "table":
        with console_on(output) as console:
            print_sentences(console, classified, classifier.model.codebook)
        return
    own = [*SENTENCE_COLUMNS, *(f"p_{frame}" for frame in classifier.frames)]
    travelling = _travelling(documents, own)
    rows = (_row(document, sentence, travelling) for document, sentences in classified for sentence in sentences)
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
    from framelens.terminal import console_on, print_rows, with_progress

    kind = _kind(format_, output)
    classifier = _classifier(model, threshold)
    documents = _read(paths, text_column, output)
    classified = with_progress(classifier.classify_documents(documents, _language(language)), len(documents))
    own = ["article", "sentences", *(f"share_{frame}" for frame in classifier.frames)]
    travelling = _travelling(documents, own)
    columns = [*own, *travelling.values()]
    rows = (_summary(document, sentences, classifier.frames, travelling) for document, sentences in classified)
    if kind == "table":
        with console_on(output) as console:
            print_rows(console, columns, rows)
    else:
        _write(kind, output, columns, rows)


@data_app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The labelled set.")] = Path("data"),
    as_json: JsonOption = False,
) -> None:
    """Check every file of the labelled set; name file and line of each fault.

    Prints how many sentences are gold, disputed, stale, uncoded and without text, and the coders' agreement. Exit
    code 1 if there is a fault.
    """
    from framelens.labels import read_labels
    from framelens.terminal import console_on, note, print_check

    labels = read_labels(folder)
    for fault in labels.faults:
        note(str(fault))
    for coder, coding in labels.stale_codings:
        note(f"{folder / 'codings' / coder}.csv: {coding.sentence} is stale: text or codebook changed; code it again")
    counts, alpha = labels.counts(), labels.agreement()
    gold = {frame: sum(frame in frames for frames in labels.gold.values()) for frame in labels.codebook.ids}
    if as_json:
        faults = [str(fault) for fault in labels.faults]
        typer.echo(json_text({**counts, "gold_per_frame": gold, "alpha": alpha, "faults": faults}))
    else:
        with console_on(None) as console:
            print_check(console, counts, gold, alpha, len(labels.faults))
    if labels.faults:
        raise typer.Exit(1)


@app.command(epilog="Example: framelens train --data my-data --output my-models/frames.npz")
def train(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The model to write.")] = Path(
        "models/frames.npz"
    ),
    origin: Annotated[Origin, typer.Option(help="Train on articles of this origin only.")] = "all",
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds and of the bootstrap.")] = 2026,
    as_json: JsonOption = False,
) -> None:
    """Train a model on the gold sentences; show its figures beside those of the model that it replaces.

    Figures come from cross-validation in which no article (nor its restatement) is both trained on and tested on.
    Writes FILE (arrays), its card as .json and a scikit-learn estimator as .joblib; the old files stay until the new
    are whole.
    """
    from framelens.retrain import retrain
    from framelens.terminal import console_on, print_card, print_change, progress_bar

    if output.suffix != ".npz":
        raise typer.BadParameter(f"{output} does not end in .npz", param_hint="--output")
    labels = _labels(data, withheld=origin != "written")
    with progress_bar("cross-validation") as progress:
        result = retrain(
            labels,
            output,
            origin=origin,
            seed=seed,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if as_json:
        typer.echo(json_text({**result.card, "sha256": result.sha256}))
        return
    with console_on(None) as console:
        print_card(console, result.card)
        if result.replaced and "figures" in result.replaced:
            print_change(console, result.card, result.replaced)
        console.print(f"{output}: SHA-256 {result.sha256}", soft_wrap=True)


@app.command(epilog="Example: framelens evaluate --origin written --html figures.html")
def evaluate(
    data: Annotated[Path, typer.Option(metavar="FOLDER", help="The labelled set.")] = Path("data"),
    origin: Annotated[
        Literal["all", "written"], typer.Option(help="Evaluate on articles of this origin only.")
    ] = "all",
    folds: Annotated[int, typer.Option(min=2, max=100, help="Parts that are left out in turn.")] = 8,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the folds and of the bootstrap.")] = 2026,
    baselines: Annotated[bool, typer.Option(help="Print keyword lists and plain TF-IDF beside ours.")] = True,
    learning_curve: Annotated[
        bool, typer.Option("--learning-curve", help="Train on shares of the articles too; takes twice the time.")
    ] = False,
    errors: Annotated[int, typer.Option(min=0, metavar="N", help="List so many mistakes of each kind.")] = 10,
    compare: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Compare with the --scores of another model; may be repeated.",
            show_default=False,
            readable=False,
        ),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the score of each sentence here (CSV).", show_default=False, readable=False
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with plots here.", show_default=False, readable=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how good the model is on articles that it has not seen, and how sure that is.

    Trains anew in each fold and never parts an article (nor its restatement). Prints figures with intervals from a
    bootstrap over articles, calibration, agreement with gold, false alarms, baselines on the same folds, and mistakes.
    """
    from framelens.assess import Plan, assess, gold_of
    from framelens.held_out import read_scores, write_scores
    from framelens.report import page, require_plots
    from framelens.terminal import console_on, print_assessment, progress_bar
    from framelens.train import FrameClassifier

    if html:
        require_plots()
    for path in filter(None, (html, scores)):
        _require_folder(path)
    gold = gold_of(_labels(data, withheld=origin != "written"), origin)
    others = {str(path): read_scores(path, gold) for path in compare or ()}
    plan = Plan(folds, seed, baselines, learning_curve, errors)
    with progress_bar("cross-validation") as progress:
        assessment = assess(
            gold,
            FrameClassifier(seed=seed),
            plan,
            origin=origin,
            others=others,
            progress=lambda done, of: progress.update(progress.task_ids[0], completed=done, total=of),
        )
    if scores:
        write_scores(scores, gold, assessment.held_out)
    if html:
        with whole_file(html) as file:
            file.write(page(assessment).encode("utf-8", "replace"))
    if as_json:
        typer.echo(json_text(assessment.as_dict()))
    else:
        with console_on(None) as console:
            print_assessment(console, assessment)


@model_app.command()
def show(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """Print what a model was trained on and its figures, from the card inside the file."""
    from framelens.terminal import console_on, print_card

    card = _classifier(model, None).model.card
    if as_json:
        typer.echo(json_text(card))
    else:
        if not {"codebook", "data", "figures"} <= card.keys():
            raise InputError("this model's card has no figures; train it with: framelens train")
        with console_on(None) as console:
            print_card(console, card)


def _labels(folder: Path, *, withheld: bool) -> "LabelledSet":
    """The labelled set without any fault; ``withheld`` tells how much of it has no text here."""
    from framelens.labels import read_labels
    from framelens.terminal import note

    labels = read_labels(folder)
    if labels.faults:
        raise InputError(f"{folder}: {len(labels.faults)} faults; see them with: framelens data check {folder}")
    if withheld and (missing := labels.counts()["gold without text"]):
        note(
            f"{missing} labelled sentences have no text here and are left out; put their articles in {folder}/articles"
        )
    return labels


def _classifier(model: Path | None, thresholds: Sequence[str] | None) -> "Classifier":
    from framelens.score import load

    changes = {}
    for pair in thresholds or ():
        frame, _, value = pair.partition("=")
        try:
            changes[frame.strip()] = float(value)
        except ValueError:
            raise typer.BadParameter(
                f"{pair!r} is not FRAME=P, such as vilification=0.5", param_hint="--threshold"
            ) from None
    return load(model).with_thresholds(changes)


def _read(paths: Sequence[str], text_column: str | None, output: Path | None) -> "list[Document]":
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


def _language(code: str) -> str:
    from framelens.segment import LANGUAGE

    if not LANGUAGE.fullmatch(code):
        raise typer.BadParameter(f"{code!r} is no language code, such as en or ru", param_hint="--language")
    return code


def _kind(format_: Format | None, output: Path | None) -> str:
    if format_ == "parquet" and not output and sys.stdout.isatty():
        raise typer.BadParameter("parquet is no text; add --output FILE, or pipe it on", param_hint="--format")
    if format_:
        return format_
    if output:
        ending = output.suffix.lower().removeprefix(".")
        if ending not in ("csv", "jsonl", "parquet") and (output.is_file() or not output.exists()):
            raise typer.BadParameter(
                f"{output} does not end in .csv, .jsonl or .parquet; add --format", param_hint="--output"
            )
        return ending if ending in ("jsonl", "parquet") else "csv"
    return "table" if sys.stdout.isatty() else "csv"


def _travelling(documents: "Sequence[Document]", taken: Sequence[str]) -> dict[str, str]:
    """Columns that travel along, and the names they get: one that is taken gets ``input_`` before it."""
    keys = dict.fromkeys(key for document in documents for key in document.columns)
    names: dict[str, str] = {}
    for key in keys:
        name = key
        while name in taken or name in names.values() or (name != key and name in keys):
            name = f"input_{name}"
        names[key] = name
    return names


def _row(document: "Document", sentence: "ClassifiedSentence", travelling: Iterable[str]) -> list[Any]:
    return [
        document.article,
        sentence.position,
        sentence.start,
        sentence.end,
        sentence.text,
        round(sentence.quoted, 4),
        list(sentence.frames),
        *(round(chance, 6) for chance in sentence.probabilities.values()),
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


def _require_folder(path: Path) -> None:
    """Raise ``InputError`` before long work whose result could not be written."""
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{path}: cannot be written: {path.parent} is no folder that can be written to")


def _fail(message: str, code: int = 1) -> NoReturn:
    from framelens.terminal import note

    note(f"framelens: {message}")
    raise typer.Exit(code)
