"""How a CSV file is written: encoding, delimiter, quotes and header, found out from its first part.

Nobody knows how their CRM exports, so nobody is asked. What cannot be text (a picture, a workbook
under a wrong name) is an error here, and so is a header that names a column twice.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import LeadReadyError

SAMPLE = 256 * 1024  # bytes that are looked at
DELIMITERS = ",;\t|"
OTHERWISE = "cp1252"  # what old programs write where they do not write UTF-8
UNNAMED = "column "  # and its place, where the header has no name for it
LONGEST_CELL = 1 << 28
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
    skip : int
        Lines before the header: Excel writes ``sep=;``.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    names: tuple[str, ...]
    skip: int = 0


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
    said, text = _said_delimiter(text)
    quote = _quote(text)
    delimiter = said or _delimiter(text, quote)
    escape = "\\" if _escaped_by_backslash(text, quote, delimiter) else None
    names = _header(path, text, delimiter, quote, escape)
    return Shape(encoding, delimiter, quote, escape, names, skip=1 if said else 0)


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


def _said_delimiter(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line ``sep=;`` tells, and the text after it."""
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    said = re.fullmatch(r"sep=(.)", first.strip('"\r '))
    return (said[1], rest) if said else (None, text)


def _binary(text: str) -> bool:
    control = sum(not one.isprintable() and one not in "\t\r\n\f\ufeff\xa0" for one in text[:4000])
    return control > 0.05 * len(text[:4000])


def _quote(text: str) -> str:
    """The double quote, unless single ones enclose what the header's cells hold."""
    first = text.lstrip("\ufeff\r\n ").split("\n", 1)[0].strip()
    return "'" if first.startswith("'") and first.endswith("'") and '"' not in first else '"'


def _delimiter(text: str, quote: str) -> str:
    """The delimiter that parts the first lines into the most cells, as many in each."""
    lines = [one for one in _unquoted(text, quote).splitlines()[:50] if one.strip(" ")]
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
    """Whether ``\\"`` stands within cells, neither at the end of one nor before a doubled quote."""
    places = text.split("\\" + quote)
    return any(after[:1] not in (delimiter, quote, "\r", "\n", "") for after in places[1:])


def _header(
    path: Path, text: str, delimiter: str, quote: str, escape: str | None
) -> tuple[str, ...]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape,
    )
    cells = next((one for one in lines if one), [])
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
