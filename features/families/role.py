"""The features of a person's role: as mapped, and as the job title says."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from features.families.feature import ROLE, Feature
from features.families.from_columns import (
    column_features,
    column_values,
    mapped_columns,
    raw_texts,
)
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables
from features.vocabulary.job_titles import read_titles
from features.workspace.read import Workspace

FROM_TITLE = "title: "


def role_features(ws: Workspace, tables: Tables) -> list[Feature]:
    """List the role features; a column of titles gives seniority and job function."""
    features = column_features(ws, tables, ROLE)
    titles = [column for column in mapped_columns(ws, ROLE) if column.type == "title"]
    for place, column in enumerate(titles):
        prefix = "" if place == 0 else f"{column.feature}_"
        source = FROM_TITLE + column.name
        features += [
            Feature(f"{prefix}seniority", "seniority", ROLE, "category", None, source),
            Feature(f"{prefix}job_function", "job function", ROLE, "category", None, source),
        ]
    return features


def role_values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Compute role features, one row for each moment."""
    values = column_values(ws, tables, moments, features)
    rows = lead_rows(tables.leads, moments["lead_id"])
    for column in mapped_columns(ws, ROLE):
        if column.type != "title":
            continue
        of_title = [feature for feature in features if feature.source == FROM_TITLE + column.name]
        if of_title:
            parts = read_titles(raw_texts(tables, rows, column.name, moments["as_of"]))
            for feature in of_title:
                part = "seniority" if feature.name.endswith("seniority") else "job_function"
                values[feature.name] = parts[part]
    return values
