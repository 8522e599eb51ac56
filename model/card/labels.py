"""What the rows of a scorecard are called: intervals in words, and categories by their names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature

Array = npt.NDArray[Any]
OTHER = "any other"
ANY = "any value"
MOST_BANDS = 3  # that a row names one by one


def category_labels(
    rows: Sequence[Sequence[str]], missing: str, same_as_other: Sequence[str] = ()
) -> list[str]:
    """Label the rows of a category: any other value, then the rows with their categories.

    A name is in quotes where it could be taken for another row, or for several names.

    Parameters
    ----------
    rows : sequence of sequence of str
        The categories of each row.
    missing : str
        What a missing value is called.
    same_as_other : sequence of str
        Known categories with the points of any other value.

    Examples
    --------
    >>> category_labels([["Referral", "Partner"], ["Web"]], "unknown")
    ['any other', 'Referral, Partner', 'Web']
    >>> category_labels([["Web"]], "unknown", ["Event"])
    ['Event, any other', 'Web']
    >>> category_labels([["any other", "Yes, soon"]], "unknown")
    ['any other', '"any other", "Yes, soon"']
    >>> category_labels([], "unknown")
    ['any value']
    """
    if not rows:
        return [ANY]
    named = [[_category_label(name, missing) for name in row] for row in (same_as_other, *rows)]
    return [", ".join(row) for row in ([*named[0], OTHER], *named[1:])]


def _category_label(name: str, missing: str) -> str:
    return f'"{name}"' if name in (missing, OTHER) or ", " in name else name


def number_labels(feature: Feature, cuts: Array, values: pd.Series[Any]) -> list[str]:
    """Label the bins of a number: by its bands in the company's own words, if it has them.

    Examples
    --------
    >>> bands = ((5.5, "1-10"), (30.5, "11-50"), (51.0, "51+"))
    >>> size = Feature("size", "size", "firmographic", "number", bands=bands)
    >>> number_labels(size, np.array([30.5]), pd.Series([5.5, 30.5, 51.0]))
    ['1-10', '11-50, 51+']
    >>> number_labels(size, np.array([30.5]), pd.Series([5.5, 12.0, 51.0]))
    ['under 30.5', '30.5 or more']
    """
    numbers = [number for number, _ in feature.bands]
    if not (numbers and len(cuts) and values.dropna().isin(numbers).all()):
        return bin_labels(cuts, values)
    rows: list[list[str]] = [[] for _ in range(len(cuts) + 1)]
    for place, (_, label) in zip(
        np.searchsorted(cuts, numbers, "right"), feature.bands, strict=True
    ):
        rows[place].append(_category_label(label, feature.missing))
    if not all(rows):
        return bin_labels(cuts, values)
    return [", ".join(row) if len(row) <= MOST_BANDS else f"{row[0]} to {row[-1]}" for row in rows]


def bin_labels(cuts: Array, values: pd.Series[Any]) -> list[str]:
    """Label the bins of a number in words; whole numbers end before the next cut.

    Examples
    --------
    >>> bin_labels(np.array([1.0, 2.0, 5.0]), pd.Series([0, 1, 4, 9]))
    ['none', '1', '2 to 4', '5 or more']
    >>> bin_labels(np.array([0.5, 2000.0]), pd.Series([0.1, 1.7]))
    ['under 0.5', '0.5 to under 2,000', '2,000 or more']
    """
    if not len(cuts):
        return [ANY]
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    whole = bool((numbers == np.round(numbers)).all() and (cuts == np.round(cuts)).all())
    first = f"under {_exact_number(cuts[0])}"
    if whole and cuts[0] == 1 and numbers.min(initial=0) >= 0:
        first = "none"
    inner = [_inner_label(low, high, whole) for low, high in pairwise(cuts)]
    return [first, *inner, f"{_exact_number(cuts[-1])} or more"]


def _inner_label(low: float, high: float, whole: bool) -> str:
    if not whole:
        return f"{_exact_number(low)} to under {_exact_number(high)}"
    if high - low == 1:
        return _exact_number(low)
    return f"{_exact_number(low)} to {_exact_number(high - 1)}"


def _exact_number(number: float) -> str:
    """Write a number with all its digits, so that no two numbers look the same.

    Examples
    --------
    >>> [_exact_number(cut) for cut in (2000.0, -0.25, 1990.5, 0.0000001, 4e-12)]
    ['2,000', '-0.25', '1,990.5', '0.0000001', '4e-12']
    """
    if number and not 1e-9 <= abs(number) < 1e15:
        return repr(float(number))
    whole, dot, rest = np.format_float_positional(abs(number), trim="-").partition(".")
    return f"{'-' if number < 0 else ''}{int(whole):,}{dot}{rest}"
