"""``leadready definition simulate``: what it prints, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines.definition.past_leads import past_leads
from pipelines.snapshot import read_snapshot


def test_simulate_describes_the_definition_in_use(run: Any, trained: Path) -> None:
    printed = run("definition", "simulate", "-w", trained)
    assert printed.code == 0
    for label in (
        "Win rate of ready leads",
        "Missed wins (won, but not ready)",
        "unworked leads counted as lost–won",
        "By month:",
    ):
        assert label in printed.data
    assert max(map(len, printed.data.splitlines())) <= 80
    answer = run("definition", "simulate", "-w", trained, "--json").json
    assert sum(answer["current"]["verdicts"].values()) == answer["current"]["leads"]
    assert answer["new"] is answer["change"] is None
    assert all(len(month["ready"]) == 1 for month in answer["months"])


def test_a_stricter_definition_makes_no_lead_ready(
    run: Any, company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    monkeypatch.chdir(company)
    new = Path("new.yaml")
    new.write_text(text.replace("at_least: 50,", "at_least: 200,"), encoding="utf-8")
    answer = run("definition", "simulate", new, "-w", company, "--json").json
    assert answer["change"]["newly_ready"]["win_rate"]["leads"] == 0
    assert answer["change"]["no_longer_ready"]["win_rate"]["leads"] > 0
    missed, missed_now = (answer[side]["missed_wins"] for side in ("new", "current"))
    assert missed["leads"] > missed_now["leads"]
    assert set(missed_now["ids"]) <= set(missed["ids"])
    printed = run("definition", "simulate", new, "-w", company).data
    assert "Newly ready: no leads" in printed
    assert "By month (now → changed):" in printed
    assert max(map(len, printed.splitlines())) <= 80


def test_a_definition_with_another_horizon_cannot_be_compared(
    run: Any, company: Path, tmp_path: Path
) -> None:
    text = (company / "definition.yaml").read_text(encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(text.replace("horizon_days: 120", "horizon_days: 60"), encoding="utf-8")
    refused = run("definition", "simulate", new, "-w", company)
    assert refused.code == 2
    assert "the definition counts wins within 60 days, the workspace within 120" in refused.talk


def test_reasons_are_those_that_the_workspace_maps(company: Path) -> None:
    workspace = company / "leadready.yaml"
    text = workspace.read_text(encoding="utf-8")
    mapped = text.replace("  reasons:", "  reasons:\n    competitor: [Not interested]\n    #", 1)
    before = past_leads(read_snapshot(company)).rejection_reason
    workspace.write_text(mapped, encoding="utf-8")
    after = past_leads(read_snapshot(company)).rejection_reason
    workspace.write_text(text, encoding="utf-8")
    assert (before == "not interested").any()
    assert not (after == "not interested").any()
    assert (after == "competitor").sum() == np.isin(before, ["competitor", "not interested"]).sum()
