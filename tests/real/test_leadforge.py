"""Another author's company (``leadforge``), judged 30 days after each lead was created.

Its export has the whole history of every lead: rows after the moment, and columns that reveal the
outcome. None of them may become a feature. All its leads came within one month, so there are no
later leads to test a model on, and the training must warn of that.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import LeadReadyError
from features.families.build import build_features
from features.labels.moments import build_moments
from features.tables.read import read_tables
from features.workspace.read import read_workspace
from model.registry.registry import Registry
from model.training.splits import ONE_HORIZON
from pipelines.check.check import check
from pipelines.init.init import init
from pipelines.snapshot import read_snapshot
from pipelines.train.train import train
from pipelines.train.training_text import training_text

DAYS, LEADS = 30, 2000
LEAKS = {"current_stage", "is_sql", "conversion_timestamp"}
EVENTS = {"touches": "touch_timestamp", "sessions": "session_timestamp"}
ANSWER = "conversion_timestamp: {ignore: outcome}"
DEFINITION = """
name: sales-ready lead
version: 1
horizon_days: 60
ready_when:
  all:
    - {id: came-to-us, feature: source, one_of: [inbound_marketing, partner_referral]}
    - {id: active, feature: activity_30d, at_least: 3}
"""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its whole relational export."""
    if find_spec("leadforge") is None:
        pytest.skip("leadforge 1.0.0 is not installed: pip install '.[dev]'")
    folder = tmp_path_factory.mktemp("leadforge") / "export"
    subprocess.run(
        [
            Path(sys.executable).with_name("leadforge"),
            "generate",
            "--recipe",
            "b2b_saas_procurement_v1",
            "--seed",
            "42",
            "--mode",
            "research_instructor",
            "--n-leads",
            str(LEADS),
            "--n-accounts",
            "900",
            "--n-contacts",
            "1900",
            "--out",
            folder,
        ],
        check=True,
        capture_output=True,
    )
    return folder / "tables"


@pytest.fixture(scope="module")
def drafted(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``init`` drafts from the files and the outcome."""
    folder = tmp_path_factory.mktemp("drafted")
    init(
        folder,
        export / "leads.parquet",
        [export / f"{name}.parquet" for name in EVENTS],
        "converted_within_90_days=True",
        force=True,
    )
    return folder


@pytest.fixture(scope="module")
def workspace(drafted: Path) -> Path:
    """The same, with the moment, the outcome and the definition that the team agreed on."""
    path = drafted / "leadready.yaml"
    text = path.read_text(encoding="utf-8")
    head = re.split(r"(?m)^(?:moment|outcome):", text, maxsplit=1)[0]
    head = re.sub(r"(?m)^extract_at:.*\n", "", head)
    assert "  won_at: conversion_timestamp" in text, "found, since only won leads have it"
    head = head.replace("\n  columns:\n", f"\n  columns:\n    {ANSWER}\n")
    path.write_text(
        head + "extract_at: 2024-05-01\n"
        f"moment: {{column: lead_created_at, plus_days: {DAYS}, closed: conversion_timestamp}}\n"
        "outcome:\n  won_when: {converted_within_90_days: ['true']}\n"
        "  lost_when: {converted_within_90_days: ['false']}\n"
        "  won_at: conversion_timestamp\n  horizon_days: 60\n",
        encoding="utf-8",
    )
    (drafted / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    return drafted


@pytest.fixture(scope="module")
def answer(workspace: Path) -> dict[str, Any]:
    return train(workspace, progress=lambda words: None)


def test_the_date_of_the_win_cannot_be_a_feature(workspace: Path, tmp_path: Path) -> None:
    """Whoever maps the date on which leads were won to a feature is told why it cannot be one."""
    text = (workspace / "leadready.yaml").read_text(encoding="utf-8")
    drafted = "conversion_timestamp: {feature: end, family: engagement, type: date}"
    (tmp_path / "leadready.yaml").write_text(text.replace(ANSWER, drafted), encoding="utf-8")
    with pytest.raises(
        LeadReadyError, match="on which the lead was closed, so it cannot be a feature"
    ):
        read_workspace(tmp_path)


def test_init_and_check_separate_the_leaks_from_the_rest(workspace: Path) -> None:
    text = (workspace / "leadready.yaml").read_text(encoding="utf-8")
    assert text.index("SUSPECTED LEAKS") < text.index("    is_sql: {feature: is_sql")
    columns = {column.name: column for column in check(workspace).columns}
    assert columns["is_sql"].reasons[0] == "the team's answer: a leak, so left out"
    for name in (*LEAKS, "converted_within_90_days"):
        assert columns[name].role != "feature"
    assert columns["lead_source"].role == "feature"


def test_no_registered_feature_comes_from_a_leak(workspace: Path, answer: dict[str, Any]) -> None:
    loaded = Registry.for_workspace(workspace).load(answer["model_version"])
    learnable = read_snapshot(workspace).learnable
    sources = [feature.source for feature in learnable]
    names = [feature.name for feature in learnable]
    assert {line["name"] for line in loaded.scorecard["lines"]} <= set(names)
    assert {feature["name"] for feature in loaded.catalogue} <= set(names)
    assert len(names) > 5
    assert "source" in names
    for leak in (*LEAKS, "converted_within_90_days"):
        assert not [text for text in (*sources, *names) if leak in text]
    assert {suspect["column"] for suspect in answer["suspects"]} <= LEAKS
    no_leaks = next(check for check in answer["gate"] if check["name"] == "no suspected leaks")
    assert no_leaks["passed"], "init has answered for every suspect"


def test_rows_after_the_moment_change_no_feature(workspace: Path, export: Path) -> None:
    """Features of the whole export equal those of an export that ends at each lead's moment.

    Only people with one lead are compared: what others did after one moment is known at the next.
    """
    ws = read_workspace(workspace)
    whole = read_tables(ws)
    judged, left_out = build_moments(ws, whole)
    created = pd.read_parquet(export / "leads.parquet").set_index("lead_id")["lead_created_at"]
    moment = pd.to_datetime(created) + pd.Timedelta(days=DAYS)
    as_of = judged.set_index("lead_id")["as_of"]
    assert (as_of == moment.reindex(as_of.index)).all()
    assert len(judged) + sum(left_out.values()) == LEADS
    cut, dropped = [], 0
    for name, time in EVENTS.items():
        table = pd.read_parquet(export / f"{name}.parquet")
        before = pd.to_datetime(table[time]) < table["lead_id"].map(moment)
        cut.append(table[before])
        dropped += int((~before).sum())
    assert dropped > 5000, "much of the export is after the moment"
    cut_tables = read_tables(ws, events=cut)
    table, catalogue = build_features(ws, whole, judged)
    alone = (~judged["person_id"].duplicated(keep=False)).to_numpy()
    own = [feature.name for feature in catalogue if not feature.name.startswith("account_others")]
    assert alone.sum() > 500
    found = build_features(ws, cut_tables, judged, catalogue)[0]
    pd.testing.assert_frame_equal(found.loc[alone, own], table.loc[alone, own])
    assert table["activity_30d"].sum() > 5000, "and much of it before"


def test_leads_of_one_month_are_split_at_random_with_a_warning(
    workspace: Path, answer: dict[str, Any]
) -> None:
    assert answer["split"]["how"] == "at random"
    assert ONE_HORIZON in answer["warnings"]
    assert f"warning: {ONE_HORIZON}" in " ".join(training_text(answer).split())
    from pipelines.report.report import report

    assert ONE_HORIZON in report(workspace).read_text(encoding="utf-8")
    assert answer["n_train"] > answer["n_test"] > 300
    assert "already decided at the moment" in answer["excluded"] or (
        "closed before the moment" in answer["excluded"]
    )
