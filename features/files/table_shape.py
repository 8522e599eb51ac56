"""Where the table is among the rows of a file: under titles, above totals and footers.

Exports for people begin with a title or the name of who made them, have units under the header and
end with totals, counts or a copyright. None of these is a lead. Each row left out is reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan

from features.values.numbers import parse_number

Row = Sequence[str | None]

SAMPLE_ROWS = 200  # from which the width of the table is seen
MOST_FOOTER_ROWS = 30
FEWEST_UNDER_UNITS, FEWEST_UNDER_WORDS = 2, 5  # rows that show that a row is none of them
HEADER_SHARE = 0.5  # of the table's width is filled in its header
SPARSE = 0.34  # of the width is filled at most in a footer
_TOTAL = re.compile(
    r"(grand |sub-?|report )?(totals?|sum|summe|gesamt\w*|insgesamt|zwischensumme|total \w+|"
    r"totaal|totale|totales|suma|razem|итого|всего|toplam|合計|总计|總計|count|anzahl)\b[^\w]*.{0,40}",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"copyright|©|\(c\) ?\d{4}|all rights reserved|confidential|vertraulich|generated (by|on)|"
    r"exported (by|on|from|at)|erstellt (am|von)|exportiert|report (run|generated|name)|"
    r"as of |stand: |page \d|seite \d|end of (report|file)|\d[\d.,]* (records?|rows?|leads?|"
    r"results?|datensätze|zeilen|einträge|enregistrements|registros|записей)\b|salesforce\.com",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[(\[]?\s*(%|€|\$|£|[a-z]{3}/\w+|eur|usd|gbp|chf|t€|teur|k€|k\$|keur|kusd|mio\.? ?\S{0,3}|m²|"
    r"people|persons|personen|employees|mitarbeiter|anzahl|number|count|stück|pcs|qty|days?|tage|"
    r"hours?|minutes?|seconds?|sec|min|h|s|years?|jahre|text|string|varchar|date|datum|datetime|"
    r"timestamp|int(eger)?|float|bool(ean)?|[ymdtj./ -]{4,}(hh:mm(:ss)?)?|yes/no|ja/nein|id)"
    r"\s*[)\]]?",
    re.IGNORECASE,
)
_NUMBER = r"[-+]?[\d.,'  ]*\d[\d.,'  %€$]*"
_DATE = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*"
_VALUE = re.compile(f"{_NUMBER}|{_DATE}")


@dataclass(frozen=True)
class TableShape:
    """Which rows of a file are the table.

    Attributes
    ----------
    header : int
        The row with the names of the columns.
    first : int
        The first row of data, after the header and the units.
    width : int
        Cells of a row.
    """

    header: int
    first: int
    width: int


def find_table(rows: Sequence[Row]) -> TableShape | None:
    """Find the header and the first row of data; None if there is no row with text.

    Parameters
    ----------
    rows : sequence of sequence of str or None
        The first rows of the file.

    Examples
    --------
    >>> rows = [["All leads"], [], ["Id", "City", "Size"], ["1", "Rome", "5"], ["2", "Bonn", "7"]]
    >>> find_table(rows)
    TableShape(header=2, first=3, width=3)
    """
    filled = [_filled(row) for row in rows]
    if not any(filled):
        return None
    width = _usual_width(rows)
    least = max(1, min(2, width), HEADER_SHARE * width)
    header = next(
        (place for place, count in enumerate(filled) if count >= least),
        next(place for place, count in enumerate(filled) if count),
    )
    if not is_comment(rows[header], width):
        shape = TableShape(header, header + 1, width)
    else:
        after = find_table(rows[header + 1 :])
        if after is None:
            return None
        moved = header + 1
        shape = TableShape(after.header + moved, after.first + moved, after.width)
    below = next((place for place in range(shape.first, len(rows)) if filled[place]), None)
    if below is not None and _is_units(rows[below], rows[below + 1 :]):
        return replace(shape, first=below + 1)
    if below is not None and _is_second_header(rows[shape.header], rows[below:], width):
        return TableShape(below, below + 1, width)
    if below is not None and _has_words_for_values(rows[below], rows[below + 1 :]):
        return replace(shape, first=below + 1)
    return shape


def footer_rows(rows: Sequence[Row], width: int) -> int:
    """Count the rows at the end that are totals, counts, a copyright, or blank between them.

    Parameters
    ----------
    rows : sequence of sequence of str or None
        The last rows of the file.

    Examples
    --------
    >>> rows = [["1", "Rome", "5"], ["2", "Bonn", "7"], ["Total", None, "12"], [], ["Copyright X"]]
    >>> footer_rows(rows, width=3)
    3
    """
    certain = 0
    for number, row in enumerate(reversed(rows[-MOST_FOOTER_ROWS:]), start=1):
        if not _filled(row) or is_footer(row, width) or (len(row) == 1 and width > 2):
            certain = number
        elif _filled(row) > 1 or width < 3:
            break  # a single cell is part of the footer only if a blank row is above it
    footer = rows[len(rows) - certain :]
    blank_first = next((place for place, row in enumerate(footer) if _filled(row)), len(footer))
    return len(footer) - blank_first


def is_footer(row: Row, width: int) -> bool:
    """Whether a row is a total or a footer rather than data.

    Examples
    --------
    >>> is_footer(["Grand Total", None, "97"], 3), is_footer(["Total Energies", "Paris", "5"], 3)
    (True, False)
    >>> is_footer(["Razem", None, None, "1 234 000 zł"], 4)
    True
    """
    texts = [str(cell).strip() for cell in row if cell is not None and str(cell).strip()]
    if not texts:
        return False
    few = len(texts) <= max(1, SPARSE * width)
    if few and width > 1 and any(_FOOTER.search(text) for text in texts):
        return True
    labels = [text for text in texts if not _VALUE.fullmatch(text) and isnan(parse_number(text))]
    blanks = len(texts) < width
    return len(labels) == 1 and blanks and width > 1 and bool(_TOTAL.fullmatch(labels[0]))


def is_comment(row: Row, width: int) -> bool:
    """Whether a row is a comment such as ``# exported by …``.

    Examples
    --------
    >>> is_comment(["# made by hand"], 3), is_comment(["#", "Name", "City"], 3)
    (True, False)
    """
    first = str(row[0] or "").lstrip() if row else ""
    return first.startswith(("#", "//")) and _filled(row) < max(2, width)


def is_date(text: str) -> bool:
    """Whether a text is a date in digits.

    Examples
    --------
    >>> is_date("03/04/2024 10:00"), is_date("2024")
    (True, False)
    """
    return re.fullmatch(_DATE, text.strip()) is not None


def is_number(text: str) -> bool:
    """Whether a text is a number in digits.

    Examples
    --------
    >>> is_number("1.200,50 €"), is_number("Q1")
    (True, False)
    """
    return re.fullmatch(_NUMBER, text.strip()) is not None and not is_date(text)


def _usual_width(rows: Sequence[Row]) -> int:
    """The number of cells of most rows, without blank ones at the end."""
    widths = [*filter(None, map(_last_filled, rows[:SAMPLE_ROWS]))]
    counts = Counter(widths)
    if not counts:
        return 0
    usual = max(counts, key=lambda width: (counts[width] * (width > 1), width))
    wide = [width for width, count in counts.items() if count >= 0.1 * len(widths)]
    return max([usual, *wide])


def _is_units(row: Row, after: Sequence[Row]) -> bool:
    """Whether every filled cell of a row is a unit, above a column of numbers or dates."""
    return (
        len(after) >= FEWEST_UNDER_UNITS
        and all(map(_UNIT.fullmatch, _words(row)))
        and _values_under(row, after) > 0
    )


def _has_words_for_values(row: Row, after: Sequence[Row]) -> bool:
    """Whether a row has no digit, but words above several columns of numbers or dates.

    A lead has at least an id or a date in digits.
    """
    return (
        len(after) >= FEWEST_UNDER_WORDS
        and not any(map(str.isdigit, "".join(_words(row))))
        and _values_under(row, after) > 1
    )


def _values_under(row: Row, after: Sequence[Row]) -> int:
    """How many filled cells are above a column of numbers or dates; 0 if any comes again below."""
    filled = [place for place, cell in enumerate(row) if cell and str(cell).strip()]
    below = [
        [str(other[place]) for other in after if place < len(other) and other[place]]
        for place in filled
    ]
    if any(str(row[place]) in values for place, values in zip(filled, below, strict=True)):
        return 0
    return sum(map(_are_values, below))


def _words(row: Row) -> list[str]:
    """What is written in the filled cells of a row."""
    return [text for text in (str(cell or "").strip() for cell in row) if text]


def _is_second_header(header: Row, after: Sequence[Row], width: int) -> bool:
    """Whether a row names every column, under a header that names groups of columns.

    Its cells are different words, some of them above a column of numbers or dates.
    """
    row, *data = after
    cells = [str(cell or "").strip() for cell in row]
    if _filled(header) == width or len(set(filter(None, cells))) < width or len(data) < 2:
        return False
    if any(map(_VALUE.fullmatch, cells)):
        return False
    columns = [
        [str(other[place]) for other in data if place < len(other) and other[place]]
        for place in range(width)
    ]
    return any(map(_are_values, columns))


def _are_values(texts: Sequence[str]) -> bool:
    """Whether most texts are numbers or dates."""
    values = sum(bool(_VALUE.fullmatch(text.strip())) for text in texts)
    return bool(texts) and values > 0.8 * len(texts)


def _filled(row: Row) -> int:
    return sum(map(bool, map(str.strip, filter(None, row))))


def _last_filled(row: Row) -> int:
    places = range(len(row), 0, -1)
    return next((place for place in places if (row[place - 1] or "").strip()), 0)
