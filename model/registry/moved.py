"""A workspace that was moved or copied: its registry names the files in their new place.

MLflow keeps the address of every file from its root. Our own commands find the files beside the
database, but a program that only has MLflow follows the addresses.
"""

from __future__ import annotations

import contextlib
import sqlite3
from contextlib import closing
from pathlib import Path

ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
RECORDED = "SELECT artifact_location FROM experiments WHERE experiment_id = 0"
SECONDS = 2  # to wait for a process that writes


def correct_addresses(database: Path, artifacts: str) -> None:
    """Put the present place of the files into every address, in one step.

    A database that cannot be written stays as it is: our own commands do not need it.

    Parameters
    ----------
    artifacts : str
        The address of the folder with the files.

    Examples
    --------
    >>> correct_addresses(Path("/nowhere/mlflow.db"), "file:///nowhere/mlartifacts")
    """
    if not database.is_file():
        return
    with contextlib.suppress(sqlite3.Error):
        recorded = _recorded_place(database)
        if recorded not in (None, artifacts) and str(recorded).startswith("file:"):
            _replace_place(database, str(recorded), artifacts)


def _recorded_place(database: Path) -> str | None:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute(RECORDED).fetchone()
        return row[0] if row else None


def _replace_place(database: Path, recorded: str, present: str) -> None:
    end = len(recorded) + 1
    with closing(sqlite3.connect(database, timeout=SECONDS)) as connection, connection:
        for table, column in ADDRESSES:
            connection.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
                f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
                (present, end, recorded, end, f"{recorded}/"),
            )
