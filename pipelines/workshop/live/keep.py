"""Keep what a session decided: a new version of the file, signatures, and the version in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from features.errors import LeadReadyError
from features.whole_file import write_whole
from model.definition.edit_yaml import edit_file_text, set_per_week
from model.registry.registry import Registry
from model.serving import Definition
from pipelines.card.hand_set_check import HandSetCheck, register_hand_set
from pipelines.definition.adopt import Adoption, adopt_on
from pipelines.definition.sign import Signing, sign_on
from pipelines.snapshot import Snapshot
from pipelines.workshop.live.session import Session, State


@dataclass(frozen=True)
class Kept:
    """What was kept of a session.

    Attributes
    ----------
    state : State
        What was decided when it was saved.
    file : Path
        The new definition; the one in use where only the card was changed.
    version : str
        Of the definition.
    model_version : str or None
        The version with points set by hand, or the card that was chosen.
    model_passed : bool
        Whether no check stands against it.
    signatures : tuple of Signing
    adoption : Adoption or None
        Once it was put in force, or refused.
    """

    state: State
    file: Path
    version: str
    model_version: str | None = None
    model_passed: bool = True
    signatures: tuple[Signing, ...] = ()
    adoption: Adoption | None = None


def save(snapshot: Snapshot, session: Session, check: HandSetCheck | None) -> Kept:
    """Write a new version of the definition, unsigned, and register points set by hand.

    Parameters
    ----------
    snapshot : Snapshot
        Of the workspace.
    session : Session
    check : HandSetCheck or None
        What the points set by hand cost, as people have seen it.

    Raises
    ------
    LeadReadyError
        When nothing was changed, the cost of points set by hand was not looked at, or the file was
        changed meanwhile.
    """
    state = session.state
    if not state.changes_definition and not state.changes_card:
        raise LeadReadyError("nothing was changed", hint="change a line, then save")
    if state.hand_set and (check is None or check.hand_set != state.hand_set):
        what = "points were set by hand, and nobody has looked at what they cost"
        raise LeadReadyError(what, hint="look at the cost of the points first, then save")
    file, version = snapshot.definition_file, session.signed.version
    if state.changes_definition:
        file, version = _write_version(snapshot, session)
    if not state.changes_card:
        return Kept(state, file, version)
    registry = Registry.for_workspace(snapshot.workspace.folder, snapshot.workspace.model)
    number = register_hand_set(check, registry) if check and state.hand_set else state.card
    passed = all(made.passed for made in registry.gates(number))
    return Kept(state, file, version, number, passed)


def _write_version(snapshot: Snapshot, session: Session) -> tuple[Path, str]:
    """Write the changed definition beside the one in use, under the next version."""
    source = snapshot.definition_file
    text = source.read_bytes().decode("utf-8-sig")
    if Definition.from_file(source).digest != session.signed.digest:
        what = "the definition was changed while the session was open"
        hint = "start the session again: leadready workshop --live"
        raise LeadReadyError(what, where=source.name, hint=hint)
    version = next_version(session.signed)
    file = _free_path(source.with_name(f"{source.stem}-v{version}{source.suffix}"))
    changed = edit_file_text(text, session.state.edits, version=version)
    if session.state.per_week is not None:
        changed = set_per_week(changed, session.state.per_week)
    write_whole(file, changed)
    try:
        snapshot.definition(file)
    except LeadReadyError:
        file.unlink()
        raise
    return file, str(version)


def next_version(definition: Definition) -> int | str:
    """Give the version after that of a definition.

    Examples
    --------
    >>> rules = {"ready_when": [{"id": "a", "feature": "x", "at_least": 1}]}
    >>> next_version(Definition.from_dict({"version": 4, **rules}))
    5
    >>> next_version(Definition.from_dict({"version": "spring", **rules}))
    'spring-changed'
    """
    version = definition.content.get("version")
    if isinstance(version, int):
        return version + 1
    return f"{version}-changed" if version else 2


def _free_path(path: Path) -> Path:
    names = (
        path if n == 1 else path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(1, 1000)
    )
    return next(name for name in names if not name.exists())


def sign_kept(snapshot: Snapshot, kept: Kept, team: str, name: str) -> Kept:
    """Sign the saved version for a team.

    Raises
    ------
    LeadReadyError
        When the team does not sign here, or the name is empty.
    """
    signing = sign_on(snapshot, kept.file, team=team, name=name)
    others = [other for other in kept.signatures if other.team != signing.team]
    return replace(kept, signatures=(*others, signing))


def adopt_kept(snapshot: Snapshot, kept: Kept) -> Kept:
    """Put the saved version in force: for the next scores, and as the workspace's definition.

    Raises
    ------
    LeadReadyError
        When it is not signed, or the points set by hand were refused.
    """
    adoption = adopt_on(snapshot, kept.file, model=kept.model_version)
    if adoption.adopted and kept.file != snapshot.definition_file:
        write_whole(snapshot.definition_file, kept.file.read_text(encoding="utf-8-sig"))
    return replace(kept, adoption=adoption)
