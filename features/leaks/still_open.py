"""Open leads and those that were open as long before: early columns show the same of both.

Closed leads of the same age are not a fair comparison where some leads are decided sooner than
others. Leads of earlier months that were still open at the same age are: a column that was known at
the moment has the same values on both, whatever became of the earlier ones. Where closing writes
over it, the earlier ones look like what they became, and the open ones do not yet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from features.leaks.finding import NOT_YET, Finding, LeadStatus, OpenAsLong, Told
from features.leaks.statistics import OTHER, RARE, Coded, Mask, Numbers
from features.text import percent

FOLDS = 5
LEAST_OPEN, LEAST_EARLIER = 100, 200
MATURE, YOUNG = 0.95, 0.75  # quantiles of the days to closing: earlier leads, and open ones
SURPRISE = 4.0  # standard errors
OF_TIME = 1 / 3  # of the difference shows on closed leads that came when the open ones did
TELLS = 3.0  # standard errors by which a column has to tell won from lost leads, or slow from quick
SIZE = 0.25  # standard deviations of what its values tell
EARLY = 0.25  # share of what separates these leads that a column known early hardly reaches
PRIOR = 10.0  # leads of the base rate added to each value
KNOWN = 0.8  # of the open leads have a value that earlier leads have too
BLOCKS = 5  # of the earlier leads: what changes over the months differs between them too
BANDS = 10  # of the open leads by age


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
    weight = np.where(earlier, _longer(lasted, np.sort(lasted[earlier]), ages), 0.0)
    if weight.sum() ** 2 < LEAST_EARLIER * (weight**2).sum():
        return None
    cuts = np.quantile(since[earlier], np.arange(1, BLOCKS) / BLOCKS)
    block = np.searchsorted(cuts, since, side="right").astype(np.int32)
    soon = _as_old_as(since, compared, closed & (since <= young) & ~earlier)
    as_soon = np.where(earlier & closed, _sooner(lasted, earlier, since, soon), 0.0)
    return OpenAsLong(compared, weight, block, earlier, soon, as_soon)


def _longer(lasted: Numbers, earlier: Numbers, ages: Numbers) -> Numbers:
    """Weight leads so that each age counts once, spread over the earlier leads that lasted longer.

    ``earlier`` and ``ages`` are sorted.
    """
    as_long = len(earlier) - np.searchsorted(earlier, ages, side="right")
    share = np.append(0, np.cumsum(1 / np.maximum(as_long, 1)))
    weight: Numbers = share[np.searchsorted(ages, lasted, side="left")]
    return weight


def _as_old_as(since: Numbers, is_open: Mask, closed: Mask) -> Numbers:
    """Weight closed leads so that they came when the open ones did."""
    band = np.searchsorted(np.quantile(since[is_open], np.arange(1, BANDS) / BANDS), since)
    rows, others = (np.bincount(band[some], minlength=BANDS) for some in (is_open, closed))
    weight: Numbers = np.where(closed, (rows / np.maximum(others, 1))[band], 0.0)
    return weight


def _sooner(lasted: Numbers, earlier: Mask, since: Numbers, soon: Numbers) -> Numbers:
    """Weight leads like those closed ``soon``, each spread over the earlier ones closed as soon."""
    rows = np.flatnonzero(soon)
    rows = rows[np.argsort(since[rows])]
    as_soon = np.searchsorted(np.sort(lasted[earlier]), since[rows], side="right")
    share = np.append(0, np.cumsum(soon[rows] / np.maximum(as_soon, 1)))
    weight: Numbers = share[-1] - share[np.searchsorted(since[rows], lasted, side="left")]
    return weight


def not_yet_written(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find columns by which open leads differ from those that were open as long.

    They are compared by what tells won from lost leads, and by what tells slow leads from quick
    ones. What changed over the months also differs between earlier and later leads that were
    closed soon, so it is taken off.
    """
    if leads.open_as_long is None:
        return []
    for told in (Told(("won", "lost"), leads.won, leads.decided), *leads.told):
        found = _compare(coded, told, leads.open_as_long)
        if found is not None and found.surprising:
            sentence = f"by this column alone, {percent(found.of_open, 1)} of the open leads would"
            sentence += f" be {'' if told.words[0] == 'won' else 'ones '}{told.words[0]}, but "
            sentence += f"{percent(found.of_earlier, 1)} of earlier leads that were open as long: "
            sentence += "closing seems to write it"
            return [Finding(NOT_YET, 10, sentence)]
    return []


def known_early(coded: Coded, told: Told, leads: LeadStatus) -> bool:
    """Whether open leads have the values of earlier ones that were open as long.

    Then they had them at the moment, even if they tell slow leads from quick ones.
    """
    if leads.open_as_long is None:
        return False
    found = _compare(coded, told, leads.open_as_long)
    return found is not None and found.same


class _Comparison(NamedTuple):
    """What the values of open leads, and of earlier ones that were open as long, tell on average.

    Attributes
    ----------
    of_open, of_earlier : float
    surprising, same : bool
        Whether they differ more than chance and time would; whether they hardly can differ.
    """

    of_open: float
    of_earlier: float
    surprising: bool
    same: bool


def _compare(coded: Coded, told: Told, compared: OpenAsLong) -> _Comparison | None:
    """Compare open leads by what a column tells; None where it cannot be said."""
    used = told.told & compared.earlier
    more, less = used & told.more, used & ~told.more
    if not (more.any() and less.any()):
        return None
    chance, known = _chance(coded, used, told.more)
    if known[compared.is_open].mean() < KNOWN:
        return None  # values that come and go, such as campaigns
    is_open, weight = (compared.is_open & known).astype(float), compared.weight * known
    of_open, of_earlier = _mean(chance, is_open), _mean(chance, weight)
    over_time = [_mean(chance, weight * (compared.block == part)) for part in range(BLOCKS)]
    outside = max(of_open - max(over_time), min(over_time) - of_open)
    error = float(np.hypot(_error(chance, is_open), _error(chance, weight)))
    soon, as_soon = compared.soon * known, compared.as_soon * known
    change = _mean(chance, soon) - _mean(chance, as_soon) if soon.any() else 0.0
    separation = chance[more].mean() - chance[less].mean()
    tells = separation >= TELLS * np.hypot(
        _error(chance, more.astype(float)), _error(chance, less.astype(float))
    )
    difference = of_open - of_earlier
    surprising = tells and outside >= SURPRISE * error
    surprising = surprising and abs(difference) >= SIZE * _spread(chance, weight)
    surprising = surprising and change * np.sign(difference) <= OF_TIME * abs(difference)
    same = abs(difference) + 2 * error <= EARLY * separation
    return _Comparison(of_open, of_earlier, bool(surprising), bool(same))


def _chance(coded: Coded, told: Mask, more: Mask) -> tuple[Numbers, Mask]:
    """The share of each lead's value that has more, in the other folds; whether it is known."""
    fold = (np.arange(len(told)) % FOLDS).astype(np.int64)
    wins, rows = (
        np.bincount(
            coded.codes * FOLDS + fold, weights=weights, minlength=coded.size * FOLDS
        ).reshape(coded.size, FOLDS)
        for weights in ((told & more).astype(float), told.astype(float))
    )
    base = more[told].mean()
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


def _spread(values: Numbers, weight: Numbers) -> float:
    return float(np.sqrt(_mean((values - _mean(values, weight)) ** 2, weight)))


def _error(values: Numbers, weight: Numbers) -> float:
    squares = weight**2 * (values - _mean(values, weight)) ** 2
    return float(np.sqrt(squares.sum()) / max(weight.sum(), 1e-9))
