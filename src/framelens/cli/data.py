"""``data`` and ``add``: the labelled set, and new articles for it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from framelens.cli.app import app, data_app
from framelens.cli.options import ColumnOption, JsonOption, Paths, known_language
from framelens.errors import InputError
from framelens.write import json_text


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
    from framelens.terminal import console_on, note
    from framelens.terminal.figures import print_check

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


@data_app.command()
def voice(
    sample: Annotated[Path, typer.Argument(metavar="[SAMPLE]", help="Sentences coded for voice (CSV).")] = Path(
        "data/voice/sample.csv"
    ),
    as_json: JsonOption = False,
) -> None:
    """Measure how well quotations and speakers are read, on sentences that were coded by hand.

    A share of quotation counts as right within 0.02. Speakers are measured as they stand: precision is the share of
    those named that are the coded words, recall the share of the coded ones that are named. Mistakes are listed.
    """
    from framelens.terminal import console_on
    from framelens.terminal.figures import print_voice
    from framelens.voice import measure, read_sample

    found = measure(read_sample(sample))
    if as_json:
        typer.echo(json_text(found.as_dict()))
    else:
        with console_on(None) as console:
            print_voice(console, found)


@app.command(epilog="Example: framelens add letter.txt --outlet 'The Quay' --date 2026-05-01")
def add(
    paths: Paths,
    data: Annotated[Path, typer.Option("--data", metavar="FOLDER", help="The labelled set.")] = Path("data"),
    origin: Annotated[
        Literal["written", "source"],
        typer.Option(help="source: the text belongs to others and stays in FOLDER/articles; written: free to share."),
    ] = "source",
    id_: Annotated[
        str | None,
        typer.Option("--id", metavar="ID", help="Id of the article. Default: from the file name.", show_default=False),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(help="Title. Default: what the article says.", show_default=False),
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="Who published it.", show_default=False)] = None,
    date: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="When it was published.", show_default=False)
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where it was published.", show_default=False)] = None,
    genre: Annotated[str | None, typer.Option(help="Such as news report or opinion.", show_default=False)] = None,
    topic: Annotated[str | None, typer.Option(help="Topic or country.", show_default=False)] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Articles that tell the same share one. Default: its id.", show_default=False),
    ] = None,
    subject: Annotated[
        str, typer.Option(help="What it is about; 'other' where that is not what the codebook is about.")
    ] = "leavers",
    language: Annotated[str, typer.Option(metavar="CODE", help="Language of the articles.")] = "en",
    text_column: ColumnOption = None,
) -> None:
    """Add articles to the labelled set, to be coded: all of them, or none where one cannot be added.

    They are read and split into sentences as by classify. Text of articles that belong to others (the default) is
    kept in FOLDER/articles, out of git; the labelled set gets fingerprints of their sentences.
    """
    from framelens.intake import add as add_articles
    from framelens.intake import prepare
    from framelens.read import read
    from framelens.terminal import note

    if not (data / "codebook.toml").is_file():
        raise InputError(
            f"{data}: no labelled set: it has no codebook.toml; name its folder with --data, or begin one: mkdir"
            f" {data}; cp data/codebook.toml {data}/"
        )
    _require_date(date)
    given = {
        "title": title, "outlet": outlet, "date": date, "url": url, "genre": genre, "topic": topic, "group": group,
        "origin": origin, "subject": subject, "language": known_language(language),
    }  # fmt: skip
    documents = list(read(paths, text_column))
    for document in documents:
        for line in document.notes:
            note(line)
    articles = prepare(documents, {key: value for key, value in given.items() if value is not None}, id_)
    add_articles(data, articles)
    for one in articles:
        kept = f", text kept in {data / 'articles'}" if one.withheld else ""
        typer.echo(f"{one.id}: {len(one.sentences)} sentences{kept}")


def _require_date(date: str | None) -> None:
    from datetime import date as calendar

    try:
        if date is not None:
            calendar.fromisoformat(date)
    except ValueError:
        raise typer.BadParameter(f"{date!r} is no date, such as 2026-05-01", param_hint="--date") from None
