"""Bands that Excel turned into dates become bands again, in columns of bands only."""

from __future__ import annotations

import pandas as pd
import pytest

from features.dates.detect import date_readings
from features.values.dated_bands import dated_band
from features.values.numbers import parse_numbers

WRITTEN = {  # the band that was typed: what Excel shows or stores
    "1-10": (
        "10-Jan",
        "10. Jan",
        "Jan 10",
        "10 janv.",
        "10-ene",
        "2024-01-10",
        "2026-01-10 00:00:00",
    ),
    "2-10": ("10-Feb", "10-févr", "10-lut", "2024-02-10T00:00:00"),
    "5-9": ("9-May", "9. Mai", "9-мая", "2024-05-09"),
    "10-19": ("19-Oct", "Oct-19", "Okt 19", "2019-10-01", "2024-10-19"),
    "11-20": ("20-Nov", "20. Nov", "20-nov.", "2024-11-20"),
    "11-50": ("Nov-50", "Nov 50", "nov.-50", "1950-11-01"),
    "12-99": ("Dec-99", "Dez 99", "1999-12-01"),
}


@pytest.mark.parametrize("band", WRITTEN)
def test_each_way_of_writing_gives_the_band(band: str) -> None:
    assert {text: dated_band(text) for text in WRITTEN[band]} == dict.fromkeys(WRITTEN[band], band)


@pytest.mark.parametrize(
    "text", ["51-200", "2024-13-01", "10", "ab-10", "Web-50", "2024-01-10 09:30"]
)
def test_other_texts_are_no_dated_bands(text: str) -> None:
    assert dated_band(text) is None


def test_a_column_without_other_bands_is_not_read_so() -> None:
    days = pd.Series(["10-Jan", "20-Nov", "Nov-50"])
    assert parse_numbers(days).isna().all()
    dates = pd.Series(["2024-01-10", "2024-02-11"])
    assert parse_numbers(dates).isna().all()
    assert date_readings(dates)
