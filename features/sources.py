"""Files of a company as tables of text: CSV, XLSX and Parquet, by one function.

Text is what all of them have in common, and what keeps record ids whole. Types are read afterwards
by those who know what a column means: ``parse_dates`` and ``parse_numbers``. Where a Parquet file
already has times and numbers, they are used as they are (``read_arrow``).
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from features.amounts import parse_numbers
from features.dates import parse_dates
from features.errors import LeadReadyError
from features.text_files import named, read_csv

__all__ = [
    "as_objects", "as_text", "find_file", "from_frame", "parse_dates", "parse_numbers", "read_arrow",
    "read_text_table",
]  # fmt: skip

WORKBOOKS = (".xlsx", ".xlsm")
PARQUET = (".parquet", ".pq")
TEXTS = (".csv", ".tsv", ".txt", ".tab", "")


def read_text_table(
    path: str | Path, null_values: Sequence[str] = (), sheet: str | None = None
) -> pd.DataFrame:
    """Read a file with every value as text.

    Parameters
    ----------
    path : path
        CSV (delimiter, quotes and encoding are found out), XLSX or Parquet.
    null_values : sequence of str
        Values that mean missing, such as ``Select``; blank cells always do.
    sheet : str, optional
        Of a workbook; the first one otherwise.

    Returns
    -------
    DataFrame
        Columns of str and None, without blanks around them.

    Raises
    ------
    LeadReadyError
        When there is no such file or it is no table.
    """
    return as_objects(read_arrow(Path(path), sheet=sheet), null_values)


def as_objects(table: pa.Table, null_values: Sequence[str] = ()) -> pd.DataFrame:
    """Tell a table as text (str and None), without the rows that are blank altogether."""
    texts = [as_text(one, null_values) for one in table.columns]
    rows = pd.RangeIndex(table.num_rows)
    objects = {name: to_objects(one) for name, one in zip(table.column_names, texts, strict=True)}
    frame = pd.DataFrame(objects, index=rows, dtype=object)
    if not table.num_columns:
        return frame
    blank = np.logical_and.reduce([one.is_null().to_numpy() for one in texts])
    return frame[~blank].reset_index(drop=True) if blank.any() else frame


def read_arrow(
    path: Path, *, sheet: str | None = None, wanted: Sequence[str] | None = None
) -> pa.Table:
    """Read a file as an Arrow table: text, except what Parquet has types for.

    Parameters
    ----------
    wanted : sequence of str, optional
        Only these columns, where the file has them.
    """
    kind = path.suffix.lower()
    if not path.is_file():
        raise _no_file(path)
    if sheet is not None and kind not in WORKBOOKS:
        raise LeadReadyError(f"only a workbook has a sheet {sheet!r}", where=str(path))
    if kind in PARQUET:
        return _read_parquet(path, wanted)
    if kind in WORKBOOKS:
        return _read_workbook(path, sheet)
    if kind not in TEXTS:
        raise LeadReadyError(
            f"no file of the kind {kind!r} can be read",
            where=str(path),
            hint="export it as CSV, XLSX or Parquet",
        )
    return read_csv(path)


def find_file(said: str, folder: Path, where: str) -> Path:
    """Find the file that the mapping names: ``${NAME}`` is filled in from the environment.

    Raises
    ------
    LeadReadyError
        When a variable is not set, or there is no such file; with the nearest name.

    Examples
    --------
    >>> find_file("${NOWHERE}/a.csv", Path("."), "leadready.yaml:3")
    Traceback (most recent call last):
    features.errors.LeadReadyError: leadready.yaml:3: the variable NOWHERE is not set
    """
    for name in re.findall(r"\$\{(\w+)\}", said):
        if not os.environ.get(name):
            raise LeadReadyError(
                f"the variable {name} is not set",
                where=where,
                hint=f"export {name}=FOLDER  (the file is {said})",
            )
    filled = re.sub(r"\$\{(\w+)\}", lambda one: os.environ[one[1]], said)
    path = folder / Path(filled).expanduser()
    if not path.is_file():
        raise _no_file(path, where)
    return path


def _no_file(path: Path, where: str | None = None) -> LeadReadyError:
    folder = path.parent
    if not folder.is_dir():
        what, hint = f"there is no folder {folder}", "correct the path"
    elif path.is_dir():
        what, hint = f"{path} is a folder", "name the file in it"
    else:
        there = sorted(one.name for one in folder.iterdir() if one.is_file())
        near = difflib.get_close_matches(path.name, there, n=1, cutoff=0.5)
        what = f"there is no file {path}" + (f"; did you mean {near[0]!r}?" if near else "")
        hint = "correct its name, or export it there"
    return LeadReadyError(what, where=where or str(path), hint=hint)


# -- text -----------------------------------------------------------------------------------------


def as_text(column: pa.ChunkedArray, null_values: Sequence[str] = ()) -> pa.ChunkedArray:
    """Tell a column as text: no blanks around it, whole numbers without a point, times in ISO 8601.

    Examples
    --------
    >>> as_text(pa.chunked_array([[5.0, None, 2.5]])).to_pylist()
    ['5', None, '2.5']
    """
    text = pc.utf8_trim_whitespace(_told(column))
    missing = pa.array(["", *null_values], pa.string())
    return pc.if_else(pc.is_in(text, missing), pa.scalar(None, pa.string()), text)


def _told(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _told(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        return _told_floats(column)
    if pa.types.is_timestamp(kind):
        return _told_times(column)
    if pa.types.is_null(kind) or pa.types.is_boolean(kind) or pa.types.is_primitive(kind):
        return column.cast(pa.string())
    try:
        return column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        told = [None if one is None else str(one) for one in column.to_pylist()]
        return pa.chunked_array([pa.array(told, pa.string())])


def _told_floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    numbers = pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    whole = pc.if_else(
        pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**63)),
        numbers, pa.scalar(None, column.type),
    )  # fmt: skip
    return pc.coalesce(whole.cast(pa.int64()).cast(pa.string()), numbers.cast(pa.string()))


def _told_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    times = _naive_times(column)
    seconds = pc.floor_temporal(times, unit="second")
    if pc.all(pc.equal(times, seconds)).as_py() in (True, None):
        days = pc.floor_temporal(times, unit="day")
        if pc.all(pc.equal(times, days)).as_py() in (True, None):
            return times.cast(pa.date32()).cast(pa.string())
        return seconds.cast(pa.timestamp("s")).cast(pa.string())
    return times.cast(pa.string())


def _naive_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times in microseconds of UTC, without a zone."""
    if column.type.tz is not None:
        return column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.timestamp("us"))
    return column.cast(pa.timestamp("us"), safe=False)


def to_objects(column: pa.ChunkedArray) -> np.ndarray:
    """Text of Arrow as an array of str and None; equal texts share one object."""
    coded = column.combine_chunks().dictionary_encode()
    values = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    places = coded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
    return values[places]


def from_frame(frame: pd.DataFrame) -> pa.Table:
    """Take a data frame, as somebody hands it over in Python, for a file that was read."""
    names = named(Path("the table given"), list(frame.columns))
    return pa.table(
        dict(zip(names, (_column(frame.iloc[:, i]) for i in range(len(names))), strict=True))
    )


def _column(values: pd.Series) -> pa.ChunkedArray:
    try:
        made = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        made = pa.array([None if _is_missing(one) else str(one) for one in values], pa.string())
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _is_missing(value: Any) -> bool:
    return value is None or (np.isscalar(value) and bool(pd.isna(value)))


# -- Parquet and workbooks ------------------------------------------------------------------------


def _read_parquet(path: Path, wanted: Sequence[str] | None) -> pa.Table:
    try:
        file = pa.parquet.ParquetFile(path)
        names = [one for one in file.schema_arrow.names if not one.startswith("__index_level_")]
        picked = names if wanted is None else [one for one in names if one in wanted]
        named(path, names)
        return file.read(picked).select(picked)
    except (pa.ArrowException, OSError) as error:
        raise LeadReadyError(
            "the file cannot be read as Parquet", where=str(path), hint="export it again"
        ) from error


def _read_workbook(path: Path, sheet: str | None) -> pa.Table:
    from features.workbooks import read_workbook  # openpyxl takes its time to import

    return read_workbook(path, sheet)
