"""What the card of a model may hold, so that whoever prints it need not doubt it."""

from collections.abc import Mapping
from typing import Any

NUMBER = (int, float)
INTERVAL = {"point": NUMBER, "low": NUMBER, "high": NUMBER}
ROW = {
    "frame": str,
    "support": int,
    "precision": INTERVAL,
    "recall": INTERVAL,
    "f1": INTERVAL,
    "average_precision": INTERVAL,
}
FIGURES = {"folds": int, "frames": [ROW], "macro": ROW}
SET = {"fingerprint": str, "origin": str, "articles": int, "sentences": int, "gold": {str: int}}
TABLE = {"fingerprint": str, "rows": int, "groups": int, "labels_column": str, "cautions": {str: str}}
NAMES = {int: "a whole number", str: "a text", NUMBER: "a number", bool: "true or false"}


def check_card(card: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` that names the place where a card is not what this version writes; parts may be missing."""
    whole: dict[str, Any] = {"codebook": {}, "data": SET, "figures": FIGURES}
    if card.get("kind") == "labels":
        whole |= {"data": TABLE, "single_label": bool, "parameters": {"optimize": str}}
    for key, wanted in whole.items():
        if key in card:
            _require(card[key], wanted, key)
    if "codebook" not in card:
        raise ValueError("its card has no codebook")


def _require(value: Any, wanted: Any, at: str) -> None:
    """Hold a value against a type, a list of one kind, keys that must be there, or a mapping from any key."""
    if isinstance(wanted, dict):
        _require_mapping(value, wanted, at)
    elif isinstance(wanted, list):
        if not isinstance(value, list):
            raise ValueError(f"its card has no list at {at}")
        for place, one in enumerate(value):
            _require(one, wanted[0], f"{at}[{place}]")
    elif not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ValueError(f"its card has at {at} what is not {NAMES[wanted]}")


def _require_mapping(value: Any, wanted: Mapping[Any, Any], at: str) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"its card has no table at {at}")
    for key, kind in wanted.items():
        if key is str:
            for name, one in value.items():
                _require(one, kind, f"{at}.{name[:40]}")
        elif key not in value:
            raise ValueError(f"its card lacks {at}.{key}")
        else:
            _require(value[key], kind, f"{at}.{key}")
