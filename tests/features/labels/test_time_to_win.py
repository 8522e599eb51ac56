"""Time to win: compared with published values, with values computed by hand and with a known truth."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.labels.moments import build_moments
from features.labels.time_to_win import estimate_time_to_win, kaplan_meier
from features.workspace.conditions import ColumnCondition

# A. J. Freireich et al. 1963, 6-MP arm (21 patients; + is censored), the textbook example of the
# estimate: S(6) .857, S(7) .807, S(10) .753, S(13) .690, S(16) .627, S(22) .538, S(23) .448.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
GREENWOOD = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}


def test_the_textbook_example_is_reproduced() -> None:
    curve = kaplan_meier(np.array(WEEKS, float), np.array(ENDED, bool)).curve
    assert curve["days"].tolist() == list(SURVIVAL)
    assert np.round(1 - curve["won"], 3).tolist() == list(SURVIVAL.values())
    assert curve["followed"].tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_the_interval_is_the_published_error_on_the_log_log_scale() -> None:
    curve = kaplan_meier(np.array(WEEKS, float), np.array(ENDED, bool)).curve
    survival = 1 - curve["won"]
    spread = 1.96 * np.array(list(GREENWOOD.values())) / (survival * np.abs(np.log(survival)))
    for ends, sign in (("low", -1), ("high", +1)):
        expected = 1 - survival ** np.exp(sign * spread)
        assert (
            np.abs(curve[ends] - expected).max() < 5e-4
        )  # the errors are published to four digits
    assert (curve["low"] < curve["won"]).all()
    assert (curve["won"] < curve["high"]).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_known_rate_is_recovered_even_if_most_leads_are_young(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, share, rate = 4000, 0.3, 1 / 40
    to_win = np.where(random.random(n) < share, random.exponential(1 / rate, n), np.inf)
    followed = random.uniform(0, 400, n)
    won = to_win <= followed
    found = kaplan_meier(np.minimum(to_win, followed), won)
    naive = np.mean(won & (to_win <= 60))
    for days in (20, 60, 120, 300):
        truth = share * (1 - np.exp(-rate * days))
        row = found.curve[found.curve["days"] <= days].iloc[-1]
        # four standard errors: 5 seeds × 4 days stay inside all but once in 800 runs
        error = (row["high"] - row["low"]) / (2 * 1.96)
        assert abs(found.within(days) - truth) < 4 * error
        assert error < 0.02, "the tolerance means something"
    assert naive < share * (1 - np.exp(-rate * 60)) - 0.005, "counting wins alone is wrong"
    # caught, of the wins within the time seen: the same exponential, by the delta method within
    # four times the sum of both relative errors
    expected = (1 - np.exp(-rate * 60)) / (1 - np.exp(-rate * found.longest))
    assert abs(found.caught(60) - expected) < 4 * 2 * 0.02 / share


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=40))
def test_the_curve_rises_stays_a_share_and_suggests_a_horizon_that_catches_enough(
    leads: list[tuple[int, bool]],
) -> None:
    days, won = (np.array(values) for values in zip(*leads, strict=True))
    found = kaplan_meier(days.astype(float), won.astype(bool))
    curve = found.curve["won"].to_numpy()
    assert (np.diff(curve) > 0).all()
    assert ((curve > 0) & (curve <= 1 + 1e-12)).all()
    suggested = found.suggested()
    assert (suggested is None) == (not np.isfinite(found.longest))
    if suggested is not None:
        assert suggested % 10 == 0
        assert found.caught(suggested) >= 0.9 - 1e-9
        if suggested > 10:
            assert (
                found.caught(suggested - 10) < 0.9 or suggested - 10 < found.curve["days"].iloc[0]
            )


def test_the_last_few_leads_do_not_extend_the_curve() -> None:
    days = np.array([*range(1, 101), 900.0])  # of 101 leads, the last was followed much longer
    won = np.array([True] * 20 + [False] * 80 + [True])
    found = kaplan_meier(days, won)
    assert found.within(np.inf) == 1.0, "the estimate itself jumps to certainty"
    assert found.longest == 20
    assert found.caught(20) == 1.0


WORKSPACE = """
  columns: {}
outcome:
  won_when: {stage: [Won]}
  won_at: won_on
  horizon_days: 30
  reason: why
  reasons: {duplicate: [Twice]}
"""

NEVER = ColumnCondition("stage", "one_of", ("Never",))


def test_it_is_estimated_from_the_leads_that_were_judged(workspace, tables) -> None:
    ws = workspace(WORKSPACE)
    base = {"created_at": "2024-06-01", "raw:stage": "Lost", "raw:why": None}
    won = {**base, "raw:stage": "Won"}
    data = tables(
        [
            {**won, "lead_id": "10 days", "won_at": "2024-06-11"},
            {**won, "lead_id": "20 days", "won_at": "2024-06-21"},
            {**won, "lead_id": "after the extract", "won_at": "2024-07-11"},
            {**won, "lead_id": "undated"},
            {**won, "lead_id": "twice", "won_at": "2024-06-02", "raw:why": "Twice"},
            {**base, "lead_id": "lost"},
            {**base, "lead_id": "young", "created_at": "2024-06-16"},
        ]
    )
    judged, _ = build_moments(ws, data)
    found = estimate_time_to_win(ws, data, judged)
    assert found is not None
    # followed 30 days: two won, one lost; followed 15 days: one; a future date is not a win yet
    assert found.curve["days"].tolist() == [10, 20]
    assert found.curve["followed"].tolist() == [4, 2]
    assert found.curve["won"].tolist() == pytest.approx([1 / 4, 1 - 3 / 4 * 1 / 2])
    summary = found.summary(ws.outcome.horizon_days)
    assert (summary.wins, summary.undated, summary.suggested) == (2, 1, 20)
    assert found.summary(10).caught == pytest.approx(0.25 / 0.625)
    assert found.to_json(10, points=2)["days"] == [10, 20]
    undated = dataclasses.replace(ws, outcome=dataclasses.replace(ws.outcome, won_when=NEVER))
    assert estimate_time_to_win(undated, data, judged) is None


def test_a_withdrawn_lead_was_followed_until_it_was_closed(workspace, tables) -> None:
    named = "  unknown_when: {withdrawn: {Stage: [Withdrawn]}}\n"
    ws = workspace(WORKSPACE + named)
    base = {"created_at": "2024-06-01", "raw:Stage": "Lost", "raw:stage": "Lost", "raw:why": None}
    gone = {**base, "raw:Stage": "Withdrawn"}
    data = tables(
        [
            {**base, "lead_id": "won", "raw:stage": "Won", "won_at": "2024-06-21"},
            {**base, "lead_id": "lost"},
            {**gone, "lead_id": "gone before", "closed_at": "2024-06-11"},
            {**gone, "lead_id": "gone after", "closed_at": "2024-06-26"},
            {**gone, "lead_id": "gone on an unknown day"},
            {**gone, "lead_id": "gone though won", "raw:stage": "Won", "won_at": "2024-06-05"},
        ]
    )
    found = estimate_time_to_win(ws, data, build_moments(ws, data)[0])
    assert found is not None
    assert found.curve["days"].tolist() == [20]
    assert found.curve["followed"].tolist() == [3], (
        "won, lost, and the lead that left after the win"
    )
    assert found.leads == 4


def test_the_curve_has_no_more_points_than_requested() -> None:
    days = np.arange(1.0, 1001)
    answer = kaplan_meier(days, np.ones(1000, bool)).to_json(None, points=50)
    assert len(answer["days"]) == 50
    assert (answer["days"][0], answer["days"][-1]) == (1, 1000)
    assert answer["high"][-1] is None, "with no lead left the interval is unknown"
    assert answer["caught"] is None
    assert pd.Series(answer["won"]).is_monotonic_increasing
