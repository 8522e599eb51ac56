"""Events of machines: the vectorised rule agrees with a slow one, and people are left alone."""

import numpy as np
import pytest

from features.event_audit.machine_events import (
    BURST,
    LINKS,
    NIGHT,
    SERIES,
    burst_times,
    earliest_times,
    find_machines,
    link_times,
    machine_events,
)
from features.event_audit.machine_series import active_people, quiet_hours

SECOND = np.timedelta64(1_000_000, "us")
START = np.datetime64("2024-05-01T22:10:07", "us")


def known_from(times):
    """The same rule by a loop over the events of one kind by one person, in order of time."""
    known, runs = {}, []
    for place, time in enumerate(times):
        if not place or (time - times[place - 1]) > 2 * SECOND:
            runs.append([])
        runs[-1].append(place)
    for run in runs:
        counted = [place for place in run if times[place].item().second]
        if len(counted) >= 5:
            known |= {place: max(times[counted[4]], times[place]) for place in run}
    return [known.get(place, np.datetime64("NaT")) for place in range(len(times))]


def of_one_person(seconds, start=START):
    at = start + np.array(seconds) * SECOND
    zeros = np.zeros(len(at), dtype=int)
    return burst_times(zeros, zeros, at)


def test_the_rule_agrees_with_a_loop_over_the_events():
    random = np.random.default_rng(3)
    steps = [0, 1, 2, 2, 3, 30, 1800, 3599, 3600, 7200]
    for often in (4, 7, 9):  # of the steps are frequent
        weights = np.r_[np.full(often, 1.0), np.full(len(steps) - often, 0.02)]
        for _ in range(6):
            gaps = random.choice(steps, 90, p=weights / weights.sum())
            times = START + np.cumsum(gaps) * SECOND
            who, kind = random.integers(-1, 2, 90), random.integers(-1, 2, 90)
            mixed = random.permutation(90)
            found = burst_times(who[mixed], kind[mixed], times[mixed])[np.argsort(mixed)]
            expected = np.full(90, np.datetime64("NaT"), dtype="datetime64[us]")
            for person in (0, 1):
                for code in (-1, 0, 1):
                    rows = np.flatnonzero((who == person) & (kind == code))
                    expected[rows] = known_from(times[rows])
            np.testing.assert_array_equal(found, expected)
            alone = burst_times(np.zeros(90, int), np.zeros(90, int), times)
            np.testing.assert_array_equal(alone, np.array(known_from(times), "datetime64[us]"))


@pytest.mark.parametrize(
    ("seconds", "known"),
    [
        ([0, 2, 4, 6, 8], [8, 8, 8, 8, 8]),
        ([0, 2, 4, 6, 8, 10], [8, 8, 8, 8, 8, 10]),
        ([0, 2, 4, 6, 9], None),  # a gap of three seconds
        ([0, 2, 4, 6], None),
    ],
)
def test_a_burst_has_five_events(seconds, known):
    found = of_one_person(seconds)
    if known is None:
        assert np.isnat(found).all()
    else:
        np.testing.assert_array_equal(found, START + np.array(known) * SECOND)


@pytest.mark.parametrize("step", [0, 60, 86_400])
def test_times_without_seconds_show_no_burst(step):
    found = of_one_person(np.arange(10) * step, np.datetime64("2024-05-01", "us"))
    assert np.isnat(found).all()


def test_the_clicks_of_400_people_within_seconds_are_all_found():
    people, clicks = 400, 30
    random = np.random.default_rng(0)
    scanned = START + np.arange(people)[:, None] * 86_400 * SECOND
    scanned = scanned + np.sort(random.integers(0, 15, (people, clicks))) * SECOND
    calm = START + random.integers(0, 300 * 86_400, (people, 40)) * SECOND
    at = np.concatenate([scanned.ravel(), calm.ravel()])
    who = np.concatenate([np.repeat(np.arange(people), clicks), np.repeat(np.arange(people), 40)])
    found = ~np.isnat(burst_times(who, np.zeros(len(at), int), at))
    assert found[: people * clicks].mean() > 0.95  # some bursts pause for three seconds
    assert found[people * clicks :].sum() <= 2  # a visit in the midst of a burst


@pytest.mark.parametrize(
    ("time", "links", "campaign", "found"),
    [
        ("10:07:31", 3, 0, True),
        ("10:07:31", 2, 0, False),
        ("10:07:31", 4, -1, False),  # pages that lead on to each other within a second
        ("10:07:00", 5, -1, True),
        ("10:07:00", 4, 0, False),  # a person may open four within a minute
        ("10:00:00", 9, 0, False),  # perhaps only the hour is kept
    ],
)
def test_many_different_links_at_once_are_a_machine_s(time, links, campaign, found):
    at = np.full(links + 2, np.datetime64(f"2024-05-01T{time}", "us"))
    at[-1] += 9 * SECOND * 60
    zeros = np.zeros(len(at), dtype=int)
    assets = np.r_[np.arange(links), 0, links]  # the first link twice
    known = link_times(zeros, zeros, at, assets, zeros + campaign)
    assert (~np.isnat(known)).tolist() == [found] * (links + 1) + [False]
    assert (known[~np.isnat(known)] == at[0]).all()
    others = link_times(np.arange(len(at)), zeros, at, assets, zeros + campaign)
    assert np.isnat(others).all()  # of different people


def test_each_rule_counts_by_itself_and_the_earliest_is_when_it_shows():
    hours = START + np.arange(40) * 1800 * SECOND
    at = np.concatenate([START + np.arange(5) * SECOND, hours])
    zeros = np.zeros(len(at), dtype=int)
    found = machine_events(zeros, zeros, at, zeros - 1, zeros - 1, zeros[:0])
    counts = {rule: int((~np.isnat(known)).sum()) for rule, known in found.items()}
    assert counts == {
        BURST: 6,
        LINKS: 0,
        SERIES: 45,
        NIGHT: 0,
    }  # the first of the series is in the burst
    earliest = earliest_times(found)
    assert earliest[0] == START + 3 * SECOND
    assert earliest[-1] == hours[-1]


def mixed_events(random, people=60, events=4000):
    """Events of machines and people, in no order, some of nobody."""
    who = random.integers(-1, people, events)
    at = START + np.sort(random.integers(0, 90 * 86_400, events)) * SECOND
    scans = who % 7 == 0
    at[scans] = START + (np.cumsum(random.integers(0, 3, scans.sum())) // 40 * 60) * SECOND
    at[who == 11] = START + np.arange((who == 11).sum()) * 1200 * SECOND
    return who, random.integers(-1, 3, events), at, random.integers(-1, 9, events)


def test_parts_of_the_people_give_what_all_of_them_give_at_once(monkeypatch):
    random = np.random.default_rng(5)
    who, kind, at, asset = mixed_events(random)
    campaign = random.integers(-1, 2, len(who))
    nights = quiet_hours(active_people(who, at))
    whole = machine_events(who, kind, at, asset, campaign, nights)
    shown, events = np.zeros(len(who), dtype=bool), {}
    for rule, known in whole.items():
        events |= {rule: int((~np.isnat(known) & ~shown).sum())}
        shown |= ~np.isnat(known)
    monkeypatch.setattr("features.event_audit.machine_events.PART", 300)
    found = find_machines(who, kind, at, asset, campaign, nights)
    np.testing.assert_array_equal(found.known_from, earliest_times(whole))
    assert found.events == {rule: n for rule, n in events.items() if n}
    assert len(found.events) > 1
    assert found.people == len(np.unique(who[shown]))


def test_no_events_are_no_machines_events():
    none = np.zeros(0, dtype=int)
    assert find_machines(none, none, none.astype("datetime64[us]"), none, none, none)[1:] == ({}, 0)
    nobody = np.full(3, -1)
    found = find_machines(nobody, nobody, np.full(3, START), nobody, nobody, nobody[:0])
    assert np.isnat(found.known_from).all()
