"""Day or month first: the file decides, or a person is asked."""

from __future__ import annotations

import pandas as pd
import pytest

from features.dates.questions import find_date_formats
from features.errors import LeadReadyError

UNCLEAR = ["03/04/2024", "05/04/2024", "07/08/2024"]


def table(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


def test_another_column_of_the_same_file_decides() -> None:
    day_first = find_date_formats(table(a=UNCLEAR, b=["13/04/2024"] * 3))
    month_first = find_date_formats(table(a=UNCLEAR, b=["04/13/2024"] * 3))
    assert day_first["a"] == ("%d/%m/%Y",)
    assert month_first["a"] == ("%m/%d/%Y",)


@pytest.mark.parametrize("other", [["13.04.2024"] * 3, ["2024-04-13"] * 3, ["13 Apr 2024"] * 3])
def test_a_column_with_another_separator_does_not_decide(other: list[str]) -> None:
    with pytest.raises(LeadReadyError, match="'a' can be read in 2 ways"):
        find_date_formats(table(a=UNCLEAR, b=other))


def test_two_columns_that_disagree_do_not_decide() -> None:
    with pytest.raises(LeadReadyError, match="'a' can be read in 2 ways"):
        find_date_formats(table(a=UNCLEAR, b=["13/04/2024"] * 3, c=["04/13/2024"] * 3))


def test_the_question_shows_both_readings_and_the_options() -> None:
    with pytest.raises(LeadReadyError) as caught:
        find_date_formats(table(Created=UNCLEAR), where="leads.csv")
    assert str(caught.value).startswith(
        "leads.csv: the dates in 'Created' can be read in 2 ways: 03/04/2024 is 3 April 2024 or "
        "4 March 2024"
    )
    assert caught.value.hint == (
        "say which: --date-format 'Created=%d/%m/%Y' or --date-format 'Created=%m/%d/%Y'"
    )


@pytest.mark.parametrize("given", ["%m/%d/%Y", "a=%m/%d/%Y"])
def test_what_a_person_says_decides(given: str) -> None:
    formats = find_date_formats(table(a=UNCLEAR, b=["13/04/2024"] * 3), [given])
    assert formats == {"a": ("%m/%d/%Y",), "b": ("%d/%m/%Y",)}


def test_a_format_for_all_columns_makes_no_date_of_numbers() -> None:
    numbers = table(employees=["45294", "45300"], code=["20240105", "99999999"])
    assert find_date_formats(numbers, ["excel", "%Y%m%d"]) == {}
    assert find_date_formats(numbers, ["employees=excel"]) == {"employees": ("excel",)}


def test_a_format_that_does_not_fit_is_refused() -> None:
    with pytest.raises(LeadReadyError, match=r"--date-format: .* 'soon'"):
        find_date_formats(table(a=["soon", "later"]), ["a=%d/%m/%Y"])


def test_dates_in_no_single_order_are_asked_about() -> None:
    mixed = ["13/04/2024", "04/14/2024"] * 9
    with pytest.raises(LeadReadyError) as caught:
        find_date_formats(table(a=mixed))
    assert caught.value.what == (
        "the dates in 'a' are in no single order: 04/14/2024 is not in %d/%m/%Y, and 13/04/2024 "
        "is not in %m/%d/%Y"
    )
    assert caught.value.hint.endswith(
        "first: --date-format 'a=%d/%m/%Y' --date-format 'a=%m/%d/%Y'"
    )
    given = ["a=%d/%m/%Y", "a=%m/%d/%Y"]
    assert find_date_formats(table(a=mixed), given) == {"a": ("%d/%m/%Y", "%m/%d/%Y")}
