"""CSV files as CRMs export them, read as text.

Arrow reads them in parallel, and as text, so record ids keep all their digits. How a file is
written is found out first (``csv_dialect``). Rows with more or fewer cells than the header are
an error that says which line.
"""

from __future__ import annotations

import csv
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from features.errors import LeadReadyError
from features.files.csv_dialect import OTHERWISE, UNNAMED, Shape, look_at

BLOCK = 8 << 20  # bytes; a longer row needs a larger block
LARGEST_BLOCK = 1 << 30
_CODED = pa.dictionary(pa.int32(), pa.string())


def read_csv(
    path: Path, wanted: Sequence[str] | None = None, coded: Sequence[str] = ()
) -> pa.Table:
    """Read a text file, all columns as text; blank cells are null.

    Parameters
    ----------
    path : path
        The file.
    wanted : sequence of str, optional
        Only these columns, as far as the file has them.
    coded : sequence of str
        Columns of which each distinct value is to be kept once (Arrow dictionaries).
    """
    shape = look_at(path)
    names = [one for one in shape.names if wanted is None or one in wanted]
    places = {f"f{shape.names.index(one)}": one for one in names}
    kinds = {place: _CODED if one in coded else pa.string() for place, one in places.items()}
    table = _read_however(path, shape, kinds).slice(1).rename_columns(names)
    nothing = [
        one
        for one in names
        if one.startswith(UNNAMED) and table.column(one).null_count == table.num_rows
    ]
    return table.drop_columns(nothing)


def _read_however(path: Path, shape: Shape, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Read; again with longer blocks where a cell is as long as a book, or in another encoding."""
    block = BLOCK
    while True:
        try:
            return _read(path, shape, kinds, block)
        except pa.ArrowInvalid as error:
            if "straddl" in str(error) and block < LARGEST_BLOCK:
                block *= 8
            elif "UTF8" in str(error) and shape.encoding == "utf8":
                shape = replace(shape, encoding=OTHERWISE)
            elif "Empty CSV" in str(error):  # a header without an end
                return pa.table({place: pa.array([None], kind) for place, kind in kinds.items()})
            else:
                raise _unreadable(path) from error


def _read(path: Path, shape: Shape, kinds: Mapping[str, pa.DataType], block: int) -> pa.Table:
    ragged: list[Any] = []

    def keep(row: Any) -> str:
        ragged.append(row)
        return "error"

    try:
        return pa.csv.read_csv(
            path,
            pa.csv.ReadOptions(
                autogenerate_column_names=True,
                encoding=shape.encoding.removesuffix("-sig"),
                skip_rows=shape.skip,
                block_size=block,
            ),
            pa.csv.ParseOptions(
                delimiter=shape.delimiter,
                quote_char=shape.quote,
                escape_char=shape.escape or False,
                newlines_in_values=_has(path, shape.quote),
                invalid_row_handler=keep,
            ),
            pa.csv.ConvertOptions(
                column_types=kinds,
                include_columns=list(kinds),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        if ragged:
            raise _ragged(path, shape, ragged[0]) from None
        raise
    except UnicodeDecodeError as error:
        raise _wrong_encoding(path, shape.encoding) from error


def _has(path: Path, quote: str) -> bool:
    """Whether there are any quotes; without them, lines are rows and can be read in parallel."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as bytes_:
        return bytes_.find(quote.encode()) >= 0


# -- errors ---------------------------------------------------------------------------------------


def _ragged(path: Path, shape: Shape, row: Any) -> LeadReadyError:
    line = f":{row.number}" if row.number else _line_of(path, shape)
    return LeadReadyError(
        f"a row has {row.actual_columns} cells, the header has {row.expected_columns}",
        where=f"{path}{line}",
        hint="put cells that hold the delimiter between quotes, or export the file again",
    )


def _line_of(path: Path, shape: Shape) -> str:
    """The line of the first row with another number of cells than the header has."""
    with path.open(encoding=shape.encoding, errors="replace", newline="") as file:
        rows = csv.reader(
            file, delimiter=shape.delimiter, quotechar=shape.quote, escapechar=shape.escape
        )
        try:
            for row in rows:
                if row and len(row) != len(shape.names):
                    return f":{rows.line_num}"
        except csv.Error:
            return ""
    return ""


def _wrong_encoding(path: Path, encoding: str) -> LeadReadyError:
    return LeadReadyError(
        f"the text is neither UTF-8 nor {encoding}",
        where=str(path),
        hint="save it as UTF-8 (in Excel: CSV UTF-8)",
    )


def _unreadable(path: Path) -> LeadReadyError:
    return LeadReadyError(
        "the file cannot be read as a table: a quote is never closed, or its rows are broken",
        where=str(path),
        hint="open it in a spreadsheet, look at its last rows, and export it again",
    )
