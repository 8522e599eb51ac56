"""What a training saw of each feature: its values, its range, and how often it was missing.

The version keeps this small summary, so that a scoring run can tell values and shapes that the
model never learned from. Values that many leads share are kept; a text that hardly repeats is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature

LATEST = 0.75  # of the leads came earlier than those that are compared with them
LEAST_NUMBERS = 50  # above 0; fewer have no deciles worth comparing
MOST_VALUES = 300  # a feature with more is free text: its values are not compared


def seen_in_training(
    X: pd.DataFrame,
    features: Iterable[Feature],
    used: Collection[str],
    order: npt.NDArray[Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Summarise the features that a version uses.

    Parameters
    ----------
    X : DataFrame
        The features of the leads that were learned from.
    features : iterable of Feature
        The catalogue.
    used : collection of str
        The features of the card and of the definition.
    order : array, optional
        Ascending with time; without it no share of new values is known.

    Returns
    -------
    dict
        By feature: ``missing``, the share of the leads; of a category ``values``, None where there
        are too many, and ``new``, the share of the latest quarter of the leads with a value that
        no earlier lead has: campaigns and landing pages come and go; of a number ``low`` and
        ``high``, and the ``deciles`` of those above 0.

    Examples
    --------
    >>> source = Feature("source", "source", "origin", "category")
    >>> X = pd.DataFrame({"source": ["web", "fair", None, "web"]})
    >>> seen_in_training(X, [source], ["source"])
    {'source': {'missing': 0.25, 'values': ['fair', 'web']}}
    """
    latest = None if order is None else order > np.quantile(order, LATEST)
    return {
        feature.name: _summary(X[feature.name], feature.kind, latest)
        for feature in features
        if feature.name in used and feature.name in X and feature.kind != "date"
    }


def _summary(
    column: pd.Series[Any], kind: str, latest: npt.NDArray[np.bool_] | None
) -> dict[str, Any]:
    known = column.dropna()
    summary: dict[str, Any] = {"missing": float(column.isna().mean()) if len(column) else 1.0}
    if kind == "category":
        values = sorted(map(str, known.unique()))
        if latest is not None and (new := _new_share(column, latest)):
            summary["new"] = new
        return {**summary, "values": values if len(values) <= MOST_VALUES else None}
    ends = (known.min(), known.max()) if len(known) else (None, None)
    low, high = (None if end is None else float(end) for end in ends)
    return {**summary, "low": low, "high": high, "deciles": deciles(known)}


def deciles(numbers: pd.Series[Any]) -> list[float]:
    """The nine deciles of the numbers above 0; empty if there are few.

    Examples
    --------
    >>> deciles(pd.Series(range(-5, 101)))
    [10.9, 20.8, 30.7, 40.6, 50.5, 60.4, 70.3, 80.2, 90.1]
    """
    above = numbers.to_numpy(float)
    above = above[above > 0]
    if len(above) < LEAST_NUMBERS:
        return []
    return [round(float(cut), 9) for cut in np.quantile(above, np.arange(1, 10) / 10)]


def _new_share(column: pd.Series[Any], latest: npt.NDArray[np.bool_]) -> float:
    """The share of the latest leads whose value no earlier lead has.

    Examples
    --------
    >>> _new_share(pd.Series(["web"] * 4 + ["web", "fair"]), np.arange(6) > 3)
    0.5
    """
    now = column[latest].dropna()
    return float((~now.isin(column[~latest].unique())).mean()) if len(now) else 0.0
