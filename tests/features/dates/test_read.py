"""Reading in given formats: every directive, languages, zones, named formats, odd values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.dates.columns import read_date_columns
from features.dates.formats import check_date_format, might_fit
from features.dates.read import read_dates
from features.errors import LeadReadyError


@pytest.mark.parametrize(
    ("text", "date_format", "utc"),
    [
        ("1/5/24 1:09 PM", "%m/%d/%y %I:%M %p", "2024-01-05 13:09"),
        ("12:30 a. m. 5/1/2024", "%I:%M %p %d/%m/%Y", "2024-01-05 00:30"),
        ("12:30 PM 5/1/2024", "%I:%M %p %d/%m/%Y", "2024-01-05 12:30"),
        ("2024年1月5日 午後3時05分", "%Y年%m月%d日 %p%I時%M分", "2024-01-05 15:05"),
        ("5. März 2024", "%d. %B %Y", "2024-03-05"),
        ("5. Mär. 2024", "%d. %B %Y", "2024-03-05"),
        ("1er août 2024 14h30", "%d %B %Y %Hh%M", "2024-08-01 14:30"),
        ("05OCT2023", "%d%b%Y", "2023-10-05"),
        ("5 сентября 2024", "%d %B %Y", "2024-09-05"),
        ("Fri, 05 Jan 2024", "%a, %d %b %Y", "2024-01-05"),
        ("2024-01-05 24:00", "%Y-%m-%d %H:%M", "2024-01-06"),
        ("2024-01-05 10:00:00.1234567", "%Y-%m-%d %H:%M:%S.%f", "2024-01-05 10:00:00.123456"),
        ("2024-07-05 10:00 Europe/Berlin", "%Y-%m-%d %H:%M %Z", "2024-07-05 08:00"),
        ("2024-10-27 02:30 Europe/Berlin", "%Y-%m-%d %H:%M %Z", "2024-10-27 00:30"),
        ("2024-03-31 02:30 Europe/Berlin", "%Y-%m-%d %H:%M %Z", "2024-03-31 01:00"),
        ("2024-01-05 10:00 EST", "%Y-%m-%d %H:%M %Z", "2024-01-05 15:00"),
        ("2024-01-05 10:00 GMT-03:30", "%Y-%m-%d %H:%M %z", "2024-01-05 13:30"),
        ("20240105T101500Z", "%Y%m%dT%H%M%S%z", "2024-01-05 10:15"),
        ("1704287340", "unix_s", "2024-01-03 13:09"),
        ("1704287340.5", "unix_s", "2024-01-03 13:09:00.5"),
        ("1704287340123", "unix_ms", "2024-01-03 13:09:00.123"),
        ("1704287340000001", "unix_us", "2024-01-03 13:09:00.000001"),
        ("45294", "excel", "2024-01-03"),
        ("45294,75", "excel", "2024-01-03 18:00"),
        ("9999-12-31", "ISO8601", "9999-12-31"),
        ("0001-01-01T00:00:00Z", "ISO8601", "0001-01-01"),
        ("31.12.9999", "%d.%m.%Y", "9999-12-31"),
        ("01/01/0001", "%d/%m/%Y", "0001-01-01"),
    ],
)
def test_a_value_is_read_in_its_format(text: str, date_format: str, utc: str) -> None:
    dates = read_dates(pd.Series([text, None, ""], index=[4, 2, 9]), [date_format])
    assert dates.index.tolist() == [4, 2, 9]
    assert dates.tolist()[0] == pd.Timestamp(utc)
    assert dates.isna().tolist() == [False, True, True]
    assert might_fit(["none", text.strip()], date_format)


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("31.02.2024", "%d.%m.%Y"),
        ("1.13.2024", "%d.%m.%Y"),
        ("0.1.2024", "%d.%m.%Y"),
        ("1.1.24", "%d.%m.%Y"),
        ("1.1.2024 10:00", "%d.%m.%Y"),
        ("1.1.2024 25:00", "%d.%m.%Y %H:%M"),
        ("Sat, 05 Jan 2024", "%a, %d %b %Y"),
        ("5 Foo 2024", "%d %b %Y"),
        ("2024-01-05 10:00 Web", "%Y-%m-%d %H:%M %Z"),
        ("2024-01-05 10:00 No/Where", "%Y-%m-%d %H:%M %Z"),
        ("1704287340", "unix_ms"),
        ("4529", "excel"),
    ],
)
def test_what_does_not_fit_is_missing(text: str, date_format: str) -> None:
    assert read_dates(pd.Series([text]), [date_format]).isna().all()


@pytest.mark.parametrize(
    ("short", "year"), [("00", 2000), ("49", 2049), ("50", 1950), ("99", 1999)]
)
def test_two_digit_years_are_from_1950_to_2049(short: str, year: int) -> None:
    assert read_dates(pd.Series([f"1.1.{short}"]), ["%d.%m.%y"]).dt.year.tolist() == [year]


@pytest.mark.parametrize(
    ("date_format", "says"),
    [
        ("%d.%n.%Y", "has an unknown part: %n"),
        ("%d.%m", "has no year"),
        ("unix", "has no year"),
        ("%d.%d.%Y", "has the same part twice"),
    ],
)
def test_what_is_no_format_is_refused(date_format: str, says: str) -> None:
    with pytest.raises(LeadReadyError, match=says) as caught:
        check_date_format(date_format)
    assert "'%d.%m.%Y %H:%M', or as one of ISO8601, unix_s" in str(caught.value.hint)


def test_columns_that_are_read_together_are_read_as_alone() -> None:
    table = pd.DataFrame(
        {
            "in": ["1.2.2024", None, "x"],
            "zoned": ["2024-02-01T10:00+01:00", "2024-02-02T10:00Z", None],
            "out": ["8.2.2024", "31.2.2024", "9.2.2024"],
            "plain": ["2024-02-01", "2024-02-02 11:30", None],
        },
        index=[7, 3, 5],
    )
    formats = {
        "in": ["%d.%m.%Y"],
        "zoned": ["ISO8601"],
        "out": ["%d.%m.%Y"],
        "plain": ["ISO8601"],
    }
    read = read_date_columns(table, formats)
    assert list(read) == list(formats)
    for name, dates in read.items():
        np.testing.assert_array_equal(dates, read_dates(table[name], formats[name]))


@pytest.mark.parametrize("date_format", ["%d %b %Y", "%a, %d %b %Y %H:%M %z", "%d.%m.%Y %H:%M %Z"])
def test_ascii_texts_are_read_as_among_others(date_format: str) -> None:
    texts = pd.Series(
        ["3 Mar 2024", "3  mar. 2024", "Fri, 5 Jan 2024 10:00 +0100", "5.1.2024 9:30 CET", "soon"]
    )
    mixed = pd.concat([texts, pd.Series(["7 août 2024"])])
    assert read_dates(mixed, [date_format])[: len(texts)].equals(read_dates(texts, [date_format]))


@pytest.mark.parametrize(
    ("date_format", "first", "second"),
    [
        ("%d.%m.%Y", ["1.2.2024", None, "x"], [None, "3.2.2024", "1.2.2024"]),
        ("ISO8601", ["2024-02-01", None, "2024-02-03"], ["2024-02-03", "2024-02-01 09:30", None]),
        ("ISO8601", ["2024-02-01T09:30Z", None, "2024-02-03T00:00+02:00"], [None] * 3),
        ("ISO8601", ["2024-02-01", None, "2024-02-03"], ["2024-02-01", "soon", "2024-02-03T09Z"]),
    ],
    ids=["a pattern", "no zone", "zones", "not ISO 8601 only"],
)
def test_columns_of_the_same_days_are_read_as_each_alone(
    date_format: str, first: list[str], second: list[str]
) -> None:
    table = pd.DataFrame({"in": first, "out": second}, dtype=object)
    read = read_date_columns(table, dict.fromkeys(table, (date_format,)))
    for name, column in table.items():
        np.testing.assert_array_equal(read[name], read_dates(column, [date_format]))
