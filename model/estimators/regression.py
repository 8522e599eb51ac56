"""Logistic regression without shrinkage, for tests and standard errors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.estimators.bins import base_log_odds

Array = npt.NDArray[Any]
RIDGE = 1e-3  # keeps it solvable where a row has only wins or only losses
STEPS = 50


class Regression(NamedTuple):
    """A fitted logistic regression.

    Attributes
    ----------
    coefficients : array, shape (columns,)
    covariance : array, shape (columns, columns)
        From the curvature of the likelihood.
    log_likelihood : float
    """

    coefficients: Array
    covariance: Array
    log_likelihood: float


def regress(
    table: Array,
    y: Array,
    weights: Array,
    start: Array | None = None,
    *,
    bias_reduced: bool = False,
) -> Regression:
    """Fit by Newton's method.

    Parameters
    ----------
    table : array, shape (n, columns)
        The first column is the intercept's.
    y, weights : array, shape (n,)
        Outcomes (1 for won), and how many leads each one represents.
    start : array of shape (columns,), optional
        Coefficients near the solution.
    bias_reduced : bool
        Take off the bias of small samples [1]_, which also gives a row without wins a finite
        coefficient.

    References
    ----------
    .. [1] D. Firth, "Bias reduction of maximum likelihood estimates", Biometrika 1993.

    Examples
    --------
    >>> table, y = np.column_stack([np.ones(6), [0, 0, 1, 1, 1, 1]]), np.array([0, 1, 0, 1, 1, 1])
    >>> regress(table, y, np.ones(6)).coefficients.round(1) + 0  # 3 to 1 are log-odds of 1.1
    array([0. , 1.1])
    >>> never = np.array([0, 1, 0, 0, 0, 0])  # half a win and half a loss more: 0.5 to 4.5
    >>> regress(table, never, np.ones(6), bias_reduced=True).coefficients.round(1) + 0
    array([ 0. , -2.2])
    """
    x = np.zeros(table.shape[1]) if start is None else start.copy()
    if start is None:
        x[0] = base_log_odds(y, weights)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(table @ x, -30, 30)))
        curvature = table.T @ (table * (weights * p * (1 - p))[:, None]) + RIDGE * np.eye(len(x))
        pull = weights * (p - y)
        if bias_reduced:
            leverage = ((table @ np.linalg.inv(curvature)) * table).sum(axis=1)
            pull += weights * p * (1 - p) * leverage * (p - 0.5)
        step = np.linalg.solve(curvature, table.T @ pull + RIDGE * x)
        x = x - np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-8:
            break
    odds = table @ x
    likelihood = float(weights @ (y * odds - np.logaddexp(0, odds)))
    return Regression(x, np.linalg.inv(curvature), likelihood)


def clustered_covariance(
    fit: Regression, table: Array, y: Array, weights: Array, groups: Array | None
) -> Array:
    """Covariance of the coefficients where leads of a group resemble each other.

    References
    ----------
    H. White, "Maximum likelihood estimation of misspecified models", Econometrica 1982.
    """
    p = 1 / (1 + np.exp(-np.clip(table @ fit.coefficients, -30, 30)))
    pulls = cluster_sums(table * (weights * (y - p))[:, None], groups)
    return np.asarray(fit.covariance @ (pulls.T @ pulls) @ fit.covariance)


def cluster_sums(pulls: Array, groups: Array | None) -> Array:
    """Sum the pull of each lead on the coefficients over the leads of its group."""
    if groups is None:
        return pulls
    codes, names = pd.factorize(groups)
    if len(names) == len(pulls):
        return pulls
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) > 0])
    sums: Array = np.add.reduceat(pulls[order], starts, axis=0)
    return sums


def correlations(columns: Array, other: Array) -> Array:
    """Correlate columns of zeros and ones with a column of mean 0 and variance 1.

    Examples
    --------
    >>> correlations(np.array([[True, True], [True, False]]), np.array([1.0, -1.0])).round(2)
    array([0., 1.])
    """
    shares = columns.mean(axis=0)
    spread = np.sqrt(shares * (1 - shares))
    return np.asarray(other @ columns / len(other) / np.where(spread > 0, spread, 1.0))
