"""Series of events without sleep or at night are found; people who sleep are left alone."""

from __future__ import annotations

import numpy as np
import pytest

from features.event_audit.machine_series import (
    active_people,
    night_times,
    quiet_hours,
    series_times,
)

MINUTE, HOUR, DAY = (np.timedelta64(1, unit) for unit in ("m", "h", "D"))
START = np.datetime64("2024-05-01T09:07:11", "us")


def of_one_person(steps):
    """When a series of events with these steps is known to be a machine's."""
    at = START + np.cumsum(np.array([0 * HOUR, *steps]))
    found = series_times(np.zeros(len(at), dtype=int), at)
    return np.unique(found[~np.isnat(found)] - START)


@pytest.mark.parametrize(
    ("steps", "hours"),
    [
        ([30 * MINUTE] * 28, 14),
        ([30 * MINUTE] * 27, None),  # 13.5 hours
        ([59 * MINUTE] * 15, 14.75),
        ([60 * MINUTE] * 20, None),  # each break lasts an hour
        ([4 * HOUR] * 18, 72),
        ([4 * HOUR] * 17, None),  # 68 hours
        ([5 * HOUR] * 40, None),
        ([24 * HOUR] * 40, None),  # dates only
        ([20 * MINUTE] * 30 + [9 * HOUR] + [20 * MINUTE] * 30, None),  # two long days
    ],
)
def test_nobody_goes_without_a_break_for_so_long(steps, hours) -> None:
    found = of_one_person(steps)
    if hours is None:
        assert not len(found)
    else:
        assert found[0] == np.timedelta64(int(hours * 60), "m")


def test_the_events_of_two_people_are_not_one_series() -> None:
    at = START + np.arange(60) * 30 * MINUTE
    found = series_times(np.arange(60) // 20, at)
    assert np.isnat(found).all()
    assert not len(series_times(np.zeros(0, dtype=int), at[:0]))
    assert np.isnat(series_times(np.full(60, -1), at)).all()


def workdays(people, random, from_hour=8, hours=10):
    """Events of people by day, thirty each."""
    day = random.integers(0, 200, (people, 30)) * DAY
    minute = random.integers(60 * from_hour, 60 * (from_hour + hours), (people, 30)) * MINUTE
    who = np.repeat(np.arange(people), 30)
    return who, (np.datetime64("2024-01-01T00:00:30", "us") + day + minute).ravel()


def at_night_only(who, at):
    """Since when each event is known to be of somebody who is active at night only."""
    return night_times(who, at, quiet_hours(active_people(who, at)))


def nights(number, hour=2):
    return np.datetime64("2024-03-01T00:00:30", "us") + np.arange(number) * DAY + hour * HOUR


@pytest.mark.parametrize(("number", "known"), [(10, 10), (9, 0)])
def test_ten_nights_show_a_machine(number, known) -> None:
    who, at = workdays(100, np.random.default_rng(0))
    at_night = nights(number)
    twice = np.repeat(at_night, 2)  # two events of a night are one night
    who, at = np.append(who, np.full(2 * number, 100)), np.append(at, twice)
    found = at_night_only(who, at)
    assert np.isnat(found[who < 100]).all()
    assert (~np.isnat(found[who == 100])).sum() == 2 * known
    if known:
        assert found[who == 100].min() == at_night[9]


@pytest.mark.parametrize("zone", [6, 10, 14, 18])
def test_a_person_of_another_time_zone_is_left_alone(zone) -> None:
    random = np.random.default_rng(zone)
    who, at = workdays(200, random)
    abroad = nights(40, 0) + ((8 + zone) % 24) * HOUR + random.integers(0, 600, 40) * MINUTE
    found = at_night_only(np.append(who, np.full(40, 200)), np.append(at, abroad))
    assert np.isnat(found).all()


def test_where_the_night_is_not_quiet_nothing_is_said() -> None:
    random = np.random.default_rng(1)
    (who, at), (others, also) = workdays(50, random), workdays(9, random, 21, 10)
    found = at_night_only(
        np.concatenate([who, 50 + others, np.full(20, 99)]), np.concatenate([at, also, nights(20)])
    )
    assert np.isnat(found).all()


def test_dates_without_a_time_of_the_day_are_no_nights() -> None:
    who, at = workdays(100, np.random.default_rng(2))
    dates = (nights(30) - 2 * HOUR).astype("datetime64[D]").astype("datetime64[us]")
    found = at_night_only(np.append(who, np.full(30, 100)), np.append(at, dates))
    assert np.isnat(found).all()
