"""Write a table into a file, whole or not at all, or to stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from features.text import printable
from features.whole_file import whole_file
from pipelines.table_files.formats import TableFormat, refuse_unprintable, table_format

if TYPE_CHECKING:  # the command line answers --help without pandas
    import pandas as pd


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table in the format of the file's ending; the file appears whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> path = Path(tempfile.mkdtemp()) / "leads.csv"
    >>> write_table(pd.DataFrame({"lead_id": ["a"], "source": ["=1+1"]}), path)
    >>> print(path.read_text())
    lead_id,source
    "a","'=1+1"
    """
    write_chunks([table], path)


def write_chunks(
    chunks: Iterable[pd.DataFrame],
    path: Path,
    format: TableFormat | None = None,
    before_it_appears: Callable[[Path], object] | None = None,
    names: dict[str, str] | None = None,
) -> None:
    """Write a table that arrives in chunks of rows; the file appears whole or not at all.

    Parameters
    ----------
    chunks : iterable of DataFrame
        Parts of one table, with the same columns.
    path : path
        The file to write; its folder must exist.
    format : str, optional
        A format of `TABLE_FORMATS` (default: by the ending of the file's name).
    before_it_appears : callable, optional
        Called with the temporary file when it is complete; if it fails, the old file stays.
    names : dict, optional
        The columns to write, and what to call them (default: all under their own names).

    Raises
    ------
    LeadReadyError
        When the ending is unknown or the folder does not exist. Nothing is read from ``chunks``
        before these are checked.
    """
    format = format or table_format(path)
    with whole_file(path) as temporary:
        if format == "parquet":
            _write_parquet(chunks, temporary, names)
        elif format == "xlsx":
            from pipelines.table_files.workbook import write_workbook

            write_workbook(chunks, temporary, names)
        else:
            from pipelines.table_files.text_files import text_parts

            with temporary.open("wb") as file:
                file.writelines(text_parts(chunks, format, names))
        if before_it_appears is not None:
            before_it_appears(temporary)


def print_chunks(
    chunks: Iterable[pd.DataFrame],
    format: TableFormat = "csv",
    names: dict[str, str] | None = None,
) -> None:
    """Print a table that arrives in chunks of rows to stdout.

    A program gets every character; on a terminal, control characters are shown as codes.

    Raises
    ------
    LeadReadyError
        When the format is not text.
    """
    from pipelines.table_files.text_files import text_parts

    refuse_unprintable(format)
    on_terminal = sys.stdout.isatty()
    for part in text_parts(chunks, format, names):
        text = part.decode()
        sys.stdout.write(printable(text) if on_terminal else text)
    sys.stdout.flush()


def _write_parquet(
    chunks: Iterable[pd.DataFrame], path: Path, names: dict[str, str] | None
) -> None:
    import pyarrow.parquet as pq

    from pipelines.table_files.text_files import arrow_table

    writer = None
    for chunk in chunks:
        table = arrow_table(chunk, names)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
