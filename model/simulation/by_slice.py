"""A definition held against parts of history: month by month, and for each kind of lead.

A change that helps on the whole may hurt one region, or only work in one season. Parts are the
months of the moments, and the values of the *fit* features (size band, region, source and so on):
numbers are cut into bands at round numbers, rare categories are put together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import ENGAGEMENT, Feature
from model.serving import READY
from model.simulation.history import History, Mask, verdicts, win_rate
from model.training.bins import roundest_between
from model.training.compile_scorecard import bin_labels

Array = npt.NDArray[Any]
BANDS = 4
MOST = 8  # categories told apart
OTHER, NOBODY_KNOWS = "any other", "not known"


def by_month(history: History, definitions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each month of the moments: leads, and for each definition those that are ready.

    Returns
    -------
    list of dict
        ``label, leads, ready``: a list with the win rate (see ``definition_history.win_rate``) of
        each definition's ready leads. Empty without dates.
    """
    month = history.rows["as_of"].dt.strftime("%Y-%m").to_numpy(dtype=object)
    told = sorted({one for one in month if isinstance(one, str)})
    ready = [verdicts(one, history.X) == READY for one in definitions]
    return [_part(history, month == one, ready, one) for one in told]


def by_slice(history: History, definitions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for each value, or band of values, of each fit feature.

    Returns
    -------
    list of dict
        As `by_month`, with ``feature`` and ``words``; features with a single value are left out.
    """
    ready = [verdicts(one, history.X) == READY for one in definitions]
    found = []
    for feature in history.features:
        if feature.family == ENGAGEMENT:
            continue
        where, names = bands(history.X[feature.name], feature)
        parts = [
            {
                "feature": feature.name,
                "words": feature.words,
                **_part(history, where == place, ready, label),
            }
            for place, label in enumerate(names)
            if (where == place).any()
        ]
        found += parts if len(parts) > 1 else []
    return found


def bands(values: pd.Series[Any], feature: Feature) -> tuple[Array, list[str]]:
    """Put values into few bands that people would name; the last one is *not known*.

    Examples
    --------
    >>> employees = Feature("employees", "employees", "firmographic", "number")
    >>> where, names = bands(pd.Series([12.0, 60, 80, 400, None]), employees)
    >>> [names[one] for one in where]
    ['under 60', '60 to 79', '80 to 399', '400 or more', 'not known']
    """
    if feature.kind == "number":
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        known = numbers[np.isfinite(numbers)]
        cuts = round_numbers(known, BANDS)
        names = [*bin_labels(cuts, pd.Series(known)), NOBODY_KNOWS]
        where = np.searchsorted(cuts, numbers, side="right")
        return np.where(np.isnan(numbers), len(names) - 1, where), names
    often = [str(one) for one in values.value_counts().index[:MOST]]
    names = [*often, OTHER, NOBODY_KNOWS]
    places = {name: place for place, name in enumerate(often)}
    found = [len(names) - 1 if pd.isna(one) else places.get(str(one), len(often)) for one in values]
    return np.array(found, dtype=int), names


def round_numbers(known: Array, parts: int) -> Array:
    """Cut numbers into at most so many parts of about the same size, at round numbers.

    Examples
    --------
    >>> round_numbers(np.array([0.0, 1, 1, 2]), 4), round_numbers(np.arange(1000.0), 4)
    (array([1., 2.]), array([250., 500., 750.]))
    """
    distinct = np.unique(known)
    if len(distinct) <= parts:
        return distinct[1:]
    ends = np.unique(np.quantile(known, (np.arange(parts) + 0.5) / parts))
    return np.unique([roundest_between(low, high) for low, high in pairwise(ends)])


def _part(history: History, here: Mask, ready: Sequence[Mask], label: str) -> dict[str, Any]:
    return {
        "label": label,
        "leads": int(here.sum()),
        "ready": [win_rate(history, here & one) for one in ready],
    }
