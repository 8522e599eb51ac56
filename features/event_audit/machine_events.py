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

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np

from features.at_once import at_once
from features.event_audit.event_runs import (
    Codes,
    Mask,
    Rows,
    Times,
    in_order,
    known_from,
    no_times,
    run_starts,
)
from features.event_audit.machine_series import night_times, series_times

PART = 2_000_000  # events that are looked at together; more only if one person has them
BURST_EVENTS = 5
BURST_GAP = np.timedelta64(2, "s")  # at most, between one event and the next
LINKS_OF_A_CAMPAIGN, LINKS_IN_A_MINUTE = 3, 5
MINUTE = 60_000_000  # microseconds

BURST = "bursts within seconds"
LINKS = "all links at once"
SERIES = "series without sleep"
NIGHT = "series at night"
RULES = (BURST, LINKS, SERIES, NIGHT)


class Machines(NamedTuple):
    """The events of machines.

    Attributes
    ----------
    known_from : array of datetime64[us]
        From when on each event is known to be a machine's; NaT for the events of people.
    events : mapping of str to int
        How many were found, each under the first rule that finds it.
    people : int
        At how many people.
    """

    known_from: Times
    events: Mapping[str, int]
    people: int


def find_machines(
    who: Codes, kind: Codes, at: Times, asset: Codes, campaign: Codes, nights: Codes
) -> Machines:
    """Find the events of machines, a part of the people after the other.

    Parameters
    ----------
    who, kind, asset, campaign : array of int
        The person and so on of each event, as codes; negative where there is none. Events with a
        negative ``who`` are left out.
    at : array of datetime64[us]
        When each event happened.
    nights : array of int
        Of `features.event_audit.machine_series.quiet_hours`, of all events of the file.

    Examples
    --------
    >>> clicks = np.datetime64("2024-05-01T10:00:07", "us") + np.arange(6) * BURST_GAP
    >>> zeros = np.zeros(6, dtype=int)
    >>> find_machines(zeros, zeros, clicks, zeros - 1, zeros - 1, zeros[:0])[1:]
    ({'bursts within seconds': 6}, 1)
    """
    known, events, people = no_times(len(at)), Counter[str](), 0
    for part in _parts_of_people(who):
        rows = in_order(part, who, at)
        things = kind[rows], at[rows], asset[rows], campaign[rows]
        found = machine_events(who[rows], *things, nights)
        known[rows] = earliest_times(found)
        shown = np.zeros(len(rows), dtype=bool)
        for rule, times in found.items():
            new = ~np.isnat(times) & ~shown
            shown |= new
            events[rule] += int(new.sum())
        people += len(np.unique(who[rows[shown]]))
    return Machines(known, dict(+events), people)


def _parts_of_people(who: Codes) -> Iterator[Rows]:
    """The rows of some people at a time."""
    events = np.bincount(who[who >= 0])
    part_of = np.append(np.cumsum(events) // PART, -1).astype("int32")
    part = part_of[who]
    for number in np.unique(part_of[:-1]):
        yield np.flatnonzero(part == number)


def machine_events(
    who: Codes, kind: Codes, at: Times, asset: Codes, campaign: Codes, nights: Codes
) -> Mapping[str, Times]:
    """Find by each rule from when on each event is known to be a machine's.

    Parameters
    ----------
    who, kind, at, asset, campaign
        As for `find_machines`.
    nights : array of int
        Of `features.event_audit.machine_series.quiet_hours`.

    Returns
    -------
    mapping of str to array of datetime64[us]
        NaT for the events of people.
    """
    rules: dict[str, Callable[[], Times]] = {
        BURST: lambda: burst_times(who, kind, at),
        LINKS: lambda: link_times(who, kind, at, asset, campaign),
        SERIES: lambda: series_times(who, at),
        NIGHT: lambda: night_times(who, at, nights),
    }
    return dict(zip(rules, at_once(*rules.values()), strict=True))


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
    times = at.astype("datetime64[us]")
    rows = _long_runs(np.flatnonzero(who >= 0), who, times, BURST_GAP, BURST_EVENTS)
    if not len(rows):
        return found
    group = _pairs(who[rows], kind[rows])
    order = np.lexsort((at[rows], group))
    rows, group = rows[order], group[order]
    times = times[rows]
    start = run_starts((np.diff(group) == 0) & (np.diff(times) <= BURST_GAP))
    found[rows] = known_from(times, start, _is_burst(times, start))
    return found


def _long_runs(rows: Rows, who: Codes, at: Times, gap: np.timedelta64, least: int) -> Rows:
    """Those of some rows that belong to enough events of one person in quick succession."""
    if len(rows) < least:
        return rows[:0]
    rows = in_order(rows, who, at)
    start = run_starts((np.diff(who[rows]) == 0) & (np.diff(at[rows]) <= gap))
    return rows[np.bincount(start, minlength=len(start))[start] >= least]


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
    seconds = at.astype("datetime64[s]")
    second = seconds[linked].astype(np.int64)
    minutes = second % 60 == 0
    of_campaign = linked[~minutes & (campaign[linked] >= 0)]
    of_minute = linked[minutes & (second % 3600 != 0)]
    for rows, of, least in (
        (of_campaign, campaign, LINKS_OF_A_CAMPAIGN),
        (of_minute, np.zeros(len(at), dtype=np.int8), LINKS_IN_A_MINUTE),
    ):
        at_once = _long_runs(rows, who, seconds, np.timedelta64(0, "s"), least)
        group = _pairs(_pairs(who[at_once], of[at_once]), kind[at_once])
        shown = at_once[_many_at_once(group, seconds[at_once], asset[at_once], least)]
        found[shown] = at[shown]
    return found


def _many_at_once(group: Codes, second: Times, asset: Codes, least: int) -> Mask:
    """Whether a group has at least so many different assets at the second of each row."""
    if not len(group):
        return np.zeros(0, dtype=bool)
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
