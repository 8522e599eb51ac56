"""Machines among the people of a company: what they do, and which events they are found by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from features.event_audit.machine_events import find_machines
from features.event_audit.machine_series import active_people, quiet_hours
from verification.event_leaks.company import Array

PEOPLE, MACHINES = 400, 20
Visits = tuple[Array, Array]  # when each event happened, and the link that it was about


def found_and_alarms(name: str, seed: int) -> tuple[float, float]:
    """Let machines act among people.

    Returns
    -------
    tuple of float
        The share of the machines' events that is found, and of the people's events that is taken
        for a machine's.
    """
    random = np.random.default_rng(seed)
    people = [_of_a_person(random) for _ in range(PEOPLE)]
    machines = [MACHINE_KINDS[name](random) for _ in range(MACHINES)]
    visits = people + machines
    who = np.repeat(np.arange(len(visits)), [len(at) for at, _ in visits])
    at, asset = (np.concatenate(column) for column in zip(*visits, strict=True))
    same = np.zeros(len(who), dtype=int)
    found = ~np.isnat(
        find_machines(who, same, at, asset, same, quiet_hours(active_people(who, at))).known_from
    )
    by_machine = who >= PEOPLE
    return float(found[by_machine].mean()), float(found[~by_machine].mean())


def _of_a_person(random: np.random.Generator) -> Visits:
    """Visits of a few pages each, by day where the person lives: some live far away."""
    zone = random.choice([0, 1, -6, 8], p=[0.7, 0.2, 0.05, 0.05])
    day = np.repeat(random.integers(0, 300, random.integers(1, 25)), 3)
    second = random.integers(8 * 3600, 22 * 3600, len(day)) - 3600 * zone
    return _times(day * 86_400 + second), random.integers(0, 40, len(day))


def _burst(random: np.random.Generator) -> Visits:
    steps = random.integers(0, 3, 30)
    return _times(_start(random) + np.cumsum(steps)), np.arange(30)


def _all_links_at_once(random: np.random.Generator) -> Visits:
    """Four mails whose five links are all opened in the same second, or minute."""
    mails = (
        np.sort(random.integers(0, 300, 4)) * 86_400
        + random.integers(1, 1400) * 60
        + 30 * (random.random() < 0.5)
    )
    return _times(np.repeat(mails, 5)), np.tile(np.arange(5), 4)


def _without_sleep(random: np.random.Generator) -> Visits:
    return _times(_start(random) + np.cumsum(random.integers(60, 1800, 90))), np.zeros(
        90, dtype=int
    )


def _at_night(random: np.random.Generator) -> Visits:
    """Half an hour each night, for twenty nights."""
    day = np.repeat(np.arange(20) + random.integers(0, 200), 4)
    second = 3600 * random.integers(1, 5) + random.integers(0, 1800, len(day))
    return _times(day * 86_400 + second), np.zeros(len(day), dtype=int)


def _start(random: np.random.Generator) -> int:
    return int(random.integers(0, 300 * 86_400))


def _times(seconds: Array) -> Array:
    return (pd.Timestamp("2024-01-01").to_datetime64() + seconds.astype("timedelta64[s]")).astype(
        "datetime64[us]"
    )


MACHINE_KINDS: Mapping[str, Callable[[np.random.Generator], Visits]] = {
    "machines: bursts of clicks": _burst,
    "machines: all links at once": _all_links_at_once,
    "machines: day and night": _without_sleep,
    "machines: at night": _at_night,
}
