"""Multiple choice is recognised by its values, whatever stands between the choices."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pandas as pd
import pytest

from features.guess.choices import guess_choices
from features.guess.columns import guess_columns

TOOLS = ["Analytics", "CRM", "Data Lake", "E-Mail", "Support"]
CITIES = {"Rome": "Italy", "Turin": "Italy", "Bonn": "Germany", "Ulm": "Germany", "Oslo": "Norway"}
LEVELS, TEAMS = ["VP", "Director", "Manager"], ["Sales", "Finance", "IT", "HR"]


def drawn(write: Callable[[random.Random], str], rows: int = 400) -> pd.Series:
    randomness = random.Random(1)
    return pd.Series([write(randomness) for _ in range(rows)], dtype=object)


def some_tools(randomness: random.Random) -> list[str]:
    return [tool for tool in TOOLS if randomness.random() < 0.4] or ["CRM"]


@pytest.mark.parametrize(
    ("join", "separator"),
    [
        (";".join, ";"),
        ("; ".join, ";"),
        (", ".join, ","),
        ("|".join, "|"),
        ("\n".join, "\n"),
        (json.dumps, ","),
        (lambda tools: ";".join(tools) + ";", ";"),
        (lambda tools: str(set(tools)), ","),
    ],
)
def test_choices_in_every_notation(join: Callable[[list[str]], str], separator: str) -> None:
    column = drawn(lambda randomness: join(some_tools(randomness)))
    found = guess_choices(column.value_counts().to_dict())
    assert found is not None
    assert (found.separator, sorted(found.names)) == (separator, TOOLS)


@pytest.mark.parametrize(
    "write",
    [
        lambda randomness: ", ".join(randomness.choice(list(CITIES.items()))),
        lambda randomness: f"{randomness.choice(LEVELS)}, {randomness.choice(TEAMS)}",
        lambda randomness: f"{randomness.random() * 90:.5f},{randomness.random() * 90:.5f}",
        lambda randomness: f"{randomness.randint(1, 9)},{randomness.randint(100, 999)}",
        lambda randomness: f"{randomness.random():.9f}, {randomness.random():.9f}",
        lambda randomness: randomness.choice(
            ["Banking, Insurance and Law", "Retail", "Energy, Oil"]
        ),
        lambda randomness: " ".join(
            randomness.choices(["we", "call,", "later;", "they", "said", "no"], k=9)
        ),
    ],
)
def test_other_texts_with_such_marks_are_not_multiple_choice(
    write: Callable[[random.Random], str],
) -> None:
    assert guess_choices(drawn(write).value_counts().to_dict()) is None


def test_rare_choices_are_left_out_and_the_usual_spelling_is_kept() -> None:
    column = drawn(lambda randomness: ";".join(some_tools(randomness)))
    column[0], column[1] = "crm;CRM;Typo", "crm"
    found = guess_choices(column.value_counts().to_dict())
    assert found is not None
    assert sorted(found.names) == TOOLS


def test_the_guess_keeps_the_heading() -> None:
    column = drawn(lambda randomness: ";".join(some_tools(randomness)))
    (guess,) = guess_columns(pd.DataFrame({"Tools in Use": column}))
    assert (guess.type, guess.label, guess.feature) == ("choices", "Tools in Use", "tools_in_use")
    assert guess.reason.startswith("multiple choice: 5 frequent choices such as ")
