"""The state of a live session as one object, and what each change makes of it.

Nothing here reads a file or knows a browser: a session and a change give the next session. A change
that cannot be made raises, and the session stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from features.errors import LeadReadyError
from model.definition.edits import (
    AddAlternative,
    AddExclusion,
    AddRequirement,
    Edit,
    RemoveCriterion,
    SetOperand,
    in_safe_order,
    with_edits,
)
from model.serving import Criterion, Definition
from pipelines.card.hand_set import HandSetPoints

Addition = AddRequirement | AddAlternative | AddExclusion
ADDITIONS = (AddRequirement, AddAlternative, AddExclusion)


@dataclass(frozen=True)
class Note:
    """What somebody said about a criterion or a line of the card."""

    about: str
    words: str
    by: str


@dataclass(frozen=True)
class SetCriterion:
    """Another threshold, or list, for a criterion."""

    name: str
    operand: Any


@dataclass(frozen=True)
class SwitchCriterion:
    """A criterion taken out of the rules, or put back."""

    name: str
    on: bool


@dataclass(frozen=True)
class AddCriterion:
    """A new criterion, with its place in the rules."""

    addition: Addition


@dataclass(frozen=True)
class TakeProposal:
    """A change that past outcomes support."""

    edit: Edit


@dataclass(frozen=True)
class SetRows:
    """Points of rows of the card, set by hand."""

    rows: tuple[HandSetPoints, ...]


@dataclass(frozen=True)
class ResetLine:
    """A line of the card as it was learned."""

    feature: str


@dataclass(frozen=True)
class ChooseCard:
    """A card that was trained in the session, by its version; empty keeps the one in use."""

    version: str


@dataclass(frozen=True)
class SetCapacity:
    """How many leads a week sales can take."""

    per_week: float


@dataclass(frozen=True)
class WriteNote:
    """A note; an empty one is removed."""

    note: Note


Change = (
    SetCriterion
    | SwitchCriterion
    | AddCriterion
    | TakeProposal
    | SetRows
    | ResetLine
    | ChooseCard
    | SetCapacity
    | WriteNote
)


@dataclass(frozen=True)
class State:
    """What was decided so far: everything that differs from the signed version.

    Attributes
    ----------
    edits : tuple of Edit
        Changes to the rules.
    hand_set : tuple of HandSetPoints
        Points set by hand, of the chosen card.
    notes : tuple of Note
    card : str
        The version of the chosen card; empty for the one in use.
    per_week : float or None
        The leads a week that sales can take, where that was changed.
    """

    edits: tuple[Edit, ...] = ()
    hand_set: tuple[HandSetPoints, ...] = ()
    notes: tuple[Note, ...] = ()
    card: str = ""
    per_week: float | None = None

    @property
    def changes_definition(self) -> bool:
        """Whether the file of the definition changes."""
        return bool(self.edits) or self.per_week is not None

    @property
    def changes_card(self) -> bool:
        """Whether the card changes."""
        return bool(self.hand_set or self.card)


@dataclass(frozen=True)
class Session:
    """A session: the version in use, what was decided, and the way there.

    Attributes
    ----------
    signed : Definition
        The version in use when the session began.
    state : State
        What was decided so far.
    earlier : tuple of State
        The states before, for undo.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> session = Session(Definition.from_dict({"ready_when": [size]}))
    >>> changed = session.after(SetCriterion("size", 80))
    >>> changed.definition.criteria[0].operand, changed.undone() == session
    (80, True)
    """

    signed: Definition
    state: State = State()
    earlier: tuple[State, ...] = ()

    @cached_property
    def definition(self) -> Definition:
        """The definition as changed."""
        state = self.state
        changed = with_edits(self.signed, state.edits) if state.edits else self.signed
        return changed if state.per_week is None else _with_capacity(changed, state.per_week)

    def after(self, change: Change) -> Session:
        """Make a change.

        Raises
        ------
        LeadReadyError
            When it cannot be made.
        """
        state = next_state(self.signed, self.state, change)
        if state == self.state:
            return self
        session = Session(self.signed, state, (*self.earlier, self.state))
        _ = session.definition  # a change that leaves no rule raises now
        return session

    def undone(self) -> Session:
        """Take the last change back; without one, nothing happens."""
        if not self.earlier:
            return self
        return Session(self.signed, self.earlier[-1], self.earlier[:-1])

    @property
    def added(self) -> dict[str, Criterion]:
        """The criteria that are new."""
        return {
            edit.criterion.id: edit.criterion
            for edit in self.state.edits
            if isinstance(edit, ADDITIONS)
        }


def next_state(signed: Definition, state: State, change: Change) -> State:
    """Give the state after a change."""
    match change:
        case SetCriterion(name, operand):
            return replace(state, edits=_with_operand(signed, state.edits, name, operand))
        case SwitchCriterion(name, on):
            return replace(state, edits=_switched(signed, state.edits, name, on))
        case AddCriterion(addition):
            return replace(state, edits=_with_addition(signed, state.edits, addition))
        case TakeProposal(edit):
            return replace(state, edits=_with_proposal(signed, state.edits, edit))
        case SetRows(rows):
            places = {row[:2] for row in rows}
            others = [other for other in state.hand_set if other[:2] not in places]
            return replace(state, hand_set=(*others, *rows))
        case ResetLine(feature):
            kept = tuple(row for row in state.hand_set if row.feature != feature)
            return replace(state, hand_set=kept)
        case ChooseCard(version):  # its rows are others: points set by hand stay behind
            kept_rows = state.hand_set if version == state.card else ()
            return replace(state, card=version, hand_set=kept_rows)
        case SetCapacity(per_week):
            same = per_week == signed.handoff.per_week
            return replace(state, per_week=None if same else per_week)
        case WriteNote(note):
            kept_notes = [other for other in state.notes if other.about != note.about]
            written = [note] if note.words.strip() else []
            return replace(state, notes=(*kept_notes, *written))


def _with_capacity(definition: Definition, per_week: float) -> Definition:
    handoff = {**(definition.content.get("handoff") or {}), "per_week": per_week}
    return Definition.from_dict({**definition.content, "handoff": handoff})


def _with_proposal(signed: Definition, edits: tuple[Edit, ...], edit: Edit) -> tuple[Edit, ...]:
    match edit:
        case SetOperand(criterion):
            return _with_operand(signed, edits, criterion.id, edit.operand)
        case RemoveCriterion(criterion):
            return _switched(signed, edits, criterion.id, False)
        case _:
            return _with_addition(signed, edits, edit)


def _criterion_called(signed: Definition, name: str) -> Criterion:
    known = {criterion.id: criterion for criterion in signed.criteria}
    if name not in known:
        raise LeadReadyError.unknown(name, known, what="criterion")
    return known[name]


def _with_operand(
    signed: Definition, edits: tuple[Edit, ...], name: str, operand: Any
) -> tuple[Edit, ...]:
    """Set an operand; the signed one is no change, and an added criterion is added otherwise."""
    for edit in edits:
        if isinstance(edit, ADDITIONS) and edit.criterion.id == name:
            other = replace(edit, criterion=edit.criterion._replace(operand=operand))
            return tuple(other if each is edit else each for each in edits)
    criterion = _criterion_called(signed, name)
    others = [
        edit for edit in edits if isinstance(edit, ADDITIONS) or edit.criterion.id != criterion.id
    ]
    changed = [] if operand == criterion.operand else [SetOperand(criterion, operand)]
    return in_safe_order([*others, *changed])


def _switched(signed: Definition, edits: tuple[Edit, ...], name: str, on: bool) -> tuple[Edit, ...]:
    """Take a criterion out, or put it back with the threshold that it had."""
    kept = tuple(
        edit for edit in edits if edit.criterion.id != name or (isinstance(edit, SetOperand))
    )
    if on or any(isinstance(edit, ADDITIONS) and edit.criterion.id == name for edit in edits):
        return kept
    return in_safe_order([*kept, RemoveCriterion(_criterion_called(signed, name))])


def _with_addition(
    signed: Definition, edits: tuple[Edit, ...], addition: Addition
) -> tuple[Edit, ...]:
    """Add a criterion under an id that is free."""
    criterion = addition.criterion
    taken = {other.id for other in signed.criteria} | {edit.criterion.id for edit in edits}
    names = (criterion.id if n == 1 else f"{criterion.id}-{n}" for n in range(1, 1000))
    free = next(name for name in names if name not in taken)
    named = replace(addition, criterion=criterion._replace(id=free))
    return in_safe_order([*edits, named])
