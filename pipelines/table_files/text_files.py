"""Tables as text: CSV for programs, CSV for a German Excel, and JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import WriteOptions, write_csv

from pipelines.table_files.formats import TableFormat
from pipelines.table_files.safe_cells import IDS, excel_id, formula_safe

BOM = b"\xef\xbb\xbf"  # tells Excel that a file is UTF-8


def text_parts(
    chunks: Iterable[pd.DataFrame], format: TableFormat, names: dict[str, str] | None
) -> Iterator[bytes]:
    """Write chunks of a table as parts of one text.

    Parameters
    ----------
    names : dict, optional
        The columns to write, and what to call them.

    Examples
    --------
    >>> table = pd.DataFrame({"lead_id": ["L-1"], "probability": [0.25]})
    >>> print(*(part.decode() for part in text_parts([table], "csv", None)), sep="")
    lead_id,probability
    "L-1",0.25
    >>> names = {"lead_id": "Id", "probability": "Chance"}
    >>> parts = text_parts([table], "csv-excel-de", names)
    >>> print(*(part.decode("utf-8-sig") for part in parts), sep="")
    Id;Chance
    "L-1";"0,25"
    """
    if format == "json":
        yield from _json_parts(chunks, names)
        return
    german = format == "csv-excel-de"
    write, cells = (";", _excel_cells) if german else (",", _cells)
    yield from [BOM] if german else []
    for place, chunk in enumerate(chunks):
        yield _csv_part(arrow_table(chunk, names, cells), write, header=place == 0)


def arrow_table(
    chunk: pd.DataFrame,
    names: dict[str, str] | None,
    cells: Callable[[str, Any], Any] = lambda name, column: column,
) -> pa.Table:
    """Give the chosen columns of a chunk under their new names, each cell written by ``cells``."""
    chosen = chunk if names is None else chunk[list(names)]
    table = pa.Table.from_pandas(chosen, preserve_index=False).replace_schema_metadata()
    columns = [cells(name, table[name]) for name in table.column_names]
    return pa.table(columns, names=list((names or {}).values()) or table.column_names)


def _cells(name: str, column: Any) -> Any:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _cells(name, column.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("s"), safe=False)
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return formula_safe(column) if is_text and name not in IDS else column


def _excel_cells(name: str, column: Any) -> Any:
    if pa.types.is_floating(column.type):
        return pc.replace_substring(column.cast(pa.string()), ".", ",")
    return excel_id(column.cast(pa.string())) if name in IDS else _cells(name, column)


def _csv_part(table: pa.Table, delimiter: str, *, header: bool) -> bytes:
    sink = pa.BufferOutputStream()
    if header:
        line = io.StringIO()
        csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(table.column_names)
        sink.write(line.getvalue().encode())
    write_csv(table, sink, WriteOptions(include_header=False, delimiter=delimiter))
    return bytes(sink.getvalue())


def _json_parts(chunks: Iterable[pd.DataFrame], names: dict[str, str] | None) -> Iterator[bytes]:
    """Write an array with one object for each row."""
    before = "[\n"
    for chunk in chunks:
        chosen = chunk if names is None else chunk[list(names)].rename(columns=names)
        if len(chosen):
            lines = chosen.to_json(
                orient="records", lines=True, date_format="iso", double_precision=15
            )
            yield (before + ",\n".join(lines.split("\n")).rstrip(",\n")).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"
