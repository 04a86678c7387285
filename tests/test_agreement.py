import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from conftest import DATA
from framelens.agreement import cohen_kappa, krippendorff_alpha, pair_f1, pairable, why_undefined
from framelens.gold import LabelledSet

NONE = np.nan


def test_alpha_of_the_published_example_with_missing_values() -> None:
    # Krippendorff (2011), section C: four observers, twelve units, nominal: 0.743
    codes = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
            [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
        ]
    )
    assert krippendorff_alpha(codes) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_the_published_binary_example() -> None:
    # Krippendorff (2011), section A: two observers, ten units, binary: 0.095
    codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], dtype=float)
    assert krippendorff_alpha(codes) == pytest.approx(0.095, abs=0.0005)


def test_perfect_agreement_is_one_and_no_variation_is_undefined() -> None:
    assert krippendorff_alpha(np.array([[0, 1, 1], [0, 1, 1]], dtype=float)) == 1
    assert np.isnan(krippendorff_alpha(np.array([[1, 1], [1, 1]], dtype=float)))
    assert np.isnan(krippendorff_alpha(np.array([[1, NONE], [NONE, 1]])))


def test_agreement_on_the_shipped_set_is_what_the_datasheet_says(labels: LabelledSet) -> None:
    datasheet = (DATA / "README.md").read_text(encoding="utf-8")
    for frame, alpha in labels.agreement().items():
        assert f"| {frame} | {sum(frame in gold for gold in labels.gold.values()):,} | {alpha:.3f} |" in datasheet


def test_alpha_is_undefined_for_a_reason_that_is_told() -> None:
    assert why_undefined(np.array([[1, NONE], [NONE, 1]])) == "no sentence is coded by two coders"
    assert why_undefined(np.array([[0, 0, 1], [0, 0, NONE]])).startswith("no sentence that two coders coded has it")
    assert why_undefined(np.array([[1, 1], [1, 1]], dtype=float)).startswith("every sentence")
    assert why_undefined(np.array([[1, 0], [1, 0]], dtype=float)) == ""


def test_alpha_of_one_coder_or_none_is_undefined() -> None:
    assert np.isnan(krippendorff_alpha(np.array([[1.0, 0.0]])))
    assert np.isnan(krippendorff_alpha(np.zeros((0, 0))))


def test_kappa_of_the_textbook_example() -> None:
    # 50 proposals judged by two readers: 20 both yes, 15 both no, 5 and 10 apart: agreement 0.70, chance 0.50
    one = np.repeat([True, True, False, False], [20, 5, 10, 15])
    other = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert cohen_kappa(one, other) == pytest.approx(0.4)
    assert pair_f1(one, other) == pytest.approx(40 / 55)
    assert np.isnan(cohen_kappa(np.array([True]), np.array([True])))


codes = arrays(float, st.tuples(st.integers(2, 4), st.integers(1, 12)), elements=st.sampled_from([0.0, 1.0, NONE]))


@given(codes, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_a_unit_drawn_twice_counts_as_two_units(table: NDArray[np.float64], draws: list[int]) -> None:
    units, twice = pairable(table)
    weights = np.array(draws[: table.shape[1]])
    drawn = float(units.alpha(weights[None, twice])[0])
    assert drawn == pytest.approx(krippendorff_alpha(np.repeat(table, weights, axis=1)), nan_ok=True)


@given(codes, st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_alpha_does_not_depend_on_how_units_are_grouped(table: NDArray[np.float64], groups: list[int]) -> None:
    units, twice = pairable(table)
    by_group = units.grouped(np.array(groups[: table.shape[1]])[twice])
    whole = float(by_group.alpha(np.ones((1, len(by_group.differing)), dtype=np.int64))[0])
    assert whole == pytest.approx(krippendorff_alpha(table), nan_ok=True)
