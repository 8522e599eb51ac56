"""Guesses about the columns that date a lead."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.columns import guess_columns
from features.guess.lead_columns import guess_created, guess_handoff

DAYS = ["2024-01-01", "2024-02-01"] * 5


def test_a_given_column_that_does_not_exist_is_an_error_with_the_most_similar_name() -> None:
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
