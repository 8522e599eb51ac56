"""Times in the wrong place of a sorted file: found whatever their neighbours are, none elsewhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.tables.out_of_order import days_out_of_order, order_of_ids

TIMES = pd.date_range("2026-01-01", periods=400, freq="7h").to_numpy("datetime64[us]")
ALL = np.arange(len(TIMES))


def test_a_sorted_file_has_nothing_out_of_order_however_sparse_it_is() -> None:
    gaps = np.sort(np.random.default_rng(0).integers(0, 10**9, 400)).astype("datetime64[s]")
    for times in (TIMES, gaps.astype("datetime64[us]")):
        assert not days_out_of_order(times, ALL).any()


@pytest.mark.parametrize("part", [0.05, 0.3])
def test_moved_times_are_found_among_others_that_were_moved(part) -> None:
    moved = np.random.default_rng(1).random(len(TIMES)) < part
    times = np.where(moved, TIMES + np.timedelta64(30, "D"), TIMES)
    found = days_out_of_order(times, ALL) > 5
    assert found[moved & (ALL < 300)].mean() > 0.9, "the last have no later neighbours"
    assert found[~moved].mean() < 0.02


def test_the_sign_says_whether_a_time_is_early_or_late() -> None:
    times = TIMES.copy()
    times[100], times[200] = TIMES[0], TIMES[399]
    early, late = days_out_of_order(times, np.array([100, 200]))
    assert early < -20
    assert late > 20


def test_missing_times_are_no_neighbours_and_have_no_place() -> None:
    times = TIMES.copy()
    times[::3] = np.datetime64("NaT")
    found = days_out_of_order(times, ALL)
    assert np.isnan(found[::3]).all()
    assert not np.nan_to_num(found).any()


def test_ids_without_numbers_have_no_order() -> None:
    assert order_of_ids(pd.Series(["a", "b"])) is None
    assert order_of_ids(pd.Series([], dtype=object)) is None
    assert order_of_ids(pd.Series(["X9-10", "X8-2"])).tolist() == [1, 0]
