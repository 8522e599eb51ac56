"""Workbooks (XLSX, XLSB, XLS, ODS), read cell by cell as text by calamine.

Ids stored as text keep all their digits, whole numbers have no decimal point and dates are ISO
8601, whatever the spreadsheet displays.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from features.files.file_kind import DAMAGED_ARCHIVE, unreadable_workbook
from features.files.sheets import Sheet

MOST_UNPACKED = 4 << 30  # bytes of a workbook's content
MOST_CELLS = 60_000_000  # of the rectangle that a sheet's cells span
_IN_TALL_SHEET = re.compile(rb"""=["'][A-Z]{1,3}\d{4}""")  # a cell in row 1,000 or below it
_FILLED_CELL = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["'](?:[^>]*[^/>])?>""")
_CHUNK, _LONGEST_TAG = 1 << 22, 200


def read_sheets(path: Path) -> list[Sheet]:
    """Read every sheet of a workbook.

    Raises
    ------
    LeadReadyError
        If the file is damaged, protected, or too large.
    """
    import python_calamine

    _refuse_huge(path)
    try:
        with path.open("rb") as file:
            book = python_calamine.CalamineWorkbook.from_filelike(file)
            worksheets = python_calamine.SheetTypeEnum.WorkSheet
            visible = python_calamine.SheetVisibleEnum.Visible
            return [
                Sheet(
                    details.name,
                    _text_rows(book.get_sheet_by_name(details.name)),
                    details.visible != visible,
                )
                for details in book.sheets_metadata
                if details.typ == worksheets
            ]
    except python_calamine.PasswordError as error:
        raise LeadReadyError(
            "the workbook is protected by a password",
            where=str(path),
            hint="save it without the password",
        ) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise unreadable_workbook(path) from error


def _text_rows(sheet: Any) -> list[Sequence[str | None]]:
    """The cells as text; most are texts already."""
    return [
        [cell if type(cell) is str and cell else cell_text(cell) for cell in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]


def cell_text(value: Any) -> str | None:
    """Write the value of a cell as text.

    Examples
    --------
    >>> cell_text(5.0), cell_text(2.5), cell_text(True), cell_text(dt.datetime(2024, 3, 1))
    ('5', '2.5', 'true', '2024-03-01')
    """
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)


# -- workbooks that would not fit into memory -----------------------------------------------------


def _refuse_huge(path: Path) -> None:
    """Refuse a workbook whose content or rectangle of cells is far larger than any export."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MOST_UNPACKED:
                raise LeadReadyError(
                    f"the workbook unpacks to more than {MOST_UNPACKED >> 30} GB",
                    where=str(path),
                    hint="export the data as CSV",
                )
            for member in members:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                    _refuse_far_cell(path, archive, member)
    except DAMAGED_ARCHIVE as error:
        raise unreadable_workbook(path) from error


def _refuse_far_cell(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Refuse a sheet of too many cells; no sheet of fewer than 1,000 rows has them."""
    if not any(_IN_TALL_SHEET.search(block) for block in _blocks(archive, member)):
        return
    width = height = 0
    for block in _blocks(archive, member):
        if not (cells := _FILLED_CELL.findall(block)):
            continue
        names, rows = map(set, zip(*cells, strict=True))
        letters = max(names, key=lambda name: (len(name), name))
        width = max(width, _column_number(letters))
        height = max(height, *map(int, rows))
        if width * height > MOST_CELLS:
            raise LeadReadyError(
                f"the sheet reaches to column {letters.decode()} and row {height:,}, far "
                "beyond any table",
                where=str(path),
                hint="delete the cells outside the table (Ctrl+End shows the last one), and "
                "save it again, or export the table as CSV",
            )


def _blocks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a sheet in pieces, each with the end of the one before."""
    with archive.open(member) as content:
        rest = b""
        while chunk := content.read(_CHUNK):
            block = rest + chunk
            yield block
            rest = block[-_LONGEST_TAG:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
