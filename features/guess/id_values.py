"""What the values of a column of ids look like, and what a column of measures looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import IntEnum
from itertools import islice

import pandas as pd

MOST = 0.95  # of the values have the shape, or the column does not have it
SAMPLE = 20_000
GUID = r"\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?"
SALESFORCE_ID = r"(?=\D*\d)(?=[0-9]*[a-zA-Z])[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?"
HEXADECIMAL = r"(?=.*\d)(?=.*[a-fA-F])(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40})"
EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]+"
WHOLE_NUMBER = r"\d+(?:\.0+)?"
DECIMAL = r"[^\d]*-?\d[\d ,.']*[.,]\d*[1-9]\d*[^\d]*"
_COMPACT_DATE = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_EPOCH = r"1[0-9]\d{8}(?:\d{3})?"
_LONGEST_ID = 80
_BLANK = re.compile(r"\s")


class IdShape(IntEnum):
    """How much the values of a column look like ids: the higher, the more."""

    MEASURE = 0
    """Decimals, times, words or texts: no ids, unless the name says so."""
    E_MAIL = 1
    NUMBER = 2
    """Whole numbers with as many digits each, which may also be something else."""
    CODE = 3
    """Letters and digits of one pattern, or whole numbers without gaps."""
    MADE_AS_ID = 4
    """GUIDs, Salesforce ids and the like: nothing else looks like this."""


def id_shape(values: pd.Series) -> IdShape:
    """Say how much different values look like ids.

    Parameters
    ----------
    values : Series of str
        Different values of a column.

    Examples
    --------
    >>> id_shape(pd.Series(["4000", "4001", "4002"])), id_shape(pd.Series(["CRM-7", "CRM-12"]))
    (<IdShape.CODE: 3>, <IdShape.CODE: 3>)
    >>> id_shape(pd.Series(["1200.5", "900.25"])), id_shape(pd.Series(["Anna", "Bo"]))
    (<IdShape.MEASURE: 0>, <IdShape.MEASURE: 0>)
    """
    if looks_like(values, EMAIL):
        return IdShape.E_MAIL
    if has_decimals(values):
        return IdShape.MEASURE
    if any(looks_like(values, pattern) for pattern in (GUID, SALESFORCE_ID, HEXADECIMAL)):
        return IdShape.MADE_AS_ID
    if looks_like(values, WHOLE_NUMBER):
        return _shape_of_numbers(values)
    return IdShape.CODE if _has_one_pattern(values) else IdShape.MEASURE


def looks_like(values: pd.Series, pattern: str) -> bool:
    """Whether nearly all values have a pattern.

    Examples
    --------
    >>> looks_like(pd.Series(["ann@acme.com", "bo@acme.com"]), EMAIL)
    True
    """
    fits = re.compile(pattern).fullmatch
    return len(values) > 0 and not _more_than_few(values, lambda value: not fits(value))


def has_decimals(values: pd.Series) -> bool:
    """Whether more than a few values are numbers with decimals, which ids never are.

    Examples
    --------
    >>> has_decimals(pd.Series(["0.25", "0.5"])), has_decimals(pd.Series(["4000.0", "4001.0"]))
    (True, False)
    """
    return _more_than_few(values, re.compile(DECIMAL).fullmatch)


def _more_than_few(values: pd.Series, counts: Callable[[str], object]) -> bool:
    """Whether more than a few values count; it looks at no more of them than needed."""
    sample = values.to_numpy(object)[:SAMPLE].tolist()
    few = int((1 - MOST) * len(sample))
    return next(islice(filter(counts, sample), few, None), None) is not None


def is_single_word(values: pd.Series) -> bool:
    """Whether nearly all values are one short word, as ids are and texts and names are not."""
    sample = values.to_numpy(object)[:SAMPLE].tolist()
    words = sum(len(text) <= _LONGEST_ID and not _BLANK.search(text) for text in sample)
    return words >= MOST * len(sample)


def _shape_of_numbers(values: pd.Series) -> IdShape:
    if looks_like(values, _COMPACT_DATE) or looks_like(values, _EPOCH):
        return IdShape.MEASURE
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    without_gaps = numbers.max() - numbers.min() + 1 <= 1.05 * len(numbers) + 1
    if without_gaps and len(numbers) > 1:
        return IdShape.CODE
    lengths = values.str.len().value_counts(normalize=True)
    long_alike = float(lengths.iloc[0]) >= MOST and int(lengths.index[0]) >= 5
    return IdShape.NUMBER if long_alike else IdShape.MEASURE


def _has_one_pattern(values: pd.Series) -> bool:
    """Whether the values have digits, and letters and signs in the same order or number."""
    sample = values.head(SAMPLE)
    if not is_single_word(sample) or float(sample.str.contains(r"\d").mean()) < MOST:
        return False
    if sample.str.contains(r"[=+]|://").mean() > 1 - MOST:
        return False
    runs = sample.str.replace(r"[^\W\d_]+", "A", regex=True).str.replace(r"\d+", "9", regex=True)
    lengths = sample.str.len()
    divided = sample.str.contains("/", regex=False).mean() > 1 - MOST  # or a checksum
    parts = (runs,) if divided else (runs, lengths)
    return max(float(part.value_counts(normalize=True).iloc[0]) for part in parts) >= 0.8
