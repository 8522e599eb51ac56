"""Entropy balancing: weights that give every value and band its share among all leads.

An estimated propensity is never exact, and its errors stay in the weights. Entropy balancing
changes the weights as little as possible until the weighted leads agree with all leads in the
share of each value and band. Shares that few leads support are met only approximately, to avoid
fitting noise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LEAST = 10  # leads with a value, before its share is balanced
TRUST = 10.0  # how many leads the given weights are worth
STEPS = 50
BLOCK = 8_000  # leads
NEAR = 1e-4  # after a smaller step, the next one would be the same with a new curvature
FURTHEST = 3.0  # limit of the logarithm of the factor by which a weight is changed


def entropy_balanced_weights(
    table: Any, base: Array, shares: Array, *, trust: float = TRUST
) -> Array:
    """Change weights until the weighted shares are as given.

    Parameters
    ----------
    table : sparse array of 0 and 1, shape (n, k)
        Which of the leads have which value.
    base : array, shape (n,)
        Their weights, with a mean of 1.
    shares : array, shape (k,)
        The share of all leads that have each value.
    trust : float
        The larger, the less the weights are changed.

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
    >>> shares = np.array([0.5, 0.5])
    >>> weights = entropy_balanced_weights(values, np.ones(400), shares, trust=0.01)
    >>> np.round(weights[[0, -1]] / weights.mean(), 2)
    array([0.67, 2.  ])
    """
    often = np.asarray(table.sum(axis=0)).ravel() >= LEAST
    if not often.any():
        return np.array(base, dtype=np.float64)
    values, target = table[:, often].astype(np.float64), np.asarray(shares)[often]
    multipliers, ridge = np.zeros(len(target)), trust / len(base) * np.eye(len(target))
    weights, moved = np.array(base, dtype=np.float64), np.inf
    for _ in range(STEPS):
        exponent = values @ multipliers - target @ multipliers
        weights = base * np.exp(np.clip(exponent, -FURTHEST, FURTHEST))
        total, sums = weights.sum(), values.T @ weights
        gradient = (sums - total * target) / len(base) + ridge @ multipliers
        if moved > NEAR:
            hessian = _weighted_products(values, weights)
            hessian += total * np.outer(target, target)
            hessian -= np.outer(target, sums) + np.outer(sums, target)
        step = np.linalg.solve(hessian / len(base) + ridge, gradient)
        multipliers = multipliers - np.clip(step, -0.5, 0.5)
        moved = float(np.abs(step).max())
        if moved < 1e-6:
            break
    return weights


def _weighted_products(values: Any, weights: Array) -> Array:
    """Sum the weights of the leads that have two values both, for each pair of values."""
    products = np.zeros((values.shape[1], values.shape[1]))
    for start in range(0, len(weights), BLOCK):
        rows = slice(start, start + BLOCK)
        block = values[rows].toarray() * np.sqrt(weights[rows])[:, None]
        products += block.T @ block  # dense: three times as quick as sparse
    return products
