"""Bins: every candidate comes down to a table of log-odds for each feature.

A candidate is a sum of such tables, which makes it readable and lets it be compiled to a
scorecard. To keep the tables readable, cuts between bins are moved to round numbers wherever no
training lead lies between, neighbouring bins with equal values are merged, and a category that few
leads have adds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model import serving

Array = npt.NDArray[Any]
RARE_SHARE, RARE_LEAST, RARE_MOST = 0.01, 10, 50  # of the leads; at least and at most so many
SAME = 1e-12  # log-odds that are closer than this are equal


@dataclass(frozen=True)
class Binning:
    """The bins of one feature.

    Attributes
    ----------
    feature : str
    cuts : array or None
        Of a number: bin 0 is missing, bin 1 below the first cut; a value at a cut is above it.
    categories : tuple of str or None
        Of a category: bin 0 is missing, bin 1 any other category, then these.
    """

    feature: str
    cuts: Array | None = None
    categories: tuple[str, ...] | None = None

    @property
    def size(self) -> int:
        """Number of bins."""
        if self.cuts is not None:
            return len(self.cuts) + 2
        return len(self.categories or ()) + 2

    def bins(self, X: pd.DataFrame) -> npt.NDArray[np.intp]:
        """Return the bin of each lead, as the served file finds it.

        Examples
        --------
        >>> Binning("size", cuts=np.array([50.0])).bins(pd.DataFrame({"size": [20, 50, None]}))
        array([1, 2, 0])
        """
        places = {name: place for place, name in enumerate(self.categories or (), start=2)}
        axis = serving.Axis(self.feature, self.feature, (), self.cuts, places)
        return np.asarray(axis.bins(X), dtype=np.intp)


@dataclass(frozen=True)
class Term:
    """What one feature adds to the log-odds, bin by bin.

    Attributes
    ----------
    binning : Binning
    log_odds : array, shape (binning.size,)
    errors : array or None
        Standard error of each.
    covariance : array or None
        Covariance of the bins, where the estimator provides it.
    """

    binning: Binning
    log_odds: Array
    errors: Array | None = None
    covariance: Array | None = None

    def contribution(self, X: pd.DataFrame) -> Array:
        """Log-odds that the term adds to each lead."""
        return np.asarray(self.log_odds[self.binning.bins(X)])


def total_log_odds(intercept: float, terms: Sequence[Term], X: pd.DataFrame) -> Array:
    """Log-odds of each lead: the intercept plus what every term adds."""
    total = np.full(len(X), intercept, dtype=np.float64)
    for term in terms:
        total += term.contribution(X)
    return total


def bin_codes(binnings: Sequence[Binning], X: pd.DataFrame) -> npt.NDArray[np.int32]:
    """Return the bin of each lead for each binning, shape (leads, binnings)."""
    codes = np.empty((len(X), len(binnings)), dtype=np.int32)
    for place, binning in enumerate(binnings):
        codes[:, place] = binning.bins(X)
    return codes


def drop_weightless(
    X: pd.DataFrame, y: Any, weights: Array | None, groups: Array | None = None
) -> tuple[pd.DataFrame, Array, Array | None, Array | None]:
    """Drop the leads of weight 0 from features, outcomes, weights and groups.

    Examples
    --------
    >>> drop_weightless(pd.DataFrame({"size": [1, 2, 3]}), [0, 1, 1], np.array([2, 0, 1]))[1:]
    (array([0, 1]), array([2., 1.]), None)
    """
    y = np.asarray(y, dtype=int)
    if weights is None:
        return X, y, None, groups
    weights = np.asarray(weights, dtype=np.float64)
    kept = weights > 0
    return X[kept], y[kept], weights[kept], None if groups is None else groups[kept]


def base_log_odds(y: Any, weights: Array | None) -> float:
    """Log-odds of the win rate, with half a win and half a loss added.

    Examples
    --------
    >>> base_log_odds([0, 1], None)
    0.0
    """
    y = np.asarray(y, dtype=np.float64)
    w = np.ones(len(y)) if weights is None else weights
    won = float(w @ y)
    return float(np.log((won + 0.5) / (w.sum() - won + 0.5)))


def rare_below(leads: int) -> int:
    """Give the number of leads below which a value is rare: 1% of all, between 10 and 50.

    Examples
    --------
    >>> rare_below(500), rare_below(3000), rare_below(100_000)
    (10, 30, 50)
    """
    return int(min(max(RARE_SHARE * leads, RARE_LEAST), RARE_MOST))


def learnable_features(
    X: pd.DataFrame, features: Sequence[Feature]
) -> tuple[list[Feature], dict[str, str]]:
    """Pick the features in which enough leads differ, and say why the others are left out.

    Examples
    --------
    >>> source = Feature("source", "source", "origin", "category")
    >>> learnable_features(pd.DataFrame({"source": ["web"] * 100}), [source])
    ([], {'source': 'all but 0 leads have the same value'})
    """
    kept, left_out = [], {}
    for feature in features:
        codes = pd.factorize(X[feature.name], use_na_sentinel=False)[0]
        same = int(np.bincount(codes).max()) if len(X) else 0
        if len(X) - same >= rare_below(len(X)):
            kept.append(feature)
        else:
            left_out[feature.name] = f"all but {len(X) - same} leads have the same value"
    return kept, left_out


def frequent_categories(values: pd.Series[Any]) -> tuple[str, ...]:
    """Give the categories that are not rare, the most frequent first, then by name."""
    counts = values.dropna().value_counts()
    kept = counts[counts >= rare_below(len(values))]
    return tuple(
        str(name) for name in sorted(kept.index, key=lambda name: (-kept[name], str(name)))
    )


def round_cuts(values: Array, shares: Sequence[float], near: float) -> Array:
    """Cut a number into bins of about the given shares of the leads, at round numbers.

    Parameters
    ----------
    values : array
        Of the training leads, NaN where missing.
    shares : sequence of float
        Share of the leads below each cut.
    near : float
        By how much the share below a cut in the middle may differ for the sake of a round number;
        towards the ends it may differ by less.

    Examples
    --------
    >>> round_cuts(np.arange(1, 1001) * 1.037, (0.25, 0.5, 0.75), near=0.05)
    array([250., 500., 750.])
    >>> round_cuts(np.array([0, 0, 0, 0, 1, 2.0]), (0.25, 0.5, 0.9), near=0.05)
    array([1., 2.])
    """
    ordered = np.sort(values[np.isfinite(values)])
    distinct = np.unique(ordered)
    if len(distinct) < 2:
        return np.zeros(0)
    cuts = set()
    for share in shares:
        slack = 4 * share * (1 - share) * near
        low, high = (_at_share(ordered, end) for end in (share - slack, share + slack))
        above = distinct[np.searchsorted(distinct, low, side="right") :]
        if len(above):
            cuts.add(roundest_between(low, max(high, float(above[0]))))
    return np.array(sorted(cuts))


def _at_share(ordered: Array, share: float) -> float:
    """Give the value that this share of the leads does not exceed."""
    return float(ordered[int(min(max(share, 0.0), 1.0) * (len(ordered) - 1))])


@lru_cache(100_000)  # folds and halves of the same leads ask for the same
def roundest_between(low: float, high: float) -> float:
    """Give the roundest number above ``low`` and at most ``high``.

    Examples
    --------
    >>> roundest_between(48, 53), roundest_between(2, 3), roundest_between(0.231, 0.264)
    (50.0, 3.0, 0.25)
    >>> roundest_between(-3, 5)
    0.0
    """
    if low < 0 <= high:
        return 0.0
    whole = float(low).is_integer() and float(high).is_integer()
    largest = int(np.floor(np.log10(max(abs(low), abs(high))))) + 1
    for power in range(largest, largest - 18, -1):
        for digit in (10.0, 5.0, 2.5, 2.0, 1.0):
            step = digit * 10.0 ** (power - 1)
            multiple = (np.floor(low / step) + 1) * step
            candidate = float(np.format_float_positional(multiple, precision=12, fractional=False))
            if low < candidate <= high and (candidate.is_integer() or not whole):
                return candidate
    return float(high)


def feature_cuts(feature: Feature, X: pd.DataFrame, shares: Sequence[float], near: float) -> Array:
    """Cut a feature that is a number, see `round_cuts`."""
    return round_cuts(X[feature.name].to_numpy(np.float64, na_value=np.nan), shares, near)


def direction_of(feature: Feature, directions: Mapping[str, int] | None) -> int:
    """Give the agreed direction of a feature: 1, -1, or 0 for none; categories have none."""
    return (directions or {}).get(feature.name, 0) if feature.kind == "number" else 0


def monotone(log_odds: Array, weights: Array, sign: int) -> Array:
    """Make the bins of a number (all but missing) rise, or fall, with the least change.

    Examples
    --------
    >>> monotone(np.array([9.0, 1, 3, 2]), np.ones(4), +1)
    array([9. , 1. , 2.5, 2.5])
    """
    from sklearn.isotonic import isotonic_regression

    fitted = np.array(log_odds, dtype=np.float64)
    positive = np.maximum(np.asarray(weights, dtype=np.float64), 1e-9)
    fitted[1:] = isotonic_regression(fitted[1:], sample_weight=positive[1:], increasing=sign > 0)
    return fitted


def merge_equal_bins(term: Term) -> Term:
    """Merge neighbouring bins of a number whose log-odds are equal.

    A merged bin keeps the largest standard error of its parts.
    """
    cuts = term.binning.cuts
    if cuts is None or not len(cuts):
        return term
    differ = np.abs(np.diff(term.log_odds[1:])) > SAME
    keep = np.r_[True, True, differ]
    return Term(
        replace(term.binning, cuts=cuts[differ]),
        term.log_odds[keep],
        None if term.errors is None else np.maximum.reduceat(term.errors, np.flatnonzero(keep)),
        None if term.covariance is None else _covariance_of_widest(term.covariance, keep),
    )


def _covariance_of_widest(covariance: Array, keep: npt.NDArray[np.bool_]) -> Array:
    """Of bins that are merged, keep the covariances of the one with the largest variance."""
    starts, variance = np.flatnonzero(keep), np.diag(covariance)
    ends = [*starts[1:], len(keep)]
    widest = [
        start + int(variance[start:end].argmax()) for start, end in zip(starts, ends, strict=True)
    ]
    return np.asarray(covariance[np.ix_(widest, widest)])
