"""``leadready models``: what is registered, who scores, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.registry.registry import Registry
from pipelines.score.score import score

Run = Callable[..., Any]
PASSED = [
    {"name": "enough", "passed": True, "observed": "90 won", "required": "40 won", "hint": ""}
]
REFUSED = [{**PASSED[0], "passed": False, "observed": "3 won", "hint": "wait"}]


@pytest.fixture
def three(company: Path) -> Path:
    """A company with a champion before, a champion, and a version that was refused."""
    from model.registry.registry import Contents

    registry = Registry.for_workspace(company)
    first = registry.load("1")
    for shift, gates in ((10.0, PASSED), (20.0, REFUSED)):
        card = first.scorecard | {"intercept": first.scorecard["intercept"] + shift}
        version = registry.log(
            Contents(card, first.definition, first.catalogue, first.evaluation, "0" * 64)
        )
        registry.settle(version, gates)
    return company


def test_versions_are_listed_newest_first(run: Run, three: Path) -> None:
    told = run("models", "-w", three, "--json")
    assert told.code == 0
    assert [one["version"] for one in told.json] == ["3", "2", "1"]
    assert [one["aliases"] for one in told.json] == [["challenger"], ["champion"], ["previous"]]
    assert [one["gate"] for one in told.json] == ["refused", "passed", "passed"]
    assert "enough: 3 won" in told.json[0]["refused_because"]
    assert all(set(one["auc"]) == {"value", "low", "high"} for one in told.json)
    read = run("models", "-w", three).data.splitlines()
    assert read[0].startswith("version 3 [challenger]")
    assert "3 won" in read[1]
    assert read[2].startswith("version 2 [champion]")


def test_rollback_makes_the_champion_before_score_again(run: Run, three: Path) -> None:
    now = score(three).set_index("lead_id")["score"]
    answer = run("models", "-w", three, "--rollback")
    assert answer.code == 0
    assert "version 1 is champion again" in answer.talk
    before = score(three).set_index("lead_id")["score"]
    assert (now - before).to_numpy() == pytest.approx(10.0, abs=1e-9)
    again = run("models", "-w", three, "--rollback")
    assert (again.code, again.data) == (2, "")
    assert "no earlier champion" in again.talk
    assert "\nhint: " in again.talk


def test_where_nothing_is_registered_that_is_the_answer(run: Run, untrained: Path) -> None:
    assert run("models", "-w", untrained, "--json").json == []
    read = run("models", "-w", untrained)
    assert (read.code, "no version is registered yet" in read.data) == (0, True)
    assert "mlflow.db" not in {one.name for one in untrained.iterdir()}, "looking makes nothing"
