"""XLSX workbooks, read cell by cell as text.

Ids stored as text keep all their digits, whole numbers have no decimal point and dates are ISO
8601, whatever the spreadsheet displays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa

from features.errors import LeadReadyError
from features.files.csv_dialect import header_names


def read_workbook(path: Path, sheet: str | None = None) -> pa.Table:
    """Read a sheet as text; the first row that is not blank is the header.

    Parameters
    ----------
    sheet : str, optional
        The first sheet by default.

    Raises
    ------
    LeadReadyError
        If the file is not a workbook, has no such sheet, or the sheet is empty.
    """
    rows = [row for row in _sheet_rows(path, sheet) if any(cell is not None for cell in row)]
    if not rows:
        raise LeadReadyError("the sheet is empty", where=str(path), hint="name another  sheet:")
    width = max(len(row) for row in rows)
    while width and all(len(row) < width or row[width - 1] is None for row in rows):
        width -= 1
    names = header_names(path, [*rows[0], *[None] * width][:width])
    columns = {
        name: pa.chunked_array([_column_texts(rows[1:], position)])
        for position, name in enumerate(names)
    }
    return pa.table(columns)


def _sheet_rows(path: Path, sheet: str | None) -> list[Sequence[Any]]:
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise LeadReadyError(
            "the file cannot be read as a workbook",
            where=str(path),
            hint="save it as XLSX or CSV (old XLS files as well)",
        ) from error
    try:
        if sheet is not None and sheet not in workbook.sheetnames:
            raise LeadReadyError.unknown(sheet, workbook.sheetnames, what="sheet", where=str(path))
        worksheet = workbook[sheet] if sheet is not None else workbook.worksheets[0]
        worksheet.reset_dimensions()
        return list(worksheet.iter_rows(values_only=True))
    finally:
        workbook.close()


def _column_texts(rows: list[Sequence[Any]], position: int) -> pa.Array:
    cells = (row[position] if position < len(row) else None for row in rows)
    return pa.array([_cell_text(cell) for cell in cells], pa.string())


def _cell_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)
