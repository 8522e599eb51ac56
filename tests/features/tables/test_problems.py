"""Messages of problems agree with the number of rows."""

from __future__ import annotations

import pytest

from features.tables.problems import Problems


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "1 value of {Sum|Total is not a number and counts as missing"),
        (2, "2 values of {Sum|Total are not numbers and count as missing"),
        (1200, "1,200 values of {Sum|Total are not numbers and count as missing"),
    ],
)
def test_one_and_many_are_told_apart(count: int, message: str) -> None:
    problems, name = Problems(), "{Sum|Total"
    problems.add(
        "leads",
        "unreadable numbers",
        count,
        f"{{count}} {{value|values}} of {name} {{is not a number and counts|are not numbers and count}}"
        " as missing",
    )
    assert problems.found[0].message == message
