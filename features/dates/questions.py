"""Which order of day and month the dates of a file have: the file decides, or a person is asked."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.dates.detect import (
    NEARLY_ALL,
    DateReading,
    Readings,
    all_readings,
    formats_that_fit,
    unlike_numbers,
)
from features.dates.formats import check_date_format
from features.dates.read import read_dates
from features.errors import LeadReadyError
from features.text import join
from features.values.few_values import Counted, as_values, count_columns

OPTION = "--date-format"


def find_date_formats(
    table: pd.DataFrame,
    given: Sequence[str] = (),
    where: str = "",
    counted: Counted | None = None,
) -> dict[str, tuple[str, ...]]:
    """Find the columns that hold dates, and the formats of each.

    Where the values of a column fit several orders of day and month, the other columns of the table
    decide, if theirs fit only one.

    Parameters
    ----------
    table : DataFrame
        Columns of text, missing values as None.
    given : sequence of str
        What a person said: a format, or ``COLUMN=FORMAT`` for one column.
    where : str
        The file's name, for errors.
    counted : mapping of str to Counter, optional
        The rows of each value of each column, if they were counted before.

    Returns
    -------
    dict of str to tuple of str
        The formats of each column of dates.

    Raises
    ------
    LeadReadyError
        If a column can be read in several ways; the error shows them and the option to choose one.

    Examples
    --------
    >>> table = pd.DataFrame({"in": ["03/04/2024", "05/04/2024"], "out": ["13/04/2024", None]})
    >>> find_date_formats(table)
    {'in': ('%d/%m/%Y',), 'out': ('%d/%m/%Y',)}
    >>> find_date_formats(table[["in"]])
    Traceback (most recent call last):
    features.errors.LeadReadyError: the dates in 'in' can be read in 2 ways: 03/04/2024 is 3 April
    2024 or 4 March 2024
    """
    readings = {}
    for name, rows_of in (count_columns(table) if counted is None else counted).items():
        found = all_readings(as_values(rows_of), name)
        told = given or found.partial  # else there is nothing to agree with
        readings[name] = _as_told(table[name], found, given, where) if told else found.whole
    decided = [options[0] for options in readings.values() if len(options) == 1]
    chosen = {
        name: _choose(table[name], options, decided, where)
        for name, options in readings.items()
        if options
    }
    return {name: reading.formats for name, reading in chosen.items()}


def how_read(column: pd.Series, readings: Sequence[DateReading]) -> list[str]:
    """Say what an example value is in each reading: ``03/04/2024 is 3 April 2024``.

    Examples
    --------
    >>> column = pd.Series(["03/04/2024"])
    >>> how_read(column, all_readings(column.to_numpy()).whole)
    ['03/04/2024 is 3 April 2024', '03/04/2024 is 4 March 2024']
    """
    texts = column.dropna().astype(str).str.strip()
    dates = pd.concat([read_dates(texts, reading.formats) for reading in readings], axis=1)
    differs = dates.nunique(axis=1) == len(readings)
    row = differs.to_numpy().argmax() if differs.any() else 0
    example = texts.iloc[row]
    return [f"{example} is {long_day(time)}" for time in dates.iloc[row]]


def long_day(time: pd.Timestamp) -> str:
    """Write a day with the name of its month, which cannot be misread.

    Examples
    --------
    >>> long_day(pd.Timestamp("2024-04-03"))
    '3 April 2024'
    """
    return f"{time.day} {time:%B %Y}" if pd.notna(time) else "no date"


def _as_told(
    column: pd.Series, readings: Readings, given: Sequence[str], where: str
) -> list[DateReading]:
    """The readings that agree with what a person said, if anything was said of them."""
    start = f"{column.name}="
    named = [text.removeprefix(start) for text in given if text.startswith(start)]
    general = [text for text in given if "=" not in text]
    agreeing = [reading for reading in readings.whole if set(reading.formats) & {*named, *general}]
    if agreeing:
        return agreeing
    if named:
        _check_given(column, named)
        return [DateReading(tuple(named))]
    if readings.whole:
        return readings.whole
    if fitting := formats_that_fit(column, unlike_numbers(general)):
        return [DateReading(fitting)]
    if readings.partial:
        raise _mixed_orders(column, readings.partial, where)
    return []


def _check_given(column: pd.Series, formats: Sequence[str]) -> None:
    for date_format in formats:
        check_date_format(date_format)
    unread = column[column.notna() & read_dates(column, formats).isna()]
    if len(unread) > (1 - NEARLY_ALL) * column.notna().sum():
        raise LeadReadyError(
            f"{len(unread):,} of {column.notna().sum():,} values of {str(column.name)!r} are not "
            f"{join(formats, 'or')}, such as {str(unread.iloc[0])[:40]!r}",
            where=OPTION,
            hint="give each format that occurs, or name another column",
        )


def _mixed_orders(column: pd.Series, readings: Sequence[DateReading], where: str) -> LeadReadyError:
    texts = column.dropna().astype(str)
    misfits = []
    for reading in readings:
        unread = texts[read_dates(texts, reading.formats).isna()]
        misfits.append(f"{unread.iloc[0]} is not in {reading.formats[0]}")
    name, shown = str(column.name), ", and ".join(misfits)
    options = " ".join(f"{OPTION} '{name}={reading.formats[0]}'" for reading in readings)
    return LeadReadyError(
        f"the dates in {name!r} are in no single order: {shown}",
        where=where or None,
        hint=f"correct them and export again, or say which order is tried first: {options}",
    )


def _choose(
    column: pd.Series,
    readings: Sequence[DateReading],
    decided: Sequence[DateReading],
    where: str,
) -> DateReading:
    orders = {other.order for other in decided if other.separator == readings[0].separator}
    fitting = [reading for reading in readings if reading.order in orders]
    if len(readings) == 1 or len(fitting) == 1:
        return readings[0] if len(readings) == 1 else fitting[0]
    raise _question(column, readings, where)


def _question(column: pd.Series, readings: Sequence[DateReading], where: str) -> LeadReadyError:
    meanings = how_read(column, readings)
    example = meanings[0].partition(" is ")[0]
    days = [meaning.partition(" is ")[2] for meaning in meanings]
    options = [
        f"{OPTION} '{column.name}={_telling_format(reading, readings)}'" for reading in readings
    ]
    return LeadReadyError(
        f"the dates in {str(column.name)!r} can be read in {len(readings)} ways: "
        f"{example} is {join(days, 'or')}",
        where=where or None,
        hint=f"say which: {join(options, 'or')}",
    )


def _telling_format(reading: DateReading, readings: Sequence[DateReading]) -> str:
    """The format that only this reading has."""
    others = {text for other in readings if other is not reading for text in other.formats}
    return next((text for text in reading.formats if text not in others), reading.formats[0])
