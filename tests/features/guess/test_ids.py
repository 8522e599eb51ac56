"""The column that identifies a lead is found by its values, whatever it is called."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import md5

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.ids import IdGuess, guess_id, name_rank, running_number

LEADS = 60


def leads_with(**columns: list[str]) -> pd.DataFrame:
    """A small export with measures that happen to differ for each lead."""
    numbers = range(LEADS)
    others = {
        "Created Date": [
            f"2024-{1 + number // 28:02d}-{1 + number % 28:02d}" for number in numbers
        ],
        "Name": [f"Anna {chr(65 + number % 26)}{chr(97 + number // 26)}." for number in numbers],
        "Employees": [str(7 * number**2 + 3) for number in numbers],
        "Annual Revenue": [f"{1200.5 + 37 * number:.2f}" for number in numbers],
        "Lead Score": [f"0.{1000 + number * 7}" for number in numbers],
        "Stage": ["Won", "Lost", "New"] * (LEADS // 3),
    }
    return pd.DataFrame({**columns, **others}, dtype=object)


def found(raw: pd.DataFrame, option: str | None = None) -> IdGuess:
    return guess_id(raw, guess_columns(raw), option)


SPELLINGS: dict[str, Callable[[int], str]] = {
    "numbers without gaps": lambda number: str(4000 + number),
    "numbers with gaps": lambda number: str(48000 + number**2),
    "codes": lambda number: f"CRM-{number}",
    "padded": lambda number: f"L{number:06d}",
    "guid": lambda number: f"3f2504e0-4f89-11d3-9a0c-0305e82c{number:04d}",
    "divided by strokes": lambda number: f"EXP/2024/{number * 17 % 997:04d}",
    "salesforce": lambda number: f"00Q5f000009A{number:03d}EAG",
    "19 digits": lambda number: f"580502800005686{4000 + number}",
    "like powers": lambda number: f"{number + 1}E{number % 9}",
    "external": lambda number: f"__export__.crm_lead_{number}",
}
HEADINGS = (
    *("LEADID", "Kundennummer", "Lead No.", "Key", "#", "Prospect ID", "Record ID - Contact", "Id"),
    *("hs_object_id", "uuid", "(Do Not Modify) Lead", "Identifiant", "Código", "Deal - ID"),
    *(
        "номер",
        "客户编号",
        "顧客番号",
        "Numer klienta",
        "Müşteri No",
        "Klantnummer",
        "Codice cliente",
    ),
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_id_is_found_under_any_heading(spelling: str) -> None:
    ids = [SPELLINGS[spelling](number) for number in range(LEADS)]
    for heading in HEADINGS:
        assert found(leads_with(**{heading: ids})).column == heading


@pytest.mark.parametrize("spelling", ["guid", "codes", "numbers without gaps", "19 digits"])
def test_an_id_is_found_without_a_telling_heading(spelling: str) -> None:
    ids = [SPELLINGS[spelling](number) for number in range(LEADS)]
    assert found(leads_with(Application=ids)).column == "Application"
    raw = leads_with()
    raw["zz"] = ids
    assert found(raw).column == "zz"


def test_copied_rows_do_not_hide_the_id_and_are_counted() -> None:
    raw = leads_with(Code=[f"CRM-{number}" for number in range(LEADS)])
    copied = pd.concat([raw, raw.head(1), raw.head(5)], ignore_index=True)
    assert found(copied) == IdGuess(
        "Code", "60 different values in 66 rows; 6 rows are copies of another"
    )


def test_an_id_with_two_different_rows_is_still_the_id() -> None:
    raw = leads_with(Code=[f"CRM-{number}" for number in range(LEADS)])
    again = raw.head(1).assign(Stage="Lost")
    guess = found(pd.concat([raw, again], ignore_index=True))
    assert guess.reason == "60 different values in 61 rows; 1 row repeats an id with other values"


def test_a_measure_that_differs_for_each_lead_is_no_id() -> None:
    assert found(leads_with()).column == "row number"
    epochs = [str(1_704_067_200 + 997 * number) for number in range(LEADS)]
    days = [str(20240101 + number % 28 + 100 * (number // 28)) for number in range(LEADS)]
    phones = [f"+49 89 {4000 + 7 * number}" for number in range(LEADS)]
    assert found(leads_with(Seen=epochs, Day=days, Phone=phones)).column == "row number"


def test_a_checksum_of_the_row_is_no_id() -> None:
    sums = [b64encode(md5(str(number).encode()).digest()).decode() for number in range(LEADS)]
    assert found(leads_with(Check=[text.rstrip("=") for text in sums])).column == "row number"


def test_numbers_that_may_be_ids_or_a_measure_are_asked_about() -> None:
    raw = leads_with()
    raw["zz"] = [str(48_013 + 7 * number**2) for number in range(LEADS)]
    guess = found(raw)
    assert guess.column == "row number"
    assert guess.reason.endswith("if zz does, run init with --id zz")


def test_an_e_mail_address_is_the_id_only_if_nothing_else_is() -> None:
    mails = [f"p{number}@example.org" for number in range(LEADS)]
    assert found(leads_with(Email=mails)).column == "Email"
    keys = [str(number) for number in range(LEADS)]
    assert found(leads_with(Email=mails, Key=keys)).column == "Key"
    assert found(leads_with(Index=keys, Email=mails)).column == "Email", "not a row counter"


def test_the_id_of_the_lead_wins_over_ids_of_others() -> None:
    keys = [str(100 + number) for number in range(LEADS)]
    raw = leads_with(**{"Contact Number": keys, "Lead Id": keys})
    assert found(raw).column == "Lead Id"


def test_ids_that_differ_only_in_capitals_differ() -> None:
    ids = [f"00Q5f000009A{'bB'[number % 2]}{number // 2:02d}" for number in range(LEADS)]
    assert found(leads_with(Id=ids)).reason == "60 different values in 60 rows"


def test_a_column_named_as_the_id_that_repeats_too_often_is_asked_about() -> None:
    raw = leads_with(**{"Lead Id": [str(number // 4) for number in range(LEADS)]})
    with pytest.raises(LeadReadyError, match="only 15 different values in 60 rows") as caught:
        found(raw)
    assert "--id 'row number'" in str(caught.value.hint)
    assert found(raw, "row number").column == "row number"


def test_a_given_column_that_does_not_exist_is_an_error_with_the_most_similar_name() -> None:
    raw = pd.DataFrame({"Lead Id": ["1"], "Source": ["x"]}, dtype=object)
    with pytest.raises(LeadReadyError, match=r"--id: unknown .* did you mean 'Lead Id'"):
        found(raw, "LeadId")


def test_a_running_number_is_an_order_and_a_counter_of_rows_is_not() -> None:
    keys = [str(100 + number) for number in range(LEADS)]
    raw = leads_with(**{"Lead No": keys})
    assert running_number(raw, guess_columns(raw), "Lead No") == "Lead No"
    raw = leads_with(Index=keys)
    assert running_number(raw, guess_columns(raw), "Index") is None


@pytest.mark.parametrize(
    ("name", "rank"),
    [("Number of Employees", 0), ("# of visits", 0), ("Row Checksum", 0), ("Owner ID", 3)],
)
def test_names_of_measures_and_of_others_are_known(name: str, rank: int) -> None:
    assert name_rank(name) == rank


def test_what_stands_in_brackets_does_not_say_whose_id_it_is() -> None:
    assert name_rank("Lead ID (created automatically)") == name_rank("Lead ID")
    assert name_rank("(ID)") == name_rank("ID")


@pytest.mark.parametrize("numbers", [range(9_876_543_210, 9_876_543_510, 11), range(70, 127, 2)])
def test_numbers_of_others_that_differ_in_every_row_are_ids(numbers: range) -> None:
    rows = len(numbers)
    raw = pd.DataFrame({"Item ID": [str(number) for number in numbers]}, dtype=object)
    raw["E-mail"] = [f"someone{row}@firm.com" for row in range(rows)]
    raw["City"] = ["Rome", "Bonn"] * (rows // 2) + ["Rome"] * (rows % 2)
    assert guess_id(raw, guess_columns(raw), None).column == "Item ID"
