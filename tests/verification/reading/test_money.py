"""The spellings of money are read right, and a wrong reading would be seen."""

from __future__ import annotations

import pytest

from verification.reading.money import SPELLINGS, column_result, in_lakhs, money_readings
from verification.reading.share import ASKED, RIGHT, WRONG, is_good, share_text


def test_every_spelling_of_money_is_read_right() -> None:
    readings = money_readings()
    assert len(readings) == len(SPELLINGS) >= 40
    assert is_good(readings), share_text("money", readings)


@pytest.mark.parametrize(
    ("texts", "expected", "result"),
    [
        (["1,200", "2,500", "700"], [1200, 2500, 700], RIGHT),
        (["1,200", "2,500", "700"], [1.2, 2.5, 700], WRONG),
        (["1.491", "2.377", "5.113"], [1491, 2377, 5113], ASKED),
    ],
)
def test_what_became_of_a_column(texts: list[str], expected: list[float], result: str) -> None:
    assert column_result(texts * 10, expected * 10) == result


def test_amounts_as_in_india() -> None:
    assert [in_lakhs(amount) for amount in (5, 1200, 123456)] == ["5.00", "1,200.00", "1,23,456.00"]
