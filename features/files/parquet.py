"""Parquet files: their columns keep the types of times and numbers."""

from __future__ import annotations

from collections.abc import Sequence
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
