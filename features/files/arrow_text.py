"""Arrow columns of any type as text, and Arrow text as pandas text.

All file formats meet here. Record ids keep all their digits, whole numbers have no decimal point,
times are ISO 8601 in UTC, surrounding blanks are removed, and values that mean *missing* become
null.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT: Any = pd.StringDtype("pyarrow", na_value=np.nan)  # the type that pandas calls "str"

CODED = pa.dictionary(pa.int32(), pa.string())
BLOCK = 1_000_000  # rows that are looked up at once
CELLS = 100_000  # of small columns, which are converted together


def as_text(column: pa.ChunkedArray, null_values: Sequence[str] = ()) -> pa.ChunkedArray:
    """Convert a column to text.

    Parameters
    ----------
    column : ChunkedArray
        Of any type.
    null_values : sequence of str
        Texts that mean missing. Blank values always do.

    Examples
    --------
    >>> as_text(pa.chunked_array([[5.0, None, 2.5]])).to_pylist()
    ['5', None, '2.5']
    """
    text = pc.utf8_trim_whitespace(_to_string(column))
    missing = pa.array(["", *null_values], pa.string())
    return pc.if_else(pc.is_in(text, missing), pa.scalar(None, pa.string()), text)


def to_codes(
    column: pa.ChunkedArray, null_values: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Convert a column to text, as codes into its distinct values.

    Returns
    -------
    (ndarray of int, ndarray of object)
        For each row the position of its value, -1 where it is missing; the values.

    Examples
    --------
    >>> codes, values = to_codes(pa.chunked_array([["b", "a ", None, "a"]]))
    >>> codes.tolist(), values.tolist()
    ([0, 1, -1, 1], ['b', 'a'])
    """
    return block_codes([column], len(column), null_values)


def block_codes(
    blocks: Iterable[pa.ChunkedArray], rows: int, null_values: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Convert a column that comes in blocks, as `to_codes` does; times must be in one block.

    Parameters
    ----------
    blocks : iterable of ChunkedArray
        The column, some rows after the other.
    rows : int
        Rows of all blocks.

    Examples
    --------
    >>> codes, values = block_codes([pa.chunked_array([["b"]]), pa.chunked_array([["a", "b"]])], 3)
    >>> codes.tolist(), values.tolist()
    ([0, 1, 0], ['b', 'a'])
    """
    codes, done = np.empty(rows, dtype="int32"), 0
    known = pa.array([], pa.string())  # the distinct texts so far
    for block in blocks:
        coded = block if block.type == CODED else _to_string(block).dictionary_encode()
        chunks = coded.chunks  # of one dictionary, if it was just made
        if len(known) or block.type == CODED:
            before = pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), known)
            chunks = pa.chunked_array([before, *chunks]).unify_dictionaries().chunks[1:]
        known = chunks[0].dictionary if chunks else known
        places = pa.chunked_array([chunk.indices for chunk in chunks], pa.int32())
        codes[done : done + len(places)] = _positions(places)
        done += len(places)
    clean = as_text(pa.chunked_array([known]), null_values).combine_chunks()
    if not clean.null_count and clean.equals(known):
        return codes, _objects(known)
    coded = clean.dictionary_encode()  # merges values that differed only in surrounding blanks
    place_of = with_missing(_positions(coded.indices))
    for start in range(0, rows, BLOCK):
        codes[start : start + BLOCK] = place_of[codes[start : start + BLOCK]]
    return codes, _objects(coded.dictionary)


def _objects(texts: pa.Array) -> np.ndarray:
    values: np.ndarray = texts.to_numpy(zero_copy_only=False).astype(object)
    return values


def as_objects(
    table: pa.Table,
    null_values: Sequence[str] = (),
    counted: dict[str, Counter[str]] | None = None,
) -> pd.DataFrame:
    """Convert a table to a data frame of text (str and None), without its blank rows.

    Parameters
    ----------
    table : Table
        With columns of any type.
    null_values : sequence of str
        Texts that mean missing. Blank values always do.
    counted : dict, optional
        Filled with the rows of each value of each column.

    Examples
    --------
    >>> as_objects(pa.table({"Id": ["1", "2", " "], "City": ["Rome", "Select", None]}), ["Select"])
      Id  City
    0  1  Rome
    1  2  None
    """
    columns, rows = table.columns, table.num_rows
    texts, blank = np.empty((len(columns), rows), dtype=object), np.full(rows, bool(columns))
    together = max(CELLS // max(rows, 1), 1)
    for start in range(0, len(columns), together):
        some = columns[start : start + together]
        if any(column.type != CODED for column in some):
            some = [*map(_to_string, some)]
        chunks = [chunk for column in some for chunk in column.chunks]
        codes, values = to_codes(pa.chunked_array(chunks, some[0].type), null_values)
        texts[start : start + together] = to_texts(codes, values).reshape(len(some), rows)
        of_column = codes.reshape(len(some), rows)
        blank &= (of_column < 0).all(axis=0)
        if counted is not None:
            names = table.column_names[start : start + together]
            counted |= {
                name: _count_codes(codes, values)
                for name, codes in zip(names, of_column, strict=True)
            }
    names = pd.Index(table.column_names, dtype=object)  # which are found sooner
    frame = pd.DataFrame(texts.T, index=pd.RangeIndex(rows), columns=names, dtype=object)
    return frame[~blank].reset_index(drop=True) if blank.any() else frame


def _count_codes(codes: np.ndarray, values: np.ndarray) -> Counter[str]:
    """Count the rows of each value, in the order in which the values come first."""
    if len(values) > len(codes):  # of many other columns
        return Counter(to_texts(codes[codes >= 0], values).tolist())
    known = codes[codes >= 0]
    first = np.empty(len(values), dtype="int64")
    first[known[::-1]] = np.arange(len(known))[::-1]  # the last that is written stays
    rows = np.bincount(known, minlength=len(values))
    found = np.flatnonzero(rows)
    found = found[np.argsort(first[found])]
    return Counter(dict(zip(values[found].tolist(), rows[found].tolist(), strict=True)))


def to_texts(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Look up codes; -1 gives None. Equal texts share one object.

    Examples
    --------
    >>> to_texts(np.array([0, -1, 0]), np.array(["a"], dtype=object)).tolist()
    ['a', None, 'a']
    """
    texts: np.ndarray = np.append(values, np.array([None], dtype=object))[codes]
    return texts


def coded_texts(codes: np.ndarray, values: np.ndarray) -> pd.Series:
    """Look up codes as pandas text; -1 is missing.

    Examples
    --------
    >>> coded_texts(np.array([0, -1, 0]), np.array(["a"], dtype=object)).tolist()
    ['a', nan, 'a']
    """
    places = pa.array(codes, pa.int32(), mask=codes < 0)
    return to_series(pa.array(values, pa.large_string(), from_pandas=True).take(places))


def to_series(text: pa.Array | pa.ChunkedArray, name: str | None = None) -> pd.Series:
    """Convert Arrow text to pandas text without going through Python objects."""
    return pd.Series(TEXT.__from_arrow__(text), name=name)


def as_arrow(texts: pd.Series) -> pa.Array | pa.ChunkedArray:
    """Convert pandas text to Arrow; text that Arrow holds already, and categories, are not copied.

    Examples
    --------
    >>> as_arrow(pd.Series(["a", None], dtype=object)).to_pylist()
    ['a', None]
    """
    if isinstance(texts.dtype, pd.CategoricalDtype):
        return pa.array(texts)
    return pa.array(texts, pa.large_string(), from_pandas=True)


def places_of(texts: pd.Series, among: pd.Series) -> np.ndarray:
    """Find each text among others, of equal ones the first; -1 where it is not there or missing.

    Examples
    --------
    >>> places_of(pd.Series(["b", None, "c"]), pd.Series(["a", "b"])).tolist()
    [1, -1, -1]
    """
    if isinstance(texts.dtype, pd.CategoricalDtype):
        of_category = places_of(texts.cat.categories.to_series(), among)
        return with_missing(of_category)[texts.cat.codes.to_numpy()]
    known = as_arrow(among.dropna())
    values = known.combine_chunks() if isinstance(known, pa.ChunkedArray) else known
    found = pc.index_in(as_arrow(texts), value_set=values, skip_nulls=True)
    places: np.ndarray = found.fill_null(-1).to_numpy()
    return places


def with_missing(places: np.ndarray) -> np.ndarray:
    """Add the place of missing values, -1, which stays -1.

    Examples
    --------
    >>> with_missing(np.array([3, 5]))[[0, -1, 1]].tolist()
    [3, -1, 5]
    """
    return np.append(places, np.int32(-1))


def from_frame(frame: pd.DataFrame, names: Sequence[str]) -> pa.Table:
    """Convert a data frame as if it had been read from a file; mixed columns become text.

    Parameters
    ----------
    names : sequence of str
        The name of each column.
    """
    columns = [_arrow_column(frame.iloc[:, position]) for position in range(len(names))]
    return pa.table(dict(zip(names, columns, strict=True)))


def naive_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert times or days to microseconds in UTC, without a time zone."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(pa.timestamp("us", "UTC"), safe=False)
    return column.cast(pa.timestamp("us"), safe=False)


def _positions(indices: pa.Array | pa.ChunkedArray) -> np.ndarray:
    positions: np.ndarray = np.asarray(indices.fill_null(-1)).astype("int32")
    return positions


def _arrow_column(values: pd.Series) -> pa.ChunkedArray:
    try:
        column = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        texts = values.astype("str").astype(object).where(values.notna(), None)
        column = pa.array(texts, pa.string())
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])


# -- one type after the other ---------------------------------------------------------------------


def _to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return _to_string(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _floats_to_string(column)
    if pa.types.is_timestamp(kind):
        return _times_to_string(column)
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, records, bytes
        texts = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])


def _floats_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whole numbers without ``.0`` (ids are often read as floats); infinity is missing."""
    null = pa.scalar(None, pa.float64())
    numbers = column.cast(pa.float64())
    numbers = pc.if_else(pc.is_finite(numbers), numbers, null)
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**63))
    as_whole = pc.if_else(whole, numbers, null).cast(pa.int64(), safe=False).cast(pa.string())
    return pc.coalesce(as_whole, numbers.cast(pa.string()))


def _times_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days if every time is midnight, else seconds if all are whole, else microseconds."""
    times = naive_times(column)
    for unit, kind in (("day", pa.date32()), ("second", pa.timestamp("s"))):
        floor = pc.floor_temporal(times, unit=unit)
        if pc.all(pc.equal(times, floor)).as_py() is not False:
            return floor.cast(kind).cast(pa.string())
    return times.cast(pa.string())
