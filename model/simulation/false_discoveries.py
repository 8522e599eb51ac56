"""Allow for many tests at once: if you test forty things at the 5% level, about two pass by chance.

References
----------
Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 1995 (valid for the
positive dependence that time windows of one kind of event have: Benjamini and Yekutieli 2001).
C. Genovese, K. Roeder, L. Wasserman, "False discovery control with p-value weighting", Biometrika
2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def weighted_p_values(p: Sequence[float], weights: Sequence[float]) -> Array:
    """Divide p-values by weights, scaled to a mean of 1; a test without weight gets 1.

    Examples
    --------
    >>> weighted_p_values([0.01, 1.0, 0.3, 1.0], [1, 0, 1, 0])
    array([0.005, 1.   , 0.15 , 1.   ])
    """
    values, given = np.asarray(p, np.float64), np.asarray(weights, np.float64)
    scaled = given * len(given) / max(float(given.sum()), 1e-9)
    return np.minimum(np.divide(values, scaled, out=np.ones_like(values), where=scaled > 0), 1.0)


def discoveries(p: Sequence[float] | Array, rate: float) -> list[int]:
    """Select tests by the procedure of Benjamini and Hochberg, the smallest p-value first.

    Parameters
    ----------
    p : sequence of float
        The p-value of every test.
    rate : float
        The share of the selected tests that may be chance, such as 0.05.

    Returns
    -------
    list of int
        Positions of the selected tests.

    Examples
    --------
    >>> discoveries([0.8, 0.001, 0.02, 0.5], 0.05)
    [1, 2]
    """
    order = np.argsort(p, kind="stable")
    below = [k for k, place in enumerate(order, start=1) if p[place] <= rate * k / len(p)]
    return [int(place) for place in order[: max(below, default=0)]]


def adjusted_p_values(p: Sequence[float] | Array) -> Array:
    """Give the smallest rate at which each test would be selected by `discoveries`.

    Examples
    --------
    >>> adjusted_p_values([0.8, 0.001, 0.02, 0.5]).round(3)
    array([0.8  , 0.004, 0.04 , 0.667])
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * len(values) / np.arange(1, len(values) + 1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
