"""The closing date settles states whose words say nothing: open where their leads lack it."""

from __future__ import annotations

import pandas as pd
import pytest

from features.guess.closed_date import settle_open_states
from features.guess.columns import guess_columns
from features.guess.outcome import guess_outcome
from features.guess.states import StateGuess

DAY = "2024-01-03"
STAGES = ["Won", "Lost", "New", "Zwischenlager", "Ausgebucht"]


def states(
    heading: str = "Closing date",
    filled: tuple[str | None, ...] = (DAY, DAY, None, None, DAY),
    rows: int = 30,
) -> StateGuess:
    raw = pd.DataFrame({"Stage": STAGES * rows, heading: list(filled) * rows}, dtype=object)
    return settle_open_states(raw, guess_columns(raw), guess_outcome(raw, None), set()).states


def test_a_state_without_the_closing_date_is_open_and_one_with_it_is_asked_about() -> None:
    found = states()
    assert found.unclear == ("Ausgebucht",)
    assert found.open is not None
    assert set(found.open.operand) == {"New", "Zwischenlager"}
    assert found.open_reason == "leads that are 'Zwischenlager' have no Closing date, as open ones"


@pytest.mark.parametrize(
    ("heading", "filled", "rows"),
    [
        ("Expected close date", (DAY, DAY, None, None, None), 30),  # a plan
        ("Closing date", (DAY, None, None, None, None), 30),  # lost leads have none
        ("Closing date", (DAY, DAY, DAY, None, None), 30),  # open leads have one
        ("Closing date", (DAY, DAY, None, None, None), 10),  # too few open leads
    ],
)
def test_a_date_that_does_not_tell_closed_leads_settles_nothing(
    heading: str, filled: tuple[str | None, ...], rows: int
) -> None:
    assert set(states(heading, filled, rows).unclear) == {"Zwischenlager", "Ausgebucht"}
