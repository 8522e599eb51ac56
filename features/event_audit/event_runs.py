"""Runs of events: from when on a run is known to be a machine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Times = npt.NDArray[np.datetime64]


def no_times(size: int) -> Times:
    """Return so many unknown times.

    Examples
    --------
    >>> no_times(2)
    array(['NaT', 'NaT'], dtype='datetime64[us]')
    """
    return np.full(size, np.datetime64("NaT"), dtype="datetime64[us]")


def in_order(rows: Rows, who: Codes, at: Times) -> Rows:
    """Sort rows by person and time; those that are in order already are not sorted again.

    Examples
    --------
    >>> at = np.array(["2024-05-02", "2024-05-03", "2024-05-01"], dtype="datetime64[us]")
    >>> in_order(np.array([0, 1, 2]), np.array([1, 0, 1]), at)
    array([1, 2, 0])
    """
    people, times = who[rows], at[rows]
    later = np.diff(times) >= np.timedelta64(0, "us")
    further = np.diff(people)
    if ((further > 0) | ((further == 0) & later)).all():
        return rows
    return rows[np.lexsort((times, people))]


def run_starts(linked: Mask) -> Rows:
    """Find where the run of each row starts.

    Parameters
    ----------
    linked : array of bool
        Whether each row but the first belongs to the run of the row before.

    Examples
    --------
    >>> run_starts(np.array([True, False, True]))
    array([0, 0, 2, 2])
    """
    starts = np.flatnonzero(np.append(True, ~linked))
    return np.repeat(starts, np.diff(np.append(starts, len(linked) + 1)))


def known_from(times: Times, start: Rows, shown: Mask) -> Times:
    """Find from when on each event of a run is known to be a machine's.

    Parameters
    ----------
    times : array of datetime64[us]
        In order within each run.
    start : array of int
        Where the run of each row starts.
    shown : array of bool
        Whether the run up to this row shows a machine.

    Returns
    -------
    array of datetime64[us]
        When the run first showed it, and not before the event itself; NaT in other runs.

    Examples
    --------
    >>> times = np.array(["2024-05-01", "2024-05-02", "2024-05-03"], dtype="datetime64[us]")
    >>> known_from(times, np.zeros(3, int), np.array([False, True, True])).astype("datetime64[D]")
    array(['2024-05-02', '2024-05-02', '2024-05-03'], dtype='datetime64[D]')
    """
    first_shown = no_times(len(times))
    places = np.flatnonzero(shown)[::-1]  # the first of a run is written last
    first_shown[start[places]] = times[places]
    known: Times = np.maximum(first_shown[start], times)
    return known
