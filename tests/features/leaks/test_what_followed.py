"""Columns that tell how long a lead took to close, or how much happened after its moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import audit_columns
from features.leaks.what_followed import days_to_closing, more_than_usual
from features.leaks.workspace_audit import audit_tables
from features.tables.read import Tables
from features.workspace.schema import Workspace

LEADS = 400
OUTCOME = pd.Series(["won", "not won"] * (LEADS // 2))


def evidence(noise: float, leads: int = LEADS) -> list[str]:
    """Audit a count that follows the days to closing, with noise of so many times their spread."""
    random = np.random.default_rng(0)
    days = random.gamma(2, 20, leads).round() + 1
    as_of = pd.Series(pd.date_range("2024-01-01", periods=leads))
    count = (days + noise * 28 * random.normal(size=leads)).round().astype(int).astype(str)
    suspects = audit_columns(
        pd.DataFrame({"Count": count}),
        OUTCOME[:leads],
        as_of=as_of,
        closed_at=as_of + pd.to_timedelta(days, unit="D"),
    )
    return [sentence for suspect in suspects for sentence in suspect.evidence]


def test_a_count_that_runs_until_the_closing_is_suspected() -> None:
    (sentence,) = evidence(0.3)
    assert sentence.startswith(
        "it tells leads that took long to close from others of their outcome"
    )


def test_a_number_that_hardly_follows_the_days_is_not() -> None:
    assert evidence(4) == []


def test_few_closed_leads_do_not_show_it() -> None:
    assert evidence(0.3, leads=198) == []


def test_slow_leads_of_one_outcome_are_not_compared_with_quick_ones_of_the_other() -> None:
    """What goes with the outcome goes with the days, if won leads are slower."""
    random = np.random.default_rng(0)
    days = np.where(OUTCOME == "won", 90, 10) + random.integers(0, 9, LEADS)
    as_of = pd.Series(pd.date_range("2024-01-01", periods=LEADS))
    told = np.where(random.random(LEADS) < 0.7, OUTCOME == "won", random.random(LEADS) < 0.5)
    suspects = audit_columns(
        pd.DataFrame({"Intent": np.where(told, "high", "low")}),
        OUTCOME,
        as_of=as_of,
        closed_at=as_of + pd.to_timedelta(days, unit="D"),
    )
    assert not any("took long" in text for suspect in suspects for text in suspect.evidence)


def test_days_before_the_moment_are_unknown() -> None:
    dates = pd.to_datetime(pd.Series(["2024-01-10", "2024-01-01", "2024-01-05"]))
    days = days_to_closing(pd.Series([dates[2]] * 3), dates)
    assert days[0] == 5
    assert np.isnan(days[1:]).all()


def test_groups_of_fewer_than_ten_say_nothing() -> None:
    group = np.repeat([0, 1], [9, 10]).astype(np.int32)
    more, told = more_than_usual(np.arange(19.0), group)
    assert told.tolist() == [False] * 9 + [True] * 10
    assert more.tolist() == [False] * 14 + [True] * 5


@pytest.mark.parametrize(("counted", "suspected"), [("all", True), ("before", False)])
def test_a_count_of_all_events_is_suspected_and_one_of_those_before_the_moment_is_not(
    counted: str,
    suspected: bool,
    workspace: Callable[[str], Workspace],
    tables: Callable[..., Tables],
) -> None:
    random = np.random.default_rng(1)
    created = pd.date_range("2023-01-01", periods=LEADS)
    before, after = random.poisson(3, LEADS), random.poisson(6, LEADS)
    number = before + after if counted == "all" else before
    leads = [
        {"lead_id": str(n), "created_at": created[n], "raw:stage": stage, "raw:Mails": str(mails)}
        for n, (stage, mails) in enumerate(
            zip(np.where(OUTCOME == "won", "Won", "Lost"), number, strict=True)
        )
    ]
    events = [
        {"person_id": f"lead:{n}", "kind": "mail", "at": created[n] + pd.Timedelta(hours=hours)}
        for n in range(LEADS)
        for hours in [-30] * before[n] + [30] * after[n]
    ]
    ws = workspace("outcome: {won_when: {stage: [Won]}, lost_when: {stage: [Lost]}}\n")
    found = {
        suspect.column: suspect.evidence for suspect in audit_tables(ws, tables(leads, events))
    }
    assert ("Mails" in found) is suspected
    if suspected:
        assert "with many events after the moment" in found["Mails"][0]
