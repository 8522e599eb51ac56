"""Guesses about the columns that date a lead."""

from __future__ import annotations

import pandas as pd

from features.guess.columns import guess_columns
from features.guess.lead_columns import guess_handoff

DAYS = ["2024-01-01", "2024-02-01"] * 5


def test_the_handoff_is_found() -> None:
    raw = pd.DataFrame({"created_at": DAYS, "handed_off_at": DAYS}, dtype=object)
    assert guess_handoff(guess_columns(raw)) == "handed_off_at"
