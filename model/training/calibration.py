"""Calibration: whether predicted wins match actual wins, and how to make them match.

A line through the log-odds (Platt's sigmoid) corrects predictions that are too extreme or too
high. Tables compare predicted with actual wins in bins of equal size, and for each value of a
feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.serving import Scorecard
from model.training.intervals import win_rate_interval

Array = npt.NDArray[Any]
SLICE_LEADS, SLICE_WINS = 100, 15  # smaller slices could not show an error of 50%


def logistic_line(
    x: Array, y: Array, weights: Array, *, slope_is_one: bool = False, steps: int = 50
) -> tuple[Array, Array]:
    """Fit ``log-odds of y = intercept + slope · x`` by Newton's method, for each row of weights.

    Parameters
    ----------
    x, y : array, shape (n,)
    weights : array, shape (m, n)
    slope_is_one : bool
        Fit the intercept alone.

    Returns
    -------
    slope, intercept : array, shape (m,)
        NaN where ``x`` does not vary, or separates the outcomes (no finite line fits).

    Examples
    --------
    >>> x = np.repeat([-1.0, 1.0], 4)
    >>> y = np.array([1, 0, 0, 0, 1, 1, 1, 0.0])
    >>> slope, intercept = logistic_line(x, y, np.ones((1, 8)))
    >>> [round(float(end), 6) + 0 for end in (*slope, *intercept)]
    [1.098612, 0.0]
    """
    middle, spread = float(x.mean()), float(x.std()) or 1.0
    z = (x - middle) / spread
    offset = x if slope_is_one else np.zeros_like(x)
    total, won = weights.sum(axis=1), weights @ y
    slope = np.zeros(len(weights))
    level = np.log((won + 0.5) / (total - won + 0.5)) - (middle if slope_is_one else 0.0)
    for _ in range(steps):
        odds = slope[:, None] * z + level[:, None] + offset
        p = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
        v, error = weights * p * (1 - p), weights * (y - p)
        g0, h00 = error.sum(axis=1), v.sum(axis=1) + 1e-12
        if slope_is_one:
            step0, step1 = g0 / h00, np.zeros_like(g0)
        else:
            g1, h01, h11 = error @ z, v @ z, v @ (z * z)
            determinant = h00 * h11 - h01**2
            determinant = np.where(determinant > 1e-9 * h00 * h11 + 1e-12, determinant, np.nan)
            step0 = (h11 * g0 - h01 * g1) / determinant
            step1 = (h00 * g1 - h01 * g0) / determinant
        level += np.clip(step0, -1, 1)
        slope += np.clip(step1, -1, 1)
        if not (np.fmax(np.abs(step0), np.abs(step1)) > 1e-9).any():
            break
    diverged = ~np.isfinite(slope) | (np.abs(slope) > 30) | (np.abs(level) > 50)
    intercept = level - slope * middle / spread
    unscaled = slope / spread + slope_is_one
    return np.where(diverged, np.nan, unscaled), np.where(diverged, np.nan, intercept)


def calibrate(
    log_odds: Array, y: Array, weights: Array | None = None, *, trust: float = np.inf
) -> tuple[float, float]:
    """Give slope and intercept of the sigmoid that calibrates log-odds.

    Parameters
    ----------
    log_odds, y : array, shape (n,)
        Predictions for leads outside the training data, and their outcomes (1 for won).
    weights : array, shape (n,), optional
        How much each lead counts.
    trust : float
        Standard deviation of the slope around 1 that is assumed beforehand. The fitted slope is
        shrunk towards 1 by the ratio of its own error to it; by default not at all.

    Returns
    -------
    (float, float)
        The slope is 1 where no rising line can be fitted (too few leads, a single outcome).

    References
    ----------
    J. Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    each = np.ones((1, len(y))) if weights is None else np.asarray(weights, float)[None, :]
    slopes, intercepts = logistic_line(log_odds, y, each)
    slope, intercept = float(slopes[0]), float(intercepts[0])
    if not np.isfinite(slope) or slope <= 0:
        slope = 1.0
    elif np.isfinite(trust):
        error = _slope_error(slope, intercept, log_odds, each[0])
        slope = 1 + (slope - 1) / (1 + (error / trust) ** 2)
    else:
        return slope, intercept
    return slope, calibration_shift(slope * np.asarray(log_odds), y, weights)


def calibration_shift(log_odds: Array, y: Array, weights: Array | None = None) -> float:
    """Give the shift of log-odds that makes predicted wins equal to actual wins.

    Examples
    --------
    >>> round(calibration_shift(np.zeros(4), np.array([1, 0, 0, 0])), 3)  # from 2 of 4 to 1 of 4
    -1.099
    """
    each = np.ones((1, len(y))) if weights is None else np.asarray(weights, float)[None, :]
    shift = float(logistic_line(np.asarray(log_odds), y, each, slope_is_one=True)[1][0])
    return shift if np.isfinite(shift) else 0.0


def pooled_slope(folds: Sequence[tuple[Array, Array, Array]], *, trust: float) -> float:
    """Give the slope by which log-odds of unseen leads must be stretched, shrunk towards 1.

    Each fold has an intercept of its own, so that a win rate that moves does not look like a slope.
    The slopes of the folds are averaged with their errors and with how much they differ beyond
    these [1]_, and the average is shrunk by its own error.

    Parameters
    ----------
    folds : sequence of (array, array, array)
        Log-odds, outcomes and weights of the leads of each fold.
    trust : float
        Standard deviation of the slope around 1 that is assumed beforehand.

    Returns
    -------
    float
        1 where no rising line can be fitted.

    References
    ----------
    .. [1] R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", 1986.

    Examples
    --------
    >>> x = np.tile([-1.0, 1.0], 500)
    >>> y = np.tile([0, 1, 0, 1, 0, 1, 1, 0, 0, 1], 100)
    >>> round(pooled_slope([(x, y, np.ones(1000))], trust=0.15), 2)
    1.3
    """
    fitted = []
    for odds, y, weights in folds:
        slopes, intercepts = logistic_line(odds, y, weights[None, :])
        slope, intercept = float(slopes[0]), float(intercepts[0])
        if np.isfinite(slope) and odds.std() > 0:
            fitted.append((slope, _slope_error(slope, intercept, odds, weights) ** 2))
    if not fitted:
        return 1.0
    slopes, variances = np.array(fitted).T
    share = 1 / variances
    mean = share @ slopes / share.sum()
    excess = float(share @ (slopes - mean) ** 2) - (len(slopes) - 1)
    between = max(excess / (share.sum() - share @ share / share.sum()), 0) if len(slopes) > 1 else 0
    share = 1 / (variances + between)
    mean = float(share @ slopes / share.sum())
    shrunk = float(1 + (mean - 1) / (1 + 1 / share.sum() / trust**2))
    return shrunk if shrunk > 0 else 1.0


def _slope_error(slope: float, intercept: float, x: Array, weights: Array) -> float:
    """Standard error of a fitted slope, from the curvature of the likelihood."""
    p = 1 / (1 + np.exp(-np.clip(slope * x + intercept, -40, 40)))
    v = weights * p * (1 - p)
    middle = (v @ x) / v.sum()
    return float(1 / np.sqrt(v @ (x - middle) ** 2))


def calibration_bins(
    y: Array,
    p: Array,
    bins: int = 10,
    weights: Array | None = None,
    design_factor: float = 1.0,
) -> list[dict[str, float]]:
    """Compare predicted and actual win rates in bins of equal size.

    Parameters
    ----------
    y, p : array, shape (n,)
        Outcomes (1 for won) and predicted probabilities.
    weights : array, shape (n,), optional
        The interval is that of the effective sample size (L. Kish, "Survey Sampling", 1965).
    design_factor : float
        Widens the intervals, see `model.training.intervals.design_factor`.

    Returns
    -------
    list of dict
        ``predicted, observed, low, high`` (Wilson's 95% interval) and ``leads`` of each bin.
    """
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    table = []
    for rows in np.array_split(np.argsort(p, kind="stable"), min(bins, len(p))):
        w, total = each[rows], float(each[rows].sum())
        rate = float(w @ y[rows]) / total
        size = total**2 / float(w @ w) / design_factor**2
        low, high = win_rate_interval(rate * size, size)
        table.append(
            {
                "predicted": float(w @ p[rows]) / total,
                "observed": rate,
                "low": low,
                "high": high,
                "leads": len(rows),
            }
        )
    return table


class SliceCalibration(NamedTuple):
    """Actual against predicted wins of the leads that share a value of a feature.

    ``low`` and ``high`` are the ends of the interval of actual over predicted wins.
    """

    words: str
    label: str
    leads: int
    won: float
    expected: float
    low: float
    high: float

    @property
    def deviation(self) -> float:
        """How far the whole interval lies from 1; negative where it includes 1."""
        return max(self.low - 1, 1 - self.high)


def calibration_by_slice(
    card: Scorecard, X: pd.DataFrame, y: Array, p: Array, design_factor: float = 1.0
) -> list[SliceCalibration]:
    """Compare actual with predicted wins for each row of each fit line.

    The intervals allow for the number of slices (Bonferroni). Slices with fewer than 100 leads or
    15 predicted wins are left out, and so is engagement.

    Parameters
    ----------
    X, y, p
        Features, outcomes (1 for won) and predicted probabilities of the leads.
    design_factor : float
        Widens the intervals, see `model.training.intervals.design_factor`.
    """
    from scipy.stats import norm

    table = []
    for line in card.lines:
        if line["family"] == "engagement":
            continue
        bins = card.axes[line["name"]].bins(X)
        for place, label in enumerate(line["labels"]):
            rows = bins == place
            expected = float(p[rows].sum())
            if rows.sum() >= SLICE_LEADS and expected >= SLICE_WINS:
                error = design_factor * float(np.sqrt((p[rows] * (1 - p[rows])).sum()))
                leads, won = int(rows.sum()), float(y[rows].sum())
                table.append((line["words"], label, leads, won, expected, error))
    z = float(norm.ppf(1 - 0.025 / max(len(table), 1)))
    return [
        SliceCalibration(
            words,
            label,
            leads,
            won,
            expected,
            low=(won - z * error) / expected,
            high=(won + z * error) / expected,
        )
        for words, label, leads, won, expected, error in table
    ]
