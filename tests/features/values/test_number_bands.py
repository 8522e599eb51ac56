"""Bands of numbers keep their order and the company's own words."""

from __future__ import annotations

import pandas as pd
import pytest

from features.values.number_bands import ordered_bands

BANDS = {  # in ascending order, as companies write them
    "LinkedIn": ["1 employee", "2-10 employees", "11-50 employees", "10,001+ employees"],
    "HubSpot": ["1-5", "5-25", "25-50", "10000+"],
    "Germany": ["unter 10 Mitarbeiter", "10 bis 49", "1.000 - 5.000", "über 5.000"],
    "France": ["moins de 10", "10 à 49 salariés", "50 à 249 salariés", "plus de 250"],
    "revenue": ["< $1M", "$1M-$5M", "$5M–$10M", "$1B+"],
    "short": ["1k–5k", "5k–10k", "10k+"],
    "Japan": ["10名以下", "11〜50名", "51〜100名", "101名以上"],
    "spaces": ["1 000 – 4 999", "5 000 – 9 999", "10 000+"],
}


@pytest.mark.parametrize("company", BANDS)
def test_bands_are_in_order_and_in_the_companys_words(company: str) -> None:
    bands = BANDS[company]
    column = pd.Series([*bands[::-1], None, *bands], dtype=object)
    found = ordered_bands(column)
    assert [label for _, label in found] == bands
    assert [number for number, _ in found] == sorted(number for number, _ in found)


def test_bands_that_a_spreadsheet_made_dates_are_bands_again() -> None:
    column = pd.Series(["10-Jan", "Nov-50", "51-200", "201-500"], dtype=object)
    labels = [label for _, label in ordered_bands(column, dated=True)]
    assert labels == ["1-10", "11-50", "51-200", "201-500"]


def test_the_more_frequent_spelling_names_a_band() -> None:
    column = pd.Series(["11 - 50", "11-50", "11-50", "51+"], dtype=object)
    assert [label for _, label in ordered_bands(column)] == ["11-50", "51+"]


@pytest.mark.parametrize(
    "values",
    [
        ["12", "40", "900"],
        ["1.200,50", "3,5", "-7"],
        ["$ 5", "$ 90", "$ 1,000"],
        ["2024-01-10", "2024-02-11"],
        ["10-20", "7", "8", "9", "11"],  # mostly single numbers
        [f"{low}-{low + 1}" for low in range(60)],  # too many for names
        ["small", "large"],
        [None],
    ],
)
def test_other_numbers_have_no_bands(values: list[str | None]) -> None:
    assert ordered_bands(pd.Series(values, dtype=object)) == ()
