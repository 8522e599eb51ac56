"""Read what was filled in on the page as a change; nothing is believed that was not checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.dates.one_time import read_time
from features.errors import LeadReadyError
from features.families.feature import Feature
from model.definition.edits import (
    AddAlternative,
    AddExclusion,
    AddRequirement,
    any_groups,
)
from model.proposals.question import plain_number
from model.serving import Criterion
from pipelines.card.hand_set import HandSetPoints
from pipelines.workshop.live.leads import LiveLeads
from pipelines.workshop.live.session import (
    AddCriterion,
    Change,
    ChooseCard,
    Note,
    ResetLine,
    Session,
    SetCapacity,
    SetCriterion,
    SetRows,
    SwitchCriterion,
    WriteNote,
)

LONGEST = 500  # characters of a text that people type
LISTS = ("one_of", "none_of")
OPERATORS_OF = {  # what the page offers for a new criterion
    "number": ("at_least", "at_most"),
    "category": LISTS,
    "date": ("after", "before"),
}
EVERY_LEAD, NEVER = "every", "never"  # where a new criterion goes; else the place of a group


@dataclass(frozen=True)
class Fields:
    """The fields of a form."""

    values: Mapping[str, Sequence[str]]

    def text(self, name: str, longest: int = LONGEST) -> str:
        """Give a field as a text of one line; empty without it."""
        typed = " ".join((self.values.get(name) or [""])[0].split())
        if len(typed) > longest:
            raise LeadReadyError(f"the text is too long: {longest} characters at the most")
        return typed

    def texts(self, name: str) -> tuple[str, ...]:
        """Give all values of a field."""
        return tuple(dict.fromkeys(filter(None, self.values.get(name) or ())))

    def number(self, name: str) -> float:
        """Give a field as a number.

        Examples
        --------
        >>> Fields({"operand": ["50.0"]}).number("operand")
        50
        >>> Fields({"operand": ["many"]}).number("operand")
        Traceback (most recent call last):
        features.errors.LeadReadyError: expected a number, got 'many'
        """
        typed = self.text(name)
        try:
            number = float(typed)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise LeadReadyError(f"expected a number, got {typed[:40]!r}")
        return plain_number(number)


def change_of(kind: str, fields: Fields, session: Session, leads: LiveLeads) -> Change:
    """Read a form as a change.

    Raises
    ------
    LeadReadyError
        When a field is missing or cannot be read.
    """
    match kind:
        case "set":
            criterion = _criterion(session, fields.text("name"))
            feature = leads.features.get(criterion.feature)
            return SetCriterion(criterion.id, read_operand(criterion.operator, fields, feature))
        case "switch":
            return SwitchCriterion(fields.text("name"), fields.text("on") == "yes")
        case "add":
            return AddCriterion(_addition(fields, session, leads))
        case "points":
            row = HandSetPoints(
                fields.text("feature"),
                int(fields.number("row")),
                round(fields.number("points")),
                fields.text("by", 80),
                fields.text("because"),
            )
            return SetRows((row,))
        case "reset":
            return ResetLine(fields.text("feature"))
        case "card":
            return ChooseCard(_trained_card(fields.text("version"), leads))
        case "capacity":
            return SetCapacity(_capacity(fields))
        case "note":
            note = Note(fields.text("about"), fields.text("words"), fields.text("by", 80))
            return WriteNote(note)
    known = ("set", "switch", "add", "points", "reset", "card", "capacity", "note")
    raise LeadReadyError.unknown(kind, known, what="change")


def _trained_card(version: str, leads: LiveLeads) -> str:
    if version and version not in leads.trained:
        raise LeadReadyError.unknown(version, leads.trained, what="card of this session")
    return version


def _capacity(fields: Fields) -> float:
    per_week = fields.number("per_week")
    if per_week < 1:
        what = "sales cannot take fewer leads a week than one"
        raise LeadReadyError(what, hint="give 1 or more")
    return per_week


def _criterion(session: Session, name: str) -> Criterion:
    known = {criterion.id: criterion for criterion in session.signed.criteria} | session.added
    if name not in known:
        raise LeadReadyError.unknown(name, known, what="criterion")
    return known[name]


def read_operand(operator: str, fields: Fields, feature: Feature | None) -> Any:
    """Read what a criterion compares with.

    Raises
    ------
    LeadReadyError
        When it does not fit the operator.
    """
    if operator in LISTS:
        chosen = tuple(dict.fromkeys([*fields.texts("operand"), *fields.texts("other")]))
        if not chosen:
            raise LeadReadyError("the list is empty", hint="choose at least one value")
        return chosen
    if operator == "between":
        low, high = fields.number("low"), fields.number("high")
        if low > high:
            raise LeadReadyError(f"the bounds are the wrong way round: {low:g} and {high:g}")
        return low, high
    if operator in ("before", "after"):
        return f"{read_time(fields.text('operand')):%Y-%m-%d}"
    if operator == "is_missing":
        return fields.text("operand") == "yes"
    if operator == "equals" and feature is not None and feature.kind != "number":
        return fields.text("operand")
    return fields.number("operand")


def _addition(
    fields: Fields, session: Session, leads: LiveLeads
) -> AddRequirement | AddAlternative | AddExclusion:
    name, operator, place = (fields.text(key) for key in ("feature", "operator", "place"))
    if name not in leads.features:
        raise LeadReadyError.unknown(name, leads.features, what="feature")
    feature = leads.features[name]
    allowed = OPERATORS_OF[feature.kind]
    if operator not in allowed:
        raise LeadReadyError.unknown(operator, allowed, what=f"condition on {feature.words}")
    criterion = Criterion(
        name.replace("_", "-"),
        name,
        operator,
        read_operand(operator, fields, feature),
        fields.text("by", 80) or None,
        fields.text("because") or None,
    )
    if place == EVERY_LEAD:
        return AddRequirement(criterion)
    if place == NEVER:
        return AddExclusion(criterion)
    groups = {group_key(position): position for position in any_groups(session.signed.ready)}
    if place not in groups:
        raise LeadReadyError.unknown(place, groups, what="place in the rules")
    return AddAlternative(criterion, groups[place])


def group_key(position: Sequence[int]) -> str:
    """Name the place of a group, as the page sends it.

    Examples
    --------
    >>> group_key((1, 0)), group_key(())
    ('group-1-0', 'group')
    """
    return "-".join(["group", *map(str, position)])
