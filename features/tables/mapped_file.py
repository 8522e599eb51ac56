"""A file of events, stages or field history with its mapping: columns by the mapping's keys.

A column that the file does not have is an error at the line of ``leadready.yaml`` that names it.
Times and numbers that the file already types (Parquet) are used as they are; others are read from
text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.files.arrow_text import as_text, from_frame, naive_times, to_codes, to_series
from features.files.headings import header_names
from features.files.open_table import FileOptions, column_names, find_file, read_arrow
from features.files.reading_notes import ReadingNote
from features.progress import Progress
from features.tables.mapped_dates import read_mapped_dates
from features.tables.mapped_numbers import count_unclear_decimals
from features.tables.problems import Problems, report_reading
from features.values.number_notation import number_notation
from features.values.numbers import parse_numbers
from features.workspace.schema import EventsSource, FieldHistorySource, StagesSource, Workspace


@dataclass(frozen=True)
class MappedFile:
    """A file that was read, and what the workspace says about it.

    Attributes
    ----------
    table : pyarrow.Table
        Its mapped columns.
    source : EventsSource, StagesSource or FieldHistorySource
        The mapping.
    path : str
        The section of ``leadready.yaml`` that maps it: ``events.0``.
    name : str
        The file's name.
    ws : Workspace
    problems : Problems
        Where problems are collected.
    all_columns : callable
        Lists all columns of the file.
    """

    table: pa.Table
    source: EventsSource | StagesSource | FieldHistorySource
    path: str
    name: str
    ws: Workspace
    problems: Problems
    all_columns: Callable[[], Sequence[str]]

    def __len__(self) -> int:
        """Rows in the file."""
        return int(self.table.num_rows)

    def where(self, key: str) -> str:
        """Locate a key of the mapping in ``leadready.yaml``."""
        return self.ws.where(f"{self.path}.{key}")

    def column(self, key: str, name: str) -> pa.ChunkedArray:
        """Give a mapped column as it was read."""
        if name not in self.table.column_names:
            hint = f"use the column names of {self.name}"
            raise LeadReadyError.unknown(name, self.all_columns(), where=self.where(key), hint=hint)
        return self.table.column(name)

    def codes(self, key: str, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Give a column of text: for each row the position of its value (-1: none); the values."""
        return to_codes(self.column(key, name), self.source.null_values)

    def dates(self, table: str, key: str = "time") -> pd.Series:
        """Give the times of a mapped column; NaT where there is none or it is invalid."""
        name = str(getattr(self.source, key))
        column = self.column(key, name)
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            times = naive_times(column).to_numpy(zero_copy_only=False)
            dates = pd.Series(times.astype("datetime64[us]"), name=name)
        else:
            dates = to_series(as_text(column, self.source.null_values), name)
        return read_mapped_dates(
            dates, self.source.date_format, table, self.where(key), self.problems, self.ws
        )

    def numbers(self, key: str, name: str | None) -> np.ndarray:
        """Give a column of numbers; NaN where there is none."""
        if name is None:
            return np.full(len(self), np.nan)
        column = self.column(key, name)
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        texts = to_series(as_text(column, self.source.null_values))
        decimal, table = self._decimal, self.path.partition(".")[0]
        notation = number_notation(texts)
        how = f'decimal: "%s"  under {table}'
        count_unclear_decimals(notation, decimal, table, name, how, self.problems)
        return parse_numbers(texts, decimal or notation.decimal).to_numpy()

    @property
    def _decimal(self) -> str | None:
        """The decimal mark that the workspace names."""
        source = self.source
        return None if isinstance(source, FieldHistorySource) else source.decimal


def open_mapped_file(
    ws: Workspace,
    source: EventsSource | StagesSource | FieldHistorySource,
    path: str,
    problems: Problems,
    progress: Progress,
    frame: pd.DataFrame | None,
    *,
    texts: Sequence[str | None],
    others: Sequence[str | None],
) -> MappedFile:
    """Read the mapped columns of a file, or of a data frame given in its place.

    Parameters
    ----------
    path : str
        The section of ``leadready.yaml`` that maps the file.
    frame : DataFrame, optional
        A table in place of the file.
    texts, others : sequence of str or None
        Columns of text, and columns of times and numbers.
    """
    if frame is not None:
        names = header_names("the given table", list(frame.columns))
        table = from_frame(frame, names)
        return MappedFile(table, source, path, "the given table", ws, problems, lambda: names)
    file = find_file(source.file, ws.folder, ws.where(f"{path}.file"))
    progress(f"reading {file.name}")
    coded = [name for name in texts if name]
    columns = [*coded, *(name for name in others if name)]
    options, notes = FileOptions(source.sheet, source.encoding), list[ReadingNote]()
    table = read_arrow(file, options, columns=columns, coded=coded, notes=notes)
    section = path.partition(".")[0]
    report_reading(problems, section, file.name, notes, section)
    return MappedFile(
        table, source, path, file.name, ws, problems, lambda: column_names(file, options)
    )
