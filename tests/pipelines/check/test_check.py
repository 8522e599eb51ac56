"""``leadready check``: every column is listed with its role, and what stands in the way is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.check.check import check
from pipelines.check.check_text import check_text
from pipelines.cli.command import ERROR, FAILED, SUCCESS
from pipelines.cli.main import main

LEADS = 600
ROLES = {"id", "date", "outcome", "feature", "personal", "constant", "leak suspect", "ignored"}
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
  column: stage
  won: [won]
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
                "id": [f"l{one}" for one in range(leads)],
                "came": came.strftime("%Y-%m-%d"),
                "size": random.integers(1, 900, leads),
                "source": random.choice(["web", "fair"], leads),
                "paid": np.where(stage == "won", "yes", ""),
                "mail": [f"p{one}@example.com" for one in range(leads)],
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
    return {one["name"]: one["role"] for one in check(folder).to_json()["columns"]}


def test_every_column_has_one_role_and_evidence(workspace: Callable[..., Path]) -> None:
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
    assert all(one["role"] in ROLES and one["evidence"] for one in answer["columns"])
    assert {one["table"] for one in answer["columns"]} == {"leads"}
    families = {one["name"]: one["family"] for one in answer["columns"]}
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


def test_a_suspect_that_is_no_feature_is_told_but_does_no_harm(
    workspace: Callable[..., Path],
) -> None:
    result = check(workspace(", leak: true"))
    assert [one.column for one in result.suspects] == ["signed on"]
    assert result.ok
    assert "no harm done" in check_text(result)


def test_counts(workspace: Callable[..., Path]) -> None:
    folder = workspace()
    stage = pd.read_csv(folder / "leads.csv")["stage"].value_counts()
    counts = check(folder).to_json()["counts"]
    assert (counts["leads"], counts["events"], counts["stages"]) == (LEADS, 0, 0)
    assert (counts["won"], counts["not won"]) == (stage["won"], stage["lost"])
    assert counts["unknown because"] == {"still open": stage["talks"]}


def test_personal_data_as_a_feature_blocks(workspace: Callable[..., Path]) -> None:
    folder = workspace(", leak: true", mail="feature: mail, family: origin, type: category")
    result = check(folder)
    assert not result.ok
    (problem,) = [one for one in result.problems if one.blocks]
    assert "looks like e-mail addresses" in problem.words
    assert "ignore: personal" in str(problem.hint)
    assert "example.com" not in json.dumps(result.to_json())


def test_too_few_outcomes_block(workspace: Callable[..., Path]) -> None:
    result = check(workspace(", leak: true", leads=60))
    assert not result.ok
    assert any("a model needs 40 or more" in one.words for one in result.problems)


def test_an_example_that_the_rules_contradict_blocks(workspace: Callable[..., Path]) -> None:
    result = check(workspace(", leak: true", employees=10))
    assert not result.ok
    assert any("should be ready, the rules say not ready" in one.words for one in result.problems)


def test_a_definition_with_another_horizon_blocks(workspace: Callable[..., Path]) -> None:
    folder = workspace(", leak: true")
    (folder / "definition.yaml").write_text(DEFINITION % 90 + "horizon_days: 30\n")
    result = check(folder)
    assert not result.ok
    assert any("counts wins within 30 days" in one.words and one.hint for one in result.problems)


@pytest.mark.parametrize("content", [None, DEFINITION.replace("employees,", "employes,") % 90])
def test_a_definition_missing_or_asking_for_the_unknown_could_not_be_checked(
    workspace: Callable[..., Path], content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = workspace(", leak: true")
    (folder / "definition.yaml").unlink()
    if content:
        (folder / "definition.yaml").write_text(content)
    assert main(["check", "-w", str(folder)]) == ERROR
    said = capsys.readouterr()
    assert "definition.yaml" in said.err
    assert "hint: " in said.err
    assert said.out == ""


def test_the_text_says_first_what_matters(workspace: Callable[..., Path]) -> None:
    text = check_text(check(workspace()))
    assert text.splitlines()[0] == "small: not ready to train: 1 suspected column to answer for."
    assert text.index("paid") < text.index("Columns")
    assert "paid: {leak: true}" in text
    assert len(text.splitlines()) < 40
    ready = check_text(check(workspace(", leak: true"))).splitlines()
    assert ready[:2] == ["small: ready to train.", "next: leadready train"]


def test_the_command_answers_by_its_exit_code(
    workspace: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-w", str(workspace())]) == FAILED
    assert capsys.readouterr().out.startswith("small: not ready to train")
    assert main(["check", "-w", str(workspace(", leak: true")), "--json"]) == SUCCESS
    said = capsys.readouterr()
    assert json.loads(said.out)["ok"] is True
    assert said.err == "", "progress is for terminals"


@pytest.mark.slow
def test_a_hundred_thousand_leads_are_checked_with_progress(tmp_path: Path) -> None:
    random, rows = np.random.default_rng(0), 100_000
    stage = random.choice(["won", "lost"], rows, p=[0.1, 0.9])
    days = pd.to_timedelta(random.integers(0, 700, rows), unit="D")
    came = (pd.Timestamp("2023-01-01") + days).strftime("%Y-%m-%d")
    columns = {"id": [f"l{one}" for one in range(rows)], "came": came, "stage": stage}
    for one in range(57):
        columns[f"c{one}"] = (
            random.choice(["a", "b", "c"], rows),
            random.lognormal(3, 1, rows).round(2),
            random.integers(0, 50, rows),
            [f"text {number}" for number in random.integers(0, 90_000, rows)],
            np.where(stage == "won", "yes", ""),
        )[one % 5]
    pd.DataFrame(columns).to_csv(tmp_path / "leads.csv", index=False)
    mapped = "".join(
        f"    c{one}: {{feature: c{one}, family: origin, type: category}}\n" for one in range(57)
    )
    (tmp_path / "leadready.yaml").write_text(
        "name: big\nleads:\n  file: leads.csv\n  id: id\n  created: came\n  columns:\n"
        f"{mapped}outcome:\n  column: stage\n  won: [won]\n"
    )
    (tmp_path / "definition.yaml").write_text(
        "name: ready\nversion: 1\nready_when:\n  all:\n    - {id: one, feature: c0, one_of: [a]}\n"
    )
    said: list[str] = []
    result = check(tmp_path, progress=said.append)
    assert len(said) > 5
    assert set(result.waiting) == {f"c{one}" for one in range(4, 57, 5)}
