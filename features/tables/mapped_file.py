"""One file of events or stages together with its mapping: ask for a column by the mapping's key.

A column that the file does not have is an error at the line of ``leadready.yaml`` that names it.
Times and numbers are used as they are where the file has types (Parquet), and read from text where
it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from features.errors import LeadReadyError
from features.files.arrow_text import as_text, from_frame, naive_times, to_codes, to_series
from features.files.csv_dialect import named
from features.files.dates import dates_of
from features.files.numbers import parse_numbers
from features.files.open_table import find_file, names_of, read_arrow
from features.tables.problems import Problems
from features.workspace.schema import EventsSource, FieldHistorySource, StagesSource, Workspace

Progress = Callable[[str], None]


@dataclass(frozen=True)
class MappedFile:
    """A file that was read, with what the workspace says of it.

    Attributes
    ----------
    table : pyarrow.Table
        Its mapped columns.
    source : EventsSource or StagesSource
        The mapping.
    place : str
        The part of ``leadready.yaml`` that maps it: ``events.0``.
    name : str
        The file's name.
    known : callable
        Names all columns of the file.
    """

    table: pa.Table
    source: EventsSource | StagesSource | FieldHistorySource
    place: str
    name: str
    ws: Workspace
    problems: Problems
    known: Callable[[], Sequence[str]]

    def __len__(self) -> int:
        """Rows in the file."""
        return int(self.table.num_rows)

    def where(self, key: str) -> str:
        """Say where a key of the mapping stands."""
        return self.ws.where(f"{self.place}.{key}")

    def column(self, key: str, name: str) -> pa.ChunkedArray:
        """A mapped column as it was read."""
        if name not in self.table.column_names:
            hint = f"the columns are named as in {self.name}"
            raise LeadReadyError.unknown(name, self.known(), where=self.where(key), hint=hint)
        return self.table.column(name)

    def codes(self, key: str, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A column of text: for each row the place of its value (-1: none), and the values."""
        return to_codes(self.column(key, name), self.source.null_values)

    def dates(self, table: str) -> pd.Series:
        """The times, NaT where there is none or it cannot be."""
        name = self.source.time
        column = self.column("time", name)
        if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
            read = naive_times(column).to_numpy(zero_copy_only=False)
            dates = pd.Series(read.astype("datetime64[us]"), name=name)
        else:
            dates = to_series(as_text(column, self.source.null_values), name)
        return dates_of(
            dates, self.source.date_format, table, self.where("time"), self.problems, self.ws
        )

    def numbers(self, key: str, name: str | None) -> np.ndarray:
        """A column of numbers, NaN where there is none."""
        if name is None:
            return np.full(len(self), np.nan)
        column = self.column(key, name)
        if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
            return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        return parse_numbers(to_series(as_text(column, self.source.null_values))).to_numpy()


def open_file(
    ws: Workspace,
    source: EventsSource | StagesSource | FieldHistorySource,
    place: str,
    problems: Problems,
    say: Progress,
    given: pd.DataFrame | None,
    *,
    texts: Sequence[str | None],
    others: Sequence[str | None],
) -> MappedFile:
    """Read the mapped columns of a file, or of the table that is given in its place.

    Parameters
    ----------
    texts, others : sequence of str or None
        Columns whose values are told apart, and columns of times and numbers.
    """
    if given is not None:
        names: Any = named("the table given", list(given.columns))
        made = from_frame(given, names)
        return MappedFile(made, source, place, "the table given", ws, problems, lambda: names)
    file = find_file(source.file, ws.folder, ws.where(f"{place}.file"))
    say(f"reading {file.name}")
    coded = [one for one in texts if one]
    wanted = [*coded, *(one for one in others if one)]
    table = read_arrow(file, sheet=source.sheet, wanted=wanted, coded=coded)
    return MappedFile(
        table, source, place, file.name, ws, problems, lambda: names_of(file, source.sheet)
    )
