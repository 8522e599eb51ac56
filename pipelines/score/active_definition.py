"""Which definition leads are scored by, and whether it is signed.

The definition in force is the one that the model was held against, in the registry: training put it
there, or ``leadready definition adopt``. The workspace's file is what the teams have in hand. Where
both say the same, a signature in either counts. Where the file says something else, it is not in
force before it is adopted; and if it is not signed either, somebody has changed what was agreed,
and scoring stops until it is signed, put back, or knowingly passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.errors import LeadReadyError
from features.workspace.read import Workspace
from model.definition.diff import definition_changes
from model.definition.read import read_definition
from model.definition.signatures import (
    missing_signatures,
    signature_statuses,
    without_void_signatures,
)
from model.registry.registry import LoadedModel
from model.serving import Definition, digest

SAME_CONTENT = "only how the same content is written"
HINT = "leadready definition sign --team TEAM --name NAME; or pass it over with --unsigned"


@dataclass(frozen=True)
class InForce:
    """The definition that leads are scored by.

    Attributes
    ----------
    content : mapping
        With every signature that holds.
    unsigned_because : tuple of str
        What is wanting for it, and the workspace's file, to be signed; empty if nothing is.
    differs : tuple of str
        Where the workspace's file says something else: what, in words.
    file_signed : bool
        Whether the workspace's file is signed, or not there at all.
    """

    content: Mapping[str, Any]
    unsigned_because: tuple[str, ...]
    differs: tuple[str, ...]
    file_signed: bool

    @property
    def definition(self) -> Definition:
        """Ready for use."""
        return Definition.from_dict(self.content)

    @property
    def named(self) -> str:
        """Its version, as every scored lead names it."""
        if self.differs and not self.file_signed:
            return f"{self.definition.version_label} (its file was changed, and is not signed)"
        return self.definition.version_label

    def note(self) -> str:
        """Say what people should know of it, if anything."""
        said = []
        if not self.definition.signed:
            said.append("the definition is not signed")
        if self.differs:
            signed = "" if self.file_signed else " and is not signed"
            said.append(
                f"the file says something else{signed}, and is not in force until "
                f"leadready definition adopt: {'; '.join(self.differs)}"
            )
        return "; ".join(said)


def in_force(workspace: Workspace, loaded: LoadedModel, *, unsigned: bool = True) -> InForce:
    """Find the definition in force.

    Parameters
    ----------
    workspace, loaded
        Where the file is, and the model that scores.
    unsigned : bool
        Whether one that is not signed may be used.

    Raises
    ------
    LeadReadyError
        If it may not and is not: who has not signed, what was changed.
    """
    registered, path = loaded.definition, workspace.folder / workspace.definition
    if not path.is_file():
        found = InForce(registered, _wanting(registered), (), True)
    else:
        written = read_definition(path).content
        words = {str(one["name"]): str(one["words"]) for one in loaded.catalogue}
        old, new = Definition.from_dict(registered), Definition.from_dict(written)
        wanting = tuple(missing_signatures(new, signature_statuses(new, path, [old], words)))
        if digest(written) == digest(registered):
            both = _together(registered, written)
            found = InForce(both, _wanting(both) and wanting, (), True)
        else:
            differs = tuple(definition_changes(old, new, words)) or (SAME_CONTENT,)
            why = dict.fromkeys([*_wanting(registered), *wanting])
            found = InForce(registered, tuple(why), differs, not wanting)
    if found.unsigned_because and not unsigned:
        what = f"the definition is not signed: {'; '.join(found.unsigned_because)}"
        raise LeadReadyError(what, where=str(workspace.definition), hint=HINT)
    return found


def _wanting(definition: Mapping[str, Any]) -> tuple[str, ...]:
    agreed = Definition.from_dict(definition)
    return tuple(missing_signatures(agreed, signature_statuses(agreed)))


def _together(registered: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """Put the signatures of both together; of each team, the file's first."""
    lines = [
        line
        for content in (written, registered)
        for line in without_void_signatures(content).get("agreed") or ()
    ]
    teams: dict[str, Any] = {}
    for one in lines:
        teams.setdefault(one["team"], one)
    return {**registered, "agreed": list(teams.values())}
