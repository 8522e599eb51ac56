"""Models: which versions are registered, which one scores, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import pandas as pd

from features import text
from features.errors import LeadReadyError
from model.registry.registry import Registry, Version
from pipelines.snapshot import read_snapshot

COLUMNS = {
    "version": "> version",
    "alias": "alias",
    "day": "registered",
    "candidate": "candidate",
    "auc": "> AUC",
    "definition_version": "> definition",
    "gate": "gate",
}


class ModelJson(TypedDict):
    """A registered version, as ``leadready models --json`` prints it."""

    version: str
    aliases: list[str]
    registered_at: str
    candidate: str
    level_of: str | None  # the version whose level alone was moved
    auc: dict[str, float | None] | None
    definition_version: str
    gate: str
    refused_because: str
    damaged: str | None  # why its files cannot be used


def list_models(folder: Path | str) -> list[ModelJson]:
    """List the registered versions, newest first.

    Raises
    ------
    LeadReadyError
        When the workspace or its registry cannot be read.
    """
    registry = _workspace_registry(folder)
    return [_version_json(registry, version) for version in reversed(registry.versions())]


def _version_json(registry: Registry, version: Version) -> ModelJson:
    auc, damaged = None, None
    try:
        auc = (registry.load(version.label).evaluation.get("metrics") or {}).get("auc")
    except LeadReadyError as error:
        damaged = error.what
    return {
        "version": version.label,
        "aliases": list(version.aliases),
        "registered_at": pd.Timestamp(version.created_ms, unit="ms").isoformat(),
        "candidate": version.tags.get("candidate", ""),
        "level_of": version.label.partition(".")[0] if "." in version.label else None,
        "auc": auc,
        "definition_version": version.tags.get("definition_version", ""),
        "gate": version.tags.get("gate", "not judged"),
        "refused_because": version.tags.get("refused_because", ""),
        "damaged": damaged,
    }


def roll_back(folder: Path | str, version: str | None = None) -> str:
    """Make the previous champion, or a version that passed the gate, the champion again.

    Returns
    -------
    str
        The label of its version.
    """
    return _workspace_registry(folder).rollback(version)


def models_text(versions: Sequence[ModelJson]) -> str:
    """Write the list of versions as a table, and why versions were refused below it."""
    if not versions:
        return "no version is registered yet\nnext: leadready train"
    lines = text.table([_version_row(version) for version in versions], COLUMNS)
    for version in versions:
        if version["refused_because"]:
            refused = f"version {version['version']} was refused: {version['refused_because']}"
            lines += text.wrap(refused, hanging="  ")
        if version["damaged"]:
            lines += text.wrap(f"version {version['version']} is damaged: {version['damaged']}")
    return "\n".join(lines)


def _version_row(version: ModelJson) -> dict[str, str]:
    auc = version["auc"]
    return {
        "version": version["version"],
        "alias": ", ".join(version["aliases"]),
        "day": version["registered_at"][:10],
        "candidate": f"level of {of}" if (of := version["level_of"]) else version["candidate"],
        "auc": text.number(auc["value"] if auc else None),
        "definition_version": version["definition_version"],
        "gate": version["gate"],
    }


def _workspace_registry(folder: Path | str) -> Registry:
    workspace = read_snapshot(folder).workspace
    return Registry.for_workspace(workspace.folder, workspace.model)
