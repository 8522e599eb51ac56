"""CSV files as CRMs export them, read as text.

Arrow reads them in parallel, and as text, so record ids keep all their digits. How the file is
written is detected first (``csv_dialect``). A row with more or fewer cells than the header is an
error that names its line.
"""

from __future__ import annotations

import csv
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from features.errors import LeadReadyError
from features.files.csv_dialect import LEGACY_ENCODING, UNNAMED, CsvDialect, detect_dialect

BLOCK = 8 << 20  # bytes; a longer row needs a larger block
LARGEST_BLOCK = 1 << 30
_CODED_TEXT = pa.dictionary(pa.int32(), pa.string())


def read_csv_text(
    path: Path, columns: Sequence[str] | None = None, coded: Sequence[str] = ()
) -> pa.Table:
    """Read a CSV file, all columns as text; blank cells are null.

    Parameters
    ----------
    path : path
        The file.
    columns : sequence of str, optional
        Read only these columns, as far as the file has them.
    coded : sequence of str
        Columns to keep as Arrow dictionaries, with each distinct value stored once.
    """
    dialect = detect_dialect(path)
    names = [name for name in dialect.names if columns is None or name in columns]
    kinds = {
        f"f{dialect.names.index(name)}": _CODED_TEXT if name in coded else pa.string()
        for name in names
    }
    table = _read_with_retries(path, dialect, kinds).slice(1).rename_columns(names)
    empty = [
        name
        for name in names
        if name.startswith(UNNAMED) and table.column(name).null_count == table.num_rows
    ]
    return table.drop_columns(empty)


def _read_with_retries(
    path: Path, dialect: CsvDialect, kinds: Mapping[str, pa.DataType]
) -> pa.Table:
    """Read the file; again with longer blocks for very long cells, or in another encoding."""
    block = BLOCK
    while True:
        try:
            return _read_once(path, dialect, kinds, block)
        except pa.ArrowInvalid as error:
            if "straddl" in str(error) and block < LARGEST_BLOCK:
                block *= 8
            elif "UTF8" in str(error) and dialect.encoding == "utf8":
                dialect = replace(dialect, encoding=LEGACY_ENCODING)
            elif "Empty CSV" in str(error):  # a header without a line end
                return pa.table({key: pa.array([None], kind) for key, kind in kinds.items()})
            else:
                raise _unreadable(path) from error


def _read_once(
    path: Path, dialect: CsvDialect, kinds: Mapping[str, pa.DataType], block: int
) -> pa.Table:
    ragged: list[Any] = []

    def keep(row: Any) -> str:
        ragged.append(row)
        return "error"

    try:
        return pa.csv.read_csv(
            path,
            pa.csv.ReadOptions(
                autogenerate_column_names=True,
                encoding=dialect.encoding.removesuffix("-sig"),
                skip_rows=dialect.skip,
                block_size=block,
            ),
            pa.csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote,
                escape_char=dialect.escape or False,
                newlines_in_values=_contains_quotes(path, dialect.quote),
                invalid_row_handler=keep,
            ),
            pa.csv.ConvertOptions(
                column_types=kinds,
                include_columns=list(kinds),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        if ragged:
            raise _ragged_row(path, dialect, ragged[0]) from None
        raise
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, dialect.encoding) from error


def _contains_quotes(path: Path, quote: str) -> bool:
    """Whether the file has any quotes; without them each line is a row, which reads faster."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(quote.encode()) >= 0


# -- errors ---------------------------------------------------------------------------------------


def _ragged_row(path: Path, dialect: CsvDialect, row: Any) -> LeadReadyError:
    line = f":{row.number}" if row.number else _line_of_ragged_row(path, dialect)
    return LeadReadyError(
        f"a row has {row.actual_columns} cells, the header has {row.expected_columns}",
        where=f"{path}{line}",
        hint="put quotes around cells that contain the delimiter, or export the file again",
    )


def _line_of_ragged_row(path: Path, dialect: CsvDialect) -> str:
    """The line of the first row with more or fewer cells than the header."""
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        rows = csv.reader(
            file, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=dialect.escape
        )
        try:
            for row in rows:
                if row and len(row) != len(dialect.names):
                    return f":{rows.line_num}"
        except csv.Error:
            return ""
    return ""


def _wrong_encoding(path: Path, encoding: str) -> LeadReadyError:
    return LeadReadyError(
        f"the text is neither UTF-8 nor {encoding}",
        where=str(path),
        hint="save it as UTF-8 (in Excel: CSV UTF-8)",
    )


def _unreadable(path: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as a table: a quote is never closed, or a row is damaged",
        where=str(path),
        hint="open it in a spreadsheet, check its last rows, and export it again",
    )
