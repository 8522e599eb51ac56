"""Reading one time that a person wrote: an option of the command line, or a key of a YAML file."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.dates.formats import EXCEL
from features.dates.no_date import plausible_dates
from features.dates.questions import long_day
from features.dates.read import read_dates
from features.dates.shapes import CandidateFormat, candidate_formats
from features.errors import LeadReadyError
from features.text import join

UNUSUAL = ("ydm", "ybd")


def read_time(text: str, where: str | None = None, formats: Sequence[str] = ()) -> pd.Timestamp:
    """Read a time in any usual way of writing.

    Parameters
    ----------
    text : str
        Such as ``2024-07-01``, ``2024-07-01T12:00Z``, ``1 July 2024`` or ``31.7.2024 12:00``.
    where : str, optional
        The option or the key, for errors.
    formats : sequence of str
        Formats that the workspace's dates have: they decide whether the day comes first.

    Returns
    -------
    Timestamp
        Naive UTC.

    Raises
    ------
    LeadReadyError
        If it is no time, or could be several.

    Examples
    --------
    >>> read_time("31.7.2024 12:00"), read_time("2024-07-01T12:00+02:00")
    (Timestamp('2024-07-31 12:00:00'), Timestamp('2024-07-01 10:00:00'))
    >>> read_time("01.09.2026", formats=["%d.%m.%Y %H:%M"])
    Timestamp('2026-09-01 00:00:00')
    >>> read_time("01.09.2026", "--as-of")
    Traceback (most recent call last):
    features.errors.LeadReadyError: --as-of: '01.09.2026' can be 1 September 2026 or 9 January 2026
    """
    written = text.strip()
    times = _possible_times(written, formats)
    if len(times) == 1:
        return times[0]
    if not times:
        raise LeadReadyError(
            f"{text!r} is not a date or time" if written else "the date is empty",
            where=where,
            hint="write year, month, day: 2024-07-01 or 2024-07-01T12:00",
        )
    raise LeadReadyError(
        f"{written!r} can be {join(map(long_day, times), 'or')}",
        where=where,
        hint=f"write {join((_iso(time) for time in times), 'or')}",
    )


def _possible_times(text: str, formats: Sequence[str]) -> list[pd.Timestamp]:
    """The different times that a text can be, or the only one in an order of the workspace."""
    candidates = [
        candidate
        for candidate in (candidate_formats(text) if text else [])
        if candidate.format != EXCEL and candidate.order not in UNUSUAL
    ]
    orders = {_order(date_format) for date_format in formats}
    alike = [candidate for candidate in candidates if _order(candidate.format) in orders]
    return _times(text, alike) or _times(text, candidates)


def _times(text: str, candidates: Sequence[CandidateFormat]) -> list[pd.Timestamp]:
    column = pd.Series([text], dtype=object)
    read = [read_dates(column, [candidate.format]) for candidate in candidates]
    plausible = [dates.iloc[0] for dates in read if plausible_dates(dates).all()]
    return list(dict.fromkeys(plausible))


def _order(date_format: str) -> str:
    """Day, month and year of a format with the separators between them: ``d.m.y``."""
    start, end = date_format.find("%"), -1
    parts = []
    for place in range(start, len(date_format) - 1):
        if date_format[place] == "%" and date_format[place + 1] in "dmYy":
            between = date_format[end:place] if end > 0 else ""
            parts.append(between + date_format[place + 1].lower())
            end = place + 2
    return "".join(parts)


def _iso(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%dT%H:%M}"
