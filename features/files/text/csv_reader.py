"""CSV files as CRMs export them, read as text.

Arrow reads them in parallel, and as text, so record ids keep all their digits. How the file is
written is detected first (``csv_dialect``). Rows that only differ by blank cells, comments and
footers are put right; any other row with more or fewer cells than the header is an error that names
its line.
"""

from __future__ import annotations

import csv
import io
import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from features.errors import LeadReadyError
from features.files.arrow_text import CODED
from features.files.headings import without_unnamed
from features.files.reading_notes import Notes
from features.files.sheets import note_left_out
from features.files.table_shape import footer_rows, is_comment
from features.files.text.csv_dialect import CsvDialect, detect_dialect

BLOCK = 8 << 20  # bytes; a longer row needs a larger block
LARGEST_BLOCK = 1 << 30
TAIL = 64 * 1024  # bytes in which footers are looked for
Kinds = Mapping[str, pa.DataType]


def read_csv_text(
    path: Path,
    columns: Sequence[str] | None = None,
    coded: Sequence[str] | None = (),
    *,
    where: Path | None = None,
    notes: Notes | None = None,
) -> pa.Table:
    """Read a CSV file in UTF-8, all columns as text; blank cells are null.

    Parameters
    ----------
    path : path
        The file.
    columns : sequence of str, optional
        Read only these columns, as far as the file has them.
    coded : sequence of str, optional
        Columns to keep as Arrow dictionaries, with each distinct value stored once; None for all.
    where : Path, optional
        The file that errors name.
    notes : list, optional
        Filled with what a person should know.
    """
    where, notes = where or path, [] if notes is None else notes
    dialect = detect_dialect(path, where, notes)
    names = [name for name in dialect.names if columns is None or name in columns]
    kinds = {
        f"f{dialect.names.index(name)}": CODED if coded is None or name in coded else pa.string()
        for name in names
    }
    table, footers = _read_regular(path, dialect, kinds, where)
    if table is None:
        table, footers = _read_irregular(path, dialect, kinds, where)
    note_left_out(notes, dialect.titles, dialect.units, footers)
    return without_unnamed(table.rename_columns(names))


def _read_regular(
    path: Path, dialect: CsvDialect, kinds: Kinds, where: Path
) -> tuple[pa.Table | None, int]:
    """Read the file without its footers; None if its rows differ in length."""
    table = _read_with_retries(path, dialect, kinds, where)
    if table is None:
        return None, 0
    tail = _tail_rows(path, dialect)
    footers = footer_rows(tail, dialect.width)
    lines = sum(bool(row) for row in tail[len(tail) - footers :])
    return table.slice(0, max(table.num_rows - lines, 0)), lines


def _tail_rows(path: Path, dialect: CsvDialect) -> list[list[str]]:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - TAIL, 0))
        text = file.read().decode("utf-8", errors="replace")
    if size > TAIL:
        text = text.partition("\n")[2]
    rows = list(dialect.rows(io.StringIO(text, newline="")))
    return rows if size > TAIL else rows[1:]


def _read_with_retries(
    path: Path, dialect: CsvDialect, kinds: Kinds, where: Path
) -> pa.Table | None:
    """Read the file; again with longer blocks for very long cells. None if rows differ."""
    block = BLOCK
    while True:
        ragged: list[Any] = []
        try:
            return _read_once(path, dialect, kinds, block, ragged)
        except pa.ArrowInvalid as error:
            if ragged:
                return None
            if "straddl" in str(error) and block < LARGEST_BLOCK:
                block *= 8
            elif "Empty CSV" in str(error) or "skip initial" in str(
                error
            ):  # no row after the header
                return pa.table({key: pa.array([], kind) for key, kind in kinds.items()})
            else:
                raise _unreadable(where) from error


def _read_once(
    path: Path, dialect: CsvDialect, kinds: Kinds, block: int, ragged: list[Any]
) -> pa.Table:
    def keep(row: Any) -> str:
        ragged.append(row)
        return "error"

    return pa.csv.read_csv(
        path,
        pa.csv.ReadOptions(
            column_names=[f"f{position}" for position in range(len(dialect.names))],
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


def _contains_quotes(path: Path, quote: str) -> bool:
    """Whether the file has any quotes; without them each line is a row, which reads faster."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(quote.encode()) >= 0


# -- rows of different lengths --------------------------------------------------------------------


def _read_irregular(
    path: Path, dialect: CsvDialect, kinds: Kinds, where: Path
) -> tuple[pa.Table, int]:
    """Read row by row: leave out comments and footers, and cut off blank cells at the end."""
    width = len(dialect.names)
    rows, lines = _rows_with_lines(path, dialect, where)
    footers = footer_rows(rows, dialect.width)
    kept = []
    for row, line in zip(rows[: len(rows) - footers], lines, strict=False):
        if not any(row) or is_comment(row, dialect.width):
            continue
        if len(row) > width and not any(row[width:]):
            row = row[:width]
        if len(row) != width:
            raise _ragged_row(where, line, len(row), width)
        kept.append(row)
    columns = {
        key: pa.array([row[int(key[1:])] or None for row in kept], pa.string()).cast(kind)
        if kind == pa.string()
        else pa.array([row[int(key[1:])] or None for row in kept], pa.string()).dictionary_encode()
        for key, kind in kinds.items()
    }
    return pa.table(columns), sum(any(row) for row in rows[len(rows) - footers :])


def _rows_with_lines(
    path: Path, dialect: CsvDialect, where: Path
) -> tuple[list[list[str]], list[int]]:
    """The rows after the header, and the line at which each ends."""
    rows, lines = [], []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for _ in range(dialect.skip):
            file.readline()
        reader: Any = dialect.rows(file)
        try:
            for row in reader:
                rows.append(row)
                lines.append(dialect.skip + reader.line_num)
        except csv.Error as error:
            raise _unreadable(where) from error
    return rows, lines


# -- errors ---------------------------------------------------------------------------------------


def _ragged_row(where: Path, line: int, cells: int, width: int) -> LeadReadyError:
    unquoted = "the delimiter" if cells > width else "a line break"
    return LeadReadyError(
        f"a row has {cells} cells, the header has {width}",
        where=f"{where}:{line}",
        hint=f"put quotes around cells that contain {unquoted}, or export the file again",
    )


def _unreadable(where: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as a table: a quote is never closed, or a row is damaged",
        where=str(where),
        hint="open it in a spreadsheet, check its last rows, and export it again",
    )
