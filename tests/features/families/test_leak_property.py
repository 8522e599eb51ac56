"""Nothing that happens at or after the moment is known at the moment."""

from __future__ import annotations

import copy
import os
import time

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.families.build import build_features

WORKSPACE = """
  columns:
    Title: {feature: title, family: role, type: title}
    Last:  {feature: last_contract, family: origin, type: date}
events: [{file: events.csv, lead: id, time: at, kind: kind, value: value}]
"""
START, END = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-06-30")
PEOPLE = ["contact:p", "contact:q", "lead:c"]
LEADS = [
    {"lead_id": "a", "person_id": PEOPLE[0], "account_id": "x", "created_at": "2024-02-01 10:00"},
    {"lead_id": "b", "person_id": PEOPLE[0], "account_id": "x", "created_at": "2024-03-01"},
    {"lead_id": "c", "person_id": PEOPLE[2], "account_id": "x", "created_at": "2024-03-31 01:30"},
    {"lead_id": "d", "person_id": PEOPLE[1], "account_id": None, "created_at": "2024-03-05"},
]
for one in LEADS:
    one.update({"raw:Title": "VP Sales", "raw:Last": "2024-01-15"})

MOMENTS = pd.to_datetime(
    ["2024-02-08 10:00", "2024-03-31 02:30", "2024-04-07", "2024-03-05"], format="ISO8601"
)

times = st.one_of(
    st.sampled_from(list(MOMENTS)),
    st.integers(0, int((END - START).total_seconds())).map(
        lambda seconds: START + pd.Timedelta(seconds=seconds)
    ),
)
events = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(PEOPLE),
        "account_id": st.sampled_from(["x", None]),
        "at": times,
        "kind": st.sampled_from(["call", "web_visit"]),
        "asset": st.sampled_from(["guide", "video", None]),
        "campaign": st.sampled_from(["spring", None]),
        "value": st.sampled_from([1.0, 2.5, None]),
        "by_sales": st.booleans(),
    }
)
some_events = st.lists(events, min_size=1, max_size=25)


@pytest.fixture(scope="session")
def build(workspace, tables):
    ws = workspace(WORKSPACE)

    def run(happened, wanted=None, leads=LEADS, shuffle=None):
        made = tables(leads, happened)
        judged = made.leads[["lead_id", "person_id", "account_id"]].iloc[:4].assign(as_of=MOMENTS)
        if shuffle is not None:
            made = type(made)(
                shuffle(made.leads), shuffle(made.events), shuffle(made.stages), made.problems
            )
        before = copy.deepcopy((made.leads, made.events, judged))
        found, catalogue = build_features(ws, made, judged, wanted)
        for was, is_now in zip(before, (made.leads, made.events, judged), strict=True):
            pd.testing.assert_frame_equal(was, is_now)
        return found, catalogue

    return run


@given(
    past=some_events,
    later=st.lists(events, min_size=1, max_size=10),
    kind=st.sampled_from([None, "unheard_of"]),
    row=st.integers(0, 3),
)
def test_events_at_or_after_the_moment_change_nothing(build, past, later, kind, row):
    after = [{**one, "at": max(one["at"], MOMENTS[row])} for one in later]
    if kind:
        after = [{**one, "kind": kind} for one in after]
    known, catalogue = build(past)
    found, _ = build([*past, *after], catalogue)
    pd.testing.assert_series_equal(known.iloc[row], found.iloc[row])


@given(past=some_events, extra=events)
def test_an_event_just_before_the_moment_is_known(build, past, extra):
    """The guard of the test above: were nothing ever counted, it could not fail."""
    known, catalogue = build([*past, extra])
    before = MOMENTS[0] - pd.Timedelta(microseconds=1)
    told = {**extra, "person_id": LEADS[0]["person_id"], "at": before}
    found, _ = build([*past, extra, told], catalogue)
    name = f"{extra['kind']}_7d"
    assert found[name].iloc[0] == known[name].iloc[0] + 1


@given(past=some_events, seed=st.integers(0, 10))
def test_row_order_and_index_of_the_tables_do_not_matter(build, past, seed):
    def shuffle(frame):
        return frame.sample(frac=1, random_state=seed).set_axis([7] * len(frame))

    known, catalogue = build(past)
    found, same = build(past, shuffle=shuffle)
    assert catalogue == same
    pd.testing.assert_frame_equal(known, found)


@given(past=some_events)
def test_leads_that_come_at_or_after_the_moment_change_nothing(build, past):
    known, catalogue = build(past)
    later = [{**one, "lead_id": f"later {one['lead_id']}"} for one in LEADS]
    for one in later:
        one["created_at"] = max(MOMENTS)
    found, _ = build(past, catalogue, leads=[*LEADS, *later])
    pd.testing.assert_frame_equal(known, found)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Europe/Berlin", "America/New_York"])
def test_the_time_zone_of_the_machine_does_not_matter(build, monkeypatch, zone):
    past = [
        {"person_id": person, "at": f"2024-03-31 0{hour}:30", "kind": "call", "value": 1.0}
        for person in PEOPLE
        for hour in range(5)  # clocks change on this day
    ]
    here, _ = build(past)
    before = os.environ.get("TZ")
    try:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        there, _ = build(past)
    finally:
        monkeypatch.undo()
        assert os.environ.get("TZ") == before
        time.tzset()
    pd.testing.assert_frame_equal(here, there)
