"""How the values of a column are written: what is written anew is written in another way.

A form offers *Germany* and 200 employees; billing writes *DE*, enrichment 237. Where a column has
many values, hardly any two of which are alike, only the way of writing shows it.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from features.leaks.marked_values import MOST_DISTINCT
from features.leaks.statistics import Coded

LEAST_LEADS = 30  # written in another way than most
MOST_WAYS = 12  # more of them are free text
_RUNS = (
    (re.compile(r"[a-zà-ÿ]+"), "a"),
    (re.compile(r"[A-ZÀ-Þ]+"), "A"),
    (re.compile(r"\d+"), "9"),
)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")


def ways_of_writing(column: pd.Series, coded: Coded) -> pd.Series | None:
    """Write for each lead how its value is written; None if that says no more than the values.

    Parameters
    ----------
    column : Series of str
        The column as it stands.

    Examples
    --------
    >>> from features.leaks.statistics import code
    >>> column = pd.Series([f"{number}.5" if number % 2 else f"{number}0" for number in range(99)])
    >>> ways_of_writing(column, code(column))[:3].tolist()
    ['a number', 'a number with decimals', 'a round number']
    """
    places, values = pd.factorize(column.to_numpy(object))
    seen = not coded.is_number and len(coded.levels) == len(values)  # each value by itself
    if seen or not 1 < len(values) <= MOST_DISTINCT:
        return None
    of_value, ways = pd.factorize(np.array([*map(way_of_writing, map(str, values))], dtype=object))
    rows = np.bincount(of_value[places[places >= 0]])
    if not 1 < (rows >= LEAST_LEADS).sum() <= MOST_WAYS:
        return None
    ways_or_none = np.array([*ways, None], dtype=object)
    return pd.Series(ways_or_none[np.append(of_value, -1)[places]], name=column.name)


def way_of_writing(value: str) -> str:
    """Describe how a value is written: its letters and digits, or how round a number is.

    Examples
    --------
    >>> [way_of_writing(value) for value in ("Germany", "DE", "+49 30 1234", "200", "237", "2.50")]
    ['Aa', 'A', '+9 9 9', 'a round number', 'a number', 'a number with decimals']
    """
    text = value.strip()
    if _NUMBER.fullmatch(text):
        whole, _, decimals = text.replace(",", ".").partition(".")
        if decimals.strip("0"):
            return "a number with decimals"
        return "a round number" if whole.endswith("0") and whole.strip("-0") else "a number"
    for pattern, sign in _RUNS:
        text = pattern.sub(sign, text)
    return text[:12]
