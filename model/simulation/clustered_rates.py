"""Differences of win rates, with standard errors that allow for similar leads of one account.

Leads may be weighted, where sales worked some kinds of lead more than others. A few accounts carry
little information, and their spread is itself uncertain: each contrast comes with the degrees of
freedom of its standard error, for Student's t instead of the normal distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from model.weighting.worked import effective_sample_size

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


class Contrast(NamedTuple):
    """A signed sum of weighted win rates, its standard error, and the error's degrees of freedom.

    ``value`` and ``error`` are shares: 0.1 is ten percentage points.
    """

    value: float
    error: float
    freedom: float


def contrast(
    won: Array,
    parts: Sequence[tuple[Mask, float]],
    accounts: Array,
    weights: Array | None = None,
) -> Contrast:
    """Give a signed sum of weighted win rates, with a standard error clustered by account.

    Parameters
    ----------
    won : array, shape (n,)
        1 or 0 for every lead of a part.
    parts : sequence of (array of bool, float)
        Groups of leads, each with the factor of its win rate in the sum; groups may overlap.
    accounts : array of int, shape (n,)
        The account of each lead.
    weights : array, shape (n,), optional
        How many leads each lead represents; default 1.

    Notes
    -----
    The standard error is the larger of the clustered (sandwich) error and the error of independent
    leads whose rates are pulled towards one half by two leads. This way no group is so small that
    its rate looks certain. The degrees of freedom are Satterthwaite's; each group counts as many
    clusters as accounts of equal size would give.

    References
    ----------
    F. E. Satterthwaite, "An approximate distribution of estimates of variance components",
    Biometrics Bulletin 1946.

    Examples
    --------
    >>> won, few = np.array([1.0, 1, 0, 0]), np.array([True, True, False, False])
    >>> value, error, freedom = contrast(won, [(few, 1.0), (~few, -1.0)], np.arange(4))
    >>> round(value, 2), round(error, 2)
    (1.0, 0.43)
    """
    weight = np.ones(len(won)) if weights is None else weights
    size = int(accounts.max(initial=0)) + 1
    value, least, clusters, touched = 0.0, 0.0, np.zeros(size), np.zeros(size, dtype=bool)
    variances, sizes = [], []
    for mask, factor in parts:
        w, y, account = weight[mask], won[mask], accounts[mask]
        rate = float(w @ y / w.sum())
        leads = effective_sample_size(w)
        shrunk = (rate * leads + 1) / (leads + 2)
        value += factor * rate
        least += factor**2 * shrunk * (1 - shrunk) / leads
        influence = np.bincount(account, factor * w * (y - rate) / w.sum(), minlength=size)
        held = np.bincount(account, w, minlength=size)
        clusters += influence
        touched |= held > 0
        variances.append(max(float(influence @ influence), 1e-12))
        sizes.append(effective_sample_size(held))
    n_accounts = max(int(touched.sum()), 2)
    robust = float(clusters @ clusters) * n_accounts / (n_accounts - 1)
    error = np.sqrt(max(robust, least if _are_disjoint(parts) else 0.0))
    return Contrast(value, float(error), _degrees_of_freedom(variances, sizes))


def value_shares(band: Array, bands: int, accounts: Array) -> tuple[Array, Array]:
    """Give the share of each value among leads, with the standard error of `contrast`.

    Parameters
    ----------
    band : array of int, shape (n,)
        Which of the values each lead has.
    bands : int
        How many values there are.
    accounts : array of int, shape (n,)
        The account of each lead, numbered from 0.

    Returns
    -------
    (array, array), each of shape (bands,)

    Examples
    --------
    >>> [figures.round(2) for figures in value_shares(np.array([0, 0, 1, 1]), 2, np.arange(4))]
    [array([0.5, 0.5]), array([0.29, 0.29])]
    """
    leads, size = len(band), int(accounts.max(initial=0)) + 1
    held = np.bincount(accounts, minlength=size).astype(float)
    pairs = np.bincount(accounts * bands + band, minlength=size * bands)
    counts = pairs.reshape(size, bands).astype(float)  # leads of an account with a value
    found = counts.sum(axis=0)
    rate, shrunk = found / leads, (found + 1) / (leads + 2)
    squares = np.einsum("ab,ab->b", counts, counts) - 2 * rate * (held @ counts)
    squares = np.maximum(squares + rate**2 * (held @ held), 0.0)
    n_accounts = max(int((held > 0).sum()), 2)
    robust = squares / leads**2 * n_accounts / (n_accounts - 1)
    return rate, np.sqrt(np.maximum(robust, shrunk * (1 - shrunk) / leads))


def _degrees_of_freedom(variances: Sequence[float], sizes: Sequence[float]) -> float:
    squares = sum(
        variance**2 / max(size - 1, 1.0) for variance, size in zip(variances, sizes, strict=True)
    )
    return float(sum(variances) ** 2 / squares)


def _are_disjoint(parts: Sequence[tuple[Mask, float]]) -> bool:
    return bool(np.sum([mask for mask, _ in parts], axis=0).max() <= 1)


def one_sided_p(z: float, freedom: float = np.inf) -> float:
    """Give the one-sided p-value of Student's t: how often chance alone reaches ``z`` or more.

    Parameters
    ----------
    z : float
        Standard errors on the expected side.
    freedom : float
        Degrees of freedom; the default is the normal distribution.

    Examples
    --------
    >>> round(one_sided_p(1.645), 3), round(one_sided_p(1.645, 10), 3)
    (0.05, 0.065)
    """
    return float(stdtr(min(freedom, 1e9), -z))
