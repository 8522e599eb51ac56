"""What a training saw of each feature: its values, its range, and how often it was missing.

The version keeps this small summary, so that a scoring run can tell values and shapes that the
model never learned from. Values that many leads share are kept; a text that hardly repeats is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pandas as pd

from features.families.feature import Feature

MOST_VALUES = 300  # a feature with more is free text: its values are not compared


def seen_in_training(
    X: pd.DataFrame, features: Iterable[Feature], used: Collection[str]
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

    Returns
    -------
    dict
        By feature: ``missing``, the share of the leads; of a category ``values``, None where there
        are too many; of a number ``low`` and ``high``.

    Examples
    --------
    >>> source = Feature("source", "source", "origin", "category")
    >>> X = pd.DataFrame({"source": ["web", "fair", None, "web"]})
    >>> seen_in_training(X, [source], ["source"])
    {'source': {'missing': 0.25, 'values': ['fair', 'web']}}
    """
    return {
        feature.name: _summary(X[feature.name], feature.kind)
        for feature in features
        if feature.name in used and feature.name in X and feature.kind != "date"
    }


def _summary(column: pd.Series[Any], kind: str) -> dict[str, Any]:
    known = column.dropna()
    summary: dict[str, Any] = {"missing": float(column.isna().mean()) if len(column) else 1.0}
    if kind == "category":
        values = sorted(map(str, known.unique()))
        return {**summary, "values": values if len(values) <= MOST_VALUES else None}
    ends = (known.min(), known.max()) if len(known) else (None, None)
    low, high = (None if end is None else float(end) for end in ends)
    return {**summary, "low": low, "high": high}
