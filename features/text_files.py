"""CSV files as CRMs export them: encoding, delimiter and quotes are found out from the file itself.

Everything is read as text by Arrow, in parallel, so record ids keep all their digits. A file that
is no table (binary, ragged, a header that names a column twice) is an error that says which line.
"""

from __future__ import annotations

import codecs
import csv
import io
import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from features.errors import LeadReadyError

SAMPLE = 256 * 1024  # bytes that are looked at to find out how a file is written
DELIMITERS = ",;\t|"
BLOCK = 8 << 20  # bytes; a longer row needs a larger block
LARGEST_BLOCK = 1 << 30
OTHERWISE = "cp1252"  # what old programs write where they do not write UTF-8
UNNAMED = "column "  # and its place, where the header has no name for it
_CODED = pa.dictionary(pa.int32(), pa.string())
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Shape:
    """How a text file is written.

    Attributes
    ----------
    encoding, delimiter, quote : str
        As Python names them.
    escape : str or None
        What stands before a quote within quotes, where that is not the quote itself.
    names : tuple of str
        The header.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    names: tuple[str, ...]


def look_at(path: Path) -> Shape:
    """Find out how a text file is written, from its first part.

    Raises
    ------
    LeadReadyError
        When it is empty, binary, or its header names a column twice.
    """
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    if not start.strip():
        raise LeadReadyError("the file is empty", where=str(path), hint="export it again")
    encoding = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
    if "\0" in text or _binary(text):
        raise LeadReadyError(
            "this is no text file", where=str(path), hint="give a CSV, XLSX or Parquet file"
        )
    quote = _quote(text)
    delimiter = _delimiter(text, quote)
    escape = "\\" if _escaped_by_backslash(text, quote, delimiter) else None
    return Shape(encoding, delimiter, quote, escape, _header(path, text, delimiter, quote, escape))


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
        one for one in names
        if one.startswith(UNNAMED) and table.column(one).null_count == table.num_rows
    ]  # fmt: skip
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


# -- how the file is written ----------------------------------------------------------------------


def _encoding(start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if len(start) > 3 and not start[1:400:2].strip(b"\0"):
        return "utf-16-le"
    return "utf8" if _is_utf8(start) else OTHERWISE


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _binary(text: str) -> bool:
    control = sum(not one.isprintable() and one not in "\t\r\n\f\ufeff\xa0" for one in text[:4000])
    return control > 0.05 * len(text[:4000])


def _quote(text: str) -> str:
    """The double quote, unless single ones enclose what the header's cells hold."""
    first = text.lstrip("\ufeff\r\n ").split("\n", 1)[0].strip()
    return "'" if first.startswith("'") and first.endswith("'") and '"' not in first else '"'


def _delimiter(text: str, quote: str) -> str:
    """The delimiter that parts the first lines into the most cells, as many in each."""
    lines = [one for one in _unquoted(text, quote).splitlines()[:50] if one.strip()]
    if len(lines) > 2:
        lines = lines[:-1]  # the last one may be cut off

    def fits(delimiter: str) -> tuple[float, int]:
        counts = [one.count(delimiter) for one in lines]
        return sum(one == counts[0] for one in counts) / len(counts), counts[0]

    there = [one for one in DELIMITERS if lines and one in lines[0]]
    return max(there, key=fits, default=",")


def _unquoted(text: str, quote: str) -> str:
    """The text less what stands between quotes."""
    return "".join(text.split(quote)[::2])


def _escaped_by_backslash(text: str, quote: str, delimiter: str) -> bool:
    """Whether ``\\"`` stands within cells, where it cannot be the end of one."""
    places = text.split("\\" + quote)
    return any(after[:1] not in (delimiter, "\r", "\n", "") for after in places[1:])


def _header(
    path: Path, text: str, delimiter: str, quote: str, escape: str | None
) -> tuple[str, ...]:
    csv.field_size_limit(1 << 28)
    lines = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        delimiter=delimiter, quotechar=quote, escapechar=escape,
    )  # fmt: skip
    cells = next((one for one in lines if any(cell.strip() for cell in one)), [])
    return named(path, cells)


def named(where: Path | str, cells: Sequence[object]) -> tuple[str, ...]:
    """The names in a header; a blank one is called by its place, none may be there twice.

    Examples
    --------
    >>> named(Path("leads.csv"), ["Id", " City ", None])
    ('Id', 'City', 'column 3')
    """
    names = [
        str(one).strip() if one is not None and str(one).strip() else f"{UNNAMED}{place}"
        for place, one in enumerate(cells, start=1)
    ]
    twice = [one for place, one in enumerate(names) if one in names[:place]]
    if twice:
        raise LeadReadyError(
            f"the header names the column {twice[0]!r} twice",
            where=f"{where}:1",
            hint="rename one of them in the file",
        )
    return tuple(names)


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
