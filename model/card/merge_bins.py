"""Few rows for each line of the card: neighboring bins are merged where that loses least.

Boosting learns in fine bins; people read rows. Dynamic programming finds the segments of all lines
that keep most of what was learned for a given number of rows. Merging averages what boosting
learned and never refits it: a refit would undo the shrinkage that makes boosting accurate.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.estimators.bins import Term, rare_below, roundest_between

Array = npt.NDArray[Any]
PRICES = 1e-4, 1e3  # of a row, in log-likelihood: the range that is searched
STEPS = 30  # of the search
USUAL_DAYS = (1, 2, 3, 7, 14, 30, 60, 90, 180, 365, 730)
NEAR = 0.1  # a cut moves to a usual number of days by at most this share
ROUNDING = 0.1  # of the leads of the smaller row may move for a rounder cut
TOO_FEW = 1e9  # cost of a segment with too few leads


def merge_to_rows(
    terms: Sequence[Term],
    X: pd.DataFrame,
    probability: Array,
    *,
    rows: int,
    in_days: Collection[str] = (),
    weights: Array | None = None,
) -> list[Term]:
    """Merge the bins of all lines until they have at most so many rows together.

    Parameters
    ----------
    terms : sequence of Term
        The lines, in fine bins.
    X, probability : DataFrame, array of shape (n,)
        The training leads and what the terms predict for them: a bin counts by its information,
        the sum of ``p (1 - p)``.
    rows : int
        The most rows of all lines together; missing values and other categories count as rows.
    in_days : collection of str
        Features that count days: their cuts are whole days, and usual ones such as 7, 30 or 90.
    weights : array of shape (n,), optional
        How many leads each one represents.

    Returns
    -------
    list of Term
        Numbers keep fewer cuts. Categories keep their names, and those of a segment share a value.

    Examples
    --------
    >>> from model.estimators.bins import Binning
    >>> X = pd.DataFrame({"visits": np.arange(400.0) % 8})
    >>> fine = Term(Binning("visits", cuts=np.arange(1.0, 8)), np.array([0] + [-1.0] * 4 + [1] * 4))
    >>> (merged,) = merge_to_rows([fine], X, np.full(400, 0.5), rows=2)
    >>> merged.binning.cuts, merged.log_odds
    (array([4.]), array([ 0., -1.,  1.]))
    """
    each = np.ones(len(X)) if weights is None else np.asarray(weights, dtype=np.float64)
    lines = [_Line.of(term, X, each * probability * (1 - probability)) for term in terms]
    low, high = PRICES
    if _rows(lines, low) > rows:
        for _ in range(STEPS):
            middle = float(np.sqrt(low * high))
            low, high = (middle, high) if _rows(lines, middle) > rows else (low, middle)
    else:
        high = low
    merged = [with_rounder_cuts(line.merged(high), X) for line in lines]
    return [whole_days(term) if term.binning.feature in in_days else term for term in merged]


def with_rounder_cuts(term: Term, X: pd.DataFrame) -> Term:
    """Move the cuts of a number to rounder numbers, past a few leads at most.

    Examples
    --------
    >>> from model.estimators.bins import Binning
    >>> term = Term(Binning("size", cuts=np.array([48.0])), np.array([0.0, -1.0, 1.0]))
    >>> with_rounder_cuts(term, pd.DataFrame({"size": np.arange(100.0)})).binning.cuts
    array([50.])
    """
    cuts = term.binning.cuts
    if cuts is None or not len(cuts):
        return term
    values = X[term.binning.feature].to_numpy(np.float64, na_value=np.nan)
    ordered = np.sort(values[np.isfinite(values)])
    edges = np.r_[0, np.searchsorted(ordered, cuts), len(ordered)]
    smaller = np.minimum(np.diff(edges)[:-1], np.diff(edges)[1:])
    moved = []
    for cut, here, leads in zip(cuts, edges[1:-1], smaller, strict=True):
        slack = int(ROUNDING * leads)
        low, high = ordered[max(here - slack - 1, 0)], ordered[min(here + slack, len(ordered) - 1)]
        moved.append(roundest_between(float(low), float(high)) if low < high else float(cut))
    return replace(term, binning=replace(term.binning, cuts=np.array(moved)))


def whole_days(term: Term) -> Term:
    """Move cuts to whole days, and to usual numbers of days where these are near.

    Examples
    --------
    >>> from model.estimators.bins import Binning
    >>> term = Term(Binning("age", cuts=np.array([0.5, 6.4, 32.0, 50.2])), np.zeros(6))
    >>> whole_days(term).binning.cuts
    array([ 0.5,  7. , 30. , 50. ])
    """
    if term.binning.cuts is None:
        return term
    cuts = []
    for cut in term.binning.cuts:
        usual = min(USUAL_DAYS, key=lambda days: abs(days - cut))
        whole = float(np.rint(cut)) if cut >= 1 else float(cut)
        cuts.append(float(usual) if abs(usual - cut) <= NEAR * cut else whole)
    if (np.diff(cuts) <= 0).any():
        return term
    return replace(term, binning=replace(term.binning, cuts=np.array(cuts)))


def _rows(lines: Sequence[_Line], price: float) -> int:
    return sum(len(line.segments(price)) + line.others for line in lines)


@dataclass(frozen=True)
class _Line:
    """A term, and the bins of it that can be merged, in their order."""

    term: Term
    order: npt.NDArray[np.intp]
    information: Array
    leads: Array
    least: int
    others: int  # rows that are never merged: missing, and any other category

    @classmethod
    def of(cls, term: Term, X: pd.DataFrame, information: Array) -> _Line:
        binning, bins = term.binning, term.binning.bins(X)
        leads = np.bincount(bins, minlength=binning.size)
        known = np.bincount(bins, information, minlength=binning.size) + 1e-9
        first = 1 if binning.cuts is not None else 2
        order = np.arange(first, binning.size)
        if binning.cuts is None:
            order = order[np.argsort(term.log_odds[order], kind="stable")]
        least = rare_below(len(X)) if binning.cuts is not None else 1
        least = min(least, int(leads[order].sum()))
        return cls(term, order, known[order], leads[order], least, int((leads[:first] > 0).sum()))

    def segments(self, price: float) -> list[slice]:
        """The segments of the bins that lose least, where each costs so much."""
        values = self.term.log_odds[self.order]
        return cheapest_segments(values, self.information, self.leads, price, self.least)

    def merged(self, price: float) -> Term:
        """The term with one value for each segment."""
        log_odds, segments = self.term.log_odds.copy(), self.segments(price)
        for segment in segments:
            bins = self.order[segment]
            log_odds[bins] = np.average(log_odds[bins], weights=self.information[segment])
        binning = self.term.binning
        if binning.cuts is None:
            return Term(binning, log_odds)
        starts = [segment.start for segment in segments]
        cuts = binning.cuts[[start - 1 for start in starts[1:]]]
        kept = np.r_[0, self.order[starts]].astype(np.intp)
        return Term(replace(binning, cuts=cuts), log_odds[kept])


def cheapest_segments(
    values: Array, information: Array, leads: Array, price: float, least: int
) -> list[slice]:
    """Divide a sequence into segments by dynamic programming.

    A segment costs half of the information times the squared deviation from its mean, which is
    the log-likelihood that it loses, plus ``price``; a segment of fewer than ``least`` leads is
    avoided.

    Examples
    --------
    >>> values, ones = np.array([0.0, 0.1, 2.0, 2.1]), np.ones(4)
    >>> cheapest_segments(values, ones, ones, price=0.1, least=1)
    [slice(0, 2, None), slice(2, 4, None)]
    """
    total = np.r_[0, np.cumsum(information)]
    first = np.r_[0, np.cumsum(information * values)]
    second = np.r_[0, np.cumsum(information * values**2)]
    held = np.r_[0, np.cumsum(leads)]
    cost, start = np.zeros(len(values) + 1), np.zeros(len(values) + 1, dtype=np.intp)
    for end in range(1, len(values) + 1):
        begin = np.arange(end)
        weight = total[end] - total[begin]
        loss = second[end] - second[begin] - (first[end] - first[begin]) ** 2 / weight
        few = TOO_FEW * (held[end] - held[begin] < least)
        options = cost[begin] + loss / 2 + price + few
        start[end] = int(options.argmin())
        cost[end] = options[start[end]]
    segments, end = list[slice](), len(values)
    while end > 0:
        segments.append(slice(int(start[end]), end))
        end = int(start[end])
    return segments[::-1]
