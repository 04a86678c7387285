"""What was tried, and whether it won: variants in grouped cross-validation, each set against the shipped model.

Writes the figures (benchmarks/experiments.json) and the page made from them (docs/experiments.md). What has been
measured for the same sentences, folds and code is not run again; scores, and first stages that variants share, are kept
in benchmarks/cache.

    python benchmarks/experiments.py                                  # all that is not yet measured
    python benchmarks/experiments.py --only "no pairs"                # some of it; may be repeated
    python benchmarks/experiments.py --render                         # only the page, from the figures
    python benchmarks/experiments.py --articles 30 --folds 2 --figures trial.json --page trial.md   # a trial
"""

import ast
import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

import remembered
from embeddings import EMBEDDINGS
from framelens.assess import gold_of
from framelens.assessment import Gold
from framelens.baselines import BASELINES
from framelens.errors import InputError
from framelens.evaluate import FOLDS, OutOfFold, average_precision, intervals, out_of_fold
from framelens.folds import stratified_folds
from framelens.labels import read_labels
from framelens.measures import expected_calibration_error, macro_f1, per_thousand
from framelens.stats import Interval
from framelens.terminal import note
from framelens.train import SEED
from framelens.write import json_text, whole_file
from page import render
from variants import VARIANTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ROOT = Path(__file__).parents[1]
VECTORS = ROOT / "data" / "vectors"
FIGURES, PAGE = ROOT / "benchmarks" / "experiments.json", ROOT / "docs" / "experiments.md"
MODEL_CARD = ROOT / "models" / "frames.json"
SHIPPED = "shipped"
FOLDERS = ("vectors", "sentence_vectors")
"""Parameters that name a folder of embeddings."""
COMPARED = (*BASELINES, *EMBEDDINGS)
"""What is no candidate for the shipped model, and only stands beside it."""
NAMES = (SHIPPED, *COMPARED, *VARIANTS)


@dataclass(frozen=True, slots=True)
class Measures:
    """What variants are judged by; means over frames."""

    average_precision: Interval
    f1: Interval
    calibration_error: Interval
    false_alarms: Interval


@dataclass(frozen=True, slots=True)
class Row:
    """One variant: what was tried, its figures, and how far these are from those of the shipped model."""

    name: str
    tried: str
    key: str
    """Changes with the sentences, the folds and the code."""
    candidate: bool
    """Whether it would be shipped if it won; baselines and MiniLM would not."""
    figures: Measures
    difference: Measures | None
    """This minus shipped, on the same draws of articles; ``None`` for the shipped model itself."""


def main(
    only: Annotated[list[str] | None, typer.Option(help="Run this variant; may be repeated.")] = None,
    articles: Annotated[int | None, typer.Option(min=16, help="A trial on so many articles.")] = None,
    folds: Annotated[int, typer.Option(min=2, help="Outer folds.")] = FOLDS,
    figures: Annotated[Path, typer.Option(help="The figures to write, and to go on from.")] = FIGURES,
    page: Annotated[Path, typer.Option(help="The page to write.")] = PAGE,
    render_only: Annotated[bool, typer.Option("--render", help="Only make the page from the figures.")] = False,
) -> None:
    """Measure variants of the model against the shipped one."""
    try:
        if not render_only:
            if articles and FIGURES.resolve() == figures.resolve():
                raise InputError("--articles is a trial; name other files with --figures and --page")
            gold = some_of(gold_of(read_labels(ROOT / "data", articles=False), "written"), articles)
            run(gold, folds, figures, only)
        if not figures.exists():
            raise InputError(f"{figures}: no figures yet; measure them without --render")
        text = page_of(json.loads(figures.read_bytes()))
        page.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(page) as file:
            file.write(text.encode())
    except InputError as error:
        note(f"experiments: {error}")
        raise typer.Exit(1) from None


def page_of(found: Mapping[str, Any]) -> str:
    """The page of these figures, which also says what has none yet, and whether the labelled set has grown since."""
    measured = {row["name"] for row in found["rows"]}
    learned = json.loads(MODEL_CARD.read_bytes())["data"]
    return render(found, [name for name in NAMES if name not in measured], learned)


def run(gold: Gold, folds: int, path: Path, only: Sequence[str] | None = None, jobs: int = -1) -> None:
    """Measure what is not yet measured, and write the figures after each variant."""
    if unknown := set(only or ()) - set(NAMES):
        raise InputError(f"unknown variant {min(unknown)!r}; there are {', '.join(NAMES)}")
    estimators = _estimators()
    keys = {name: key_of(gold, folds, name, one) for name, one in estimators.items()}
    old = _measured(path)
    kept = {name: row for name, row in old.items() if row["key"] == keys.get(name)}
    if stale := sorted(old.keys() - kept.keys()):
        note(f"measured with other sentences, folds or code, and left out: {', '.join(stale)}")
    for name, estimator in estimators.items():
        if name in kept or (only and name not in (*only, SHIPPED)):
            continue
        note(f"{name} ...")
        tried = _tried(name, estimator)
        try:
            said = _scores(gold, folds, keys[name], estimator, jobs)
        except InputError as error:
            note(f"{name} is left out: {error}")
            continue
        shipped = None if name == SHIPPED else _scores(gold, folds, keys[SHIPPED], estimators[SHIPPED], jobs)
        kept[name] = asdict(Row(name, tried, keys[name], name not in COMPARED, *_compared(gold, said, shipped)))
        _write(path, gold, folds, [kept[one] for one in estimators if one in kept])


def some_of(gold: Gold, articles: int | None) -> Gold:
    """The sentences of so many groups of articles, spread over all; all of them without a number."""
    names = gold.table["group"].unique()
    chosen = names if articles is None else names[:: max(1, len(names) // articles)][:articles]
    rows = np.flatnonzero(gold.table["group"].isin(chosen))
    return replace(gold, table=gold.table.iloc[rows], Y=gold.Y[rows])


def key_of(gold: Gold, folds: int, name: str, estimator: Any) -> str:
    """Fingerprint of what decides over the scores of a variant; comments and layout do not."""
    settings = {key: str(value) for key, value in estimator.get_params().items()}
    # where the embeddings lie does not matter
    settings |= {key: remembered.embeddings_digest(VECTORS) for key in settings if key in FOLDERS}
    said = remembered.product_code()
    parts = [gold.fingerprint, gold.table["sentence"].str.cat(sep=" "), folds, name, sorted(settings.items()), said]
    parts.append(sorted(_sources(type(estimator)).items()))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _sources(thing: Any) -> dict[str, str]:
    """Source of a class or function, and of what it names in its own module."""
    found, waiting, module = {}, [thing], inspect.getmodule(thing)
    while waiting:
        one = waiting.pop()
        found[one.__qualname__] = inspect.getsource(one)
        names = {node.id for node in ast.walk(ast.parse(found[one.__qualname__])) if isinstance(node, ast.Name)}
        named = [
            value
            for name in sorted(names)
            if inspect.isroutine(value := getattr(module, name, None)) or inspect.isclass(value)
        ]
        waiting += [value for value in named if inspect.getmodule(value) is module and value.__qualname__ not in found]
    return found


def _estimators() -> dict[str, Any]:
    """What is measured, the shipped model first."""
    folder = str(VECTORS)
    return {
        SHIPPED: remembered.Remembered(seed=SEED, vectors=folder),
        **{name: make() for name, make in BASELINES.items()},
        **{name: make(seed=SEED, sentence_vectors=folder) for name, make in EMBEDDINGS.items()},
        **{name: make(seed=SEED, vectors=folder) for name, make in VARIANTS.items()},
    }


def _tried(name: str, estimator: Any) -> str:
    if name == SHIPPED:
        return "The shipped model."
    if type(estimator) is remembered.Remembered:
        usual = _estimators()[SHIPPED].get_params()
        changes = {key: value for key, value in estimator.get_params().items() if value != usual[key]}
        return "; ".join(f"{key} {value:g} instead of {usual[key]:g}" for key, value in changes.items()) + "."
    return str(inspect.getdoc(estimator)).split("\n")[0]


def _scores(gold: Gold, folds: int, key: str, estimator: Any, jobs: int) -> OutOfFold:
    """Out-of-fold scores on the folds of ``framelens evaluate``; kept, so that they need not be worked out again."""
    path = remembered.CACHE / f"{key}.npz"
    if path.exists():
        with np.load(path) as found:
            return OutOfFold(found["proba"], found["present"])
    rng = np.random.default_rng(SEED)
    parts = stratified_folds(gold.table["group"].to_numpy(dtype=str), gold.Y, folds, rng=rng)
    said = out_of_fold(estimator, gold.table, gold.Y, parts, jobs=jobs)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        np.savez_compressed(file, proba=said.proba, present=said.present)
    return said


def _compared(gold: Gold, said: OutOfFold, shipped: OutOfFold | None) -> tuple[Measures, Measures | None]:
    def statistic(drawn: Ints) -> Floats:
        here = _statistic(gold, said, drawn)
        return here if shipped is None else np.hstack([here, here - _statistic(gold, shipped, drawn)])

    found = intervals(statistic, gold.groups, rng=np.random.default_rng(SEED))
    return Measures(*found[:4]), Measures(*found[4:]) if shipped else None


def _statistic(gold: Gold, said: OutOfFold, drawn: Ints) -> Floats:
    """The four measures under each weighting; shape (draws, 4)."""
    columns = list(zip(gold.Y.T, said.proba.T, said.present.T, strict=True))
    return np.stack(
        [
            np.mean([average_precision(drawn, there, proba) for there, proba, _ in columns], axis=0),
            macro_f1(drawn, gold.Y, said.present),
            np.mean([expected_calibration_error(drawn, there, proba) for there, proba, _ in columns], axis=0),
            np.mean([per_thousand(drawn, called, gold.quiet) for _, _, called in columns], axis=0),
        ],
        axis=1,
    )


def _measured(path: Path) -> dict[str, Mapping[str, Any]]:
    if not path.exists():
        return {}
    return {row["name"]: row for row in json.loads(path.read_bytes())["rows"]}


def _write(path: Path, gold: Gold, folds: int, rows: Sequence[Mapping[str, Any]]) -> None:
    found = {
        "fingerprint": gold.fingerprint,
        "sentences": len(gold.Y),
        "articles": int(gold.table["article"].nunique()),
        "folds": folds,
        "seed": SEED,
    }
    # one row a line, so that git shows which has changed
    lines = ",\n".join(f"  {json_text(row)}" for row in rows)
    with whole_file(path) as file:
        file.write(f'{json_text(found)[:-1]}, "rows": [\n{lines}\n]}}\n'.encode())


if __name__ == "__main__":
    typer.run(main)
