"""Ids under any heading are found, with and without copies; other spellings are matched."""

from __future__ import annotations

import pytest

from verification.reading.ids import HEADINGS, id_readings, link_readings
from verification.reading.share import is_good, share_text


@pytest.mark.parametrize("start", range(3))
def test_ids_are_found(start: int) -> None:
    readings = id_readings(HEADINGS[start * 5 :: 16])
    assert is_good(readings), share_text("ids", readings)


def test_ids_that_two_files_spell_differently_are_matched() -> None:
    readings = link_readings()
    assert is_good(readings), share_text("links", readings)
