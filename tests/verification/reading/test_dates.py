"""Dates in many ways of writing are read right, or asked about; none is read wrong silently."""

from __future__ import annotations

from verification.reading.dates import date_readings
from verification.reading.share import ASKED, RIGHT, WRONG


def test_files_with_dates_in_many_ways_of_writing_are_read_right() -> None:
    readings = date_readings()
    assert len(readings) >= 120  # 60 ways of writing, for created and for closed
    assert [reading for reading in readings if reading.result == WRONG] == []
    assert sum(reading.result == RIGHT for reading in readings) >= 0.95 * len(readings)


def test_where_no_date_shows_which_number_is_the_day_the_question_is_asked() -> None:
    results = {reading.spelling: reading.result for reading in date_readings(last_day=12)}
    assert [name for name, result in results.items() if result == WRONG] == []
    for name in ("%m/%d/%Y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%m/%d/%Y %I:%M %p"):
        assert results[name] == ASKED
    for name in ("%Y-%m-%d", "%d %b %Y", "%Y/%m/%d", "date long fr", "%a %d/%m/%Y"):
        assert results[name] == RIGHT
