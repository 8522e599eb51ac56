"""The different values of a column, and which of them each row has.

Most questions are asked of the different values: reading, comparing and looking at a text costs
far more than to look up what it was found to be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_SIGNS_OF_WHOLE = frozenset("0123456789abcdefABCDEFxX+-")  # Arrow reads hexadecimal numbers, too
_SIGNS = _SIGNS_OF_WHOLE | frozenset(".infatyINFATYpP")
_NUMERIC = re.compile(r"\s*[+-]?(?:\d+(?:\.\d*)?|\.\d*)?(?:[eE]\s*[+-]?\d*)?\s*")


@dataclass(frozen=True)
class Different:
    """The different values of a column; most questions are asked of these, not of each lead.

    Attributes
    ----------
    places : ndarray of int
        For each lead the place of its value, -1 where it has none.
    values : ndarray of object
        In the order in which they come first.
    """

    places: npt.NDArray[np.intp]
    values: npt.NDArray[np.object_]

    @cached_property
    def rows(self) -> npt.NDArray[np.intp]:
        """How many leads have each value."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.values))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The values as numbers, NaN where they are none."""
        return numbers_of(self.values)

    def seen_as(self, views: npt.NDArray[np.object_]) -> Different:
        """Give another value for each; those that are then equal become one.

        Examples
        --------
        >>> of = different(pd.Series(["Rome", None, "Bonn", "Oslo", "Rome"]))
        >>> cities = of.seen_as(np.array(["south", "north", "north"], dtype=object))
        >>> cities.places.tolist(), cities.values.tolist()
        ([0, -1, 1, 1, 0], ['south', 'north'])
        """
        of_value, values = pd.factorize(views)
        return Different(np.append(of_value, -1)[self.places], values)


def different(column: pd.Series | npt.NDArray[np.object_]) -> Different:
    """Find the different values of a column."""
    values = column if isinstance(column, np.ndarray) else column.to_numpy(object)
    return Different(*pd.factorize(values))


def may_be_number(column: pd.Series | npt.NDArray[np.object_], whole: bool = False) -> bool:
    """Whether the first value may be a number; if it cannot, Arrow need not try to read them all.

    Examples
    --------
    >>> may_be_number(pd.Series([None, "12.5"], dtype=object))
    True
    >>> may_be_number(pd.Series(["12 kg"], dtype=object))
    False
    >>> may_be_number(pd.Series(["12.5"], dtype=object), whole=True)
    False
    """
    if column.dtype != object:
        return True
    values = column.to_numpy() if isinstance(column, pd.Series) else column
    first = next((value for value in values if value is not None), None)
    return not isinstance(first, str) or {*first} <= (_SIGNS_OF_WHOLE if whole else _SIGNS)


def numbers_of(values: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Read texts as numbers, at once if they are nothing else; NaN where there is none.

    Examples
    --------
    >>> numbers_of(np.array(["2.5", "two", None], dtype=object)).tolist()
    [2.5, nan, nan]
    """
    try:
        if not may_be_number(values):
            raise pa.ArrowInvalid
        numbers = pc.cast(pa.array(values, pa.string(), from_pandas=True), pa.float64())
        return np.asarray(numbers.to_numpy(zero_copy_only=False), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = [*map(str, values)]
        likely = [*compress(range(len(texts)), map(_NUMERIC.fullmatch, texts))]
        read = np.full(len(texts), np.nan)
        if not likely:
            return read
        read[likely] = pd.to_numeric(
            np.array([texts[place] for place in likely], dtype=object), errors="coerce"
        )
        return read
