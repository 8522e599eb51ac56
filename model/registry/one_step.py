"""Moving a model's aliases and the tags of its versions in one step: all of them, or none.

MLflow writes each alias in a transaction of its own, so a process that is killed in between leaves
a registry without the way back. In a workspace's own registry everything is written in one
transaction of its database. A registry elsewhere gets the same changes one by one: tags first, then
``previous``, then ``champion``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.registry.sqlite_reader import BUSY_SECONDS

Tags = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True)
class Change:
    """What is to be written.

    Attributes
    ----------
    aliases : mapping
        Each alias and the version that it moves to; None removes it. In the order in which a
        registry elsewhere gets them.
    tags : mapping
        New values of tags, by version; None removes a tag.
    """

    aliases: Mapping[str, str | None]
    tags: Tags = field(default_factory=dict)


def write_to_database(database: Path, model: str, change: Change) -> None:
    """Write a change in one transaction of MLflow's database.

    Raises
    ------
    sqlite3.OperationalError
        If its tables are others than expected.
    """
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        for version, tags in change.tags.items():
            for key, value in tags.items():
                _write_tag(writer, model, version, key, value)
        for alias, holder in change.aliases.items():
            _write_alias(writer, model, alias, holder)
        writer.execute("COMMIT")


def _write_tag(writer: Any, model: str, version: str, key: str, value: str | None) -> None:
    which = (key, model, int(version))
    writer.execute(
        "DELETE FROM model_version_tags "
        "WHERE key = ? AND name = ? AND version = ? AND workspace = 'default'",
        which,
    )
    if value is not None:
        writer.execute(
            "INSERT INTO model_version_tags (key, name, version, value, workspace) "
            "VALUES (?, ?, ?, ?, 'default')",
            (*which, value),
        )


def _write_alias(writer: Any, model: str, alias: str, version: str | None) -> None:
    writer.execute(
        "DELETE FROM registered_model_aliases "
        "WHERE alias = ? AND name = ? AND workspace = 'default'",
        (alias, model),
    )
    if version is not None:
        writer.execute(
            "INSERT INTO registered_model_aliases (alias, name, version, workspace) "
            "VALUES (?, ?, ?, 'default')",
            (alias, model, int(version)),
        )


def write_with_client(client: Any, model: str, change: Change) -> None:
    """Write a change with MLflow's client, one part after the other."""
    for version, tags in change.tags.items():
        before = client.get_model_version(model, version).tags
        for key, value in tags.items():
            if value is not None:
                client.set_model_version_tag(model, version, key, value)
            elif key in before:
                client.delete_model_version_tag(model, version, key)
    for alias, holder in change.aliases.items():
        if holder is not None:
            client.set_registered_model_alias(model, alias, holder)
        else:
            client.delete_registered_model_alias(model, alias)
