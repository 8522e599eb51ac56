"""Ways of writing dates: a file with created and closed columns in each, guessed and read.

Each way writes a time with Python alone, apart from the code that reads it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
from babel.dates import format_date, format_datetime

from features.dates.read import read_dates
from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.created_date import guess_created
from verification.reading.share import ASKED, RIGHT, WRONG, Reading

Way = Callable[[datetime], str]
MINUTE, DAY, MONTH = "m", "D", "M"  # what is left of a time when it is written
LEADS = 80


def _strftime(date_format: str) -> Way:
    return lambda time: time.strftime(date_format)


def _locale_date(language: str, width: str) -> Way:
    return lambda time: format_date(time, width, locale=language)


def _locale_time(language: str, width: str) -> Way:
    return lambda time: format_datetime(time, width, locale=language)


def _no_zeros(date_format: str) -> Way:
    def write(time: datetime) -> str:
        parts = {"y": time.year, "yy": time.year % 100, "m": time.month, "d": time.day}
        clock = {"h": time.hour, "i": (time.hour - 1) % 12 + 1, "n": time.minute}
        return date_format.format(**parts, **clock, p="AM" if time.hour < 12 else "PM")

    return write


def _ordinal(time: datetime) -> str:
    ending = "th" if 10 < time.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(time.day % 10, "th")
    return f"{time:%B} {time.day}{ending}, {time.year}"


def _unix(factor: int) -> Way:
    return lambda time: str(int(time.replace(tzinfo=UTC).timestamp() * factor))


def _excel(time: datetime) -> str:
    days = (time - datetime(1899, 12, 30)) / timedelta(days=1)
    return f"{days:.6f}"


def _in_zone(hours: int, date_format: str) -> Way:
    zone = timezone(timedelta(hours=hours))
    return lambda time: time.replace(tzinfo=UTC).astimezone(zone).strftime(date_format)


_STRFTIME = {
    MINUTE: (
        *("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"),
        *("%Y-%m-%dT%H:%M:%S.000+0000", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S.%f"),
        *("%Y-%m-%d %H:%M:%S GMT", "%Y/%m/%d %H:%M", "%Y.%m.%d %H:%M:%S", "%Y%m%dT%H%M%SZ"),
        *("%Y%m%d%H%M%S", "%Y%m%d %H%M", "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p"),
        *("%m/%d/%y %H:%M", "%d/%m/%y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M"),
        *("%d.%m.%Y, %H:%M Uhr", "%d.%m.%Y um %H:%M", "%d.%m.%Y %H.%M", "%d-%m-%Y %H:%M"),
        *("%d %b, %Y %H:%M:%S", "%d-%b-%Y %H:%M", "%d-%b-%y %I.%M.%S.000000 %p"),
        *("%b %d, %Y %I:%M %p", "%b %d %Y %I:%M%p", "%a, %d %b %Y %H:%M:%S +0000"),
        *("%a %b %d %H:%M:%S UTC %Y", "%a %b %d %H:%M:%S %Y", "%d/%b/%Y:%H:%M:%S +0000"),
        *("%A, %B %d, %Y %H:%M", "%H:%M %d/%m/%Y", "%Y年%m月%d日 %H時%M分", "%d/%m/%Y %H:%M:%S"),
        "%Y-%m-%d-%H.%M.%S.000000",
        *("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)", "%d/%m/%Y à %Hh%M"),
    ),
    DAY: (
        *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d%m%Y", "%m/%d/%Y", "%d/%m/%Y"),
        *("%m/%d/%y", "%d/%m/%y", "%y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%d-%m-%Y", "%m-%d-%Y"),
        *("%d-%m-%y", "%y-%m-%d", "%d %m %Y", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y"),
        *("%B %d, %Y", "%b %d, %Y", "%b. %d, %Y", "%d%b%Y", "%Y-%b-%d", "%A, %B %d, %Y"),
        *("%a %d/%m/%Y", "%Y年%m月%d日", "%Y년 %m월 %d일", "%d %b '%y"),
    ),
    MONTH: ("%b %Y", "%B %Y", "%m/%Y", "%Y-%m", "%b-%y"),
}
_LANGUAGES = ("de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr", "ja", "zh", "ko", "sv", "cs")


def ways_of_writing() -> dict[str, tuple[Way, str]]:
    """List the ways of writing: each with what is left of a time."""
    ways: dict[str, tuple[Way, str]] = {
        date_format: (_strftime(date_format), left)
        for left, date_formats in _STRFTIME.items()
        for date_format in date_formats
    }
    for language in _LANGUAGES:
        for width in ("short", "medium", "long", "full"):
            ways[f"date {width} {language}"] = _locale_date(language, width), DAY
            if width in ("short", "medium"):
                ways[f"time {width} {language}"] = _locale_time(language, width), MINUTE
    return ways | {
        "1/5/24": (_no_zeros("{m}/{d}/{yy}"), DAY),
        "1/5/2024 9:05 AM": (_no_zeros("{m}/{d}/{y} {i}:{n:02} {p}"), MINUTE),
        "5.1.2024": (_no_zeros("{d}.{m}.{y}"), DAY),
        "5. 1. 2024 9:05": (_no_zeros("{d}. {m}. {y} {h}:{n:02}"), MINUTE),
        "2024-1-5": (_no_zeros("{y}-{m}-{d}"), DAY),
        "January 5th, 2024": (_ordinal, DAY),
        "unix seconds": (_unix(1), MINUTE),
        "unix milliseconds": (_unix(1_000), MINUTE),
        "unix microseconds": (_unix(1_000_000), MINUTE),
        "excel serial": (_excel, MINUTE),
        "+02:00": (_in_zone(2, "%Y-%m-%d %H:%M:%S%z"), MINUTE),
        "-0500": (_in_zone(-5, "%m/%d/%Y %H:%M:%S %z"), MINUTE),
        "EST": (_in_zone(-5, "%m/%d/%Y %H:%M EST"), MINUTE),
        "MSK": (_in_zone(3, "%d.%m.%Y %H:%M MSK"), MINUTE),
    }


def date_readings(last_day: int = 31) -> list[Reading]:
    """Guess and read the created and closed columns of a file in each way of writing.

    Parameters
    ----------
    last_day : int
        The latest day of a month that occurs; up to 12, nothing says which number is the day.
    """
    return [_try_way(name, *way, last_day) for name, way in ways_of_writing().items()]


def _try_way(name: str, write: Way, left: str, last_day: int) -> Reading:
    created, closed = _times(last_day)
    raw = pd.DataFrame(
        {
            "Lead": [f"L-{number}" for number in range(LEADS)],
            "Closed": [write(time) if row % 3 else None for row, time in enumerate(closed)],
            "Created": [write(time) for time in created],
        },
        dtype=object,
    )
    try:
        guesses = {guess.column: guess for guess in guess_columns(raw)}
        column = guess_created(raw, list(guesses.values()), None)
    except LeadReadyError:
        return Reading(name, ASKED)
    if column != "Created" or guesses["Closed"].role != "date":
        return Reading(name, WRONG)
    wrong = _misread(raw["Created"], created, guesses["Created"].date_formats, left)
    wrong += _misread(raw["Closed"], closed, guesses["Closed"].date_formats, left)
    return Reading(name, WRONG if wrong else RIGHT)


def _times(last_day: int) -> tuple[list[datetime], list[datetime]]:
    random = np.random.default_rng(5)
    created = [
        datetime(2023, 1, 1, int(hour), int(minute)) + timedelta(days=int(number))
        for hour, minute, number in random.integers([0, 0, 31], [24, 60, 530], (LEADS, 3))
    ]
    closed = [
        time + timedelta(days=int(number))
        for time, number in zip(created, random.integers(31, 90, LEADS), strict=True)
    ]
    return (
        [_not_after(time, last_day) for time in created],
        [_not_after(time, last_day) for time in closed],
    )


def _not_after(time: datetime, last_day: int) -> datetime:
    return time.replace(day=(time.day - 1) % last_day + 1)


def _misread(texts: pd.Series, times: list[datetime], formats: tuple[str, ...], left: str) -> int:
    expected = np.array(times, "datetime64[us]").astype(f"datetime64[{left}]")
    filled = texts.notna().to_numpy()
    read = read_dates(texts, formats).to_numpy()[filled]
    return int((read != expected[filled].astype("datetime64[us]")).sum())
