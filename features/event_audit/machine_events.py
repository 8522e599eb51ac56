"""Events that a machine made: link scanners and other programs that act as a person.

Four rules, each by itself:

- a burst: five events of one kind by one person, each at most two seconds after the one before;
- all links at once: three links of one campaign in the same second, or five links in the same
  minute where the export keeps no seconds;
- a series without sleep, and
- a series at night (both in `features.event_audit.machine_series`).

An event is a machine's only from when the rule is met: until then nobody could know. What sales did
is never a machine's.

Times on the full minute do not count towards a burst, nor times on the full hour towards links at
once, since many exports keep no seconds, or no time of the day at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import reduce

import numpy as np

from features.event_audit.event_runs import Codes, Mask, Times, known_from, no_times, run_starts
from features.event_audit.machine_series import night_times, series_times

BURST_EVENTS = 5
BURST_GAP = np.timedelta64(2, "s")  # at most, between one event and the next
LINKS_OF_A_CAMPAIGN, LINKS_IN_A_MINUTE = 3, 5
SECOND, MINUTE = 1_000_000, 60_000_000  # microseconds

BURST = "bursts within seconds"
LINKS = "all links at once"
SERIES = "series without sleep"
NIGHT = "series at night"


def machine_events(
    who: Codes, kind: Codes, at: Times, asset: Codes, campaign: Codes
) -> Mapping[str, Times]:
    """Find by each rule from when on each event is known to be a machine's.

    Parameters
    ----------
    who, kind, asset, campaign : array of int
        The person and so on of each event, as codes; negative where there is none. Events with a
        negative ``who`` are left out.
    at : array of datetime64[us]
        When each event happened.

    Returns
    -------
    mapping of str to array of datetime64[us]
        NaT for the events of people.
    """
    rules: dict[str, Callable[[], Times]] = {
        BURST: lambda: burst_times(who, kind, at),
        LINKS: lambda: link_times(who, kind, at, asset, campaign),
        SERIES: lambda: series_times(who, at),
        NIGHT: lambda: night_times(who, at),
    }
    with ThreadPoolExecutor(2) as pool:  # most of the work is sorting, which leaves Python alone
        found = pool.map(lambda find: find(), rules.values())
        return dict(zip(rules, found, strict=True))


def earliest_times(found: Mapping[str, Times]) -> Times:
    """Combine the rules: an event is a machine's as soon as one of them is met."""
    earliest: Times = reduce(np.fmin, found.values())
    return earliest


def burst_times(who: Codes, kind: Codes, at: Times) -> Times:
    """Find from when on each event is known to belong to a burst.

    Examples
    --------
    >>> clicks = np.datetime64("2024-05-01T10:00:07", "us") + np.arange(6) * BURST_GAP
    >>> burst_times(np.zeros(6, int), np.zeros(6, int), clicks).astype("datetime64[s]")[[0, 5]]
    array(['2024-05-01T10:00:15', '2024-05-01T10:00:17'], dtype='datetime64[s]')
    """
    found = no_times(len(at))
    rows = _quick_series(who, at)
    if not len(rows):
        return found
    group = _pairs(who[rows], kind[rows])
    order = np.lexsort((at[rows], group))
    rows, group = rows[order], group[order]
    times = at[rows].astype("datetime64[us]")
    start = run_starts((np.diff(group) == 0) & (np.diff(times) <= BURST_GAP))
    found[rows] = known_from(times, start, _is_burst(times, start))
    return found


def _quick_series(who: Codes, at: Times) -> Codes:
    """Rows of enough events of one person in quick succession, of any kind: few are."""
    rows = np.flatnonzero(who >= 0)
    if len(rows) < BURST_EVENTS:
        return rows[:0]
    rows = rows[np.lexsort((at[rows], who[rows]))]
    quick = np.diff(at[rows].astype("datetime64[us]")) <= BURST_GAP
    start = run_starts((np.diff(who[rows]) == 0) & quick)
    return rows[np.bincount(start, minlength=len(start))[start] >= BURST_EVENTS]


def link_times(who: Codes, kind: Codes, at: Times, asset: Codes, campaign: Codes) -> Times:
    """Find the events that follow many links at once; they are known at once, too.

    Examples
    --------
    >>> at, zeros = np.full(5, np.datetime64("2024-05-01T10:07", "us")), np.zeros(5, int)
    >>> link_times(zeros, zeros, at, np.arange(5), zeros - 1).astype("datetime64[m]")[0]
    np.datetime64('2024-05-01T10:07')
    """
    found = no_times(len(at))
    linked = np.flatnonzero((who >= 0) & (asset >= 0))
    if len(linked) < LINKS_OF_A_CAMPAIGN:
        return found
    second = at[linked].astype("datetime64[us]").astype(np.int64) // SECOND
    minutes = second % 60 == 0
    of_campaign = linked[~minutes & (campaign[linked] >= 0)]
    of_minute = linked[minutes & (second % 3600 != 0)]
    mailing = _pairs(who[of_campaign], campaign[of_campaign])
    for rows, group, least in (
        (of_campaign, mailing, LINKS_OF_A_CAMPAIGN),
        (of_minute, who[of_minute].astype(np.int64), LINKS_IN_A_MINUTE),
    ):
        shown = rows[_many_at_once(_pairs(group, kind[rows]), at[rows], asset[rows], least)]
        found[shown] = at[shown]
    return found


def _many_at_once(group: Codes, at: Times, asset: Codes, least: int) -> Mask:
    """Whether a group has at least so many different assets at the second of each row."""
    if not len(group):
        return np.zeros(0, dtype=bool)
    second = at.astype("datetime64[s]")
    order = np.lexsort((asset, second, group))
    same = (np.diff(group[order]) == 0) & (np.diff(second[order]) == np.timedelta64(0, "s"))
    start = run_starts(same)
    other = np.append(True, ~same | (np.diff(asset[order]) != 0))
    assets = np.bincount(start, weights=other, minlength=len(start))[start]
    many = np.zeros(len(group), dtype=bool)
    many[order] = assets >= least
    return many


def _pairs(first: Codes, second: Codes) -> Codes:
    """Give each pair of codes a code; the second may be -1."""
    pairs: Codes = first.astype(np.int64) * (int(second.max(initial=-1)) + 2) + second + 1
    return pairs


def _is_burst(times: Times, start: Codes) -> Mask:
    counted = np.cumsum(times.astype(np.int64) % MINUTE != 0)
    before = np.append(0, counted)[start]
    is_burst: Mask = counted - before >= BURST_EVENTS
    return is_burst
