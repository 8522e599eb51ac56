"""How a CSV file is written: encoding, delimiter, quotes and header, detected from its beginning.

People rarely know how their CRM writes CSV, so they are not asked. A file that is not text (an
image, a workbook with the wrong ending) is an error, and so is a header with a repeated name.
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

SAMPLE = 256 * 1024  # bytes to look at
DELIMITERS = ",;\t|"
LEGACY_ENCODING = "cp1252"  # what older programs write instead of UTF-8
UNNAMED = "column "  # followed by its position, for a column without a name
LONGEST_CELL = 1 << 28
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is written.

    Attributes
    ----------
    encoding, delimiter, quote : str
        As Python names them.
    escape : str or None
        The character before a quote inside quotes, where it is not the quote itself.
    names : tuple of str
        The header.
    skip : int
        Lines before the header, such as Excel's ``sep=;``.
    """

    encoding: str
    delimiter: str
    quote: str
    escape: str | None
    names: tuple[str, ...]
    skip: int = 0


def detect_dialect(path: Path) -> CsvDialect:
    """Detect how a CSV file is written.

    Raises
    ------
    LeadReadyError
        If the file is empty or binary, or its header names a column twice.
    """
    with path.open("rb") as file:
        start = file.read(SAMPLE)
    if not start.strip():
        raise LeadReadyError("the file is empty", where=str(path), hint="export it again")
    encoding = _detect_encoding(start)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
    if "\0" in text or _is_binary(text):
        raise LeadReadyError(
            "this is not a text file", where=str(path), hint="give a CSV, XLSX or Parquet file"
        )
    declared, text = _declared_delimiter(text)
    quote = _detect_quote(text)
    delimiter = declared or _detect_delimiter(text, quote)
    escape = "\\" if _escapes_with_backslash(text, quote, delimiter) else None
    names = _read_header(path, text, delimiter, quote, escape)
    return CsvDialect(encoding, delimiter, quote, escape, names, skip=1 if declared else 0)


def header_names(where: Path | str, cells: Sequence[object]) -> tuple[str, ...]:
    """Name the columns of a header; a blank name is replaced by the column's position.

    Raises
    ------
    LeadReadyError
        If two columns have the same name.

    Examples
    --------
    >>> header_names(Path("leads.csv"), ["Id", " City ", None])
    ('Id', 'City', 'column 3')
    """
    names = [
        str(cell).strip() if cell is not None and str(cell).strip() else f"{UNNAMED}{position}"
        for position, cell in enumerate(cells, start=1)
    ]
    repeated = [name for position, name in enumerate(names) if name in names[:position]]
    if repeated:
        raise LeadReadyError(
            f"the header has two columns named {repeated[0]!r}",
            where=f"{where}:1",
            hint="rename one of them in the file",
        )
    return tuple(names)


def _detect_encoding(start: bytes) -> str:
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return name
    if len(start) > 3 and not start[1:400:2].strip(b"\0"):
        return "utf-16-le"
    return "utf8" if _is_utf8(start) else LEGACY_ENCODING


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(text: str) -> bool:
    start = text[:4000]
    control = sum(not char.isprintable() and char not in "\t\r\n\f\ufeff\xa0" for char in start)
    return control > 0.05 * len(start)


def _declared_delimiter(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line ``sep=;`` declares, and the text after that line."""
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    declared = re.fullmatch(r"sep=(.)", first.strip('"\r '))
    return (declared[1], rest) if declared else (None, text)


def _detect_quote(text: str) -> str:
    """The double quote, unless the cells of the header are in single quotes."""
    first = text.lstrip("\ufeff\r\n ").split("\n", 1)[0].strip()
    return "'" if first.startswith("'") and first.endswith("'") and '"' not in first else '"'


def _detect_delimiter(text: str, quote: str) -> str:
    """The delimiter that splits the first lines into the most cells, the same number in each."""
    lines = [line for line in _without_quoted(text, quote).splitlines()[:50] if line.strip(" ")]
    if len(lines) > 2:
        lines = lines[:-1]  # the last line may be cut off

    def regularity(delimiter: str) -> tuple[float, int]:
        counts = [line.count(delimiter) for line in lines]
        return sum(count == counts[0] for count in counts) / len(counts), counts[0]

    candidates = [delimiter for delimiter in DELIMITERS if lines and delimiter in lines[0]]
    return max(candidates, key=regularity, default=",")


def _without_quoted(text: str, quote: str) -> str:
    return "".join(text.split(quote)[::2])


def _escapes_with_backslash(text: str, quote: str, delimiter: str) -> bool:
    """Whether ``\\"`` occurs inside cells, not at the end of one or before a doubled quote."""
    parts = text.split("\\" + quote)
    return any(after[:1] not in (delimiter, quote, "\r", "\n", "") for after in parts[1:])


def _read_header(
    path: Path, text: str, delimiter: str, quote: str, escape: str | None
) -> tuple[str, ...]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape,
    )
    cells = next((line for line in lines if line), [])
    return header_names(path, cells)
