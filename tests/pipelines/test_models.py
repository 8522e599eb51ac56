"""``leadready models``: what is registered, who scores, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model.gate import Gate
from model.registry.registry import Registry
from pipelines.score.score import score

Run = Callable[..., Any]
PASSED = [Gate("enough", True, "90 won", "40 won")]
REFUSED = [Gate("enough", False, "3 won", "40 won", "wait")]


@pytest.fixture
def three(company: Path) -> Path:
    """A company with a champion before, a champion, and a version that was refused."""
    from model.registry.registry import Contents

    registry = Registry.for_workspace(company)
    first = registry.load("1")
    for shift, gates in ((10, PASSED), (20, REFUSED)):
        card = first.scorecard | {"start": first.scorecard["start"] + shift}
        version = registry.log(
            Contents(card, first.definition, first.catalogue, first.evaluation, "0" * 64)
        )
        registry.settle(version, gates)
    return company


def test_versions_are_listed_newest_first(run: Run, three: Path) -> None:
    answer = run("models", "-w", three, "--json")
    assert answer.code == 0
    versions = answer.json
    assert [version["version"] for version in versions] == ["3", "2", "1"]
    assert [version["aliases"] for version in versions] == [
        ["challenger"],
        ["champion"],
        ["previous"],
    ]
    assert [version["gate"] for version in versions] == ["refused", "passed", "passed"]
    assert "enough: 3 won" in versions[0]["refused_because"]
    assert all(set(version["auc"]) == {"value", "low", "high"} for version in versions)
    lines = run("models", "-w", three).data.splitlines()
    cells = [line.split() for line in lines]
    assert [row[:2] for row in cells[1:4]] == [
        ["3", "challenger"],
        ["2", "champion"],
        ["1", "previous"],
    ]
    assert f"{versions[0]['auc']['value']:.2f}" in cells[1]
    assert lines[4].startswith("version 3 was refused: ")
    assert "3 won" in " ".join(lines[4:])
    assert all(len(line) <= 80 for line in lines)


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
    assert "mlflow.db" not in {path.name for path in untrained.iterdir()}, "looking makes nothing"
