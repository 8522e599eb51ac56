"""How a regression sees the fine bins of a line: a straight line, and a few steps beside it.

Steps alone need many wins for each of them. Where wins are few, a penalty shrinks the steps, and
the straight line remains, which needs a single coefficient.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.estimators.bins import Binning, round_cuts
from model.estimators.logistic import SHARES, SLACK, step_coding

Array = npt.NDArray[Any]
ENDS = 0.01, 0.99  # shares of the leads below the values at which the line becomes level


def line_coding(binning: Binning, values: pd.Series[Any]) -> Array:
    """Code the bins of a number by columns: missing, a straight line, and steps at the quartiles.

    Categories are coded by their names.

    Parameters
    ----------
    binning : Binning
        Fine bins.
    values : Series
        The feature of the leads to learn from.

    Returns
    -------
    array, shape (bins, columns)

    Examples
    --------
    >>> visits = Binning("visits", cuts=np.array([1.0, 2, 3, 4]))
    >>> line_coding(visits, pd.Series([0.0, 1, 2, 3, 4] * 20)).round(1)
    array([[ 1. ,  0. ,  0. ,  0. ,  0. ],
           [ 0. , -1.4,  0. ,  0. ,  0. ],
           [ 0. , -0.7,  0. ,  0. ,  0. ],
           [ 0. ,  0. ,  1. ,  0. ,  0. ],
           [ 0. ,  0.7,  1. ,  1. ,  0. ],
           [ 0. ,  1.4,  1. ,  1. ,  1. ]])
    """
    if binning.cuts is None:
        return step_coding(binning)
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    coarse = round_cuts(numbers, SHARES, SLACK)
    steps = step_coding(Binning(binning.feature, cuts=coarse))
    place = np.searchsorted(coarse, np.r_[-np.inf, binning.cuts], side="right")
    steps = np.vstack([steps[:1], steps[1:][place]])
    line = _straight_line(binning.cuts, numbers)
    return np.column_stack([steps[:, :1], np.r_[0.0, line], steps[:, 1:]])


def _straight_line(cuts: Array, numbers: Array) -> Array:
    """The mean value of the leads from cut to cut, in standard deviations."""
    known = np.isfinite(numbers)
    level = np.clip(numbers[known], *np.quantile(numbers[known], ENDS))
    spread = float(level.std())
    if spread == 0:
        return np.zeros(len(cuts) + 1)
    bins = np.searchsorted(cuts, numbers[known], side="right")
    leads = np.bincount(bins, minlength=len(cuts) + 1)
    sums = np.bincount(bins, (level - level.mean()) / spread, minlength=len(cuts) + 1)
    return np.asarray(sums / np.maximum(leads, 1))
