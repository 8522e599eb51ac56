"""Parquet files: their columns keep the types of times and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from features.errors import LeadReadyError
from features.files.headings import header_names


def read_parquet(path: Path, columns: Sequence[str] | None, coded: Sequence[str]) -> pa.Table:
    """Read a Parquet file.

    Parameters
    ----------
    columns : sequence of str, optional
        Read only these columns, as far as the file has them.
    coded : sequence of str
        Columns to keep as Arrow dictionaries.
    """
    file = _open_parquet(path, coded)
    raw = parquet_columns(file)
    names = header_names(path, raw)
    kept = [place for place, name in enumerate(names) if columns is None or name in columns]
    try:
        if len(set(raw)) < len(raw):
            return file.read().select(kept).rename_columns([names[place] for place in kept])
        table = file.read([raw[place] for place in kept]).select([raw[place] for place in kept])
        return table.rename_columns([names[place] for place in kept])
    except (pa.ArrowException, OSError) as error:
        raise _unreadable_parquet(path) from error


@dataclass(frozen=True)
class ParquetColumns:
    """Columns of a Parquet file that are read when they are asked for.

    Attributes
    ----------
    path : path
        The file.
    coded : sequence of str
        Those with few distinct values, each of which is stored once.
    file : pyarrow.parquet.ParquetFile
        The file, open.
    raw_names : dict of str to str
        What the file calls each column.
    named_once : bool
        Whether it calls each column by another name.
    """

    path: Path
    coded: Sequence[str]
    file: Any
    raw_names: dict[str, str]
    named_once: bool

    @classmethod
    def open(cls, path: Path, columns: Sequence[str], coded: Sequence[str]) -> ParquetColumns:
        """Open a file, of which these columns are to be read, as far as it has them."""
        file = _open_parquet(path, coded)
        raw = parquet_columns(file)
        named = zip(header_names(path, raw), raw, strict=True)
        kept = {name: raw_name for name, raw_name in named if name in columns}
        return cls(path, coded, file, kept, len(set(raw)) == len(raw))

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The type of each column."""
        schema = self.file.schema_arrow
        return {name: schema.field(raw).type for name, raw in self.raw_names.items()}

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return int(self.file.metadata.num_rows)

    def blocks(self, name: str, rows: int) -> Iterator[pa.ChunkedArray]:
        """Give a column in blocks of at most so many rows."""
        raw = self.raw_names[name]
        file = _open_parquet(self.path, self.coded)  # one that is open serves one thread
        try:
            for batch in file.iter_batches(rows, columns=[raw]):
                yield pa.chunked_array([batch.column(raw)])
        except (pa.ArrowException, OSError) as error:
            raise _unreadable_parquet(self.path) from error


def parquet_names(path: Path) -> list[str]:
    """List the columns of a Parquet file."""
    return list(header_names(path, parquet_columns(_open_parquet(path))))


def parquet_columns(file: Any) -> list[str]:
    """The columns, without the row numbers that pandas adds."""
    return [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]


def _open_parquet(path: Path, coded: Sequence[str] = ()) -> Any:
    try:
        texts = [
            field.name
            for field in pa.parquet.read_schema(path)
            if field.name in coded and pa.types.is_string(field.type)
        ]
        return pa.parquet.ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable_parquet(path) from error


def _unreadable_parquet(path: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as Parquet", where=str(path), hint="export it again"
    )
