"""Reading what is registered: which versions there are, their aliases and their tags.

In a workspace's own registry this is one look into MLflow's database, in a few milliseconds, where
importing MLflow alone takes more than a second: whoever scores leads need not wait for it. Where
the registry is elsewhere, or its tables are not the ones known here, MLflow's own client answers.
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

BUSY_SECONDS = 60  # connections wait so long for each other
DELETED = "Deleted_Internal"  # how MLflow marks a version that was deleted

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
        Where its files are.
    run_id : str
        The MLflow run that holds its evidence.
    created_ms : int
        When it was registered, in milliseconds since 1970 (UTC).
    aliases : tuple of str
        ``champion``, ``challenger``, ``previous`` or others that people gave it.
    tags : mapping
        Digests, window and what the gate said.
    """

    version: str
    source: str
    run_id: str
    created_ms: int
    description: str = ""
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def look_up(database: Path, model: str) -> list[Version]:
    """Read the versions, unless the file is not a database at all."""
    try:
        return _read(database, model)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise LeadReadyError(
            f"the registry's database is damaged ({error})",
            where=str(database),
            hint="put back a copy of it, or move it away and leadready train",
        ) from error


def _read(database: Path, model: str) -> list[Version]:
    """Read the versions from MLflow's own tables, in one moment, writing nothing."""
    how = "mode=ro" if os.access(database.parent, os.W_OK) else "immutable=1"
    uri = f"{database.as_uri()}?{how}"
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


def ask(client: Any, model: str) -> list[Version]:
    """Ask MLflow's client for the versions, page by page."""
    named = f"name = '{model}'"
    aliases: dict[str, list[str]] = {}
    for registered in client.search_registered_models(named):
        for alias, number in sorted(registered.aliases.items()):
            aliases.setdefault(str(number), []).append(alias)
    page = client.search_model_versions(named)
    found = list(page)
    while page.token:
        page = client.search_model_versions(named, page_token=page.token)
        found += page
    versions = [
        Version(
            str(one.version),
            one.source,
            one.run_id or "",
            one.creation_timestamp,
            one.description or "",
            tuple(aliases.get(str(one.version), ())),
            dict(one.tags),
        )
        for one in found
    ]
    return sorted(versions, key=lambda one: int(one.version))
