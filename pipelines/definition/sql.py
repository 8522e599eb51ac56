"""``leadready definition sql``: the rules as one SELECT, for a warehouse with the features."""

from __future__ import annotations

from pathlib import Path

from features.progress import Progress
from model.definition.sql import definition_sql
from pipelines.snapshot import read_snapshot


def sql(
    folder: Path, path: Path | None = None, *, dialect: str, table: str, progress: Progress
) -> str:
    """Write the workspace's definition, or another, as SQL."""
    snapshot = read_snapshot(folder, progress)
    definition = snapshot.definition(path)
    kinds = {feature.name: feature.kind for feature in snapshot.catalogue}
    return definition_sql(definition, kinds, dialect=dialect, table=table)
