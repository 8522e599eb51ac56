"""A time that a person writes: read if it can be one time only, else asked."""

from __future__ import annotations

import pandas as pd
import pytest

from features.dates.one_time import read_time
from features.errors import LeadReadyError


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-07-01", "2024-07-01"),
        (" 2024-07-01T12:30 ", "2024-07-01 12:30"),
        ("2024-07-01T12:00Z", "2024-07-01 12:00"),
        ("2024-07-01 12:00 +02:00", "2024-07-01 10:00"),
        ("31.07.2024", "2024-07-31"),
        ("7/31/24 5:00 PM", "2024-07-31 17:00"),
        ("1 July 2024", "2024-07-01"),
        ("1. Juli 2024 09:15", "2024-07-01 09:15"),
        ("20240701", "2024-07-01"),
        ("2024年7月1日", "2024-07-01"),
        ("04/04/2024", "2024-04-04"),
    ],
)
def test_a_time_is_read_in_any_usual_way_of_writing(text: str, utc: str) -> None:
    assert read_time(text) == pd.Timestamp(utc)


@pytest.mark.parametrize("text", ["soon", "2024", "12:30", "2024-13-01", "31.02.2024", "45000"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(LeadReadyError, match=r"--as-of: '.*' is not a date or time") as caught:
        read_time(text, "--as-of")
    assert caught.value.hint == "write year, month, day: 2024-07-01 or 2024-07-01T12:00"


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_time_is_refused(text: str) -> None:
    with pytest.raises(LeadReadyError, match="--as-of: the date is empty"):
        read_time(text, "--as-of")


def test_a_time_that_can_be_two_is_asked_for_with_both() -> None:
    with pytest.raises(LeadReadyError) as caught:
        read_time("01.09.2026 14:00")
    assert caught.value.what == "'01.09.2026 14:00' can be 1 September 2026 or 9 January 2026"
    assert caught.value.hint == "write 2026-09-01T14:00 or 2026-01-09T14:00"


def test_the_order_of_the_dates_of_the_workspace_decides() -> None:
    assert read_time("01/09/2026", formats=["%m/%d/%Y %H:%M"]) == pd.Timestamp("2026-01-09")
    assert read_time("01/09/2026", formats=["ISO8601", "%d/%m/%Y"]) == pd.Timestamp("2026-09-01")
    assert read_time("31/01/2026", formats=["%m/%d/%Y"]) == pd.Timestamp("2026-01-31")
