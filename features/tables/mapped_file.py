"""A file of events, stages or field history with its mapping: columns by the mapping's keys.

A column that the file does not have is an error at the line of ``leadready.yaml`` that names it.
Times and numbers that the file already types (Parquet) are used as they are; others are read from
text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.dates.formats import ISO
from features.dates.read import iso_times
from features.errors import LeadReadyError
from features.files.arrow_text import as_text, block_codes, from_frame, naive_times, to_series
from features.files.columnar.blocks import Columns, TableColumns, open_columns
from features.files.headings import header_names
from features.files.open_table import FileOptions, column_names, find_file
from features.files.reading_notes import ReadingNote
from features.progress import Progress
from features.tables.mapped_dates import odd_times, read_mapped_dates
from features.tables.mapped_numbers import count_unclear_decimals
from features.tables.problems import Problems, report_reading
from features.values.number_notation import number_notation
from features.values.numbers import parse_numbers
from features.workspace.schema import EventsSource, FieldHistorySource, StagesSource, Workspace

TEXT_ROWS = 4_000_000  # of a block of text; for each, the values known so far are looked up
ROWS = 1_000_000


@dataclass(frozen=True)
class MappedFile:
    """A file that is open, and what the workspace says about it.

    Attributes
    ----------
    columns : Columns
        Its mapped columns; those of Parquet are read when they are asked for.
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

    columns: Columns
    source: EventsSource | StagesSource | FieldHistorySource
    path: str
    name: str
    ws: Workspace
    problems: Problems
    all_columns: Callable[[], Sequence[str]]

    def __len__(self) -> int:
        """Rows in the file."""
        return self.columns.rows

    def where(self, key: str) -> str:
        """Locate a key of the mapping in ``leadready.yaml``."""
        return self.ws.where(f"{self.path}.{key}")

    def type_of(self, key: str, name: str) -> pa.DataType:
        """Give the type of a mapped column."""
        if name not in self.columns.types:
            hint = f"use the column names of {self.name}"
            raise LeadReadyError.unknown(name, self.all_columns(), where=self.where(key), hint=hint)
        return self.columns.types[name]

    def codes(self, key: str, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Give a column of text: for each row the position of its value (-1: none); the values."""
        whole = pa.types.is_timestamp(self.type_of(key, name))
        blocks = self.columns.blocks(name, max(len(self), 1) if whole else TEXT_ROWS)
        return block_codes(blocks, len(self), self.source.null_values)

    def dates(self, table: str, key: str = "time") -> pd.Series:
        """Give the times of a mapped column; NaT where there is none or it is invalid."""
        name = str(getattr(self.source, key))
        kind = self.type_of(key, name)
        formats, where = self.source.date_format, self.where(key)
        if not (pa.types.is_timestamp(kind) or pa.types.is_date(kind)):
            column = self._whole(name)
            plain = self._plain_times(column)
            if plain is not None:
                return pd.Series(plain, name=name, copy=False)
            texts = to_series(as_text(column, self.source.null_values), name)
            return read_mapped_dates(texts, formats, table, where, self.problems, self.ws)
        times = self._filled(name, "datetime64[us]", naive_times)
        odd = odd_times(times, self.ws)
        found = pd.Series(times[odd], name=name)
        times[odd] = read_mapped_dates(found, formats, table, where, self.problems, self.ws)
        return pd.Series(times, name=name, copy=False)

    def _plain_times(self, column: pa.ChunkedArray) -> npt.NDArray[np.datetime64] | None:
        """Read text of which all is ISO 8601 and nothing has to be said, as most columns are."""
        ours = tuple(self.source.date_format) in ((), (ISO,)) and pa.types.is_string(column.type)
        nulls = (pa.array([value]) for value in self.source.null_values)
        if not ours or any(iso_times(value) is not None for value in nulls):
            return None
        times = iso_times(column)
        return None if times is None or len(odd_times(times, self.ws)) else times

    def numbers(self, key: str, name: str | None) -> np.ndarray:
        """Give a column of numbers; NaN where there is none."""
        if name is None:
            return np.broadcast_to(np.nan, len(self))
        kind = self.type_of(key, name)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            return self._filled(name, "float64", lambda block: block.cast(pa.float64()))
        texts = to_series(as_text(self._whole(name), self.source.null_values))
        decimal, table = self._decimal, self.path.partition(".")[0]
        notation = number_notation(texts)
        how = f'decimal: "%s"  under {table}'
        count_unclear_decimals(notation, decimal, table, name, how, self.problems)
        return parse_numbers(texts, decimal or notation.decimal).to_numpy()

    def _whole(self, name: str) -> pa.ChunkedArray:
        """Read a column at once."""
        chunks = [chunk for block in self.columns.blocks(name, ROWS) for chunk in block.chunks]
        return pa.chunked_array(chunks, self.columns.types[name])

    def _filled(
        self, name: str, dtype: str, convert: Callable[[pa.ChunkedArray], pa.ChunkedArray]
    ) -> np.ndarray:
        """Read a column of times or numbers block by block."""
        filled, done = np.empty(len(self), dtype=dtype), 0
        for block in self.columns.blocks(name, ROWS):
            filled[done : done + len(block)] = convert(block).to_numpy(zero_copy_only=False)
            done += len(block)
        return filled

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
    """Open the mapped columns of a file, or of a data frame given in its place.

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
        given = TableColumns(from_frame(frame, names))
        return MappedFile(given, source, path, "the given table", ws, problems, lambda: names)
    file = find_file(source.file, ws.folder, ws.where(f"{path}.file"))
    progress(f"reading {file.name}")
    coded = [name for name in texts if name]
    columns = [*coded, *(name for name in others if name)]
    options, notes = FileOptions(source.sheet, source.encoding), list[ReadingNote]()
    opened = open_columns(file, options, columns=columns, coded=coded, notes=notes)
    section = path.partition(".")[0]
    report_reading(problems, section, file.name, notes, section)
    return MappedFile(
        opened, source, path, file.name, ws, problems, lambda: column_names(file, options)
    )
