"""Spellings of numbers and money, each written for a whole column of known amounts.

A column is read right if every value is; it is asked about if the decimal mark or the currency is a
problem that prevents training. Lone values in the notation of the column have to be read alike.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pandas as pd

from features.values.number_notation import number_notation
from features.values.numbers import parse_numbers
from verification.reading.share import ASKED, RIGHT, WRONG, Reading

ROWS = 60
Spelling = Callable[[float], str]


def grouped(amount: float, thousands: str, decimal: str, digits: int) -> str:
    """Write an amount with marks.

    Examples
    --------
    >>> grouped(1234567.5, ".", ",", 2), grouped(1234567.5, " ", "", 0)
    ('1.234.567,50', '1 234 568')
    """
    text = f"{amount:,.{digits}f}"
    return text.translate({ord(","): thousands, ord("."): decimal})


def in_lakhs(amount: float) -> str:
    """Write an amount as in India.

    Examples
    --------
    >>> in_lakhs(1234567.5), in_lakhs(999)
    ('12,34,567.50', '999.00')
    """
    whole, decimals = f"{amount:.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail]) + f".{decimals}"


def _marks(before: str, thousands: str, decimal: str, digits: int, after: str = "") -> Spelling:
    return lambda amount: before + grouped(amount, thousands, decimal, digits) + after


SPELLINGS: dict[str, Spelling] = {
    "1234.50": lambda amount: f"{amount:.2f}",
    "1,234.50": _marks("", ",", ".", 2),
    "1.234,50": _marks("", ".", ",", 2),
    "1234,50": lambda amount: f"{amount:.2f}".replace(".", ","),
    "1 234,50": _marks("", " ", ",", 2),
    "1 234,50 with no-break spaces": _marks("", "\xa0", ",", 2),
    "1 234,50 with narrow no-break spaces": _marks("", "\u202f", ",", 2),
    "1'234.50": _marks("", "'", ".", 2),
    "1’234.50": _marks("", "’", ".", 2),
    "$1,234.50": _marks("$", ",", ".", 2),
    "US$ 1,234.50": _marks("US$ ", ",", ".", 2),
    "$1,234": _marks("$", ",", ".", 0),
    "€ 1.234": _marks("€ ", ".", ",", 0),
    "1.234 €": _marks("", ".", ",", 0, " €"),
    "1.234,50 EUR": _marks("", ".", ",", 2, " EUR"),
    "EUR 1,234.50": _marks("EUR ", ",", ".", 2),
    "£1,234": _marks("£", ",", ".", 0),
    "R$ 1.234,50": _marks("R$ ", ".", ",", 2),
    "CHF 1'234.-": _marks("CHF ", "'", ".", 0, ".-"),
    "₹12,34,567.50": lambda amount: "₹" + in_lakhs(amount),
    "1 234,50 ₽": _marks("", "\xa0", ",", 2, " ₽"),
    "1 234 руб.": _marks("", " ", ",", 0, " руб."),
    "1 234,50 zł": _marks("", " ", ",", 2, " zł"),
    "1.234,50 TL": _marks("", ".", ",", 2, " TL"),
    "kr 1 234,-": _marks("kr ", " ", ",", 0, ",-"),
    "¥1,234": _marks("¥", ",", ".", 0),
    "1,234円": _marks("", ",", ".", 0, "円"),
    "GBP 1,234.50 (USD 1,567.82)": lambda amount: f"GBP {amount:,.2f} (USD {1.27 * amount:,.2f})",
    "(1,234.50)": _marks("(", ",", ".", 2, ")"),
    "1.234,50-": _marks("", ".", ",", 2, "-"),
    "-1.234,50": _marks("-", ".", ",", 2),
    "1.23M": lambda amount: f"{amount / 1e6:.2f}M",
    "12,3 Mio. €": lambda amount: f"{amount / 1e6:.1f} Mio. €".replace(".", ",", 1),
    "12 Tsd. €": lambda amount: f"{amount / 1e3:.0f} Tsd. €",
    "12 TEUR": lambda amount: f"{amount / 1e3:.0f} TEUR",
    "12.3 lakh": lambda amount: f"₹{amount / 1e5:.1f} lakh",
    "12,5 %": lambda amount: f"{amount / 1e5:.1f} %".replace(".", ","),
    "1,234": _marks("", ",", ".", 0),
    "1.234": _marks("", ".", ",", 0),
    "１,２３４": lambda amount: grouped(amount, ",", ".", 0).translate(
        {ord("0") + digit: ord("０") + digit for digit in range(10)}
    ),
}
SMALL = ("12,3 Mio. €", "1.23M", "12 Tsd. €", "12 TEUR", "12.3 lakh", "12,5 %")


def money_readings(seed: int = 0) -> list[Reading]:
    """Write and read a column in each spelling."""
    randomness = random.Random(seed)
    amounts = [round(10 ** randomness.uniform(2, 6.5), 2) for _ in range(ROWS)]
    return [
        Reading(spelling, column_result([write(amount) for amount in amounts], expected))
        for spelling, write in SPELLINGS.items()
        for expected in [list(_expected(spelling, amounts))]
    ]


def _expected(spelling: str, amounts: Iterable[float]) -> Iterable[float]:
    """What each value says, by a plain Python number without marks and units."""
    for amount in amounts:
        if spelling in SMALL:
            size, digits = {
                "12,3 Mio. €": (1e6, 1),
                "1.23M": (1e6, 2),
                "12 Tsd. €": (1e3, 0),
                "12 TEUR": (1e3, 0),
                "12.3 lakh": (1e5, 1),
                "12,5 %": (1e5, 1),
            }[spelling]
            factor = 1.0 if spelling == "12,5 %" else size
            yield float(f"{amount / size:.{digits}f}") * factor
        else:
            whole = "50" not in spelling
            sign = -1 if spelling.startswith(("(", "-")) or spelling.endswith("-") else 1
            sign = 1 if spelling.endswith((".-", ",-")) else sign
            yield sign * float(f"{amount:.0f}" if whole else f"{amount:.2f}")


def column_result(texts: list[str], expected: list[float]) -> str:
    """Read a column, and each of its values alone as a nightly file would hold them."""
    column = pd.Series(texts, dtype=object)
    notation = number_notation(column)
    together = parse_numbers(column)
    alone = parse_numbers(column.sample(frac=0.1, random_state=1), notation.decimal)
    right = pd.Series(expected)
    read = (together - right).abs().max() < 1e-6 and together.notna().all()
    alike = (alone - right[alone.index]).abs().max() < 1e-6
    if read and alike and notation.known:
        return RIGHT
    return ASKED if not notation.known else WRONG
