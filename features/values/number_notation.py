"""Whether a column writes decimals with a point or a comma: the column decides, not the value.

``1.491`` alone may be a little more than one or more than a thousand. Among other values such as
``301.363.000`` or ``2.000,50`` it is clear. Where a whole column leaves it open, it is said to be
unknown, and a person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.values.currencies import currency_of
from features.values.different import may_be_number
from features.values.few_values import different_values

POINT, COMMA = ".", ","
OTHER_MARK = {POINT: COMMA, COMMA: POINT}
MOST_DISTINCT = 20_000  # values to look at
FEW = 0.05  # of the telling values may be written the other way, by mistake
ROUND = 0.3  # of values ending in 00 show that they are whole thousands
ENOUGH = 5  # values of three digits after the mark that are more likely thousands than decimals
THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_MARKED = re.compile(r"\d[.,]\d")
_PLAIN_POINT = re.compile(  # and nothing else
    r"[-+]?(?:[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|(?:[0-9]{4,}|0[0-9]*)\.[0-9]{3})"
)
_TOKEN = re.compile(r"\d(?:[\d.,'’\s]*\d)?")
BAND = re.compile(r"\d\s*(?:\+|-|–|—|~|〜|～|to|bis|à|a|до)\s*\D{0,4}\d|\d\s*\+|[<>≥≤]")


@dataclass(frozen=True)
class NumberNotation:
    """How a column writes decimals.

    Attributes
    ----------
    decimal : str
        ``.`` or ``,``; the likelier one if it is not known.
    known : bool
        Whether the values show it.
    unclear : tuple of str
        Values that could be read in two ways without the others.
    odd : tuple of str
        Values that are written the other way.
    shown : tuple of str
        Values that show the mark.
    """

    decimal: str = POINT
    known: bool = True
    unclear: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def telling(self) -> bool:
        """Whether the column has any value with a mark."""
        return bool(self.shown or self.unclear)

    @property
    def matters(self) -> bool:
        """Whether single values would be read differently without knowing the column."""
        return bool(self.unclear) and (not self.known or self.decimal != POINT)


def number_notation(column: pd.Series | npt.NDArray[np.object_]) -> NumberNotation:
    """Find out how a column of text writes decimals.

    Examples
    --------
    >>> number_notation(pd.Series(["1.491", "301.363.000"])).decimal
    ','
    >>> number_notation(pd.Series(["1.491", "12.5"])).decimal
    '.'
    >>> number_notation(pd.Series(["1.491", "2.377", "5.113"])).known
    False
    """
    if pd.api.types.is_numeric_dtype(column.dtype) or whole_numbers(column) is not None:
        return NumberNotation()
    values = [*map(str, different_values(column))]
    marked = [*islice(filter(_MARKED.search, values), MOST_DISTINCT)]
    if not marked:
        return NumberNotation()
    plain = [value for value in marked if _PLAIN_POINT.fullmatch(value)]
    known = frozenset(plain)
    return _notation_of_values([value for value in marked if value not in known], values, plain)


def whole_numbers(
    column: pd.Series | npt.NDArray[np.object_],
) -> npt.NDArray[np.float64] | None:
    """Read a column that holds nothing but whole numbers, in digits only; None if it does not.

    Many columns are so, and reading them at once keeps wide files quick.

    Examples
    --------
    >>> whole_numbers(pd.Series(["12", None, "-3"])).tolist()
    [12.0, nan, -3.0]
    >>> whole_numbers(pd.Series(["12", "1.5"]))
    """
    if not may_be_number(column, whole=True):
        return None
    try:
        texts = arrow_texts(column)
        numbers = pc.cast(pc.cast(texts, pa.int64()), pa.float64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    read: npt.NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    return read


def are_plain_numbers(column: pd.Series | npt.NDArray[np.object_]) -> bool:
    """Whether all values are numbers as programs write them, which can be seen at once.

    Examples
    --------
    >>> are_plain_numbers(pd.Series(["12", "-3.5"])), are_plain_numbers(pd.Series(["12", "3,5"]))
    (True, False)
    """
    if not may_be_number(column):
        return False
    try:
        texts = arrow_texts(column)
        return bool(len(texts)) and bool(pc.all(pc.is_finite(pc.cast(texts, pa.float64()))).as_py())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return False


def arrow_texts(column: pd.Series | npt.NDArray[np.object_]) -> pa.Array | pa.ChunkedArray:
    """The texts of a column for Arrow, which is slow to see that a pandas column holds objects.

    Examples
    --------
    >>> arrow_texts(pd.Series(["12", None])).to_pylist()
    ['12', None]
    """
    if isinstance(column, pd.Series) and column.dtype == object:
        return pa.array(column.to_numpy(object), pa.string(), from_pandas=True)
    return pa.array(column, pa.string(), from_pandas=True)


def _notation_of_values(
    marked: Sequence[str], values: Sequence[str], plain: Sequence[str]
) -> NumberNotation:
    """Find the notation from values with a mark, of which those with a plain point are known."""
    shown = {POINT: list(plain), COMMA: []}  # values whose decimal mark is certain
    unclear: dict[str, list[str]] = {POINT: [], COMMA: []}  # by the mark before three digits
    for value in marked:
        for token in _TOKEN.findall(value):
            mark, certain = decimal_mark(token)
            if mark is not None and not certain and BAND.search(value):
                mark, certain = OTHER_MARK[mark], True  # the ends of bands are whole
            if mark is not None:
                (shown if certain else unclear)[mark].append(value)
    open_values = tuple(dict.fromkeys((*unclear[POINT], *unclear[COMMA])))
    if shown[POINT] or shown[COMMA]:
        decimal = COMMA if len(shown[COMMA]) > len(shown[POINT]) else POINT
        odd, even = shown[OTHER_MARK[decimal]], shown[decimal]
        if unclear[decimal] and any(_is_grouped(value, OTHER_MARK[decimal]) for value in even):
            odd += unclear[decimal]  # three decimals, in a column that separates thousands
        known = len(odd) <= FEW * len(even)
        return NumberNotation(decimal, known, open_values, tuple(odd), tuple(even))
    if unclear[POINT] and unclear[COMMA]:
        return NumberNotation(POINT, False, open_values, tuple(unclear[COMMA]))
    mark = POINT if unclear[POINT] else COMMA
    if not unclear[mark]:
        return NumberNotation()
    thousands = _are_thousands(unclear[mark], values, mark)
    if thousands is None:
        likely = mark == COMMA or len(set(unclear[mark])) >= ENOUGH
        return NumberNotation(OTHER_MARK[mark] if likely else mark, False, open_values)
    return NumberNotation(OTHER_MARK[mark] if thousands else mark, True, open_values)


def decimal_mark(token: str) -> tuple[str | None, bool]:
    """Which mark separates the decimals of one number, and whether that is certain.

    Returns
    -------
    (str or None, bool)
        None if the number has no ``.`` and no ``,``. If it is not certain, the mark stands before
        three digits and may separate thousands as well.

    Examples
    --------
    >>> decimal_mark("1.200,50"), decimal_mark("1.200.000"), decimal_mark("1,200")
    ((',', True), (',', True), (',', False))
    """
    marks = [char for char in token if char in (POINT, COMMA)]
    if not marks:
        return None, True
    if len(set(marks)) == 2:
        return marks[-1], True
    mark = marks[0]
    if len(marks) > 1:
        return OTHER_MARK[mark], True
    before, _, after = token.partition(mark)
    whole = re.sub(r"[\s'’]", "", before)
    decimals = len(after) != 3 or len(whole) > 3 or whole.startswith("0") or whole != before
    return mark, decimals


def _is_grouped(value: str, mark: str) -> bool:
    """Whether a mark separates thousands in a value, beyond doubt."""
    return value.count(mark) > 1 or (POINT in value and COMMA in value)


def _are_thousands(unclear: Sequence[str], values: Iterable[str], mark: str) -> bool | None:
    """Whether three digits after the only mark of a column are thousands; None if it is open."""
    currencies = {currency_of(value) for value in unclear} - {None}
    if currencies and not currencies & THREE_DECIMALS:
        return True  # money has at most two decimals
    whole = [int(value) for value in values if re.fullmatch(r"\s*\d{1,15}\s*", value)]
    if whole and mark == COMMA:
        return True  # three decimals and whole numbers, but never one or two decimals, are rare
    if any(number >= 1000 for number in whole):
        return None  # are thousands written without a mark?
    if min(len(unclear), len(whole)) >= 3:
        return True  # smaller numbers are whole as well
    ends_round = sum(bool(re.search(r"00(?!\d)", value)) for value in unclear)
    return True if len(unclear) >= 3 and ends_round >= ROUND * len(unclear) else None
