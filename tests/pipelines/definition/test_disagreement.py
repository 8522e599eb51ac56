"""``leadready agreement``: which leads it looks at, and what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from model.simulation.disagreement import Disagreement
from model.simulation.win_rates import RateDifference
from pipelines.definition.disagreement import who_was_right_text
from pipelines.snapshot import read_snapshot


def test_only_leads_that_the_champion_has_not_learned_from_are_compared(
    run: Any, trained: Path, training: dict[str, Any]
) -> None:
    answer = run("agreement", "-w", trained, "--json").json
    test_from = training["split"]["test_from"]
    assert answer["first_day"] >= test_from[:10]
    labelled = read_snapshot(trained).labelled
    later = labelled.rows["as_of"] >= pd.Timestamp(test_from)
    found = answer["disagreement"]
    groups = [group["win_rate"] for group in found["groups"].values()]
    assert 0 < sum(group["labelled"] for group in groups) <= later.sum()
    assert sum(group["leads"] for group in groups) == found["leads"]
    assert found["judgements"] == found["leads"], "each lead is judged once here"
    printed = run("agreement", "-w", trained)
    assert printed.code == 0
    text = " ".join(printed.data.split())
    assert "The model has not learned from any of them." in text
    assert "Ready only to the model: " in text
    assert max(map(len, printed.data.splitlines())) <= 80


def test_without_a_champion_the_hint_says_what_to_do(run: Any, untrained: Path) -> None:
    answer = run("agreement", "-w", untrained)
    assert answer.code == 2
    assert "leadready train" in answer.talk


@pytest.mark.parametrize(
    ("right", "difference", "text"),
    [
        (
            "model",
            RateDifference(0.2, 0.1, 0.3),
            "Who was right? The model was: leads that only the model called ready were won more "
            "often than those that only the rules called ready, by +20.0 percentage points "
            "(+10.0 to +30.0).",
        ),
        (
            "rules",
            RateDifference(-0.2, -0.3, -0.1),
            "Who was right? The rules were: leads that only the rules called ready were won more "
            "often than those that only the model called ready, by +20.0 percentage points "
            "(+10.0 to +30.0).",
        ),
        (
            "undecided",
            RateDifference(0.02, -0.1, 0.14),
            "Who was right? The data cannot tell: the win rates of the two sides differ by "
            "+2.0 percentage points (-10.0 to +14.0), which may be chance.",
        ),
    ],
)
def test_who_was_right(right: str, difference: RateDifference, text: str) -> None:
    assert who_was_right_text(Disagreement(99, 99, 0.2, {}, difference, right)) == text
