"""Leads judged before the events had been recorded for long enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.labels.recorded_history import find_record_start

LEADS = 400
BEGIN = pd.Timestamp("2024-10-01")


def company(history: int, *, recorded_from: pd.Timestamp = BEGIN) -> tuple[pd.DataFrame, ...]:
    """Leads judged one a day, each with an event on every tenth day of its history."""
    as_of = BEGIN + pd.to_timedelta(np.arange(LEADS), unit="D")
    moments = pd.DataFrame({"person_id": range(LEADS), "as_of": as_of})
    ages = range(0, history + 1, 10)
    events = pd.concat(
        [moments.assign(at=as_of - pd.Timedelta(days=age))[["person_id", "at"]] for age in ages]
    )
    return events[events["at"] >= recorded_from].reset_index(drop=True), moments


@pytest.mark.parametrize(("history", "days"), [(20, 20), (50, 50), (90, 90), (300, 90)])
def test_leads_judged_before_a_usual_history_was_recorded_are_found(
    history: int, days: int
) -> None:
    events, moments = company(history)
    start = find_record_start(events, moments)
    assert start is not None
    assert (start.begins, start.days) == (BEGIN, days)
    assert (~start.covers(moments["as_of"])).sum() == days


def test_leads_without_a_history_before_their_moment_are_kept() -> None:
    events, moments = company(0)
    assert find_record_start(events, moments) is None


def test_early_leads_that_miss_nothing_are_kept() -> None:
    """Leads are judged a week after their first event, but for some people who came before."""
    events, moments = company(10)
    again = moments.iloc[-120:].assign(at=BEGIN + pd.Timedelta(days=200))[["person_id", "at"]]
    assert find_record_start(pd.concat([events, again]), moments) is None


def test_a_few_events_with_a_mistaken_date_do_not_begin_the_record() -> None:
    events, moments = company(90)
    events.loc[:2, "at"] = pd.Timestamp("1999-01-01")
    start = find_record_start(events, moments)
    assert start is not None
    assert start.begins == BEGIN


def test_nothing_is_said_of_few_leads_and_without_dates() -> None:
    events, moments = company(90)
    assert find_record_start(events, moments.head(150)) is None
    assert find_record_start(events, moments.assign(as_of=pd.NaT)) is None
    assert find_record_start(events.head(0), moments) is None


def test_a_lead_without_a_date_is_kept() -> None:
    events, moments = company(90)
    start = find_record_start(events, moments)
    assert start is not None
    assert start.covers(pd.Series([pd.NaT, BEGIN], dtype="datetime64[ns]")).tolist() == [
        True,
        False,
    ]
