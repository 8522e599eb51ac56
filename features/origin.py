"""Where the lead came from: source, campaign, landing page, and how long ago it came.

Values stay as the company writes them, so that a definition can name them; rare ones are grouped
by the model that learns, from the rows that it learns from.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.declared import declared, declared_values, rows_of
from features.feature import ORIGIN, Feature
from features.tables import Tables
from features.workspace import Workspace

AGE = Feature(
    "days_since_created", "days since the lead came in", ORIGIN, "number", "days", "leads"
)


def catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the origin features; the lead's age only where the moment is not a fixed age."""
    return declared(ws, ORIGIN) + ([AGE] if _age_differs(tables) else [])


def values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Work out origin features, a row for each moment."""
    found = declared_values(ws, tables, moments, features)
    if any(one.name == AGE.name and one.source == AGE.source for one in features):
        rows = rows_of(tables.leads, moments["lead_id"])
        created = tables.leads["created_at"].iloc[rows].reset_index(drop=True)
        age = (moments["as_of"].reset_index(drop=True) - created).dt.total_seconds() / 86_400.0
        found[AGE.name] = age.where(age >= 0)
    return found


def _age_differs(tables: Tables) -> bool:
    gap = tables.leads["moment_base_at"] - tables.leads["created_at"]
    return bool(gap.notna().any() and gap.dropna().nunique() > 1)
