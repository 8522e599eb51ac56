"""``leadready definition sign``: a team puts its name to exactly what the file says now.

Only a valid definition can be signed: the examples come out as they say, no rule contradicts
another, and the workspace means the same moment and horizon. Who signed before is shown with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.progress import Progress
from model.definition.read import read_definition
from model.definition.signatures import missing_signatures, sign_file, signature_statuses
from model.serving import Definition
from pipelines.definition.data import registered_definitions
from pipelines.definition.review import refuse_mistakes
from pipelines.snapshot import read_snapshot


def sign_definition(
    folder: Path,
    *,
    team: str,
    name: str,
    on: str | None = None,
    path: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Sign the workspace's definition, or another file, for a team.

    Raises
    ------
    LeadReadyError
        If it is not valid, or the team has nothing to sign here.
    """
    snapshot = read_snapshot(folder, progress)
    read_definition(path or snapshot.definition_file)
    path = path or snapshot.definition_file
    refuse_mistakes(snapshot.definition(path).content, snapshot, path)
    signed = sign_file(path, team=team, name=name, on=on)
    definition = snapshot.definition(path)
    registered = map(Definition.from_dict, registered_definitions(snapshot.workspace))
    held = signature_statuses(definition, path, registered, snapshot.words)
    return {
        "file": path.name,
        "version": definition.version,
        "digest": signed.digest,
        "team": signed.team,
        "name": signed.name,
        "on": signed.on,
        "signed": definition.signed,
        "signatures": [status.to_dict() for status in held],
        "unsigned_because": missing_signatures(definition, held),
    }


def render(answer: Mapping[str, Any]) -> str:
    """Say what was signed, and what is wanting still."""
    lines = [
        f"{answer['name']} signed {answer['file']}, version {answer['version']}, "
        f"for {answer['team']} on {answer['on']}."
    ]
    if answer["signed"]:
        return "\n".join([*lines, "Every team that has to sign has signed."])
    return "\n".join(
        [*lines, "Still wanting:", *(f"  {one}" for one in answer["unsigned_because"])]
    )
