"""Opens a company's file as a table of text: CSV, XLSX or Parquet, with one function.

Text is what all formats share, and it keeps record ids intact. Types are read later, where the
meaning of a column is known (``dates``, ``numbers``); only times and numbers that a Parquet file
already types are kept (``read_arrow``).
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
from features.files.csv_dialect import detect_dialect, header_names
from features.files.csv_reader import read_csv_text

WORKBOOK_ENDINGS = (".xlsx", ".xlsm")
PARQUET_ENDINGS = (".parquet", ".pq")
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".tab", "")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def read_text_table(
    path: str | Path, null_values: Sequence[str] = (), sheet: str | None = None
) -> pd.DataFrame:
    """Read a file with every value as text.

    Parameters
    ----------
    path : path
        CSV (delimiter, quotes and encoding are detected), XLSX or Parquet.
    null_values : sequence of str
        Values that mean missing, such as ``Select``. Blank cells always do.
    sheet : str, optional
        The sheet of a workbook; the first by default.

    Returns
    -------
    DataFrame
        Columns of str and None, without surrounding blanks and without blank rows.

    Raises
    ------
    LeadReadyError
        If the file does not exist or is not a table.

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
    columns: Sequence[str] | None = None,
    coded: Sequence[str] = (),
) -> pa.Table:
    """Read a file as an Arrow table: text, except where Parquet has types.

    Parameters
    ----------
    columns : sequence of str, optional
        Read only these columns, as far as the file has them.
    coded : sequence of str
        Columns with few distinct values, each of which is stored once.
    """
    ending = _check_ending(path, sheet)
    if ending in PARQUET_ENDINGS:
        return _read_parquet(path, columns, coded)
    if ending in WORKBOOK_ENDINGS:
        from features.files.excel import read_workbook  # openpyxl is slow to import

        return read_workbook(path, sheet)
    return read_csv_text(path, columns, coded)


def column_names(path: Path, sheet: str | None = None) -> list[str]:
    """List the columns of a file."""
    ending = _check_ending(path, sheet)
    if ending in PARQUET_ENDINGS:
        return _parquet_columns(_open_parquet(path))
    if ending in WORKBOOK_ENDINGS:
        return list(read_arrow(path, sheet=sheet).column_names)
    return list(detect_dialect(path).names)


def find_file(name: str, folder: Path, where: str) -> Path:
    """Find a file that ``leadready.yaml`` names; ``${NAME}`` is an environment variable.

    Parameters
    ----------
    name : str
        The file, absolute or relative to the folder.
    where : str
        The line that names it, for errors.

    Raises
    ------
    LeadReadyError
        If a variable is not set or the file does not exist, with the most similar name.

    Examples
    --------
    >>> find_file("${NOWHERE}/a.csv", Path("."), "leadready.yaml:3")
    Traceback (most recent call last):
    features.errors.LeadReadyError: leadready.yaml:3: the variable NOWHERE is not set
    """
    for variable in _VARIABLE.findall(name):
        if not os.environ.get(variable):
            raise LeadReadyError(
                f"the variable {variable} is not set",
                where=where,
                hint=f"export {variable}=FOLDER  (the file is {name})",
            )
    filled = _VARIABLE.sub(lambda match: os.environ[match[1]], name)
    path = folder / Path(filled).expanduser()
    if not path.is_file():
        raise _missing_file(path, where)
    return path


def _check_ending(path: Path, sheet: str | None) -> str:
    """The ending of a file, if the file exists and can be read."""
    ending = path.suffix.lower()
    if not path.is_file():
        raise _missing_file(path)
    if sheet is not None and ending not in WORKBOOK_ENDINGS:
        raise LeadReadyError(
            f"only a workbook has a sheet {sheet!r}", where=str(path), hint="leave out  sheet:"
        )
    if ending not in (*PARQUET_ENDINGS, *WORKBOOK_ENDINGS, *TEXT_ENDINGS):
        raise LeadReadyError(
            f"{ending} files cannot be read",
            where=str(path),
            hint="export it as CSV, XLSX or Parquet",
        )
    return ending


def _missing_file(path: Path, where: str | None = None) -> LeadReadyError:
    folder = path.parent
    if not folder.is_dir():
        what, hint = f"there is no folder {folder}", "correct the path"
    elif path.is_dir():
        what, hint = f"{path} is a folder", "name a file in it"
    else:
        names = sorted(file.name for file in folder.iterdir() if file.is_file())
        similar = difflib.get_close_matches(path.name, names, n=1, cutoff=0.75)
        what = f"there is no file {path}" + (f"; did you mean {similar[0]!r}?" if similar else "")
        hint = "correct its name, or export it there"
    return LeadReadyError(what, where=where or str(path), hint=hint)


# -- Parquet --------------------------------------------------------------------------------------


def _read_parquet(path: Path, columns: Sequence[str] | None, coded: Sequence[str]) -> pa.Table:
    file = _open_parquet(path, coded)
    names = header_names(path, _parquet_columns(file))
    selected = [name for name in names if columns is None or name in columns]
    try:
        return file.read(selected).select(selected)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable_parquet(path) from error


def _parquet_columns(file: Any) -> list[str]:
    """The columns, without the row numbers that pandas adds."""
    return [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]


def _open_parquet(path: Path, coded: Sequence[str] = ()) -> Any:
    try:
        texts = [
            field.name
            for field in pa.parquet.read_schema(path)
            if field.name in coded and pa.types.is_string(field.type)
        ]
        return pa.parquet.ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable_parquet(path) from error


def _unreadable_parquet(path: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as Parquet", where=str(path), hint="export it again"
    )
