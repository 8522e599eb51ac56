"""Nothing that happens at or after the moment changes a feature."""

from __future__ import annotations

import copy
import os
import time

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.families.build import build_features
from features.kept_events.events import Events

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
for lead in LEADS:
    lead.update({"raw:Title": "VP Sales", "raw:Last": "2024-01-15"})

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
few = settings(max_examples=settings().max_examples // 2)  # each builds all features twice


@pytest.fixture(scope="session")
def build(workspace, tables):
    ws = workspace(WORKSPACE)

    def run(events, catalogue=None, leads=LEADS, shuffle=None):
        data = tables(leads, events)
        judged = data.leads[["lead_id", "person_id", "account_id"]].iloc[:4].assign(as_of=MOMENTS)
        if shuffle is not None:
            data = type(data)(
                shuffle(data.leads), Events.of(shuffle(data.events)), shuffle(data.stages), []
            )
        before = copy.deepcopy((data.leads, data.events, judged))
        found, catalogue = build_features(ws, data, judged, catalogue)
        for old, new in zip(before, (data.leads, data.events, judged), strict=True):
            pd.testing.assert_frame_equal(old, new)
        return found, catalogue

    return run


@few
@given(
    history=some_events,
    later=st.lists(events, min_size=1, max_size=10),
    kind=st.sampled_from([None, "unheard_of"]),
    row=st.integers(0, 3),
)
def test_events_at_or_after_the_moment_change_nothing(build, history, later, kind, row):
    after = [{**event, "at": max(event["at"], MOMENTS[row])} for event in later]
    if kind:
        after = [{**event, "kind": kind} for event in after]
    expected, catalogue = build(history)
    found, _ = build([*history, *after], catalogue)
    pd.testing.assert_series_equal(expected.iloc[row], found.iloc[row])


@few
@given(history=some_events, extra=events)
def test_an_event_just_before_the_moment_counts(build, history, extra):
    """Guards the test above, which could not fail if nothing were ever counted."""
    expected, catalogue = build([*history, extra])
    before = MOMENTS[0] - pd.Timedelta(microseconds=1)
    added = {**extra, "person_id": LEADS[0]["person_id"], "at": before}
    found, _ = build([*history, extra, added], catalogue)
    name = f"{extra['kind']}_7d"
    assert found[name].iloc[0] == expected[name].iloc[0] + 1


@few
@given(history=some_events, seed=st.integers(0, 10))
def test_row_order_and_index_of_the_tables_do_not_matter(build, history, seed):
    def shuffle(frame):
        return frame.sample(frac=1, random_state=seed).set_axis([7] * len(frame))

    expected, catalogue = build(history)
    found, same = build(history, shuffle=shuffle)
    assert catalogue == same
    pd.testing.assert_frame_equal(expected, found)


@few
@given(history=some_events)
def test_leads_created_at_or_after_the_moment_change_nothing(build, history):
    expected, catalogue = build(history)
    later = [
        {**lead, "lead_id": f"later {lead['lead_id']}", "created_at": max(MOMENTS)}
        for lead in LEADS
    ]
    found, _ = build(history, catalogue, leads=[*LEADS, *later])
    pd.testing.assert_frame_equal(expected, found)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Europe/Berlin", "America/New_York"])
def test_the_time_zone_of_the_machine_does_not_matter(build, monkeypatch, zone):
    history = [
        {"person_id": person, "at": f"2024-03-31 0{hour}:30", "kind": "call", "value": 1.0}
        for person in PEOPLE
        for hour in range(5)  # clocks change on this day
    ]
    here, _ = build(history)
    before = os.environ.get("TZ")
    try:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        there, _ = build(history)
    finally:
        monkeypatch.undo()
        assert os.environ.get("TZ") == before
        time.tzset()
    pd.testing.assert_frame_equal(here, there)
