"""Guesses about a file of events: the times, the kinds, and stage histories."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.links.pairs import Match
from features.related.events import guess_events
from features.related.links import LinkGuess

BY_CONTACT = LinkGuess("contact", "who", "Contact", Match("exact", 1.0))
BY_LEAD = LinkGuess("lead", "lead_id", "Id", Match("exact", 1.0))


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


def test_times_kinds_and_who_caused_events_are_found(calls: pd.DataFrame) -> None:
    guess = guess_events(calls, guess_columns(calls), BY_CONTACT, "calls.csv")
    assert guess.columns == {"time": "Start Time", "kind": "Call Type", "value": "Duration"}
    assert (guess.direction, guess.by_sales) == ("Call Type", ("Outbound",))
    assert guess.last == pd.Timestamp("2024-02-01 11:00")
    assert not guess.is_stages


def test_events_without_dates_are_refused(calls: pd.DataFrame) -> None:
    undated = calls.drop(columns="Start Time")
    with pytest.raises(LeadReadyError, match="no column holds dates"):
        guess_events(undated, guess_columns(undated), BY_CONTACT, "calls.csv")


def test_a_stage_history_is_recognised_by_what_leads_went_to() -> None:
    table = pd.DataFrame(
        {
            "lead_id": ["a", "a", "b", "b"] * 10,
            "from": [None, "new"] * 20,
            "to": ["new", "won", "new", "lost"] * 10,
            "at": ["2024-01-01 10:00", "2024-02-01 11:00"] * 20,
        },
        dtype=object,
    )
    guess = guess_events(table, guess_columns(table), BY_LEAD, "changes.csv")
    assert guess.is_stages
    assert guess.columns["stage"] == "to"


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
    guess = guess_events(table, guess_columns(table), BY_LEAD, "stages.csv")
    assert guess.is_stages
    assert guess.columns == {
        "time": "changed_at",
        "stage": "stage",
        "reason": "reason",
        "amount": "amount",
    }
