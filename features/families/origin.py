"""Where the lead came from: source, campaign, landing page, and how long ago it came.

Where leads are judged again and again, those that still wait are the ones that were not won so far:
how long a lead has been open is then told as well.

Values stay as the company writes them, so that a definition can name them; rare ones are grouped
by the model that learns, from the rows that it learns from.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.families.feature import ORIGIN, Feature
from features.families.from_columns import declared, declared_values
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.workspace.read import Workspace

AGE = Feature(
    "days_since_created", "days since the lead came in", ORIGIN, "number", "days", "leads"
)
OPEN = Feature(
    "days_open", "days since it could first be judged", ORIGIN, "number", "days", "leads"
)


def catalogue(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the origin features; the lead's age only where the moment is not a fixed age."""
    found = declared(ws, ORIGIN) + ([AGE] if _age_differs(tables) else [])
    return found + ([OPEN] if ws.moment.every_days is not None else [])


def values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Work out origin features, a row for each moment."""
    found = declared_values(ws, tables, moments, features)
    leads = tables.leads.iloc[lead_rows(tables.leads, moments["lead_id"])]
    first = leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    since = {AGE: leads["created_at"], OPEN: first}
    for one, start in since.items():
        if any((asked.name, asked.source) == (one.name, one.source) for asked in features):
            found[one.name] = _days(moments["as_of"], start)
    return found


def _days(until: pd.Series, since: pd.Series) -> pd.Series:
    passed = until.reset_index(drop=True) - since.reset_index(drop=True)
    days: pd.Series = passed.dt.total_seconds() / 86_400.0
    return days.where(days >= 0)


def _age_differs(tables: Tables) -> bool:
    gap = tables.leads["moment_base_at"] - tables.leads["created_at"]
    return bool(gap.notna().any() and gap.dropna().nunique() > 1)
