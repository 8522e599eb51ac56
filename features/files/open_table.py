"""Opens a company's file as a table of text, whichever program wrote it, with one function.

Text is what all formats share, and it keeps record ids intact. Types are read later, where the
meaning of a column is known; only times and numbers that a Parquet file already types are kept
(``read_arrow``). Several files of one table are read one after the other.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.files.arrow_text import as_objects
from features.files.columnar.parquet import parquet_names, read_parquet
from features.files.database import fetched_table, fill_variables, is_database
from features.files.file_kind import (
    HTML,
    JSON,
    PARQUET,
    TEXT,
    WITH_SHEETS,
    WORKBOOK,
    refuse_special,
)
from features.files.headings import without_repeated_headers
from features.files.markup_tables import read_html_rows, read_xml_sheets
from features.files.reading_notes import Notes, ReadingNote
from features.files.sheets import Sheet, choose_sheet, table_of_rows
from features.files.text.csv_dialect import detect_dialect
from features.files.text.csv_reader import read_csv_text
from features.files.text.json_records import read_json_records
from features.files.text.utf8_text import as_utf8
from features.files.unpacked import unpacked
from features.files.workbook import read_sheets
from features.text import count, join

_PATTERN = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class FileOptions:
    """How to read a file, as far as somebody said.

    Attributes
    ----------
    sheet : str or None
        The sheet of a workbook; by default the one that looks like a table.
    encoding : str or None
        Of a text file; by default it is found.
    """

    sheet: str | None = None
    encoding: str | None = None


def read_text_table(
    path: str | Path,
    null_values: Sequence[str] = (),
    sheet: str | None = None,
    encoding: str | None = None,
    notes: Notes | None = None,
    counted: dict[str, Counter[str]] | None = None,
) -> pd.DataFrame:
    """Read a file with every value as text.

    Parameters
    ----------
    path : path
        CSV (delimiter, quotes and encoding are detected), a workbook, Parquet, JSON or an HTML
        table, packed or not; ``leads-*.csv`` is every such file.
    null_values : sequence of str
        Values that mean missing, such as ``Select``. Blank cells always do.
    sheet : str, optional
        The sheet of a workbook; by default the only one that looks like a table.
    encoding : str, optional
        The encoding of a text file; by default it is found.
    notes : list, optional
        Filled with what a person should know about how the file was read.
    counted : dict, optional
        Filled with the rows of each value of each column.

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
    table = read_arrow(Path(path), FileOptions(sheet, encoding), coded=None, notes=notes)
    return as_objects(table, null_values, counted)


def read_arrow(
    path: Path,
    options: FileOptions = FileOptions(),
    *,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] | None = (),
    notes: Notes | None = None,
) -> pa.Table:
    """Read a file as an Arrow table: text, except where Parquet has types.

    Parameters
    ----------
    path : path
        A file, or a pattern such as ``leads-*.csv`` that several files fit.
    columns : sequence of str, optional
        Read only these columns, as far as the file has them.
    coded : sequence of str, optional
        Columns with few distinct values, each of which is stored once. None for all columns that
        are text in the file, which is quicker where all values are looked at.
    notes : list, optional
        Filled with what a person should know about how the file was read.
    """
    notes = [] if notes is None else notes
    files = files_of(path)
    tables = [_read_file(file, options, columns, coded, notes) for file in files]
    if len(tables) == 1:
        return tables[0]
    notes += files_note(files)
    return _one_table(files, tables, notes)


def files_note(files: Sequence[Path]) -> Notes:
    """Say that several files were read as one table.

    Examples
    --------
    >>> files_note([Path("a.csv"), Path("b.csv")])[0].text
    '2 files were read as one table'
    """
    text = f"{count(len(files), 'file')} were read as one table"
    return [ReadingNote("files", text)] if len(files) > 1 else []


def column_names(path: Path, options: FileOptions = FileOptions()) -> list[str]:
    """List the columns of a file; of several files, those of the first."""
    file = files_of(path)[0]
    with unpacked(file) as (inner, kind):
        if kind == PARQUET:
            return parquet_names(inner)
        if kind == TEXT:
            with as_utf8(inner, options.encoding, [], file) as text:
                return list(detect_dialect(text, file).names)
    return list(read_arrow(file, options).column_names)


def sheet_names(path: Path) -> list[str]:
    """List the sheets of a workbook; none for any other file."""
    with unpacked(files_of(path)[0]) as (inner, kind):
        if kind not in WITH_SHEETS:
            return []
        return [sheet.name for sheet in _sheets_of(inner, kind)]


def files_of(path: Path) -> list[Path]:
    """The file, or all files that fit a pattern, by name.

    Raises
    ------
    LeadReadyError
        If there is none.
    """
    if not _PATTERN.search(path.name) or path.is_file():
        if not path.is_file():
            raise _missing_file(path)
        return [path]
    files = sorted(file for file in path.parent.glob(path.name) if file.is_file())
    if not files:
        raise LeadReadyError(
            f"no file fits {path}",
            where=str(path),
            hint="correct the pattern, or export them there",
        )
    return files


def _read_file(
    file: Path,
    options: FileOptions,
    columns: Sequence[str] | None,
    coded: Sequence[str] | None,
    notes: Notes,
) -> pa.Table:
    with unpacked(file) as (inner, kind):
        if options.sheet is not None and kind not in WITH_SHEETS:
            raise LeadReadyError(
                f"only a workbook has a sheet {options.sheet!r}",
                where=str(file),
                hint="leave out  sheet:",
            )
        if kind == PARQUET:
            return read_parquet(inner, columns, coded or ())
        if kind in (TEXT, JSON):
            with as_utf8(inner, options.encoding, notes, file) as text:
                if kind == JSON:
                    return read_json_records(text, file, notes)
                table = read_csv_text(text, columns, coded, where=file, notes=notes)
        else:
            table = _read_rows(file, inner, kind, options, notes)
        return without_repeated_headers(table, notes)


def _read_rows(file: Path, inner: Path, kind: str, options: FileOptions, notes: Notes) -> pa.Table:
    if kind == HTML:
        return table_of_rows(file, read_html_rows(inner, options.encoding), notes)
    sheet = choose_sheet(file, _sheets_of(inner, kind), options.sheet, notes)
    return table_of_rows(file, sheet.rows, notes)


def _sheets_of(inner: Path, kind: str) -> list[Sheet]:
    return read_sheets(inner) if kind == WORKBOOK else read_xml_sheets(inner)


def _one_table(files: Sequence[Path], tables: Sequence[pa.Table], notes: Notes) -> pa.Table:
    """Join the rows of several files; columns that a file lacks are missing there."""
    first = set(tables[0].column_names)
    for file, table in zip(files[1:], tables[1:], strict=True):
        if not first & set(table.column_names):
            raise LeadReadyError(
                f"it has none of the columns of {files[0].name}",
                where=str(file),
                hint="name only files of the same table",
            )
        other = sorted(first ^ set(table.column_names))
        if other:
            text = f"{file.name} and {files[0].name} differ in {join(other, most=5)}"
            notes.append(ReadingNote("other columns", text))
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        texts = [table.cast(_all_text(table.schema)) for table in tables]
        return pa.concat_tables(texts, promote_options="default")


def _all_text(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(name, pa.string()) for name in schema.names])


def find_file(name: str, folder: Path, where: str) -> Path:
    """Find a file that ``leadready.yaml`` names; ``${NAME}`` is an environment variable.

    The rows of a database (``features.files.database``) are fetched into a file.

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
    if is_database(name):
        return fetched_table(name, folder, where)
    filled = fill_variables(name, where)
    path = folder / Path(filled).expanduser()
    if path.exists():
        refuse_special(path, where)
    if not path.is_file() and not (_PATTERN.search(path.name) and path.parent.is_dir()):
        raise _missing_file(path, where)
    return path


def _missing_file(path: Path, where: str | None = None) -> LeadReadyError:
    folder = path.parent
    if path.exists():
        refuse_special(path, where)
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
