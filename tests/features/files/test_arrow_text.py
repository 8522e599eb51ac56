"""Arrow columns of any type become text."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.files import arrow_text
from features.files.arrow_text import CODED, as_objects, as_text, from_frame, to_codes, to_texts
from features.values.few_values import rows_by_value

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


def test_columns_converted_together_are_read_as_by_themselves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pa.table(
        {
            "Id": pa.chunked_array([["7", " b "], ["", "b"]], pa.string()),
            "City": pa.array(["b", None, "", "Select"]).dictionary_encode(),
            "Amount": [7.0, None, None, 2.5],
            "Day": pa.array([0, None, None, 86_400], pa.timestamp("s")),
            "Time": pa.array([0, None, None, 1], pa.timestamp("s")),
        }
    )
    by_itself = [to_codes(column, ["Select"]) for column in table.columns]
    expected = [
        [None if code < 0 else values[code] for code in codes] for codes, values in by_itself
    ]
    for cells in (1, 8, 100):
        monkeypatch.setattr(arrow_text, "CELLS", cells)
        read = as_objects(table, ["Select"])
        assert read.columns.tolist() == table.column_names
        assert {*map(str, read.dtypes)} == {"object"}
        for name, values in zip(table.column_names, expected, strict=True):
            assert read[name].tolist() == [values[row] for row in (0, 1, 3)]


@pytest.mark.parametrize("rows", [7, 60_000])
@pytest.mark.parametrize("kind", [pa.string(), CODED])
def test_values_are_counted_as_they_come_first(rows: int, kind: pa.DataType) -> None:
    rng = np.random.default_rng(0)
    few, many = rng.choice(["b", "a ", "Select", " ", "a"], rows), rng.integers(0, rows, rows)
    columns = {"City": few.astype(str), "Id": many.astype(str)}
    table = pa.table({name: pa.array(column).cast(kind) for name, column in columns.items()})
    counted: dict[str, Counter[str]] = {}
    frame = as_objects(table, ["Select"], counted)
    assert {name: [*of.items()] for name, of in counted.items()} == {
        name: [*rows_by_value(frame[name]).items()] for name in frame
    }
