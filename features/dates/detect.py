"""Detecting the formats of a column: every way in which nearly all of its values are dates.

One way is an answer. Several ways (day or month first) are a question that other columns of the
file answer, or a person. A column of plain numbers is a column of dates only on further evidence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.dates.digit_dates import has_evidence
from features.dates.formats import might_fit
from features.dates.no_date import (
    EMPTY_DATE,
    EMPTY_SIGNS,
    plausible_or_missing,
    plausible_times,
    words_without_digits,
)
from features.dates.read import read_dates, read_times, trimmed_texts
from features.dates.shapes import CandidateFormat, candidate_formats, shape_of
from features.values.few_values import different_values

NEARLY_ALL = 0.95  # of the distinct values are dates, or the column holds none
_MOST = 0.9  # of a sample are dates, or the column is not looked at further
_SAMPLE = 400  # distinct values whose shape is looked at
_FIRST_LOOK = 40  # of them, which show that a column is worth a second look
_GLANCE = 10  # of them, which show that formats hardly fit
_LEAST = 0.5  # of those could be dates
_SHORT_NUMBER = re.compile(r"\s*-?0*\d{1,4}\s*", re.ASCII)
_RARE_SHAPE = 0.005  # of the values; rarer shapes are mistakes
_CLEARLY_MORE = 10  # values that only one order fits, for each that only the other fits
_ORDERS = ("dmy", "mdy", "ymd", "ydm", "dby", "bdy", "ybd")


@dataclass(frozen=True)
class DateReading:
    """One way to read a column as dates.

    Attributes
    ----------
    formats : tuple of str
        Tried in this order.
    order : str
        Of day, month and year where another order has the same shape: ``dmy``, ``mdy``, ``ymd``.
    separator : str
        Between the numbers of such a date.
    """

    formats: tuple[str, ...]
    order: str = ""
    separator: str = ""


class Readings(NamedTuple):
    """The ways to read a column.

    Attributes
    ----------
    whole : list of DateReading
        Those that read nearly all values; several if the values fit several orders.
    partial : list of DateReading
        If there is none: those that read nearly all values together, each some of them.
    """

    whole: list[DateReading]
    partial: list[DateReading]


def date_readings(column: pd.Series) -> list[DateReading]:
    """List the ways in which nearly all values of a column can be read as dates.

    Parameters
    ----------
    column : Series of str
        Its name counts as evidence where the values are plain numbers.

    Returns
    -------
    list of DateReading
        Empty if the column holds no dates; several if the values fit several orders.

    Examples
    --------
    >>> [reading.formats for reading in date_readings(pd.Series(["27.06.23 11:28", "3.7.23 9:31"]))]
    [('%d.%m.%y %H:%M',)]
    >>> [reading.order for reading in date_readings(pd.Series(["03/07/2024", "04/07/2024"]))]
    ['dmy', 'mdy']
    >>> date_readings(pd.Series(["50", "150"], name="Employees"))
    []
    """
    name = "" if column.name is None else str(column.name)
    return all_readings(different_values(column), name).whole


def all_readings(distinct: npt.NDArray[np.object_], name: str = "") -> Readings:
    """List the ways to read a column, also those that read only some of its values.

    Parameters
    ----------
    distinct : ndarray of str
        Its different values.
    name : str
        Its heading.

    Examples
    --------
    >>> mixed = np.array(["13/04/2024", "04/13/2024"], dtype=object)
    >>> [reading.order for reading in all_readings(mixed).partial]
    ['dmy', 'mdy']
    """
    first = [str(value).strip() for value in _sample(distinct, _FIRST_LOOK)]
    short = _are_short_numbers(first) and _are_short_numbers(distinct)
    if short or not _many_dates(first):
        return Readings([], [])
    sample = _texts(_sample(distinct, _SAMPLE))
    groups = _candidate_groups(sample.to_pylist())
    texts, found = sample, _plausible_readings(sample, groups, name) if groups else []
    if _share_read(found) < _MOST:
        return Readings([], [])
    if len(distinct) > _SAMPLE:
        texts = _texts(distinct)
        found = _plausible_readings(texts, groups, name)
    fitting = [(reading, read) for reading, read in found if read.mean() >= NEARLY_ALL]
    if fitting:
        usual = _preferred(_without_contradicted(fitting))
        return Readings(_likeliest_year(texts, usual), [])
    numbers = all(candidate.digits_only for group in groups for candidate in group)
    partial = [reading for reading, _ in found]
    return Readings([], partial if _share_read(found) >= NEARLY_ALL and not numbers else [])


def _are_short_numbers(distinct: Sequence[str] | np.ndarray) -> bool:
    """Whether all values are whole numbers of at most four digits, too short for any date."""
    return len(distinct) > 0 and all(map(_SHORT_NUMBER.fullmatch, map(str, distinct)))


def _plausible_readings(
    texts: pa.Array, groups: Sequence[Sequence[CandidateFormat]], name: str
) -> list[tuple[DateReading, np.ndarray]]:
    """The readings that are more than chance, and which values they read."""
    return [
        (reading, read)
        for reading, read in _possible_readings(texts, groups)
        if read.mean() > 1 - NEARLY_ALL and has_evidence(reading.formats, groups, texts, name)
    ]


def _share_read(found: Sequence[tuple[DateReading, np.ndarray]]) -> float:
    return float(np.any([read for _, read in found], axis=0).mean()) if found else 0.0


def dates_or_none(column: pd.Series, formats: Sequence[str] = ()) -> pd.Series | None:
    """Read a column as dates in whatever format it has; None if it does not hold dates.

    Parameters
    ----------
    column : Series of str
    formats : sequence of str
        Formats that are known to occur; they are tried first.

    Returns
    -------
    Series of datetime64[us] or None
        Naive UTC. Dates that mean never are missing. Where the values fit several orders and
        ``formats`` does not tell, the first is taken.

    Examples
    --------
    >>> dates_or_none(pd.Series(["7/25/2022"])).tolist()
    [Timestamp('2022-07-25 00:00:00')]
    """
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        known = formats_that_fit(column, unlike_numbers(formats))
        readings = date_readings(column)
        if not known and not readings:
            return None
        formats = known or readings[0].formats
    return plausible_or_missing(read_dates(column, formats))


def known_dates(column: pd.Series, formats: Sequence[str]) -> pd.Series | None:
    """Read a column in the formats that were found for it; find them if they are not known.

    Examples
    --------
    >>> known_dates(pd.Series(["7/25/2022", "never"]), ["%m/%d/%Y"]).tolist()
    [Timestamp('2022-07-25 00:00:00'), NaT]
    """
    return plausible_or_missing(read_dates(column, formats)) if formats else dates_or_none(column)


def formats_that_fit(column: pd.Series, formats: Sequence[str]) -> tuple[str, ...]:
    """Give the formats if they read nearly all values of a column that looks like dates."""
    if not formats:
        return ()
    distinct = different_values(column)
    first = [str(value).strip() for value in _sample(distinct, _GLANCE)]
    likely = list(filter(_could_be_date, first))
    if not any(might_fit(likely, date_format) for date_format in formats):
        return ()
    glance = read_times(trimmed_texts(np.array(likely, dtype=object)), formats)
    if not plausible_times(glance).mean() > _LEAST:
        return ()
    read = plausible_times(read_times(_texts(distinct), formats))
    return tuple(formats) if read.size and read.mean() > _MOST else ()


def _could_be_date(text: str) -> bool:
    """Whether a text has a digit and more than three characters, as every date has."""
    return len(text) > 3 and any(map(str.isdigit, text))


def unlike_numbers(formats: Sequence[str]) -> list[str]:
    """Give the formats that plain numbers cannot be in.

    Examples
    --------
    >>> unlike_numbers(["%d.%m.%Y", "%Y%m%d", "unix_ms"])
    ['%d.%m.%Y']
    """
    return [text for text in formats if not text.replace("%", "").replace("_", "").isalnum()]


def _texts(distinct: np.ndarray) -> pa.Array:
    """Distinct values as text, without empty dates."""
    texts = trimmed_texts(distinct)
    if pc.any(pc.equal(pc.utf8_trim(texts, EMPTY_SIGNS), "")).as_py():
        texts = texts.filter(pc.invert(pc.match_substring_regex(texts, EMPTY_DATE)))
    if words := words_without_digits(texts):
        texts = texts.filter(pc.invert(pc.is_in(texts, pa.array(sorted(words), pa.string()))))
    return texts


def _sample(distinct: np.ndarray, most: int) -> np.ndarray:
    if len(distinct) <= most:
        return distinct
    return distinct[_places_of_sample(len(distinct), most)]


@lru_cache
def _places_of_sample(number: int, most: int) -> npt.NDArray[np.intp]:
    """The places of some of a number of values, always the same."""
    return np.random.default_rng(0).choice(number, most, replace=False)


def _many_dates(texts: Sequence[str]) -> bool:
    """Whether enough of the texts with digits could be dates."""
    likely = [text for text in texts if any(map(str.isdigit, text))]
    could_be = sum(bool(candidate_formats(text)) for text in likely)
    return could_be >= max(1, _LEAST * len(likely))


def _candidate_groups(sample: Sequence[str]) -> list[list[CandidateFormat]]:
    """The candidate formats of each frequent shape; none if most values are no dates."""
    shapes = [*map(shape_of, sample)]
    counts = Counter(shapes)
    examples = dict(sorted(zip(shapes, sample, strict=True), key=lambda pair: len(pair[1])))
    groups, covered = [], 0
    for shape, rows in counts.most_common():
        candidates = candidate_formats(examples[shape]) if shape else []
        if candidates and rows >= _RARE_SHAPE * len(sample):
            groups.append(candidates)
            covered += rows
    return groups if covered >= NEARLY_ALL * len(sample) else []


def _possible_readings(
    texts: pa.Array, groups: Sequence[Sequence[CandidateFormat]]
) -> Iterator[tuple[DateReading, np.ndarray]]:
    """Each order with the formats of all shapes in it, and which values they read."""
    orders = {candidate.order for group in groups for candidate in group}
    choices = {order: [_in_order(group, order) for group in groups] for order in _ORDERS}
    choices = {order: chosen for order, chosen in choices.items() if order in orders}
    if len(groups) == 1 and groups[0][0].digits_only:
        choices = {candidate.format: [candidate] for candidate in groups[0]}
    elif not choices:
        choices = {"": [group[0] for group in groups]}
    seen: set[tuple[str, ...]] = set()
    for order, chosen in choices.items():
        formats = tuple(dict.fromkeys(candidate.format for candidate in chosen))
        if formats in seen:
            continue
        seen.add(formats)
        ordered = next((each for each in chosen if each.order == order), chosen[0])
        read = plausible_times(read_times(texts, formats))
        yield DateReading(formats, ordered.order, ordered.separator), read


def _in_order(group: Sequence[CandidateFormat], order: str) -> CandidateFormat:
    return next((candidate for candidate in group if candidate.order == order), group[0])


def _without_contradicted(
    fitting: Sequence[tuple[DateReading, np.ndarray]],
) -> list[DateReading]:
    """Leave out an order that does not fit values which another order does fit."""
    return [
        reading
        for reading, read in fitting
        if not any(
            (other & ~read).sum() > _CLEARLY_MORE * (read & ~other).sum() for _, other in fitting
        )
    ]


def _preferred(readings: list[DateReading]) -> list[DateReading]:
    """Nobody writes year, day, month, or a two-digit year before a month's name."""
    usual = [reading for reading in readings if reading.order not in ("ydm", "ybd")]
    return usual or readings


def _likeliest_year(texts: pa.Array, readings: list[DateReading]) -> list[DateReading]:
    """Of two-digit numbers, the year is the one that varies less than the day."""
    year_first = [reading for reading in readings if reading.order == "ymd"]
    if not year_first or len(readings) == 1:
        return readings
    several = [pd.Series(read_times(texts, reading.formats)) for reading in readings]
    unsure = pd.concat(several, axis=1).nunique(axis=1) > 1  # others are clear by themselves
    dates = pd.Series(read_times(texts, year_first[0].formats))[unsure]
    first, last = dates.dt.year.nunique(), dates.dt.day.nunique()
    if first >= 2 * last:
        return [reading for reading in readings if reading.order != "ymd"]
    return year_first if last >= 2 * first else readings
