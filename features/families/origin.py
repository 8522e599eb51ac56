"""Where the lead came from: source, campaign, landing page, and how long ago it came in.

In a panel, the leads that are still waiting are the ones that were not won so far. There the time
since a lead could first be judged is a feature too.

Values stay as the company writes them, so that a definition can name them. The model that learns
from them groups rare ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.families.feature import ORIGIN, Feature
from features.families.from_columns import column_features, column_values
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.workspace.read import Workspace

AGE = Feature(
    "days_since_created", "days since the lead came in", ORIGIN, "number", "days", "leads"
)
OPEN = Feature(
    "days_open", "days since the lead could first be judged", ORIGIN, "number", "days", "leads"
)


def origin_features(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the origin features; the lead's age only if leads are judged at different ages."""
    features = column_features(ws, tables, ORIGIN) + ([AGE] if _age_differs(tables) else [])
    return features + ([OPEN] if ws.moment.every_days is not None else [])


def origin_values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Compute origin features, one row for each moment."""
    values = column_values(ws, tables, moments, features)
    dates = tables.leads[["created_at", "moment_base_at"]]
    leads = dates.iloc[lead_rows(tables.leads, moments["lead_id"])]
    first_moment = leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    names = {(feature.name, feature.source) for feature in features}
    for feature, start in {AGE: leads["created_at"], OPEN: first_moment}.items():
        if (feature.name, feature.source) in names:
            values[feature.name] = _days_between(start, moments["as_of"])
    return values


def _days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    passed = end.reset_index(drop=True) - start.reset_index(drop=True)
    days: pd.Series = passed.dt.total_seconds() / 86_400.0
    return days.where(days >= 0)


def _age_differs(tables: Tables) -> bool:
    age = tables.leads["moment_base_at"] - tables.leads["created_at"]
    return bool(age.notna().any() and age.dropna().nunique() > 1)
