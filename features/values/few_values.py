"""The different values of a column, counted once; of columns of many values, no more than needed.

Exports have hundreds of columns, and a pandas operation costs far more than a few hundred values,
so these counts are made by Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[np.object_]
Counted = Mapping[str, Counter[Any]]  # the rows of each value of each column
NOT_COUNTED: Counted = MappingProxyType({})
ByValue = TypeVar("ByValue", bound=dict[Any, Any])
_TIMES, _FIRST = 4, 2_000  # the most values, rows: they mostly show that a column has too many
_AT_ONCE = 2_000_000  # cells


def column_values(
    table: pd.DataFrame, names: Iterable[str] | None = None
) -> Iterator[tuple[str, npt.NDArray[np.object_]]]:
    """Give the name and the values of each column, those of a small table taken out at once.

    Parameters
    ----------
    table : DataFrame
        With names of str.
    names : iterable of str, optional
        Only these columns, in this order.

    Examples
    --------
    >>> table = pd.DataFrame({"City": ["Rome", "Bonn"], "Size": ["5", None]}, dtype=object)
    >>> [(name, values.tolist()) for name, values in column_values(table)]
    [('City', ['Rome', 'Bonn']), ('Size', ['5', None])]
    """
    names = [*(table.columns if names is None else names)]
    if table.size > _AT_ONCE:
        yield from ((str(name), table[name].to_numpy(object)) for name in names)
    else:  # a Series costs more than to look at a few hundred values
        values = dict(zip(table.columns, table.to_numpy(object).T, strict=True))
        yield from ((str(name), values[name]) for name in names)


def counted_values(column: pd.Series | Values) -> dict[Any, int]:
    """Count the rows of each different value, the most frequent first; of equals, the first seen.

    Missing values are not counted.

    Examples
    --------
    >>> counted_values(pd.Series(["b", "a", None, "a"]))
    {'a': 2, 'b': 1}
    """
    return dict(rows_by_value(column).most_common())


def rows_by_value(column: pd.Series | Values) -> Counter[Any]:
    """Count the rows of each value, in the order in which the values come first.

    Examples
    --------
    >>> list(rows_by_value(pd.Series(["b", "a", None, "a"])).items())
    [('b', 1), ('a', 2)]
    """
    return _without_missing(Counter(_as_list(column)))


def different_values(column: pd.Series | Values) -> Values:
    """List the different values as they come first, without missing ones.

    Examples
    --------
    >>> different_values(pd.Series(["b", "a", None, "b"])).tolist()
    ['b', 'a']
    """
    return as_values(_without_missing(dict.fromkeys(_as_list(column))))


def as_values(counted: Collection[Any]) -> Values:
    """Give the values that were counted, as an array.

    Examples
    --------
    >>> as_values(Counter(["b", "a", "b"])).tolist()
    ['b', 'a']
    """
    return np.fromiter(counted, dtype=object, count=len(counted))


def count_columns(table: pd.DataFrame) -> Counted:
    """Count the rows of each value of each column, as `rows_by_value` does.

    Examples
    --------
    >>> count_columns(pd.DataFrame({"City": ["Rome", "Bonn", "Rome"]}))["City"]["Rome"]
    2
    """
    return {name: rows_by_value(values) for name, values in column_values(table)}


def without_values(counted: Counted, missing: Collection[str]) -> Counted:
    """Leave out values that mean missing.

    Examples
    --------
    >>> without_values({"City": Counter(["Select", "Rome"])}, ["Select"])
    {'City': Counter({'Rome': 1})}
    """
    if not missing:
        return counted
    return {
        name: Counter({value: n for value, n in rows.items() if value not in missing})
        for name, rows in counted.items()
    }


def few_values(column: pd.Series | Values | Counter[Any], most: int) -> list[str] | None:
    """List the different values of a column, the most frequent first; None if there are many.

    Parameters
    ----------
    column : Series, ndarray or Counter
        The column, or the rows of each of its values.
    most : int
        How many are few.

    Examples
    --------
    >>> few_values(pd.Series(["b", "a", None, "a"]), 2)
    ['a', 'b']
    >>> few_values(pd.Series(["b", "a", "c"]), 2)
    """
    counted = column if isinstance(column, Counter) else _count_up_to(_as_list(column), most)
    return [str(value) for value, _ in counted.most_common()] if len(counted) <= most else None


def _count_up_to(values: list[Any], most: int) -> Counter[Any]:
    """Count the rows of each value; only of the first rows where these have too many values."""
    for first in (_TIMES * most, _FIRST):
        if len(values) > first:
            counted = _without_missing(Counter(values[:first]))
            if len(counted) > most:
                return counted
    return _without_missing(Counter(values))


def _as_list(column: pd.Series | Values) -> list[Any]:
    listed: list[Any] = (
        column if isinstance(column, np.ndarray) else column.to_numpy(object)
    ).tolist()
    return listed


def _without_missing(by_value: ByValue) -> ByValue:
    """Take the missing values out of a dictionary whose keys are values."""
    by_value.pop(None, None)
    if not {*map(type, by_value)} <= {str}:
        for missing in [value for value in by_value if _is_missing(value)]:
            del by_value[missing]
    return by_value


def _is_missing(value: object) -> bool:
    return value is pd.NA or value != value
