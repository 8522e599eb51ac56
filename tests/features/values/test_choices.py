"""Values with several choices are split alike in training and scoring."""

from __future__ import annotations

import pandas as pd
import pytest

from features.values.choices import has_choice, split_choices


@pytest.mark.parametrize(
    ("value", "separator", "choices"),
    [
        ("a;b", ";", ["a", "b"]),
        (" a ; b;;a", ";", ["a", "b"]),
        ("a\r\nb", "\n", ["a", "b"]),
        ("['a', 'b c']", ",", ["a", "b c"]),
        ('{"a","b"}', ",", ["a", "b"]),
        ("a (new)", ";", ["a (new)"]),
        ("", ";", []),
    ],
)
def test_a_value_is_split(value: str, separator: str, choices: list[str]) -> None:
    assert split_choices(value, separator) == choices


def test_blank_and_unseen_choices_are_no() -> None:
    texts = pd.Series(["Support;New", None, "new", "SUPPORT"], index=[4, 4, 7, 9])
    found = has_choice(texts, "Support", ";")
    assert found.tolist() == ["yes", "no", "no", "yes"]
    assert found.index.tolist() == [4, 4, 7, 9]
