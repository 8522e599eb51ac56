"""XLSX workbooks, read cell by cell as text.

Ids that a workbook keeps as text come out with all their digits, whole numbers without a point,
dates in ISO 8601, whatever way a spreadsheet shows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa

from features.errors import LeadReadyError
from features.files.csv_dialect import named


def read_workbook(path: Path, sheet: str | None = None) -> pa.Table:
    """Read a sheet as text; the first row that is not blank is the header.

    Raises
    ------
    LeadReadyError
        When it is no workbook, has no such sheet, or the sheet is empty.
    """
    rows = _rows(path, sheet)
    filled = [one for one in rows if any(cell is not None for cell in one)]
    if not filled:
        raise LeadReadyError("the sheet is empty", where=str(path), hint="name another  sheet:")
    width = max(len(one) for one in filled)
    while width and all(len(one) < width or one[width - 1] is None for one in filled):
        width -= 1
    names = named(path, [*filled[0], *[None] * width][:width])
    columns = {
        name: pa.chunked_array([_texts(filled[1:], place)]) for place, name in enumerate(names)
    }
    return pa.table(columns)


def _rows(path: Path, sheet: str | None) -> list[Sequence[Any]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise LeadReadyError(
            "the file cannot be read as a workbook",
            where=str(path),
            hint="save it as XLSX or CSV (an old XLS, too)",
        ) from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise LeadReadyError.unknown(sheet, book.sheetnames, what="sheet", where=str(path))
        page = book[sheet] if sheet is not None else book.worksheets[0]
        page.reset_dimensions()
        return list(page.iter_rows(values_only=True))
    finally:
        book.close()


def _texts(rows: list[Sequence[Any]], place: int) -> pa.Array:
    return pa.array([_text(one[place]) if place < len(one) else None for one in rows], pa.string())


def _text(value: Any) -> str | None:
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
