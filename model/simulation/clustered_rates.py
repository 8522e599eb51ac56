"""Win rates set against each other, with errors that know that leads of one account are alike.

Leads may be weighed, where sales worked some kinds of lead more than others. Few accounts tell
little, and their spread is not well known either: each contrast comes with the degrees of freedom
of its error, for Student's t instead of the normal distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]


class Contrast(NamedTuple):
    """A sum of weighted win rates, its standard error, and that error's degrees of freedom."""

    value: float
    error: float
    freedom: float


def effective(weights: Array) -> float:
    """Give Kish's effective size: as many equally weighed leads would say as much.

    Examples
    --------
    >>> effective(np.ones(4)), round(effective(np.array([3.0, 1])), 2)
    (4.0, 1.6)
    """
    squares = float(weights @ weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def contrast(
    won: Array,
    parts: Sequence[tuple[Mask, float]],
    accounts: Array,
    weights: Array | None = None,
) -> Contrast:
    """Give a sum of weighted win rates and its standard error, where leads of an account are alike.

    Parameters
    ----------
    won : array
        1 or 0 for every lead of a part.
    parts : sequence of (mask, weight)
        Groups of leads; they may overlap.
    accounts : array of int
        The account of each lead.
    weights : array, optional
        How many leads each lead speaks for; default 1.

    Notes
    -----
    The larger of the clustered (sandwich) standard error and the one of unclustered leads whose
    rates are drawn towards a half by two leads: no group is so small that its rate looks certain.
    Degrees of freedom are Satterthwaite's, each group counting as many clusters as accounts of
    equal size would be.

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
    each = np.ones(len(won)) if weights is None else weights
    size = int(accounts.max(initial=0)) + 1
    value, least, clusters, touched = 0.0, 0.0, np.zeros(size), np.zeros(size, dtype=bool)
    variances, sizes = [], []
    for mask, sign in parts:
        w, y, of = each[mask], won[mask], accounts[mask]
        rate = float(w @ y / w.sum())
        leads = effective(w)
        drawn = (rate * leads + 1) / (leads + 2)
        value += sign * rate
        least += sign**2 * drawn * (1 - drawn) / leads
        influence = np.bincount(of, sign * w * (y - rate) / w.sum(), minlength=size)
        held = np.bincount(of, w, minlength=size)
        clusters += influence
        touched |= held > 0
        variances.append(max(float(influence @ influence), 1e-12))
        sizes.append(effective(held))
    of_all = max(int(touched.sum()), 2)
    robust = float(clusters @ clusters) * of_all / (of_all - 1)
    error = np.sqrt(max(robust, least if _apart(parts) else 0.0))
    return Contrast(value, float(error), _freedom(variances, sizes))


def _freedom(variances: Sequence[float], sizes: Sequence[float]) -> float:
    squares = sum(one**2 / max(size - 1, 1.0) for one, size in zip(variances, sizes, strict=True))
    return float(sum(variances) ** 2 / squares)


def _apart(parts: Sequence[tuple[Mask, float]]) -> bool:
    return bool(np.sum([mask for mask, _ in parts], axis=0).max() <= 1)
