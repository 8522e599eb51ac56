"""Ids that a file names and no lead has are found in the column where they stand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.links.id_lists import ids_of_cells
from features.links.lost_ids import find_lost_ids

SPELLINGS = {
    "plain": [f"003-{number}" for number in range(100)],
    "lists": [f"{number + 7_000_000};{number + 8_000_000}" for number in range(100)],
    "commas": [f"{number + 7_000_000}, {number + 8_000_000}" for number in range(100)],
    "brackets": [f'["{number + 7_000_000}","{number + 8_000_000}"]' for number in range(100)],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_column_that_holds_the_ids_is_found(spelling: str) -> None:
    cells = pd.Series(SPELLINGS[spelling], dtype=object)
    raw = pd.DataFrame({"Employees": [str(number) for number in range(100)], "Became": cells})
    raw.loc[50:, "Became"] = None
    lost = ids_of_cells(cells.head(20), lists=True).ids
    found = find_lost_ids(lost, np.full(len(lost), 3), raw)
    assert [(each.column, each.rows, each.leads) for each in found] == [
        ("Became", 3 * len(lost), 20)
    ]


def test_small_numbers_are_not_ids_by_chance() -> None:
    raw = pd.DataFrame({"Employees": [str(number) for number in range(100)]})
    lost = raw["Employees"].to_numpy(object)
    assert find_lost_ids(lost, np.full(100, 3), raw) == []
    named = raw.rename(columns={"Employees": "Merged contact id"})
    assert [each.column for each in find_lost_ids(lost, np.full(100, 3), named)] == [
        "Merged contact id"
    ]


def test_a_number_with_thousands_is_one_id() -> None:
    assert ids_of_cells(pd.Series(["4,000"], dtype=object), lists=True).ids.tolist() == ["4,000"]
    assert ids_of_cells(pd.Series(["7;8"], dtype=object), lists=False).ids.tolist() == ["7;8"]
