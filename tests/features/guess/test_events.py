"""Guesses about a file of events: the ids it holds, the times, the kinds, and stage histories."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.events import guess_events


@pytest.fixture
def calls() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Id": [str(number) for number in range(60)],
            "who": [f"c{number % 20}" for number in range(60)],
            "Start Time": ["2024-01-01 10:00", "2024-02-01 11:00"] * 30,
            "Call Type": ["Outbound", "Inbound", "Missed"] * 20,
            "Duration": [str(number % 40) for number in range(60)],
        },
        dtype=object,
    )


def test_events_are_linked_by_the_ids_that_they_hold(calls: pd.DataFrame) -> None:
    ids = {
        "lead": pd.Series([f"l{number}" for number in range(20)]),
        "contact": pd.Series([f"c{number}" for number in range(25)]),
    }
    guess = guess_events(calls, guess_columns(calls), ids, "calls.csv")
    assert (guess.link, guess.link_column, guess.matched) == ("contact", "who", 1.0)
    assert guess.columns == {"time": "Start Time", "kind": "Call Type", "value": "Duration"}
    assert (guess.direction, guess.by_sales) == ("Call Type", ("Outbound",))
    assert guess.last == pd.Timestamp("2024-02-01 11:00")
    assert not guess.is_stages


def test_events_of_unknown_leads_are_refused(calls: pd.DataFrame) -> None:
    ids = {"lead": pd.Series(["zzz"])}
    with pytest.raises(LeadReadyError, match="no column holds the leads' ids") as caught:
        guess_events(calls, guess_columns(calls), ids, "calls.csv")
    assert caught.value.where == "calls.csv"
    assert "--id COLUMN" in str(caught.value.hint)


def test_events_without_dates_are_refused(calls: pd.DataFrame) -> None:
    undated = calls.drop(columns="Start Time")
    with pytest.raises(LeadReadyError, match="no column holds dates"):
        guess_events(undated, guess_columns(undated), {"lead": calls["who"]}, "calls.csv")


def test_a_stage_history_is_recognised_by_its_stages() -> None:
    table = pd.DataFrame(
        {
            "lead_id": ["a", "b"] * 15,
            "stage": ["MQL", "SAL", "Won"] * 10,
            "changed_at": ["2024-01-01", "2024-02-01"] * 15,
            "reason": [None, "no budget", "bad timing"] * 10,
            "amount": ["100", "250", "10"] * 10,
        },
        dtype=object,
    )
    guess = guess_events(table, guess_columns(table), {"lead": pd.Series(["a", "b"])}, "stages.csv")
    assert guess.is_stages
    assert guess.columns == {
        "time": "changed_at",
        "stage": "stage",
        "reason": "reason",
        "amount": "amount",
    }
