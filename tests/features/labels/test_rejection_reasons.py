"""The taxonomy of reasons: what wordings come to, and who has the last word."""

from __future__ import annotations

import pytest

from features.labels.rejection_reasons import (
    OTHER,
    TAXONOMY,
    dispositions_by_reason,
    guess_disposition,
    map_reasons,
)


@pytest.mark.parametrize("name", TAXONOMY)
def test_the_names_themselves_mean_what_they_say(name: str) -> None:
    assert (
        guess_disposition(name)
        == guess_disposition(name.upper())
        == guess_disposition(name.replace(" ", "_"))
        == name
    )


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("Too Small", "not the right size"),
        ("Company too large", "not the right size"),
        ("No decision maker", "not the right contact"),
        ("Left the company", "not the right contact"),
        ("Went with another vendor", "competitor"),
        ("Lost to Competitor", "competitor"),
        ("On hold", "bad timing"),
        ("Next quarter", "bad timing"),
        ("Not ready yet", "bad timing"),
        ("Price", "no budget"),
        ("Can't afford it", "no budget"),
        ("No funding", "no budget"),
        ("Bounced e-mail", "bad data"),
        ("Unreachable", "bad data"),
        ("No response", "bad data"),
        ("Already a customer", "duplicate"),
        ("Merged", "duplicate"),
        ("Spam", "test record"),
        ("No follow-up", "never worked"),
        ("Aged out", "never worked"),
        ("Missing features", "not the right fit"),
        ("Outside our territory", "not the right fit"),
        ("Student", "not the right fit"),
        ("Opted out", "not interested"),
    ],
)
def test_usual_wordings(reason: str, name: str) -> None:
    assert guess_disposition(reason) == name


@pytest.mark.parametrize("reason", ["", "  ", "X-17", "?", "Status 4", "other reason 12"])
def test_wordings_that_say_nothing_are_left_to_people(reason: str) -> None:
    assert guess_disposition(reason) is None
    assert map_reasons([reason]) == {reason: OTHER}


def test_the_team_has_the_last_word_and_its_answers_are_not_changed() -> None:
    answers = {"bad timing": ["Abandoned"], "other": ("Price",)}
    found = map_reasons(["Abandoned", "Price", "Too small"], answers)
    assert found == {
        "Abandoned": "bad timing",
        "Price": "other",
        "Too small": "not the right size",
    }
    assert dispositions_by_reason(answers) == {"Abandoned": "bad timing", "Price": "other"}
    assert answers == {"bad timing": ["Abandoned"], "other": ("Price",)}
    assert dispositions_by_reason(None) == {}
