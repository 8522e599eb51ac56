"""Columns of few different values, found without counting all values of the others."""

from __future__ import annotations

import pandas as pd

_FIRST = 2_000  # rows that mostly show that a column has too many values


def few_values(column: pd.Series, most: int) -> list[str] | None:
    """List the different values of a column, the most frequent first; None if there are many.

    Examples
    --------
    >>> few_values(pd.Series(["b", "a", None, "a"]), 2)
    ['a', 'b']
    >>> few_values(pd.Series(["b", "a", "c"]), 2)
    """
    if column.head(_FIRST).nunique() > most or column.nunique() > most:
        return None
    return [str(value) for value in column.value_counts().index]
