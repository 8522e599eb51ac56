"""Folds that keep the leads of a group together."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def grouped_folds(y: Array, groups: Array | None, most: int, seed: int) -> list[Array]:
    """Divide leads into folds of about equally many groups and wins, by lot.

    Groups are stratified by whether they have a win (scikit-learn's ``StratifiedKFold`` over the
    groups), which for many groups is as even as ``StratifiedGroupKFold`` and does not take each
    group by itself.

    Parameters
    ----------
    y : array, shape (n,)
        Outcomes, 1 for won.
    groups : array of shape (n,), optional
        Leads of a group stand in the same fold; by default each lead is its own group.
    most : int
        Number of folds; there are fewer where fewer groups have a win, or fewer have none.
    seed : int

    Returns
    -------
    list of array of bool, shape (n,)
        The leads of each fold, whose other leads have wins and losses; empty where that cannot be.

    Examples
    --------
    >>> folds = grouped_folds(np.array([1, 1, 0, 0, 1, 0]), np.array([7, 7, 8, 8, 9, 8]), 4, 0)
    >>> folds
    []
    >>> folds = grouped_folds(np.array([1, 1, 0, 0, 1, 0]), np.array([7, 7, 8, 8, 9, 6]), 4, 0)
    >>> [bool(fold[0] == fold[1]) for fold in folds]
    [True, True]
    """
    from sklearn.model_selection import StratifiedKFold

    names = np.arange(len(y)) if groups is None else groups
    codes = np.unique(names, return_inverse=True)[1]
    won = np.bincount(codes, weights=np.asarray(y, dtype=np.float64)) > 0
    n = min(most, *np.unique(won, return_counts=True)[1].tolist())
    if n < 2:
        return []
    parts = StratifiedKFold(n, shuffle=True, random_state=seed).split(won, won)
    folds = [np.isin(codes, part) for _, part in parts]
    return [fold for fold in folds if len(np.unique(y[~fold])) > 1]
