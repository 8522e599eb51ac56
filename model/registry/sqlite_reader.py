"""Reading the registered versions, with their aliases and tags.

In a workspace's own registry they are read straight from MLflow's database, which takes a few
milliseconds; importing MLflow alone takes more than a second, and scoring does without it. Where
the registry is elsewhere, or the database has another schema, MLflow's client is used.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError

BUSY_SECONDS = 60  # for which connections wait for each other
DELETED = "Deleted_Internal"  # MLflow's mark of a deleted version
LABEL_TAG = "label"

VERSIONS = """
    SELECT version, source, run_id, creation_time, description FROM model_versions
    WHERE name = ? AND workspace = 'default' AND current_stage <> ? ORDER BY version"""
TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ? AND workspace = 'default'"
ALIASES = """
    SELECT version, alias FROM registered_model_aliases
    WHERE name = ? AND workspace = 'default' ORDER BY alias"""


@dataclass(frozen=True)
class Version:
    """One registered version, as the registry describes it.

    Attributes
    ----------
    version : str
        Its number, counted from 1 by MLflow.
    source : str
        Address of its files.
    run_id : str
        The MLflow run that holds its evidence.
    created_ms : int
        When it was registered, in milliseconds since 1970 (UTC).
    aliases : tuple of str
        ``champion``, ``challenger``, ``previous`` or others that people gave it.
    tags : mapping
        Digests, training window and the result of the gate.
    """

    version: str
    source: str
    run_id: str
    created_ms: int
    description: str = ""
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What people call it: 3, or 3.1 where only the level of version 3 was moved.

        Examples
        --------
        >>> Version("4", "", "", 0).label, Version("5", "", "", 0, tags={"label": "4.1"}).label
        ('4', '4.1')
        """
        return self.tags.get(LABEL_TAG, self.version)


def read_versions(database: Path, model: str) -> list[Version]:
    """Read the versions from MLflow's tables, without writing.

    Raises
    ------
    LeadReadyError
        If the file is not a database.
    sqlite3.OperationalError
        If its tables are others than expected.
    """
    try:
        return _read_tables(database, model)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise LeadReadyError(
            f"the registry's database is damaged ({error})",
            where=str(database),
            hint="restore a copy of it, or move it away and run leadready train",
        ) from error


def _read_tables(database: Path, model: str) -> list[Version]:
    """Read versions, tags and aliases in one transaction."""
    mode = "mode=ro" if os.access(database.parent, os.W_OK) else "immutable=1"
    uri = f"{database.as_uri()}?{mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)) as reader:
        reader.execute("BEGIN")
        rows = reader.execute(VERSIONS, (model, DELETED)).fetchall()
        tags: dict[int, dict[str, str]] = {}
        for version, key, value in reader.execute(TAGS, (model,)):
            tags.setdefault(version, {})[key] = value
        aliases: dict[int, list[str]] = {}
        for version, alias in reader.execute(ALIASES, (model,)):
            aliases.setdefault(version, []).append(alias)
    return [
        Version(
            str(number),
            source,
            run_id,
            created,
            description or "",
            tuple(aliases.get(number, ())),
            tags.get(number, {}),
        )
        for number, source, run_id, created, description in rows
    ]


def fetch_versions(client: Any, model: str) -> list[Version]:
    """Fetch the versions with MLflow's client, page by page."""
    named = f"name = '{model}'"
    aliases: dict[str, list[str]] = {}
    for registered in client.search_registered_models(named):
        for alias, number in sorted(registered.aliases.items()):
            aliases.setdefault(str(number), []).append(alias)
    page = client.search_model_versions(named)
    fetched = list(page)
    while page.token:
        page = client.search_model_versions(named, page_token=page.token)
        fetched += page
    versions = [
        Version(
            str(version.version),
            version.source,
            version.run_id or "",
            version.creation_timestamp,
            version.description or "",
            tuple(aliases.get(str(version.version), ())),
            dict(version.tags),
        )
        for version in fetched
    ]
    return sorted(versions, key=lambda version: int(version.version))
