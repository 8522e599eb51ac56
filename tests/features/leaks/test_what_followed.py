"""Columns that tell how long a lead took to close, or how much happened after its moment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from features.leaks import what_followed
from features.leaks.audit import audit_columns
from features.leaks.finding import Followed, LeadStatus, Told
from features.leaks.statistics import code
from features.leaks.what_followed import (
    days_to_closing,
    more_than_usual,
    tells_what_followed,
    told_apart,
)
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


def test_half_a_day_is_after_the_moment() -> None:
    days = pd.to_datetime(pd.Series(["2024-01-01 00:00", "2024-01-01 12:00"]))
    assert days_to_closing(pd.Series([days[0]] * 2), days)[1] == 0.5


@pytest.mark.parametrize(
    ("leads", "differ", "enough"), [(199, 199, False), (200, 50, True), (200, 49, False)]
)
def test_enough_closed_leads_have_to_differ(leads: int, differ: int, enough: bool) -> None:
    """Most took 5 days; the amounts of open leads, and of unknown ones, do not count."""
    nothing = np.zeros(leads + 2, dtype=np.int32)
    amount = np.r_[np.full(leads - differ, 5.0), np.arange(differ) * 7.0, np.nan, 3.0]
    amount[leads - differ] = 4.0
    amount[leads - differ + 1 : leads] += 1.0
    if differ == leads:
        amount[:leads] = np.arange(leads)
    decided = np.r_[np.ones(leads + 1, dtype=bool), False]
    followed = Followed(("slow", "quick"), amount, nothing)
    found = told_apart(followed, decided, np.zeros(leads + 2, dtype=bool))
    assert (found is not None) is enough
    if found is not None:
        assert found.told.sum() == differ
        assert not found.told[leads:].any()


def test_outcomes_are_told_apart_within_each_age() -> None:
    alike = np.repeat([0, 1, 2], 100).astype(np.int32)
    won = np.tile([True, False], 150)
    amount = alike * 100.0 + won * 1000.0 + np.arange(300) / 1000
    found = told_apart(Followed(("slow", "quick"), amount, alike), np.ones(300, dtype=bool), won)
    assert found is not None
    of_each = [
        found.more[(alike == age) & (won == is_won)].sum() for age in range(3) for is_won in (0, 1)
    ]
    assert of_each == [25] * 6


def test_the_strongest_is_named_and_counts_by_its_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    strengths = {"slow": 0.7, "busy": 0.75, "weak": 0.69}
    monkeypatch.setattr(what_followed, "_strength", lambda _, told: strengths[told.words[0]])
    every = np.ones(4, dtype=bool)

    def points(*names: str) -> list[tuple[float, str]]:
        told = [Told((name, "others"), every, every) for name in names]
        column = code(pd.Series(["a"] * 4))
        leads = LeadStatus(
            every, every, ~every, every.astype(np.int32), None, column, {}, told=told
        )
        return [(each.points, each.sentence[:19]) for each in tells_what_followed(column, leads)]

    assert points("weak") == []
    assert points("slow") == [(6.0, "it tells leads slow")]
    assert points("slow", "busy") == points("busy", "slow") == [(10.0, "it tells leads busy")]
