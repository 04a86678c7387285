"""What ``classify`` and ``classify-corpus`` wrote, read back: sentences, scores, columns to group by."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from framelens.errors import InputError, reason_of
from framelens.spreadsheet import unguarded
from framelens.stream import CARD
from framelens.tables import json_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENDINGS = (".csv", ".jsonl", ".parquet")
PERIODS = {"year": 4, "month": 7, "day": 10}
"""Periods that are read off a date of the form YYYY-MM-DD: how many of its characters they are."""


@dataclass(frozen=True)
class Classified:
    """Classified sentences of a corpus; N sentences, F frames."""

    name: str
    frames: tuple[str, ...]
    articles: tuple[str, ...]
    article: Ints
    """Number of each sentence's article; shape (N,)."""
    position: Ints
    proba: Floats
    """Shape (N, F)."""
    called: Bools
    """Frames called present; shape (N, F)."""
    groups: Mapping[str, NDArray[np.str_]]
    """Value of each sentence in each column that was asked for."""
    text: Sequence[str] | None
    """Where it was asked for and is there."""

    @cached_property
    def row(self) -> dict[tuple[str, int], int]:
        """Row of each article and position."""
        names = (self.articles[number] for number in self.article.tolist())
        return {key: row for row, key in enumerate(zip(names, self.position.tolist(), strict=True))}


def read_classified(path: Path, *, by: Iterable[str] = (), texts: bool = False) -> Classified:
    """Read a file or a folder of partitions; raises ``InputError`` that names file and column."""
    card = card_of(path)
    parts = [_named(read_rows(one), card) for one in files_of(path)]
    columns = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    table = pd.concat([part[columns] for part in parts], ignore_index=True)
    frames = tuple(name.removeprefix("p_") for name in columns if name.startswith("p_"))
    _require(path, columns, frames)
    if not len(table):
        raise InputError(f"{path}: holds no sentences")
    if "abstained" in columns and "certainty" in columns and _withheld(table).any():
        raise InputError(f"{path}: frames are withheld in it; classify anew without --abstain-below")
    proba = _numbers(path, table, [f"p_{frame}" for frame in frames])
    require_probabilities(path, proba)
    number, names = pd.factorize(table["article"].astype(str))
    position = _numbers(path, table, ["position"])[:, 0].astype(np.int64)
    if table.assign(article=number)[["article", "position"]].duplicated().any():
        raise InputError(f"{path}: a position of an article stands there twice; give each sentence once")
    said = [frames_of(cell) for cell in table["frames"]]
    return Classified(
        str(path),
        frames,
        tuple(names.tolist()),
        number.astype(np.int64),
        position,
        proba,
        np.array([[frame in one for frame in frames] for one in said], dtype=bool),
        {name: _group(path, table, name) for name in by},
        table["text"].astype(str).tolist() if texts and "text" in columns else None,
    )


def read_withheld(path: Path) -> list[str]:
    """Texts of the sentences on which ``classify --abstain-below`` abstained, the least certain first."""
    parts = [read_rows(one) for one in files_of(path)]
    if missing := [name for name in ("text", "certainty", "abstained") if any(name not in part for part in parts)]:
        raise InputError(
            f"{path}: no column {missing[0]!r}; name what framelens classify --abstain-below P --output FILE wrote"
        )
    table = pd.concat([part[["text", "certainty", "abstained"]] for part in parts], ignore_index=True)
    certain = _numbers(path, table, ["certainty"])[:, 0] if len(table) else np.zeros(0)
    withheld = _withheld(table)
    return [str(table["text"].iloc[row]) for row in np.argsort(certain, kind="stable") if withheld[row]]


def card_of(path: Path) -> Mapping[str, Any]:
    """How ``classify-corpus`` made the partitions in this folder; empty where that is not known."""
    if not (path / CARD).is_file():
        return {}
    try:
        card = json.loads((path / CARD).read_bytes())
    except ValueError:
        card = None
    if not isinstance(card, dict):
        raise InputError(f"{path / CARD}: damaged; classify the corpus anew")
    return card


def read_rows(path: Path) -> pd.DataFrame:
    """All rows of a CSV, JSONL or Parquet file as they stand; raises ``InputError`` for a broken one."""
    try:
        if path.suffix.lower() == ".csv":
            return _unguarded(pd.read_csv(path, dtype=str, keep_default_na=False))
        if path.suffix.lower() == ".jsonl":
            with path.open(encoding="utf-8-sig") as file:
                return pd.DataFrame([row for _, row in json_rows(str(path), file)])
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason_of(error)}") from None
    except (ValueError, KeyError) as error:
        raise InputError(f"{path}: no table that can be read: {' '.join(str(error).split())[:200]}") from None
    raise InputError(f"{path}: unknown kind of table; give {', '.join(ENDINGS)}")


def _unguarded(table: pd.DataFrame) -> pd.DataFrame:
    """Cells as they were before they were made safe for spreadsheets; few columns have such cells."""
    table = table.rename(columns=unguarded)
    for name in table.columns[~table.columns.str.startswith("p_")]:
        marked = table[name].str.startswith("'", na=False)
        if marked.any():
            table.loc[marked, name] = table.loc[marked, name].map(unguarded)
    return table


def frames_of(cell: Any) -> frozenset[str]:
    """Frame ids of a cell: a list, or a text that parts them by spaces.

    >>> sorted(frames_of("vilification return_incentive")), frames_of([])
    (['return_incentive', 'vilification'], frozenset())
    """
    if isinstance(cell, str):
        return frozenset(cell.split())
    return frozenset(map(str, cell)) if isinstance(cell, (list, tuple, np.ndarray)) else frozenset()


def cell_text(value: Any) -> str:
    """A cell as text, empty where nothing stands in it."""
    missing = value is None or (isinstance(value, float) and np.isnan(value))
    return "" if missing else str(value).strip()


def require_probabilities(path: Path, proba: Floats) -> None:
    """Raise ``InputError`` where a figure is no probability."""
    if not ((proba >= 0) & (proba <= 1)).all():
        raise InputError(f"{path}: a probability is not between 0 and 1; write the file anew with: framelens classify")


def _withheld(table: pd.DataFrame) -> Bools:
    """On which rows a model abstained."""
    return np.array([str(cell).lower() == "true" for cell in table["abstained"]], dtype=bool)


def _named(rows: pd.DataFrame, card: Mapping[str, Any]) -> pd.DataFrame:
    """Rows whose columns of articles and positions are called so, whatever the corpus calls them."""
    for name in ("article", "position"):
        own = card.get(f"{name}_column")
        if own and own != name and own in rows.columns:
            rows = rows.drop(columns=name, errors="ignore").rename(columns={own: name})
    return rows


def files_of(path: Path) -> list[Path]:
    """The file, or the partitions in the folder."""
    if not path.is_dir():
        return [path]
    found = [one for one in sorted(path.rglob("*")) if one.suffix.lower() in ENDINGS and one.name[0] not in "._"]
    if not found:
        raise InputError(f"{path}: holds no {', '.join(ENDINGS)}; name what framelens classify-corpus wrote")
    return found


def _require(path: Path, columns: Sequence[str], frames: Sequence[str]) -> None:
    missing = [name for name in ("article", "position", "frames") if name not in columns]
    if missing or not frames:
        what = f"no column {missing[0]!r}" if missing else "no column p_FRAME"
        raise InputError(f"{path}: {what}; name a file that framelens classify or classify-corpus wrote")


def _numbers(path: Path, table: pd.DataFrame, columns: Sequence[str]) -> Floats:
    try:
        found = table[list(columns)].to_numpy(dtype=np.float64)
    except (ValueError, TypeError):
        found = np.array([[np.nan]])
    if np.isnan(found).any():
        raise InputError(f"{path}: {', '.join(columns)}: not all of them are numbers; write the file anew")
    return found


def _group(path: Path, table: pd.DataFrame, name: str) -> NDArray[np.str_]:
    """Values of a column; periods that are no column are read off ``date``."""
    if name in table.columns:
        values = table[name].map(cell_text)
    elif name in PERIODS and "date" in table.columns:
        values = table["date"].map(cell_text).str[: PERIODS[name]]
    else:
        hint = " (a column 'date' would give it)" if name in PERIODS else ""
        own = ", ".join(one for one in table.columns if not one.startswith("p_"))
        raise InputError(f"{path}: no column {name!r} to group by{hint}; the columns are {own}")
    return np.where(values == "", "(none)", values).astype(str)
