"""Scores of leads are recognised by heading and values; facts about people are left alone."""

from __future__ import annotations

import pandas as pd
import pytest

from features.guess.columns import guess_columns
from features.guess.old_scores import OldScoreGuess, guess_old_scores

NUMBERS = [str(n * 7 % 100) for n in range(200)]
WON = pd.Series([int(number) > 60 for number in NUMBERS])


def guess(name: str, values: list[str]) -> OldScoreGuess | None:
    raw = pd.DataFrame({name: (values * 200)[:200]}, dtype=object)
    found = guess_old_scores(raw, guess_columns(raw), WON)
    return found[0] if found else None


@pytest.mark.parametrize(
    "name",
    [
        "HubSpot Score",
        "hs_predictivecontactscore_v2",
        "hubspotscore",
        "Einstein Lead Score",
        "Pardot Score",
        "Lead_Score__c",
        "leadScore",
        "Score",
        "Punktzahl",
        "スコア",
        "Lead Puanı",
        "Scoring Rule Total",
        "Fit score",
    ],
)
def test_numbers_with_the_name_of_a_score(name: str) -> None:
    found = guess(name, NUMBERS)
    assert found is not None, name
    assert (found.best, found.best_first, found.probability) == ("high", (), False)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Credit Score", NUMBERS),
        ("NPS score", NUMBERS),
        ("Priority", NUMBERS),
        ("Employees", NUMBERS),
        ("Loyalty points", NUMBERS),
        ("Lead Source", ["Web", "Fair", "Mail"]),
        ("Lead Rating", ["Hot", "Warm", "Cold"]),
        ("Score", ["yes", "no"]),
    ],
)
def test_other_columns_are_left_alone(name: str, values: list[str]) -> None:
    assert guess(name, values) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["B", "A", "D", "C"], ("A", "B", "C", "D")),
        (["B+", "A", "B-", "B", "A+"], ("A+", "A", "B+", "B", "B-")),
        (["0-20", "80+", "21-79"], ("80+", "21-79", "0-20")),
        (["0–9", "10–19", "20–100"], ("20–100", "10–19", "0–9")),
    ],
)
def test_grades_and_bands_are_ordered(values: list[str], expected: tuple[str, ...]) -> None:
    found = guess("Lead Grade", values)
    assert found is not None
    assert found.best_first == expected


def test_won_leads_tell_which_end_is_best() -> None:
    found = guess("Lead Score", [str(100 - int(number)) for number in NUMBERS])
    assert found is not None
    assert (found.best, found.reason[-13:]) == ("low", "lower numbers")


def test_a_probability_is_named_as_one() -> None:
    assert guess("Lead Probability", NUMBERS) == OldScoreGuess(
        "Lead Probability", "the name of a probability", probability=True
    )
