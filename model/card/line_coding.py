"""How a regression sees the fine bins of a line: as straight lines, and a few steps beside them.

Steps alone need many wins for each of them. Where wins are few, a penalty shrinks the steps, and
the straight lines remain, which need a single coefficient each: one in the number itself, one in
its logarithm, since the tenth visit or employee rarely counts as much as the first.
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
    """Code the bins of a number: missing, two straight lines, and steps at the quartiles.

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
    array([[ 1. ,  0. ,  0. ,  0. ,  0. ,  0. ],
           [ 0. , -1.4, -1.6,  0. ,  0. ,  0. ],
           [ 0. , -0.7, -0.5,  0. ,  0. ,  0. ],
           [ 0. ,  0. ,  0.2,  1. ,  0. ,  0. ],
           [ 0. ,  0.7,  0.8,  1. ,  1. ,  0. ],
           [ 0. ,  1.4,  1.2,  1. ,  1. ,  1. ]])
    """
    if binning.cuts is None:
        return step_coding(binning)
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    coarse = round_cuts(numbers, SHARES, SLACK)
    steps = step_coding(Binning(binning.feature, cuts=coarse))
    place = np.searchsorted(coarse, np.r_[-np.inf, binning.cuts], side="right")
    steps = np.vstack([steps[:1], steps[1:][place]])
    lines = _straight_lines(binning.cuts, numbers)
    return np.column_stack([steps[:, :1], np.vstack([[0.0, 0.0], lines]), steps[:, 1:]])


def _straight_lines(cuts: Array, numbers: Array) -> Array:
    """The mean value of the leads from cut to cut and its logarithm, in standard deviations."""
    known = numbers[np.isfinite(numbers)]
    level = np.clip(known, *np.quantile(known, ENDS))
    bins = np.searchsorted(cuts, known, side="right")
    leads = np.bincount(bins, minlength=len(cuts) + 1)
    lines = [_standardized(level), _standardized(_logarithm(level))]
    sums = [np.bincount(bins, line, minlength=len(leads)) for line in lines]
    return np.column_stack(sums) / np.maximum(leads, 1)[:, None]


def _logarithm(values: Array) -> Array:
    """The logarithm, on both sides of 0; below half of the usual size nearly the value itself."""
    sizes = np.abs(values[values != 0])
    return np.asarray(np.arcsinh(2 * values / float(np.median(sizes)))) if len(sizes) else values


def _standardized(values: Array) -> Array:
    if np.ptp(values) == 0:
        return np.zeros(len(values))
    return np.asarray((values - values.mean()) / values.std())
