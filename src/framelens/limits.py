"""How much is read: beyond, a file is refused with what it is and what would do."""

from typing import Any

from framelens.errors import InputError

TABLES = (".csv", ".tsv", ".jsonl", ".parquet")
MOST_CHARACTERS = 5_000_000
"""Longest article that is read, in characters; a longer one is a corpus in one file, or no article at all."""

MOST_BYTES = {
    ".html": 10_000_000,
    ".htm": 10_000_000,
    **dict.fromkeys((".csv", ".tsv", ".jsonl", ".parquet"), 100_000_000),
}
"""Largest file of each kind, where it is not as many bytes as the longest article can take."""
MOST_AT_ONCE = 2**28
"""Most bytes of a Parquet table that are unpacked at once."""
MOST_ROWS = 5_000_000
"""Most rows of a Parquet table, which may stand for any number of them in a few bytes."""


def require_size(name: str, ending: str, size: int) -> None:
    """Refuse a file before it is read."""
    if size <= MOST_BYTES.get(ending, 8 * MOST_CHARACTERS):
        return
    if ending not in MOST_BYTES:
        raise too_long(name, f"{size:,} bytes")
    hint = "framelens classify-corpus reads tables of any size" if ending in TABLES else "save the article as text"
    raise InputError(f"{name}: {size:,} bytes; at most {MOST_BYTES[ending]:,} of this kind can be read: {hint}")


def require_unpacked(name: str, about: Any) -> None:
    """Refuse a Parquet table that unpacks to more than may be read; sizes are those that its end says."""
    size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if size > MOST_BYTES[".parquet"] or about.num_rows > MOST_ROWS:
        raise InputError(
            f"{name}: {about.num_rows:,} rows, {size:,} bytes unpacked; at most {MOST_ROWS:,} rows and"
            f" {MOST_BYTES['.parquet']:,} bytes can be read: framelens classify-corpus reads tables of any size"
        )


def batch_rows(about: Any) -> int:
    """Rows of a Parquet table to unpack at once: where values repeat, each may be as large as its whole row group."""
    largest = max((about.row_group(number).total_byte_size for number in range(about.num_row_groups)), default=1)
    return max(1, min(1024, MOST_AT_ONCE // max(largest, 1)))


def too_long(name: str, size: str) -> InputError:
    """What is said of a text that is too long for one article."""
    return InputError(
        f"{name}: {size} in one article; at most {MOST_CHARACTERS:,} characters: split it, one article a file"
    )
