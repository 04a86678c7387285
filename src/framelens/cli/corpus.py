"""``classify-corpus``: frames of many articles, partition by partition."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from framelens.cli.app import app
from framelens.cli.options import (
    AbstainOption,
    ColumnOption,
    JsonOption,
    LanguageOption,
    ModelOption,
    ThresholdOption,
    by_frame,
    known_language,
    load_classifier,
    tell_abstention,
)
from framelens.write import json_text

if TYPE_CHECKING:
    from framelens.corpus import Outcome, Plan
    from framelens.partition import Counts, Settings


@app.command(epilog="Example: framelens classify-corpus corpus/ frames/ --text-column body --jobs 4")
def classify_corpus(
    source: Annotated[
        str,
        typer.Argument(
            metavar="IN",
            help="Partitions: .parquet .jsonl .csv .tsv; a file, a folder, a pattern in quotation marks such as"
            " 'corpus/*.parquet', or an address such as s3://bucket/corpus (needs framelens\\[remote]).",
            show_default=False,
        ),
    ],
    target: Annotated[
        str, typer.Argument(metavar="OUT", help="Folder for the output, or such an address.", show_default=False)
    ],
    format_: Annotated[
        Literal["parquet", "jsonl", "csv"] | None,
        typer.Option("--format", "-f", help="Format of the output. Default: that of each partition."),
    ] = None,
    text_column: ColumnOption = None,
    article_column: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows are sentences; this column tells their article.", show_default=False),
    ] = None,
    position_column: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="Rows are sentences; this column numbers them in their article.", show_default=False
        ),
    ] = None,
    keep_text: Annotated[bool, typer.Option("--text/--no-text", help="Write the text of each sentence too.")] = True,
    model: ModelOption = None,
    threshold: ThresholdOption = None,
    language: LanguageOption = "en",
    abstain_below: AbstainOption = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes on this machine. Default: one a core.", show_default=False),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Work on the Dask cluster of this scheduler, such as tcp://host:8786 (needs framelens\\[dask]).",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Classify everything anew, also what an earlier run has finished.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Classify a corpus of any size: partitions in, partitions of the same names out.

    Each row is an article; with --article-column and --position-column each row is a sentence, and those of an article
    stand below one another in one partition. The columns are those of classify; of rows that are sentences, their own
    columns, then frames and p_FRAME. --abstain-below adds certainty and abstained behind frames. Run the same command
    again after an interruption: what is finished is not done twice, and the output is the same as without one. A
    partition that fails is told, and the others go on.
    """
    from framelens.corpus import on_dask, on_processes, prepare
    from framelens.terminal import note
    from framelens.terminal.partitions import with_bar

    if (article_column is None) != (position_column is None):
        raise typer.BadParameter("rows that are sentences need --article-column and --position-column")
    if dask and jobs:
        raise typer.BadParameter("--jobs is for this machine; with --dask the cluster's workers do the work")
    settings = _settings(
        model, threshold, language, text_column, article_column, position_column, keep_text, abstain_below
    )
    plan = prepare(source, target, settings, kind=format_, overwrite=overwrite)
    if plan.passed_over:
        more = len(plan.passed_over) - 1
        note(f"note: passed over, for its ending: {plan.passed_over[0]}{f' and {more} more' if more else ''}")
    outcomes = on_dask(plan.todo, settings, dask) if dask else on_processes(plan.todo, settings, jobs or _cores())
    plan.sweep()
    try:
        counts, failures = _follow(with_bar(outcomes, len(plan.todo), sum(one.size for one in plan.todo)))
    finally:
        plan.sweep()
    _print_summary(plan, counts, failures, as_json=json_)
    if abstain_below is not None and counts.sentences:
        from framelens.abstain import how_much

        card = load_classifier(model, None).model.card
        told = how_much(counts.withheld, counts.sentences, abstain_below)
        tell_abstention(told, model, card, 1 - counts.withheld / counts.sentences, threshold)
    if failures:
        raise typer.Exit(1)


def _settings(
    model: Path | None,
    threshold: list[str] | None,
    language: str,
    text_column: str | None,
    article_column: str | None,
    position_column: str | None,
    keep_text: bool,
    abstain_below: float | None,
) -> "Settings":
    """The settings, once the model and the thresholds are found to be usable."""
    from framelens.model import shipped_path
    from framelens.partition import Settings
    from framelens.storage import sha256_of

    load_classifier(model, threshold)
    path = (model or shipped_path()).resolve()
    return Settings(
        model=str(path),
        sha256=sha256_of(path),
        thresholds=tuple(sorted(by_frame(threshold).items())),
        language=known_language(language),
        text_column=text_column,
        article_column=article_column,
        position_column=position_column,
        keep_text=keep_text,
        abstain_below=abstain_below,
    )


def _cores() -> int:
    from joblib import cpu_count

    return int(cpu_count())


def _follow(outcomes: "Iterable[Outcome]") -> "tuple[Counts, list[Outcome]]":
    """Counts of all, and those that failed, which are told at once."""
    from framelens.partition import Counts
    from framelens.terminal import note

    counts, failures = Counts(), []
    for outcome in outcomes:
        counts += outcome.counts
        if outcome.failure:
            failures.append(outcome)
            note(f"failed: {outcome.failure}")
    return counts, sorted(failures, key=lambda outcome: outcome.partition.name)


def _print_summary(plan: "Plan", counts: "Counts", failures: "Sequence[Outcome]", *, as_json: bool) -> None:
    done = len(plan.todo) - len(failures)
    if as_json:
        failed = [{"partition": outcome.partition.name, "reason": outcome.failure} for outcome in failures]
        found = {"classified": done, "finished_before": plan.finished, "failed": failed, **asdict(counts)}
        typer.echo(json_text(found))
        return
    typer.echo(
        f"Partitions: {done} classified, {plan.finished} finished before, {len(failures)} failed\n"
        f"Classified now: {counts.sentences:,} sentences of {counts.articles:,} articles;"
        f" {counts.empty:,} rows have no text"
    )
