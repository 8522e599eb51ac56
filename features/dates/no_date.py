"""Values in columns of dates that are no dates: zeros, words such as *not closed*, odd years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.dates.read import Times
from features.values.few_values import Counted

MOST_WORDS = 3  # different words beside dates
EMPTY_DATE = r"^0{1,4}[-/.]?00?[-/.]?0{1,4}([T ]00:00(:00)?)?$"
EMPTY_SIGNS = "0-/.T :"  # of which an empty date consists
NEVER_YEARS = (1, 9999)  # of dates that mean never
# The first days of the years 1 and 2, 1900, 2101 and 9999.
_YEARS = np.array(["0001", "0002", "1900", "2101", "9999"], "datetime64[us]")
_ASCII_DIGIT = "[0-9]"  # which is found sooner
_DIGIT = r"\p{Nd}"


def means_no_date(texts: pd.Series) -> pd.Series:
    """Say which texts are empty dates, such as ``0000-00-00`` and ``00.00.0000``."""
    mask: pd.Series = texts.astype("str").str.match(EMPTY_DATE).fillna(False)
    return mask.astype(bool)


def words_without_digits(texts: Sequence[str] | pa.Array) -> frozenset[str]:
    """Give the few words that stand for no date, such as *not closed*; none if there are many.

    Examples
    --------
    >>> words_without_digits(["2024-01-03", "not closed", "2024-02-05"])
    frozenset({'not closed'})
    """
    values = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    without = values.filter(pc.invert(pc.match_substring_regex(values, _ASCII_DIGIT)))
    if not len(without):
        return frozenset()
    without = without.filter(pc.invert(pc.match_substring_regex(without, _DIGIT))).unique()
    few = 0 < len(without) <= MOST_WORDS and len(without) < len(values.unique())
    return frozenset(without.to_pylist()) if few else frozenset()


def words_among_dates(counted: Counted, columns: Iterable[str]) -> list[str]:
    """Find the words in columns of dates that stand for no date.

    Parameters
    ----------
    counted : mapping of str to Counter
        The rows of each value of each column.
    columns : iterable of str
        The columns of dates.

    Examples
    --------
    >>> from collections import Counter
    >>> counted = {"Closed": Counter(["2024-01-03", "2024-01-08", "not closed"])}
    >>> words_among_dates(counted, ["Closed"])
    ['not closed']
    """
    texts = ([*map(str, counted[name])] for name in columns)
    return sorted(frozenset().union(*map(words_without_digits, texts)))


def plausible_dates(dates: pd.Series) -> pd.Series:
    """Say which dates are from 1900 to 2100, or mean never (years 1 and 9999)."""
    return pd.Series(plausible_times(dates.to_numpy()), dates.index)


def plausible_times(times: Times) -> npt.NDArray[np.bool_]:
    """Which times are from 1900 to 2100, or mean never.

    Examples
    --------
    >>> plausible_times(np.array(["2024-02-01", "9999-12-31", "1850-01-01"], "datetime64[D]"))
    array([ True,  True, False])
    """
    never = ((times < _YEARS[1]) | (times >= _YEARS[4])) & ~np.isnat(times)
    return np.asarray(are_usual(times) | never)


def plausible_or_missing(dates: pd.Series) -> pd.Series:
    """Give the dates from 1900 to 2100; others mean never, and are missing."""
    return pd.Series(usual_times(dates.to_numpy()), dates.index, name=dates.name)


def usual_times(times: Times) -> Times:
    """Give the times from 1900 to 2100; others mean never, and are missing.

    Examples
    --------
    >>> usual_times(np.array(["2024-02-01", "9999-12-31"], "datetime64[D]"))
    array(['2024-02-01',        'NaT'], dtype='datetime64[D]')
    """
    return np.where(are_usual(times), times, np.datetime64("NaT"))


def are_usual(times: Times) -> npt.NDArray[np.bool_]:
    """Which times are from 1900 to 2100."""
    usual: npt.NDArray[np.bool_] = (times >= _YEARS[2]) & (times < _YEARS[3])
    return usual
