"""The fine bins from which lines of a card are learned: which values may become a row at all.

A value that does not come again says nothing about tomorrow. Campaigns and landing pages change
every few months, so where the values of a column are new in each period, only those that recur are
kept. A rare value is kept if its evidence is strong. Where leads have no dates, most rare values
are kept: together they may say much, and those of a row share their points. Columns that mostly
tell the time, such as indices of the economy, are left out where later leads are predicted better
without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.estimators.bins import Binning, rare_below, round_cuts

Array = npt.NDArray[Any]
SHARES, SLACK = tuple(np.arange(1, 32) / 32), 0.4 / 32  # shares of the leads below the cuts
TAILS, TAIL_SLACK = (0.005, 0.01, 0.02, 0.98, 0.99, 0.995), 0.002
LEAST_LEADS, STRONG_Z = 10, 4.0  # a rare value with so many leads and so much evidence is kept
PERIODS = 4  # of equally many leads, in order of time
SEEN = 5  # leads of a period in which a value occurs
LATE = 30  # leads with values that came in later; fewer say nothing
FEW = 0.25  # of the leads with a value: it has hardly begun, or is nearly gone
CHANGING = 0.5  # a column changes where a smaller share has values that were there two periods ago
BLOCKS, CLOCK = 20, 0.6  # a clock: so much of the variance lies between blocks of time


def card_binnings(
    X: pd.DataFrame,
    y: Array,
    features: Sequence[Feature],
    *,
    weights: Array | None = None,
    order: Array | None = None,
) -> list[Binning]:
    """Bin every feature finely, and drop those without two rows.

    Parameters
    ----------
    X, y : DataFrame, array of shape (n,)
        Training leads and outcomes (1 for won).
    features : sequence of Feature
    weights : array of shape (n,), optional
        How many leads each one represents.
    order : array of shape (n,), optional
        Ascending with time; without it no value is known to come again, and all are kept.

    Examples
    --------
    >>> X = pd.DataFrame({"page": [f"2025-{place // 100}" for place in range(400)]})
    >>> page = Feature("page", "page", "origin", "category")
    >>> [binning.categories for binning in card_binnings(X, np.arange(400) % 2, [page])]
    [('2025-0', '2025-1', '2025-2', '2025-3')]
    >>> card_binnings(X, np.arange(400) % 2, [page], order=np.arange(400))
    []
    """
    each = np.ones(len(X)) if weights is None else np.asarray(weights, dtype=np.float64)
    periods = None if order is None else _periods(order, PERIODS)
    binnings = [_fine(feature, X[feature.name], y, each, periods) for feature in features]
    return [binning for binning in binnings if binning.size > 2]


def _fine(
    feature: Feature, values: pd.Series[Any], y: Array, weights: Array, periods: Array | None
) -> Binning:
    if feature.kind == "category":
        least = LEAST_LEADS if periods is None else rare_below(len(values))
        kept = _kept_categories(values.astype(object), y, weights, least)
        if periods is not None:
            kept = recurring(kept, values.astype(object), periods)
        return Binning(feature.name, categories=kept)
    return Binning(feature.name, cuts=fine_cuts(values.to_numpy(np.float64, na_value=np.nan)))


def _kept_categories(
    values: pd.Series[Any], y: Array, weights: Array, least: int
) -> tuple[str, ...]:
    """Categories that enough leads have, or fewer with strong evidence; most frequent first."""
    base = float(np.average(y, weights=weights))
    table = pd.DataFrame({"value": values, "leads": 1, "weight": weights, "won": y * weights})
    sums = table.groupby("value").sum()
    spread = np.sqrt(sums["weight"] * base * (1 - base) + 1e-9)
    strong = np.abs(sums["won"] - sums["weight"] * base) / spread >= STRONG_Z
    frequent = sums["leads"] >= least
    kept = sums["leads"][frequent | (strong & (sums["leads"] >= LEAST_LEADS))]
    return tuple(sorted(map(str, kept.index), key=lambda name: (-kept[name], name)))


def recurring(categories: Sequence[str], values: pd.Series[Any], periods: Array) -> tuple[str, ...]:
    """Keep the categories that come again: those that the last period has.

    Where the values of a column keep changing, that is no proof: several leads in most periods are,
    and a value that was gone and came again, such as a month. Nor is it where some values stay and
    those that came in later are gone soon, such as campaigns among sources that stay.

    Examples
    --------
    >>> pages = pd.Series(["a"] * 40 + ["b"] * 40 + ["c"] * 40 + ["d"] * 40)
    >>> recurring(("a", "d"), pages, np.arange(160) // 40)
    ()
    >>> recurring(("a", "d"), pd.Series(["a", "d"] * 80), np.arange(160) // 40)
    ('a', 'd')
    >>> recurring(("a", "d"), pd.Series(["a"] * 40 + ["b"] * 40 + ["c"] * 40 + ["a", "d"] * 20),
    ...           np.arange(160) // 40)
    ('a',)
    """
    codes, names = pd.factorize(values.astype(str))
    cells = (codes * PERIODS + periods)[codes >= 0]  # without missing values
    table = np.bincount(cells, minlength=len(names) * PERIODS).reshape(-1, PERIODS)
    counts = pd.DataFrame(table, index=names)
    seen = counts >= SEEN
    again = sum(counts.loc[seen[period - 2], period].sum() for period in range(2, PERIODS))
    if again >= CHANGING * counts[list(range(2, PERIODS))].to_numpy().sum() and _late_stay(counts):
        stays = counts[PERIODS - 1] > 0
    else:
        gone = (seen.cummax(axis=1) & ~seen).any(axis=1)
        stays = seen[PERIODS - 1] & (gone | seen.sum(axis=1).ge(PERIODS - 1))
    return tuple(name for name in categories if stays.get(name, False))


def _late_stay(counts: pd.DataFrame) -> bool:
    """Whether values that came in with the second period are there two periods later.

    Examples
    --------
    >>> web, campaign = [90, 90, 90, 90], [0, 60, 0, 0]
    >>> _late_stay(pd.DataFrame([web, campaign])), _late_stay(pd.DataFrame([web, web]))
    (False, True)
    """
    late = counts[1].where(counts[0] <= FEW * counts[1], 0)
    stay = late[counts[PERIODS - 1] > FEW * counts[1]].sum()
    return bool(late.sum() < LATE or stay >= CHANGING * late.sum())


def _periods(order: Array, periods: int) -> Array:
    """Divide the leads into periods of equally many, in order of time."""
    ranks = np.empty(len(order), dtype=np.intp)
    ranks[np.argsort(order, kind="stable")] = np.arange(len(order))
    return ranks * periods // max(len(order), 1)


def fine_cuts(values: Array) -> Array:
    """Cut a number near every 32nd of the leads, and in its tails.

    Every bin has enough leads for a row that stands out.

    Examples
    --------
    >>> fine_cuts(np.r_[np.zeros(30), np.arange(1.0, 1001)])[[0, 1, -1]]
    array([  1.,  35., 990.])
    """
    known = values[np.isfinite(values)]
    cuts = np.union1d(round_cuts(values, SHARES, SLACK), round_cuts(values, TAILS, TAIL_SLACK))
    least = max(LEAST_LEADS, rare_below(len(values)) // 3)
    counts = np.histogram(known, np.r_[-np.inf, cuts, np.inf])[0]
    kept, held = list[float](), int(counts[0])
    for cut, leads in zip(cuts, counts[1:], strict=True):
        if held >= least:
            kept.append(float(cut))
            held = 0
        held += int(leads)
    if kept and held < least:
        kept.pop()
    return np.array(kept)


def clock_features(X: pd.DataFrame, features: Sequence[Feature], order: Array) -> list[Feature]:
    """List the numbers that mostly tell the time: their variance lies between blocks of time.

    Examples
    --------
    >>> X = pd.DataFrame({"index": np.arange(100.0) // 10, "visits": np.arange(100.0) % 7})
    >>> numbers = [Feature(name, name, "engagement", "number") for name in X]
    >>> [feature.name for feature in clock_features(X, numbers, np.arange(100))]
    ['index']
    """
    blocks = _periods(order, BLOCKS)
    found = []
    for feature in features:
        if feature.kind != "number":
            continue
        numbers = X[feature.name].astype("float64")
        total = float(numbers.var())
        between = float(numbers.groupby(blocks).transform("mean").var())
        if total > 0 and between > CLOCK * total:
            found.append(feature)
    return found
