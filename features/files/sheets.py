"""Which sheet of a workbook is the table, and its rows as a table of text.

Workbooks have cover sheets, notes and hidden lists. If one sheet looks like a table it is taken;
if several do, a person has to name one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path

import pyarrow as pa

from features.errors import LeadReadyError
from features.files.headings import header_names, without_unnamed
from features.files.reading_notes import Notes, ReadingNote
from features.files.table_shape import SAMPLE_ROWS, Row, find_table, footer_rows, is_comment
from features.text import count, join

MOST_NAMED = 8  # sheets that an error lists


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes
    ----------
    name : str
    rows : sequence of rows
        Its cells as text, without blank rows at the end.
    hidden : bool
    """

    name: str
    rows: Sequence[Row]
    hidden: bool = False


def choose_sheet(path: Path, sheets: Sequence[Sheet], wanted: str | None, notes: Notes) -> Sheet:
    """Choose the sheet that is named, else the only one that looks like a table.

    Raises
    ------
    LeadReadyError
        If there is no such sheet, or several look like tables.
    """
    names = [sheet.name for sheet in sheets]
    if wanted is not None:
        if wanted not in names:
            raise LeadReadyError.unknown(wanted, names, what="sheet", where=str(path))
        return sheets[names.index(wanted)]
    if not sheets:
        raise LeadReadyError("the workbook has no sheet", where=str(path), hint="export it again")
    visible = [sheet for sheet in sheets if not sheet.hidden] or list(sheets)
    tables = visible if len(visible) == 1 else [*filter(_looks_like_table, visible)]
    if len(tables) > 1:
        shown = join(
            (f"{sheet.name!r} ({count(len(sheet.rows), 'row')})" for sheet in tables),
            most=MOST_NAMED,
        )
        raise LeadReadyError(
            f"the workbook has {len(tables)} sheets with tables: {shown}",
            where=str(path),
            hint=f'name one: --sheet "{tables[0].name}"  for leadready init, or  sheet:  in '
            "leadready.yaml",
        )
    chosen = (tables or visible)[0]
    if len(sheets) > 1:
        text = f"the sheet {chosen.name!r} was read, the only one that looks like a table"
        notes.append(ReadingNote("sheet", text, chosen.name))
    return chosen


def _looks_like_table(sheet: Sheet) -> bool:
    rows = sheet.rows[: 2 * SAMPLE_ROWS]
    shape = find_table(rows)
    if shape is None or shape.width < 2:
        return False
    wide = [row for row in rows[shape.first :] if sum(bool(cell) for cell in row) >= 2]
    return len(wide) >= 2


def table_of_rows(path: Path, rows: Sequence[Row], notes: Notes) -> pa.Table:
    """Make a table of rows: find the header, leave out titles, units, comments and footers.

    Raises
    ------
    LeadReadyError
        If there are no rows with text.
    """
    shape = find_table(rows[: 2 * SAMPLE_ROWS])
    if shape is None:
        raise LeadReadyError("the sheet is empty", where=str(path), hint="name another  sheet:")
    width = max(shape.width, *map(_last_filled, rows[shape.header :]))
    end = len(rows) - footer_rows(rows[shape.first :], shape.width)
    body = [row for row in rows[shape.first : end] if not is_comment(row, shape.width)]
    titles = sum(any(row) for row in rows[: shape.header])
    footers = sum(any(row) for row in rows[end:])
    note_left_out(notes, titles, shape.first - shape.header - 1, footers)
    names = header_names(path, _padded(rows[shape.header], width), notes)
    cells = islice(zip_longest(*body), width)
    columns = [*map(_cells, cells), *[_cells([None] * len(body))] * width][:width]
    return without_unnamed(pa.table(columns, [*names]))


def note_left_out(notes: Notes, titles: int, units: int, footers: int) -> None:
    """Report rows that are no data."""
    parts = [
        count(rows, f"row {where}", f"rows {where}")
        for rows, where in (
            (
                titles,
                "above the header",
            ),
            (units, "of units under it"),
            (footers, "of totals or footers at the end"),
        )
        if rows
    ]
    if parts:
        notes.append(ReadingNote("rows left out", f"left out: {join(parts)}"))


def _padded(row: Row, width: int) -> list[str | None]:
    return [*row, *[None] * width][:width]


def _cells(cells: Sequence[str | None]) -> pa.Array:
    return pa.array(cells, pa.string())


def _last_filled(row: Row) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)
