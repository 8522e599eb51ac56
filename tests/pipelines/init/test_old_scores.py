"""``init`` names old scores, and uses the history of a field that is rewritten at closing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from features.tables.read import Tables, read_tables
from features.workspace.read import Workspace, read_workspace
from pipelines.init.init import init

N = 400
NUMBERS = range(N)
WON = [number % 4 == 0 for number in NUMBERS]
RATING = ["hot" if number % 3 else "cold" for number in NUMBERS]
LAST = ["Won over" if won else "Given up" for won in WON]
CREATED = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-01-01", periods=N)]
CLOSED = [f"{day:%Y-%m-%d}" for day in pd.date_range("2024-02-01", periods=N)]
LEADS = {
    "Id": [f"00Q{number:06}" for number in NUMBERS],
    "Created Date": CREATED,
    "Stage": ["Closed Won" if won else "Closed Lost" for won in WON],
    "Temper": LAST,
    "Lead Score": [
        str(90 if won else number % 80) for number, won in zip(NUMBERS, WON, strict=True)
    ],
    "Lead Grade": [list("BACD")[number % 4] for number in NUMBERS],
}
LONG = {
    "LeadId": LEADS["Id"],
    "Field": ["Temper"] * N,
    "OldValue": RATING,
    "NewValue": LAST,
    "CreatedDate": CLOSED,
}
VERSIONS = {
    "Id": LEADS["Id"] * 2,
    "dbt_valid_from": CREATED + CLOSED,
    "dbt_valid_to": [*CLOSED, *([None] * N)],
    "Temper": RATING + LAST,
}


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Workspace, Tables]]:
    """The workspaces that ``init`` writes without a history, and with either kind."""
    made = {}
    for name, history in {"none": None, "changes": LONG, "versions": VERSIONS}.items():
        folder = tmp_path_factory.mktemp(name)
        pd.DataFrame(LEADS).to_csv(folder / "leads.csv", index=False)
        file = folder / "lead_history.csv"
        if history is not None:
            pd.DataFrame(history).to_csv(file, index=False)
        init(folder / "ws", folder / "leads.csv", other_files=[file] if history else [])
        ws = read_workspace(folder / "ws")
        made[name] = ws, read_tables(ws)
    return made


def test_scores_are_named_and_are_no_features(drafts: Any) -> None:
    ws, _ = drafts["none"]
    score, grade = ws.old_scores
    assert (score.column, score.best) == ("Lead Score", "high")
    assert (grade.column, grade.best_first) == ("Lead Grade", ("A", "B", "C", "D"))
    assert not {column.name for column in ws.leads.columns} & {"Lead Score", "Lead Grade"}


def test_histories_are_recognised(drafts: Any) -> None:
    changes, versions = drafts["changes"][0].field_history, drafts["versions"][0].field_history
    assert (changes.column, changes.old, changes.new) == ("Field", "OldValue", "NewValue")
    assert (versions.column, versions.until) == (None, "dbt_valid_to")
    assert [list(drafts[name][1].value_histories) for name in ("changes", "versions")] == [
        ["Temper"],
        ["Temper"],
    ]


def test_a_field_rewritten_at_closing_is_a_feature_with_its_history(drafts: Any) -> None:
    leaks = {
        name: next(column.leak for column in ws.leads.columns if column.name == "Temper")
        for name, (ws, _) in drafts.items()
    }
    assert leaks == {"none": True, "changes": False, "versions": False}
