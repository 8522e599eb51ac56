"""Leads whose horizon has not passed: how the early wins among them are made to count rightly.

A win is known at once, a loss only when the horizon has passed. Who takes every known outcome as it
is has all the wins of the young leads and none of their losses. Each known lead is therefore
weighed by the inverse of the share of leads that were followed as long as it took to know it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
LARGEST = 10.0  # weight of a lead, where one that is known at once counts 1


def censoring_weights(
    as_of: pd.Series[Any],
    known_at: pd.Series[Any],
    day: pd.Timestamp,
    population: pd.Series[Any],
) -> Array:
    """Weigh the leads whose outcome was known by a day, so that they speak for all of their time.

    Parameters
    ----------
    as_of, known_at : Series of datetime, shape (n,)
        Moments, and when the outcome was known: the win, or the end of the horizon.
    day : Timestamp
        Until when leads were followed.
    population : Series of datetime
        Moments of all leads of the same time, known or not.

    Returns
    -------
    array, shape (n,)
        One over the share of the population that was followed as long, at most `LARGEST`; 0 for a
        lead that was not known by then.

    Notes
    -----
    How long a lead was followed depends on its moment alone, so the share is counted. It must have
    nothing to do with the chance to win: where the win rate moves, the weights are off by as much.

    References
    ----------
    J. M. Robins and A. Rotnitzky, "Recovery of information and adjustment for dependent censoring
    using surrogate markers", in AIDS Epidemiology, 1992.

    Examples
    --------
    >>> start = pd.to_datetime(pd.Series(["2024-01-01", "2024-01-01", "2024-03-01", "2024-03-01"]))
    >>> told = start + pd.to_timedelta([60, 60, 10, 60], unit="D")
    >>> censoring_weights(start, told, pd.Timestamp("2024-04-01"), start)
    array([2., 2., 1., 0.])
    """
    followed = np.sort(_days(day - population).dropna().to_numpy())
    needed = _days(known_at - as_of).to_numpy()
    share = 1 - np.searchsorted(followed, needed, side="left") / max(len(followed), 1)
    with np.errstate(divide="ignore"):
        weight = np.minimum(1 / share, LARGEST)
    return np.where((known_at <= day).to_numpy(), weight, 0.0)


def _days(time: pd.Series[Any]) -> pd.Series[Any]:
    days: pd.Series[Any] = time.dt.total_seconds() / 86_400.0
    return days
