"""Models: which versions are registered, which one scores, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from model.registry.registry import Registry
from pipelines.snapshot import read_snapshot


def models(folder: Path | str) -> list[dict[str, Any]]:
    """List the versions, newest first: aliases, candidate, AUC, and what the gate said."""
    registry = _registry(folder)
    found = []
    for one in reversed(registry.versions()):
        metrics = registry.load(one.version).evaluation.get("metrics") or {}
        found.append(
            {
                "version": one.version,
                "aliases": list(one.aliases),
                "registered_at": pd.Timestamp(one.created_ms, unit="ms").isoformat(),
                "candidate": one.tags.get("candidate", ""),
                "auc": metrics.get("auc"),
                "definition_version": one.tags.get("definition_version", ""),
                "gate": one.tags.get("gate", "not judged"),
                "refused_because": one.tags.get("refused_because", ""),
            }
        )
    return found


def rollback(folder: Path | str) -> str:
    """Make the previous champion champion again, and say so."""
    return f"version {_registry(folder).rollback()} is champion again"


def render(versions: Sequence[dict[str, Any]]) -> str:
    """Write the list for reading."""
    if not versions:
        return "no version is registered yet\nnext: leadready train"
    lines = []
    for one in versions:
        auc = f"AUC {one['auc']['value']:.3f}" if one["auc"] else "not measured"
        aliases = f" [{', '.join(one['aliases'])}]" if one["aliases"] else ""
        day = one["registered_at"][:16].replace("T", " ")
        lines.append(
            f"version {one['version']}{aliases}  {day}  {one['candidate']}, {auc}, "
            f"definition {one['definition_version']}, gate {one['gate']}"
        )
        if one["refused_because"]:
            lines.append(f"  {one['refused_because']}")
    return "\n".join(lines)


def _registry(folder: Path | str) -> Registry:
    workspace = read_snapshot(folder).workspace
    return Registry.for_workspace(workspace.folder, workspace.model)
