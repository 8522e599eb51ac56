"""The different values of a column, counted once; of columns of many values, no more than needed.

Exports have hundreds of columns, and a pandas operation costs far more than a few hundred values,
so these counts are made of plain arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

_FIRST = 2_000  # rows that mostly show that a column has too many values


def counted_values(column: pd.Series) -> pd.Series:
    """Count the rows of each different value, the most frequent first; of equals, the first seen.

    Returns
    -------
    Series of int64
        By value, as objects; missing values are not counted.

    Examples
    --------
    >>> counted_values(pd.Series(["b", "a", None, "a"])).to_dict()
    {'a': 2, 'b': 1}
    """
    counts, values = _counted(column.to_numpy(object))
    return pd.Series(counts, index=pd.Index(values, dtype=object))


def _counted(values: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[Any]]:
    places, different = pd.factorize(values)
    counts = np.bincount(places[places >= 0], minlength=len(different))
    order = np.argsort(-counts, kind="stable")
    return counts[order], different[order]


def different_values(column: pd.Series) -> npt.NDArray[np.object_]:
    """List the different values as they come first, without missing ones.

    Examples
    --------
    >>> different_values(pd.Series(["b", "a", None, "b"])).tolist()
    ['b', 'a']
    """
    return np.asarray(pd.factorize(column.to_numpy(object))[1], dtype=object)


def few_values(column: pd.Series, most: int) -> list[str] | None:
    """List the different values of a column, the most frequent first; None if there are many.

    Examples
    --------
    >>> few_values(pd.Series(["b", "a", None, "a"]), 2)
    ['a', 'b']
    >>> few_values(pd.Series(["b", "a", "c"]), 2)
    """
    values = column.to_numpy(object)
    first = values[:_FIRST]
    if len(values) > _FIRST and len(pd.factorize(first)[1]) > most:
        return None
    _, different = _counted(values)
    return list(map(str, different)) if len(different) <= most else None
