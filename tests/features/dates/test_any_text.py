"""Whatever a column holds, looking for dates in it does not fail."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from features.dates.detect import date_readings

PARTS = st.sampled_from(
    [*"0123456789./-:, TZ'+年月日%\"", "2024", "31", "Jan", "märz", "PM", "UTC", "de", "1709647620"]
)
TEXTS = st.lists(PARTS, min_size=1, max_size=12).map("".join)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.integers(1, 3))
def test_no_text_makes_it_fail(texts: list[str], often: int) -> None:
    readings = date_readings(pd.Series(texts * often, dtype=object))
    assert all(reading.formats for reading in readings)
