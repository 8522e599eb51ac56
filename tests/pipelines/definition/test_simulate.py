"""A definition held against history: every figure is counted again by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.simulation.by_slice import by_month, by_slice
from model.simulation.clustered_rates import contrast
from model.simulation.history import History, compare, consequences, win_rate
from model.training.intervals import win_rate_interval
from pipelines.definition.simulate import from_table

SIZE = Feature("employees", "employees", "firmographic", "number")
SOURCE = Feature("source", "source", "origin", "category")


def rules(size: float, **more: Any) -> dict[str, Any]:
    asked = {"id": "size", "feature": "employees", "at_least": size}
    return {"version": 1, "ready_when": [asked], **more}


@pytest.fixture
def history() -> History:
    """Sixty leads in thirty weeks, of ten accounts; every sixth was never worked."""
    rng, n = np.random.default_rng(3), 60
    as_of = pd.date_range("2025-01-06", periods=n, freq="84h").astype("datetime64[us]")
    rows = pd.DataFrame(
        {
            "lead_id": [f"L{one}" for one in range(n)],
            "person_id": range(n),
            "account_id": [f"A{one % 10}" for one in range(n)],
            "as_of": as_of,
        }
    )
    employees = rng.choice([10.0, 40, 60, 200, np.nan], n)
    X = pd.DataFrame({"employees": employees, "source": rng.choice(["web", "event"], n)})
    won = (rng.random(n) < np.where(employees >= 50, 0.6, 0.2)).astype(float)
    ignored = np.arange(n) % 6 == 0
    why = np.full(n, None, dtype=object)
    why[ignored] = "never worked"
    reason = np.full(n, None, dtype=object)
    reason[(won == 0) & ~ignored] = "not the right size"
    reason[7] = "duplicate"
    return from_table(
        rows, X, np.where(ignored, np.nan, won), [SIZE, SOURCE], why=why, reason=reason
    )


def test_every_count_is_that_of_a_count_by_hand(history: History) -> None:
    told = consequences(history, rules(50, handoff={"per_week": 1}))
    ready, missed, opened, avoided = 0, [], [], 0
    for i in range(len(history.won)):
        size, won = history.X["employees"][i], history.won[i]
        ready += bool(size >= 50)
        if won == 1 and size < 50:
            missed.append(f"L{i}")
        if won == 1 and np.isnan(size):
            opened.append(f"L{i}")
        avoided += bool(size < 50) and history.reason[i] == "not the right size"
    assert told["verdicts"]["ready"] == told["ready"]["leads"] == ready > 0
    assert told["missed"] == {"leads": len(missed), "ids": missed}
    assert told["open"] == {"leads": len(opened), "ids": opened}
    assert len(missed) > 0
    (reason,) = told["rejections"]  # a duplicate is no rejection
    assert (reason["reason"], reason["avoided"]) == ("not the right size", avoided)
    assert told["unknown"]["missing"] == [
        {
            "feature": "employees",
            "words": "employees",
            "leads": int(history.X["employees"].isna().sum()),
        }
    ]


def test_ready_leads_are_counted_by_the_week(history: History) -> None:
    told = consequences(history, rules(50, handoff={"per_week": 1}))["ready"]
    moments = history.rows["as_of"]
    week = ((moments - moments.min()).dt.days // 7).to_numpy()
    ready = history.X["employees"].to_numpy() >= 50
    each = [int(ready[week == one].sum()) for one in range(30)]
    assert told["weeks_above"] == pytest.approx(np.mean([one > 1 for one in each]))
    assert told["per_week"] == pytest.approx(sum(each) / ((59 * 84) / (24 * 7)))
    assert told["capacity"] == 1


def test_a_lead_that_nobody_worked_is_in_the_bounds_and_in_no_win_rate(history: History) -> None:
    told = win_rate(history, np.ones(60, dtype=bool))
    won = int(np.nansum(history.won))
    assert (told["known"], told["never_worked"], told["won"]) == (50, 10, won)
    assert told["rate"] == pytest.approx(won / 50)
    assert told["if_all_lost"] == pytest.approx(won / 60)
    assert told["if_all_won"] == pytest.approx((won + 10) / 60)
    assert told["if_all_lost"] < told["rate"] < told["if_all_won"]


def test_leads_of_one_account_that_end_alike_widen_the_interval(history: History) -> None:
    everyone = np.ones(60, dtype=bool)
    alike = np.where(np.arange(60) % 10 < 4, 1.0, 0.0)  # whole accounts won or lost
    together = from_table(history.rows, history.X, alike, [SIZE])
    apart = from_table(history.rows.assign(account_id=None), history.X, alike, [SIZE])
    wide, narrow = (win_rate(one, everyone) for one in (together, apart))
    assert (narrow["low"], narrow["high"]) == pytest.approx(win_rate_interval(24, 60))
    assert wide["high"] - wide["low"] > 1.5 * (narrow["high"] - narrow["low"])


def test_the_clustered_error_is_that_of_a_resampling_of_accounts() -> None:
    rng, accounts = np.random.default_rng(1), np.repeat(np.arange(200), 4)
    luck = rng.normal(0, 1.2, 200)[accounts]
    won = (rng.random(800) < 1 / (1 + np.exp(-luck))).astype(float)
    here = rng.random(800) < 0.5
    _, error, _ = contrast(won, [(here, 1.0), (~here, -1.0)], accounts)
    drawn = []
    for _ in range(800):
        weight = np.bincount(rng.integers(0, 200, 200), minlength=200)[accounts]
        drawn.append(
            np.average(won[here], weights=weight[here])
            - np.average(won[~here], weights=weight[~here])
        )
    assert error == pytest.approx(np.std(drawn), rel=0.12)


def test_a_change_is_told_by_the_leads_that_it_moves(history: History) -> None:
    change = compare(history, rules(50), rules(100))
    size = history.X["employees"].to_numpy()
    gone = [f"L{i}" for i in range(60) if 50 <= size[i] < 100]
    assert change["left_out"]["ids"] == gone
    assert change["let_in"]["leads"] == 0
    assert change["left_out"]["won_ids"] == [one for one in gone if history.won[int(one[1:])] == 1]
    old, new = change["old"]["ready"], change["new"]["ready"]
    assert change["difference"]["value"] == pytest.approx(new["rate"] - old["rate"])
    assert change["difference"]["low"] < change["difference"]["value"]
    assert not change["same"]
    assert compare(history, rules(50), rules(55))["same"]


def test_months_and_slices_add_up_to_all_leads(history: History) -> None:
    both = [rules(50), rules(100)]
    months, slices = by_month(history, both), by_slice(history, both)
    whole = [consequences(history, one)["ready"]["leads"] for one in both]
    for parts in (
        months,
        *([one for one in slices if one["feature"] == name] for name in ("employees", "source")),
    ):
        assert sum(one["leads"] for one in parts) == 60
        assert [sum(one["ready"][i]["leads"] for one in parts) for i in (0, 1)] == whole
    assert [one["label"] for one in months] == sorted(one["label"] for one in months)


def test_nothing_that_is_given_is_changed(history: History) -> None:
    agreed, X = rules(50), history.X.copy(deep=True)
    compare(history, agreed, rules(100))
    by_slice(history, [agreed])
    pd.testing.assert_frame_equal(history.X, X)
    assert agreed == rules(50)


# -- the command ----------------------------------------------------------------------------------


def test_simulate_tells_of_the_present_definition(run: Any, trained: Path) -> None:
    answer = run("definition", "simulate", "-w", trained)
    assert answer.code == 0
    assert "win rate of the ready" in answer.data
    assert "wins that would have been missed" in answer.data
    assert "if the never worked were lost … won" in answer.data
    told = run("definition", "simulate", "-w", trained, "--json").json
    assert sum(told["current"]["verdicts"].values()) == told["current"]["leads"]
    assert "new" not in told
    assert all(len(one["ready"]) == 1 for one in told["months"])


def test_a_stricter_definition_lets_nobody_in(run: Any, company: Path, tmp_path: Path) -> None:
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(text.replace("at_least: 50,", "at_least: 200,"), encoding="utf-8")
    told = run("definition", "simulate", new, "-w", company, "--json").json
    assert told["change"]["let_in"]["leads"] == 0 < told["change"]["left_out"]["leads"]
    assert told["new"]["missed"]["leads"] > told["current"]["missed"]["leads"]
    assert set(told["current"]["missed"]["ids"]) <= set(told["new"]["missed"]["ids"])


def test_a_definition_of_another_horizon_cannot_be_compared(
    run: Any, company: Path, tmp_path: Path
) -> None:
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(text.replace("horizon_days: 120", "horizon_days: 60"), encoding="utf-8")
    answer = run("definition", "simulate", new, "-w", company)
    assert answer.code == 2
    assert "the definition counts wins within 60 days, the workspace within 120 days" in answer.talk
