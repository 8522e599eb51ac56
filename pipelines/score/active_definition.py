"""Find the definition that leads are scored by, and whether it is signed.

The active definition is the one registered with the model: training put it there, or
``leadready definition adopt``. The workspace's file is what the teams are working on. Where both
say the same, a signature in either counts. Where the file says something else, it is not active
until it is adopted; and if it is not signed either, the agreement was changed, and scoring stops
until the file is signed, restored, or explicitly ignored.
"""

from __future__ import annotations

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
from model.serving import Definition

SAME_CONTENT = "only how the same content is written"
HINT = "leadready definition sign --team TEAM --name NAME; or ignore it with --unsigned"


@dataclass(frozen=True)
class ActiveDefinition:
    """The definition that leads are scored by.

    Attributes
    ----------
    definition : Definition
        With every signature that holds.
    unsigned_because : tuple of str
        What it, or the workspace's file, lacks to be signed; empty if nothing.
    file_changes : tuple of str
        Where the workspace's file says something else, in words.
    file_signed : bool
        Whether the workspace's file is signed or does not exist.
    draft : bool
        Whether it is still the draft that ``leadready init`` wrote, which needs no signature.
    """

    definition: Definition
    unsigned_because: tuple[str, ...]
    file_changes: tuple[str, ...] = ()
    file_signed: bool = True
    draft: bool = False

    @property
    def version_label(self) -> str:
        """Its version, as every scored lead names it."""
        if self.file_changes and not self.file_signed:
            return f"{self.definition.version_label} (its file was changed and is not signed)"
        return self.definition.version_label

    def note_text(self) -> str:
        """Say what people should know about it; empty if nothing."""
        notes = []
        if self.draft:
            notes.append("the definition is a draft that nobody has signed")
        elif not self.definition.signed:
            notes.append("the definition is not signed")
        if self.file_changes:
            unsigned = "" if self.file_signed else " and is not signed"
            notes.append(
                f"the definition file was changed{unsigned}; the change takes effect with  "
                f"leadready definition adopt:  {'; '.join(self.file_changes)}"
            )
        return "; ".join(notes)


def find_active_definition(
    workspace: Workspace, loaded: LoadedModel, *, unsigned: bool = True
) -> ActiveDefinition:
    """Find the active definition of a registered model.

    Parameters
    ----------
    workspace : Workspace
        Where the definition file is.
    loaded : LoadedModel
        The model that scores.
    unsigned : bool
        Whether an unsigned definition may be used.

    Raises
    ------
    LeadReadyError
        If it is not signed and has to be: who has not signed, and what was changed. A draft does
        not have to be signed.
    """
    active = _compare_with_file(workspace, loaded)
    if active.unsigned_because and not (unsigned or active.draft):
        what = f"the definition is not signed: {'; '.join(active.unsigned_because)}"
        raise LeadReadyError(what, where=str(workspace.definition), hint=HINT)
    return active


def _compare_with_file(workspace: Workspace, loaded: LoadedModel) -> ActiveDefinition:
    registered = Definition.from_dict(loaded.definition)
    path = workspace.folder / workspace.definition
    if not path.is_file():
        missing = _own_missing_signatures(registered)
        return ActiveDefinition(registered, missing, draft=registered.draft)
    of_file = read_definition(path)
    words = {str(feature["name"]): str(feature["words"]) for feature in loaded.catalogue}
    statuses = signature_statuses(of_file, path, [registered], words)
    missing_in_file = tuple(missing_signatures(of_file, statuses))
    if of_file.digest == registered.digest:
        both = _with_signatures_of_both(registered, of_file)
        missing = _own_missing_signatures(both) and missing_in_file
        return ActiveDefinition(both, missing, draft=of_file.draft)
    changes = tuple(definition_changes(registered, of_file, words)) or (SAME_CONTENT,)
    missing = tuple(dict.fromkeys([*_own_missing_signatures(registered), *missing_in_file]))
    is_draft = registered.draft and of_file.draft
    return ActiveDefinition(registered, missing, changes, not missing_in_file, is_draft)


def _own_missing_signatures(definition: Definition) -> tuple[str, ...]:
    return tuple(missing_signatures(definition, signature_statuses(definition)))


def _with_signatures_of_both(registered: Definition, of_file: Definition) -> Definition:
    """Combine the valid signatures of both; for each team, the file's takes precedence."""
    lines = [*_valid_signatures(of_file), *_valid_signatures(registered)]
    teams = dict.fromkeys(line["team"] for line in lines)
    first = [next(line for line in lines if line["team"] == team) for team in teams]
    return Definition.from_dict({**registered.content, "agreed": first})


def _valid_signatures(definition: Definition) -> list[Any]:
    return without_void_signatures(definition.content).get("agreed") or []
