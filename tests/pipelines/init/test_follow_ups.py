"""What init takes as a sign that sales worked a lead."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.links.pairs import Match
from features.related.links import LinkGuess
from features.workspace.outcome_schema import Worked
from features.workspace.read import read_workspace
from pipelines.init.follow_ups import FollowUpGuess, events_by_sales, guess_follow_ups
from pipelines.init.init import init

NUMBERS = np.arange(300)
MOMENTS = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(NUMBERS, unit="D"))
WON = pd.Series(NUMBERS % 5 == 0)
LATER = pd.Timestamp("2025-06-01")


def events(kind: str, rows: np.ndarray | pd.Series, days: float | np.ndarray) -> pd.DataFrame:
    leads = NUMBERS[rows]
    at = MOMENTS[leads] + pd.to_timedelta(days, unit="D")
    return pd.DataFrame({"row": leads, "kind": kind, "at": at.to_numpy()})


def guess(*tables: pd.DataFrame) -> FollowUpGuess | None:
    return guess_follow_ups(MOMENTS, WON, pd.concat(tables), LATER)


def test_kinds_that_won_leads_have_and_many_others_lack() -> None:
    called, met = WON | (NUMBERS % 2 == 0), WON & (NUMBERS % 10 == 0)
    everybody = events("mass mail", NUMBERS >= 0, 1)
    found = guess(events("call", called, 20), events("meeting", met, 5), everybody)
    assert found is not None
    assert (found.kinds, found.days) == (("call", "meeting"), 30)
    assert "100% of the won leads have one, 50% of the others none" in found.reason


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        (NUMBERS >= 0, 5.0),  # everybody is called
        (WON & (NUMBERS % 20 != 0), 5.0),  # one won lead in four is not
        (WON, 200.0),  # long after the moment
        (WON, -3.0),  # before it
    ],
)
def test_events_that_do_not_show_who_was_worked(rows: np.ndarray, days: float) -> None:
    assert guess(events("call", rows, days)) is None


def test_no_events_or_leads_too_young_say_nothing() -> None:
    calls = events("call", WON, 5)
    assert guess(calls.head(0)) is None
    assert guess_follow_ups(MOMENTS, WON, calls, MOMENTS.max() - pd.Timedelta(days=300)) is None


def test_the_draft_states_it(tmp_path: Path) -> None:
    ids = pd.Series([f"L{n:04}" for n in NUMBERS])
    stage = pd.Series(np.where(WON, "Won", "Lost"))
    leads = pd.DataFrame({"Lead Id": ids, "Handed Off At": MOMENTS, "Stage": stage})
    leads.to_csv(tmp_path / "leads.csv", index=False)
    sales, own = events("Cold Call", WON | (NUMBERS % 2 == 0), 3), events("Visit", NUMBERS >= 0, -2)
    log = pd.concat([sales.assign(Direction="Outbound"), own.assign(Direction="Inbound")])
    log = log.assign(**{"Lead Id": ids[log["row"]].to_numpy()}).drop(columns="row")
    log.rename(columns={"kind": "Activity Type", "at": "Activity Time"}).to_csv(
        tmp_path / "activities.csv", index=False
    )
    init(tmp_path / "ws", tmp_path / "leads.csv", [tmp_path / "activities.csv"])
    assert read_workspace(tmp_path / "ws").outcome.worked == Worked(
        events=("cold_call",), within_days=7
    )


def test_events_of_records_that_were_merged_are_those_of_their_lead() -> None:
    raw = pd.DataFrame({"Id": ["1", "2", "3"], "Merged": ["7;8", None, "9"]})
    table = pd.DataFrame(
        {"Who": ["2", "7", "8", "9", "5"], "Way": ["out", "out", "in", "out", "out"]}
    )
    guess: Any = SimpleNamespace(
        link=LinkGuess("lead", "Who", "Id", Match("exact", 0.8), also=("Merged",)),
        direction="Way",
        by_sales=["out"],
        names=table["Who"],
        times=pd.Series(pd.date_range("2024-01-01", periods=5)),
        columns={},
    )
    reading: Any = SimpleNamespace(read_once=lambda file: table)
    found = events_by_sales(raw, [(Path("calls.csv"), guess)], reading)
    assert sorted(found["row"]) == [0, 1, 2]
