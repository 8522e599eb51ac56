"""Small companies made by hand: a workspace from a few lines of YAML, tables from a few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.kept_events.events import Events
from features.tables.read import Tables
from features.workspace.read import Workspace, read_workspace

Rows = Sequence[Mapping[str, Any]]
MINIMAL = """
name: small
extract_at: 2024-07-01
leads:
  file: leads.csv
  id: id
  created: created
"""
DATES = ("created_at", "moment_base_at", "closed_at", "won_at", "at", "machine_at")
LEADS = {  # the columns of each table, with the value where a row has none
    "lead_id": None,
    "account_id": None,
    "person_id": None,
    **dict.fromkeys(DATES[:4]),
    "order": np.nan,
}
EVENTS = {
    "person_id": None,
    "account_id": None,
    "at": None,
    "kind": None,
    "asset": None,
    "campaign": None,
    "value": np.nan,
    "by_sales": False,
    "machine_at": None,
}
STAGES = {"lead_id": None, "stage": None, "at": None, "reason": None, "amount": np.nan}


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    """Read a workspace from the text of its ``leadready.yaml``."""

    def read(more: str = "", base: str = MINIMAL) -> Workspace:
        folder: Path = tmp_path_factory.mktemp("workspace")
        (folder / "leadready.yaml").write_text(base + more, encoding="utf-8")
        for name in ("leads.csv", "events.csv", "stages.csv"):
            (folder / name).write_text("id\n", encoding="utf-8")
        return read_workspace(folder)

    return read


@pytest.fixture(scope="session")
def tables() -> Callable[..., Tables]:
    """Make tables from rows; keys that a row does not have are missing values."""

    def make(leads: Rows, events: Rows = (), stages: Rows = ()) -> Tables:
        leads_table = _frame(leads, LEADS)
        unnamed = leads_table["person_id"].isna()
        persons = "lead:" + leads_table["lead_id"][unnamed].astype(str)
        leads_table.loc[unnamed, "person_id"] = persons
        base = leads_table["moment_base_at"].fillna(leads_table["created_at"])
        leads_table["moment_base_at"] = base
        return Tables(leads_table, Events.of(_frame(events, EVENTS)), _frame(stages, STAGES), [])

    return make


def _frame(rows: Rows, blank: Mapping[str, Any]) -> pd.DataFrame:
    columns = list(dict.fromkeys([*blank, *(name for row in rows for name in row)]))
    frame = pd.DataFrame([{**blank, **row} for row in rows], columns=columns)
    for name in columns:
        if name in DATES:
            frame[name] = pd.to_datetime(frame[name], format="ISO8601").astype("datetime64[us]")
        elif name in ("order", "value", "amount"):
            frame[name] = frame[name].astype("float64")
        elif name == "by_sales":
            frame[name] = frame[name].astype(bool)
        else:
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame
