"""Slices of the leads, by value or band of a feature, and how many of each sales worked.

Where sales worked a few leads of a slice, weights let them represent the rest. Where it worked
almost none, there is nothing to weight. Such slices are found here by the interval of the share
worked, and their leads get a warning instead of a prediction to rely on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.card.labels import number_labels
from model.estimators.bins import (
    Binning,
    bin_codes,
    feature_cuts,
    frequent_categories,
    rare_below,
)
from model.training.intervals import win_rate_interval

Mask = npt.NDArray[np.bool_]
SHARES, SLACK = (0.25, 0.5, 0.75, 0.95), 0.04  # shares of the leads below the cuts of the bands
ALMOST_NONE = 0.25  # of the usual share worked; below it, by the interval, is no prediction
COVERED = 0.05  # a slice is named only if more than this part of it lies outside larger ones


@dataclass(frozen=True)
class WorkedSlice:
    """The leads with one value of a feature, or in one band of it.

    Attributes
    ----------
    feature, words, family : str
        The feature's name, its meaning in words, and its family.
    value : str
        The value or band in words.
    kind : str
        ``category``, ``number`` or ``missing``.
    leads, worked : int
        Number of leads, and how many of them sales worked.
    low, high : float
        Of a band: from ``low`` to below ``high``.
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

    def contains(self, X: pd.DataFrame) -> Mask:
        """Tell which leads belong to it.

        Examples
        --------
        >>> small = WorkedSlice(
        ...     "size", "employees", "firmographic", "under 50", "number", 90, 0, high=50)
        >>> small.contains(pd.DataFrame({"size": [20, 50, None]}))
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
        """Give it as plain data; an open end of a band is null."""
        ends = {
            key: end if np.isfinite(end) else None
            for key, end in (("low", self.low), ("high", self.high))
        }
        return {**asdict(self), **ends}

    def reason_text(self) -> str:
        """Say why there is no prediction for its leads.

        Examples
        --------
        >>> WorkedSlice(
        ...     "region", "region", "firmographic", "Nordics", "category", 200, 0).reason_text()
        'region Nordics: sales worked none of 200 leads'
        """
        some = f"only {self.worked:,}" if self.worked else "none"
        return f"{self.words} {self.value}: sales worked {some} of {self.leads:,} leads"

    def scorecard_entry(self) -> dict[str, Any]:
        """Write it for ``no_claim`` of the scorecard: the log-odds of its bin alone are -1."""
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
        return {"says": self.reason_text(), "below": -0.5, "intercept": 0.0, "features": [part]}


class SlicedLeads(NamedTuple):
    """The features by which leads are sliced, and the slice of each lead.

    Attributes
    ----------
    features : sequence of Feature
    binnings : list of Binning
        The values or bands of each.
    bins : array, shape (leads, features)
        The value or band of each lead.
    """

    features: Sequence[Feature]
    binnings: list[Binning]
    bins: npt.NDArray[np.int32]

    @property
    def starts(self) -> npt.NDArray[np.int32]:
        """Number of bins before those of each feature, and of all."""
        return np.cumsum([0, *(binning.size for binning in self.binnings)], dtype=np.int32)


def slice_leads(X: pd.DataFrame, features: Sequence[Feature], sure: Mask) -> SlicedLeads:
    """Cut features into their frequent values, or into bands at round numbers.

    Parameters
    ----------
    sure : array of bool, shape (n,)
        Leads that say what is frequent and round; all are put into slices.

    Examples
    --------
    >>> X = pd.DataFrame({"source": ["web"] * 30 + ["fair"] * 20})
    >>> source = Feature("source", "source", "origin", "category")
    >>> slice_leads(X, [source], np.ones(50, dtype=bool)).binnings[0].categories
    ('web', 'fair')
    """
    known = X[sure]
    binnings = [_slice_binning(feature, known) for feature in features]
    return SlicedLeads(features, binnings, bin_codes(binnings, X))


def worked_by_slice(
    X: pd.DataFrame, worked: Mask, sliced: SlicedLeads, sure: Mask
) -> list[WorkedSlice]:
    """Count leads and worked leads by every value, or band, that is not rare.

    Examples
    --------
    >>> X = pd.DataFrame({"source": ["web"] * 30 + ["fair"] * 20})
    >>> source = Feature("source", "source", "origin", "category")
    >>> sure = np.ones(50, dtype=bool)
    >>> slices = worked_by_slice(X, np.arange(50) < 15, slice_leads(X, [source], sure), sure)
    >>> [(part.value, part.leads, part.worked) for part in slices]
    [('web', 30, 15), ('fair', 20, 0)]
    """
    least = rare_below(int(sure.sum()))
    X, worked, all_bins = X[sure], worked[sure], sliced.bins[sure]
    slices = []
    for feature, binning, bins in zip(sliced.features, sliced.binnings, all_bins.T, strict=True):
        leads = np.bincount(bins, minlength=binning.size)
        followed = np.bincount(bins, worked, minlength=binning.size).astype(int)
        slices += [
            WorkedSlice(
                feature.name,
                feature.words,
                feature.family,
                part.value,
                part.kind,
                int(leads[part.bin]),
                int(followed[part.bin]),
                part.low,
                part.high,
            )
            for part in _bins_in_words(feature, binning, X)
            if leads[part.bin] >= least
        ]
    return slices


def _slice_binning(feature: Feature, X: pd.DataFrame) -> Binning:
    """Cut a feature into its frequent values, or into bands at round numbers."""
    if feature.kind == "category":
        return Binning(feature.name, categories=frequent_categories(X[feature.name]))
    return Binning(feature.name, cuts=feature_cuts(feature, X, SHARES, SLACK))


class _BinInWords(NamedTuple):
    bin: int
    value: str
    kind: str
    low: float = -np.inf
    high: float = np.inf


def _bins_in_words(feature: Feature, binning: Binning, X: pd.DataFrame) -> list[_BinInWords]:
    """Describe each bin, except that of all rare categories."""
    missing = _BinInWords(0, feature.missing, "missing")
    if binning.cuts is None:
        names = enumerate(binning.categories or (), start=2)
        return [missing, *(_BinInWords(place, name, "category") for place, name in names)]
    edges = [-np.inf, *binning.cuts, np.inf]
    bands = zip(
        number_labels(feature, binning.cuts, X[feature.name]), edges[:-1], edges[1:], strict=True
    )
    return [
        missing,
        *(
            _BinInWords(place, label, "number", float(low), float(high))
            for place, (label, low, high) in enumerate(bands, start=1)
        ),
    ]


def unsupported_slices(
    slices: Sequence[WorkedSlice], X: pd.DataFrame, worked: Mask, design_factor: float = 1.0
) -> list[WorkedSlice]:
    """Find the slices of which sales worked almost no lead; the largest comes first.

    The upper end of the interval of the share worked lies below a quarter of the usual share. A
    slice that lies almost wholly within larger ones is not named again.

    Parameters
    ----------
    design_factor : float
        Widens the intervals, see `model.training.intervals.design_factor`.
    """
    limit = ALMOST_NONE * float(worked.mean()) if len(worked) else 0.0
    size = design_factor**2
    few = [
        part
        for part in slices
        if win_rate_interval(part.worked / size, part.leads / size)[1] < limit
    ]
    kept: list[WorkedSlice] = []
    covered = np.zeros(len(X), dtype=bool)
    for part in sorted(few, key=lambda part: -part.leads):
        rows = part.contains(X)
        if (rows & ~covered).sum() > COVERED * rows.sum():
            kept.append(part)
            covered |= rows
    return kept


def in_any_slice(slices: Sequence[WorkedSlice], X: pd.DataFrame) -> Mask:
    """Tell which leads belong to any of the slices."""
    rows = np.zeros(len(X), dtype=bool)
    for part in slices:
        rows |= part.contains(X)
    return rows
