"""Reading dates in the formats that a workspace names; with too many misfits it is an error.

A column is in the formats that the workspace names, or in ISO 8601. A few values may fit none of
them; they are missing. If many do not fit, the named format is wrong, and the error shows a value
of each kind and the line to write.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.dates.detect import date_readings
from features.dates.formats import ISO
from features.dates.no_date import means_no_date, words_without_digits
from features.dates.questions import how_read
from features.dates.read import read_dates
from features.errors import UnusableData

MOST_UNREADABLE = 0.05  # of the filled values; with more, the named format is wrong


def parse_dates(column: pd.Series, formats: str | Sequence[str] | None = None) -> pd.Series:
    """Read a column of text as dates.

    Parameters
    ----------
    column : Series of str
        Dates as text; blank values and dates of zeros are missing.
    formats : str or sequence of str, optional
        As for ``read_dates``, tried in order; ISO 8601 by default. Times with a time zone are
        converted to UTC.

    Returns
    -------
    Series of datetime64[us]
        Naive UTC, same index; NaT where the value is missing or cannot be read.

    Raises
    ------
    UnusableData
        If more than 5% of the values cannot be read.

    Examples
    --------
    >>> parse_dates(pd.Series(["2024-02-01T10:00:00+02:00", None])).tolist()
    [Timestamp('2024-02-01 08:00:00'), NaT]
    >>> parse_dates(pd.Series(["2024-02-01", "31.1.2024"]))
    Traceback (most recent call last):
    features.errors.UnusableData: 1 of 2 dates are not ISO 8601, such as '31.1.2024'; others are,
    such as '2024-02-01'
    """
    expected = _format_tuple(formats)
    dates = read_dates(column, expected)
    _check_readable(column, dates, expected)
    return dates


def _format_tuple(formats: str | Sequence[str] | None) -> tuple[str, ...]:
    if not formats:
        return (ISO,)
    return (formats,) if isinstance(formats, str) else tuple(formats)


def _check_readable(column: pd.Series, dates: pd.Series, formats: tuple[str, ...]) -> None:
    filled = column.notna().to_numpy()
    unread = filled & np.isnat(dates.to_numpy())
    if unread.any():
        unread[unread] = ~means_no_date(column[unread]).to_numpy()
    if unread.sum() <= MOST_UNREADABLE * filled.sum():
        return
    bad, good = _first_value(column, unread), _first_value(column, filled & dates.notna())
    expected = "ISO 8601" if formats == (ISO,) else " or ".join(formats)
    others = f"; others are, such as {good!r}" if good else ""
    raise UnusableData(
        f"{unread.sum():,} of {filled.sum():,} dates are not {expected}, such as {bad!r}{others}",
        hint=_format_hint(column[unread], formats if good else ()),
    )


def _first_value(column: pd.Series, mask: np.ndarray) -> str | None:
    return str(column.iloc[int(np.argmax(mask))])[:40] if mask.any() else None


def _format_hint(unread: pd.Series, readable: Sequence[str]) -> str:
    """The line to write: the formats that fit some values, and those that fit the others."""
    texts = list(map(str, unread.unique()))
    words = sorted(words_without_digits([*texts, "2024-01-01"]))
    if readable and len(words) == len(texts):
        listed = ", ".join(map(repr, words))
        return f"if it means that there is no date, add it to  null_values: [{listed}]"
    readings = date_readings(unread)
    if not readings:
        return "write how the dates are formatted, such as  date_format: '%d.%m.%Y %H:%M'"
    lines = [_line(list(dict.fromkeys([*readable, *reading.formats]))) for reading in readings]
    if len(readings) == 1:
        return f"write  {lines[0]}"
    meanings = how_read(unread, readings)
    choices = [f"{line}  if {what}" for line, what in zip(lines, meanings, strict=True)]
    return f"write  {', or  '.join(choices)}"


def _line(formats: Sequence[str]) -> str:
    return f"date_format: [{', '.join(map(repr, formats))}]"
