"""No command writes over a file that the workspace reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from features.errors import LeadReadyError
from pipelines.cli.main import main
from pipelines.inputs import refuse_input

WORKSPACE = """\
leads: {file: "leads-*.csv", id: Id, join: [{file: firms.csv, on: Firm, key: Name}]}
events: [{file: events.csv, lead: Id, time: At, kind_is: call}]
stages: {file: stages.csv, lead: Id, stage: Stage, time: At}
definition: rules.yaml
"""
INPUTS = [
    "leadready.yaml",
    "rules.yaml",
    "leads-1.csv",
    "leads-2.csv",
    "firms.csv",
    "events.csv",
    "stages.csv",
]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in INPUTS:
        (tmp_path / name).write_text(WORKSPACE if name == "leadready.yaml" else "x\n")
    return tmp_path


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_are_not_overwritten(workspace: Path, name: str) -> None:
    with pytest.raises(LeadReadyError, match="is a file that the workspace reads"):
        refuse_input(workspace, workspace / ".." / workspace.name / name)


def test_a_link_to_an_input_is_not_written_through(workspace: Path) -> None:
    os.link(workspace / "events.csv", workspace / "scores.csv")
    with pytest.raises(LeadReadyError):
        refuse_input(workspace, workspace / "scores.csv")


def test_other_files_may_be_overwritten(workspace: Path) -> None:
    (workspace / "scores.csv").write_text("old\n")
    refuse_input(workspace, workspace / "scores.csv")
    refuse_input(workspace, workspace / "new.csv")


@pytest.mark.parametrize("verb", ["score", "outcomes", "report", "card"])
def test_every_verb_refuses(workspace: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = workspace / "leads-1.csv"
    assert main([verb, "-w", str(workspace), "--out", str(out)]) == 2
    assert "is not overwritten" in " ".join(capsys.readouterr().err.split())
    assert out.read_text() == "x\n"
