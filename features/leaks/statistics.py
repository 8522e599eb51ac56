"""The statistics of the leak audit: one raw column compared with the outcomes of the leads.

Each column is turned once into a few integer codes (0 is missing, 1 is rare, then its values or
bands of numbers), and everything is counted from these codes. The checks decide which figures are
evidence.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.blas_threads import one_blas_thread
from features.values.different import Different, different

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

LEVELS = 60  # most values or bands with a code of their own; the others count as rare
BANDS = 20
RARE = 20  # leads that a value needs to get a code of its own
MISSING, OTHER = 0, 1


@dataclass(frozen=True)
class Coded:
    """A column as integer codes.

    Attributes
    ----------
    codes : ndarray of int32
        0 missing, 1 all rare values together, from 2 on the ``levels``.
    levels : tuple of str
        What the codes from 2 on stand for.
    is_number : bool
        Whether the levels are bands of numbers.
    """

    codes: Codes
    levels: tuple[str, ...]
    is_number: bool

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.levels) + 2

    @property
    def filled(self) -> Mask:
        """Where the column has a value."""
        filled: Mask = self.codes != MISSING
        return filled


def code(column: pd.Series | Different) -> Coded:
    """Turn a column of text into codes; numbers with many values become bands.

    Examples
    --------
    >>> coded = code(pd.Series(["web"] * 300 + [None, "fair"]))
    >>> coded.levels, coded.codes[-3:].tolist()
    (('web',), [2, 0, 1])
    """
    of = column if isinstance(column, Different) else different(column)
    counts = of.rows.astype(float)
    if len(of.values) > BANDS:
        numbers = of.numbers
        if counts[np.isfinite(numbers)].sum() >= 0.9 * max(counts.sum(), 1):
            return _code_bands(of.places, numbers, counts)
    return _code_values(of.places, of.values, counts)


def ranks(values: Numbers) -> Numbers:
    """The share of the values up to each; equal ones have the middle of theirs.

    Examples
    --------
    >>> ranks(np.array([7.0, 9.0, np.nan, 7.0])).tolist()
    [0.5, 1.0, nan, 0.5]
    """
    known = np.isfinite(values)
    _, place, rows = np.unique(values[known], return_inverse=True, return_counts=True)
    shares = np.full(len(values), np.nan)
    shares[known] = (np.cumsum(rows) - (rows - 1) / 2)[place] / max(known.sum(), 1)
    return shares


def ranks_of_times(times: pd.Series) -> Numbers:
    """The share of the times up to each, NaN where there is none.

    Examples
    --------
    >>> ranks_of_times(pd.to_datetime(pd.Series(["2024-02-01", None, "2024-01-01"]))).tolist()
    [1.0, nan, 0.5]
    """
    moments = times.to_numpy("datetime64[us]")
    return ranks(np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(float)))


def _code_values(
    places: npt.NDArray[np.intp], values: npt.NDArray[np.object_], counts: Numbers
) -> Coded:
    order = np.argsort(-counts, kind="stable")[:LEVELS]
    enough = min(RARE, max(int(counts.sum()) // 50, 1))
    kept = [int(place) for place in order if counts[place] >= enough]
    table = np.full(len(values) + 1, OTHER, dtype=np.int32)
    table[kept] = np.arange(2, len(kept) + 2)
    table[-1] = MISSING  # factorize gives missing values the place -1
    return Coded(table[places], tuple(str(values[place]) for place in kept), False)


def _code_bands(places: npt.NDArray[np.intp], numbers: Numbers, counts: Numbers) -> Coded:
    finite = np.isfinite(numbers)
    order = np.argsort(numbers[finite], kind="stable")
    values, weight = numbers[finite][order], counts[finite][order]
    share = np.cumsum(weight) / weight.sum()
    cuts = np.unique(values[np.searchsorted(share, np.arange(1, BANDS) / BANDS)])
    table = np.full(len(numbers) + 1, OTHER, dtype=np.int32)
    table[:-1][finite] = 2 + np.searchsorted(cuts, numbers[finite], side="left")
    table[-1] = MISSING
    edges = [f"{cut:,.6g}" for cut in cuts]
    names = [f"up to {edges[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(edges))]
    return Coded(table[places], (*names, f"over {edges[-1]}"), True)


def information_value(share: float, other: float) -> float:
    """Distance between two shares: the symmetric divergence used in credit scoring.

    0 for equal shares, below 0.1 weak, 0.3 strong, above 0.5 suspicious (Siddiqi, 2006).

    Examples
    --------
    >>> round(information_value(0.5, 0.5), 3), round(information_value(0.91, 0.08), 1)
    (0.0, 3.9)
    """
    a, b = np.clip([share, other], 1e-4, 1 - 1e-4)
    return float((a - b) * (np.log(a / (1 - a)) - np.log(b / (1 - b))))


def rates(codes: Codes, won: Mask, size: int) -> tuple[Numbers, Numbers]:
    """Count wins and leads by code."""
    return (
        np.bincount(codes, weights=won, minlength=size).astype(float),
        np.bincount(codes, minlength=size).astype(float),
    )


def log_odds_by_code(
    codes: Codes, won: Mask, size: int, fold: Codes, folds: int = 5, prior: float = 10.0
) -> Numbers:
    """Give each lead the log-odds of its code, learned from the leads of the other folds only."""
    at = codes.astype(np.int64) * folds + fold
    wins = np.bincount(at, weights=won, minlength=size * folds).reshape(size, folds)
    rows = np.bincount(at, minlength=size * folds).reshape(size, folds)
    share = _smoothed_share(
        wins.sum(1, keepdims=True) - wins, rows.sum(1, keepdims=True) - rows, won, prior
    )
    log_odds: Numbers = np.log(share / (1 - share))[codes, fold]
    return log_odds


def _smoothed_share(wins: Numbers, rows: Numbers, won: Mask, prior: float) -> Numbers:
    base = min(max(float(won.mean()), 1e-4), 1 - 1e-4)
    share: Numbers = np.clip((wins + prior * base) / (rows + prior), 1e-5, 1 - 1e-5)
    return share


def auc(score: Numbers, won: Mask) -> float:
    """Area under the ROC curve: the chance that a won lead scores above one that was not won.

    0.5 is chance; ties count half.
    """
    wins = int(won.sum())
    if wins in (0, len(won)):
        return 0.5
    ordered, of_wins = np.sort(score), np.sort(score[won])
    below = np.searchsorted(ordered, of_wins, side="left")
    up_to = np.searchsorted(ordered, of_wins, side="right")
    ranks = (int(below.sum()) + int(up_to.sum()) + wins) / 2
    return float((ranks - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


def permutation_z(
    coded: Sequence[Coded], won: Mask, rows: npt.NDArray[np.intp], seed: int, draws: int = 20
) -> Numbers:
    """Standard deviations by which each column's association exceeds that with shuffled outcomes.

    The outcomes of ``rows`` are shuffled ``draws`` times, in the same way for every column.
    Pearson's chi-squared statistic is compared with its mean and deviation over the shuffles.
    """
    random = np.random.default_rng(seed)
    shuffled = [random.permutation(won[rows]) for _ in range(draws)]
    won_rows = np.array([np.flatnonzero(draw) for draw in (won[rows], *shuffled)])
    found = [_chi_squared(column.codes[rows], won_rows, column.size) for column in coded]
    statistics = np.array(found).reshape(-1, draws + 1)
    real, null = statistics[:, 0], statistics[:, 1:].copy()
    deviations: Numbers = (real - null.mean(axis=1)) / np.maximum(null.std(axis=1), 1.0)
    return deviations


def _chi_squared(codes: Codes, won_rows: npt.NDArray[np.intp], size: int) -> Numbers:
    """Pearson's statistic for each set of won rows; they are counted at once."""
    leads = np.bincount(codes, minlength=size).astype(float)
    draws = len(won_rows)
    at = codes[won_rows] + size * np.arange(draws)[:, None]
    wins = np.bincount(at.ravel(), minlength=size * draws).reshape(draws, size)
    seen, base = leads > 0, len(won_rows[0]) / len(codes)
    expected = np.maximum(leads * base * (1 - base), 1e-9)
    statistics: Numbers = ((wins - leads * base)[:, seen] ** 2 / expected[seen]).sum(axis=1)
    return statistics


def fill_by_group(filled: Mask, group: Mask, within: Codes) -> tuple[float, float]:
    """Shares filled inside and outside a group, standardized over the strata ``within``.

    Strata with only one side have no weight.
    """
    size = int(within.max(initial=0)) + 1
    inside = np.bincount(within[group], minlength=size)
    outside = np.bincount(within[~group], minlength=size)
    weight = np.minimum(inside, outside).astype(float)
    if weight.sum() == 0:
        return float("nan"), float("nan")
    a = np.bincount(within[group], weights=filled[group], minlength=size) / np.maximum(inside, 1)
    b = np.bincount(within[~group], weights=filled[~group], minlength=size) / np.maximum(outside, 1)
    return float(np.average(a, weights=weight)), float(np.average(b, weights=weight))


def information_within(filled: Mask, won: Mask, strata: Coded) -> float:
    """Information value of being filled, averaged within the values of another column."""
    total, used = 0.0, 0.0
    at = strata.codes.astype(np.int64) * 2 + won
    rows = np.bincount(at, minlength=strata.size * 2).reshape(-1, 2).astype(float)
    fill = np.bincount(at, weights=filled, minlength=strata.size * 2).reshape(-1, 2)
    for have, leads in zip(fill, rows, strict=True):
        weight = float(leads.sum())
        if leads.min() >= 5:
            lost, wins = (have + 0.5) / (leads + 1)
            total += weight * information_value(wins, lost)
            used += weight
    return total / used if used >= 0.5 * len(won) else float("inf")


def order_in_bands(order: pd.Series | None, rows: int, bands: int = 10) -> Codes:
    """Split the leads into equal bands by age, oldest first (default: by the order of the rows)."""
    if order is None or order.isna().all():
        return (np.arange(rows) * bands // max(rows, 1)).astype(np.int32)
    ranks = order.rank(method="average", na_option="top", pct=True).to_numpy()
    tenths: Codes = np.clip(np.ceil(ranks * bands) - 1, 0, bands - 1).astype(np.int32)
    return tenths


def bands_of_open(order: pd.Series | None, is_open: Mask, bands: int = 20) -> Codes:
    """Split the leads by age so that each band has as many open leads, at least ten.

    Where leads are closed soon, all open ones are young, and the youngest tenth of the leads is
    too wide to compare closed leads with open ones of their age.

    Examples
    --------
    >>> days = pd.Series([1, 2, 3, 4] * 10)
    >>> bands_of_open(days, days.to_numpy() > 2)[:4].tolist()
    [0, 0, 0, 1]
    """
    ranks = (pd.Series(np.arange(len(is_open))) if order is None else order).rank().to_numpy()
    of_open = ranks[is_open & np.isfinite(ranks)]
    bands = min(bands, len(of_open) // 10)
    if bands < 2:
        return np.zeros(len(is_open), dtype=np.int32)
    cuts = np.unique(np.quantile(of_open, np.arange(1, bands) / bands, method="lower"))
    return np.searchsorted(cuts, np.nan_to_num(ranks, nan=-1.0), side="left").astype(np.int32)


@one_blas_thread
def losses_without(
    log_odds: Mapping[str, Numbers], won: Mask, train: Mask, left_out: Collection[str]
) -> tuple[float, dict[str, float]]:
    """Log-loss on the later leads with all columns, and without each of the columns ``left_out``.

    A ridge logistic regression over the columns' log-odds learns from ``train`` and is tested on
    the other leads.
    """
    names = list(log_odds)
    table = np.column_stack([np.ones(len(won)), *(log_odds[name] for name in names)])
    with_all = _test_loss(table, won, train)
    return with_all, {
        name: _test_loss(np.delete(table, place + 1, axis=1), won, train)
        for place, name in enumerate(names)
        if name in left_out
    }


def _test_loss(table: Numbers, won: Mask, train: Mask) -> float:
    weights = _ridge_logistic(table[train], won[train])
    share = np.clip(1 / (1 + np.exp(-(table[~train] @ weights))), 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(won[~train], np.log(share), np.log1p(-share))))


def _ridge_logistic(table: Numbers, won: Mask, ridge: float = 1.0, steps: int = 12) -> Numbers:
    weights = np.zeros(table.shape[1])
    for _ in range(steps):
        share = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (won - share) - ridge * weights
        step = _ridge_step(table * np.sqrt(share * (1 - share))[:, None], slope, ridge)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return weights


def _ridge_step(table: Numbers, slope: Numbers, ridge: float) -> Numbers:
    """Solve the ridge equations; in terms of the leads where these are fewer than the columns.

    Examples
    --------
    >>> table, slope = np.array([[1.0, 2.0, 3.0]]), np.ones(3)
    >>> wide = _ridge_step(table, slope, 1.0)
    >>> np.allclose(wide, _ridge_step(np.vstack([table, np.zeros((3, 3))]), slope, 1.0))
    True
    """
    if len(table) >= table.shape[1]:
        curve: Numbers = table.T @ table + ridge * np.eye(table.shape[1])
        return np.asarray(np.linalg.solve(curve, slope), np.float64)
    leads: Numbers = table @ table.T + ridge * np.eye(len(table))
    back = np.asarray(np.linalg.solve(leads, table @ slope), np.float64)
    return (slope - table.T @ back) / ridge
