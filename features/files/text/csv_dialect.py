"""How a CSV file is written: delimiter, quotes, header and the rows around it, from its beginning.

People rarely know how their CRM writes CSV, so they are not asked.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from features.errors import LeadReadyError
from features.files.headings import header_names
from features.files.reading_notes import Notes
from features.files.table_shape import SAMPLE_ROWS, find_table

SAMPLE = 256 * 1024  # bytes to look at
DELIMITERS = ",;\t|"
LONGEST_CELL = 1 << 28


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is written.

    Attributes
    ----------
    delimiter, quote : str
        As Python names them.
    escape : str or None
        The character before a quote inside quotes, where it is not the quote itself.
    names : tuple of str
        The header, with a name for each cell of a row.
    skip : int
        Lines before the first row of data.
    width : int
        Filled cells of most rows.
    titles, units : int
        Rows above the header, and rows of units under it.
    """

    delimiter: str
    quote: str
    escape: str | None
    names: tuple[str, ...]
    skip: int
    width: int
    titles: int = 0
    units: int = 0

    def rows(self, text: Iterator[str]) -> Iterator[list[str]]:
        """Split a text into rows of cells."""
        return csv.reader(
            text, delimiter=self.delimiter, quotechar=self.quote, escapechar=self.escape
        )


def detect_dialect(path: Path, where: Path, notes: Notes | None = None) -> CsvDialect:
    """Detect how a CSV file in UTF-8 is written.

    Parameters
    ----------
    where : Path
        The file that errors name.

    Raises
    ------
    LeadReadyError
        If the file has too many columns.
    """
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        text = file.read(SAMPLE)
    declared, text = _declared_delimiter(text)
    quote = _detect_quote(text)
    delimiter = declared or _detect_delimiter(text, quote)
    escape = "\\" if _escapes_with_backslash(text, quote, delimiter) else None
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, escapechar=escape
    )
    rows, lines = [], []
    for row in reader:
        rows.append(row)
        lines.append(reader.line_num + bool(declared))
        if len(rows) >= 2 * SAMPLE_ROWS:
            break
    shape = find_table(rows)
    if shape is None:
        raise LeadReadyError("the file is empty", where=str(where), hint="export it again")
    header = _fitted_header(rows[shape.header], rows[shape.first :])
    return CsvDialect(
        delimiter,
        quote,
        escape,
        header_names(where, header, notes),
        lines[shape.first - 1],
        shape.width,
        sum(any(cell.strip() for cell in row) for row in rows[: shape.header]),
        shape.first - shape.header - 1,
    )


def _fitted_header(header: Sequence[str], after: Sequence[Sequence[str]]) -> list[str]:
    """The header, as long as most rows if only blank cells make the difference."""
    lengths = Counter(len(row) for row in after if any(row))
    usual = lengths.most_common(1)[0][0] if lengths else len(header)
    if len(header) > usual and not any(cell.strip() for cell in header[usual:]):
        return list(header[:usual])
    longer = [row for row in after if len(row) == usual]
    blank = not any(cell.strip() for row in longer for cell in row[len(header) :])
    return [*header, *[""] * (usual - len(header))] if blank else list(header)


def _declared_delimiter(text: str) -> tuple[str | None, str]:
    """The delimiter that a first line ``sep=;`` declares, and the text after that line."""
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r"sep=(.)", first.strip('"\r '))
    return (declared[1], rest) if declared else (None, text)


def _detect_quote(text: str) -> str:
    """The double quote, unless the cells of the header are in single quotes."""
    first = text.lstrip("\r\n ").split("\n", 1)[0].strip()
    return "'" if first.startswith("'") and first.endswith("'") and '"' not in first else '"'


def _detect_delimiter(text: str, quote: str) -> str:
    """The delimiter that splits the most lines into the same number of cells, and into many."""
    lines = [line for line in _without_quoted(text, quote).splitlines()[:100] if line.strip(" ")]
    if len(lines) > 2:
        lines = lines[:-1]  # the last line may be cut off
    counts = {delimiter: [line.count(delimiter) for line in lines] for delimiter in DELIMITERS}

    def regularity(delimiter: str) -> tuple[float, int]:
        usual, same = Counter(filter(None, counts[delimiter])).most_common(1)[0]
        return round(same / len(lines), 1), usual

    candidates = [delimiter for delimiter in DELIMITERS if any(counts[delimiter])]
    return max(candidates, key=regularity, default=",")


def _without_quoted(text: str, quote: str) -> str:
    return "".join(text.split(quote)[::2])


def _escapes_with_backslash(text: str, quote: str, delimiter: str) -> bool:
    """Whether ``\\"`` occurs inside cells, not at the end of one or before a doubled quote."""
    parts = text.split("\\" + quote)
    return any(after[:1] not in (delimiter, quote, "\r", "\n", "") for after in parts[1:])
