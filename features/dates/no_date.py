"""Values in columns of dates that are no dates: dates of zeros, and words such as *not closed*."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.values.few_values import different_values

MOST_WORDS = 3  # different words beside dates
EMPTY_DATE = r"^0{1,4}[-/.]?00?[-/.]?0{1,4}([T ]00:00(:00)?)?$"
EMPTY_SIGNS = "0-/.T :"  # of which an empty date consists
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


def words_among_dates(table: pd.DataFrame, columns: Iterable[str]) -> list[str]:
    """Find the words in columns of dates that stand for no date.

    Examples
    --------
    >>> table = pd.DataFrame({"Closed": ["2024-01-03", "2024-01-08", "not closed"]})
    >>> words_among_dates(table, ["Closed"])
    ['not closed']
    """
    texts = (list(map(str, different_values(table[column]))) for column in columns)
    return sorted(frozenset().union(*map(words_without_digits, texts)))
