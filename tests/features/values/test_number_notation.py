"""The column decides whether it writes decimals with a point or a comma."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.values.different import may_be_number
from features.values.number_notation import (
    are_plain_numbers,
    number_notation,
    whole_numbers,
)

POINT, COMMA, OPEN = ".", ",", None


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [
        (["1.491", "301.363.000"], COMMA),
        (["1.491", "2.000,50"], COMMA),
        (["1.491", "97,7"], COMMA),
        (["1.491", "12.5"], POINT),
        (["1.491", "0.125"], POINT),
        (["1.491", "1234.125"], POINT),
        (["1,491", "12.5"], POINT),
        (["1,491", "0,125"], COMMA),
        (["1,491", "350"], POINT),
        (["1.491", "2.377", "12.410", "350", "7", "12"], COMMA),
        (["1.491", "2.377", "12.410", "3500", "7", "12"], OPEN),
        (["1,491", "2,377", "12,410", "3500", "7", "12"], POINT),
        (["1.200", "2.200", "30.200"], COMMA),
        (["€ 1.491", "€ 2.377"], COMMA),
        (["1.001-5.000", "51-200"], COMMA),
        (["1 491,125", "2,377"], COMMA),
        (["₹1,20,500"], POINT),
        (["1.491", "2.377", "5.113"], OPEN),
        (["1,491", "2,377", "5,113"], OPEN),
        (["1,491", "2.377"], OPEN),
        (["12.5", "12,5"], OPEN),
        (["KWD 1.491", "KWD 2.377"], OPEN),
    ],
)
def test_the_column_shows_its_mark(texts: list[str], decimal: str | None) -> None:
    notation = number_notation(pd.Series([*texts, None, "n/a"]))
    assert (notation.decimal if notation.known else None) == decimal


def test_a_stray_value_is_named_and_does_not_decide() -> None:
    notation = number_notation(pd.Series([f"{number},5" for number in range(50)] + ["7.25"]))
    assert (notation.decimal, notation.known, notation.odd) == (",", True, ("7.25",))


def test_three_decimals_among_thousands_are_odd() -> None:
    assert number_notation(pd.Series(["1.200,50", "1,200"])).odd == ("1,200",)


@pytest.mark.parametrize(
    ("texts", "matters"),
    [(["1,491", "12.5"], False), (["1.491", "12,5"], True), (["12,5"], False), (["7"], False)],
)
def test_only_a_decimal_comma_with_unclear_values_matters(texts: list[str], matters: bool) -> None:
    assert number_notation(pd.Series(texts)).matters == matters


@pytest.mark.parametrize(
    "text",
    ["12", "-3", "+4", "0x1A", "1.5", "1e5", "-inf", "NaN", "Infinity", ".5", "5.", "1_0", "a"],
)
def test_what_arrow_reads_as_a_number_may_be_one(text: str) -> None:
    values = np.array([text], dtype=object)
    for kind, whole in ((pa.int64(), True), (pa.float64(), False)):
        try:
            pc.cast(pa.array(values), kind)
        except pa.ArrowInvalid:
            continue
        assert may_be_number(values, whole)


def test_columns_whose_first_value_is_no_number_are_not_plain_numbers() -> None:
    assert whole_numbers(pd.Series(["1.5", "2"], dtype=object)) is None
    assert not are_plain_numbers(pd.Series(["12 kg", "2"], dtype=object))
    assert whole_numbers(pd.Series([None, None], dtype=object)) is not None
    assert number_notation(pd.Series(["١٢,٥", "2,75"], dtype=object)).decimal == ","
