"""The columns of a file, block by block: a Parquet file may be larger than memory.

Of Parquet one column is read at a time, and some rows of it; other files are in memory as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from features.files.columnar.parquet import ParquetColumns
from features.files.file_kind import PARQUET, file_kind
from features.files.open_table import FileOptions, files_note, files_of, read_arrow
from features.files.reading_notes import Notes

ROWS = 1_000_000  # of a block


class Columns(Protocol):
    """The columns of a file."""

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The type of each column."""

    @property
    def rows(self) -> int:
        """Rows of the file."""

    def blocks(self, name: str, rows: int) -> Iterator[pa.ChunkedArray]:
        """Give a column in blocks of at most so many rows."""


@dataclass(frozen=True)
class TableColumns:
    """Columns of a table in memory."""

    table: pa.Table

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The type of each column."""
        return dict(zip(self.table.column_names, self.table.schema.types, strict=True))

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return int(self.table.num_rows)

    def blocks(self, name: str, rows: int) -> Iterator[pa.ChunkedArray]:
        """Give a column in blocks of at most so many rows."""
        column = self.table.column(name)
        return (column.slice(start, rows) for start in range(0, len(column), rows))


@dataclass(frozen=True)
class StackedColumns:
    """Columns of several files that are alike, one after the other."""

    files: Sequence[Columns]

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The type of each column."""
        return self.files[0].types

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def blocks(self, name: str, rows: int) -> Iterator[pa.ChunkedArray]:
        """Give a column in blocks of at most so many rows."""
        return (block for file in self.files for block in file.blocks(name, rows))


def open_columns(
    path: Path,
    options: FileOptions,
    *,
    columns: Sequence[str],
    coded: Sequence[str],
    notes: Notes,
) -> Columns:
    """Open columns of a file, or of all files that fit a pattern; see `open_table.read_arrow`.

    Parameters
    ----------
    columns : sequence of str
        The columns to read, as far as the file has them.
    coded : sequence of str
        Columns with few distinct values, each of which is stored once.
    notes : list
        Filled with what a person should know about how the file was read.
    """
    files = files_of(path)
    if options.sheet is None and all(file_kind(file) == PARQUET for file in files):
        opened = [ParquetColumns.open(file, columns, coded) for file in files]
        if all(file.named_once and file.types == opened[0].types for file in opened):
            notes += files_note(files)
            return opened[0] if len(opened) == 1 else StackedColumns(opened)
    return TableColumns(read_arrow(path, options, columns=columns, coded=coded, notes=notes))
