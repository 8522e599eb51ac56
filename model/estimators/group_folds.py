"""Folds of leads whose groups stay together, with about as many wins in each.

Groups are dealt out one by one, the most one-sided first, each to the fold that leaves wins and
losses spread most evenly. These are the folds of scikit-learn's ``StratifiedGroupKFold``, to the
lead; that one takes about a millisecond for each group, which is minutes for a hundred thousand
accounts.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from math import inf, sqrt
from operator import add
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]
Folds = list[tuple[Array, Array]]
ABSOLUTE, RELATIVE = 1e-8, 1e-5  # spreads that are closer than this are equal, as numpy's isclose


def stratified_folds(y: Array, groups: Array | None, parts: int, seed: int) -> Folds:
    """Divide leads into parts with as many wins each; leads of a group stay together.

    Parameters
    ----------
    y : array of 0 and 1, shape (n,)
    groups : array, shape (n,), optional
        The account of each lead.
    parts : int
        Number of folds, at most the number of groups with either outcome.
    seed : int
        Equal seeds give equal folds.

    Returns
    -------
    list of (array, array)
        For each fold, the positions of the leads to learn from and of those held out.

    Examples
    --------
    >>> y, accounts = np.array([1, 0, 0, 1, 0, 0]), np.array(["a", "a", "b", "c", "c", "d"])
    >>> [held_out.tolist() for _, held_out in stratified_folds(y, accounts, 2, seed=0)]
    [[3, 4, 5], [0, 1, 2]]
    """
    codes = None
    if groups is not None:
        codes = pd.factorize(groups, sort=True)[0].astype(np.int64).tobytes()
    return _kept_folds((np.asarray(y) > 0).tobytes(), codes, parts, seed)


@lru_cache(maxsize=2)
def _kept_folds(won: bytes, groups: bytes | None, parts: int, seed: int) -> Folds:
    """Divide leads once: each line of a card is learned on the same leads."""
    y = np.frombuffer(won, dtype=bool)
    if groups is None:
        from sklearn.model_selection import StratifiedKFold

        return list(StratifiedKFold(parts, shuffle=True, random_state=seed).split(y, y))
    place = _dealt(y, np.frombuffer(groups, dtype=np.int64), parts, seed)
    return [(np.flatnonzero(place != part), np.flatnonzero(place == part)) for part in range(parts)]


def _dealt(y: Array, groups: Array, parts: int, seed: int) -> Array:
    """Give the fold of each lead."""
    counts = np.zeros((groups.max() + 1, 2))
    np.add.at(counts, (groups, y.astype(int)), 1)
    order = np.arange(len(counts))
    np.random.RandomState(seed).shuffle(order)
    order = order[np.argsort(-np.std(counts[order], axis=1), kind="stable")]
    folds = np.empty(len(counts), dtype=np.int64)
    totals = counts.sum(axis=0)
    held = [[0.0] * parts, [0.0] * parts]  # losses and wins of each fold
    for group, (losses, wins) in zip(order.tolist(), counts[order].tolist(), strict=True):
        best = _best_fold(held, (losses, wins), totals.tolist())
        held[0][best] += losses
        held[1][best] += wins
        folds[group] = best
    return folds[groups]


def _best_fold(held: list[list[float]], group: tuple[float, float], totals: list[float]) -> int:
    """Choose the fold that spreads both outcomes best; of equals, the one with fewest leads."""
    best, least, fewest = 0, inf, inf
    for fold, leads in enumerate(map(sum, zip(*held, strict=True))):
        spread = 0.0
        for outcome, more, total in zip(held, group, totals, strict=True):
            shares = [count / total for count in outcome]
            shares[fold] = (outcome[fold] + more) / total
            spread += _standard_deviation(shares)
        spread /= 2
        equal = abs(spread - least) <= ABSOLUTE + RELATIVE * least < inf
        if spread < least or (equal and leads < fewest):
            best, least, fewest = fold, spread, leads
    return best


def _standard_deviation(values: list[float]) -> float:
    """Without an array; adds from left to right, as numpy does across rows."""
    mean = reduce(add, values) / len(values)
    return sqrt(reduce(add, [(value - mean) * (value - mean) for value in values]) / len(values))
