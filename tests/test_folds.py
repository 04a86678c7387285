import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from framelens.folds import stratified_folds, thinned


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans(), st.booleans()), min_size=20), st.integers(0, 9))
def test_each_row_is_tested_once_no_fold_is_empty_and_no_group_is_parted(
    rows: list[tuple[str, bool, bool]], seed: int
) -> None:
    groups = np.array([row[0] for row in rows])
    if len(set(groups)) < 3:
        return
    parts = stratified_folds(groups, np.array([row[1:] for row in rows]), 3, rng=np.random.default_rng(seed))
    assert sorted(np.concatenate([test for _, test in parts])) == list(range(len(rows)))
    for train, test in parts:
        assert len(test)
        assert not set(groups[train]) & set(groups[test])


def test_folds_hold_much_the_same_share_of_each_frame(gold_table: tuple[pd.DataFrame, NDArray[np.bool_]]) -> None:
    table, Y = gold_table
    parts = stratified_folds(table["group"].to_numpy(dtype=str), Y, 8, rng=np.random.default_rng(1))
    held = np.array([Y[test].sum(axis=0) for _, test in parts]) / Y.sum(axis=0)
    assert held.min() > 0.1
    assert held.max() < 0.15
    assert all(len(test) == pytest.approx(len(Y) / 8, rel=0.08) for _, test in parts)


def test_folds_need_a_group_each() -> None:
    with pytest.raises(ValueError, match="give 2 to 2"):
        stratified_folds(np.array(["a", "b"]), np.ones((2, 1), dtype=bool), 3, rng=np.random.default_rng(1))


def test_thinning_drops_training_groups_whole_and_a_larger_share_holds_the_smaller() -> None:
    groups = np.repeat(np.array(list("abcdefgh")), 3)
    fold = np.flatnonzero(groups != "a"), np.flatnonzero(groups == "a")
    few, some = (thinned(fold, groups, share, rng=np.random.default_rng(1)) for share in (0.3, 0.6))
    assert few[1].tolist() == [0, 1, 2]
    assert len(few[0]) == 6
    assert set(few[0]) < set(some[0]) < set(fold[0])
