"""The weights of terms on leads that they were not learned from.

A term is a table of log-odds for the bins of a feature, learned on one half of the leads. On the
other half its weight says whether it predicts: 1 if the log-odds are right, 0 if they are noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from features.blas_threads import one_blas_thread

Array = npt.NDArray[Any]
STRONGEST = 8.0  # a larger z says no more, and must not outweigh the other halves
PENALTIES = 1e-6, 0.1  # of the L1 regression: the range that is searched
STEPS = 7  # of the search
USED = 1e-4  # a smaller weight is none, and a term that varies less says nothing


@dataclass(frozen=True, eq=False)
class Half:
    """Leads, and terms that were learned from other leads.

    Attributes
    ----------
    codes : array of int, shape (n, features)
        The bin of each lead.
    tables : list of array
        The log-odds of the bins of each feature.
    y, weights : array, shape (n,)
        Outcomes (1 for won), and how many leads each one represents.
    """

    codes: Array
    tables: Sequence[Array]
    y: Array
    weights: Array

    @cached_property
    def contributions(self) -> Array:
        """What each term adds to each lead, relative to the average lead; shape (n, features)."""
        columns = [table[code] for table, code in zip(self.tables, self.codes.T, strict=True)]
        contributions = np.column_stack(columns)
        return np.asarray(contributions - contributions.mean(axis=0))

    @cached_property
    def spread(self) -> Array:
        """Standard deviation of each term over the leads."""
        return np.asarray(self.contributions.std(axis=0))

    @cached_property
    def correlation(self) -> Array:
        """Correlation of the terms over the leads, 0 for a term that does not vary."""
        scaled = self.contributions / np.where(self.spread > USED, self.spread, np.inf)
        return np.asarray(scaled.T @ scaled / len(scaled))


def gains_alone(half: Half) -> Array:
    """The log-likelihood that each term gains alone."""
    pairs = zip(half.tables, half.codes.T, strict=True)
    return np.array([table_gain(table, code, half.y, half.weights) for table, code in pairs])


def table_gain(table: Array, code: Array, y: Array, weights: Array) -> float:
    """The log-likelihood that a table of log-odds gains, each with the intercept that fits best.

    Examples
    --------
    >>> code, y = np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])
    >>> bool(table_gain(np.array([-1.0, 1.0]), code, y, np.ones(4)) > 0)
    True
    """
    leads = np.bincount(code, weights, minlength=len(table))
    won = np.bincount(code, weights * y, minlength=len(table))
    return _own_level_loss(np.zeros(len(table)), leads, won) - _own_level_loss(table, leads, won)


def _own_level_loss(log_odds: Array, leads: Array, won: Array) -> float:
    shift = 0.0
    for _ in range(30):
        p = chances_at(log_odds + shift)
        step = float((leads * p - won).sum() / ((leads * p * (1 - p)).sum() + 1e-9))
        shift -= min(max(step, -2.0), 2.0)
        if abs(step) < 1e-8:
            break
    odds = log_odds + shift
    return float((leads * np.logaddexp(0, odds) - won * odds).sum())


@one_blas_thread
def conditional_z(
    halves: Sequence[Half], candidates: Sequence[int], most: int, forced: Sequence[int] = ()
) -> Array:
    """The evidence for each term next to the others: its mean z over the halves.

    Parameters
    ----------
    candidates : sequence of int
        The terms that take part.
    most : int
        The most terms that may have a weight in a half; L1 leaves out the others, whose z is 0.
    forced : sequence of int
        Terms that are never left out.
    """
    z = [_z_of_half(half, candidates, most, forced) for half in halves]
    return np.asarray(np.mean(z, axis=0))


def _z_of_half(half: Half, candidates: Sequence[int], most: int, forced: Sequence[int]) -> Array:
    z = np.zeros(len(half.tables))
    varying = [place for place in candidates if half.spread[place] > USED]
    if not varying or len(np.unique(half.y)) < 2:
        return z
    low, high = np.log(PENALTIES)
    kept = [place for place in varying if place in forced]
    for _ in range(STEPS):
        penalty = (low + high) / 2
        penalties = np.where(np.isin(varying, forced), 0, np.exp(penalty))
        strength = _nonnegative_weights(half, varying, penalties)[:-1]
        chosen = [place for place, size in zip(varying, strength, strict=True) if size > USED]
        if len(chosen) > most:
            low = penalty
        else:
            high, kept = penalty, chosen
    if kept:
        strength = _nonnegative_weights(half, kept, np.zeros(len(kept)))
        z[kept] = np.minimum(strength[:-1] / _weight_errors(half, kept, strength), STRONGEST)
    return z


def _nonnegative_weights(half: Half, places: Sequence[int], penalties: Array) -> Array:
    """Logistic regression on terms with weights of at least 0; the intercept stands last."""
    from scipy.optimize import minimize

    terms, y, share = half.contributions[:, places], half.y, half.weights / half.weights.sum()
    rate = float(np.clip(share @ y, 1e-4, 1 - 1e-4))

    def loss(x: Array) -> tuple[float, Array]:
        odds = terms @ x[:-1] + x[-1]
        residual = share * (chances_at(odds) - y)
        value = share @ (np.logaddexp(0, odds) - y * odds) + penalties @ x[:-1]
        return float(value), np.append(terms.T @ residual + penalties, residual.sum())

    start = np.r_[np.zeros(len(places)), np.log(rate / (1 - rate))]
    bounds = [(0, None)] * len(places) + [(None, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x)


def _weight_errors(half: Half, places: Sequence[int], strength: Array) -> Array:
    """Standard errors from the curvature of the likelihood."""
    design = np.c_[half.contributions[:, places], np.ones(len(half.y))]
    p = chances_at(design @ strength)
    curvature = design.T @ (design * (half.weights * p * (1 - p))[:, None])
    variance = np.diag(np.linalg.pinv(curvature))[:-1]
    return np.asarray(np.sqrt(np.maximum(variance, 1e-12)))


def chances_at(log_odds: Array) -> Array:
    """Chances of log-odds, however far they are from 0.

    Examples
    --------
    >>> chances_at(np.array([-2000.0, 0.0, 2000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.exp(-np.logaddexp(0, -log_odds)))


def fitted_log_odds(half: Half, places: Sequence[int]) -> Array:
    """The log-odds of the leads by some terms, with the weights that fit them best.

    Examples
    --------
    >>> half = Half(np.array([[0], [0], [1], [1]]), [np.array([-1.0, 1.0])],
    ...             np.array([0, 1, 1, 1]), np.ones(4))
    >>> odds = fitted_log_odds(half, [0])
    >>> bool(odds[0] < odds[2])
    True
    """
    design = np.c_[half.contributions[:, list(places)], np.ones(len(half.y))]
    x = np.r_[np.ones(len(places)), 0.0]
    for _ in range(STEPS):
        p = chances_at(design @ x)
        curvature = design.T @ (design * (half.weights * p * (1 - p))[:, None])
        curvature += 1e-2 * np.eye(len(x))  # a weak pull to 1
        pull = design.T @ (half.weights * (p - half.y)) + 1e-2 * np.r_[x[:-1] - 1, 0.0]
        x -= np.clip(np.linalg.solve(curvature, pull), -2, 2)
    x[:-1] = np.maximum(x[:-1], 0)
    return np.asarray(design @ x)
