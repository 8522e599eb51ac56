"""The different values of a column, counted once; of columns of many values, no more than needed.

Exports have hundreds of columns, and a pandas operation costs far more than a few hundred values,
so these counts are made by Python.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_TIMES, _FIRST = 4, 2_000  # the most values, rows: they mostly show that a column has too many


def counted_values(column: pd.Series) -> dict[Any, int]:
    """Count the rows of each different value, the most frequent first; of equals, the first seen.

    Missing values are not counted.

    Examples
    --------
    >>> counted_values(pd.Series(["b", "a", None, "a"]))
    {'a': 2, 'b': 1}
    """
    return dict(rows_by_value(column).most_common())


def rows_by_value(column: pd.Series | npt.NDArray[np.object_]) -> Counter[Any]:
    """Count the rows of each value, in the order in which the values come first.

    Examples
    --------
    >>> list(rows_by_value(pd.Series(["b", "a", None, "a"])).items())
    [('b', 1), ('a', 2)]
    """
    values = column if isinstance(column, np.ndarray) else column.to_numpy(object)
    counted = Counter(values.tolist())
    counted.pop(None, None)
    if not {*map(type, counted)} <= {str}:
        for missing in [value for value in counted if _is_missing(value)]:
            del counted[missing]
    return counted


def _is_missing(value: object) -> bool:
    return value is pd.NA or value != value


def different_values(column: pd.Series) -> npt.NDArray[np.object_]:
    """List the different values as they come first, without missing ones.

    Examples
    --------
    >>> different_values(pd.Series(["b", "a", None, "b"])).tolist()
    ['b', 'a']
    """
    counted = rows_by_value(column)
    return np.fromiter(counted, dtype=object, count=len(counted))


def few_values(column: pd.Series, most: int) -> list[str] | None:
    """List the different values of a column, the most frequent first; None if there are many.

    Examples
    --------
    >>> few_values(pd.Series(["b", "a", None, "a"]), 2)
    ['a', 'b']
    >>> few_values(pd.Series(["b", "a", "c"]), 2)
    """
    values = column.to_numpy(object)
    for first in (_TIMES * most, _FIRST):
        if len(values) > first and len(rows_by_value(values[:first])) > most:
            return None
    counted = rows_by_value(values)
    return [str(value) for value, _ in counted.most_common()] if len(counted) <= most else None
