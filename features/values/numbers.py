"""Numbers as people type them into a CRM: with thousands, currencies, bands and a ``k``.

Whether a column writes decimals with a point or a comma is decided for the whole column
(``number_notation``); with that, each value is read on its own. A value that is not a number is
missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.values.currencies import CURRENCY, currency_of, same_currency
from features.values.dated_bands import dated_band, has_bands
from features.values.number_notation import (
    COMMA,
    OTHER_MARK,
    POINT,
    are_plain_numbers,
    arrow_texts,
    decimal_mark,
    number_notation,
    whole_numbers,
)

LONGEST = 80  # characters of a number with its units
MOST_KEPT = 20_000  # numbers that are not read again: columns have many in common
_UNIT_WORDS = (
    "employees|employee|people|persons|staff|users|seats|mitarbeiter|mitarbeitende|mitarb|ma|"
    "angestellte|beschäftigte|salariés|salarié|employés|personnes|empleados|trabajadores|personas|"
    "funcionários|colaboradores|dipendenti|addetti|medewerkers|werknemers|pracowników|osób|"
    "сотрудников|сотрудника|чел|человек|çalışan|kişi|fte|approximately|approx|about|circa|ca|rund|"
    "etwa|environ|env|約|около"
)
_WORDS_OF_SIZE = {
    1e3: "k tsd tausend thousand mille tys тыс bin 千",
    1e4: "万",
    1e5: "lakh lac",
    1e6: "m mn mm mio mln million millions millionen millones milhões milioni milyon млн 百万",
    1e7: "crore",
    1e8: "億 亿",
    1e9: "b bn mrd mlrd md billion billions milliarde milliarden milliard milliards miliardi "
    "milyar млрд",
}
_SIZES = {word: size for size, words in _WORDS_OF_SIZE.items() for word in words.split()}
_SIZE_WORDS = "|".join(sorted(_SIZES, key=len, reverse=True))
_AMOUNT = rf"([-+]?(?:\d[\d.,]*|[.,]\d+))(?:({_SIZE_WORDS})\.?)?"
_ONE_AMOUNT = re.compile(_AMOUNT)
_RANGE = re.compile(
    rf"(?:from|between|von|zwischen|de|entre|da|od|от)?{_AMOUNT}"
    rf"(?:-|to|and|bis|und|à|et|a|y|e|do|до|tot|~){_AMOUNT}"
)
_AT_LEAST = re.compile(
    r"(?:>=?|≥|over|above|morethan|atleast|from|ab|über|mehrals|mindestens|plusde|másde|masde|"
    r"maisde|acimade|apartirde|desde|àpartirde|vanaf|oltre|piùdi|meerdan|ponad|powyżej|более|свыше|от)?"
    rf"{_AMOUNT}(\+|andmore|andabove|plus|ormore|undmehr|odermehr|etplus|ymás|omás|oumais|以上)?"
)
_BELOW = re.compile(
    r"(?:<=?|≤|under|below|lessthan|fewerthan|upto|bis|bis zu|biszu|unter|wenigerals|moinsde|"
    r"jusqu['à]+|menosde|hasta|até|abaixode|pordebajode|endessousde|finoa|menodi|minderdan|poniżej|менее|до)"
    rf"{_AMOUNT}|{_AMOUNT}(?:以下|未満)"
)
_DASHES = str.maketrans("–—−‑〜’´`", "----~'''")
_TO = re.compile(r"(?<=[\w.])\s*~\s*(?=[^\s~]*\d)")  # 10~49
_CONVERTED = re.compile(r"(.*\d.*?)\([^()]*\d[^()]*\)")  # GBP 1 (USD 1.2)
_SIZE_BEFORE_CODE = re.compile(r"(?<=[\d\s.])(k|m|t|mio|bn|mrd)(?=€|\$|£|eur|usd|chf|gbp)")
_CLUTTER = re.compile(
    rf"[%~≈]|(?<![^\W\d_])(?:{_UNIT_WORDS})(?![^\W\d_])\.?|[人名社員员工]+(?=$|[^\w])|人|名"
)
_BARE = re.compile(r"[\d\s.,'()+/<>=-]*")  # nothing of the above; most numbers are such
_NO_CENTS = re.compile(r"(?<=\d)(?:[.,]-+|/-)(?=\s|$)")  # 1'200.- and 5,000/-
_GROUPS = re.compile(r"(?<![\d.,])\d{1,3}(?:[ ']\d{3})+(?!\d)")
_DIGIT = re.compile(r"\d")
_TWO_NUMBERS = re.compile(r"\d[\s']+\d")
_WHOLE_GROUPS = {
    COMMA: re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}"),  # the latter in India
    POINT: re.compile(r"\d{1,3}(?:\.\d{3})+"),
}


def parse_numbers(
    column: pd.Series,
    decimal: str | None = None,
    currency: str | None = None,
    dated: bool | None = None,
) -> pd.Series:
    """Read a column of text as numbers.

    Parameters
    ----------
    column : Series of str
        Numbers as text.
    decimal : str, optional
        The decimal mark, ``.`` or ``,``; by default, the column shows it.
    currency : str, optional
        The currency of the column; amounts in another one are missing.
    dated : bool, optional
        Whether dates are bands that Excel changed; by default, if the column has other bands.

    Returns
    -------
    Series of float64
        Same index; NaN where there is no number. A band is read as its middle (``51-200`` is
        125.5, ``< 50`` is 25), an open one as its lower end (``10,000+`` is 10000). Of two amounts,
        such as ``GBP 1 (USD 1.2)``, the first is read.

    Examples
    --------
    >>> parse_numbers(pd.Series(["1.200,50", "€ 1 200", "51-200", "10k", "many"])).tolist()
    [1200.5, 1200.0, 125.5, 10000.0, nan]
    >>> parse_numbers(pd.Series(["1.491", "301.363.000"])).tolist()
    [1491.0, 301363000.0]
    >>> parse_numbers(pd.Series(["10-Jan", "Nov-50", "51-200"])).tolist()
    [5.5, 30.5, 125.5]
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype("float64")
    if (whole := whole_numbers(column)) is not None:
        return pd.Series(whole, index=column.index, name=column.name)
    decimal = decimal or number_notation(column).decimal
    numbers = _plain_numbers(column, decimal)
    unread = np.isnan(numbers) & pd.notna(column.to_numpy(object))
    if unread.any():
        positions, values = pd.factorize(column.to_numpy(object)[unread])
        texts = [str(value) for value in values]
        if has_bands(texts) if dated is None else dated:
            texts = [dated_band(text) or text for text in texts]
        parsed = [parse_number(text, decimal, currency) for text in texts]
        numbers[unread] = np.array(parsed, dtype="float64")[positions]
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    return pd.Series(numbers, index=column.index, name=column.name)


def _plain_numbers(column: pd.Series, decimal: str) -> npt.NDArray[np.float64]:
    """Numbers as programs write them; all at once if the column holds nothing else."""
    try:
        texts = arrow_texts(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        texts = pa.array(pd.Series(column, dtype="str"), pa.string(), from_pandas=True)
    if decimal == COMMA:
        without_point = pc.invert(pc.match_substring(texts, POINT))
        texts = pc.if_else(without_point, texts, pa.scalar(None, pa.string()))
    try:
        numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        values = np.asarray(texts.to_pylist(), dtype=object)
        numbers = pd.to_numeric(values, errors="coerce")
    return np.array(numbers, dtype=np.float64)


@lru_cache(MOST_KEPT)
def parse_number(text: str, decimal: str = POINT, currency: str | None = None) -> float:
    """Read a number, a band or an open band; NaN if it is none of them.

    Examples
    --------
    >>> parse_number("R$ 1.200,50"), parse_number("1.491", decimal=","), parse_number("(1,200)")
    (1200.5, 1491.0, -1200.0)
    """
    plain = _in_plain_signs(text)
    if not _DIGIT.search(plain):
        return np.nan
    written = currency_of(plain) if currency else None
    if currency and written and not same_currency(written, currency):
        return np.nan
    return _parse_clean(_without_clutter(plain), decimal)


def is_band(text: str) -> bool:
    """Say whether a text is a band of numbers, with two ends or open.

    Examples
    --------
    >>> [is_band(text) for text in ("11-50 employees", "$1M–$5M", "500+", "< 10", "1.200,50", "-7")]
    [True, True, True, True, False, False]
    """
    clean = _without_clutter(_in_plain_signs(text))
    bands = (_RANGE, _BELOW, _AT_LEAST)
    return not _ONE_AMOUNT.fullmatch(clean) and any(band.fullmatch(clean) for band in bands)


def _in_plain_signs(text: str) -> str:
    """The text in small letters and usual signs; of an amount and its conversion, the first."""
    plain = unicodedata.normalize("NFKC", text.strip()).lower()[:LONGEST].translate(_DASHES)
    plain = _TO.sub("-", plain)
    converted = _CONVERTED.fullmatch(plain.rstrip())
    return converted[1] if converted else plain


def _without_clutter(text: str) -> str:
    """The text without currencies, units, blanks and the marks of groups; "" if it has two."""
    text = _SIZE_BEFORE_CODE.sub(lambda match: {"t": "k"}.get(match[1], match[1]) + " ", text)
    text = text if _BARE.fullmatch(text) else CURRENCY.sub(" ", text)
    text = text if _BARE.fullmatch(text) else _CLUTTER.sub(" ", text)
    text = _NO_CENTS.sub("", text.strip())
    text = _GROUPS.sub(lambda match: re.sub(r"[ ']", "", match[0]), re.sub(r"\s+", " ", text))
    return "" if _TWO_NUMBERS.search(text) else text.replace(" ", "")


def _parse_clean(clean: str, decimal: str) -> float:
    if clean.startswith("(") and clean.endswith(")"):
        return -_parse_clean(clean[1:-1], decimal)
    if re.fullmatch(r"\d[\d.,]*-", clean):
        return -_parse_clean(clean[:-1], decimal)
    if match := _RANGE.fullmatch(clean):
        low, high = _end(match[1], match[2], decimal), _end(match[3], match[4], decimal)
        if match[4] and not match[2] and low * _SIZES[match[4]] <= high:
            low *= _SIZES[match[4]]  # 1-5k is 1k to 5k
        return (low + high) / 2 if low <= high else np.nan
    if match := _BELOW.fullmatch(clean):
        return _amount(match[1] or match[3], match[2] or match[4], decimal) / 2
    if match := _AT_LEAST.fullmatch(clean):
        return (_end if match[3] else _amount)(match[1], match[2], decimal)
    return np.nan


def _end(digits: str, size: str | None, decimal: str) -> float:
    """Read an end of a band: whole, so that ``1.001-5.000`` is in thousands."""
    return _amount(digits, size, decimal if size else "")


def _amount(digits: str, size: str | None, decimal: str) -> float:
    """Read digits with their marks, and multiply them by the size."""
    factor = _SIZES[size] if size else 1.0
    sign, digits = (-1.0, digits[1:]) if digits.startswith("-") else (1.0, digits.lstrip("+"))
    digits = digits.rstrip(".,") or "x"
    mark, certain = decimal_mark(digits)
    if mark is not None and not certain and mark != decimal:
        mark = OTHER_MARK[mark]
    if mark is None:
        return sign * float(digits) * factor if digits.isdecimal() else np.nan
    whole, _, decimals = digits.partition(mark)
    groups = _WHOLE_GROUPS[OTHER_MARK[mark]]
    if not (whole.isdecimal() or not whole or groups.fullmatch(whole)) or not (
        decimals.isdecimal() or mark not in digits
    ):
        return np.nan
    number = re.sub(r"[.,]", "", whole) + (f".{decimals}" if decimals else "")
    return sign * float(number) * factor


def currency_counts(counts: Mapping[str, int]) -> dict[str, int]:
    """Count the values in each currency, the most frequent first; those without one are not.

    Parameters
    ----------
    counts : mapping of str to int
        The rows of each different value.

    Examples
    --------
    >>> currency_counts({"USD 5": 2, "$ 6": 1, "EUR 5": 1, "7": 9})
    {'USD': 3, 'EUR': 1}
    """
    if are_plain_numbers(np.array([*counts], dtype=object)):
        return {}
    totals: dict[str, int] = {}
    for value, rows in counts.items():
        currency = currency_of(str(value))
        if currency is not None:
            name = next((known for known in totals if same_currency(known, currency)), currency)
            totals[name] = totals.get(name, 0) + rows
    return dict(sorted(totals.items(), key=lambda item: -item[1]))
