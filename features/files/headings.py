"""The names of a table's columns, from the cells of its header."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from features.files.reading_notes import Notes, ReadingNote

UNNAMED = "column "  # followed by its position, for a column without a name
LONGEST = 200  # characters of a name


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
    names: list[str] = []
    repeated: list[str] = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(str(cell or "").split())[:LONGEST] or f"{UNNAMED}{position}"
        unused, number = name, 2
        while unused in names:
            unused, number = f"{name} ({number})", number + 1
        if unused != name:
            repeated.append(unused)
        names.append(unused)
    if repeated and notes is not None:
        text = f"a heading is repeated, so the columns are called {', '.join(repeated[:5])}"
        notes.append(ReadingNote("repeated heading", text))
    return tuple(names)


def without_unnamed(table: pa.Table) -> pa.Table:
    """Leave out columns that have neither a name nor a value."""
    empty = [
        name
        for name in table.column_names
        if name.startswith(UNNAMED) and table.column(name).null_count == table.num_rows
    ]
    return table.drop_columns(empty) if empty else table
