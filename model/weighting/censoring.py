"""Censoring weights: how leads with an early outcome stand for those followed for less time.

A win is known at once, a loss only when the horizon has passed. Among the young leads, the known
outcomes are therefore all wins. Each known lead is weighted by the inverse of the share of leads
that were followed as long as it took to know its outcome.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
LARGEST = 10.0  # weight of a lead; one that is known at once has 1


def censoring_weights(
    as_of: pd.Series[Any],
    known_at: pd.Series[Any],
    day: pd.Timestamp,
    population: pd.Series[Any],
) -> Array:
    """Weight the leads whose outcome was known by a day to represent all leads of their time.

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
        lead whose outcome was not known by then.

    Notes
    -----
    How long a lead was followed depends only on its moment, so the share is counted. It must be
    independent of the chance to win: where the win rate changes, the weights are off by as much.

    References
    ----------
    J. M. Robins and A. Rotnitzky, "Recovery of information and adjustment for dependent censoring
    using surrogate markers", in AIDS Epidemiology, 1992.

    Examples
    --------
    >>> start = pd.to_datetime(pd.Series(["2024-01-01", "2024-01-01", "2024-03-01", "2024-03-01"]))
    >>> known_at = start + pd.to_timedelta([60, 60, 10, 60], unit="D")
    >>> censoring_weights(start, known_at, pd.Timestamp("2024-04-01"), start)
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
