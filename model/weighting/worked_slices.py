"""Slices of the leads, by value or band of a feature, and how many of each sales worked.

Where sales worked a few leads of a kind, weights can make them speak for the rest. Where it worked
nearly none there is nothing to weigh: such slices are found here, by the interval of the share that
was worked, and whoever scores a lead of one is told that no claim is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.training.bins import Binning, frequent_categories, rare_below, round_cuts
from model.training.compile_scorecard import bin_labels
from model.training.intervals import win_rate_interval

Mask = npt.NDArray[np.bool_]
BANDS = (0.25, 0.5, 0.75, 0.95), 0.04  # shares of the leads below the cuts, and their freedom
NEARLY_NONE = 0.25  # of the usual share: below it, by the upper end of its interval, is no claim


@dataclass(frozen=True)
class Slice:
    """The leads that have one value of a feature, or lie in one band of it.

    Attributes
    ----------
    feature, words, family : str
        Its name, what it is in words, and the family of features that it belongs to.
    value : str
        The value or band in words.
    kind : str
        ``category``, ``number`` or ``missing``.
    low, high : float
        Of a band: from ``low`` to below ``high``.
    leads, worked : int
        How many there were, and how many of them sales worked.
    """

    feature: str
    words: str
    family: str
    value: str
    kind: str
    leads: int
    worked: int
    low: float = -np.inf
    high: float = np.inf

    @property
    def share(self) -> float:
        """Share of the leads that sales worked."""
        return self.worked / max(self.leads, 1)

    def holds(self, X: pd.DataFrame) -> Mask:
        """Tell which leads belong to it.

        Examples
        --------
        >>> small = Slice("size", "employees", "firmographic", "under 50", "number", 90, 0, high=50)
        >>> small.holds(pd.DataFrame({"size": [20, 50, None]}))
        array([ True, False, False])
        """
        if self.feature not in X:
            return np.zeros(len(X), dtype=bool)
        values = X[self.feature]
        if self.kind == "missing":
            return np.asarray(values.isna(), dtype=bool)
        if self.kind == "category":
            return np.asarray(values.astype(object).eq(self.value) & values.notna(), dtype=bool)
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        return np.asarray((numbers >= self.low) & (numbers < self.high))

    def to_json(self) -> dict[str, Any]:
        """Tell it as plain data; an open end of a band is null."""
        ends = {
            key: end if np.isfinite(end) else None
            for key, end in (("low", self.low), ("high", self.high))
        }
        return {**asdict(self), **ends}

    def said(self) -> str:
        """Say it in a sentence.

        Examples
        --------
        >>> Slice("region", "region", "firmographic", "Nordics", "category", 200, 0).said()
        'region Nordics: sales worked none of 200 leads'
        """
        some = f"only {self.worked:,}" if self.worked else "none"
        return f"{self.words} {self.value}: sales worked {some} of {self.leads:,} leads"

    def served(self) -> dict[str, Any]:
        """Write it down for the scorecard, which warns of such leads: of its bin alone is -1."""
        ends = [end for end in (self.low, self.high) if np.isfinite(end)]
        bins: dict[str, Any]
        if self.kind == "number":
            place = 1 + int(np.isfinite(self.low))
            bins = {"kind": "number", "cuts": ends}
        else:
            place = 0 if self.kind == "missing" else 2
            bins = {"kind": "category", "categories": [self.value] if place else []}
        odds = np.zeros(2 + len(bins.get("cuts", bins.get("categories", []))))
        odds[place] = -1.0
        part = {"name": self.feature, "words": self.words, **bins, "log_odds": odds.tolist()}
        return {"says": self.said(), "below": -0.5, "intercept": 0.0, "features": [part]}


def shares(X: pd.DataFrame, worked: Mask, features: Sequence[Feature]) -> list[Slice]:
    """Count leads and worked leads by every value, or band, that enough leads have.

    Examples
    --------
    >>> X = pd.DataFrame({"source": ["web"] * 30 + ["fair"] * 20})
    >>> found = shares(X, np.arange(50) < 15, [Feature("source", "source", "origin", "category")])
    >>> [(one.value, one.leads, one.worked) for one in found]
    [('web', 30, 15), ('fair', 20, 0)]
    """
    least = rare_below(len(X))
    found = []
    for one in features:
        axis = axis_of(one, X)
        bins = axis.bins(X)
        leads = np.bincount(bins, minlength=axis.size)
        followed = np.bincount(bins, worked, minlength=axis.size).astype(int)
        about: dict[str, Any] = {"feature": one.name, "words": one.words, "family": one.family}
        found += [
            Slice(**about, leads=int(leads[place]), worked=int(followed[place]), **what)
            for place, what in _bins(one, axis, X)
            if leads[place] >= least
        ]
    return found


def axis_of(feature: Feature, X: pd.DataFrame) -> Binning:
    """Cut a feature into its frequent values, or into bands at round numbers."""
    if feature.kind == "category":
        return Binning(feature.name, categories=frequent_categories(X[feature.name]))
    numbers = X[feature.name].to_numpy(np.float64, na_value=np.nan)
    return Binning(feature.name, cuts=round_cuts(numbers, *BANDS))


def _bins(feature: Feature, axis: Binning, X: pd.DataFrame) -> list[tuple[int, dict[str, Any]]]:
    """Say what each bin of an axis holds; that of all rare categories is left out."""
    missing = (0, {"value": feature.missing, "kind": "missing"})
    if axis.cuts is None:
        told = [{"value": one, "kind": "category"} for one in axis.categories or ()]
        return [missing, *enumerate(told, start=2)]
    edges = [-np.inf, *axis.cuts, np.inf]
    words = bin_labels(axis.cuts, X[feature.name])
    bands = [
        {"value": one, "kind": "number", "low": float(low), "high": float(high)}
        for one, low, high in zip(words, edges[:-1], edges[1:], strict=True)
    ]
    return [missing, *enumerate(bands, start=1)]


def no_claim(
    found: Sequence[Slice], X: pd.DataFrame, worked: Mask, wide: float = 1.0
) -> list[Slice]:
    """Find the slices of which nearly no lead was worked; the largest first.

    The upper end of the interval of the share worked lies below a quarter of the usual share. A
    slice whose leads all but belong to larger ones that were found is not named again.
    """
    limit = NEARLY_NONE * float(worked.mean()) if len(worked) else 0.0
    say = [win_rate_interval(one.worked / wide**2, one.leads / wide**2)[1] for one in found]
    few = [one for one, high in zip(found, say, strict=True) if high < limit]
    kept: list[Slice] = []
    covered = np.zeros(len(X), dtype=bool)
    for one in sorted(few, key=lambda one: -one.leads):
        here = one.holds(X)
        if (here & ~covered).sum() > 0.05 * here.sum():
            kept.append(one)
            covered |= here
    return kept


def within(slices: Sequence[Slice], X: pd.DataFrame) -> Mask:
    """Tell which leads belong to any of the slices."""
    found = np.zeros(len(X), dtype=bool)
    for one in slices:
        found |= one.holds(X)
    return found
