"""Small companies by hand: a workspace from a few lines of YAML, tables from a few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

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
DATES = ("created_at", "moment_base_at", "closed_at", "won_at", "at")


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
    """Put tables together from rows; what a row does not say is missing."""

    def make(leads: Rows, events: Rows = (), stages: Rows = ()) -> Tables:
        of_leads = _frame(
            leads,
            {
                "lead_id": None,
                "account_id": None,
                "person_id": None,
                **dict.fromkeys(DATES[:4]),
                "order": np.nan,
            },
        )
        unnamed = of_leads["person_id"].isna()
        of_leads.loc[unnamed, "person_id"] = "lead:" + of_leads["lead_id"][unnamed].astype(str)
        base = of_leads["moment_base_at"].fillna(of_leads["created_at"])
        of_leads["moment_base_at"] = base
        blank = {"person_id": None, "account_id": None, "at": None, "kind": None, "asset": None}
        of_events = _frame(events, {**blank, "campaign": None, "value": np.nan, "by_sales": False})
        of_stages = _frame(
            stages, {"lead_id": None, "stage": None, "at": None, "reason": None, "amount": np.nan}
        )
        return Tables(of_leads, of_events, of_stages, [])

    return make


def _frame(rows: Rows, blank: Mapping[str, Any]) -> pd.DataFrame:
    found = pd.DataFrame([{**blank, **row} for row in rows], columns=_columns(rows, blank))
    for name in found.columns:
        if name in DATES:
            found[name] = pd.to_datetime(found[name], format="ISO8601").astype("datetime64[us]")
        elif name in ("order", "value", "amount"):
            found[name] = found[name].astype("float64")
        elif name == "by_sales":
            found[name] = found[name].astype(bool)
        else:
            found[name] = found[name].astype(object).where(found[name].notna(), None)
    return found


def _columns(rows: Rows, blank: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*blank, *(name for row in rows for name in row)]))
