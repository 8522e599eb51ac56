"""Every command line of docs/production.md runs, in its order, in a workspace with three versions."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click import Group

from features.dates.one_time import read_time
from model.gate import Gate
from model.registry.registry import Contents, Registry
from pipelines import snapshot
from pipelines.score import score as scoring
from tests.conftest import ROOT, parse_command

Run = Callable[..., Any]
TEXT = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(?:sh|cron)\n(.*?)^```$", TEXT, re.M | re.S)
LINES = [line for block in BLOCKS for line in block.splitlines() if line]
PASSED = [Gate("enough", True, "90 won", "40 won")]


def three_versions(folder: Path) -> None:
    """Promote two copies of the champion over it."""
    registry = Registry.for_workspace(folder)
    loaded = registry.load()
    card = {key: value for key, value in loaded.scorecard.items() if key != "version"}
    for _ in range(2):
        contents = Contents(card, loaded.definition, loaded.catalogue, loaded.evaluation, "0" * 64)
        registry.promote(registry.log(contents), PASSED)


@pytest.mark.slow
def test_every_command_line_runs(
    run: Run, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.rename(tmp_path / "acme")
    monkeypatch.chdir(tmp_path)
    three_versions(tmp_path / "acme")
    monkeypatch.setattr(scoring, "read_snapshot", cache(snapshot.read_snapshot))  # files stay
    monkeypatch.setattr("pipelines.level.level.level", lambda *_, **__: None)  # has its own tests
    monkeypatch.setattr("pipelines.level.level_text.level_text", lambda _: "the level stays")
    lead = ""
    for line in LINES:
        command = line.rpartition("&& ")[2]
        if command.startswith("leadready "):
            answer = run(*shlex.split(command.replace("LEAD-42", lead))[1:])
            if command.startswith("leadready uplift"):  # nobody was drawn a horizon ago
                assert "at random yet" in answer.talk or "known outcome yet" in answer.talk
                continue
            assert answer.code == 0, f"{line}: {answer.talk}"
            if "--log" in command:
                assert answer.talk == answer.data == "", "cron would send mail"
            lead = lead or (tmp_path / "scores.csv").read_text("utf-8").split("\n")[1].split('"')[1]
    summary = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert (summary["exit"], summary["as_of"]) == (0, "2026-10-01T04:00:00")
    assert len(LINES) >= 12


def test_the_lines_of_other_programs_are_understood() -> None:
    """Servers and pip are not started here: their options are read as they would read them."""
    from mlflow.cli import cli

    others = [line for line in LINES if not line.rpartition("&& ")[2].startswith("leadready ")]
    for line in others:
        program, *arguments = shlex.split(line, comments=True)
        if program == "mlflow":
            assert isinstance(cli, Group)
            name, command, rest = cli.resolve_command(
                cli.make_context("mlflow", arguments), arguments
            )
            assert command is not None
            command.make_context(str(name), rest)
        else:
            assert program in ("export", "pip"), line


def test_the_task_of_airflow_runs_a_command_that_is_one() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.M | re.S)
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    (task,) = [call for call in calls if ast.unparse(call.func) == "BashOperator"]
    options = {option.arg: ast.literal_eval(option.value) for option in task.keywords}
    assert options["task_id"].isidentifier()
    time = "2026-10-01T04:00:00+00:00"  # as Airflow writes a timestamp
    command = options["bash_command"].replace("{{ data_interval_end | ts }}", time)
    assert "{{" not in command
    program, *arguments = shlex.split(command)
    assert program == "leadready"
    assert parse_command(arguments).params["as_of"] == time
    assert str(read_time(time, "--as-of", ())) == "2026-10-01 04:00:00"
