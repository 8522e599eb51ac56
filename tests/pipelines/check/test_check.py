"""``leadready check``: every column has a role, and problems come with their causes first."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import LeadReadyError
from pipelines.check.check import check
from pipelines.check.check_text import check_text
from pipelines.check.result import ROLES
from pipelines.cli.command import ERROR, FAILED, SUCCESS
from pipelines.cli.main import main

LEADS = 600
WORKSPACE = """
name: small
extract_at: 2025-01-01
leads:
  file: leads.csv
  id: id
  created: came
  columns:
    size: {feature: employees, family: firmographic, type: number, label: employees}
    source: {feature: source, family: origin, type: category}
    paid: {feature: paid, family: engagement, type: category%s}
    mail: {%s}
outcome:
  won_when: {stage: [won]}
  lost_when: {stage: [lost]}
  unknown_when:
    still open: {stage: [talks]}
"""
DEFINITION = """
name: ready
version: 1
ready_when:
  all:
    - {id: big, feature: employees, at_least: 50}
examples:
  - {lead: {employees: %s}, verdict: ready, because: we like them}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Callable[..., Path]:
    def make(
        answer: str = "", mail: str = "ignore: personal", employees: int = 90, leads: int = LEADS
    ) -> Path:
        random = np.random.default_rng(0)
        stage = random.choice(["won", "lost", "talks"], leads, p=[0.3, 0.6, 0.1])
        came = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(leads) % 300, unit="D")
        pd.DataFrame(
            {
                "id": [f"l{number}" for number in range(leads)],
                "came": came.strftime("%Y-%m-%d"),
                "size": random.integers(1, 900, leads),
                "source": random.choice(["web", "fair"], leads),
                "paid": np.where(stage == "won", "yes", ""),
                "mail": [f"p{number}@example.com" for number in range(leads)],
                "stage": stage,
                "signed on": np.where(
                    stage == "won", (came + pd.Timedelta(days=30)).strftime("%Y-%m-%d"), ""
                ),
                "shoe": random.choice(["a", "b"], leads),
                "always": "x",
            }
        ).to_csv(tmp_path / "leads.csv", index=False)
        (tmp_path / "leadready.yaml").write_text(WORKSPACE % (answer, mail))
        (tmp_path / "definition.yaml").write_text(DEFINITION % employees)
        return tmp_path

    return make


def roles(folder: Path) -> dict[str, str]:
    return {column.name: column.role for column in check(folder).columns}


def test_every_column_has_a_role_and_reasons(workspace: Callable[..., Path]) -> None:
    answer = json.loads(json.dumps(check(workspace()).to_json()))
    assert roles(workspace()) == {
        "id": "id",
        "came": "date",
        "size": "feature",
        "source": "feature",
        "paid": "leak suspect",
        "mail": "personal",
        "stage": "outcome",
        "signed on": "leak suspect",
        "shoe": "ignored",
        "always": "constant",
    }
    columns = answer["columns"]
    assert all(column["role"] in ROLES and column["reasons"] for column in columns)
    assert {column["table"] for column in columns} == {"leads"}
    families = {column["name"]: column["family"] for column in columns}
    assert (families["size"], families["source"], families["id"]) == (
        "firmographic",
        "origin",
        None,
    )


def test_an_unanswered_suspect_blocks_and_either_answer_settles_it(
    workspace: Callable[..., Path],
) -> None:
    unanswered = check(workspace())
    assert not unanswered.ok
    assert unanswered.waiting == ("paid",)
    left_out = check(workspace(", leak: true"))
    assert left_out.ok
    assert roles(workspace(", leak: true"))["paid"] == "ignored"
    known = check(workspace(", known_at_moment: true"))
    assert known.ok
    assert roles(workspace(", known_at_moment: true"))["paid"] == "feature"


def test_a_suspect_that_is_not_a_feature_is_reported_as_harmless(
    workspace: Callable[..., Path],
) -> None:
    result = check(workspace(", leak: true"))
    assert [suspect.column for suspect in result.suspects] == ["signed on"]
    assert result.ok
    assert "harmless" in check_text(result)


def test_counts(workspace: Callable[..., Path]) -> None:
    folder = workspace()
    stage = pd.read_csv(folder / "leads.csv")["stage"].value_counts()
    counts = check(folder).to_json()["counts"]
    assert (counts["leads"], counts["events"], counts["stages"]) == (LEADS, 0, 0)
    assert (counts["won"], counts["not_won"]) == (stage["won"], stage["lost"])
    assert counts["unknown_because"] == {"still open": stage["talks"]}


def test_leads_that_are_neither_won_nor_lost_are_counted_by_stage(
    workspace: Callable[..., Path],
) -> None:
    folder = workspace()
    talks = int(pd.read_csv(folder / "leads.csv")["stage"].eq("talks").sum())
    file = folder / "leadready.yaml"
    by_reason = "  unknown_when:\n    still open: {stage: [talks]}\n"
    text = file.read_text("utf-8").replace(by_reason, "")
    file.write_text(text, "utf-8")
    result = check(folder)
    assert result.counts.neither_won_nor_lost == {"talks": talks}
    assert f"neither won nor lost: {talks}: talks ({talks})" in check_text(result)


def test_personal_data_as_a_feature_blocks(workspace: Callable[..., Path]) -> None:
    folder = workspace(", leak: true", mail="feature: mail, family: origin, type: category")
    result = check(folder)
    assert not result.ok
    (problem,) = [problem for problem in result.problems if problem.blocks]
    assert "looks like e-mail addresses" in problem.message
    assert "ignore: personal" in str(problem.hint)
    assert "example.com" not in json.dumps(result.to_json())


def test_too_few_outcomes_block(workspace: Callable[..., Path]) -> None:
    result = check(workspace(", leak: true", leads=60))
    assert not result.ok
    assert any("a model needs at least 40" in problem.message for problem in result.problems)


def test_an_example_that_the_rules_contradict_blocks(workspace: Callable[..., Path]) -> None:
    result = check(workspace(", leak: true", employees=10))
    assert not result.ok
    messages = [problem.message for problem in result.problems]
    assert any("should be ready, the rules say not ready" in message for message in messages)


def test_a_definition_with_another_horizon_blocks(workspace: Callable[..., Path]) -> None:
    folder = workspace(", leak: true")
    (folder / "definition.yaml").write_text(DEFINITION % 90 + "horizon_days: 30\n")
    result = check(folder)
    assert not result.ok
    (problem,) = [problem for problem in result.problems if problem.kind == "contradiction"]
    assert "counts wins within 30 days" in problem.message
    assert problem.hint


@pytest.mark.parametrize("content", [None, DEFINITION.replace("employees,", "employes,") % 90])
def test_a_definition_missing_or_asking_for_the_unknown_could_not_be_checked(
    workspace: Callable[..., Path], content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace(", leak: true")
    (folder / "definition.yaml").unlink()
    if content:
        (folder / "definition.yaml").write_text(content)
    assert main(["check", "-w", str(folder)]) == ERROR
    printed = capsys.readouterr()
    assert "definition.yaml" in printed.err
    assert "hint: " in printed.err
    assert printed.out == ""


def test_the_text_begins_with_what_to_do(workspace: Callable[..., Path]) -> None:
    text = check_text(check(workspace()))
    assert text.splitlines()[0] == "small: not ready to train: answer for 1 suspect."
    assert text.index("paid") < text.index("Columns")
    assert "paid: {leak: true}" in text
    assert len(text.splitlines()) < 45
    assert max(map(len, text.splitlines())) <= 80
    ready = check_text(check(workspace(", leak: true"))).splitlines()
    assert ready[0] == "small: ready to train."
    steps = ready[ready.index("Next, most important first:") + 1 :]
    assert steps[0] == "  1. leadready train"
    waiting = text.split("Next, most important first:")[1]
    assert waiting.index("paid") < waiting.index("leadready check")


def test_the_exit_code_says_whether_the_workspace_is_ready(
    workspace: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-w", str(workspace())]) == FAILED
    assert capsys.readouterr().out.startswith("small: not ready to train")
    assert main(["check", "-w", str(workspace(", leak: true")), "--json"]) == SUCCESS
    printed = capsys.readouterr()
    assert json.loads(printed.out)["ok"] is True
    assert printed.err == "", "progress is for terminals"


EVENTS = """
events: [{file: events.csv, lead: id, time: at, kind: what%s}]
"""
WORKED = "  worked: {events: [%s], within_days: 14}\n"


@pytest.fixture
def with_events(workspace: Callable[..., Path]) -> Callable[..., Path]:
    """The workspace, with a call by sales a day after each lead came in."""

    def make(rename: str = "", worked: str = "call", **settings: int) -> Path:
        folder = workspace(", leak: true", **settings)
        leads = pd.read_csv(folder / "leads.csv", parse_dates=["came"])
        called = leads["came"] + pd.Timedelta(days=1)
        events = pd.DataFrame({"id": leads["id"], "at": called, "what": "Call"})
        pd.concat([events, events[:3]]).to_csv(folder / "events.csv", index=False)
        mapping = (folder / "leadready.yaml").read_text() + WORKED % worked + EVENTS % rename
        (folder / "leadready.yaml").write_text(mapping)
        return folder

    return make


def test_a_misspelt_kind_of_event_is_the_first_problem(with_events: Callable[..., Path]) -> None:
    """Its consequences, too few outcomes and an example that differs, come after it."""
    result = check(with_events(worked="cal", employees=10))
    problems = result.problems
    assert [problem.kind for problem in problems] == [
        "value never seen",
        "repeated events",
        "too few won",
        "too few not won",
        "example differs",
    ]
    assert "'cal'" in problems[0].message
    assert "first correct the names" in str(problems[2].hint)
    assert [problem.blocks for problem in problems] == [False, False, True, True, True]
    text = check_text(result)
    assert text.index("'cal'") < text.index("0 leads are known to be won")
    assert "fix 3 problems" in text.splitlines()[0]


def test_a_misspelt_kind_is_named_before_the_feature_that_it_removes(
    with_events: Callable[..., Path],
) -> None:
    folder = with_events(rename=", rename_kinds: {Cal: phone}", worked="Call")
    rules = DEFINITION.replace("employees, at", "phone_30d, at") % 90
    (folder / "definition.yaml").write_text(rules)
    with pytest.raises(LeadReadyError, match="'phone_30d'") as error:
        check(folder)
    message = str(error.value)
    assert message.index("'cal'") < message.index("'phone_30d'")


def test_a_workspace_with_events_is_ready(with_events: Callable[..., Path]) -> None:
    """Guards the tests above: without the misspelling nothing blocks."""
    result = check(with_events())
    assert result.ok
    assert [problem.kind for problem in result.problems] == ["repeated events"]


@pytest.mark.slow
def test_a_leak_among_many_columns_is_found_and_progress_is_told(tmp_path: Path) -> None:
    random, rows = np.random.default_rng(0), 6_000
    stage = random.choice(["won", "lost"], rows, p=[0.1, 0.9])
    days = pd.to_timedelta(random.integers(0, 700, rows), unit="D")
    came = (pd.Timestamp("2023-01-01") + days).strftime("%Y-%m-%d")
    columns = {"id": [f"l{number}" for number in range(rows)], "came": came, "stage": stage}
    for place in range(20):
        columns[f"c{place}"] = (
            random.choice(["a", "b", "c"], rows),
            random.lognormal(3, 1, rows).round(2),
            random.integers(0, 50, rows),
            [f"text {number}" for number in random.integers(0, 5_400, rows)],
            np.where(stage == "won", "yes", ""),
        )[place % 5]
    pd.DataFrame(columns).to_csv(tmp_path / "leads.csv", index=False)
    mapped = "".join(
        f"    c{place}: {{feature: c{place}, family: origin, type: category}}\n"
        for place in range(20)
    )
    (tmp_path / "leadready.yaml").write_text(
        "name: big\nleads:\n  file: leads.csv\n  id: id\n  created: came\n  columns:\n"
        f"{mapped}"
        "outcome: {won_when: {stage: [won]}, lost_when: {stage: {none_of: [won]}}}\n"
    )
    (tmp_path / "definition.yaml").write_text(
        "name: ready\nversion: 1\nready_when:\n  all:\n    - {id: one, feature: c0, one_of: [a]}\n"
    )
    messages: list[str] = []
    result = check(tmp_path, progress=messages.append)
    assert len(messages) > 5
    assert set(result.waiting) == {f"c{place}" for place in range(4, 20, 5)}
