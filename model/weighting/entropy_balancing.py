"""Weights that make some leads like all leads: every value and band as frequent as it really is.

An estimate of the chance to be worked is never quite right, and what it misses stays in the
weights. Here they are moved as little as possible until the weighed leads agree with all leads in
the share of each value and band: what depends on these alone is then weighed for, even where the
estimate was off. Shares that few leads speak for are met about, so that luck is not chased.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LEAST = 10  # leads with a value, before its share is asked for
TRUST = 10.0  # leads' worth of belief that the given weights were right
STEPS = 50
FURTHEST = 3.0  # of the logarithm of what a weight is multiplied by


def balanced(table: Any, base: Array, wanted: Array, *, trust: float = TRUST) -> Array:
    """Move weights so that the weighed shares are as wanted.

    Parameters
    ----------
    table : sparse array of 0 and 1, shape (n, k)
        Which of the leads have which value.
    base : array, shape (n,)
        Their weights, 1 in the mean.
    wanted : array, shape (k,)
        The share of all leads that have each value.
    trust : float
        The larger, the less the weights are moved.

    Returns
    -------
    array, shape (n,)
        Positive weights.

    References
    ----------
    J. Hainmueller, "Entropy balancing for causal effects", Political Analysis 2012; the shrinkage
    is a ridge on the multipliers.

    Examples
    --------
    >>> from scipy import sparse
    >>> values = sparse.csr_array(np.repeat([[1, 0], [0, 1]], [300, 100], axis=0))
    >>> found = balanced(values, np.ones(400), np.array([0.5, 0.5]), trust=0.01)
    >>> np.round(found[[0, -1]] / found.mean(), 2)
    array([0.67, 2.  ])
    """
    often = np.asarray(table.sum(axis=0)).ravel() >= LEAST
    if not often.any():
        return np.array(base, dtype=np.float64)
    values, target = table[:, often].astype(np.float64), np.asarray(wanted)[often]
    moved, ridge = np.zeros(len(target)), trust / len(base) * np.eye(len(target))
    weights = np.array(base, dtype=np.float64)
    for _ in range(STEPS):
        off = values @ moved - target @ moved
        weights = base * np.exp(np.clip(off, -FURTHEST, FURTHEST))
        total, sums = weights.sum(), values.T @ weights
        slope = (sums - total * target) / len(base) + ridge @ moved
        inner = (values.T @ (values * weights[:, None])).toarray()
        inner += total * np.outer(target, target)
        inner -= np.outer(target, sums) + np.outer(sums, target)
        step = np.linalg.solve(inner / len(base) + ridge, slope)
        moved = moved - np.clip(step, -0.5, 0.5)
        if np.abs(step).max() < 1e-6:
            break
    return weights
