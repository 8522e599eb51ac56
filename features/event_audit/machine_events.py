"""Events that a machine made: bursts of clicks by link scanners.

A burst is five events of one kind by one person, each at most two seconds after the one before.
All its events are a machine's, but only from the fifth on: until then nobody could know. What sales
did is never a machine's.

Times on the full minute do not count towards the five, since many exports keep no seconds, or no
time of the day at all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

BURST_EVENTS = 5
BURST_GAP = np.timedelta64(2, "s")  # at most, between one event and the next
MINUTE = 60_000_000  # microseconds

Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]


def machine_times(who: npt.NDArray[np.intp], kind: npt.NDArray[Any], at: Times) -> Times:
    """Find from when on each event is known to be a machine's.

    Parameters
    ----------
    who, kind : array of int
        The person and the kind of each event, as codes; events with a negative ``who`` are left
        out.
    at : array of datetime64[us]
        When each event happened.

    Returns
    -------
    array of datetime64[us]
        NaT for the events of people.

    Examples
    --------
    >>> clicks = np.datetime64("2024-05-01T10:00:07", "us") + np.arange(6) * BURST_GAP
    >>> machine_times(np.zeros(6, int), np.zeros(6, int), clicks).astype("datetime64[s]")[[0, 5]]
    array(['2024-05-01T10:00:15', '2024-05-01T10:00:17'], dtype='datetime64[s]')
    """
    found = np.full(len(at), np.datetime64("NaT"), dtype="datetime64[us]")
    rows = np.flatnonzero(who >= 0)
    if len(rows) < BURST_EVENTS:
        return found
    group = who[rows].astype(np.int64) * (int(kind.max()) + 2) + kind[rows] + 1
    order = np.lexsort((at[rows], group))
    rows, group = rows[order], group[order]
    times = at[rows].astype("datetime64[us]")
    gaps, same = np.diff(times), np.diff(group) == 0
    found[rows] = _known_from(times, same & (gaps <= BURST_GAP))
    return found


def _known_from(times: Times, linked: Mask) -> Times:
    """From when on each event is known, where a run of linked events shows a machine."""
    starts = np.flatnonzero(np.append(True, ~linked))
    lengths = np.diff(np.append(starts, len(times)))
    shown = _is_burst(times, np.repeat(starts, lengths))
    first = np.flatnonzero(shown & ~np.append(False, shown[:-1] & linked))
    known = np.full(len(starts), np.datetime64("NaT"), dtype="datetime64[us]")
    known[np.searchsorted(starts, first, side="right") - 1] = times[first]
    latest: Times = np.maximum(np.repeat(known, lengths), times)
    return latest


def _is_burst(times: Times, start: npt.NDArray[np.intp]) -> Mask:
    counted = np.cumsum(times.astype(np.int64) % MINUTE != 0)
    before = np.append(0, counted)[start]
    is_burst: Mask = counted - before >= BURST_EVENTS
    return is_burst
