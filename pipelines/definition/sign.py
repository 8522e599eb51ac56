"""``leadready definition sign``: sign for a team exactly what the file says now.

Only a valid definition can be signed: the examples get the agreed verdicts, no rule contradicts
another, and the workspace uses the same moment and horizon.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.progress import Progress, no_progress
from model.definition.read import read_definition
from model.definition.signatures import missing_signatures, sign_file, signature_statuses
from pipelines.definition.review import SignatureState, refuse_mistakes, registered_definitions
from pipelines.snapshot import Snapshot, read_snapshot


@dataclass(frozen=True)
class Signing:
    """A signature that was written to a definition, and what is still missing.

    Attributes
    ----------
    file, version, digest : str
        What was signed.
    team, name, on : str
        By whom, and the day.
    signed : bool
        Whether every team that has to sign has signed.
    signatures : list of SignatureState
        All signatures of the file.
    unsigned_because : list of str
        What is still missing.
    """

    file: str
    version: str
    digest: str
    team: str
    name: str
    on: str
    signed: bool
    signatures: list[SignatureState]
    unsigned_because: list[str]


def sign_definition(
    folder: Path,
    *,
    team: str,
    name: str,
    on: str | None = None,
    path: Path | None = None,
    progress: Progress = no_progress,
) -> Signing:
    """Sign the definition in use, or another file, for a team.

    Parameters
    ----------
    folder : path
        The workspace.
    team, name : str
        The team, and who signs for it.
    on : str, optional
        The day, such as ``2026-10-01`` (default: today).
    path : path, optional
        Another definition than the one in use.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        If the definition is not valid, or the team is not one that signs it.
    """
    snapshot = read_snapshot(folder, progress)
    path = path or snapshot.definition_file
    read_definition(path)  # mistakes first: reading the tables takes long
    return sign_on(snapshot, path, team=team, name=name, on=on)


def sign_on(
    snapshot: Snapshot, path: Path, *, team: str, name: str, on: str | None = None
) -> Signing:
    """Sign a definition for a team, in a workspace that has been read.

    Raises
    ------
    LeadReadyError
        As for ``sign``.
    """
    refuse_mistakes(snapshot.definition(path), snapshot, path)
    line = sign_file(path, team=team, name=name, on=on)
    definition = snapshot.definition(path)
    statuses = signature_statuses(
        definition, path, registered_definitions(snapshot), snapshot.words
    )
    return Signing(
        file=path.name,
        version=definition.version,
        digest=line.digest,
        team=line.team,
        name=line.name,
        on=line.on,
        signed=definition.signed,
        signatures=[SignatureState.of(status) for status in statuses],
        unsigned_because=missing_signatures(definition, statuses),
    )


def signing_text(signing: Signing) -> str:
    """Say what was signed, and what is still missing."""
    line = (
        f"{signing.name} signed {signing.file}, version {signing.version}, for {signing.team} on "
        f"{signing.on}."
    )
    if signing.signed:
        return f"{line}\nAll teams have signed."
    missing = "\n".join(f"  {reason}" for reason in signing.unsigned_because)
    return f"{line}\nStill missing:\n{missing}"
