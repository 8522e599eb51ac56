"""Intervals: the percentile bootstrap, Wilson's interval of a rate, and what clusters do to both.

Leads of one account resemble each other. The bootstrap therefore draws whole accounts, and an
interval that is computed from counts is widened by the design factor of the clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
Z95 = 1.959963984540054  # quantile of the normal distribution for a 95% interval


class Interval(NamedTuple):
    """A figure with the ends of its 95% interval; None where it cannot be computed."""

    value: float | None
    low: float | None
    high: float | None


def bootstrap_interval(value: float, resampled: Array) -> Interval:
    """Give a figure with the 95% percentile interval of its resamples.

    The ends are None where at most half of the resamples are finite.

    Examples
    --------
    >>> bootstrap_interval(0.5, np.arange(101) / 100)
    Interval(value=0.5, low=0.025, high=0.975)
    """
    finite = resampled[np.isfinite(resampled)]
    point = float(value) if np.isfinite(value) else None
    if len(finite) <= len(resampled) / 2:
        return Interval(point, None, None)
    low, high = np.percentile(finite, [2.5, 97.5])
    return Interval(point, float(low), float(high))


def resample_counts(
    groups: Sequence[Any] | Array | None, n: int, resamples: int, seed: int
) -> Array:
    """Draw groups with replacement and count how often each lead was drawn.

    Parameters
    ----------
    groups : array, shape (n,), optional
        The group of each lead; without it, single leads are drawn.
    n, resamples : int
        Number of leads and of resamples.

    Returns
    -------
    array, shape (resamples, n)

    Examples
    --------
    >>> resample_counts(["a", "a", "b"], 3, 2, seed=0).shape
    (2, 3)
    """
    random = np.random.default_rng(seed)
    codes = np.arange(n) if groups is None else np.unique(list(groups), return_inverse=True)[1]
    size = int(codes.max(initial=-1)) + 1
    counts = random.multinomial(size, np.full(size, 1 / max(size, 1)), size=resamples)
    return np.asarray(counts[:, codes], dtype=np.float64)


def win_rate_interval(won: float, leads: float) -> tuple[float, float]:
    """Give the ends of Wilson's 95% score interval of a win rate.

    Parameters
    ----------
    won, leads : float
        Counts; fractions are allowed, as for an effective sample size.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Examples
    --------
    >>> [round(end, 3) for end in win_rate_interval(5, 50)]
    [0.043, 0.214]
    """
    if leads == 0:
        return 0.0, 1.0
    z, rate = Z95, won / leads
    middle = (rate + z * z / (2 * leads)) / (1 + z * z / leads)
    half = z / (1 + z * z / leads) * np.sqrt(rate * (1 - rate) / leads + (z / (2 * leads)) ** 2)
    return float(max(middle - half, 0)), float(min(middle + half, 1))


def design_factor(clusters: Array | None) -> float:
    """Give the factor by which clusters widen an interval: the root of the design effect.

    Rows of a cluster are taken to be copies of each other, so that only clusters count.

    Parameters
    ----------
    clusters : array, shape (n,), optional
        The cluster of each row; None where rows are independent.

    References
    ----------
    L. Kish, "Survey Sampling", 1965.

    Examples
    --------
    >>> design_factor(np.array(["a", "a", "a", "a"])), design_factor(None)
    (2.0, 1.0)
    """
    return 1.0 if clusters is None else float(np.sqrt(len(clusters) / len(pd.unique(clusters))))


def clustered_mean(
    values: Array, clusters: Array | None = None, weights: Array | None = None
) -> Interval:
    """Give a mean with its 95% interval, where values of a cluster may resemble each other.

    Parameters
    ----------
    values : array, shape (n,)
    clusters, weights : array, shape (n,), optional
        The cluster of each value, and how much it counts; by default each stands alone and counts
        the same.

    Examples
    --------
    >>> values = np.array([0.0, 0.0, 1.0, 1.0])
    >>> [round(float(end), 2) for end in clustered_mean(values, np.array(["a", "a", "b", "b"]))]
    [0.5, -0.48, 1.48]
    """
    each = np.ones(len(values)) if weights is None else weights
    total = float(each.sum())
    mean = float(each @ values) / total
    codes = np.arange(len(values)) if clusters is None else pd.factorize(clusters)[0]
    sums = np.bincount(codes, each * (values - mean))
    if len(sums) < 2:
        return Interval(mean, None, None)
    error = float(np.sqrt(sums @ sums * len(sums) / (len(sums) - 1))) / total
    return Interval(mean, mean - Z95 * error, mean + Z95 * error)
