"""Dates as companies write them, read as naive UTC timestamps.

A column is written in the formats that the workspace names, or in ISO 8601. A value that fits none
is missing, and counted by whoever reads the column. But where many do not fit, the column is not
what the mapping says: that is an error which shows a value of each kind.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import LeadReadyError
from features.tables.problems import Problems
from features.workspace.schema import Workspace

ISO = "ISO8601"
MOST_UNREADABLE = 0.05  # of the filled values; more, and the format is not the one that was named
FIRST_YEAR = 1970  # no CRM is older
YEARS_TO_COME = 20  # after the extract; later ones mean "never", or are mistyped


def parse_dates(column: pd.Series, formats: str | Sequence[str] | None = None) -> pd.Series:
    """Read a column of text as dates.

    Parameters
    ----------
    column : Series of str
        Dates as written; blank is missing.
    formats : str or sequence of str, optional
        ``strptime`` formats, tried in their order; without them, ISO 8601. A time with a zone is
        told in UTC.

    Returns
    -------
    Series of datetime64[us]
        Naive UTC, same index; NaT where the value is missing or cannot be read.

    Raises
    ------
    LeadReadyError
        When more than 5 % of the values cannot be read: another format, or several.

    Examples
    --------
    >>> parse_dates(pd.Series(["2024-02-01T10:00:00+02:00", None])).tolist()
    [Timestamp('2024-02-01 08:00:00'), NaT]
    >>> parse_dates(pd.Series(["2024-02-01", "31.1.2024"]))
    Traceback (most recent call last):
    features.errors.LeadReadyError: 1 of 2 dates are not ISO 8601, such as '31.1.2024'; others are,
    such as '2024-02-01'
    """
    dates = read_dates(column, _listed(formats))
    _check_read(column, dates, _listed(formats))
    return dates


def dates_of(
    column: pd.Series,
    formats: str | Sequence[str] | None,
    table: str,
    where: str,
    problems: Problems,
    ws: Workspace,
) -> pd.Series:
    """Read a mapped column of dates; what cannot be read or cannot be is missing, and counted.

    Parameters
    ----------
    table, where : str
        For what is reported: the table, and the line of the mapping that names the column.
    """
    try:
        dates = parse_dates(column, formats)
    except LeadReadyError as error:
        what = f"column {column.name!r}: {error.what}"
        raise LeadReadyError(what, where=where, hint=error.hint) from None
    unread = column.notna().to_numpy() & dates.isna().to_numpy()
    problems.add(
        table,
        "unreadable dates",
        int(unread.sum()),
        f"{{count}} values of {column.name} cannot be read as dates and count as missing",
        "name their format too under  date_format:  or mend them",
        column[unread].head(50),
    )
    now = ws.extract_at if ws.extract_at is not None else pd.Timestamp.now()
    latest = now + pd.DateOffset(years=YEARS_TO_COME)
    impossible = (dates < pd.Timestamp(FIRST_YEAR, 1, 1)) | (dates > latest)
    problems.add(
        table,
        "impossible dates",
        int(impossible.sum()),
        f"{{count}} dates of {column.name} lie before {FIRST_YEAR} or after {latest.year} and "
        "count as missing",
        "mend them in the CRM",
        dates[impossible].head(50),
    )
    return dates.mask(impossible) if impossible.any() else dates


def read_dates(column: pd.Series, formats: Sequence[str]) -> pd.Series:
    """Read dates by the first format that fits each value; what fits none is missing.

    Examples
    --------
    >>> read_dates(pd.Series(["1.2.2024", None]), ["%d.%m.%Y"]).tolist()
    [Timestamp('2024-02-01 00:00:00'), NaT]
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None) if _zoned(column) else column
        return naive.astype("datetime64[us]")
    if tuple(formats) == (ISO,) and (quick := _iso_at_once(column)) is not None:
        return quick
    places, values = pd.factorize(column.astype(object))
    texts = pd.Series(values, dtype=object).astype(str).str.strip()
    dates = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for form in formats:
        left = dates.isna()
        dates[left] = read_as(texts[left], form)
    return pd.Series(dates.reindex(places).to_numpy(), index=column.index, name=column.name)


def read_as(values: pd.Series, form: str) -> pd.Series:
    """Read texts in one format; what does not fit it is missing."""
    read = pd.to_datetime(values, format=form, errors="coerce", utc=True)
    return read.dt.tz_localize(None).astype("datetime64[us]")


def _iso_at_once(column: pd.Series) -> pd.Series | None:
    """All values at once where all are plain ISO 8601 without a zone: twenty times as fast."""
    try:
        texts = pa.array(column, pa.string(), from_pandas=True)
        dates = pc.cast(texts, pa.timestamp("us"))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    read = dates.to_numpy(zero_copy_only=False).astype("datetime64[us]")
    return pd.Series(read, index=column.index, name=column.name)


def _zoned(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.DatetimeTZDtype)


def _listed(formats: str | Sequence[str] | None) -> tuple[str, ...]:
    if not formats:
        return (ISO,)
    return (formats,) if isinstance(formats, str) else tuple(formats)


def _check_read(column: pd.Series, dates: pd.Series, formats: Sequence[str]) -> None:
    filled = column.notna().to_numpy()
    unread = filled & dates.isna().to_numpy()
    if unread.sum() <= MOST_UNREADABLE * filled.sum():
        return
    bad, good = _first(column, unread), _first(column, filled & ~unread)
    named = "ISO 8601" if tuple(formats) == (ISO,) else " or ".join(formats)
    others = f"; others are, such as {good!r}" if good else ""
    raise LeadReadyError(
        f"{unread.sum():,} of {filled.sum():,} dates are not {named}, such as {bad!r}{others}",
        hint=_hint(column[unread], formats if good else ()),
    )


def _first(column: pd.Series, mask: np.ndarray) -> str | None:
    return str(column.iloc[int(np.argmax(mask))])[:40] if mask.any() else None


def _hint(unread: pd.Series, readable: Sequence[str]) -> str:
    """The line to write: the formats that fit some values, and those that would fit the others."""
    from features.guess.columns import date_formats  # which reads dates by this module

    wanted = list(dict.fromkeys([*readable, *(date_formats(unread) or ())]))
    if len(wanted) == len(readable):
        return "say how its dates are written, such as  date_format: '%d.%m.%Y %H:%M'"
    texts = unread.astype(str).str.strip()
    swapped = [one if one in readable else _other_way_round(one, texts) for one in wanted]
    read = [read_dates(texts, way) for way in (wanted, swapped)]
    if read[0].equals(read[1]):
        return f"write  date_format: [{', '.join(map(repr, wanted))}]"
    at = int(np.argmax((read[0] != read[1]).to_numpy()))
    ways = [
        f"date_format: [{', '.join(map(repr, way))}]  if {texts.iloc[at]} is {days.iloc[at]:%-d %B}"
        for way, days in zip((wanted, swapped), read, strict=True)
    ]
    return f"write  {', or  '.join(ways)}"


def _other_way_round(form: str, texts: pd.Series) -> str:
    """Day and month of a format swapped, if that reads the same texts; else the format."""
    swapped = form.translate(str.maketrans("dm", "md"))
    both = read_as(texts, form).notna() == read_as(texts, swapped).notna()
    return swapped if both.all() else form
