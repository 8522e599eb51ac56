"""Guesses about the outcome: its column, the values that mean won, and those that mean unknown."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.guess.outcome import guess_outcome, guess_unknown_when


@pytest.mark.parametrize(
    ("columns", "option", "column", "won", "still_open"),
    [
        ({"Converted": ["1", "0"]}, None, "Converted", ("1",), ()),
        ({"Stage": ["Won", "Lost", "Talks"]}, None, "Stage", ("Won",), ("Talks",)),
        ({"Stage": ["Qualified", "Disqualified", "New"]}, None, "Stage", ("Qualified",), ("New",)),
        ({"Stage": ["Payment Done", "Lost"]}, "Stage=payment done", "Stage", ("Payment Done",), ()),
        ({"is_won": ["True", "False"], "Stage": ["Won", "New"]}, None, "is_won", ("True",), ()),
        ({"Stage": ["Closed Won", "Closed Lost"]}, None, "Stage", ("Closed Won",), ()),
    ],
)
def test_outcomes(
    columns: dict[str, list[str]],
    option: str | None,
    column: str,
    won: tuple[str, ...],
    still_open: tuple[str, ...],
) -> None:
    raw = pd.DataFrame({name: values * 6 for name, values in columns.items()}, dtype=object)
    guess = guess_outcome(raw, option)
    assert (guess.column, guess.won, guess.still_open) == (column, won, still_open)


@pytest.mark.parametrize(
    ("columns", "option"),
    [
        ({"Stage": ["Payment Done", "Lost"]}, "stage"),
        ({"won_reason": ["price", "service"]}, None),
        ({"Status": ["Not converted", "Unqualified"]}, None),
        ({"Source": ["Customer event", "Web"]}, None),
    ],
)
def test_without_an_outcome_the_error_names_the_option(
    columns: dict[str, list[str]], option: str | None
) -> None:
    raw = pd.DataFrame({name: values * 6 for name, values in columns.items()}, dtype=object)
    with pytest.raises(LeadReadyError) as caught:
        guess_outcome(raw, option)
    assert "--outcome" in str(caught.value.hint)


def test_a_given_value_that_no_lead_has_is_refused() -> None:
    raw = pd.DataFrame({"Stage": ["Won", "Lost"] * 6}, dtype=object)
    with pytest.raises(LeadReadyError, match="unknown value of Stage 'Wonn'; did you mean 'Won'"):
        guess_outcome(raw, "Stage=Wonn")


def test_nothing_can_be_learned_if_every_lead_was_won() -> None:
    with pytest.raises(LeadReadyError, match="nothing to learn"):
        guess_outcome(pd.DataFrame({"Stage": ["Won"] * 9}, dtype=object), "Stage=Won")


def test_reasons_for_an_unknown_outcome_are_found_among_the_values() -> None:
    raw = pd.DataFrame(
        {
            "Lost Reason": ["Duplicate", "Too small", "Expensive"],
            "Source": ["Test", "Google", "Organic"],
            "Why": ["Abandoned", "Wrong contact", "No budget"],
            "Page": ["/test", "/eng", "/"],
        }
    )
    assert guess_unknown_when(raw, set()) == {
        "duplicate": ("Lost Reason", "Duplicate"),
        "test record": ("Source", "Test"),
        "never worked": ("Why", "Abandoned"),
    }
    assert "never worked" not in guess_unknown_when(raw, {"Why"})
