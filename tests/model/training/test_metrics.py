"""Every figure computed another way, its interval held to its promise, its ends to meaning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from sklearn import metrics as oracle

from model.training.metrics import (
    calibrate,
    calibration_bins,
    draws,
    gains,
    interval,
    logistic_line,
    measure,
    win_rate_interval,
)


def leads(n: int = 500, seed: int = 0, ties: int | None = None):
    random = np.random.default_rng(seed)
    log_odds = random.normal(-1.5, 1.2, n)
    if ties:
        log_odds = np.round(log_odds * ties) / ties
    p = 1 / (1 + np.exp(-log_odds))
    return (random.random(n) < p).astype(float), p


@pytest.mark.parametrize("ties", [None, 1, 4])
def test_metrics_are_those_of_scikit_learn(ties) -> None:
    y, p = leads(ties=ties)
    found = measure(y, {"model": p}, resamples=2)["model"].value
    assert found["auc"] == pytest.approx(oracle.roc_auc_score(y, p), abs=1e-12)
    assert found["average_precision"] == pytest.approx(oracle.average_precision_score(y, p))
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, p))
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(y, p))


def test_a_resample_is_the_metric_of_the_leads_drawn() -> None:
    y, p = leads(200, ties=4)
    groups = np.arange(200) // 4
    weights = draws(groups, 200, 20, seed=0)
    resampled = measure(y, {"model": p}, groups=groups, resamples=20)["model"].resampled
    for row, auc, brier in zip(weights, resampled["auc"], resampled["brier"], strict=True):
        drawn = np.repeat(np.arange(200), row.astype(int))
        assert auc == pytest.approx(oracle.roc_auc_score(y[drawn], p[drawn]))
        assert brier == pytest.approx(oracle.brier_score_loss(y[drawn], p[drawn]))


def test_whole_groups_are_drawn() -> None:
    weights = draws(["a", "b", "a", "b"], 4, 50, seed=1)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 0] + weights[:, 1] == 2).all()
    assert set(weights[:, 0]) == {0, 1, 2}


def test_lift_and_captured_wins_by_hand() -> None:
    y = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0.0])
    found = measure(y, {"model": np.linspace(0.9, 0.1, 10)}, resamples=2)["model"].value
    assert found["captured_10"] == pytest.approx(1 / 3)
    assert found["captured_20"] == pytest.approx(2 / 3)
    assert found["lift_20"] == pytest.approx((2 / 2) / (3 / 10))
    assert found["captured_5"] == pytest.approx(1 / 6)  # half of the first lead


def test_leads_that_tie_share_what_they_are_worth() -> None:
    y = np.array([1, 0, 1, 0.0])
    found = measure(y, {"same": np.full(4, 0.5)}, resamples=2)["same"].value
    assert found["auc"] == 0.5
    assert found["lift_5"] == found["lift_20"] == 1


def test_calibration_line_is_that_of_a_general_optimiser() -> None:
    y, p = leads(400)
    x = 1.7 * np.log(p / (1 - p)) + 0.4

    def loss(line: np.ndarray) -> float:
        odds = line[0] * x + line[1]
        return float(np.logaddexp(0, odds).sum() - (y * odds).sum())

    wanted = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    slope, intercept = logistic_line(x, y, np.ones((1, 400)))
    assert [slope[0], intercept[0]] == pytest.approx(wanted, abs=1e-5)


def test_calibrating_a_distorted_score_gives_the_truth_back() -> None:
    y, p = leads(60_000)
    true = np.log(p / (1 - p))
    slope, intercept = calibrate(2 * true + 1, y)
    # 60,000 leads: the standard error of the slope is about .01
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(-0.5, abs=0.06)


@pytest.mark.parametrize("y", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
def test_calibration_of_what_cannot_be_calibrated_stays_finite(y) -> None:
    assert np.isfinite(calibrate(np.array([-1.0, -1, 1, 1]), np.array(y, float))).all()


def test_too_confident_is_a_slope_below_one_and_too_many_wins_a_ratio_above() -> None:
    y, p = leads(5000)
    odds = np.log(p / (1 - p))
    loud = measure(y, {"model": 1 / (1 + np.exp(-2 * odds))}, resamples=2)["model"].value
    many = measure(y, {"model": 1 / (1 + np.exp(-odds - 1))}, resamples=2)["model"].value
    assert loud["calibration_slope"] < 0.7
    assert many["expected_wins_ratio"] > 1.3
    assert many["calibration_intercept"] < -0.5


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 200 intervals of 95 %, 180 to 199 hold the AUC of the whole (binomial, 1 in 1000)."""
    y, p = leads(100_000, seed=5)
    truth = oracle.roc_auc_score(y, p)
    held = 0
    for sample in np.array_split(np.arange(100_000), 200):
        auc = measure(y[sample], {"m": p[sample]}, resamples=300)["m"].intervals()["auc"]
        held += auc["low"] <= truth <= auc["high"]
    assert 180 <= held <= 199


def test_groups_that_are_alike_widen_the_interval() -> None:
    y, p = leads(200)
    y, p = np.repeat(y, 5), np.repeat(p, 5)
    alone = measure(y, {"m": p})["m"].intervals()["auc"]
    whole = measure(y, {"m": p}, groups=np.arange(1000) // 5)["m"].intervals()["auc"]
    assert whole["high"] - whole["low"] > 1.7 * (alone["high"] - alone["low"])


def test_a_difference_is_paired() -> None:
    """Two scorers that are nearly the same differ by little, however wide each one's interval."""
    y, p = leads(300)
    nearly = np.clip(p + np.random.default_rng(0).normal(0, 0.002, 300), 0.001, 0.999)
    found = measure(y, {"a": p, "b": nearly})
    apart = found["a"].ahead_of(found["b"], "auc")
    own = found["a"].intervals()["auc"]
    assert apart["high"] - apart["low"] < (own["high"] - own["low"]) / 5


def test_one_outcome_gives_no_figure() -> None:
    told = measure(np.zeros(10), {"m": np.linspace(0, 1, 10)}, resamples=5)["m"].intervals()
    assert told["auc"] == {"value": None, "low": None, "high": None}


def test_an_interval_needs_most_of_the_resamples() -> None:
    assert interval(0.5, np.array([np.nan, np.nan, 0.5]))["low"] is None


def test_resamples_do_not_depend_on_the_row_order_of_others_or_the_index() -> None:
    y, p = leads(100)
    first = measure(y, {"m": p}, seed=3)["m"]
    again = measure(pd.Series(y, range(7, 107)).to_numpy(), {"m": p, "n": 1 - p}, seed=3)["m"]
    assert (first.resampled["auc"] == again.resampled["auc"]).all()


def test_gains_end_at_all_wins_and_never_fall() -> None:
    y, p = leads(300, ties=2)
    curve = gains(y, p)
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1)
    assert (np.diff(curve) >= -1e-12).all()


def test_calibration_bins_hold_every_lead_once() -> None:
    y, p = leads(303)
    bins = calibration_bins(y, p)
    assert sum(one["leads"] for one in bins) == 303
    assert sum(one["observed"] * one["leads"] for one in bins) == pytest.approx(y.sum())
    assert all(one["low"] <= one["observed"] <= one["high"] for one in bins)


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    assert win_rate_interval(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)  # Newcombe 1998
    assert win_rate_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_a_line_is_found_on_any_scale() -> None:
    """Points from 0 to 75, or log-odds far from zero: the same line, told in other units."""
    y, p = leads(2000)
    odds = np.log(p / (1 - p))
    slope, intercept = calibrate(odds, y)
    for times, plus in ((20.0, 40.0), (0.01, 0.0), (5.0, -30.0)):
        scaled = calibrate(times * odds + plus, y)
        assert scaled[0] * times == pytest.approx(slope, rel=1e-6)
        assert scaled[1] + scaled[0] * plus == pytest.approx(intercept, abs=1e-6)


def test_a_slope_seen_on_few_leads_is_trusted_little_and_one_on_many_wholly() -> None:
    def pulled(n: int) -> float:
        y, p = leads(n, seed=2)
        odds = 2 * np.log(p / (1 - p))
        plain, trusted = calibrate(odds, y)[0], calibrate(odds, y, trust=0.15)[0]
        assert plain < trusted < 1
        return (trusted - plain) / (1 - plain)

    assert pulled(80) > 0.4
    assert pulled(60_000) < 0.01
