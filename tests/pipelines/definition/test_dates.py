"""A rule about a day, from the mapping of a column to the registered model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from model.registry.registry import Registry
from pipelines.snapshot import read_snapshot

Run = Callable[..., Any]
COLUMN = "    Created At: {feature: came_in, family: origin, type: date, label: first enquiry}\n"
RULE = "{id: too-old, feature: came_in_on, before: 2025-06-01, asked_by: sales}"


@pytest.fixture
def dated(company: Path) -> Path:
    """A company whose second definition never hands over leads that came before a day."""
    mapping, agreed = company / "leadready.yaml", company / "definition.yaml"
    text = mapping.read_text(encoding="utf-8")
    before = "    Source:         {feature: source"
    assert before in text
    mapping.write_text(text.replace(before, COLUMN + before), encoding="utf-8")
    text = agreed.read_text(encoding="utf-8").partition("agreed:")[0].partition("examples:")
    rest = text[2][text[2].index("handoff:") :]
    changed = text[0].replace("never_when:\n", f"never_when:\n  - {RULE}\n") + rest
    agreed.write_text(changed.replace("version: 1", "version: 2"), encoding="utf-8")
    return company


def test_a_rule_about_a_day_is_checked_adopted_and_scored(dated: Path, run: Run) -> None:
    old = pd.to_datetime(pd.read_csv(dated / "crm" / "leads.csv")["Created At"]) < "2025-06-01"
    checked = run("definition", "check", "-w", dated, "--json").json
    (rule,) = [count for count in checked["criteria"] if count["id"] == "too-old"]
    assert rule["words"] == "day of first enquiry before 2025-06-01"
    snapshot = read_snapshot(dated)
    assert rule["passes"] == (snapshot.features["came_in_on"] < "2025-06-01").sum() > 100
    assert 0 < rule["passes"] < old.sum(), "some were never handed over"

    adopted = run("definition", "adopt", dated / "definition.yaml", "-w", dated, "--unsigned")
    assert adopted.code == 0, adopted.talk
    assert "served as evaluated" in adopted.data
    out = dated / "scores.csv"
    assert run("score", "-w", dated, "--unsigned", "--out", out).code == 0
    rows = pd.read_csv(out, dtype="str", keep_default_na=False)
    against = rows["failed_criteria"].str.contains("too-old")
    assert against.any()
    assert set(rows["rules_verdict"][against]) == {"never"}
    brief = run("explain", rows["lead_id"][against].iloc[0], "-w", dated).data
    text = " ".join(brief.split())
    assert "ruled out by: day of first enquiry before 2025-06-01 (too-old, requested by" in text


def test_sql_gives_the_same_verdicts_for_days(dated: Path, run: Run) -> None:
    snapshot = read_snapshot(dated)
    statement = run("definition", "sql", "-w", dated).data
    with duckdb.connect() as engine:
        engine.register("features", snapshot.features)
        by_sql = engine.sql(statement).df()["rules_verdict"].value_counts().to_dict()
    verdicts = run("definition", "check", "-w", dated, "--json").json["verdicts"]
    assert by_sql == {name: leads for name, leads in verdicts.items() if leads}


@pytest.mark.usefixtures("one_card")
def test_nothing_is_learned_from_a_day(dated: Path, run: Run) -> None:
    simulated = run("definition", "simulate", "-w", dated, "--json")
    assert simulated.code == 0, simulated.talk
    assert "came_in_on" not in {part["feature"] for part in simulated.json["slices"]}
    listed = run("check", "-w", dated).data
    assert "came_in, came_in_on°, source*" in listed
    assert "(* a category, ° a day; --json" in listed
    trained = run("train", "-w", dated)
    assert trained.code in (0, 1), trained.talk
    text = " ".join(trained.data.split())
    assert "until the definition is signed: sales has not signed; marketing has not signed" in text
    learnable = {feature.name for feature in read_snapshot(dated).learnable}
    assert "came_in" in learnable
    assert "came_in_on" not in learnable
    version = Registry.for_workspace(dated).load("2")
    assert "came_in_on" not in {line["name"] for line in version.scorecard["lines"]}
    catalogue = {feature["name"] for feature in version.catalogue}
    assert "came_in_on" in catalogue, "the rules ask for it"
