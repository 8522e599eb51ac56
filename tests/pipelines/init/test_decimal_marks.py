"""init writes the decimal mark that the columns show."""

from __future__ import annotations

import pandas as pd
import pytest

from features.values.number_notation import number_notation
from pipelines.init.texts.decimal_marks import choose_decimal_marks

OPEN, COMMA, POINT = ["1.491", "2.377"], ["1.491", "12,5"], ["1.491", "12.5"]
MIXED = ["12.5", "12,5"]


@pytest.mark.parametrize(
    ("columns", "default", "by_column"),
    [
        ([COMMA], ",", {}),
        ([POINT], None, {}),
        ([OPEN], None, {}),
        ([OPEN, COMMA], ",", {}),
        ([OPEN, POINT], ".", {}),
        ([OPEN, COMMA, POINT], None, {"1": ","}),
        ([COMMA, MIXED], None, {"0": ","}),
        ([["7"]], None, {}),
    ],
)
def test_columns_that_agree_share_a_mark(
    columns: list[list[str]], default: str | None, by_column: dict[str, str]
) -> None:
    notations = {str(n): number_notation(pd.Series(texts)) for n, texts in enumerate(columns)}
    marks = choose_decimal_marks(notations)
    assert (marks.default, marks.by_column) == (default, by_column)
