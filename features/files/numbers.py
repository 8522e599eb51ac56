"""Numbers as people type them into a CRM: with commas, currencies, ranges and a ``k``.

Each value is read on its own, whatever else is in its column, so a lead scored alone gets the same
number as among all others. A value that is not a number is missing.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_UNIT_WORDS = (
    "employees|employee|people|persons|staff|users|seats|mitarbeiter|mitarbeitende|salariés|"
    "empleados|dipendenti|eur|euro|euros|usd|us|dollars|gbp|chf|sek|nok|dkk|pln|inr|jpy|cad|aud"
)
_SIZES = {
    "k": 1e3,
    "tsd": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "billion": 1e9,
    "billions": 1e9,
}
_SIZE_WORDS = "|".join(sorted(_SIZES, key=len, reverse=True))
_AMOUNT = rf"([-+]?\d[\d.,]*)({_SIZE_WORDS})?"
_RANGE = re.compile(rf"{_AMOUNT}(?:-|to|bis|à){_AMOUNT}")
_AT_LEAST = re.compile(
    rf"(?:>=?|≥|over|above|morethan|atleast|from|ab)?{_AMOUNT}(\+|andmore|plus|ormore)?"
)
_BELOW = re.compile(rf"(?:<=?|≤|under|below|lessthan|upto|bis){_AMOUNT}")
_DASHES = str.maketrans({"–": "-", "—": "-", "−": "-"})
_CLUTTER = re.compile(rf"[€$£¥₹%\s'’~]|(?<![a-zà-ÿ])(?:{_UNIT_WORDS})\b\.?")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS_BY_DOT = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)|[-+]?\d{1,3}(\.\d{3}){2,}")
_THOUSAND_BY_DOT = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_COMMA = re.compile(r"[-+]?\d+,\d+")
_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


def parse_numbers(column: pd.Series) -> pd.Series:
    """Read a column of text as numbers.

    Parameters
    ----------
    column : Series of str
        Numbers as text.

    Returns
    -------
    Series of float64
        Same index; NaN where there is no number. A range is read as its middle (``51-200`` is
        125.5, ``< 50`` is 25), an open range as its lower end (``10,000+`` is 10000). A comma
        before exactly three digits separates thousands; any other is a decimal comma. A single dot
        is a decimal point, except in a range of whole thousands (``1.001-5.000``).

    Examples
    --------
    >>> parse_numbers(pd.Series(["1,200", "1.200,50", "€ 1 200", "51-200", "10k", "many"])).tolist()
    [1200.0, 1200.5, 1200.0, 125.5, 10000.0, nan]
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    numbers = _plain_numbers(column)
    unread = numbers.isna().to_numpy() & column.notna().to_numpy()
    if unread.any():
        positions, values = pd.factorize(column[unread].astype(object))
        parsed = np.array([_parse_amount(str(value)) for value in values], dtype="float64")
        numbers = numbers.copy()
        numbers[unread] = parsed[positions]
    return numbers.where(np.isfinite(numbers))


def _plain_numbers(column: pd.Series) -> pd.Series:
    """Numbers as programs write them; all at once if the column holds nothing else."""
    try:
        text = pa.array(column, pa.string(), from_pandas=True)
        numbers = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        return pd.Series(numbers, index=column.index, name=column.name)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pd.to_numeric(column, errors="coerce").astype("float64")


def _parse_amount(text: str) -> float:
    """Read a number, a range or an open range; NaN if it is none of them."""
    clean = _CLUTTER.sub("", text.strip().lower()[:60]).translate(_DASHES)
    if clean.startswith("(") and clean.endswith(")"):
        return -_parse_amount(clean[1:-1])
    if match := _RANGE.fullmatch(clean):
        low, high = _amount(match[1], match[2], True), _amount(match[3], match[4], True)
        if match[4] and not match[2] and low * _SIZES[match[4]] <= high:
            low *= _SIZES[match[4]]  # 1-5k is 1k to 5k
        return (low + high) / 2 if low <= high else np.nan
    if match := _BELOW.fullmatch(clean):
        return _amount(match[1], match[2]) / 2
    if match := _AT_LEAST.fullmatch(clean):
        return _amount(match[1], match[2], bool(match[3]))
    return np.nan


def _amount(digits: str, size: str | None, in_range: bool = False) -> float:
    factor = _SIZES[size] if size else 1.0
    digits = digits.rstrip(".,")
    if in_range and not size and _THOUSAND_BY_DOT.fullmatch(digits):
        return float(digits.replace(".", ""))
    if _THOUSANDS.fullmatch(digits):
        return float(digits.replace(",", "")) * factor
    if _THOUSANDS_BY_DOT.fullmatch(digits):
        return float(digits.replace(".", "").replace(",", ".")) * factor
    if _COMMA.fullmatch(digits):
        return float(digits.replace(",", ".")) * factor
    return float(digits) * factor if _PLAIN.fullmatch(digits) else np.nan
