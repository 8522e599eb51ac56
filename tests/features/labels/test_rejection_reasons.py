"""The taxonomy of reasons: what each wording maps to, and that the team decides."""

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
def test_the_names_of_the_taxonomy_map_to_themselves(name: str) -> None:
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
def test_wordings_without_a_clue_map_to_other(reason: str) -> None:
    assert guess_disposition(reason) is None
    assert map_reasons([reason]) == {reason: OTHER}


def test_the_mapping_of_the_team_wins_and_is_not_changed() -> None:
    mapped = {"bad timing": ["Abandoned"], "other": ("Price",)}
    found = map_reasons(["Abandoned", "Price", "Too small"], mapped)
    assert found == {
        "Abandoned": "bad timing",
        "Price": "other",
        "Too small": "not the right size",
    }
    assert dispositions_by_reason(mapped) == {"Abandoned": "bad timing", "Price": "other"}
    assert mapped == {"bad timing": ["Abandoned"], "other": ("Price",)}
    assert dispositions_by_reason(None) == {}
