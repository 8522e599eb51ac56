"""Times that stand in the wrong place of a file that runs on with time.

Most exports list their rows, or number them, as they came. A date whose day and month were swapped
then stands between dates of other months, and a time of another zone between times of other hours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

BLOCK = 15  # rows; faults of less than half of them do not matter
_LAST_NUMBER = r"(?P<number>[0-9]{1,15})[^0-9]*$"


def days_out_of_order(times: npt.NDArray[np.datetime64], rows: Rows) -> Numbers:
    """Say by how many days each time lies outside those of its neighbours.

    It may lie anywhere between the median of the 15 rows before its own 15, and that of the 15
    after them. In a sorted file all do, however few rows it has a day.

    Parameters
    ----------
    times : array of datetime64
        In the order of the file.
    rows : array of int
        The places to look at.

    Returns
    -------
    array of float
        Negative if a time is too early; NaN where it is missing.

    Examples
    --------
    >>> times = pd.date_range("2026-09-01", periods=90).to_numpy("datetime64[us]").copy()
    >>> times[40] = np.datetime64("2026-04-01")
    >>> days_out_of_order(times, np.arange(39, 42)).tolist()
    [0.0, -175.0, 0.0]
    """
    days = np.where(np.isnat(times), np.nan, times.astype("datetime64[us]").astype("int64"))
    days /= 86_400e6
    medians, block, own = _medians(days), rows // BLOCK, days[rows]
    before, after = medians[block], medians[block + 2]
    before = np.where(np.isnan(before), -np.inf, before)
    after = np.where(np.isnan(after), np.inf, after)
    early: Numbers = np.minimum(own - np.minimum(before, after), 0)
    late: Numbers = np.maximum(own - np.maximum(before, after), 0)
    outside: Numbers = early + late
    return outside


def _medians(days: Numbers) -> Numbers:
    """The medians of the known times of all blocks; none before the first and after the last."""
    blocks = -(-len(days) // BLOCK)
    table = np.full(blocks * BLOCK, np.nan)
    table[: len(days)] = days
    table = np.sort(table.reshape(blocks, BLOCK), axis=1)  # missing ones come last
    middle = np.maximum(np.isfinite(table).sum(1) - 1, 0) // 2
    medians: Numbers = np.r_[-np.inf, table[np.arange(blocks), middle], np.inf]
    return medians


def order_of_ids(ids: pd.Series) -> Rows | None:
    """Order the rows by the number at the end of their ids; None where most have none.

    Examples
    --------
    >>> order_of_ids(pd.Series(["L-3", "L-20", "L-1"])).tolist()
    [2, 0, 1]
    """
    texts = pa.array(ids.to_numpy(object), pa.string(), from_pandas=True)
    found = pc.struct_field(pc.extract_regex(texts, _LAST_NUMBER), "number")
    numbers = pc.cast(found, pa.float64()).to_numpy(zero_copy_only=False)
    if not len(numbers) or np.isnan(numbers).mean() > 0.01:
        return None
    order: Rows = np.argsort(numbers, kind="stable")
    return order
