"""The level's checks: short, with figures that fail, and as the document shows them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.training import level
from pipelines.snapshot import read_snapshot
from verification.level import (
    CALLS,
    INPUTS,
    LEFT_OUT,
    Figures,
    bank_checks,
    level_checks_text,
    simulated_checks,
    write_bank_workspace,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "verification.md"
FIXED = {"expected_wins_ratio": 0.45, "auc": 0.70, "log_loss": 0.67, "brier": 0.22}
KEPT = {"expected_wins_ratio": 0.97, "auc": 0.76, "log_loss": 0.53, "brier": 0.18}


def test_the_simulated_checks_pass_in_a_few_companies() -> None:
    checks = simulated_checks(20)
    assert all(check.passed for check in checks), level_checks_text(checks)


def test_without_a_spread_of_spreads_the_intervals_do_not_cover(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(level, "SPREAD", np.array([0.01]))
    monkeypatch.setattr(level, "MEMORY", np.array([1_000]))
    coverage, _ = simulated_checks(40)
    assert not coverage.passed


@pytest.mark.parametrize(
    ("kept", "failed"),
    [
        ({}, 0),
        ({"expected_wins_ratio": 1.2}, 1),
        ({"expected_wins_ratio": 0.8}, 1),
        ({"auc": 0.69}, 1),
        ({"log_loss": 0.68, "brier": 0.23}, 2),
    ],
)
def test_figures_of_the_bank_outside_the_limits_fail(kept: dict[str, float], failed: int) -> None:
    checks = bank_checks(Figures(FIXED, KEPT | kept, 16))
    assert sum(not check.passed for check in checks) == failed
    assert level_checks_text(checks).count("**NO**") == failed


def test_the_document_shows_every_check() -> None:
    text = DOCS.read_text(encoding="utf-8")
    shown = re.findall(r"^\| ((?:bank:|interval of a level|a level).*?) \|", text, re.M)
    checks = [*bank_checks(Figures(FIXED, KEPT, 16)), *simulated_checks(1)]
    assert shown == [check.name for check in checks]
    (section,) = [part for part in text.split("\n## ") if "| bank: " in part]
    assert "**NO**" not in section


def test_the_banks_workspace_has_the_twelve_inputs_in_order(tmp_path: Path) -> None:
    data = tmp_path / "bank_marketing"
    data.mkdir()
    inputs = [name for names in INPUTS.values() for name in names]
    columns = {name: ["1", "2", "3"] for name in (*inputs, *LEFT_OUT, "duration")}
    table = pd.DataFrame(columns | {"lead": list("abc"), "order": [1, 2, 3], "y": list("nny")})
    table["y"] = table["y"].map({"y": "yes", "n": "no"})
    table.to_parquet(data / "leads.parquet")
    snapshot = read_snapshot(write_bank_workspace(tmp_path, tmp_path))
    assert len(inputs) == 12
    assert sorted(feature.name for feature in snapshot.catalogue) == sorted(inputs)
    assert snapshot.labelled.rows["order"].to_list() == [1, 2, 3]
    assert snapshot.labelled.y.tolist() == [0, 0, 1]
    assert round(CALLS * snapshot.workspace.evaluation.test_share) == 8_239
