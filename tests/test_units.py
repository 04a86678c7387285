from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import resampled
from framelens.errors import InputError
from framelens.stream import BATCH_ROWS, Stream, read_stream, write_stream
from framelens.units import of_articles, of_sentences

COLUMNS = {"article_column": "article", "position_column": "position", "keep_text": True}


def stream(lengths: list[int], cuts: list[int]) -> tuple[Stream, pa.Table]:
    """Articles of these lengths, in batches that are cut anywhere."""
    rows = [
        {"article": f"a{number}", "position": place, "text": f"Sentence {place}."}
        for number, length in enumerate(lengths)
        for place in range(length)
    ]
    table = pa.Table.from_pylist(rows, pa.schema([("article", "string"), ("position", "int64"), ("text", "string")]))
    edges = sorted({0, table.num_rows, *(cut % (table.num_rows + 1) for cut in cuts)})
    batches = (table.slice(start, end - start) for start, end in pairwise(edges))
    return Stream(table.schema, batches), table


@given(st.lists(st.integers(1, 5), max_size=8), st.lists(st.integers(0, 40), max_size=8))
def test_no_article_is_parted_and_no_sentence_lost_wherever_batches_end(lengths: list[int], cuts: list[int]) -> None:
    given_, table = stream(lengths, cuts)
    units = of_sentences("a.parquet", given_, None, ["frames"], **COLUMNS)  # type: ignore[arg-type]  # as named
    batches = list(units.batches)
    assert [length for batch in batches for length in batch.lengths] == lengths
    assert [text for batch in batches for text in batch.texts] == table["text"].to_pylist()
    articles = [cell for batch in batches for cell in batch.left[0].to_pylist()]
    assert articles == table["article"].to_pylist()


@given(st.lists(st.integers(1, 5), min_size=2, max_size=8), st.data())
def test_rows_that_are_not_in_order_are_refused(lengths: list[int], data: st.DataObject) -> None:
    _, table = stream(lengths, [])
    order = data.draw(st.permutations(range(table.num_rows)))
    mixed = table.take(order)
    articles = [key for key, _ in groupby(mixed["article"].to_pylist())]
    places = [
        [row["position"] for row in rows] for _, rows in groupby(mixed.to_pylist(), key=lambda row: row["article"])
    ]
    in_order = len(articles) == len(lengths) and all(place == sorted(place) for place in places)
    units = of_sentences("a", Stream(table.schema, iter([mixed])), None, [], **COLUMNS)  # type: ignore[arg-type]  # as named
    if in_order:
        assert sum(len(batch.texts) for batch in units.batches) == table.num_rows
    else:
        with pytest.raises(InputError, match="sort the rows"):
            list(units.batches)


def test_articles_of_any_size_come_in_batches_of_bounded_size() -> None:
    sentence = f"They left {'very ' * 400}late. "
    texts = [sentence * count for count in (1, 400, 0, 600, 1, 1, 1_200)]
    table = pa.table({"text": texts, "id": range(len(texts))})
    units = of_articles("a.csv", Stream(table.schema, iter([table])), None, ["frames"], language="en", keep_text=True)
    batches = list(units.batches)
    assert [batch.lengths for batch in batches] == [[1, 400, 0, 600], [1, 1, 1_200]]
    assert [batch.empty for batch in batches] == [1, 0]
    assert set(batches[0].right[0].to_pylist()) == {0, 1, 3}


def test_a_large_row_group_is_read_and_written_in_small_batches(tmp_path: Path) -> None:
    table = resampled(30_000, seed=1)
    pq.write_table(table.set_column(0, "article_id", table["article_id"].dictionary_encode()), tmp_path / "a.parquet")
    assert pq.read_metadata(tmp_path / "a.parquet").num_row_groups == 1
    with (tmp_path / "a.parquet").open("rb") as file, (tmp_path / "b.parquet").open("wb") as out:
        opened = read_stream("a.parquet", file)
        sizes = []

        def counted() -> Iterator[pa.Table]:
            for batch in opened.batches:
                sizes.append(batch.num_rows)
                yield batch

        write_stream(out, "parquet", opened.schema, counted())
    assert max(sizes) <= BATCH_ROWS
    assert pq.read_table(tmp_path / "b.parquet").equals(table)
