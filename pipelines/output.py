"""The output room: what commands print, and the tables that they write.

An answer is printed as JSON or as text. A table is written as CSV, Parquet or JSON, by the
ending of the file's name, and the file appears whole or not at all. CSV opens safely in a
spreadsheet: a cell that would run as a formula gets an apostrophe.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeVar

from features.errors import LeadReadyError
from features.text import CONTROL, join, printable
from features.whole_file import whole_file, write_whole

if TYPE_CHECKING:  # the command line answers --help without pandas
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs such a cell
TableFormat = Literal["csv", "parquet", "json"]
TABLE_FORMATS: tuple[TableFormat, ...] = ("csv", "parquet", "json")
Answer = TypeVar("Answer")


def print_answer(answer: Answer, text: Callable[[Answer], str], as_json: bool) -> None:
    """Print an answer to stdout, as JSON for programs or as text for people.

    An answer that is not plain data gives it by ``to_json``.

    Examples
    --------
    >>> print_answer({"leads": 2}, lambda answer: f"{answer['leads']} leads", as_json=False)
    2 leads
    """
    if as_json:
        print_json(answer.to_json() if hasattr(answer, "to_json") else answer)
    else:
        print(printable(text(answer)))


def print_json(answer: Any) -> None:
    """Print an answer to stdout as JSON.

    Examples
    --------
    >>> print_json({"promoted": True})
    {
      "promoted": true
    }
    """
    print(json_text(answer))


def json_text(answer: Any) -> str:
    """Write an answer as strict JSON, in UTF-8; control characters are written as escapes."""
    text = json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False, default=_record_fields)
    return CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _record_fields(value: Any) -> Any:
    """Give the fields of a dataclass by name, and anything else as text."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return str(value)


def print_or_write(text: str, path: Path | None) -> None:
    """Write a text to a file, which appears whole or not at all, or print it to stdout.

    Examples
    --------
    >>> print_or_write("SELECT 1", None)
    SELECT 1
    """
    if path is None:
        print(printable(text))
    else:
        write_whole(path, f"{text}\n")


def table_format(path: Path) -> TableFormat:
    """The format that the ending of a file's name stands for.

    Raises
    ------
    LeadReadyError
        When the ending is none of ``.csv``, ``.parquet`` and ``.json``.

    Examples
    --------
    >>> table_format(Path("scores.PARQUET"))
    'parquet'
    >>> table_format(Path("scores.doc"))
    Traceback (most recent call last):
    features.errors.LeadReadyError: scores.doc: cannot write .doc
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in TABLE_FORMATS:
        raise LeadReadyError(
            f"cannot write {path.suffix or 'a file without an ending'}",
            where=str(path),
            hint=f"end the name in {join((f'.{name}' for name in TABLE_FORMATS), last='or')}",
        )
    return ending


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table in the format of the file's ending; the file appears whole or not at all.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> path = Path(tempfile.mkdtemp()) / "leads.csv"
    >>> write_table(pd.DataFrame({"lead_id": ["a"], "source": ["=1+1"]}), path)
    >>> path.read_text()
    "lead_id,source\\na,'=1+1\\n"
    """
    write_chunks([table], path)


def write_chunks(
    chunks: Iterable[pd.DataFrame],
    path: Path,
    format: TableFormat | None = None,
    before_it_appears: Callable[[], object] | None = None,
) -> None:
    """Write a table that arrives in chunks of rows; the file appears whole or not at all.

    Parameters
    ----------
    chunks : iterable of DataFrame
        Parts of one table, with the same columns.
    path : path
        The file to write; its folder must exist.
    format : str, optional
        ``csv``, ``parquet`` or ``json`` (default: by the ending of the file's name).
    before_it_appears : callable, optional
        Called when the file is complete; if it fails, the old file stays.

    Raises
    ------
    LeadReadyError
        When the ending is unknown or the folder does not exist. Nothing is read from ``chunks``
        before these are checked.
    """
    format = format or table_format(path)
    with whole_file(path) as temporary:
        if format == "parquet":
            _write_parquet(chunks, temporary)
        else:
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                _STREAMS[format](chunks, stream)
        if before_it_appears is not None:
            before_it_appears()


def print_chunks(chunks: Iterable[pd.DataFrame], as_json: bool) -> None:
    """Print a table that arrives in chunks of rows to stdout, as CSV or JSON.

    A program gets every character; on a terminal, control characters are shown as codes.
    """
    write = _STREAMS["json" if as_json else "csv"]
    if not sys.stdout.isatty():
        write(chunks, sys.stdout)
        return
    text = io.StringIO()
    write(chunks, text)
    print(printable(text.getvalue()), end="")


def spreadsheet_safe(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Put an apostrophe before each text that a spreadsheet would run as a formula.

    Examples
    --------
    >>> import pandas as pd
    >>> spreadsheet_safe(pd.Series(["=1+1", "lead-1"])).to_list()
    ["'=1+1", 'lead-1']
    """
    text = texts.astype("str")
    return text.mask(text.str.startswith(FORMULA_STARTS), "'" + text)


def _stream_csv(chunks: Iterable[pd.DataFrame], stream: TextIO) -> None:
    for place, chunk in enumerate(chunks):
        texts = [column for column in chunk.columns if chunk[column].dtype.kind not in "bifM"]
        safe = chunk.assign(**{column: spreadsheet_safe(chunk[column]) for column in texts})
        safe.to_csv(
            stream, index=False, header=place == 0, float_format="%.6g", lineterminator="\n"
        )


def _stream_json(chunks: Iterable[pd.DataFrame], stream: TextIO) -> None:
    """Write an array with one object for each row."""
    before = "[\n"
    for chunk in chunks:
        if len(chunk):
            lines = chunk.to_json(
                orient="records", lines=True, date_format="iso", double_precision=15
            )
            stream.write(before + ",\n".join(lines.split("\n")).rstrip(",\n"))
            before = ",\n"
    stream.write("[]\n" if before == "[\n" else "\n]\n")


_STREAMS = {"csv": _stream_csv, "json": _stream_json}


def _write_parquet(chunks: Iterable[pd.DataFrame], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writer = None
    for chunk in chunks:
        table = pa.Table.from_pandas(chunk, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
