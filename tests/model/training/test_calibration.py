"""Calibration lines against a general optimiser; tables of predicted and actual wins by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from model.serving import Scorecard
from model.training.calibration import (
    SliceCalibration,
    calibrate,
    calibration_bins,
    calibration_by_slice,
    calibration_shift,
    logistic_line,
    pooled_slope,
)


def leads(n: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    p = 1 / (1 + np.exp(-random.normal(-1.5, 1.2, n)))
    return (random.random(n) < p).astype(float), p


def test_calibration_line_is_that_of_a_general_optimiser() -> None:
    y, p = leads(400)
    x = 1.7 * np.log(p / (1 - p)) + 0.4

    def loss(line: np.ndarray) -> float:
        odds = line[0] * x + line[1]
        return float(np.logaddexp(0, odds).sum() - (y * odds).sum())

    wanted = minimize(loss, [1.0, 0.0], method="BFGS", options={"gtol": 1e-8}).x
    slope, intercept = logistic_line(x, y, np.ones((1, 400)))
    assert [slope[0], intercept[0]] == pytest.approx(wanted, abs=1e-5)


def test_calibration_undoes_a_distortion() -> None:
    y, p = leads(60_000)
    true = np.log(p / (1 - p))
    slope, intercept = calibrate(2 * true + 1, y)
    # 60,000 leads: the standard error of the slope is about .01
    assert slope == pytest.approx(0.5, abs=0.03)
    assert intercept == pytest.approx(-0.5, abs=0.06)


@pytest.mark.parametrize("y", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1]])
def test_calibration_without_a_line_stays_finite(y) -> None:
    assert np.isfinite(calibrate(np.array([-1.0, -1, 1, 1]), np.array(y, float))).all()


def test_calibration_bins_hold_every_lead_once() -> None:
    y, p = leads(303)
    bins = calibration_bins(y, p)
    assert sum(row["leads"] for row in bins) == 303
    assert sum(row["observed"] * row["leads"] for row in bins) == pytest.approx(y.sum())
    assert all(row["low"] <= row["observed"] <= row["high"] for row in bins)


def test_the_line_is_found_on_any_scale() -> None:
    """Points from 0 to 75, or log-odds far from zero: the same line in other units."""
    y, p = leads(2000)
    odds = np.log(p / (1 - p))
    slope, intercept = calibrate(odds, y)
    for times, plus in ((20.0, 40.0), (0.01, 0.0), (5.0, -30.0)):
        scaled = calibrate(times * odds + plus, y)
        assert scaled[0] * times == pytest.approx(slope, rel=1e-6)
        assert scaled[1] + scaled[0] * plus == pytest.approx(intercept, abs=1e-6)


def test_a_slope_from_few_leads_is_shrunk_and_one_from_many_is_kept() -> None:
    def pulled(n: int) -> float:
        y, p = leads(n, seed=2)
        odds = 2 * np.log(p / (1 - p))
        plain, trusted = calibrate(odds, y)[0], calibrate(odds, y, trust=0.15)[0]
        assert plain < trusted < 1
        return (trusted - plain) / (1 - plain)

    assert pulled(80) > 0.4
    assert pulled(60_000) < 0.01


def test_the_shift_makes_predicted_wins_equal_to_actual_wins() -> None:
    y, p = leads(300)
    odds = np.log(p / (1 - p)) + 0.7
    weights = np.random.default_rng(1).uniform(0.5, 2, 300)
    shifted = 1 / (1 + np.exp(-(odds + calibration_shift(odds, y, weights))))
    assert weights @ shifted == pytest.approx(weights @ y)


# -- by slice --------------------------------------------------------------------------------------


def card(families: dict[str, str]) -> Scorecard:
    """A scorecard of categories that are named like their features' values."""
    features: list[dict[str, Any]] = [
        {
            **{"name": name, "words": f"the {name}", "family": family, "kind": "category"},
            "categories": ["web", "fair"],
            "points": [0.0, 0.0, 1.0, -1.0],
            "labels": ["unknown", "any other", "web", "fair"],
        }
        for name, family in families.items()
    ]
    return Scorecard.from_dict(
        {
            **{"format": 1, "base_rate": 0.1, "intercept": 0.0, "ready_at": 55.0},
            "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
            "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
            "features": features,
        }
    )


def by_source(counts: dict[str | None, int], p: float) -> list[SliceCalibration]:
    """Slices of the leads of some sources, all with the same probability and 10% won."""
    X = pd.DataFrame({"source": np.repeat(np.array(list(counts), object), list(counts.values()))})
    y = (np.arange(len(X)) % 10 == 0).astype(float)
    return calibration_by_slice(card({"source": "origin"}), X, y, np.full(len(X), p))


def test_slices_have_100_leads_and_15_expected_wins() -> None:
    def kept(counts: dict[str | None, int], p: float) -> list[str]:
        return [row.label for row in by_source(counts, p)]

    assert kept({"web": 100, "fair": 99}, 0.5) == ["web"]
    assert kept({"web": 240, "fair": 239}, 0.0625) == ["web"]  # 15 and 14.9 wins are expected
    assert kept({None: 100, "word of mouth": 100}, 0.5) == ["unknown", "any other"]


def test_a_slice_counts_its_own_leads() -> None:
    web, fair = by_source({"web": 200, "fair": 400}, 0.25)
    assert web[:5] == ("the source", "web", 200, 20.0, 50.0)
    assert fair[:5] == ("the source", "fair", 400, 40.0, 100.0)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_intervals_allow_for_the_number_of_slices_and_for_clusters(number, factor) -> None:
    X = pd.DataFrame({"source": np.repeat(["web", "fair"][:number], 400)})
    y, p = (np.arange(len(X)) % 5 == 0).astype(float), np.full(len(X), 0.25)
    slices = calibration_by_slice(card({"source": "origin"}), X, y, p, factor)
    half = norm.ppf(1 - 0.025 / number) * factor * np.sqrt(400 * 0.25 * 0.75)
    assert len(slices) == number
    for row in slices:
        assert row.low == pytest.approx((80 - half) / 100)
        assert row.high == pytest.approx((80 + half) / 100)


@pytest.mark.parametrize(
    ("low", "high", "deviation"), [(1.2, 1.9, 0.2), (0.2, 0.7, 0.3), (0.9, 1.3, -0.1)]
)
def test_a_slice_deviates_by_the_nearer_end_of_its_interval(low, high, deviation) -> None:
    row = SliceCalibration("source", "web", 200, 20.0, 40.0, low, high)
    assert row.deviation == pytest.approx(deviation)


def test_engagement_is_not_sliced() -> None:
    X = pd.DataFrame({"source": ["web"] * 200, "opened": ["web"] * 200})
    families = {"source": "origin", "opened": "engagement"}
    slices = calibration_by_slice(card(families), X, np.zeros(200), np.full(200, 0.5))
    assert [row.words for row in slices] == ["the source"]


def test_a_slice_that_went_wrong_stands_out_among_those_that_are_right() -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame({name: random.choice(["web", "fair"], 6000) for name in "abcdef"})
    p = np.full(6000, 0.2)
    y = (random.random(6000) < p).astype(float)
    scorecard = card(dict.fromkeys("abcdef", "origin"))
    assert max(row.deviation for row in calibration_by_slice(scorecard, X, y, p)) < 0
    y[(X["c"] == "fair") & (random.random(6000) < 0.6)] = 0
    worst = max(calibration_by_slice(scorecard, X, y, p), key=lambda row: row.deviation)
    assert (worst.words, worst.label) == ("the c", "fair")
    assert worst.deviation > 0.15


# -- the slope of several folds --------------------------------------------------------------------


def folds_of(*slopes: float, n: int, seed: int = 0) -> list[tuple[np.ndarray, ...]]:
    """Folds whose log-odds must be stretched by these slopes, each at a level of its own."""
    random = np.random.default_rng(seed)
    folds = []
    for place, slope in enumerate(slopes):
        odds = random.normal(-1, 1, n)
        p = 1 / (1 + np.exp(-(slope * odds + place - 1)))
        folds.append((odds, (random.random(n) < p).astype(float), np.ones(n)))
    return folds


def test_the_slope_of_many_leads_is_that_of_a_plain_fit() -> None:
    folds = folds_of(1.5, n=40_000)
    odds, y, _ = folds[0]
    assert pooled_slope(folds, trust=0.15) == pytest.approx(calibrate(odds, y)[0], abs=0.02)


def test_folds_of_the_same_slope_count_together_and_their_levels_do_not_matter() -> None:
    folds = folds_of(1.5, 1.5, 1.5, n=20_000)
    assert pooled_slope(folds, trust=0.15) == pytest.approx(1.5, abs=0.05)
    moved = [(odds + place, y, weights) for place, (odds, y, weights) in enumerate(folds)]
    assert pooled_slope(moved, trust=0.15) == pytest.approx(pooled_slope(folds, trust=0.15))


def test_a_slope_from_few_wins_is_shrunk_by_its_own_error() -> None:
    def pulled(n: int) -> float:
        folds = folds_of(1.6, n=n, seed=3)
        free, shrunk = (pooled_slope(folds, trust=trust) for trust in (1e6, 0.15))
        assert 1 < shrunk < free
        return (free - shrunk) / (free - 1)

    odds, y, _ = folds_of(1.6, n=150, seed=3)[0]
    slope, intercept = calibrate(odds, y)
    p = 1 / (1 + np.exp(-(slope * odds + intercept)))
    design = np.c_[odds, np.ones(150)]
    variance = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]))[0, 0]
    assert pulled(150) == pytest.approx(variance / (variance + 0.15**2), rel=0.01)
    assert pulled(20_000) < 0.1


def test_folds_that_disagree_are_trusted_less() -> None:
    same = pooled_slope(folds_of(1.6, 1.6, 1.6, n=5_000), trust=0.15)
    apart = pooled_slope(folds_of(1.0, 1.6, 2.2, n=5_000), trust=0.15)
    assert same == pytest.approx(1.6, abs=0.08)
    assert 1 < apart < same - 0.1


@pytest.mark.parametrize(
    "folds",
    [
        [],
        [(np.zeros(50), np.arange(50) % 2 * 1.0, np.ones(50))],
        [(np.arange(50.0), np.zeros(50), np.ones(50))],
        folds_of(-3.0, n=5_000),
    ],
)
def test_where_no_rising_line_fits_nothing_is_stretched(folds) -> None:
    assert pooled_slope(folds, trust=0.15) == 1
