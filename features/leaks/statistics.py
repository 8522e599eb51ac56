"""The figures behind the leak audit: one raw column against what became of the leads.

Every column is turned into a few whole-number codes once (0 is missing, 1 is "rare", then its
values or number bands); everything that the audit says is counted from these codes. What is
measured here has no opinion: `audit` says which figures are evidence, and of what.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

LEVELS = 60  # values or bands kept apart; further ones count as rare
BANDS = 20
RARE = 20  # leads that a value needs to stand for itself
MISSING, OTHER = 0, 1


@dataclass(frozen=True)
class Coded:
    """A column as whole numbers.

    Attributes
    ----------
    codes : ndarray of int32
        0 missing, 1 rare values taken together, from 2 on the ``levels``.
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


def code(column: pd.Series) -> Coded:
    """Turn a column of text into codes; numbers of many values become bands.

    Examples
    --------
    >>> coded = code(pd.Series(["web"] * 300 + [None, "fair"]))
    >>> coded.levels, coded.codes[-3:].tolist()
    (('web',), [2, 0, 1])
    """
    places, values = pd.factorize(column.astype(object), use_na_sentinel=True)
    counts = np.bincount(places[places >= 0], minlength=len(values)).astype(float)
    numbers = pd.to_numeric(pd.Series(values, dtype=object), errors="coerce").to_numpy(float)
    known = counts[np.isfinite(numbers)].sum()
    if len(values) > BANDS and known >= 0.9 * max(counts.sum(), 1):
        return _bands(places, numbers, counts)
    return _values(places, [str(one) for one in values], counts)


def _values(places: npt.NDArray[np.intp], values: list[str], counts: Numbers) -> Coded:
    order = np.argsort(-counts, kind="stable")[:LEVELS]
    enough = min(RARE, max(int(counts.sum()) // 50, 1))
    kept = [int(one) for one in order if counts[one] >= enough]
    table = np.full(len(values) + 1, OTHER, dtype=np.int32)
    table[kept] = np.arange(2, len(kept) + 2)
    table[-1] = MISSING  # factorize gives missing values the place -1
    return Coded(table[places], tuple(values[one] for one in kept), False)


def _bands(places: npt.NDArray[np.intp], numbers: Numbers, counts: Numbers) -> Coded:
    sure = np.isfinite(numbers)
    ordered = np.argsort(numbers[sure], kind="stable")
    values, weight = numbers[sure][ordered], counts[sure][ordered]
    share = np.cumsum(weight) / weight.sum()
    cuts = np.unique(values[np.searchsorted(share, np.arange(1, BANDS) / BANDS)])
    table = np.full(len(numbers) + 1, OTHER, dtype=np.int32)
    table[:-1][sure] = 2 + np.searchsorted(cuts, numbers[sure], side="left")
    table[-1] = MISSING
    edges = [f"{one:,.6g}" for one in cuts]
    names = [f"up to {edges[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(edges))]
    return Coded(table[places], (*names, f"over {edges[-1]}"), True)


def information_value(yes: float, no: float) -> float:
    """How far apart two shares are, as the symmetric divergence that credit scoring uses.

    0 for equal shares; below 0.1 weak, 0.3 strong, above 0.5 suspicious (Siddiqi, 2006).

    Examples
    --------
    >>> round(information_value(0.5, 0.5), 3), round(information_value(0.91, 0.08), 1)
    (0.0, 3.9)
    """
    a, b = np.clip([yes, no], 1e-4, 1 - 1e-4)
    return float((a - b) * (np.log(a / (1 - a)) - np.log(b / (1 - b))))


def rates(codes: Codes, won: Mask, size: int) -> tuple[Numbers, Numbers]:
    """Wins and leads by code."""
    return (
        np.bincount(codes, weights=won, minlength=size).astype(float),
        np.bincount(codes, minlength=size).astype(float),
    )


def log_odds_by_code(
    codes: Codes, won: Mask, size: int, fold: Codes, folds: int = 5, prior: float = 10.0
) -> Numbers:
    """Each lead's log-odds by its code, learnt only from leads of the other folds."""
    at = codes.astype(np.int64) * folds + fold
    wins = np.bincount(at, weights=won, minlength=size * folds).reshape(size, folds)
    rows = np.bincount(at, minlength=size * folds).reshape(size, folds)
    share = _smooth(
        wins.sum(1, keepdims=True) - wins, rows.sum(1, keepdims=True) - rows, won, prior
    )
    found: Numbers = np.log(share / (1 - share))[codes, fold]
    return found


def _smooth(wins: Numbers, rows: Numbers, won: Mask, prior: float) -> Numbers:
    base = np.clip(won.mean(), 1e-4, 1 - 1e-4)
    share: Numbers = np.clip((wins + prior * base) / (rows + prior), 1e-5, 1 - 1e-5)
    return share


def auc(score: Numbers, won: Mask) -> float:
    """Chance that a won lead scores above one not won; 0.5 tells nothing."""
    wins = int(won.sum())
    if wins in (0, len(won)):
        return 0.5
    ranks = pd.Series(score).rank().to_numpy()
    return float((ranks[won].sum() - wins * (wins + 1) / 2) / (wins * (len(won) - wins)))


def permutation_z(
    coded: Sequence[Coded], won: Mask, rows: npt.NDArray[np.intp], seed: int, draws: int = 20
) -> Numbers:
    """How many standard deviations each column tells more of the outcome than of shuffled ones.

    The outcomes are shuffled ``draws`` times over a sample of ``rows``; every column meets the
    same shuffles. Pearson's statistic is compared with its shuffled mean and deviation.
    """
    random = np.random.default_rng(seed)
    shuffled = np.array([random.permutation(won[rows]) for _ in range(draws)])
    found = np.zeros(len(coded))
    for place, one in enumerate(coded):
        codes = one.codes[rows]
        real = _pearson(codes, won[rows], one.size)
        null = np.array([_pearson(codes, draw, one.size) for draw in shuffled])
        found[place] = (real - null.mean()) / max(float(null.std()), 1.0)
    return found


def _pearson(codes: Codes, won: Mask, size: int) -> float:
    wins, leads = rates(codes, won, size)
    base = won.mean()
    expected = leads * base * (1 - base)
    return float(
        np.sum((wins - leads * base)[leads > 0] ** 2 / np.maximum(expected[leads > 0], 1e-9))
    )


def fill_by_group(filled: Mask, group: Mask, within: Codes) -> tuple[float, float]:
    """Shares filled inside and outside a group, standardised over the strata ``within``.

    Strata that hold only one side say nothing and have no weight.
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
    """Information value of being filled, averaged inside the values of another column."""
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
    """The leads' age in equal bands, oldest first; the order of the file where none is given."""
    if order is None or order.isna().all():
        return (np.arange(rows) * bands // max(rows, 1)).astype(np.int32)
    ranks = order.rank(method="average", na_option="top", pct=True).to_numpy()
    tenths: Codes = np.clip(np.ceil(ranks * bands) - 1, 0, bands - 1).astype(np.int32)
    return tenths


def losses_without(
    log_odds: Mapping[str, Numbers], won: Mask, train: Mask, asked: Collection[str]
) -> tuple[float, dict[str, float]]:
    """Log-loss on the later leads with all columns, and with each of those asked for left out.

    A ridge logistic regression over the columns' log-odds is learnt on ``train`` and judged on
    the rest.
    """
    names = list(log_odds)
    table = np.column_stack([np.ones(len(won)), *(log_odds[one] for one in names)])
    whole = _loss(table, won, train)
    return whole, {
        one: _loss(np.delete(table, place + 1, axis=1), won, train)
        for place, one in enumerate(names)
        if one in asked
    }


def _loss(table: Numbers, won: Mask, train: Mask) -> float:
    weights = _logistic(table[train], won[train])
    share = np.clip(1 / (1 + np.exp(-(table[~train] @ weights))), 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(won[~train], np.log(share), np.log1p(-share))))


def _logistic(table: Numbers, won: Mask, ridge: float = 1.0, steps: int = 12) -> Numbers:
    weights = np.zeros(table.shape[1])
    penalty = ridge * np.eye(table.shape[1])
    for _ in range(steps):
        share = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (won - share) - penalty @ weights
        curve = (table * (share * (1 - share))[:, None]).T @ table + penalty
        step = np.linalg.solve(curve, slope)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return weights
