"""Reading a column of text in given formats, all rows at once.

Dates come out as naive UTC timestamps; text that fits none of the formats is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.dates.formats import EXCEL, ISO, UNIX_DIGITS, expression_of
from features.dates.words import DAY_PERIODS, month_of, plain_word, weekday_numbers, zone_of
from features.values.number_notation import arrow_texts

FIRST_TWO_DIGIT_YEAR = 1950  # two-digit years mean 1950 to 2049, as on Windows and in Excel
_EXCEL_ZERO = np.datetime64("1899-12-30", "us")
_US = "datetime64[us]"
_NOT_A_TIME = np.datetime64("NaT", "us")
_SECOND = 1_000_000
_OFFSET = r"^(?i:(?:UTC|GMT)?\s?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)$"
Parts = dict[str, pa.Array]
Times = npt.NDArray[np.datetime64]


def read_dates(column: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Read each value in the first format that fits it.

    Parameters
    ----------
    column : Series of str
        Dates as text, or values that are dates already.
    formats : sequence of str
        ``strptime`` formats, ``ISO8601``, ``unix_s``, ``unix_ms``, ``unix_us`` or ``excel``.

    Returns
    -------
    Series of datetime64[us]
        Naive UTC, same index; NaT where no format fits.

    Raises
    ------
    LeadReadyError
        If a format is not one.

    Examples
    --------
    >>> read_dates(pd.Series(["1.2.2024", None]), ["%d.%m.%Y"]).tolist()
    [Timestamp('2024-02-01 00:00:00'), NaT]
    >>> read_dates(pd.Series(["5 janv. 24", "12 mai 24"]), ["%d %b %y"]).dt.month.tolist()
    [1, 5]
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        zoned = isinstance(column.dtype, pd.DatetimeTZDtype)
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None) if zoned else column
        return naive.astype("datetime64[us]")
    dates = read_times(trimmed_texts(column), formats)
    return pd.Series(dates, index=column.index, name=column.name)


def read_times(texts: pa.Array, formats: Sequence[str]) -> Times:
    """Read an array of text, each value in the first format that fits it.

    Examples
    --------
    >>> read_times(pa.array(["1.2.2024", None]), ["%d.%m.%Y"]).astype("datetime64[D]").tolist()
    [datetime.date(2024, 2, 1), None]
    """
    dates = np.full(len(texts), _NOT_A_TIME)
    for date_format in formats:
        unread = np.flatnonzero(np.isnat(dates))
        if len(unread):
            rows = texts if len(unread) == len(texts) else texts.take(pa.array(unread))
            dates[unread] = read_in_format(rows, date_format)
    return dates


def read_in_format(texts: pa.Array, date_format: str) -> np.ndarray:
    """Read an array of text in one format; NaT where it does not fit."""
    if date_format == ISO:
        return _read_iso(texts)
    if date_format in UNIX_DIGITS:
        return _read_unix(texts, date_format)
    if date_format == EXCEL:
        return _read_excel(texts)
    in_ascii = bool(pc.all(pc.string_is_ascii(texts)).as_py())
    return _read_parts(texts, expression_of(date_format, in_ascii), _assemble)


def trimmed_texts(column: pd.Series | npt.NDArray[np.object_]) -> pa.Array:
    """The values as Arrow text, without blanks around them.

    Examples
    --------
    >>> trimmed_texts(pd.Series([" a ", None])).to_pylist()
    ['a', None]
    >>> trimmed_texts(pd.Series([7, None, 8], dtype=object)).to_pylist()
    ['7', None, '8']
    """
    try:
        texts = arrow_texts(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        values = pd.Series(column)
        filled = values.notna().to_numpy()
        written = values.astype(object).map(str).to_numpy(object)
        texts = pa.array(written, pa.string(), mask=~filled)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return pc.utf8_trim_whitespace(texts)


# -- named formats --------------------------------------------------------------------------------


def iso_times(texts: pa.Array | pa.ChunkedArray) -> Times | None:
    """Read values in ISO 8601 at once; None if one is not, or if only some have a time zone.

    Examples
    --------
    >>> iso_times(pa.array(["2024-02-01", None])).astype("datetime64[D]").tolist()
    [datetime.date(2024, 2, 1), None]
    >>> iso_times(pa.array(["2024-02-01", "1.2.2024"]))
    """
    for zone in (None, "UTC"):
        try:
            return _numpy(pc.cast(texts, pa.timestamp("us", zone)))
        except pa.ArrowInvalid:
            continue
    return None


def _read_iso(texts: pa.Array) -> np.ndarray:
    """All values at once if all or none have a time zone, which is twenty times as fast."""
    times = iso_times(texts)
    if times is not None:
        return times
    values = texts.to_pandas().astype(object)
    dates = pd.to_datetime(values, format=ISO, errors="coerce", utc=True)
    return np.asarray(dates.dt.tz_localize(None).to_numpy()).astype("datetime64[us]")


def _read_unix(texts: pa.Array, date_format: str) -> np.ndarray:
    low, high = UNIX_DIGITS[date_format]
    unit_us = {"unix_s": _SECOND, "unix_ms": 1_000, "unix_us": 1}[date_format]

    def times(parts: Parts) -> np.ndarray:
        fraction = _fraction(parts["fraction"], 6) // (_SECOND // unit_us)
        return np.asarray((_integers(parts["whole"]) * unit_us + fraction).astype(_US))

    return _read_parts(texts, rf"^(?P<whole>\d{{{low},{high}}})(?:\.(?P<fraction>\d+))?$", times)


def _read_excel(texts: pa.Array) -> np.ndarray:
    """Serial days since 1899-12-30, to the second; five digits reach from 1927 to 2173."""

    def times(parts: Parts) -> np.ndarray:
        fraction = _fraction(parts["fraction"], 12).astype("float64") / 1e12
        seconds = _integers(parts["day"]) * 86_400 + np.rint(fraction * 86_400).astype("int64")
        return np.asarray(_EXCEL_ZERO + (seconds * _SECOND).astype("timedelta64[us]"))

    return _read_parts(texts, r"^(?P<day>\d{5})(?:[.,](?P<fraction>\d+))?$", times)


def _read_parts(
    texts: pa.Array, expression: str, times: Callable[[Parts], np.ndarray]
) -> np.ndarray:
    """Read the texts that a regular expression fits from the parts that its groups find."""
    found = pc.extract_regex(texts, pattern=expression)
    fits = found.is_valid().to_numpy(zero_copy_only=False)
    dates = np.full(len(texts), _NOT_A_TIME)
    if fits.any():
        parts = found if fits.all() else found.filter(pa.array(fits))
        dates[fits] = times({field.name: parts.field(field.name) for field in found.type})
    return dates


# -- strptime formats -----------------------------------------------------------------------------


def _assemble(parts: Parts) -> np.ndarray:
    days, valid = _days(parts)
    microseconds, valid_time = _time_of_day(parts)
    times = days.astype(_US) + microseconds.astype("timedelta64[us]")
    times = np.where(valid & valid_time, times, _NOT_A_TIME)
    if "a" in parts:
        times = np.where(_on_its_weekday(parts["a"], days), times, _NOT_A_TIME)
    if "z" in parts:
        times = times - _offsets(parts["z"])
    return _from_zones(times, parts["Z"]) if "Z" in parts else times


def _days(parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    years = _years(parts)
    if "b" in parts:
        months = _by_value(parts["b"], lambda word: month_of(word) or 0, "int64")
    else:
        months = _number(parts, "m", 1)
    days_of_month = _number(parts, "d", 1)
    valid = (years >= 1) & (months >= 1) & (months <= 12)
    month = (np.where(valid, (years - 1970) * 12 + months - 1, 0)).astype("datetime64[M]")
    days = month.astype("datetime64[D]") + (days_of_month - 1)
    return days, valid & (days_of_month >= 1) & (days.astype("datetime64[M]") == month)


def _years(parts: Parts) -> np.ndarray:
    if "Y" in parts:
        return _integers(parts["Y"])
    short = _integers(parts["y"])
    century = FIRST_TWO_DIGIT_YEAR // 100 * 100
    return np.asarray(century + short + 100 * (short < FIRST_TWO_DIGIT_YEAR % 100))


def _time_of_day(parts: Parts) -> tuple[np.ndarray, np.ndarray]:
    twelve = "I" in parts
    hours = _number(parts, "I" if twelve else "H", 0)
    minutes, seconds = _number(parts, "M", 0), _number(parts, "S", 0)
    valid = (hours <= (12 if twelve else 24)) & (minutes <= 59) & (seconds <= 60)
    valid &= (hours < 24) | (minutes + seconds == 0)  # 24:00 ends a day
    if "p" in parts:
        second_half = _by_value(parts["p"], lambda word: DAY_PERIODS[plain_word(word)], "bool")
        hours = np.where(hours <= 12, hours % 12 + 12 * second_half, hours)
    whole = (hours * 60 + minutes) * 60 + seconds
    fraction = _fraction(parts["f"], 6) if "f" in parts else 0
    return whole * _SECOND + fraction, valid


def _on_its_weekday(words: pa.Array, days: np.ndarray) -> np.ndarray:
    """Whether the weekday that is written is the one that the date has."""
    known = weekday_numbers()
    meant = _by_value(
        words, lambda word: sum(1 << day for day in known.get(plain_word(word), ())), "int64"
    )
    weekdays = (days.astype("int64") + 3) % 7  # 1970-01-01 was a Thursday
    return np.asarray((meant >> weekdays) & 1 == 1)


def _offsets(texts: pa.Array) -> np.ndarray:
    def offset_us(text: str) -> int:
        match = pc.extract_regex(pa.array([text]), pattern=_OFFSET)[0].as_py()
        if not match:  # Z
            return 0
        minutes = int(match["hours"]) * 60 + int(match["minutes"] or 0)
        return (-1 if match["sign"] == "-" else 1) * minutes * 60 * _SECOND

    return _by_value(texts, offset_us, "timedelta64[us]")


def _from_zones(times: np.ndarray, names: pa.Array) -> np.ndarray:
    encoded = names.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    in_utc = np.full(len(times), _NOT_A_TIME)
    for code, name in enumerate(encoded.dictionary.to_pylist()):
        rows, zone = codes == code, zone_of(name)
        if isinstance(zone, ZoneInfo):
            local = pd.DatetimeIndex(times[rows])
            there = local.tz_localize(
                zone, ambiguous=np.ones(len(local), bool), nonexistent="shift_forward"
            )
            in_utc[rows] = there.tz_convert("UTC").tz_localize(None).to_numpy().astype(_US)
        elif zone is not None:
            in_utc[rows] = times[rows] - zone.to_timedelta64().astype("timedelta64[us]")
    return in_utc


# -- parts ----------------------------------------------------------------------------------------


def _number(parts: Parts, name: str, default: int) -> np.ndarray:
    if name in parts:
        return _integers(parts[name])
    length = len(next(iter(parts.values())))
    return np.full(length, default, "int64")


def _integers(texts: pa.Array) -> np.ndarray:
    return np.asarray(texts.cast(pa.int64()).to_numpy(zero_copy_only=False))


def _fraction(texts: pa.Array, digits: int) -> np.ndarray:
    """The digits after the point, filled up or cut to a number of digits."""
    padded = pc.utf8_rpad(texts, width=digits, padding="0")
    return _integers(pc.utf8_slice_codeunits(padded, 0, digits))


def _by_value(texts: pa.Array, meaning: Callable[[str], object], dtype: str) -> np.ndarray:
    """Look up each distinct text once."""
    encoded = texts.dictionary_encode()
    values = np.array([meaning(text) for text in encoded.dictionary.to_pylist()], dtype=dtype)
    taken: np.ndarray = values[encoded.indices.to_numpy(zero_copy_only=False)]
    return taken


def _numpy(times: pa.Array | pa.ChunkedArray) -> np.ndarray:
    return np.asarray(times.to_numpy(zero_copy_only=False)).astype(_US)
