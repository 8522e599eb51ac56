"""Which lines of the workspace answer for a feature that is too good to be true."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.event_audit.audit import EventSuspect
from features.workspace.read import Workspace, read_workspace
from pipelines.train.judge import _circumstances, answers_of_columns, answers_of_kinds

WORKSPACE = """\
name: acme
definition: definition.yaml
leads:
  file: leads.csv
  id: Id
  columns:
    Size: {feature: size, family: firmographic}
    Job: {feature: title, family: role, type: title, known_at_moment: true}
events:
  - {file: a.csv, lead: Id, time: At, kind: Type, kinds: {Contract Sent: known_at_moment}}
outcome: {won_when: {Won: ["1"]}}
"""


def workspace(folder: Path) -> Workspace:
    (folder / "leadready.yaml").write_text(WORKSPACE, encoding="utf-8")
    return read_workspace(folder)


def test_a_column_answers_for_its_features_and_for_those_of_a_title(tmp_path: Path) -> None:
    answers = answers_of_columns(workspace(tmp_path))
    size, job = answers["column: Size"], answers["title: Job"]
    assert (size.name, size.given, job.given) == ("Size", False, True)
    assert size.lines == "Size: {…, known_at_moment: true}  or  Size: {leak: true}"


def test_a_kind_of_event_answers_for_its_features(tmp_path: Path) -> None:
    sources = ["events", "events: contract_sent", "events: demo_request", "column: Size"]
    answers = answers_of_kinds(workspace(tmp_path), sources)
    assert {source: answer.given for source, answer in answers.items()} == {
        "events: contract_sent": True,
        "events: demo_request": False,
    }, "no line is about all events together"
    assert answers["events: demo_request"].lines == (
        "kinds: {demo_request: known_at_moment}  or  kinds: {demo_request: leak}"
    )


@pytest.mark.parametrize(
    ("suspects", "moved"),
    [
        ([], ""),
        ([EventSuspect("events of kind won", ("9 of 9",), 10, kind="won")], ""),
        ([EventSuspect("events of calls.csv", ("9 of 9 won",), 20)], "events of calls.csv (9 of 9"),
    ],
)
def test_events_that_may_have_moved_are_a_cause_and_kinds_are_not(
    suspects: list[EventSuspect], moved: str
) -> None:
    outcomes = pd.DataFrame({"why_unknown": ["still open", None]})
    trained: Any = SimpleNamespace(
        labelled=SimpleNamespace(y=np.ones(200)),
        snapshot=SimpleNamespace(outcomes=outcomes, event_suspects=suspects),
        split=SimpleNamespace(train=np.arange(200)),
        design_factor=1.0,
    )
    found = _circumstances(trained, [])
    assert found.moved_events.startswith(moved)
    assert bool(found.moved_events) is bool(moved)
    assert ("may have been moved" in found.hint_text()) is bool(moved)
