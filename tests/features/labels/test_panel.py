"""A panel: all open leads are judged on the same days, as a scoring run would judge them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import LeadReadyError
from features.families.build import build_features
from features.labels.moments import CLOSED, DECIDED, TO_COME, UNDATED, build_moments, moments_at
from features.labels.outcomes import build_outcomes
from features.labels.time_to_win import estimate_time_to_win

PANEL = """
  columns: {{}}
events: [{{file: events.csv, lead: id, time: at, kind: kind, value: value}}]
moment: {{closed: closed, every_days: {days}}}
outcome: {{won_when: {{stage: [Won]}}, won_at: won_on, horizon_days: 30}}
"""
WEEKLY, ONCE = PANEL.format(days=7), PANEL.format(days=7).replace(", every_days: 7", "")
LEADS: list[dict[str, Any]] = [
    {
        "lead_id": "long",
        "created_at": "2024-01-02 10:00",
        "raw:stage": "Lost",
        "closed_at": "2024-01-29",
    },
    {"lead_id": "won", "created_at": "2024-01-03", "raw:stage": "Won", "won_at": "2024-01-16"},
    {"lead_id": "open", "created_at": "2024-06-10", "raw:stage": "New"},
    {
        "lead_id": "brief",
        "created_at": "2024-01-02",
        "raw:stage": "Lost",
        "closed_at": "2024-01-05",
    },
    {"lead_id": "quick", "created_at": "2024-01-02", "raw:stage": "Won", "won_at": "2024-01-04"},
    {"lead_id": "undated", "created_at": "2024-01-02", "raw:stage": "Won"},
    {"lead_id": "young", "created_at": "2024-07-01", "raw:stage": "New"},
]


def days(judged: pd.DataFrame, lead: str) -> list[str]:
    return [str(day.date()) for day in judged.loc[judged["lead_id"] == lead, "as_of"]]


def test_an_open_lead_is_judged_every_monday_until_it_is_decided(workspace, tables):
    judged, left_out = build_moments(workspace(WEEKLY), tables(LEADS))
    assert days(judged, "long") == ["2024-01-08", "2024-01-15", "2024-01-22"]
    assert days(judged, "won") == ["2024-01-08", "2024-01-15"]
    assert days(judged, "open") == ["2024-06-17", "2024-06-24", "2024-07-01"]
    assert left_out == {CLOSED: 1, DECIDED: 1, UNDATED: 1, TO_COME: 1}
    assert judged["lead_id"].nunique() + sum(left_out.values()) == len(LEADS)


@given(
    durations=st.lists(st.tuples(st.integers(0, 170 * 24), st.integers(-48, 90 * 24)), min_size=1),
    every=st.sampled_from([1, 7, 10]),
)
def test_a_day_of_the_panel_equals_the_scoring_run_of_that_day(workspace, tables, durations, every):
    start = pd.Timestamp("2024-01-01")
    leads = [
        {
            "lead_id": str(place),
            "created_at": start + pd.Timedelta(hours=begun),
            ("won_at" if place % 2 else "closed_at"): start + pd.Timedelta(hours=begun + after),
            "raw:stage": "Won" if place % 2 else "Lost",
        }
        for place, (begun, after) in enumerate(durations)
    ]
    ws, data = workspace(PANEL.format(days=every)), tables(leads)
    judged, _ = build_moments(ws, data)
    first = pd.Timestamp("1970-01-05")
    assert ((judged["as_of"] - first) % pd.Timedelta(days=every) == pd.Timedelta(0)).all()
    for day in pd.date_range(first, "2024-06-30", freq=f"{every}D")[-25::3]:
        scored, in_panel = moments_at(ws, data, day), judged[judged["as_of"] == day]
        assert set(in_panel["lead_id"]) == set(scored["lead_id"])


def test_if_each_lead_has_one_moment_the_panel_equals_the_plain_table(workspace, tables):
    """Created on a Sunday, judged on Monday at midnight by both, over within the week."""
    leads = [
        {
            "lead_id": str(week),
            "created_at": pd.Timestamp("2024-01-07") + pd.Timedelta(weeks=week),
            "closed_at": pd.Timestamp("2024-01-11") + pd.Timedelta(weeks=week),
            "raw:stage": "Lost",
        }
        for week in range(10)
    ]
    once = ONCE.replace("closed: closed", "closed: closed, plus_days: 1")
    data = tables(leads)
    plain = build_moments(workspace(once), data)
    panel = build_moments(workspace(WEEKLY), data)
    pd.testing.assert_frame_equal(plain[0], panel[0])
    assert plain[1] == panel[1]


def test_each_row_has_its_own_outcome_and_maturity(workspace, tables):
    leads = [
        {
            "lead_id": "a",
            "created_at": "2024-01-06",
            "won_at": "2024-02-20",
            "closed_at": "2024-02-20",
            "raw:stage": "Won",
        }
    ]
    ws, data = workspace(WEEKLY), tables(leads)
    judged, _ = build_moments(ws, data)
    outcomes = build_outcomes(ws, data, judged)
    soon = (pd.Timestamp("2024-02-20") - judged["as_of"]).dt.days <= 30
    assert soon.tolist() == [False, False, True, True, True, True, True]
    assert (outcomes["outcome"] == "won").tolist() == soon.tolist()
    assert (outcomes["mature_at"] - judged["as_of"]).eq(pd.Timedelta(days=30)).all()


def test_a_lead_that_sales_worked_and_then_gave_up_was_worked(workspace, tables):
    ws = workspace(
        WEEKLY.replace(
            "horizon_days: 30", "horizon_days: 30, worked: {events: [call], within_days: 7}"
        )
    )
    leads = [
        {"lead_id": "a", "created_at": "2024-01-06", "closed_at": "2024-02-01", "raw:stage": "Lost"}
    ]
    calls = [
        {"person_id": "lead:a", "kind": "call", "at": at, "by_sales": True}
        for at in ("2024-01-05", "2024-01-23")
    ]
    data = tables(leads, calls)
    judged, _ = build_moments(ws, data)
    why = build_outcomes(ws, data, judged)["why_unknown"]
    assert why.fillna("known").tolist() == ["never worked", "never worked", "known", "known"]


def test_time_to_win_counts_each_lead_once(workspace, tables):
    ws, data = workspace(WEEKLY), tables(LEADS)
    judged, _ = build_moments(ws, data)
    found = estimate_time_to_win(ws, data, judged)
    assert found is not None
    assert (found.leads, found.wins) == (3, 1)
    assert found.curve["days"].tolist() == [8.0]  # from Monday the 8th to the 16th


@given(
    past=st.lists(st.integers(0, 180 * 24), max_size=20),
    extra=st.lists(st.integers(0, 180 * 24), min_size=1, max_size=10),
)
def test_nothing_at_or_after_a_day_changes_that_day_or_those_before(
    workspace: Callable[..., Any], tables: Callable[..., Any], past: list[int], extra: list[int]
) -> None:
    ws, start = workspace(WEEKLY), pd.Timestamp("2024-01-01")

    def visits(hours: list[int]) -> list[dict[str, Any]]:
        return [
            {
                "person_id": f"lead:{'long' if hour % 2 else 'open'}",
                "kind": "visit",
                "value": 1.0,
                "at": start + pd.Timedelta(hours=hour),
            }
            for hour in hours
        ]

    data = tables(LEADS, visits([*past, 30]))
    judged, _ = build_moments(ws, data)
    before, catalogue = build_features(ws, data, judged)
    after, _ = build_features(ws, tables(LEADS, visits([*past, 30, *extra])), judged, catalogue)
    first = start + pd.Timedelta(hours=min(extra))
    untouched = (judged["as_of"] <= first).to_numpy()
    assert judged["lead_id"].duplicated().any()
    pd.testing.assert_frame_equal(before[untouched], after[untouched])
    counted = after["visit_ever"].to_numpy() - before["visit_ever"].to_numpy()
    new = pd.DataFrame(visits(extra))
    by_hand = [
        ((new["person_id"] == person) & (new["at"] < at)).sum()
        for person, at in zip(judged["person_id"], judged["as_of"], strict=True)
    ]
    np.testing.assert_array_equal(counted, by_hand)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("closed: closed, ", "", "a closing date: moment.closed"),
        (", won_at: won_on", "", "a date of each win: outcome.won_at"),
        (", horizon_days: 30", "", "a horizon: outcome.horizon_days"),
        ("horizon_days: 30", "horizon_days: 30, immature: weight", "mature outcomes only"),
        ("30}", "30}\nevaluation: {outcomes: at_extract}", "outcomes known at the time"),
        ("every_days: 7", "every_days: 0", "every_days"),
    ],
)
def test_a_panel_without_what_it_needs_is_refused(workspace, old, new, message):
    text = WEEKLY.replace(old, new)
    assert text != WEEKLY
    with pytest.raises(LeadReadyError, match=message) as error:
        workspace(text)
    assert "leadready.yaml:" in str(error.value)
