"""Dates are read in UTC, in the formats given; formats are detected and suggested."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from features.dates.detect import date_readings, dates_or_none
from features.dates.no_date import words_among_dates
from features.dates.parse import parse_dates
from features.dates.read import read_dates
from features.errors import LeadReadyError, UnusableData


def hint_for(dates: list[str]) -> str:
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(pd.Series(dates))
    return str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "formats", "utc"),
    [
        ("2024-02-01", None, "2024-02-01"),
        ("2024-02-01 10:00", None, "2024-02-01 10:00"),
        ("2024-02-01T10:00:00.25", None, "2024-02-01 10:00:00.25"),
        ("2024-02-01T10:00:00Z", None, "2024-02-01 10:00"),
        ("2024-02-01T10:00:00+02:00", None, "2024-02-01 08:00"),
        ("01.02.2024", "%d.%m.%Y", "2024-02-01"),
        ("2/1/2024 9:05", ("%d.%m.%Y", "%m/%d/%Y %H:%M"), "2024-02-01 09:05"),
        ("2024-02-01", ("%d.%m.%Y", "ISO8601"), "2024-02-01"),
        ("20240201", "%Y%m%d", "2024-02-01"),
    ],
)
def test_dates_are_read_in_utc(text: str, formats: str | tuple[str, ...], utc: str) -> None:
    dates = parse_dates(pd.Series([text, None], index=[5, 3]), formats)
    assert dates.dtype == "datetime64[us]"
    assert dates.index.tolist() == [5, 3]
    assert dates.iloc[0] == pd.Timestamp(utc)
    assert pd.isna(dates.iloc[1])


def test_iso_dates_are_read_the_same_alone_and_among_dates_with_a_zone() -> None:
    """The fast way, for columns without any time zone, agrees with the slow one."""
    plain = pd.Series(["2024-02-01", "2024-02-01 10:00:01", "2024-02-01T10:00:00.123456"])
    mixed = pd.concat([plain, pd.Series(["2024-02-01T10:00:00+02:00"])])
    assert read_dates(plain, ["ISO8601"]).tolist() == read_dates(mixed, ["ISO8601"]).tolist()[:3]


def test_times_that_are_typed_are_only_converted_to_utc() -> None:
    zoned = pd.Series(pd.to_datetime(["2024-02-01 10:00+02:00"]))
    assert parse_dates(zoned).tolist() == [pd.Timestamp("2024-02-01 08:00")]


def test_a_few_unreadable_dates_are_missing_and_many_are_an_error() -> None:
    dates = pd.Series(["2024-02-01"] * 99 + ["soon"])
    assert parse_dates(dates).isna().sum() == 1
    with pytest.raises(LeadReadyError, match="10 of 19 dates are not ISO 8601, such as 'soon'"):
        parse_dates(pd.Series(["2024-02-01"] * 9 + ["soon"] * 10))


def test_mixed_formats_are_an_error_with_one_date_of_each_and_the_line_to_write() -> None:
    mixed = pd.Series(["2024-02-01", "15.02.2024", "16.02.2024"])
    with pytest.raises(LeadReadyError) as caught:
        parse_dates(mixed)
    assert caught.value.what == (
        "2 of 3 dates are not ISO 8601, such as '15.02.2024'; others are, such as '2024-02-01'"
    )
    assert caught.value.hint == "write  date_format: ['ISO8601', '%d.%m.%Y']"
    assert parse_dates(mixed, ["ISO8601", "%d.%m.%Y"]).notna().all()


@pytest.mark.parametrize(
    ("dates", "hint"),
    [
        (["15.02.2024 10:00", "16.02.2024 11:00"], "write  date_format: ['%d.%m.%Y %H:%M']"),
        (
            ["04/04/2025", "03/04/2025"],
            "write  date_format: ['%d/%m/%Y']  if 03/04/2025 is 3 April 2025, or  "
            "date_format: ['%m/%d/%Y']  if 03/04/2025 is 4 March 2025",
        ),
        (["03/04/2025", "25/04/2025"], "write  date_format: ['%d/%m/%Y']"),
        (
            ["one", "two"],
            "write how the dates are formatted, such as  date_format: '%d.%m.%Y %H:%M'",
        ),
    ],
)
def test_the_hint_suggests_the_format(dates: list[str], hint: str) -> None:
    assert hint_for(dates) == hint


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2024-01-31", "2024-02-01"], ("ISO8601",)),
        (["2024-01-31T10:00:00Z", "2024-02-01 11:00"], ("ISO8601",)),
        (["20210105", "20220812"], ("%Y%m%d",)),
        (["27.06.2023 11:28", "03.07.2023 11:31"], ("%d.%m.%Y %H:%M",)),
        (["7/25/2022", "5/16/2022"], ("%m/%d/%Y",)),
        (["25/7/2022", "16/5/2022"], ("%d/%m/%Y",)),
        (["27.06.2023 11:28", "03.07.2023"] * 5, ("%d.%m.%Y %H:%M", "%d.%m.%Y")),
        (["20219999", "20228888"], None),
        (["1999", "2004"], None),
        (["00:10:46", "00:11:09"], None),
        (["5805028000056864695"], None),
        ([None, None], None),
    ],
)
def test_formats_are_detected(values: list[str | None], formats: tuple[str, ...] | None) -> None:
    column = pd.Series(values, dtype=object)
    detected = date_readings(column)
    assert [reading.formats for reading in detected] == ([formats] if formats else [])
    assert (dates_or_none(column) is None) == (formats is None)


def test_dates_keep_their_index_and_lose_their_time_zone() -> None:
    column = pd.Series(["2024-01-31T10:00:00+02:00", None], index=[7, 3], dtype=object)
    dates = read_dates(column, ["ISO8601"])
    assert dates.index.tolist() == [7, 3]
    assert dates.tolist()[0] == pd.Timestamp("2024-01-31 08:00:00")
    assert dates.isna().tolist() == [False, True]


@pytest.mark.parametrize("word", ["не закрыта", "not closed", "offen", "never", "未定"])
def test_a_word_that_stands_for_no_date_leaves_a_column_one_of_dates(word: str) -> None:
    values = ["03.01.2024", "25.02.2024", "17.03.2024", word]
    assert date_readings(pd.Series(values))[0].formats == ("%d.%m.%Y",)
    assert words_among_dates({"Closed": Counter(values)}, ["Closed"]) == [word]
    with pytest.raises(UnusableData) as caught:
        parse_dates(pd.Series(values), "%d.%m.%Y")
    assert caught.value.hint == (
        f"if it means that there is no date, add it to  null_values: ['{word}']"
    )
