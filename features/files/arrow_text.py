"""Columns of Arrow told as text: what every kind of file has in common.

Record ids keep all their digits, whole numbers have no point, times are written in ISO 8601 and in
UTC, blanks around a value are gone, and what means *missing* is null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT: Any = pd.StringDtype("pyarrow", na_value=np.nan)  # what pandas calls "str"


def as_text(column: pa.ChunkedArray, null_values: Sequence[str] = ()) -> pa.ChunkedArray:
    """Tell a column as text.

    Parameters
    ----------
    column : ChunkedArray
        Of any type.
    null_values : sequence of str
        Texts that mean missing; blank ones always do.

    Examples
    --------
    >>> as_text(pa.chunked_array([[5.0, None, 2.5]])).to_pylist()
    ['5', None, '2.5']
    """
    text = pc.utf8_trim_whitespace(_told(column))
    missing = pa.array(["", *null_values], pa.string())
    return pc.if_else(pc.is_in(text, missing), pa.scalar(None, pa.string()), text)


def to_codes(
    column: pa.ChunkedArray, null_values: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Tell a column as text by its distinct values.

    Returns
    -------
    (ndarray of int, ndarray of object)
        For each row the place of its value, -1 where it has none; the values.

    Examples
    --------
    >>> codes, values = to_codes(pa.chunked_array([["b", "a ", None, "a"]]))
    >>> codes.tolist(), values.tolist()
    ([0, 1, -1, 1], ['b', 'a'])
    """
    if not pa.types.is_dictionary(column.type):
        column = (column if pa.types.is_string(column.type) else _told(column)).dictionary_encode()
    if not len(column):
        return np.array([], "int64"), np.array([], object)
    raw = column.unify_dictionaries().combine_chunks()
    clean = as_text(pa.chunked_array([raw.dictionary]), null_values).combine_chunks()
    coded = clean.dictionary_encode()  # what differed by blanks only is one value now
    codes: np.ndarray = np.append(_places(coded.indices), -1)[_places(raw.indices)]
    return codes, np.array(coded.dictionary.to_pylist(), dtype=object)


def as_objects(table: pa.Table, null_values: Sequence[str] = ()) -> pd.DataFrame:
    """Tell a table as text (str and None), without the rows that are blank altogether.

    Examples
    --------
    >>> as_objects(pa.table({"Id": ["1", "2", " "], "City": ["Rome", "Select", None]}), ["Select"])
      Id  City
    0  1  Rome
    1  2  None
    """
    coded = [to_codes(one, null_values) for one in table.columns]
    found = {
        name: to_texts(codes, values)
        for name, (codes, values) in zip(table.column_names, coded, strict=True)
    }
    frame = pd.DataFrame(found, index=pd.RangeIndex(table.num_rows), dtype=object)
    if not coded:
        return frame
    blank = np.logical_and.reduce([codes < 0 for codes, _ in coded])
    return frame[~blank].reset_index(drop=True) if blank.any() else frame


def to_texts(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values by their places, None where there is none; equal texts share one object."""
    found: np.ndarray = np.append(values, np.array([None], dtype=object))[codes]
    return found


def to_series(text: pa.Array | pa.ChunkedArray, name: str | None = None) -> pd.Series:
    """Text of Arrow as text of pandas, without going through Python."""
    return pd.Series(TEXT.__from_arrow__(text), name=name)


def from_frame(frame: pd.DataFrame, names: Sequence[str]) -> pa.Table:
    """Take a data frame for a table that was read; columns of mixed values become text."""
    columns = [_column(frame.iloc[:, place]) for place in range(len(names))]
    return pa.table(dict(zip(names, columns, strict=True)))


def _places(indices: pa.Array) -> np.ndarray:
    found: np.ndarray = indices.fill_null(-1).to_numpy(zero_copy_only=False).astype("int64")
    return found


def _column(values: pd.Series) -> pa.ChunkedArray:
    try:
        made = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        known = values.notna()
        made = pa.array(values.astype("str").astype(object).where(known, None), pa.string())
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


# -- one type after the other ---------------------------------------------------------------------


def _told(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return _told(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _told_floats(column)
    if pa.types.is_timestamp(kind):
        return _told_times(column)
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, records, bytes
        told = [None if one is None else str(one) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(told, pa.string())])


def _told_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers as such: ids that were read as floats get no ``.0``; infinity is missing."""
    nothing = pa.scalar(None, pa.float64())
    numbers = column.cast(pa.float64())
    numbers = pc.if_else(pc.is_finite(numbers), numbers, nothing)
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**63))
    as_whole = pc.if_else(whole, numbers, nothing).cast(pa.int64(), safe=False).cast(pa.string())
    return pc.coalesce(as_whole, numbers.cast(pa.string()))


def _told_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days where all are at midnight, else seconds where all are whole, else microseconds."""
    times = naive_times(column)
    for unit, kind in (("day", pa.date32()), ("second", pa.timestamp("s"))):
        floor = pc.floor_temporal(times, unit=unit)
        if pc.all(pc.equal(times, floor)).as_py() is not False:
            return floor.cast(kind).cast(pa.string())
    return times.cast(pa.string())


def naive_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times or days in microseconds of UTC, without a zone."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp("us", "UTC"), safe=False)
    return column.cast(pa.timestamp("us"), safe=False)
