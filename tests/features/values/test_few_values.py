"""The counts of a column's values, against those of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.values.few_values import counted_values, different_values, few_values


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_values_are_counted_as_pandas_counts_them(dtype: str) -> None:
    random = np.random.default_rng(5)
    texts = random.choice(np.array(["a", "b", "c", None], dtype=object), 5_000)
    column = pd.Series(texts, dtype=object).astype(dtype)
    counted = counted_values(column)
    assert counted == column.value_counts().to_dict()
    assert list(counted.values()) == sorted(counted.values(), reverse=True)
    assert sorted(different_values(column)) == ["a", "b", "c"]
    assert few_values(column, 3) == list(counted)
    assert few_values(column, 2) is None


def test_of_equally_frequent_values_the_first_seen_comes_first() -> None:
    column = pd.Series(["z", None, "a", "m", "m", "z", "a"])
    assert list(counted_values(column)) == ["z", "a", "m"]


def test_a_value_after_the_first_rows_counts() -> None:
    column = pd.Series(["a"] * 3_000 + ["b", "c"])
    assert few_values(column, 3) == ["a", "b", "c"]
    assert few_values(column, 2) is None


def test_a_blank_column_has_no_values() -> None:
    assert few_values(pd.Series([None, None], dtype=object), 3) == []
