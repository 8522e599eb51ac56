"""Arrow columns of any type become text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from features.files.arrow_text import as_text, from_frame, to_codes, to_texts

LONG_ID = 5805028000056864695


def test_null_values_and_blanks_are_missing() -> None:
    column = pa.chunked_array([["Select", " a", "", "select"], [None, "-"]])
    assert as_text(column, ["Select", "-"]).to_pylist() == [None, "a", None, "select", None, None]


def test_codes_stand_for_the_same_text() -> None:
    column = pa.chunked_array([["b", "a ", None], ["a", "Select", "c"]])
    codes, values = to_codes(column, ["Select"])
    assert to_texts(codes, values).tolist() == as_text(column, ["Select"]).to_pylist()
    assert len(values) == 3, "values that differ only in blanks are one value"


def test_a_column_without_rows_has_no_codes() -> None:
    codes, values = to_codes(pa.chunked_array([], pa.string()))
    assert (len(codes), len(values)) == (0, 0)


def test_a_data_frame_is_read_like_a_file() -> None:
    frame = pd.DataFrame(
        {"id": [LONG_ID, 1], "mixed": [1, "x"], "gap": [1.0, np.nan]}, index=[7, 7]
    )
    table = from_frame(frame, ["id", "mixed", "gap"])
    texts = {name: as_text(table.column(name)).to_pylist() for name in table.column_names}
    assert texts == {"id": [str(LONG_ID), "1"], "mixed": ["1", "x"], "gap": ["1", None]}
