"""The few values of a feature that its criteria can tell apart: at, between and beyond limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from model.serving import BOUNDS, Criterion

OTHER = "something else"


def distinct_values(criteria: Sequence[Criterion]) -> list[Any]:
    """List the values of a feature that its criteria can tell apart; the last one is None.

    Examples
    --------
    >>> distinct_values([Criterion("vp", "seniority", "one_of", ("vp", "cfo"))])
    ['vp', 'cfo', 'something else', None]
    >>> distinct_values([Criterion("size", "employees", "at_least", 50)])
    [49, 50, 51, None]
    """
    days = [str(rule.operand) for rule in criteria if rule.operator in ("before", "after")]
    if days:
        return [*_days_around(days), None]
    limits: list[float] = []
    named: dict[Any, None] = {}
    for criterion in criteria:
        if criterion.operator in BOUNDS:
            limits += criterion.operands
        elif criterion.operator != "is_missing":
            named |= dict.fromkeys(criterion.operands)
    numbers = [value for value in named if isinstance(value, (int, float))]
    if limits or any(value is not True for value in numbers):
        return [*_numbers_around(sorted({*limits, *numbers})), None]
    return [*named, OTHER, None]


def _numbers_around(limits: Sequence[float]) -> list[float]:
    """List numbers at, between and beyond limits.

    Examples
    --------
    >>> _numbers_around([20, 50])
    [19, 20, 35, 50, 51]
    """
    if not limits:
        return [0]
    between: list[float] = []
    for low, high in pairwise(limits):
        middle = (low + high) / 2
        whole = int(middle)
        between += [low, whole if low < whole < high else middle]
    return [limits[0] - 1, *between, limits[-1], limits[-1] + 1]


def _days_around(days: Iterable[str]) -> list[str]:
    """List the days at, right before and right after some days."""
    shifts = [pd.Timedelta(days=shift) for shift in (-1, 0, 1)]
    return sorted({f"{pd.Timestamp(day) + shift:%Y-%m-%d}" for day in days for shift in shifts})
