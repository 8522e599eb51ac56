"""Currencies are recognised by their codes and marks, as words of their own."""

from __future__ import annotations

import pytest

from features.values.currencies import currency_of


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("R$ 5", "BRL"),
        ("US$5", "USD"),
        ("$5", "$"),
        ("usd 5", "USD"),
        ("5EUR", "EUR"),
        ("5 zł", "PLN"),
        ("5 руб.", "RUB"),
        ("5,000円", "JPY"),
        ("kr. 5", "kr"),
        ("1 200", None),
        ("5 krone wide", None),
        ("europe", None),
        ("51-200", None),
    ],
)
def test_the_currency_of_an_amount(text: str, currency: str | None) -> None:
    assert currency_of(text) == currency
