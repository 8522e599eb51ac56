"""Open leads are compared with those that were open as long, however fast leads are decided."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.leaks.audit import audit_columns
from features.leaks.finding import LeadStatus
from features.leaks.statistics import Coded, code
from features.leaks.still_open import not_yet_written, open_as_long

LEADS, DAYS = 6_000, 600


def company(lowered: float, seed: int = 0) -> list[str]:
    """What is said of a priority that is lowered for so many lost leads; keen leads close soon."""
    random = np.random.default_rng(seed)
    moment = random.integers(0, DAYS, LEADS)
    keen = random.random(LEADS) < 0.4
    won = random.random(LEADS) < np.where(keen, 0.45, 0.15)
    closed = moment + np.ceil(random.gamma(2, np.where(keen, 10, 40)))
    is_open = closed > DAYS
    low = np.where(keen, 0.2, 0.5) > random.random(LEADS)
    low |= ~won & ~is_open & (random.random(LEADS) < lowered)
    start = pd.Timestamp("2023-01-01")
    status = np.select([is_open, won], ["unknown", "won"], "not won")
    suspects = audit_columns(
        pd.DataFrame({"Priority": np.where(low, "low", "high")}),
        pd.Series(status, dtype=object),
        as_of=start + pd.Series(pd.to_timedelta(moment, unit="D")),
        closed_at=start + pd.Series(pd.to_timedelta(closed, unit="D")).mask(is_open),
    )
    return [sentence for suspect in suspects for sentence in suspect.evidence]


def test_a_priority_lowered_on_losing_is_suspected() -> None:
    (sentence,) = company(0.5)
    assert "of earlier leads that were open as long: closing seems to write it" in sentence


@pytest.mark.parametrize("seed", range(3))
def test_a_priority_known_early_is_not_though_keen_leads_close_sooner(seed: int) -> None:
    assert company(0, seed) == []


def slow_company(seed: int, kind: str) -> list[str]:
    """What is said of a column in a company whose bigger deals take longer; lost leads are more."""
    random = np.random.default_rng(seed)
    moment = random.integers(0, DAYS, LEADS)
    size = random.normal(size=LEADS)
    won = random.random(LEADS) < 1 / (1 + np.exp(1 + 0.3 * size))
    closed = moment + np.ceil(random.gamma(2, 25 * np.exp(0.9 * size)))
    is_open = closed > DAYS
    worked = np.minimum(closed, DAYS) - moment
    column = {
        "deal size": np.exp(9 + size).round(-2).astype(int).astype(str),
        "role": np.where(random.random(LEADS) < 0.6 * (1 - np.exp(-worked / 60)), "yes", "no"),
        "new form": np.where(random.random(LEADS) < 0.3 + 0.4 * (moment > 520), "yes", "no"),
        "count": (random.poisson(1 + 0.1 * worked)).astype(str),
    }[kind]
    column = np.where((kind == "new form") & won & (random.random(LEADS) < 0.3), "yes", column)
    start = pd.Timestamp("2023-01-01")
    suspects = audit_columns(
        pd.DataFrame({"Column": column}),
        pd.Series(np.select([is_open, won], ["unknown", "won"], "not won"), dtype=object),
        as_of=start + pd.Series(pd.to_timedelta(moment, unit="D")),
        closed_at=start + pd.Series(pd.to_timedelta(closed, unit="D")).mask(is_open),
    )
    return [sentence for suspect in suspects for sentence in suspect.evidence]


def test_what_sales_learns_while_it_works_a_lead_is_suspected() -> None:
    (sentence,) = slow_company(0, "role")
    assert "would be ones that took long to close, but" in sentence


def test_the_size_of_a_deal_is_not_though_it_tells_slow_leads_from_quick_ones() -> None:
    assert slow_company(0, "deal size") == []


def test_a_count_that_runs_while_a_lead_is_open_is() -> None:
    assert slow_company(0, "count")


def test_a_form_that_changed_a_while_ago_is_not_taken_for_what_closing_writes() -> None:
    """Leads that came since and are closed show the change too."""
    assert not any("open as long" in sentence for sentence in slow_company(0, "new form"))


def test_campaigns_that_come_and_go_are_not_compared() -> None:
    """Of the latest campaign, only what was decided soon is known, and that was mostly lost."""
    random = np.random.default_rng(0)
    moment = random.integers(0, DAYS, LEADS)
    won = random.random(LEADS) < 0.25
    closed = moment + np.ceil(random.gamma(2, np.where(won, 40, 10)))
    is_open = closed > DAYS
    campaign = pd.Series(moment // 60).astype(str) + np.where(
        won & (random.random(LEADS) < 0.5), "a", "b"
    )
    start = pd.Timestamp("2023-01-01")
    status = np.select([is_open, won], ["unknown", "won"], "not won")
    suspects = audit_columns(
        pd.DataFrame({"Campaign": campaign}, dtype=object),
        pd.Series(status, dtype=object),
        as_of=start + pd.Series(pd.to_timedelta(moment, unit="D")),
        closed_at=start + pd.Series(pd.to_timedelta(closed, unit="D")).mask(is_open),
    )
    assert not any("open as long" in text for each in suspects for text in each.evidence)


def test_each_open_lead_is_compared_with_those_that_were_open_longer() -> None:
    """By hand: one open lead of 10 days among 150 of 20, and earlier ones of 5, 15 and 25 days."""
    since = np.r_[[10.0] * 100, [20.0] * 100, [500.0] * 900]
    days = np.r_[[np.nan] * 200, [5.0] * 300, [15.0] * 300, [25.0] * 300]
    is_open = np.isnan(days)
    found = open_as_long(since, days, is_open, ~is_open)
    assert found is not None
    assert found.is_open.sum() == 200
    weights = [found.weight[200 + 300 * part] for part in range(3)]
    np.testing.assert_allclose(weights, [0, 100 / 600, 100 / 600 + 100 / 300])
    assert found.weight.sum() == pytest.approx(200)


@pytest.mark.parametrize(("n_open", "n_closed"), [(99, 900), (200, 199)])
def test_too_few_leads_are_not_compared(n_open: int, n_closed: int) -> None:
    since = np.r_[np.full(n_open, 10.0), np.full(n_closed, 500.0)]
    days = np.r_[np.full(n_open, np.nan), np.full(n_closed, 20.0)]
    assert open_as_long(since, days, np.isnan(days), ~np.isnan(days)) is None


def test_earlier_leads_of_one_outcome_say_nothing() -> None:
    found, column = _one_outcome()
    assert not_yet_written(column, found) == []


def _one_outcome() -> tuple[LeadStatus, Coded]:
    """Of the earlier leads none was won."""
    n, nothing = 1_000, np.zeros(1_000, dtype=np.int32)
    since = np.arange(float(n))
    is_open = since < 150
    found = open_as_long(since, np.where(is_open, np.nan, 150.0), is_open, ~is_open)
    column = code(pd.Series(["a", "b"] * (n // 2)))
    never = np.zeros(n, dtype=bool)
    status = LeadStatus(~is_open, never, is_open, nothing, None, column, {}, open_as_long=found)
    return status, column
