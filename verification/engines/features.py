"""The features that Python builds, the statement that engines run, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from features.families.build import build_features, feature_catalogue
from features.families.feature import Feature
from features.labels.moments import moments_at
from model.dialects import dialect_text
from pipelines.export.raw.open_leads import feature_tables, features_query
from pipelines.export.raw.statement import run_sql
from pipelines.export.raw.tables import raw_tables
from pipelines.snapshot import read_snapshot
from verification.engines.tables import AS_OF


def python_features(folder: Path) -> tuple[pd.DataFrame, list[Feature]]:
    """Build every feature of the open leads as the scoring job does."""
    snapshot = read_snapshot(folder)
    ws, tables = snapshot.workspace, snapshot.tables
    catalogue = feature_catalogue(ws, tables)
    return build_features(ws, tables, moments_at(ws, tables, AS_OF), catalogue)


def features_statement(folder: Path, features: Sequence[Feature], dialect: str) -> str:
    """Write the SELECT that gives these features from the raw tables."""
    snapshot = read_snapshot(folder)
    raw = raw_tables(snapshot.workspace)
    moment = run_sql(AS_OF, snapshot.extract_at)
    tables = feature_tables(snapshot.workspace, snapshot.tables, raw, features, moment)
    return dialect_text(features_query(tables), dialect)


def differences(found: pd.DataFrame, expected: pd.DataFrame) -> dict[str, int]:
    """Count the leads that differ, by feature; not a digit of a number may differ."""
    found = found.set_index("lead_id").reindex(expected["lead_id"]).reset_index()
    counts = {"open leads": abs(len(found.dropna(subset="as_of")) - len(expected))}
    for name in expected.columns.drop(["lead_id", "as_of"]):
        ours, theirs = found[name], expected[name]
        if theirs.dtype == "float64":
            ours = pd.to_numeric(ours).astype("float64")
        same = ours.eq(theirs) | (ours.isna() & theirs.isna())
        counts[name] = int((~same).sum())
    return {name: count for name, count in counts.items() if count}
