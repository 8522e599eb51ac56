"""Open leads and those that were open as long before: early columns show the same of both.

Closed leads of the same age are not a fair comparison where some leads are decided sooner than
others. Leads of earlier months that were still open at the same age are: a column that was known at
the moment has the same values on both, whatever became of the earlier ones. Where closing writes
over it, the earlier ones look like what they became, and the open ones do not yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.leaks.finding import NOT_YET, Finding, LeadStatus, OpenAsLong
from features.leaks.statistics import OTHER, RARE, Coded, Mask, Numbers
from features.text import percent

FOLDS = 5
LEAST_OPEN, LEAST_EARLIER = 100, 200
MATURE, YOUNG = 0.95, 0.75  # quantiles of the days to closing: earlier leads, and open ones
SURPRISE, SEPARATION = 6.0, 0.15  # standard errors; share of what separates won from lost leads
PRIOR = 10.0  # leads of the base rate added to each value
KNOWN = 0.8  # of the open leads have a value that earlier leads have too
CHANGE = 1.5  # times what ever changed between them
BLOCKS = 5  # of the earlier leads: what changes over the months differs between them too


def days_until_extract(as_of: pd.Series) -> Numbers:
    """Days from each moment to the last of them, which is about when the leads were exported."""
    days: Numbers = (as_of.max() - as_of).dt.total_seconds().to_numpy() / 86_400
    return days


def open_as_long(since: Numbers, days: Numbers, is_open: Mask, decided: Mask) -> OpenAsLong | None:
    """Weight the earlier leads that were open as long as the open ones; None if there are too few.

    Parameters
    ----------
    since : array of float
        Days from the moment of each lead to the extract.
    days : array of float
        Days from the moment to the closing; NaN where it is unknown.

    Examples
    --------
    >>> since = np.arange(1000.0)
    >>> is_open = since < 150
    >>> found = open_as_long(since, np.where(is_open, np.nan, 150.0), is_open, ~is_open)
    >>> int(found.is_open.sum()), int((found.weight > 0).sum())
    (150, 850)
    """
    closed = decided & np.isfinite(days)
    if closed.sum() < LEAST_EARLIER:
        return None
    mature, young = np.quantile(days[closed], [MATURE, YOUNG])
    earlier = (closed | is_open) & (since >= mature)
    compared = is_open & (since <= young) & ~earlier
    ages = np.sort(since[compared])
    if compared.sum() < LEAST_OPEN or earlier.sum() < LEAST_EARLIER:
        return None
    lasted = np.where(closed, days, np.inf)
    as_long = earlier.sum() - np.searchsorted(np.sort(lasted[earlier]), ages, side="right")
    share = np.append(0, np.cumsum(1 / np.maximum(as_long, 1)))
    weight = np.where(earlier, share[np.searchsorted(ages, lasted, side="left")], 0.0)
    if weight.sum() ** 2 < LEAST_EARLIER * (weight**2).sum():
        return None
    cuts = np.quantile(since[earlier], np.arange(1, BLOCKS) / BLOCKS)
    block = np.searchsorted(cuts, since, side="right").astype(np.int32)
    return OpenAsLong(compared, weight, block, earlier)


def not_yet_written(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find columns by which open leads differ from those that were open as long."""
    if leads.open_as_long is None:
        return []
    is_open, weight, block, earlier = leads.open_as_long
    decided = leads.decided & earlier
    chance, known = _chance(coded, decided, leads.won)
    if known[is_open].mean() < KNOWN:
        return []  # values that come and go, such as campaigns
    is_open, weight = is_open & known, weight * known
    observed, expected = float(chance[is_open].mean()), _mean(chance, weight)
    over_time = [_mean(chance, weight * (block == part)) for part in range(BLOCKS)]
    difference = max(observed - max(over_time), min(over_time) - observed)
    error = np.hypot(chance[is_open].std() / np.sqrt(is_open.sum()), _error(chance, weight))
    won, lost = decided & leads.won, decided & ~leads.won
    if not (won.any() and lost.any()):
        return []
    separation = chance[won].mean() - chance[lost].mean()
    change = CHANGE * (max(over_time) - min(over_time))
    if difference < max(SURPRISE * error, SEPARATION * separation, change):
        return []
    sentence = f"by this column alone, {percent(observed, 1)} of the open leads would be won, but "
    sentence += f"{percent(expected, 1)} of earlier leads that were open as long: closing seems to "
    sentence += "write it"
    return [Finding(NOT_YET, 10, sentence)]


def _chance(coded: Coded, decided: Mask, won: Mask) -> tuple[Numbers, Mask]:
    """The win rate of each lead's value among those of the other folds, and whether it is known."""
    fold = (np.arange(len(decided)) % FOLDS).astype(np.int64)
    wins, rows = (
        np.bincount(
            coded.codes * FOLDS + fold, weights=weights, minlength=coded.size * FOLDS
        ).reshape(coded.size, FOLDS)
        for weights in ((decided & won).astype(float), decided.astype(float))
    )
    base = won[decided].mean()
    share = (wins.sum(1, keepdims=True) - wins + PRIOR * base) / (
        rows.sum(1, keepdims=True) - rows + PRIOR
    )
    frequent = rows.sum(1) >= RARE
    frequent[OTHER] = False
    chance: Numbers = share[coded.codes, fold]
    known: Mask = frequent[coded.codes]
    return chance, known


def _mean(values: Numbers, weight: Numbers) -> float:
    return float((values * weight).sum() / max(weight.sum(), 1e-9))


def _error(values: Numbers, weight: Numbers) -> float:
    squares = weight**2 * (values - _mean(values, weight)) ** 2
    return float(np.sqrt(squares.sum()) / max(weight.sum(), 1e-9))
