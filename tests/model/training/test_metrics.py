"""Every metric computed in another way; intervals cover the truth as often as they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as oracle

from model.training.intervals import resample_counts
from model.training.metrics import cumulative_gains, measure


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
    found = measure(y, {"model": p}, resamples=2)["model"].values
    assert found["auc"] == pytest.approx(oracle.roc_auc_score(y, p), abs=1e-12)
    assert found["average_precision"] == pytest.approx(oracle.average_precision_score(y, p))
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, p))
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(y, p))


def test_a_resample_is_the_metric_of_the_leads_drawn() -> None:
    y, p = leads(200, ties=4)
    groups = np.arange(200) // 4
    weights = resample_counts(groups, 200, 20, seed=0)
    resampled = measure(y, {"model": p}, groups=groups, resamples=20)["model"].resampled
    for row, auc, brier in zip(weights, resampled["auc"], resampled["brier"], strict=True):
        drawn = np.repeat(np.arange(200), row.astype(int))
        assert auc == pytest.approx(oracle.roc_auc_score(y[drawn], p[drawn]))
        assert brier == pytest.approx(oracle.brier_score_loss(y[drawn], p[drawn]))


def test_lift_and_captured_wins_by_hand() -> None:
    y = np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0.0])
    found = measure(y, {"model": np.linspace(0.9, 0.1, 10)}, resamples=2)["model"].values
    assert found["captured_10"] == pytest.approx(1 / 3)
    assert found["captured_20"] == pytest.approx(2 / 3)
    assert found["lift_20"] == pytest.approx((2 / 2) / (3 / 10))
    assert found["captured_5"] == pytest.approx(1 / 6)  # half of the first lead


def test_tied_leads_share_their_ranks() -> None:
    y = np.array([1, 0, 1, 0.0])
    found = measure(y, {"same": np.full(4, 0.5)}, resamples=2)["same"].values
    assert found["auc"] == 0.5
    assert found["lift_5"] == found["lift_20"] == 1


def test_the_slope_shows_extreme_and_the_ratio_too_many_predictions() -> None:
    y, p = leads(5000)
    odds = np.log(p / (1 - p))
    loud = measure(y, {"model": 1 / (1 + np.exp(-2 * odds))}, resamples=2)["model"].values
    many = measure(y, {"model": 1 / (1 + np.exp(-odds - 1))}, resamples=2)["model"].values
    assert loud["calibration_slope"] < 0.7
    assert many["expected_wins_ratio"] > 1.3
    assert many["calibration_intercept"] < -0.5


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_should() -> None:
    """Of 120 intervals of 95 %, 105 to 119 hold the AUC of the whole (binomial, 1 in 500)."""
    y, p = leads(24_000, seed=5)
    truth = oracle.roc_auc_score(y, p)
    held = 0
    for sample in np.array_split(np.arange(24_000), 120):
        auc = measure(y[sample], {"m": p[sample]}, resamples=200)["m"].intervals()["auc"]
        held += auc.low <= truth <= auc.high
    assert 105 <= held <= 119


def test_groups_of_copies_widen_the_interval() -> None:
    y, p = leads(200)
    y, p = np.repeat(y, 5), np.repeat(p, 5)
    alone = measure(y, {"m": p})["m"].intervals()["auc"]
    whole = measure(y, {"m": p}, groups=np.arange(1000) // 5)["m"].intervals()["auc"]
    assert whole.high - whole.low > 1.7 * (alone.high - alone.low)


def test_a_difference_is_paired() -> None:
    """Two scorers that are nearly the same differ by little, however wide their intervals."""
    y, p = leads(300)
    nearly = np.clip(p + np.random.default_rng(0).normal(0, 0.002, 300), 0.001, 0.999)
    found = measure(y, {"a": p, "b": nearly})
    apart = found["a"].difference(found["b"], "auc")
    own = found["a"].intervals()["auc"]
    assert apart.high - apart.low < (own.high - own.low) / 5


def test_a_single_outcome_gives_no_metric() -> None:
    metrics = measure(np.zeros(10), {"m": np.linspace(0, 1, 10)}, resamples=5)["m"]
    assert metrics.intervals()["auc"] == (None, None, None)


def test_resamples_do_not_depend_on_the_row_order_of_others_or_the_index() -> None:
    y, p = leads(100)
    first = measure(y, {"m": p}, seed=3)["m"]
    again = measure(pd.Series(y, range(7, 107)).to_numpy(), {"m": p, "n": 1 - p}, seed=3)["m"]
    assert (first.resampled["auc"] == again.resampled["auc"]).all()


def test_gains_end_at_all_wins_and_never_fall() -> None:
    y, p = leads(300, ties=2)
    curve = cumulative_gains(y, p)
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1)
    assert (np.diff(curve) >= -1e-12).all()
