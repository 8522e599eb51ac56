"""``leadready definition sql``: the rules as one SELECT, for a warehouse with the features."""

from __future__ import annotations

from pathlib import Path

from features.families.build import feature_catalogue
from features.tables.read import read_tables
from features.workspace.read import read_workspace
from model.definition.read import read_definition
from model.definition.sql import as_sql
from pipelines.definition.data import Progress


def sql(
    folder: Path, path: Path | None = None, *, dialect: str, table: str, progress: Progress
) -> str:
    """Write the workspace's definition, or another, as SQL."""
    workspace = read_workspace(folder)
    features = feature_catalogue(workspace, read_tables(workspace, progress))
    definition = read_definition(path or workspace.folder / workspace.definition, features).content
    kinds = {one.name: one.kind for one in features}
    return as_sql(definition, kinds, dialect=dialect, table=table)
