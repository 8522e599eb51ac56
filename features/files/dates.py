"""Dates as companies write them, read as naive UTC timestamps.

A column is in the formats that the workspace names, or in ISO 8601. A few values may fit none of
them; they are missing. If many do not fit, the named format is wrong, and the error shows a value
of each kind and the line to write.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.files.date_formats import ISO, detect_date_formats, read_dates, read_in_format

MOST_UNREADABLE = 0.05  # of the filled values; with more, the named format is wrong


def parse_dates(column: pd.Series, formats: str | Sequence[str] | None = None) -> pd.Series:
    """Read a column of text as dates.

    Parameters
    ----------
    column : Series of str
        Dates as text; blank values are missing.
    formats : str or sequence of str, optional
        ``strptime`` formats, tried in order; ISO 8601 by default. Times with a time zone are
        converted to UTC.

    Returns
    -------
    Series of datetime64[us]
        Naive UTC, same index; NaT where the value is missing or cannot be read.

    Raises
    ------
    LeadReadyError
        If more than 5% of the values cannot be read.

    Examples
    --------
    >>> parse_dates(pd.Series(["2024-02-01T10:00:00+02:00", None])).tolist()
    [Timestamp('2024-02-01 08:00:00'), NaT]
    >>> parse_dates(pd.Series(["2024-02-01", "31.1.2024"]))
    Traceback (most recent call last):
    features.errors.LeadReadyError: 1 of 2 dates are not ISO 8601, such as '31.1.2024'; others are,
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
    unread = filled & dates.isna().to_numpy()
    if unread.sum() <= MOST_UNREADABLE * filled.sum():
        return
    bad, good = _first_value(column, unread), _first_value(column, filled & ~unread)
    expected = "ISO 8601" if formats == (ISO,) else " or ".join(formats)
    others = f"; others are, such as {good!r}" if good else ""
    raise LeadReadyError(
        f"{unread.sum():,} of {filled.sum():,} dates are not {expected}, such as {bad!r}{others}",
        hint=_format_hint(column[unread], formats if good else ()),
    )


def _first_value(column: pd.Series, mask: np.ndarray) -> str | None:
    return str(column.iloc[int(np.argmax(mask))])[:40] if mask.any() else None


def _format_hint(unread: pd.Series, readable: Sequence[str]) -> str:
    """The line to write: the formats that fit some values, and those that fit the others."""
    formats = list(dict.fromkeys([*readable, *(detect_date_formats(unread) or ())]))
    if len(formats) == len(readable):
        return "write how the dates are formatted, such as  date_format: '%d.%m.%Y %H:%M'"
    texts = unread.astype(str).str.strip()
    swapped = [
        date_format if date_format in readable else _swap_day_and_month(date_format, texts)
        for date_format in formats
    ]
    as_given, as_swapped = read_dates(texts, formats), read_dates(texts, swapped)
    if as_given.equals(as_swapped):
        return f"write  date_format: [{', '.join(map(repr, formats))}]"
    ambiguous = int(np.argmax((as_given != as_swapped).to_numpy()))
    choices = [
        f"date_format: [{', '.join(map(repr, choice))}]  "
        f"if {texts.iloc[ambiguous]} is {dates.iloc[ambiguous]:%-d %B}"
        for choice, dates in ((formats, as_given), (swapped, as_swapped))
    ]
    return f"write  {', or  '.join(choices)}"


def _swap_day_and_month(date_format: str, texts: pd.Series) -> str:
    """The format with day and month swapped if it reads the same texts, else the format itself."""
    swapped = date_format.translate(str.maketrans("dm", "md"))
    as_given, as_swapped = read_in_format(texts, date_format), read_in_format(texts, swapped)
    return swapped if (as_given.notna() == as_swapped.notna()).all() else date_format
