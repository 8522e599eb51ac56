"""Terms: what every candidate comes down to, a table of log-odds for each feature.

A candidate is a sum of such tables, so it can be compiled to a scorecard and read by people. For
them, cuts between bins are moved to round numbers wherever no lead that was learnt from lies
between, neighbouring bins that say the same are joined, and a category that few leads had says
nothing rather than something by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model import serving

Array = npt.NDArray[Any]
RARE = 0.01, 10, 50  # a value is rare below this share of the leads, at least, at most so many
SAME = 1e-12  # log-odds that are closer than this are the same


@dataclass(frozen=True)
class Axis:
    """The bins of one feature.

    Attributes
    ----------
    feature : str
    cuts : array or None
        Of a number: bin 0 is missing, bin 1 below the first cut, a value at a cut is above it.
    categories : tuple of str or None
        Of a category: bin 0 is missing, bin 1 every other one, then these.
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
        >>> Axis("size", cuts=np.array([50.0])).bins(pd.DataFrame({"size": [20, 50, None]}))
        array([1, 2, 0])
        """
        places = {name: place for place, name in enumerate(self.categories or (), start=2)}
        served = serving.Axis(self.feature, self.feature, (), self.cuts, places)
        return np.asarray(served.bins(X), dtype=np.intp)


@dataclass(frozen=True)
class Term:
    """What one feature adds to the log-odds, bin by bin.

    Attributes
    ----------
    axis : Axis
    log_odds : array, shape (axis.size,)
    errors : array or None
        Standard error of each.
    covariance : array or None
        How the bins err together, where the estimator knows.
    """

    axis: Axis
    log_odds: Array
    errors: Array | None = None
    covariance: Array | None = None

    def of(self, X: pd.DataFrame) -> Array:
        """Log-odds that the term adds to each lead."""
        return np.asarray(self.log_odds[self.axis.bins(X)])


def sum_of(intercept: float, terms: Sequence[Term], X: pd.DataFrame) -> Array:
    """Log-odds of each lead: the intercept plus what every term adds."""
    total = np.full(len(X), intercept, dtype=np.float64)
    for one in terms:
        total += one.of(X)
    return total


def that_count(
    X: pd.DataFrame, y: Any, weights: Array | None, groups: Array | None = None
) -> tuple[pd.DataFrame, Array, Array | None, Array | None]:
    """Leads to learn from, with outcomes, weights, groups: a lead of weight 0 is as no lead.

    Examples
    --------
    >>> that_count(pd.DataFrame({"size": [1, 2, 3]}), [0, 1, 1], np.array([2, 0, 1]))[1:]
    (array([0, 1]), array([2., 1.]), None)
    """
    y = np.asarray(y, dtype=int)
    if weights is None:
        return X, y, None, groups
    weights = np.asarray(weights, dtype=np.float64)
    counts = weights > 0
    return X[counts], y[counts], weights[counts], None if groups is None else groups[counts]


def base_odds(y: Any, weights: Array | None) -> float:
    """Log-odds of the win rate, with half a win and half a loss added.

    Examples
    --------
    >>> base_odds([0, 1], None)
    0.0
    """
    y = np.asarray(y, dtype=np.float64)
    w = np.ones(len(y)) if weights is None else weights
    won = float(w @ y)
    return float(np.log((won + 0.5) / (w.sum() - won + 0.5)))


def rare(leads: int) -> int:
    """How many leads a value needs, at least, to be learnt from.

    Examples
    --------
    >>> rare(500), rare(3000), rare(100_000)
    (10, 30, 50)
    """
    share, least, most = RARE
    return int(min(max(share * leads, least), most))


def learnable(X: pd.DataFrame, features: Sequence[Feature]) -> tuple[list[Feature], dict[str, str]]:
    """Pick the features that enough leads differ in, and say why others are left out.

    Examples
    --------
    >>> one = Feature("source", "source", "origin", "category")
    >>> learnable(pd.DataFrame({"source": ["web"] * 100}), [one])
    ([], {'source': 'all but 0 leads are alike'})
    """
    kept, left_out = [], {}
    for one in features:
        alike = int(X[one.name].value_counts(dropna=False).iloc[0]) if len(X) else 0
        if len(X) - alike >= rare(len(X)):
            kept.append(one)
        else:
            left_out[one.name] = f"all but {len(X) - alike} leads are alike"
    return kept, left_out


def frequent(values: pd.Series[Any]) -> tuple[str, ...]:
    """Categories that enough leads have, the most frequent first, then by name."""
    counts = values.dropna().value_counts()
    kept = counts[counts >= rare(len(values))]
    return tuple(str(one) for one in sorted(kept.index, key=lambda one: (-kept[one], str(one))))


def round_cuts(values: Array, shares: Sequence[float], near: float) -> Array:
    """Cut a number into bins of about the asked shares of the leads, at round numbers.

    Parameters
    ----------
    values : array
        Those that are learnt from, NaN where missing.
    shares : sequence of float
        Share of the leads below each cut.
    near : float
        A cut in the middle may part so much more or less of the leads than asked, for the sake of
        roundness; one towards the ends less.

    Examples
    --------
    >>> round_cuts(np.arange(1, 1001) * 1.037, (0.25, 0.5, 0.75), near=0.05)
    array([250., 500., 750.])
    >>> round_cuts(np.array([0, 0, 0, 0, 1, 2.0]), (0.25, 0.5, 0.9), near=0.05)
    array([1., 2.])
    """
    known = np.sort(values[np.isfinite(values)])
    distinct = np.unique(known)
    if len(distinct) < 2:
        return np.zeros(0)
    cuts = set()
    for share in shares:
        free = 4 * share * (1 - share) * near
        low, high = (_at(known, one) for one in (share - free, share + free))
        above = distinct[np.searchsorted(distinct, low, side="right") :]
        if len(above):
            cuts.add(roundest(low, max(high, float(above[0]))))
    return np.array(sorted(cuts))


def _at(known: Array, share: float) -> float:
    """The value that so much of the leads do not exceed."""
    place = int(np.clip(share, 0, 1) * (len(known) - 1))
    return float(known[place])


def roundest(low: float, high: float) -> float:
    """Give the roundest number above ``low`` and at most ``high``.

    Examples
    --------
    >>> roundest(48, 53), roundest(2, 3), roundest(0.231, 0.264), roundest(-3, 5)
    (50.0, 3.0, 0.25, 0.0)
    """
    if low < 0 <= high:
        return 0.0
    whole = float(low).is_integer() and float(high).is_integer()
    largest = int(np.floor(np.log10(max(abs(low), abs(high))))) + 1
    for power in range(largest, largest - 18, -1):
        for digit in (10.0, 5.0, 2.5, 2.0, 1.0):
            step = digit * 10.0 ** (power - 1)
            found = float(
                np.format_float_positional(
                    (np.floor(low / step) + 1) * step, precision=12, fractional=False
                )
            )
            if low < found <= high and (found.is_integer() or not whole):
                return found
    return float(high)


def in_direction(log_odds: Array, weights: Array, sign: int) -> Array:
    """Make the bins of a number (all but missing) rise, or fall, with the least change.

    Examples
    --------
    >>> in_direction(np.array([9.0, 1, 3, 2]), np.ones(4), +1)
    array([9. , 1. , 2.5, 2.5])
    """
    from sklearn.isotonic import isotonic_regression

    found = np.array(log_odds, dtype=np.float64)
    weighed = np.maximum(np.asarray(weights, dtype=np.float64), 1e-9)
    found[1:] = isotonic_regression(found[1:], sample_weight=weighed[1:], increasing=sign > 0)
    return found


def counted_errors(term: Term, X: pd.DataFrame, p: Array, weights: Array | None = None) -> Array:
    """Give standard errors of a term from how much the leads of each bin can say.

    For estimators that have no errors of their own. A bin of ``n`` leads whose chance to be won is
    ``p`` cannot tell its log-odds more exactly than ``1 / sqrt(n p (1 - p))``, less the part that
    it is of the average it is compared with; half a lead is added, so that an empty bin stays
    finite.

    Examples
    --------
    >>> X = pd.DataFrame({"size": [10.0] * 100 + [90.0] * 300})
    >>> term = Term(Axis("size", cuts=np.array([50.0])), np.array([0, -0.5, 0.5]))
    >>> counted_errors(term, X, np.full(400, 0.2)).round(2)
    array([1.41, 0.21, 0.07])
    """
    bins = term.axis.bins(X)
    each = np.ones(len(bins)) if weights is None else np.asarray(weights, dtype=np.float64)
    spread = p * (1 - p)
    says = np.bincount(bins, each * spread, minlength=term.axis.size) + 0.5
    noise = np.bincount(bins, each**2 * spread, minlength=term.axis.size) + 0.5
    others = 1 - np.bincount(bins, each, minlength=term.axis.size) / each.sum()
    return np.asarray(np.sqrt(noise * others) / says)


def joined(term: Term) -> Term:
    """Join neighbouring bins of a number that say the same."""
    cuts = term.axis.cuts
    if cuts is None or not len(cuts):
        return term
    differ = np.abs(np.diff(term.log_odds[1:])) > SAME
    keep = np.r_[True, True, differ]
    axis = replace(term.axis, cuts=cuts[differ])
    errors = None if term.errors is None else _largest(term.errors, keep)
    together = None if term.covariance is None else _of_the_widest(term.covariance, keep)
    return Term(axis, term.log_odds[keep], errors, together)


def _of_the_widest(covariance: Array, keep: npt.NDArray[np.bool_]) -> Array:
    """Of bins that became one, keep the covariances of the one that errs the most."""
    starts, variance = np.flatnonzero(keep), np.diag(covariance)
    ends = [*starts[1:], len(keep)]
    kept = [a + int(variance[a:b].argmax()) for a, b in zip(starts, ends, strict=True)]
    return np.asarray(covariance[np.ix_(kept, kept)])


def _largest(errors: Array, keep: npt.NDArray[np.bool_]) -> Array:
    return np.asarray(np.maximum.reduceat(errors, np.flatnonzero(keep)))
