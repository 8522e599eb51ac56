"""How good predicted probabilities are, each figure with its interval.

Every scorer is measured on the same leads and the same resamples, so that the difference between
two of them has an interval too. A resample draws whole accounts (leads of one account are alike),
as weights; all resamples of a chunk are computed at once. Ties share what they are worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
SHARES = (5, 10, 20)  # per cent of the leads, best scored first
METRICS = (
    "auc",
    "average_precision",
    "log_loss",
    "brier",
    "calibration_slope",
    "calibration_intercept",
    "expected_wins_ratio",
    *(f"lift_{one}" for one in SHARES),
    *(f"captured_{one}" for one in SHARES),
)
RESAMPLES = 500
CELLS = 2_000_000  # weights held at once: resamples × leads of one chunk
TINY = 1e-15


@dataclass(frozen=True)
class Figures:
    """One scorer's metrics: the real ones, and those of every resample.

    Attributes
    ----------
    value : mapping
        Metric to its value (see `METRICS`).
    resampled : mapping
        Metric to its values in the resamples, NaN where a resample had only one outcome.
    """

    value: Mapping[str, float]
    resampled: Mapping[str, Array]

    def intervals(self) -> dict[str, dict[str, float | None]]:
        """Give every metric as ``{value, low, high}``: the 95 % percentile interval."""
        return {one: interval(self.value[one], self.resampled[one]) for one in self.value}

    def ahead_of(self, other: Figures, metric: str) -> dict[str, float | None]:
        """Give the difference to another scorer on the same leads and resamples."""
        return interval(
            self.value[metric] - other.value[metric],
            self.resampled[metric] - other.resampled[metric],
        )


def measure(
    y: Array,
    probabilities: Mapping[str, Array],
    *,
    groups: Sequence[Any] | Array | None = None,
    weights: Array | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Figures]:
    """Measure scorers on the same leads.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
        1 for won.
    probabilities : mapping of name to array, shape (n,)
        What each scorer gives, between 0 and 1.
    groups : array, shape (n,), optional
        The account of each lead: resamples draw whole groups. Without it, single leads.
    weights : array, shape (n,), optional
        How many leads each one speaks for; without it, one.
    resamples : int
        How many.
    seed : int
        Equal seeds draw equal resamples.

    Returns
    -------
    dict of str to Figures
        AUC (0.5 is chance), average precision (chance is the base rate), log-loss and Brier score
        (0 is perfect), calibration slope (1 is right; below it the predictions are too extreme)
        and intercept (log-odds; 0 is right, below it too many wins are predicted) [1]_, predicted
        over real wins, lift and share of the wins caught in the best 5, 10 and 20 %.

    References
    ----------
    .. [1] D. R. Cox, "Two further applications of a model for binary regression", Biometrika 1958.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 1])
    >>> found = measure(y, {"good": np.array([.1, .2, .7, .9])}, resamples=10)
    >>> found["good"].value["auc"], found["good"].value["lift_20"]
    (1.0, 2.0)
    """
    y = np.asarray(y, dtype=np.float64)
    ranked = {name: _Ranked(y, np.asarray(p, float)) for name, p in probabilities.items()}
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    real = {name: one.metrics(each[None, :]) for name, one in ranked.items()}
    drawn = _resampled(ranked, groups, each, resamples, seed)
    return {
        name: Figures({key: float(value[0]) for key, value in real[name].items()}, drawn[name])
        for name in ranked
    }


def interval(value: float, resampled: Array) -> dict[str, float | None]:
    """Give a value with the 95 % interval of its resamples; None where nothing can be said.

    Examples
    --------
    >>> interval(0.5, np.arange(101) / 100)
    {'value': 0.5, 'low': 0.025, 'high': 0.975}
    """
    told = resampled[np.isfinite(resampled)]
    ends: tuple[float | None, float | None] = (None, None)
    if len(told) > len(resampled) / 2:
        low, high = np.percentile(told, [2.5, 97.5])
        ends = (float(low), float(high))
    return {"value": float(value) if np.isfinite(value) else None, "low": ends[0], "high": ends[1]}


def draws(groups: Sequence[Any] | Array | None, n: int, resamples: int, seed: int) -> Array:
    """Draw groups with replacement; give how often each lead was drawn, a row for each resample.

    Examples
    --------
    >>> draws(["a", "a", "b"], 3, 2, seed=0).shape
    (2, 3)
    """
    random = np.random.default_rng(seed)
    codes = np.arange(n) if groups is None else np.unique(list(groups), return_inverse=True)[1]
    of = int(codes.max(initial=-1)) + 1
    counts = random.multinomial(of, np.full(of, 1 / max(of, 1)), size=resamples)
    return np.asarray(counts[:, codes], dtype=np.float64)


def _resampled(
    ranked: Mapping[str, _Ranked], groups: Any, each: Array, resamples: int, seed: int
) -> dict[str, dict[str, Array]]:
    """Measure all scorers in chunks of resamples, in parallel."""
    from joblib import Parallel, delayed

    n = len(each)
    at_once = max(1, CELLS // max(n, 1))
    sizes = [min(at_once, resamples - done) for done in range(0, resamples, at_once)]

    def chunk(place: int, size: int) -> dict[str, dict[str, Array]]:
        weights = draws(groups, n, size, seed=seed * 100_003 + place) * each
        return {name: one.metrics(weights) for name, one in ranked.items()}

    parts = Parallel(n_jobs=-1, prefer="threads")(
        delayed(chunk)(place, size) for place, size in enumerate(sizes)
    )
    return {
        name: {key: np.concatenate([part[name][key] for part in parts]) for key in METRICS}
        for name in ranked
    }


class _Ranked:
    """Leads of one scorer, best first, with the places where its value changes."""

    def __init__(self, y: Array, p: Array) -> None:
        self.order = np.argsort(-p, kind="stable")
        self.y = y[self.order]
        self.p = np.clip(p[self.order], TINY, 1 - TINY)
        self.log_odds = np.log(self.p / (1 - self.p))
        self.starts = np.flatnonzero(np.r_[True, np.diff(p[self.order]) != 0])

    def metrics(self, weights: Array) -> dict[str, Array]:
        """Give all metrics for each row of weights (resamples × leads)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            w = weights[:, self.order]
            won = w @ self.y
            total = w.sum(axis=1)
            found = {**self._ranking(w, won, total), **self._errors(w, won, total)}
        only_one = (won <= 0) | (won >= total)
        return {key: np.where(only_one, np.nan, found[key]) for key in METRICS}

    def _ranking(self, w: Array, won: Array, total: Array) -> dict[str, Array]:
        """AUC, average precision, lift and captured wins, from sums over tied leads."""
        wins = np.add.reduceat(w * self.y, self.starts, axis=1)
        leads = np.add.reduceat(w, self.starts, axis=1)
        wins_to, leads_to = wins.cumsum(axis=1), leads.cumsum(axis=1)
        above = wins_to - wins / 2
        precision = np.where(leads_to > 0, wins_to / np.maximum(leads_to, TINY), 0)
        found = {
            "auc": ((leads - wins) * above).sum(axis=1) / (won * (total - won)),
            "average_precision": (wins * precision).sum(axis=1) / won,
        }
        for share in SHARES:
            caught = [
                np.interp(one * share / 100, np.r_[0, across], np.r_[0, up])
                for one, across, up in zip(total, leads_to, wins_to, strict=True)
            ]
            found[f"captured_{share}"] = np.array(caught) / won
            found[f"lift_{share}"] = found[f"captured_{share}"] / (share / 100)
        return found

    def _errors(self, w: Array, won: Array, total: Array) -> dict[str, Array]:
        """Log-loss, Brier score and calibration."""
        loss = -(self.y * np.log(self.p) + (1 - self.y) * np.log1p(-self.p))
        slope, _ = logistic_line(self.log_odds, self.y, w)
        _, shift = logistic_line(self.log_odds, self.y, w, slope_is_one=True)
        return {
            "log_loss": w @ loss / total,
            "brier": w @ (self.p - self.y) ** 2 / total,
            "calibration_slope": slope,
            "calibration_intercept": shift,
            "expected_wins_ratio": w @ self.p / won,
        }


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
    >>> [round(float(one), 6) + 0 for one in (*slope, *intercept)]
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
    found = slope / spread + slope_is_one
    lost = ~np.isfinite(slope) | (np.abs(slope) > 30) | (np.abs(level) > 50)
    return np.where(lost, np.nan, found), np.where(lost, np.nan, level - slope * middle / spread)


def calibrate(
    log_odds: Array, y: Array, weights: Array | None = None, *, trust: float = np.inf
) -> tuple[float, float]:
    """Give slope and intercept of the sigmoid that turns log-odds into honest ones.

    Parameters
    ----------
    log_odds, y : array, shape (n,)
        What was predicted for leads that were not learnt from, and what became of them.
    weights : array, shape (n,), optional
        How much each lead counts.
    trust : float
        How far from 1 the slope is thought to lie beforehand (a standard deviation). The fitted
        slope is pulled towards 1 by as much as its own error exceeds that; by default not at all.

    Returns
    -------
    (float, float)
        Where no rising line can be fitted (too few leads, one outcome), slope 1.

    References
    ----------
    J. Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    each = np.ones((1, len(y))) if weights is None else np.asarray(weights, float)[None, :]
    slope, intercept = logistic_line(log_odds, y, each)
    found, start = float(slope[0]), float(intercept[0])
    if not np.isfinite(found) or found <= 0:
        found = 1.0
    elif np.isfinite(trust):
        found = 1 + (found - 1) / (1 + (_slope_error(found, start, log_odds, each[0]) / trust) ** 2)
    else:
        return found, start
    return found, level(found * np.asarray(log_odds), y, weights)


def level(log_odds: Array, y: Array, weights: Array | None = None) -> float:
    """Give the shift of log-odds that makes predicted wins as many as real ones.

    Examples
    --------
    >>> round(level(np.zeros(4), np.array([1, 0, 0, 0])), 3)  # from 2 of 4 to 1 of 4
    -1.099
    """
    each = np.ones((1, len(y))) if weights is None else np.asarray(weights, float)[None, :]
    shift = float(logistic_line(np.asarray(log_odds), y, each, slope_is_one=True)[1][0])
    return shift if np.isfinite(shift) else 0.0


def _slope_error(slope: float, intercept: float, x: Array, weights: Array) -> float:
    """Standard error of a fitted slope, from the curvature of the likelihood."""
    p = 1 / (1 + np.exp(-np.clip(slope * x + intercept, -40, 40)))
    v = weights * p * (1 - p)
    middle = (v @ x) / v.sum()
    return float(1 / np.sqrt(v @ (x - middle) ** 2))


def gains(y: Array, p: Array, points: int = 101, weights: Array | None = None) -> list[float]:
    """Share of the wins caught in the best-scored 0 %, 1 %, … 100 % of the leads.

    Examples
    --------
    >>> gains(np.array([1, 0]), np.array([.9, .1]), points=3)
    [0.0, 1.0, 1.0]
    """
    one = _Ranked(np.asarray(y, float), np.asarray(p, float))
    each = np.ones(len(y)) if weights is None else np.asarray(weights, float)[one.order]
    leads = np.r_[0, np.add.reduceat(each, one.starts).cumsum()]
    wins = np.r_[0, np.add.reduceat(each * one.y, one.starts).cumsum()]
    share = np.linspace(0, leads[-1], points)
    return [float(value) for value in np.interp(share, leads, wins) / (wins[-1] or 1)]


def calibration_bins(
    y: Array, p: Array, bins: int = 10, weights: Array | None = None, wider: float = 1.0
) -> list[dict[str, float]]:
    """Predicted and real win rates in groups of equal size, with Wilson's 95 % intervals.

    Where leads are weighed the interval is that of as many equally weighed leads as would say as
    much (L. Kish, "Survey Sampling", 1965); ``wider`` times as wide where rows are alike.
    """
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    found = []
    for rows in np.array_split(np.argsort(p, kind="stable"), min(bins, len(p))):
        w, total = each[rows], float(each[rows].sum())
        rate = float(w @ y[rows]) / total
        size = total**2 / float(w @ w) / wider**2
        low, high = win_rate_interval(rate * size, size)
        found.append(
            {
                "predicted": float(w @ p[rows]) / total,
                "observed": rate,
                "low": low,
                "high": high,
                "leads": len(rows),
            }
        )
    return found


def win_rate_interval(won: float, leads: float) -> tuple[float, float]:
    """Give Wilson's 95 % score interval of a win rate.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Examples
    --------
    >>> [round(one, 3) for one in win_rate_interval(5, 50)]
    [0.043, 0.214]
    """
    if leads == 0:
        return 0.0, 1.0
    z, rate = 1.959963984540054, won / leads
    middle = (rate + z * z / (2 * leads)) / (1 + z * z / leads)
    half = z / (1 + z * z / leads) * np.sqrt(rate * (1 - rate) / leads + (z / (2 * leads)) ** 2)
    return float(max(middle - half, 0)), float(min(middle + half, 1))
