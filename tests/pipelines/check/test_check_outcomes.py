"""``leadready check`` on outcomes: what the horizon catches, and unmapped reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.check.check import check
from pipelines.check.check_text import check_text
from pipelines.cli.main import main

WORKSPACE = """
name: small
extract_at: 2025-01-01
leads: {file: leads.csv, id: id, created: came, columns: {size: {feature: employees, family: firmographic, type: number}}}
outcome: {won_when: {stage: [won]}, won_at: signed, reason: why%s}
"""
DEFINITION = "name: ready\nversion: 1\nready_when: [{id: big, feature: employees, at_least: 50}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """Three hundred leads a year ago: 100 won, one every day from day 1 to day 100."""

    def make(more: str = "") -> Path:
        came = pd.Timestamp("2024-01-01")
        signed = [came + pd.Timedelta(days=day) for day in range(1, 101)]
        why = ["Twice"] * 3 + ["Too small"] * 7 + ["X-17"] * 2 + ["Competitor"] * 5 + [""] * 183
        pd.DataFrame(
            {
                "id": [f"l{number}" for number in range(300)],
                "came": came,
                "size": np.random.default_rng(0).integers(1, 900, 300),
                "stage": ["won"] * 100 + ["lost"] * 200,
                "signed": [*signed, *[None] * 200],
                "why": [""] * 100 + why,
            }
        ).to_csv(tmp_path / "leads.csv", index=False)
        (tmp_path / "leadready.yaml").write_text(WORKSPACE % more)
        (tmp_path / "definition.yaml").write_text(DEFINITION)
        return tmp_path

    return make


@pytest.mark.parametrize(("horizon", "caught"), [(30, 0.3), (90, 0.9), (200, 1.0), (None, None)])
def test_the_share_of_wins_that_the_horizon_catches_is_reported(
    folder: Callable[[str], Path], horizon: int | None, caught: float | None
) -> None:
    result = check(folder(f", horizon_days: {horizon}" if horizon else ""))
    summary = json.loads(json.dumps(result.to_json()))["horizon"]
    assert summary["caught"] == (None if caught is None else pytest.approx(caught))
    assert (summary["horizon"], summary["suggested"], summary["wins"]) == (horizon, 90, 100)
    assert summary["share"] == pytest.approx(0.9)
    text = " ".join(check_text(result).split())
    assert ("90 days would catch 90%" in text) == (horizon in (None, 30))


def test_without_dates_of_wins_the_horizon_is_not_summarized(folder: Callable[[str], Path]) -> None:
    path = folder("") / "leadready.yaml"
    path.write_text(path.read_text().replace("won_at: signed, ", ""))
    result = check(path.parent)
    assert result.to_json()["horizon"] is None
    assert "too few wins have dates" in check_text(result)


def test_unmapped_reasons_are_listed_with_a_proposal(
    folder: Callable[[str], Path],
) -> None:
    result = check(folder(", horizon_days: 90, reasons: {duplicate: [Twice]}"))
    (found,) = [problem for problem in result.problems if problem.kind == "unmapped reasons"]
    assert (found.count, found.examples, found.blocks) == (9, ("Too small", "X-17"), False)
    assert "not the right size: [Too small], other: [X-17]" in str(found.hint)
    assert result.counts.unknown_because == {"duplicate": 3}
    every = ", reasons: {duplicate: [Twice], not the right size: [Too small], other: [X-17]}"
    assert "unmapped reasons" not in [problem.kind for problem in check(folder(every)).problems]


def test_the_reason_is_listed_as_an_outcome(
    folder: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "-w", str(folder("")), "--json"])
    columns = {column["name"]: column for column in json.loads(capsys.readouterr().out)["columns"]}
    assert columns["why"]["role"] == "outcome"


@pytest.mark.parametrize("opened", ["", ", open_when: {stage: [new]}"])
def test_leads_that_fit_no_state_are_asked_about(
    folder: Callable[[str], Path], opened: str
) -> None:
    problems = check(folder(opened)).problems
    (asked,) = [problem for problem in problems if problem.kind == "leads without a state"]
    assert (asked.count, asked.blocks) == (200, True)
    assert "200 leads of 300 fit no state and count as open: stage is lost (200)" in asked.message
    assert "{stage: [lost]}" in str(asked.hint)
    answered = check(folder(f"{opened}, lost_when: {{stage: [lost]}}"))
    assert "leads without a state" not in [problem.kind for problem in answered.problems]


def test_leads_without_an_outcome_for_a_named_reason_need_no_state(
    folder: Callable[[str], Path],
) -> None:
    rules = ", unknown_when: {gone: {stage: [lost]}}"
    kinds = [problem.kind for problem in check(folder(rules)).problems]
    assert "leads without a state" not in kinds
