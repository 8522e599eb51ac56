"""The names of a table's columns, from the cells of its header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import LeadReadyError
from features.files.reading_notes import Notes, ReadingNote
from features.files.table_shape import is_date, is_number
from features.text import count

UNNAMED = "column "  # followed by its position, for a column without a name
_FIRST = 200  # values that show what a column holds
_MOST = 0.8  # of them are dates or numbers, or the column holds others
LONGEST = 200  # characters of a name
MOST_COLUMNS = 4_096  # with a name
MOST_GROUPS, LEAST_IN_GROUP = 40, 4  # of a grouped report, and rows of a group on average
WIDEST_SHEET = 16_384  # columns of a spreadsheet, most of which may be blank


def header_names(
    where: Path | str, cells: Sequence[object], notes: Notes | None = None
) -> tuple[str, ...]:
    """Name the columns of a header: each once, on one line.

    A blank name is replaced by the column's position, and a repeated one is numbered.

    Examples
    --------
    >>> header_names("leads.csv", ["Id", " City\\n(ZIP) ", None, "Id"])
    ('Id', 'City (ZIP)', 'column 3', 'Id (2)')
    """
    named = sum(bool(cell) for cell in cells)
    refuse_too_wide(where, len(cells) if len(cells) > WIDEST_SHEET else named)
    names: dict[str, None] = {}
    repeated: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(str(cell or "").split())[:LONGEST] or f"{UNNAMED}{position}"
        unused, number = name, 2
        while unused in names:
            unused, number = f"{name} ({number})", number + 1
        if unused != name:
            repeated.append(unused)
        names[unused] = None
    if repeated and notes is not None:
        text = f"a heading is repeated, so the columns are called {', '.join(repeated[:5])}"
        notes.append(ReadingNote("repeated heading", text))
    return tuple(names)


def refuse_too_wide(where: Path | str, columns: int) -> None:
    """Refuse a table of more columns than can be looked at one by one in a bounded time.

    Examples
    --------
    >>> refuse_too_wide("leads.csv", 16_384)
    Traceback (most recent call last):
    features.errors.LeadReadyError: leads.csv: the table has 16,384 columns, and 4,096 are the most
    that can be read
    """
    if columns > MOST_COLUMNS:
        raise LeadReadyError(
            f"the table has {columns:,} columns, and {MOST_COLUMNS:,} are the most that can be "
            "read",
            where=str(where),
            hint="export only the columns that describe leads; what happened to a lead on each "
            "day or with each product belongs into rows of a second file, its events",
        )


def without_unnamed(table: pa.Table) -> pa.Table:
    """Leave out columns that have neither a name nor a value."""
    empty = [
        name
        for name in table.column_names
        if name.startswith(UNNAMED) and table.column(name).null_count == table.num_rows
    ]
    return table.drop_columns(empty) if empty else table


def without_repeated_headers(table: pa.Table, notes: Notes) -> pa.Table:
    """Leave out rows that repeat the header, as between files or groups put under each other.

    Examples
    --------
    >>> table = pa.table({"Id": ["1", "Id", "2"], "City": ["Rome", "City", "Bonn"]})
    >>> without_repeated_headers(table, []).column("Id").to_pylist()
    ['1', '2']
    """
    names = [name for name in table.column_names if not name.startswith(UNNAMED)]
    if len(names) < 2 or not table.num_rows or any(_never(table[name], name) for name in names):
        return table
    repeated = pc.fill_null(_equals(table[names[0]], names[0]), False)
    for name in names[1:]:
        if not pc.any(repeated).as_py():
            return table
        repeated = pc.and_(repeated, pc.fill_null(_equals(table[name], name), True))
    rows = pc.sum(repeated).as_py()
    if rows:
        text = f"left out: {count(rows, 'row that repeats', 'rows that repeat')} the header"
        notes.append(ReadingNote("rows left out", text))
    return table.filter(pc.invert(repeated)) if rows else table


def _never(column: pa.ChunkedArray, name: str) -> bool:
    """Whether a column of few values, which are looked at once, is never empty nor its name."""
    if not pa.types.is_dictionary(column.type) or column.null_count:
        return False
    values = pa.chunked_array([chunk.dictionary for chunk in column.chunks])
    return not pc.any(pc.fill_null(_equals(values, name), True)).as_py()


def _equals(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    return pc.equal(pc.utf8_trim_whitespace(column.cast(pa.string())), name)


def refuse_data_as_headings(table: pd.DataFrame, where: str) -> None:
    """Refuse a file without headings, whose first row would be taken for them.

    Raises
    ------
    LeadReadyError
        If half of the headings at least are values like those of their columns.

    Examples
    --------
    >>> rows = {"L1": ["L2", "L3"], "2024-01-03": ["2024-01-08", "2024-02-01"], "9": ["8", "5"]}
    >>> refuse_data_as_headings(pd.DataFrame(rows), "leads.csv")
    Traceback (most recent call last):
    features.errors.LeadReadyError: leads.csv: the first row reads like data, not like headings: L1,
    2024-01-03, 9
    """
    names = list(map(str, table.columns))
    first = table.head(_FIRST).to_numpy(object).T
    likeness = [
        _likeness(name, {text for text in texts if text})
        for name, texts in zip(names, first, strict=True)
    ]
    if "value" in likeness and sum(map(bool, likeness)) >= max(2, len(names) / 2):
        raise LeadReadyError(
            f"the first row reads like data, not like headings: {', '.join(names[:6])}",
            where=where,
            hint="add a first row with the names of the columns",
        )


def refuse_grouped_rows(table: pd.DataFrame, where: str) -> None:
    """Refuse a report whose first column names a group of rows only in the first row of each.

    Raises
    ------
    LeadReadyError
        If the first column is filled in few rows, the first one among them, with different words.

    Examples
    --------
    >>> rows = {"Stage": ["Won", *[None] * 9, "Lost", *[None] * 9], "Id": list(map(str, range(20)))}
    >>> refuse_grouped_rows(pd.DataFrame(rows, dtype=object), "leads.csv")
    Traceback (most recent call last):
    features.errors.LeadReadyError: leads.csv: the rows are grouped: 'Stage' is filled only in the
    first row of each group, such as 'Won'
    """
    if table.shape[1] < 2 or table.empty:
        return
    first = table.iloc[:, 0]
    filled = first.dropna()
    words = not any(any(map(str.isdigit, str(value))) for value in filled.head(_FIRST))
    few = 2 <= len(filled) <= MOST_GROUPS and len(first) >= LEAST_IN_GROUP * len(filled)
    if few and words and filled.is_unique and bool(first.notna().iloc[0]):
        raise LeadReadyError(
            f"the rows are grouped: {str(first.name)!r} is filled only in the first row of each "
            f"group, such as {str(filled.iloc[0])[:40]!r}",
            where=where,
            hint="export the report as a plain list, without groups and subtotals, or fill the "
            "column down",
        )


def _likeness(name: str, texts: set[str]) -> str:
    """How a heading is like the values below: ``value``, ``number`` or not at all.

    Years are headings as well, and so is the only value of a column of ticks.
    """
    if len(texts) < 2:
        return ""
    if is_date(name) and _most(map(is_date, texts), texts):
        return "value"
    if is_number(name):
        return "number" if _most(map(is_number, texts), texts) else ""
    return "value" if name in texts else ""


def _most(matches: Iterable[bool], texts: set[str]) -> bool:
    return sum(matches) > _MOST * len(texts)
