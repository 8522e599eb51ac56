"""Words and titles in twelve languages: nearly all are read right, and none is read wrong."""

from __future__ import annotations

import pytest

from verification.reading.share import is_good, share_text
from verification.reading.titles import readings_by_language
from verification.reading.words import word_readings

TITLES = dict(readings_by_language())


def test_stages_yes_and_no_and_headings_are_read_right() -> None:
    readings = word_readings()
    assert is_good(readings), share_text("words", readings)


@pytest.mark.parametrize("language", sorted(TITLES))
def test_titles_are_read_right(language: str) -> None:
    assert is_good(TITLES[language]), share_text(language, TITLES[language])


def test_the_list_of_titles_covers_twelve_languages() -> None:
    assert len(TITLES) == 12
