"""What follows from the rules by logic alone: can a lead be ready, and does every criterion matter?

Each feature is reduced to the few values that the criteria can tell apart (at, between and beyond
their limits; the named categories and one other; not known). The rules are evaluated for all of
them, feature by feature, dropping what is decided on the way. The answer is exact, missing values
included, and comes with a lead that shows it. ``model.serving`` evaluates each criterion, as it
does where leads are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from model.definition.checks.distinct_values import distinct_values
from model.definition.checks.formulas import (
    Formula,
    assign,
    first_criterion,
    first_difference,
    formula_of,
)
from model.definition.words import FeatureNames, feature_text, rule_text, value_text
from model.serving import Criterion, Definition, holds

MOST_STATES = 50_000  # for one question; beyond that the rules are too complex
Lead = dict[str, Any]  # values of features
State = tuple[Formula, ...]


@dataclass(frozen=True)
class RuleFinding:
    """A contradiction in the rules, or a criterion that can never matter.

    Attributes
    ----------
    kind : str
        ``contradiction`` (no lead can meet it) or ``never matters`` (it changes no verdict).
    criterion : str
        The id; empty where it is about the rules as a whole.
    others : tuple of str
        The criteria that cause it, as few as possible.
    lead : dict
        A lead that shows it; only the features that matter here.
    always : int
        A constant that can replace the criterion: 1 (it holds), -1 (it fails).
    where_known : bool
        True where this is so only for leads whose value is known.
    """

    kind: str
    criterion: str
    others: tuple[str, ...]
    lead: Lead
    always: int = 0
    where_known: bool = False

    @property
    def blocks(self) -> bool:
        """Whether it has to be corrected before anyone can sign."""
        return self.kind == "contradiction"


class TooComplex(Exception):
    """The rules share so many features that they cannot be evaluated in short time."""


@dataclass
class _NumberedRules:
    """The rules as formulas over numbered criteria, and the values of their features."""

    definition: Definition
    criteria: tuple[Criterion, ...] = field(init=False)
    values: dict[str, list[Any]] = field(init=False)  # of each feature
    results: list[list[int]] = field(init=False)  # of each criterion, for those values
    free: set[int] = field(default_factory=set)  # criteria that may have any value
    known: bool = False  # whether to look at known values only
    ready: Formula = field(init=False)
    never: Formula = field(init=False)

    def __post_init__(self) -> None:
        definition = self.definition
        self.criteria = definition.criteria
        self.values = {
            feature: distinct_values([rule for rule in self.criteria if rule.feature == feature])
            for feature in definition.features
        }
        self.results = [_results(rule, self.values[rule.feature]) for rule in self.criteria]
        numbers = iter(range(len(self.criteria)))
        self.ready = formula_of(definition.ready, numbers)
        self.never = formula_of(definition.never, numbers) if definition.never.rules else -1

    def axis(self, number: int) -> int | str:
        """Return what decides a criterion: its feature, or only itself where it is free."""
        return number if number in self.free else self.criteria[number].feature

    def branches(self, axis: int | str) -> Iterator[tuple[Any, dict[int, int]]]:
        """Give each value of an axis, and the results of its criteria for that value."""
        if isinstance(axis, int):
            results = (1, -1) if self.known else (1, -1, 0)
            yield from ((None, {axis: result}) for result in results)
            return
        tied = [
            number
            for number, criterion in enumerate(self.criteria)
            if criterion.feature == axis and number not in self.free
        ]
        for place, value in enumerate(self.values[axis][: -1 if self.known else None]):
            yield value, {number: self.results[number][place] for number in tied}

    def ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.criteria[number].id for number in numbers)

    def lead_with(self, number: int, result: int) -> Lead:
        """Return a lead for which a criterion has a result; empty where there is none."""
        feature, results = self.criteria[number].feature, self.results[number]
        return {feature: self.values[feature][results.index(result)]} if result in results else {}

    def can_all_hold(self, number: int, others: Sequence[int]) -> bool:
        """Whether a criterion can hold together with the others on its feature."""
        feature = self.criteria[number].feature
        tied = [each for each in (number, *others) if self.criteria[each].feature == feature]
        places = range(len(self.values[feature]))
        return any(all(self.results[each][place] == 1 for each in tied) for place in places)


def _results(criterion: Criterion, values: Sequence[Any]) -> list[int]:
    table = pd.DataFrame({criterion.feature: pd.Series(values, dtype="object")})
    return [int(result) for result in holds(criterion, table)]


def find_contradictions(definition: Definition) -> list[RuleFinding]:
    """Find contradictions, and criteria that can never matter.

    Returns
    -------
    list of RuleFinding
        In the order of the file; empty where every criterion matters.

    Raises
    ------
    TooComplex
        Where the rules share too many features.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> large = {"id": "large", "feature": "employees", "at_least": 100}
    >>> for finding in find_contradictions(Definition.from_dict({"ready_when": [size, large]})):
    ...     print(finding.kind, finding.criterion, finding.others, finding.lead)
    never matters size ('large',) {'employees': 49}
    >>> small = {"id": "small", "feature": "employees", "at_most": 20}
    >>> for finding in find_contradictions(Definition.from_dict({"ready_when": [size, small]})):
    ...     print(finding.kind, finding.others, finding.lead)
    contradiction ('size', 'small') {'employees': 50}
    """
    rules = _NumberedRules(definition)
    if not _can_be_ready(rules):
        return [_never_ready(rules)]
    findings: dict[int, RuleFinding] = {}
    for rules.known in (False, True):
        for number in reversed(range(len(rules.criteria))):  # of two that agree, the later one
            if rules.known and rules.criteria[number].operator == "is_missing":
                continue
            always = 0 if number in findings else _constant_for(rules, number)
            if always:
                findings[number] = _explain_constant(rules, number, always)
                rules.ready = assign(rules.ready, {number: always})
                rules.never = assign(rules.never, {number: always})
    return [findings[number] for number in sorted(findings)]


def _can_be_ready(rules: _NumberedRules) -> bool:
    return _find_lead(rules, (rules.ready, rules.never), _is_ready)


def _never_ready(rules: _NumberedRules) -> RuleFinding:
    """Name the criteria because of which no lead can be ready."""
    _free_as_many(rules, range(len(rules.criteria)), lambda: not _can_be_ready(rules))
    against = [number for number in range(len(rules.criteria)) if number not in rules.free]
    lead = rules.lead_with(against[0], 1) if against else {}
    return RuleFinding("contradiction", "", rules.ids(against), lead, -1)


def _is_ready(state: State) -> bool | None:
    ready, never = state
    if never == 1 or ready == -1:
        return False
    return (ready == 1 and never == -1) if _is_decided(state) else None


def _constant_for(rules: _NumberedRules, number: int) -> int:
    """Find the constant that can replace a criterion; 0 where the criterion matters."""
    return next((value for value in (1, -1) if _is_constant(rules, number, value)), 0)


def _is_constant(rules: _NumberedRules, number: int, value: int) -> bool:
    """Whether every lead's verdict stays the same with a constant in place of a criterion."""
    constant = {number: value}
    ready, never = assign(rules.ready, constant), assign(rules.never, constant)
    if (ready, never) == (rules.ready, rules.never):
        return False  # the criterion is not in the rules any more
    return not _find_lead(rules, (rules.ready, rules.never, ready, never), _verdict_differs)


def _verdict_differs(state: State) -> bool | None:
    if state[:2] == state[2:] or state[1] == state[3] == 1:
        return False
    return _verdict_of(*state[:2]) != _verdict_of(*state[2:]) if _is_decided(state) else None


def _verdict_of(ready: Any, never: Any) -> int:
    return 2 if never == 1 else min(ready, -never)


def _is_decided(state: State) -> bool:
    return all(isinstance(formula, int) for formula in state)


def _explain_constant(rules: _NumberedRules, number: int, always: int) -> RuleFinding:
    """Find the fewest other criteria because of which one never matters, and a lead."""
    others = [other for other in range(len(rules.criteria)) if other != number]
    _free_as_many(rules, others, lambda: _is_constant(rules, number, always))
    fixed = rules.free | {number}
    because = [other for other in range(len(rules.criteria)) if other not in fixed]
    rules.free.clear()
    contradicts = because and always == -1 and not rules.can_all_hold(number, because)
    return RuleFinding(
        "contradiction" if contradicts else "never matters",
        rules.criteria[number].id,
        rules.ids(because),
        rules.lead_with(number, -always),
        always,
        rules.known,
    )


def _free_as_many(rules: _NumberedRules, numbers: Sequence[int], still: Callable[[], bool]) -> None:
    """Let as many criteria as possible have any value, the first ones first.

    All are tried at once, then halves: most criteria have nothing to do with a finding.
    """
    rules.free.update(numbers)
    if still():
        return
    rules.free.difference_update(numbers)
    if len(numbers) > 1:
        middle = len(numbers) // 2
        _free_as_many(rules, numbers[:middle], still)
        _free_as_many(rules, numbers[middle:], still)


def _find_lead(rules: _NumberedRules, start: State, decide: Callable[[State], bool | None]) -> bool:
    """Whether there is a lead for which ``decide`` is true; None means: not decided yet."""
    seen: set[State] = set()

    def search(state: State) -> bool:
        decided = decide(state)
        if decided is not None or state in seen:
            return bool(decided)
        seen.add(state)
        if len(seen) > MOST_STATES:
            raise TooComplex
        number = _next_criterion(state)
        branches = rules.branches(rules.axis(number))
        return any(
            search(tuple(assign(formula, results) for formula in state)) for _, results in branches
        )

    return search(start)


def _next_criterion(state: State) -> int:
    """Choose the criterion to look at next: where two versions of the rules still differ.

    Whether one criterion matters is mostly decided by its own group, so the rest of the rules need
    not be tried out before.
    """
    half = len(state) // 2
    pairs = zip(state[:half], state[half:], strict=True) if half > 1 else ()
    differing = (first_difference(old, new) for old, new in pairs)
    candidates = (*differing, *map(first_criterion, state))
    return next(number for number in candidates if number is not None)


# -- in words -------------------------------------------------------------------------------------


def contradiction_text(
    finding: RuleFinding, definition: Definition, names: FeatureNames = None
) -> str:
    """Explain a finding to people who do not program.

    Examples
    --------
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> definition = Definition.from_dict(
    ...     {"ready_when": [size, {"id": "large", "feature": "employees", "at_least": 100}]})
    >>> print(contradiction_text(find_contradictions(definition)[0], definition))
    size (employees at least 50) can never matter, because of large (employees at least 100): a \
lead with employees 49 fails size, and the verdict is the same without it
    """
    rules = {rule.id: f"{rule.id} ({rule_text(rule, names)})" for rule in definition.criteria}
    others = " and ".join(rules[other] for other in finding.others)
    lead = " and ".join(
        f"{feature_text(feature, names)} {value_text(value)}"
        for feature, value in finding.lead.items()
    )
    if not finding.criterion:
        return f"no lead can be ready: {others} cannot hold together; try a lead with {lead}"
    rule = rules[finding.criterion]
    if finding.kind == "contradiction":
        return f"{rule} can never be met together with {others}; try a lead with {lead}"
    where = ""
    if finding.where_known:
        feature = next(iter(finding.lead), "the value")
        where = f" where {feature_text(feature, names)} is known"
    because = f", because of {others}" if others else ", since its result is always the same"
    result = "fails" if finding.always == 1 else "passes"
    example = f": a lead with {lead} {result} {finding.criterion}, and the verdict is the same "
    return f"{rule} can never matter{where}{because}" + (f"{example}without it" if lead else "")
