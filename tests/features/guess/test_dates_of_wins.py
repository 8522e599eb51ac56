"""Outcomes that only a date tells: won leads have it, and it is blank for all others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.outcome import guess_outcome
from features.workspace.read import read_workspace
from pipelines.check.check import check
from pipelines.init.init import init

DAYS = pd.Series(pd.date_range("2024-01-03", periods=240, freq="2D"))
WON = pd.Series([row % 3 == 0 for row in range(240)])
NOTATIONS = ("%Y-%m-%d", "%d.%m.%Y %H:%M", "%s")


def leads(heading: str, notation: str = "%Y-%m-%d") -> pd.DataFrame:
    plans = ["free" if row % 7 < 3 else "pro" for row in range(240)]
    later = (DAYS + pd.Timedelta(days=20)).dt.strftime(notation)
    return pd.DataFrame(
        {
            "account_id": [f"A{row:05d}" for row in range(240)],
            "created_at": DAYS.dt.strftime(notation),
            "last_seen": later.where(~WON, None),
            heading: later.where(WON, None),
            "plan": plans,
        },
        dtype=object,
    )


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(
    "heading", ["won_date", "closed_won_at", "Converted on", "Gewonnen am", "Date de signature"]
)
def test_a_date_that_only_won_leads_have_is_the_outcome(heading: str, notation: str) -> None:
    raw = leads(heading, notation)
    option = heading if heading == "Date de signature" else None  # a signature may be of anything
    guess = guess_outcome(raw, option)
    assert (guess.column, guess.is_date) == (heading, True)
    assert guess.results(raw).eq("won").equals(WON)
    assert guess.results(raw).eq("not won").equals(~WON)


def test_a_stage_says_more_than_a_date() -> None:
    raw = leads("won_date").assign(Stage=WON.map({True: "Won", False: "Lost"}))
    assert guess_outcome(raw, None).column == "Stage"
    assert guess_outcome(raw, "won_date").column == "won_date"


@pytest.mark.parametrize("heading", ["expected_won_date", "lost_at", "renewal"])
def test_other_dates_are_taken_only_if_named(heading: str) -> None:
    with pytest.raises(LeadReadyError, match="no column looks like an outcome"):
        guess_outcome(leads(heading), None)
    assert guess_outcome(leads(heading), heading).is_date


@pytest.mark.parametrize("option", ["plan", "created_at", "nowhere"])
def test_a_column_without_such_dates_is_no_outcome(option: str) -> None:
    with pytest.raises(LeadReadyError, match="is not COLUMN=VALUE, and not a column of dates"):
        guess_outcome(leads("won_date"), option)


def test_the_workspace_says_so_and_finds_the_same_wins(tmp_path: Path) -> None:
    leads("won_date").to_csv(tmp_path / "leads.csv", index=False)
    draft = init(tmp_path / "ws", tmp_path / "leads.csv", outcome="won_date").draft
    text = (tmp_path / "ws" / "leadready.yaml").read_text()
    assert "won_when: {won_date: {is_missing: false}}   # won when won_date has a date" in text
    assert draft.won_at == "won_date"
    assert read_workspace(tmp_path / "ws").outcome.won_at == "won_date"
    found = check(tmp_path / "ws")
    assert WON.sum() - 3 <= found.counts.won <= WON.sum()  # the last ones are not mature
    assert [problem.message for problem in found.problems if problem.blocks] == []


def test_a_workspace_without_features_says_so(tmp_path: Path) -> None:
    leads("won_date").drop(columns="plan").to_csv(tmp_path / "leads.csv", index=False)
    init(tmp_path / "ws", tmp_path / "leads.csv")
    problem = next(problem for problem in check(tmp_path / "ws").problems if problem.blocks)
    assert problem.kind == "no features"
