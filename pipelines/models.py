"""Models: which versions are registered, which one scores, and why others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from features import text
from model.registry.registry import Registry
from pipelines.snapshot import read_snapshot


def list_models(folder: Path | str) -> list[dict[str, Any]]:
    """List the registered versions, newest first.

    Returns
    -------
    list of dict
        ``version, aliases, registered_at, candidate, auc, definition_version, gate,
        refused_because``.
    """
    registry = _workspace_registry(folder)
    return [
        {
            "version": version.version,
            "aliases": list(version.aliases),
            "registered_at": pd.Timestamp(version.created_ms, unit="ms").isoformat(),
            "candidate": version.tags.get("candidate", ""),
            "auc": (registry.load(version.version).evaluation.get("metrics") or {}).get("auc"),
            "definition_version": version.tags.get("definition_version", ""),
            "gate": version.tags.get("gate", "not judged"),
            "refused_because": version.tags.get("refused_because", ""),
        }
        for version in reversed(registry.versions())
    ]


def roll_back(folder: Path | str) -> str:
    """Make the previous champion the champion again; return the number of its version."""
    return _workspace_registry(folder).rollback()


def models_text(versions: Sequence[Mapping[str, Any]]) -> str:
    """Write the list of versions for people."""
    if not versions:
        return "no version is registered yet\nnext: leadready train"
    return "\n".join(line for version in versions for line in _version_lines(version))


def _version_lines(version: Mapping[str, Any]) -> list[str]:
    auc = version["auc"]
    measured = "not measured"
    if auc:
        measured = f"AUC {text.interval(auc['value'], auc['low'], auc['high'])}"
    aliases = f" [{', '.join(version['aliases'])}]" if version["aliases"] else ""
    minute = version["registered_at"][:16].replace("T", " ")
    line = (
        f"version {version['version']}{aliases}  {minute}  {version['candidate']}, {measured}, "
        f"definition {version['definition_version']}, gate {version['gate']}"
    )
    lines = text.wrap(line, hanging="  ")
    if version["refused_because"]:
        lines += text.wrap(version["refused_because"], "  ")
    return lines


def _workspace_registry(folder: Path | str) -> Registry:
    workspace = read_snapshot(folder).workspace
    return Registry.for_workspace(workspace.folder, workspace.model)
