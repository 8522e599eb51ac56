"""The verification of kills finds a command that is not one step, and none in a rollback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from verification.job import kills
from verification.job.kills import Command, State, commands, faults_of


@pytest.fixture(autouse=True)
def _nothing_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "LOADED", ["verification.job.kills"])


def two_steps(folder: Path) -> None:
    (folder / "one").write_text("new")
    time.sleep(0.3)
    (folder / "two").write_text("new")


def together(folder: Path) -> State:
    return {"both": [(folder / name).read_text() for name in ("one", "two")]}


def prepared(folder: Path) -> None:
    for name in ("one", "two"):
        (folder / name).write_text("old")


@pytest.mark.slow
def test_what_is_left_between_two_steps_is_found(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    faults = faults_of(Command("two steps", two_steps, together, prepared), tmp_path / "empty", 2)
    assert len(faults) == 2
    assert all("both" in fault for fault in faults)


@pytest.mark.slow
def test_a_signature_is_there_or_not(tmp_path: Path) -> None:
    (sign,) = [command for command in commands() if command.name == "sign"]
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "definition.yaml").write_text(
        "version: 1\nready_when:\n  - {id: size, feature: employees, at_least: 50}\n"
        "handoff: {follow_up_hours: 48}\n"
    )
    assert faults_of(sign, folder, 3) == []
