"""Numbers are read as people type them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.values.numbers import parse_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-5", -5),
        ("5.5", 5.5),
        ("1e3", 1000),
        ("0", 0),
        ("1,200", 1200),
        ("1,200,000.50", 1200000.5),
        ("1.200,50", 1200.5),
        ("1,5", 1.5),
        ("1.200.000", 1200000),
        ("1 200", 1200),
        ("1'200", 1200),
        ("1\xa0200", 1200),
        ("€ 1 200", 1200),
        ("$5", 5),
        ("5 EUR", 5),
        ("45 %", 45),
        ("(1,200)", -1200),
        ("10k", 10_000),
        ("1.5M", 1_500_000),
        ("2 bn", 2e9),
        ("3 Mio", 3e6),
        ("51-200", 125.5),
        ("51–200 employees", 125.5),
        ("1 to 10", 5.5),
        ("$1M-$5M", 3e6),
        ("1-5k", 3000),
        ("1.001-5.000", 3000.5),
        ("1,001 - 5,000", 3000.5),
        ("10,000+", 10_000),
        ("10.000+", 10_000),
        ("500 or more", 500),
        ("> 500", 500),
        ("< 50", 25),
        ("under 50", 25),
        ("up to 50", 25),
        ("many", None),
        ("", None),
        ("2024-01-05", None),
        ("12 months", None),
        ("1-2-3", None),
        ("inf", None),
        ("nan", None),
        ("9-5", None),
        ("5 people or so", None),
        ("+", None),
    ],
)
def test_numbers_as_people_write_them(text: str, number: float | None) -> None:
    (parsed,) = parse_numbers(pd.Series([text], dtype=object))
    assert parsed == number if number is not None else np.isnan(parsed)


@pytest.mark.parametrize("decimal", [".", ","])
def test_with_a_decimal_mark_a_number_does_not_depend_on_its_column(decimal: str) -> None:
    """A lead scored alone gets the same number as among all others."""
    texts = ["1.200", "1.200,50", "1,200", "7", None, "x", "51-200", "1e3", "1,5"]
    together = parse_numbers(pd.Series(texts, dtype=object), decimal).tolist()
    alone = [parse_numbers(pd.Series([text], dtype=object), decimal).iloc[0] for text in texts]
    np.testing.assert_array_equal(together, alone)
    backwards = parse_numbers(pd.Series(texts[::-1], dtype=object), decimal).tolist()
    np.testing.assert_array_equal(backwards[::-1], alone)


def test_the_column_given_is_not_changed_and_its_index_is_kept() -> None:
    column = pd.Series(["1,200", None, "x"], index=[3, 3, 1], name="n")
    before = column.copy(deep=True)
    parsed = parse_numbers(column)
    assert (parsed.index.tolist(), parsed.name) == ([3, 3, 1], "n")
    pd.testing.assert_series_equal(column, before)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1～9名", 5),
        ("10〜49名", 29.5),
        ("50 ~ 299", 174.5),
        ("5万~10万", 75_000),
        ("300名以上", 300),
        ("~50", 50),
        ("Rs. 1,23,456/-", 123_456),
        ("₹ 5,000/-", 5000),
    ],
)
def test_signs_of_asian_lists(text: str, number: float) -> None:
    assert parse_numbers(pd.Series([text])).tolist() == [number]
