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

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from features.errors import LeadReadyError
from features.files.arrow_text import as_objects
from features.files.csv_dialect import look_at, named
from features.files.csv_reader import read_csv
from features.files.dates import parse_dates
from features.files.numbers import parse_numbers

__all__ = [
    "find_file",
    "names_of",
    "parse_dates",
    "parse_numbers",
    "read_arrow",
    "read_text_table",
]

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
        Columns of str and None, without blanks around the values and without blank rows.

    Raises
    ------
    LeadReadyError
        When there is no such file or it is no table.

    Examples
    --------
    >>> read_text_table("nowhere.csv")
    Traceback (most recent call last):
    features.errors.LeadReadyError: nowhere.csv: there is no file nowhere.csv
    """
    return as_objects(read_arrow(Path(path), sheet=sheet), null_values)


def read_arrow(
    path: Path,
    *,
    sheet: str | None = None,
    wanted: Sequence[str] | None = None,
    coded: Sequence[str] = (),
) -> pa.Table:
    """Read a file as an Arrow table: text, except what Parquet has types for.

    Parameters
    ----------
    wanted : sequence of str, optional
        Only these columns, as far as the file has them.
    coded : sequence of str
        Columns with few distinct values, each of which is to be kept once.
    """
    kind = _kind(path, sheet)
    if kind in PARQUET:
        return _read_parquet(path, wanted, coded)
    if kind in WORKBOOKS:
        from features.files.excel import read_workbook  # openpyxl takes its time to import

        return read_workbook(path, sheet)
    return read_csv(path, wanted, coded)


def names_of(path: Path, sheet: str | None = None) -> list[str]:
    """Name the columns of a file."""
    kind = _kind(path, sheet)
    if kind in PARQUET:
        return _names(_parquet(path))
    if kind in WORKBOOKS:
        return list(read_arrow(path, sheet=sheet).column_names)
    return list(look_at(path).names)


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


def _kind(path: Path, sheet: str | None) -> str:
    """The ending of a file that is there and can be read."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise _no_file(path)
    if sheet is not None and kind not in WORKBOOKS:
        raise LeadReadyError(
            f"only a workbook has a sheet {sheet!r}", where=str(path), hint="leave out  sheet:"
        )
    if kind not in (*PARQUET, *WORKBOOKS, *TEXTS):
        raise LeadReadyError(
            f"no file of the kind {kind!r} can be read",
            where=str(path),
            hint="export it as CSV, XLSX or Parquet",
        )
    return kind


def _no_file(path: Path, where: str | None = None) -> LeadReadyError:
    folder = path.parent
    if not folder.is_dir():
        what, hint = f"there is no folder {folder}", "correct the path"
    elif path.is_dir():
        what, hint = f"{path} is a folder", "name the file in it"
    else:
        there = sorted(one.name for one in folder.iterdir() if one.is_file())
        near = difflib.get_close_matches(path.name, there, n=1, cutoff=0.75)
        what = f"there is no file {path}" + (f"; did you mean {near[0]!r}?" if near else "")
        hint = "correct its name, or export it there"
    return LeadReadyError(what, where=where or str(path), hint=hint)


# -- Parquet --------------------------------------------------------------------------------------


def _read_parquet(path: Path, wanted: Sequence[str] | None, coded: Sequence[str]) -> pa.Table:
    file = _parquet(path, coded)
    names = named(path, _names(file))
    picked = [one for one in names if wanted is None or one in wanted]
    try:
        return file.read(picked).select(picked)
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(path) from error


def _names(file: Any) -> list[str]:
    """The columns, without the row numbers that pandas leaves."""
    return [one for one in file.schema_arrow.names if not one.startswith("__index_level_")]


def _parquet(path: Path, coded: Sequence[str] = ()) -> Any:
    try:
        texts = [
            one.name
            for one in pa.parquet.read_schema(path)
            if one.name in coded and (pa.types.is_string(one.type))
        ]
        return pa.parquet.ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(path) from error


def _no_parquet(path: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as Parquet", where=str(path), hint="export it again"
    )
