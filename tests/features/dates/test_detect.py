"""What is a date and what is not: numbers, codes and near misses stay what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.dates.detect import (
    date_readings,
    dates_or_none,
    formats_that_fit,
)
from features.dates.no_date import plausible_dates, plausible_or_missing
from features.dates.shapes import candidate_formats, shape_of

RANDOM = np.random.default_rng(3)
NOONS = RANDOM.integers(8 * 3600, 18 * 3600, 60) / 86_400  # times of day
SECONDS = 1_700_000_000 + np.sort(RANDOM.integers(0, 20_000_000, 60))


def formats(values: object, name: str = "") -> list[tuple[str, ...]]:
    column = pd.Series(np.asarray(values).astype(str), dtype=object, name=name)
    return [reading.formats for reading in date_readings(column)]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (RANDOM.integers(40_000, 46_000, 60), "Employees"),
        (RANDOM.integers(40_000, 46_000, 60), "Anything"),
        (RANDOM.uniform(40_000, 46_000, 60).round(2), "Anything"),
        (RANDOM.uniform(40_000, 46_000, 60), "Anything"),
        (RANDOM.integers(1_000, 99_999, 60) + NOONS, "Anything"),
        (RANDOM.integers(40_000, 46_000, 60), "Postleitzahl"),
        (RANDOM.integers(1_900, 2_030, 60), "Founded"),
        (SECONDS, "Record ID"),
        (SECONDS, "Telefon"),
        (SECONDS, "Annual revenue"),
        (1_700_000_000 + np.arange(60), "Key"),
        (10_000 + np.arange(60), "Created"),
        (RANDOM.integers(100_000, 999_999, 60), "Code"),
        (["51-200", "11-50", "1-10", "201-500"] * 9, "Size"),
        (["1.2.3", "1.10.4", "2.0.1"] * 9, "Version"),
        (["10:30", "11:45"] * 9, "Time"),
        (["00:10:46", "00:11:09"] * 9, "Duration"),
        (["Q1 2024", "Q2 2024"] * 9, "Quarter"),
        (["2024-W01", "2024-W02"] * 9, "Week"),
        (["192.168.1.1", "10.0.0.1"] * 9, "Host"),
        (["+49 170 1234567", "+49 171 7654321"] * 9, "Mobile"),
        (["1.234,50", "2.345,00"] * 9, "Amount"),
        (["Room 5 of 12", "Room 1 of 10"] * 9, "Room"),
        (["3 of May", "Trial until 5 May 2024"] * 9, "Note"),
    ],
)
def test_what_is_no_date(values: object, name: str) -> None:
    assert formats(values, name) == []


@pytest.mark.parametrize(
    ("values", "name", "found"),
    [
        (RANDOM.integers(40_000, 46_000, 60), "Erstellt am", "excel"),
        ((RANDOM.integers(40_000, 46_000, 60) + NOONS).round(5), "Quoted", "excel"),
        (RANDOM.integers(40_000, 46_000, 60) + NOONS, "Quoted", "excel"),
        (SECONDS, "createdate", "unix_s"),
        (SECONDS, "hs_x", "unix_s"),
        (SECONDS * 1_000, "hs_x", "unix_ms"),
    ],
)
def test_numbers_that_are_dates(values: object, name: str, found: str) -> None:
    assert formats(values, name) == [(found,)]


def test_one_value_that_only_one_order_fits_decides() -> None:
    unclear = [f"{day:02}/{month:02}/2024" for day in range(1, 13) for month in range(1, 13)]
    assert len(formats(unclear)) == 2
    assert formats([*unclear, "13/01/2024"]) == [("%d/%m/%Y",)]
    assert formats([*unclear, "01/13/2024"]) == [("%m/%d/%Y",)]


def test_dates_and_times_in_one_column_are_of_one_order() -> None:
    assert formats(["03/04/2024", "05/04/2024 10:00", "13/04/2024"]) == [
        ("%d/%m/%Y", "%d/%m/%Y %H:%M")
    ]


def test_dates_that_mean_never_do_not_hide_the_others() -> None:
    column = pd.Series(
        ["2024-01-05", "2024-01-06", "9999-12-31", "0001-01-01", "0000-00-00", None] * 4
    )
    dates = dates_or_none(column)
    assert dates is not None
    assert dates.isna().tolist() == [False, False, True, True, True, True] * 4


def test_known_formats_come_first() -> None:
    unclear = pd.Series(["03/04/2024", "05/04/2024"])
    assert dates_or_none(unclear, ["%m/%d/%Y"]).dt.month.tolist() == [3, 5]
    assert dates_or_none(pd.Series(["41000", "42000"], name="Employees"), ["excel"]) is None


def test_dates_that_are_clear_show_nothing_about_the_year_of_short_ones() -> None:
    days = pd.date_range("2023-01-03", periods=120, freq="5D")
    spellings = ("%d.%m.%Y", "%d/%m/%y", "%Y-%m-%d")
    texts = [day.strftime(spellings[place % 3]) for place, day in enumerate(days)]
    assert [reading.order for reading in date_readings(pd.Series(texts))] == ["dmy"]


def test_which_digits_a_date_has_does_not_change_its_possible_formats() -> None:
    pairs = [("12/03/2024", "31/12/1999"), ("3 May 24 10:30", "9 May 01 00:59"), ("45123", "10000")]
    for date, other in pairs:
        assert candidate_formats(date) == candidate_formats(other)
        assert shape_of(date) == shape_of(other)


def test_dates_from_1900_to_2100_are_usual() -> None:
    days = ["1899-12-31", "1900-01-01", "2100-12-31", "2101-01-01", "0001-01-01", "9999-12-31"]
    dates = pd.Series(np.array([*days, "0002-01-01", "NaT"], dtype="datetime64[us]"), name="won")
    kept = plausible_or_missing(dates)
    assert kept.dt.strftime("%Y-%m-%d").dropna().tolist() == days[1:3]
    assert kept.name == "won"
    assert list(kept.index) == list(dates.index)
    usual_or_never = [False, True, True, False, True, True, False, False]
    assert plausible_dates(dates).tolist() == usual_or_never


def test_formats_of_other_columns_do_not_fit_words_and_numbers() -> None:
    words = pd.Series([f"word {number}" for number in range(60)])
    assert formats_that_fit(words, ["%d.%m.%Y"]) == ()
    days = pd.Series(["03.04.2024", "not closed", "13.04.2024"] * 20)
    assert formats_that_fit(days, ["%d.%m.%Y"]) == ("%d.%m.%Y",)
    assert formats_that_fit(pd.Series([None, None], dtype=object), ["%d.%m.%Y"]) == ()
