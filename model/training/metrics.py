"""Metrics of predicted probabilities and of what the best leads hold, each with its interval.

All scorers are measured on the same leads and the same resamples, which gives the difference
between two of them an interval too. A resample draws whole accounts, as weights; the resamples of
a chunk are computed together. Leads with the same score share the credit of their ranks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.training.calibration import logistic_line
from model.training.intervals import Interval, bootstrap_interval, resample_counts

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
    *(f"lift_{share}" for share in SHARES),
    *(f"captured_{share}" for share in SHARES),
)
RESAMPLES = 500
CELLS = 2_000_000  # weights held at a time: resamples × leads of one chunk
TINY = 1e-15


@dataclass(frozen=True)
class Metrics:
    """The metrics of one scorer, and those of every resample.

    Attributes
    ----------
    values : mapping
        Metric to its value (see `METRICS`).
    resampled : mapping
        Metric to its values in the resamples, NaN where a resample had only one outcome.
    """

    values: Mapping[str, float]
    resampled: Mapping[str, Array]

    def intervals(self) -> dict[str, Interval]:
        """Give every metric with its 95% percentile interval.

        The ends are None where all resamples are equal: where no win was caught, for example, they
        say nothing about chance.
        """
        intervals = {}
        for metric, value in self.values.items():
            interval = bootstrap_interval(value, self.resampled[metric])
            equal = interval.low is not None and interval.low == interval.high
            intervals[metric] = Interval(interval.value, None, None) if equal else interval
        return intervals

    def difference(self, other: Metrics, metric: str) -> Interval:
        """Give by how much a metric exceeds another scorer's, on the same leads and resamples."""
        return bootstrap_interval(
            self.values[metric] - other.values[metric],
            self.resampled[metric] - other.resampled[metric],
        )

    def to_json(self) -> dict[str, dict[str, float | None]]:
        """Give every metric as ``{value, low, high}``."""
        return {metric: interval._asdict() for metric, interval in self.intervals().items()}


def measure(
    y: Array,
    probabilities: Mapping[str, Array],
    *,
    groups: Sequence[Any] | Array | None = None,
    weights: Array | None = None,
    resamples: int | None = None,
    seed: int = 0,
) -> dict[str, Metrics]:
    """Measure scorers on the same leads.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
        1 for won.
    probabilities : mapping of name to array, shape (n,)
        The predictions of each scorer, between 0 and 1.
    groups : array, shape (n,), optional
        The account of each lead: resamples draw whole groups. Without it, they draw single leads.
    weights : array, shape (n,), optional
        How many leads each one represents; by default one.
    resamples : int, optional
        Number of resamples, ``RESAMPLES`` by default.
    seed : int
        Equal seeds draw equal resamples.

    Returns
    -------
    dict of str to Metrics
        AUC (0.5 is chance), average precision (chance is the base rate), log-loss and Brier score
        (0 is perfect), calibration slope (1 is right; below it the predictions are too extreme)
        and intercept (log-odds; 0 is right, below it too many wins are predicted) [1]_, predicted
        over actual wins, lift and share of the wins caught in the best 5, 10 and 20%.

    References
    ----------
    .. [1] D. R. Cox, "Two further applications of a model for binary regression", Biometrika 1958.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 1])
    >>> metrics = measure(y, {"good": np.array([.1, .2, .7, .9])}, resamples=10)["good"]
    >>> metrics.values["auc"], metrics.values["lift_20"]
    (1.0, 2.0)
    """
    y = np.asarray(y, dtype=np.float64)
    rankings = {name: Ranking(y, np.asarray(p, float)) for name, p in probabilities.items()}
    each = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    actual = {name: ranking.metrics(each[None, :]) for name, ranking in rankings.items()}
    resampled = _resampled_metrics(rankings, groups, each, resamples or RESAMPLES, seed)
    return {
        name: Metrics({key: float(value[0]) for key, value in metrics.items()}, resampled[name])
        for name, metrics in actual.items()
    }


def _resampled_metrics(
    rankings: Mapping[str, Ranking], groups: Any, each: Array, resamples: int, seed: int
) -> dict[str, dict[str, Array]]:
    """Measure all scorers in chunks of resamples, in parallel."""
    from joblib import Parallel, delayed

    n = len(each)
    at_once = max(1, CELLS // max(n, 1))
    sizes = [min(at_once, resamples - done) for done in range(0, resamples, at_once)]

    def chunk(place: int, size: int) -> dict[str, dict[str, Array]]:
        weights = resample_counts(groups, n, size, seed=seed * 100_003 + place) * each
        return {name: ranking.metrics(weights) for name, ranking in rankings.items()}

    parts = Parallel(n_jobs=-1, prefer="threads")(
        delayed(chunk)(place, size) for place, size in enumerate(sizes)
    )
    return {
        name: {key: np.concatenate([part[name][key] for part in parts]) for key in METRICS}
        for name in rankings
    }


def measure_caught(
    scores: Mapping[str, Array],
    worth: Mapping[str, Array],
    share: float,
    *,
    groups: Array | None = None,
    weights: Array | None = None,
    resamples: int | None = None,
    seed: int = 0,
) -> dict[str, Metrics]:
    """Measure how much of some totals each scorer's best leads hold.

    Parameters
    ----------
    scores : mapping of str to array, shape (n,)
        Each scorer's scores, higher is better; tied leads share what they hold.
    worth : mapping of str to array, shape (n,)
        What each lead is worth: 1 or 0 for ``wins``, or an amount.
    share : float
        The share of the leads that are taken, 0–1.
    groups, weights : array, shape (n,), optional
        As for `model.training.metrics.measure`.

    Returns
    -------
    dict of str to Metrics
        For each scorer, the share (0–1) of each total; taking leads by lot gives ``share``.

    Examples
    --------
    >>> wins = np.array([1.0, 0.0, 1.0, 0.0])
    >>> scores = {"good": np.array([4.0, 2.0, 3.0, 1.0]), "lot": np.zeros(4)}
    >>> caught = measure_caught(scores, {"wins": wins}, 0.25, resamples=10)
    >>> [caught[name].values["wins"] for name in scores]
    [0.5, 0.25]
    """
    n = len(next(iter(worth.values())))
    each = np.ones(n) if weights is None else np.asarray(weights, dtype=np.float64)
    outcomes = np.zeros(n)  # not needed for what is caught
    rankings = {name: Ranking(outcomes, np.asarray(score, float)) for name, score in scores.items()}
    parts: dict[tuple[str, str], list[Array]] = {}
    for counts in _resample_chunks(groups, n, resamples or RESAMPLES, seed):
        for name, ranking in rankings.items():
            for total, value in worth.items():
                caught = ranking.caught(counts * each, value, share)
                parts.setdefault((name, total), []).append(caught)
    return {
        name: Metrics(
            {
                total: float(ranking.caught(each[None, :], value, share)[0])
                for total, value in worth.items()
            },
            {total: np.concatenate(parts[name, total]) for total in worth},
        )
        for name, ranking in rankings.items()
    }


def _resample_chunks(groups: Array | None, n: int, resamples: int, seed: int) -> Iterator[Array]:
    """Draw as `measure` does: in chunks, with seeds of their own."""
    at_once = max(1, CELLS // max(n, 1))
    for place, done in enumerate(range(0, resamples, at_once)):
        size = min(at_once, resamples - done)
        yield resample_counts(groups, n, size, seed=seed * 100_003 + place)


class Ranking:
    """The leads in the order of one scorer, best first; ``starts`` is where its value changes."""

    def __init__(self, y: Array, p: Array) -> None:
        self.order = np.argsort(-p, kind="stable")
        self.y = y[self.order]
        self.p = np.clip(p[self.order], TINY, 1 - TINY)
        self.log_odds = np.log(self.p / (1 - self.p))
        self.starts = np.flatnonzero(np.r_[True, np.diff(p[self.order]) != 0])

    def metrics(self, weights: Array) -> dict[str, Array]:
        """Give all metrics for each row of weights, shape (resamples, leads)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            w = weights[:, self.order]
            won = w @ self.y
            total = w.sum(axis=1)
            metrics = {
                **self._ranking_metrics(w, won, total),
                **self._probability_metrics(w, won, total),
            }
        single_outcome = (won <= 0) | (won >= total)
        return {key: np.where(single_outcome, np.nan, metrics[key]) for key in METRICS}

    def _ranking_metrics(self, w: Array, won: Array, total: Array) -> dict[str, Array]:
        """AUC, average precision, lift and captured wins, from sums over tied leads."""
        wins = np.add.reduceat(w * self.y, self.starts, axis=1)
        leads = np.add.reduceat(w, self.starts, axis=1)
        wins_to, leads_to = wins.cumsum(axis=1), leads.cumsum(axis=1)
        above = wins_to - wins / 2
        precision = np.where(leads_to > 0, wins_to / np.maximum(leads_to, TINY), 0)
        metrics = {
            "auc": ((leads - wins) * above).sum(axis=1) / (won * (total - won)),
            "average_precision": (wins * precision).sum(axis=1) / won,
        }
        for share in SHARES:
            metrics[f"captured_{share}"] = self._caught(leads_to, wins_to, share / 100) / won
            metrics[f"lift_{share}"] = metrics[f"captured_{share}"] / (share / 100)
        return metrics

    def caught(self, weights: Array, value: Array, share: float) -> Array:
        """Give the share of a value that the best-scored ``share`` of the leads holds.

        Parameters
        ----------
        weights : array, shape (resamples, n)
        value : array, shape (n,)
            What each lead is worth: 1 for a win, or an amount.
        """
        w = weights[:, self.order]
        leads_to = np.add.reduceat(w, self.starts, axis=1).cumsum(axis=1)
        worth_to = np.add.reduceat(w * value[self.order], self.starts, axis=1).cumsum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            caught: Array = self._caught(leads_to, worth_to, share) / worth_to[:, -1]
        return caught

    @staticmethod
    def _caught(leads_to: Array, worth_to: Array, share: float) -> Array:
        """Give what the best leads hold; tied leads at the border share what they hold."""
        taken = leads_to[:, -1] * share
        rows = np.arange(len(leads_to))
        right = np.minimum((leads_to <= taken[:, None]).sum(axis=1), leads_to.shape[1] - 1)
        before, held = (
            np.where(right > 0, to[rows, right - 1], 0.0) for to in (leads_to, worth_to)
        )
        step = leads_to[rows, right] - before
        part = np.divide(taken - before, step, out=np.zeros_like(step), where=step > 0)
        caught: Array = held + part * (worth_to[rows, right] - held)
        return caught

    def _probability_metrics(self, w: Array, won: Array, total: Array) -> dict[str, Array]:
        """Log-loss, Brier score and calibration."""
        loss = -(self.y * np.log(self.p) + (1 - self.y) * np.log1p(-self.p))
        slope, _ = logistic_line(self.log_odds, self.y, w)
        _, intercept = logistic_line(self.log_odds, self.y, w, slope_is_one=True)
        return {
            "log_loss": w @ loss / total,
            "brier": w @ (self.p - self.y) ** 2 / total,
            "calibration_slope": slope,
            "calibration_intercept": intercept,
            "expected_wins_ratio": w @ self.p / won,
        }


def cumulative_gains(
    y: Array, p: Array, points: int = 101, weights: Array | None = None
) -> list[float]:
    """Share of the wins caught in the best-scored 0%, 1%, … 100% of the leads.

    Examples
    --------
    >>> cumulative_gains(np.array([1, 0]), np.array([.9, .1]), points=3)
    [0.0, 1.0, 1.0]
    """
    ranking = Ranking(np.asarray(y, float), np.asarray(p, float))
    each = np.ones(len(y)) if weights is None else np.asarray(weights, float)[ranking.order]
    leads = np.r_[0, np.add.reduceat(each, ranking.starts).cumsum()]
    wins = np.r_[0, np.add.reduceat(each * ranking.y, ranking.starts).cumsum()]
    share = np.linspace(0, leads[-1], points)
    return [float(value) for value in np.interp(share, leads, wins) / (wins[-1] or 1)]
