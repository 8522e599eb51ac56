"""Series of events that no person keeps up: without sleep, or at night for many days.

Two of the rules need no time zone. Nobody is active for 14 hours with no break of an hour, nor for
three days with no break of five hours. The third rule knows the night from the file: any six hours
of the day in which hardly anybody is active. Who was active in the same six hours on ten nights,
and at hardly any other time, is a machine. People of another time zone work longer than that.
"""

from __future__ import annotations

import numpy as np

from features.event_audit.event_runs import (
    Codes,
    Mask,
    Times,
    in_order,
    known_from,
    no_times,
    run_starts,
)

HOUR, DAY = np.timedelta64(1, "h"), np.timedelta64(1, "D")
MICROSECONDS_A_DAY = 86_400_000_000
SLEEPLESS = ((HOUR, 14 * HOUR), (5 * HOUR, 3 * DAY))  # no break as long as this, for so long
NIGHT_HOURS, QUIET = 6, 0.05  # share of the hours in which people are active, at night
NIGHTS, AT_NIGHT = 10, 0.9  # share of a person's events
BLOCK = 1_000_000  # events
LEAST_EVENTS = 10  # of a person, or no rule can apply


def series_times(who: Codes, at: Times) -> Times:
    """Find from when on each event is known to belong to a series without sleep.

    Parameters
    ----------
    who : array of int
        The person of each event; negative where it is not looked at.
    at : array of datetime64[us]
        When each event happened.

    Returns
    -------
    array of datetime64[us]
        NaT for the events of people.

    Examples
    --------
    >>> at = np.datetime64("2024-05-01T10:00", "us") + np.arange(40) * np.timedelta64(30, "m")
    >>> series_times(np.zeros(40, int), at)[[0, 39]].astype("datetime64[h]")
    array(['2024-05-02T00', '2024-05-02T05'], dtype='datetime64[h]')
    """
    found = no_times(len(at))
    rows = _of_the_active(who, at)
    times, same = at[rows], np.diff(who[rows]) == 0
    for gap, lasting in SLEEPLESS if len(rows) else ():
        start = run_starts(same & (np.diff(times) < gap))
        known = known_from(times, start, times - times[start] >= lasting)
        found[rows] = np.fmin(found[rows], known)
    return found


def night_times(who: Codes, at: Times, nights: Codes) -> Times:
    """Find from when on each event is known to be of somebody who is active at night only.

    Events at midnight sharp count as neither, since many exports keep no time of the day.

    Parameters
    ----------
    nights : array of int
        Of `quiet_hours`, which looks at all events of the file.
    """
    found = no_times(len(at))
    hour, clocked = _hours(who, at)
    night_hours = (nights[:, None] + np.arange(NIGHT_HOURS)) % 24
    candidates = np.where(clocked & np.isin(hour, night_hours), who, -1)
    often = np.unique(who[_of_the_active(candidates, at)])
    rows = _of_the_active(np.where(clocked & np.isin(who, often), who, -1), at)
    start = run_starts(np.diff(who[rows]) == 0) if len(rows) else rows
    for begins in nights if len(rows) else ():
        shown = _mostly_at_night(at[rows] - begins * HOUR, start)
        found[rows] = np.fmin(found[rows], known_from(at[rows], start, shown))
    return found


def _of_the_active(who: Codes, at: Times) -> Codes:
    """Rows of the people with enough events, by person and time."""
    often = np.bincount(who[who >= 0]) >= LEAST_EVENTS if len(who) else np.zeros(0, dtype=bool)
    rows = np.flatnonzero((who >= 0) & np.append(often, False)[who])
    return in_order(rows, who, at)


def active_people(who: Codes, at: Times) -> Codes:
    """Count the people who are active in each hour of the day.

    Examples
    --------
    >>> at = np.datetime64("2024-05-01T08:30", "us") + np.arange(12) * HOUR
    >>> active_people(np.zeros(12, int), at)[7:10].tolist()
    [0, 1, 1]
    """
    active = np.zeros((int(who.max(initial=-1)) + 1, 24), dtype=bool)
    for start in range(0, len(at), BLOCK):
        block = slice(start, start + BLOCK)
        hour, clocked = _hours(who[block], at[block])
        active[who[block][clocked], hour[clocked]] = True  # each person counts once an hour
    people: Codes = active.sum(axis=0)
    return people


def quiet_hours(people: Codes) -> Codes:
    """Find the hours at which six hours begin in which hardly anybody is active.

    Parameters
    ----------
    people : array of int
        Of `active_people`.

    Examples
    --------
    >>> quiet_hours(np.array([0] * 8 + [1] * 12 + [0] * 4)).tolist()
    [0, 1, 2, 20, 21, 22, 23]
    """
    around = np.append(people, people[: NIGHT_HOURS - 1])
    sums = np.convolve(around, np.ones(NIGHT_HOURS, dtype=int), mode="valid")
    return np.flatnonzero(sums < QUIET * people.sum())


def _hours(who: Codes, at: Times) -> tuple[Codes, Mask]:
    """The hour of each event, and whether it is known and of a person."""
    since_midnight = at.astype("datetime64[us]").astype(np.int64) % MICROSECONDS_A_DAY
    hour = (since_midnight // (MICROSECONDS_A_DAY // 24)).astype(np.int8)
    return hour, (who >= 0) & (since_midnight != 0)


def _mostly_at_night(since_night: Times, start: Codes) -> Mask:
    """Whether so far a person was active on enough nights, and hardly by day."""
    day = since_night.astype("datetime64[D]")
    at_night = since_night - day < NIGHT_HOURS * HOUR
    place = np.arange(len(start))
    last_night = np.maximum.accumulate(np.where(at_night, place, -1))
    before = np.append(-1, last_night[:-1])  # the last event at night before this one
    again = (before >= start) & (day[before] == day)
    nights = _so_far(at_night & ~again, start)
    shown: Mask = (nights >= NIGHTS) & (_so_far(at_night, start) >= AT_NIGHT * (place - start + 1))
    return shown


def _so_far(counted: Mask, start: Codes) -> Codes:
    """Count within each run, up to and with each row."""
    total = np.append(0, np.cumsum(counted))
    so_far: Codes = total[1:] - total[start]
    return so_far
