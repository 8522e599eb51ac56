"""What a definition says by logic alone: can a lead be ready, and does every criterion count?

Each feature is reduced to the few values that the criteria can tell apart (at, between and beyond
their limits; the named categories and one other; not known), and the rules are followed through all
of them, feature by feature, dropping what is settled on the way. So the answer is exact, missing
values included, and comes with a lead that shows it. What a criterion means is asked of
``model.serving``, so that it is the same here as where leads are scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pandas as pd

from model.definition.read import in_words
from model.serving import BOUNDS, Criterion, Definition, Group, Rule, holds

MOST = 50_000  # states that one question may take; beyond that the rules are too intertwined
OTHER = "something else"
Formula = Any  # -1, 0, 1, the place of a criterion, or ("least" | "most", parts)
State = tuple[Any, ...]


@dataclass(frozen=True)
class Finding:
    """Something that logic says about the rules.

    Attributes
    ----------
    kind : str
        ``contradiction`` (no lead can meet it) or ``never matters`` (it decides nothing).
    criterion : str
        The id; empty where the rules as a whole are meant.
    others : tuple of str
        The criteria that make it so, as few as can be.
    lead : mapping
        A lead that shows it; only the features that this is about.
    always : int
        What may be written in place of the criterion: 1 (it holds), -1 (it fails).
    where_known : bool
        It is so only for leads whose value is known.
    """

    kind: str
    criterion: str
    others: tuple[str, ...]
    lead: Mapping[str, Any]
    always: int = 0
    where_known: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it must be mended before anybody can sign."""
        return self.kind == "contradiction"


@dataclass
class _Rules:
    """The rules as formulas over numbered criteria, each tied to the values of its feature."""

    definition: Definition
    criteria: tuple[Criterion, ...] = field(init=False)
    values: dict[str, list[Any]] = field(init=False)
    outcomes: list[list[int]] = field(init=False)
    free: set[int] = field(default_factory=set)
    known: bool = False
    ready: Formula = field(init=False)
    never: Formula = field(init=False)

    def __post_init__(self) -> None:
        self.criteria = self.definition.criteria
        self.values = {
            name: _values([one for one in self.criteria if one.feature == name])
            for name in self.definition.features
        }
        self.outcomes = [_outcomes(one, self.values[one.feature]) for one in self.criteria]
        count = iter(range(len(self.criteria)))
        self.ready = _formula(self.definition.ready, count)
        never = self.definition.never
        self.never = _formula(never, count) if never.rules else -1

    def axis(self, place: int) -> Any:
        """Return what a criterion hangs on: its feature, or nothing but itself if it is free."""
        return place if place in self.free else self.criteria[place].feature

    def branches(self, axis: Any) -> Iterator[tuple[Any, dict[int, int]]]:
        """Give each value of an axis with what the criteria on it then say."""
        if isinstance(axis, int):
            values = (1, -1) if self.known else (1, -1, 0)
            yield from ((None, {axis: value}) for value in values)
            return
        tied = [
            place
            for place, one in enumerate(self.criteria)
            if one.feature == axis and place not in self.free
        ]
        for nth, value in enumerate(self.values[axis][: -1 if self.known else None]):
            yield value, {place: self.outcomes[place][nth] for place in tied}


def logic(definition: Mapping[str, Any]) -> list[Finding]:
    """Find contradictions, and criteria that can never matter.

    Parameters
    ----------
    definition : mapping
        As `model.definition.read.read_definition` gives it.

    Returns
    -------
    list of Finding
        In the order of the file; empty where every criterion counts.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> large = {"id": "large", "feature": "employees", "at_least": 100}
    >>> for one in logic({"ready_when": [size, large]}):
    ...     print(one.kind, one.criterion, one.others, one.lead)
    never matters size ('large',) {'employees': 49}
    >>> small = {"id": "small", "feature": "employees", "at_most": 20}
    >>> for one in logic({"ready_when": [size, small]}):
    ...     print(one.kind, one.others, one.lead)
    contradiction ('size', 'small') {'employees': 50}
    """
    rules = _Rules(Definition.from_dict(definition))
    if (nobody := _nobody(rules)) is not None:
        return [nobody]
    found: dict[int, Finding] = {}
    for rules.known in (False, True):
        for place in reversed(range(len(rules.criteria))):  # of two that say the same, the later
            if place in found or (rules.known and rules.criteria[place].operator == "is_missing"):
                continue
            for always in (1, -1):
                if _idle(rules, place, always):
                    found[place] = _explained(rules, place, always)
                    rules.ready = _set(rules.ready, {place: always})
                    rules.never = _set(rules.never, {place: always})
                    break
    return [found[place] for place in sorted(found)]


def _nobody(rules: _Rules) -> Finding | None:
    """Say that no lead can be ready, and which criteria stand against each other."""
    if _search(rules, (rules.ready, rules.never), _is_ready) is not None:
        return None
    for place in range(len(rules.criteria)):
        rules.free.add(place)
        if _search(rules, (rules.ready, rules.never), _is_ready) is not None:
            rules.free.discard(place)
    against = [place for place in range(len(rules.criteria)) if place not in rules.free]
    lead = _lead(rules, against[0], 1) if against else {}
    return Finding("contradiction", "", _ids(rules, against), lead, -1)


def _is_ready(state: State) -> bool | None:
    ready, never = state
    if never == 1 or ready == -1:
        return False
    return (ready == 1 and never == -1) if _settled(state) else None


def _idle(rules: _Rules, place: int, always: int) -> bool:
    """Whether every lead's verdict stays the same with a constant in place of a criterion."""
    other = {place: always}
    state = (rules.ready, rules.never, _set(rules.ready, other), _set(rules.never, other))
    if state[:2] == state[2:]:
        return False  # it is not there any more
    return _search(rules, state, _differs) is None


def _differs(state: State) -> bool | None:
    if state[:2] == state[2:] or state[1] == state[3] == 1:
        return False
    return _verdict(*state[:2]) != _verdict(*state[2:]) if _settled(state) else None


def _verdict(ready: int, never: int) -> int:
    return 2 if never == 1 else min(ready, -never)


def _explained(rules: _Rules, place: int, always: int) -> Finding:
    """Find as few other criteria as make this one idle, and a lead that shows it."""
    for other in range(len(rules.criteria)):
        if other != place:
            rules.free.add(other)
            if not _idle(rules, place, always):
                rules.free.discard(other)
    because = [one for one in range(len(rules.criteria)) if one not in rules.free | {place}]
    rules.free.clear()
    never_met = always == -1 and _lead_with(rules, place, because, 1) is None
    kind = "contradiction" if never_met and because else "never matters"
    lead = _lead(rules, place, -always)
    name = rules.criteria[place].id
    return Finding(kind, name, _ids(rules, because), lead, always, rules.known)


def _lead_with(rules: _Rules, place: int, others: Sequence[int], said: int) -> Any:
    """Return a value of the criterion's feature where it and all others on it say the same."""
    name = rules.criteria[place].feature
    same = [one for one in (place, *others) if rules.criteria[one].feature == name]
    for nth, value in enumerate(rules.values[name]):
        if all(rules.outcomes[one][nth] == said for one in same):
            return {name: value}
    return None


def in_plain_words(
    finding: Finding, definition: Mapping[str, Any], words: Mapping[str, str] | None = None
) -> str:
    """Say a finding to people who do not program.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> rules = {"ready_when": [size, {"id": "large", "feature": "employees", "at_least": 100}]}
    >>> print(in_plain_words(logic(rules)[0], rules))
    size (employees at least 50) can never matter, because of large (employees at least 100): a \
lead with employees 49 fails size, and the verdict is the same without it
    """
    told = {one.id: in_words(one, words) for one in Definition.from_dict(definition).criteria}
    others = " and ".join(f"{one} ({told[one]})" for one in finding.others)
    lead = " and ".join(
        f"{name.replace('_', ' ')} {'not known' if value is None else value}"
        for name, value in finding.lead.items()
    )
    if not finding.criterion:
        return f"no lead can be ready: {others} cannot hold together; try a lead with {lead}"
    name = f"{finding.criterion} ({told[finding.criterion]})"
    if finding.kind == "contradiction":
        return f"{name} can never be met together with {others}; try a lead with {lead}"
    which = ""
    if finding.where_known:
        feature = next(iter(finding.lead), "the value")
        which = f" where {feature.replace('_', ' ')} is known"
    because = f", because of {others}" if others else ", since it always comes out the same"
    does = "fails" if finding.always == 1 else "passes"
    shown = f": a lead with {lead} {does} {finding.criterion}, and the verdict is the same "
    return f"{name} can never matter{which}{because}" + (f"{shown}without it" if lead else "")


def _lead(rules: _Rules, place: int, said: int) -> dict[str, Any]:
    name, outcomes = rules.criteria[place].feature, rules.outcomes[place]
    values = rules.values[name]
    return {name: values[outcomes.index(said)]} if said in outcomes else {}


def _ids(rules: _Rules, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(rules.criteria[place].id for place in places)


# -- formulas -------------------------------------------------------------------------------------


def _formula(rule: Rule, count: Iterator[int], negated: bool = False) -> Formula:
    """Write rules as least ("and") and most ("or") of criteria, in the order of the file."""
    match rule:
        case Criterion():
            return ("not" if negated else "is", next(count))
        case Group(kind, rules):
            negated = negated != (kind == "none")
            parts = [_formula(part, count, negated) for part in rules]
            return _join("least" if (kind == "all") != negated else "most", parts)


def _join(how: str, parts: Iterable[Formula]) -> Formula:
    """Join parts, leaving out what is settled."""
    ends = -1 if how == "least" else 1
    kept: list[Formula] = []
    for one in parts:
        if one == ends:
            return ends
        if one != -ends and one not in kept:
            kept.append(one)
    return -ends if not kept else kept[0] if len(kept) == 1 else (how, *kept)


def _set(formula: Formula, known: Mapping[int, int]) -> Formula:
    """Put what is known of some criteria into a formula."""
    if isinstance(formula, int):
        return formula
    how, *parts = formula
    if how in ("is", "not"):
        value = known.get(parts[0])
        return formula if value is None else value if how == "is" else -value
    return _join(how, (_set(one, known) for one in parts))


def _first(formula: Formula) -> int | None:
    """Return the first criterion that a formula still asks for."""
    if isinstance(formula, int):
        return None
    how, *parts = formula
    if how in ("is", "not"):
        return int(parts[0])
    return next((one for one in map(_first, parts) if one is not None), None)


def _settled(state: State) -> bool:
    return all(isinstance(one, int) for one in state)


def _search(rules: _Rules, state: State, wanted: Any) -> dict[str, Any] | None:
    """Look for a lead by which ``wanted`` holds of the state; None if there is none."""
    seen: set[State] = set()

    def look(state: State) -> dict[str, Any] | None:
        said = wanted(state)
        if said is not None:
            return {} if said else None
        if state in seen:
            return None
        seen.add(state)
        if len(seen) > MOST:
            raise TooIntertwined
        place = next(one for one in map(_first, state) if one is not None)
        for value, known in rules.branches(axis := rules.axis(place)):
            lead = look(tuple(_set(one, known) for one in state))
            if lead is not None:
                return lead if isinstance(axis, int) else {axis: value, **lead}
        return None

    return look(state)


class TooIntertwined(Exception):
    """The rules share so many features that they cannot be followed through in short time."""


# -- values ---------------------------------------------------------------------------------------


def _outcomes(criterion: Criterion, values: Sequence[Any]) -> list[int]:
    table = pd.DataFrame({criterion.feature: pd.Series(values, dtype="object")})
    return [int(one) for one in holds(criterion, table)]


def _values(criteria: Sequence[Criterion]) -> list[Any]:
    """Give the values of a feature that its criteria can tell apart; the last one is: not known."""
    days = [str(one.operand) for one in criteria if one.operator in ("before", "after")]
    if days:
        return [*_around_days(days), None]
    limits: list[Any] = []
    named: dict[Any, None] = {}
    for criterion in criteria:
        operand = criterion.operand
        listed = operand if isinstance(operand, tuple) else (operand,)
        if criterion.operator in BOUNDS:
            limits += listed
        elif criterion.operator != "is_missing":
            named |= dict.fromkeys(listed)
    if limits or any(isinstance(one, (int, float)) for one in named if one is not True):
        numbers = [one for one in named if isinstance(one, (int, float))]
        return [*_around(sorted({*limits, *numbers})), None]
    return [*named, OTHER, None]


def _around(limits: Sequence[float]) -> list[float]:
    """Give numbers at, between and beyond limits.

    Examples
    --------
    >>> _around([20, 50])
    [19, 20, 35, 50, 51]
    """
    if not limits:
        return [0]
    between: list[float] = []
    for low, high in pairwise(limits):
        middle = (low + high) / 2
        whole = int(middle)
        between += [low, whole if low < whole < high else middle]
    return [limits[0] - 1, *between, limits[-1], limits[-1] + 1]


def _around_days(days: Iterable[str]) -> list[str]:
    """Give the days at, right before and right after some days."""
    known = [pd.Timestamp(one) for one in days]
    shifts = [pd.Timedelta(days=one) for one in (-1, 0, 1)]
    return sorted({f"{one + shift:%Y-%m-%d}" for one in known for shift in shifts})
