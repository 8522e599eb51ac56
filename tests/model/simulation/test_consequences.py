"""A definition applied to past leads: every figure is counted again by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.serving import Definition
from model.simulation.by_slice import ready_by_month, ready_by_slice
from model.simulation.consequences import MissingData, compare, consequences
from model.simulation.history import History
from model.simulation.win_rates import win_rate
from model.training.intervals import win_rate_interval

SIZE = Feature("employees", "employees", "firmographic", "number")
SOURCE = Feature("source", "source", "origin", "category")


def rules(size: float, **terms: Any) -> Definition:
    criterion = {"id": "size", "feature": "employees", "at_least": size}
    return Definition.from_dict({"version": 1, "ready_when": [criterion], **terms})


@pytest.fixture
def history() -> History:
    """Sixty leads in thirty weeks, of ten accounts; every sixth was never worked."""
    rng, n = np.random.default_rng(3), 60
    as_of = pd.date_range("2025-01-06", periods=n, freq="84h").astype("datetime64[us]")
    rows = pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(n)],
            "person_id": range(n),
            "account_id": [f"A{number % 10}" for number in range(n)],
            "as_of": as_of,
        }
    )
    employees = rng.choice([10.0, 40, 60, 200, np.nan], n)
    X = pd.DataFrame({"employees": employees, "source": rng.choice(["web", "event"], n)})
    won = (rng.random(n) < np.where(employees >= 50, 0.6, 0.2)).astype(float)
    never_worked = np.arange(n) % 6 == 0
    why_unknown = np.full(n, None, dtype=object)
    why_unknown[never_worked] = "never worked"
    reason = np.full(n, None, dtype=object)
    reason[(won == 0) & ~never_worked] = "not the right size"
    reason[7] = "duplicate"
    won = np.where(never_worked, np.nan, won)
    return History(rows, X, won, [SIZE, SOURCE], why_unknown, reason)


def test_every_count_is_that_of_a_count_by_hand(history: History) -> None:
    result = consequences(history, rules(50, handoff={"per_week": 1}))
    ready, missed, unjudged, avoided = 0, [], [], 0
    for i in range(len(history.won)):
        size, won = history.X["employees"][i], history.won[i]
        ready += bool(size >= 50)
        if won == 1 and size < 50:
            missed.append(f"L{i}")
        if won == 1 and np.isnan(size):
            unjudged.append(f"L{i}")
        avoided += bool(size < 50) and history.rejection_reason[i] == "not the right size"
    assert result.verdicts["ready"] == result.ready.leads == ready > 0
    assert (result.missed_wins.leads, result.missed_wins.ids) == (len(missed), missed)
    assert (result.unjudged_wins.leads, result.unjudged_wins.ids) == (len(unjudged), unjudged)
    assert len(missed) > 0
    (rejected,) = result.rejections  # a duplicate is not a rejection
    assert (rejected.reason, rejected.avoided) == ("not the right size", avoided)
    without_size = int(history.X["employees"].isna().sum())
    assert result.missing == [MissingData("employees", "employees", without_size)]


def test_ready_leads_are_counted_by_the_week(history: History) -> None:
    workload = consequences(history, rules(50, handoff={"per_week": 1})).workload
    moments = history.rows["as_of"]
    week = ((moments - moments.min()).dt.days // 7).to_numpy()
    ready = history.X["employees"].to_numpy() >= 50
    by_week = [int(ready[week == number].sum()) for number in range(30)]
    assert workload.weeks_above == pytest.approx(np.mean([leads > 1 for leads in by_week]))
    assert workload.per_week == pytest.approx(sum(by_week) / ((59 * 84) / (24 * 7)))
    assert workload.capacity == 1


def test_without_dates_and_capacity_the_workload_is_unknown(history: History) -> None:
    undated = replace(history, rows=history.rows.assign(as_of=pd.NaT))
    workload = consequences(undated, rules(50)).workload
    assert (workload.per_week, workload.capacity, workload.weeks_above) == (None, None, None)


def test_leads_never_worked_are_in_the_bounds_and_in_no_win_rate(history: History) -> None:
    group = win_rate(history, np.ones(60, dtype=bool))
    won = int(np.nansum(history.won))
    assert (group.labelled, group.never_worked, group.won) == (50, 10, won)
    assert group.rate == pytest.approx(won / 50)
    assert group.if_all_lost == pytest.approx(won / 60)
    assert group.if_all_won == pytest.approx((won + 10) / 60)
    assert group.if_all_lost < group.rate < group.if_all_won


def test_similar_leads_of_one_account_widen_the_interval(history: History) -> None:
    everyone = np.ones(60, dtype=bool)
    alike = np.where(np.arange(60) % 10 < 4, 1.0, 0.0)  # whole accounts won or lost
    together = History(history.rows, history.X, alike, [SIZE])
    apart = replace(together, rows=history.rows.assign(account_id=None))
    wide, narrow = (win_rate(leads, everyone) for leads in (together, apart))
    assert (narrow.low, narrow.high) == pytest.approx(win_rate_interval(24, 60))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def test_a_change_is_described_by_the_leads_that_it_moves(history: History) -> None:
    old, new = rules(50), rules(100)
    change = compare(history, old, new)
    size = history.X["employees"].to_numpy()
    moved = [f"L{i}" for i in range(60) if 50 <= size[i] < 100]
    assert change.no_longer_ready.ids == moved
    assert change.newly_ready.win_rate.leads == 0
    won = [lead for lead in moved if history.won[int(lead[1:])] == 1]
    assert change.no_longer_ready.won_ids == won
    before, after = (consequences(history, definition).ready for definition in (old, new))
    assert change.difference.value == pytest.approx(after.rate - before.rate)
    assert change.difference.low < change.difference.value
    assert not change.same
    assert compare(history, old, rules(55)).same


def test_months_and_slices_add_up_to_all_leads(history: History) -> None:
    both = [rules(50), rules(100)]
    months, slices = ready_by_month(history, both), ready_by_slice(history, both)
    totals = [consequences(history, definition).ready.leads for definition in both]
    by_feature = [
        [part for part in slices if part.feature == name] for name in ("employees", "source")
    ]
    for parts in (months, *by_feature):
        assert sum(part.leads for part in parts) == 60
        assert [sum(part.ready[i].leads for part in parts) for i in (0, 1)] == totals
    assert [part.month for part in months] == sorted(part.month for part in months)


def test_inputs_are_not_changed(history: History) -> None:
    X = history.X.copy(deep=True)
    compare(history, rules(50), rules(100))
    ready_by_slice(history, [rules(50)])
    pd.testing.assert_frame_equal(history.X, X)
