"""The size of the print: as large as fits on a sheet, and never more than needed."""

from __future__ import annotations

from pipelines.card.card import Card
from pipelines.card.print_size import LARGEST, SHEET, SMALLEST, print_size, sheet_height
from tests.pipelines.card.conftest import card_with, line


def _card(lines: int, label: str) -> Card:
    rows = [f"{label} {number}" for number in range(5)]
    return card_with(
        [line(f"feature {n}", "engagement", rows, [0, 1, 2, 3, 4, 5]) for n in range(lines)]
    )


def test_a_short_card_is_printed_large(full_card: Card) -> None:
    assert print_size(_card(4, "row")) == LARGEST
    assert SMALLEST < print_size(full_card) < LARGEST
    assert print_size(_card(12, "Lebensmitteleinzelhandel in Süddeutschland")) < print_size(
        _card(12, "row")
    )


def test_the_size_is_the_largest_that_fits(full_card: Card) -> None:
    size = print_size(full_card)
    assert sheet_height(full_card, size) <= SHEET < sheet_height(full_card, size + 0.1)


def test_a_card_below_other_words_is_smaller_or_goes_on_overleaf(full_card: Card) -> None:
    alone, below = print_size(full_card), print_size(full_card, above=30)
    assert sheet_height(full_card, below) + 30 <= SHEET
    assert SMALLEST <= below < alone
    assert print_size(full_card, above=200) == alone


def test_what_needs_several_sheets_stays_readable() -> None:
    assert sheet_height(_card(76, "row"), SMALLEST) > SHEET
    assert print_size(_card(76, "row")) == LARGEST
