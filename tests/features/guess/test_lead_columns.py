"""Guesses about the columns that identify and date a lead."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.lead_columns import guess_created, guess_handoff, guess_id

MANY = [str(number) for number in range(100, 400)]
DAYS = ["2024-01-01", "2024-02-01"] * 5


def test_the_id_of_the_lead_wins_over_other_unique_columns() -> None:
    raw = pd.DataFrame({"Contact Number": MANY, "Lead Id": MANY, "x": ["a"] * 300}, dtype=object)
    assert guess_id(guess_columns(raw), None, list(raw.columns)) == "Lead Id"


def test_without_an_id_the_error_names_the_option() -> None:
    raw = pd.DataFrame({"a": ["x", "y"] * 9}, dtype=object)
    with pytest.raises(LeadReadyError) as caught:
        guess_id(guess_columns(raw), None, ["a"])
    assert "--id COLUMN" in str(caught.value.hint)


def test_a_given_column_that_does_not_exist_is_an_error_with_the_most_similar_name() -> None:
    with pytest.raises(LeadReadyError, match=r"--id: unknown .* did you mean 'Lead Id'"):
        guess_id([], "LeadId", ["Lead Id", "Source"])
    with pytest.raises(LeadReadyError, match=r"--created: unknown .* did you mean 'Day'"):
        guess_created([], "Dai", ["Lead Id", "Day"])


def test_the_date_of_creation_is_not_the_closing_date() -> None:
    raw = pd.DataFrame({"Closing Date": DAYS, "Enquiry Date": DAYS}, dtype=object)
    guesses = guess_columns(raw)
    assert guess_created(guesses, None, list(raw.columns)) == "Enquiry Date"
    assert guess_created(guesses[:1], None, []) is None


def test_a_name_that_says_created_wins_over_other_dates() -> None:
    raw = pd.DataFrame({"Enquiry Date": DAYS, "Created": DAYS}, dtype=object)
    assert guess_created(guess_columns(raw), None, []) == "Created"


def test_the_handoff_is_found() -> None:
    raw = pd.DataFrame({"created_at": DAYS, "handed_off_at": DAYS}, dtype=object)
    assert guess_handoff(guess_columns(raw)) == "handed_off_at"
