"""Bands that Excel turned into dates: ``1-10`` becomes ``10-Jan``, ``11-50`` becomes ``Nov-50``.

Both ends of such a band are still there: the month, and the day or the year. A band begins with its
lower end, so the smaller one comes first. Only a column with other bands is read so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from features.dates.words import month_of

_DATED = re.compile(r"(?:(\d{1,2})[-. /]*([^\W\d_]{3,}\.?)|([^\W\d_]{3,}\.?)[-. /]*(\d{2}))")
_CELL = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?(?:\.0+)?)?")
_BAND = re.compile(r"\s*\d[\d.,' ]*\s*(?:-|–|—|to|bis|à|до)\s*\d[\d.,' ]*\D*")


def dated_band(text: str) -> str | None:
    """Give the band that Excel turned into this date; None if it is no such date.

    Examples
    --------
    >>> [dated_band(text) for text in ("10-Jan", "Nov-50", "Okt 19", "20. Nov", "51-200")]
    ['1-10', '11-50', '10-19', '11-20', None]
    >>> [dated_band(cell) for cell in ("2024-01-10 00:00:00", "1950-11-01", "2019-10-01")]
    ['1-10', '11-50', '10-19']
    """
    if cell := _CELL.fullmatch(text.strip()):
        year, month, day = map(int, cell.groups())
        return _band(month, day if day > 1 else year % 100) if 1 <= month <= 12 else None
    if not (match := _DATED.fullmatch(text.strip())):
        return None
    before, month_after, month_before, after = match.groups()
    number = month_of(month_after or month_before)
    return None if number is None else _band(number, int(before or after))


def _band(month: int, other: int) -> str:
    low, high = sorted((month, other))
    return f"{low}-{high}"


def has_bands(values: Iterable[str]) -> bool:
    """Say whether any value is a band with two ends, as people write it.

    Examples
    --------
    >>> has_bands(["10-Jan", "51-200"]), has_bands(["10-Jan", "2024-01-10", "12"])
    (True, False)
    """
    return any(_BAND.fullmatch(value) for value in values)
