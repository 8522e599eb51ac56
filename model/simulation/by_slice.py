"""Definitions on parts of history: month by month, and for each kind of lead.

A change that helps overall may hurt one region, or work in one season only. Slices are the values
of the *fit* features (size band, region, source and others): numbers are binned at round limits,
rare categories are put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import ENGAGEMENT, Feature
from model.card.labels import number_labels
from model.estimators.bins import roundest_between
from model.serving import READY, Definition
from model.simulation.history import History, Mask, verdict_codes
from model.simulation.win_rates import WinRate, win_rate

Array = npt.NDArray[Any]
NUMBER_BANDS = 4
MOST_CATEGORIES = 8  # that are shown separately
ANY_OTHER, NOT_KNOWN = "any other", "unknown"


@dataclass(frozen=True)
class Month:
    """The leads of one month, and the win rate of those that each definition calls ready."""

    month: str
    leads: int
    ready: list[WinRate]


@dataclass(frozen=True)
class Slice:
    """The leads with one value of a feature, and the win rate of those called ready.

    Attributes
    ----------
    feature, words : str
        The feature, and its name for people.
    label : str
        The value, or band of values.
    leads : int
        All leads of the slice.
    ready : list of WinRate
        Of those that each definition calls ready.
    """

    feature: str
    words: str
    label: str
    leads: int
    ready: list[WinRate]


def ready_by_month(history: History, definitions: Sequence[Definition]) -> list[Month]:
    """Give the ready leads of each definition for each month of the moments.

    Returns
    -------
    list of Month
        In order of time; empty without dates.
    """
    month = history.rows["as_of"].dt.strftime("%Y-%m").to_numpy(dtype=object)
    months = sorted({name for name in month if isinstance(name, str)})
    ready = _ready_masks(history, definitions)
    return [
        Month(name, int((month == name).sum()), _win_rates(history, month == name, ready))
        for name in months
    ]


def ready_by_slice(history: History, definitions: Sequence[Definition]) -> list[Slice]:
    """Give the ready leads of each definition for each value, or band, of each fit feature.

    Returns
    -------
    list of Slice
        Feature by feature, without features that have a single value.
    """
    ready = _ready_masks(history, definitions)
    slices = []
    for feature in history.features:
        if feature.family == ENGAGEMENT:
            continue
        band, names = value_bands(history.X[feature.name], feature)
        of_feature = [
            Slice(
                feature.name,
                feature.words,
                name,
                int((band == place).sum()),
                _win_rates(history, band == place, ready),
            )
            for place, name in enumerate(names)
            if (band == place).any()
        ]
        slices += of_feature if len(of_feature) > 1 else []
    return slices


def _ready_masks(history: History, definitions: Sequence[Definition]) -> list[Mask]:
    return [np.asarray(verdict_codes(definition, history.X) == READY) for definition in definitions]


def _win_rates(history: History, here: Mask, ready: Sequence[Mask]) -> list[WinRate]:
    return [win_rate(history, here & mask) for mask in ready]


def value_bands(values: pd.Series[Any], feature: Feature) -> tuple[Array, list[str]]:
    """Sort values into a few bands that people would name; the last one is *unknown*.

    Returns
    -------
    (array of int, list of str)
        The band of each value, and the label of each band.

    Examples
    --------
    >>> employees = Feature("employees", "employees", "firmographic", "number")
    >>> band, names = value_bands(pd.Series([12.0, 60, 80, 400, None]), employees)
    >>> [names[place] for place in band]
    ['under 60', '60 to 79', '80 to 399', '400 or more', 'unknown']
    """
    if feature.kind == "number":
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        known = numbers[np.isfinite(numbers)]
        cuts = round_limits(known, NUMBER_BANDS)
        names = [*number_labels(feature, cuts, pd.Series(known)), NOT_KNOWN]
        band = np.searchsorted(cuts, numbers, side="right")
        return np.where(np.isnan(numbers), len(names) - 1, band), names
    codes, distinct = pd.factorize(values)
    frequent = [str(value) for value in values.value_counts().index[:MOST_CATEGORIES]]
    names = [*frequent, ANY_OTHER, NOT_KNOWN]
    places = {name: place for place, name in enumerate(frequent)}
    bands = [places.get(str(value), len(frequent)) for value in distinct]
    return np.array([*bands, len(names) - 1], dtype=int)[codes], names


def round_limits(known: Array, parts: int) -> Array:
    """Cut numbers into at most so many parts of about the same size, at round numbers.

    Examples
    --------
    >>> round_limits(np.array([0.0, 1, 1, 2]), 4), round_limits(np.arange(1000.0), 4)
    (array([1., 2.]), array([250., 500., 750.]))
    """
    distinct = np.unique(known)
    if len(distinct) <= parts:
        return distinct[1:]
    ends = np.unique(np.quantile(known, (np.arange(parts) + 0.5) / parts))
    return np.unique([roundest_between(low, high) for low, high in pairwise(ends)])
