"""The rows of a scorecard have labels that say what is in them, and never the same twice."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.families.feature import Feature
from model.card.labels import bin_labels, category_labels, number_labels
from model.estimators.bins import round_cuts


@pytest.mark.parametrize(
    ("cuts", "values", "wanted"),
    [
        ([1, 2, 5], [0, 1, 4, 9], ["none", "1", "2 to 4", "5 or more"]),
        ([1], [-2, 0, 3], ["under 1", "1 or more"]),  # less than nothing is not "none"
        ([50, 200], [3, 60, 900], ["under 50", "50 to 199", "200 or more"]),
        ([0.5, 2000], [0.1, 1.7], ["under 0.5", "0.5 to under 2,000", "2,000 or more"]),
        ([1, 3], [0.5, 2], ["under 1", "1 to under 3", "3 or more"]),
        ([-10, -0.25], [-20, 0.5], ["under -10", "-10 to under -0.25", "-0.25 or more"]),
        (
            [1e-8, 2e-8],
            [0, 1.5e-8, 3e-8],
            ["under 0.00000001", "0.00000001 to under 0.00000002", "0.00000002 or more"],
        ),
        ([], [4, 4, np.nan], ["any value"]),
    ],
)
def test_bin_labels(cuts, values, wanted) -> None:
    assert bin_labels(np.array(cuts, float), pd.Series(values)) == wanted


SIZE = Feature(
    "size",
    "size",
    "firmographic",
    "number",
    bands=((5.5, "1-10"), (30.5, "11-50"), (125.5, "51-200"), (350.5, "201-500"), (501.0, "501+")),
)


@pytest.mark.parametrize(
    ("cuts", "wanted"),
    [
        ([20, 130], ["1-10", "11-50, 51-200", "201-500, 501+"]),
        ([30.5], ["1-10", "11-50 to 501+"]),
        ([5.5, 30.5], ["under 5.5", "5.5 to under 30.5", "30.5 or more"]),  # a row without a band
        ([], ["any value"]),
    ],
)
def test_rows_are_named_by_the_bands_that_they_cover(cuts, wanted) -> None:
    values = pd.Series([number for number, _ in SIZE.bands] + [np.nan])
    assert number_labels(SIZE, np.array(cuts, float), values) == wanted


def test_numbers_that_are_no_band_keep_their_limits() -> None:
    values = pd.Series([5.5, 30.5, 42.0])
    assert number_labels(SIZE, np.array([20.0]), values) == ["under 20", "20 or more"]


@given(
    st.lists(st.floats(-1e20, 1e20, allow_subnormal=False), min_size=2, max_size=60),
    st.floats(-1e6, 1e6),
)
def test_labels_are_unique_and_contain_the_cuts(values, shift) -> None:
    values = np.array(values) + shift
    cuts = round_cuts(values, (0.25, 0.5, 0.75), 0.04)
    labels = bin_labels(cuts, pd.Series(values))
    assert len(set(labels)) == len(labels) == len(cuts) + 1
    whole = bool((values == values.round()).all() and (cuts == cuts.round()).all())
    for (low, high), text in zip(pairwise(cuts), labels[1:-1], strict=True):
        numbers = text.replace("under ", "").replace(",", "").split(" to ")
        ends = [float(number) for number in numbers]
        assert ends[0] == low
        assert ends[-1] == (high - 1 if whole else high)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([["vp"], ["clerk", "student"]], ["any other", "vp", "clerk, student"]),
        (
            [["any other"], ["nobody asked", "vp"]],
            ["any other", '"any other"', '"nobody asked", vp'],
        ),
        ([["a, b"], ["a", "b"]], ["any other", '"a, b"', "a, b"]),
        ([["yes,no"]], ["any other", "yes,no"]),
        ([], ["any value"]),
    ],
)
def test_category_labels(rows, wanted) -> None:
    assert category_labels(rows, "nobody asked") == wanted
