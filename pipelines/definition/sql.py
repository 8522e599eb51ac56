"""``leadready definition sql``: the rules as one SELECT, for a warehouse with the features."""

from __future__ import annotations

from pathlib import Path

from features.progress import Progress, no_progress
from model.definition.sql import definition_sql
from pipelines.snapshot import read_snapshot


def sql(
    folder: Path,
    path: Path | None = None,
    *,
    dialect: str,
    table: str,
    progress: Progress = no_progress,
) -> str:
    """Write the definition in use, or another, as SQL.

    Parameters
    ----------
    folder : path
        The workspace.
    path : path, optional
        Another definition than the one in use.
    dialect : str
        One of ``model.dialects.DIALECTS``.
    table : str
        The table of features.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        If the definition is not valid, or the dialect is unknown.
    """
    snapshot = read_snapshot(folder, progress)
    definition = snapshot.definition(path)
    kinds = {feature.name: feature.kind for feature in snapshot.catalogue}
    return definition_sql(definition, kinds, dialect=dialect, table=table)
