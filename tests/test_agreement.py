import numpy as np
import pytest

from conftest import DATA
from framelens.agreement import krippendorff_alpha
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
