"""Changes to the rules, as data: another operand, a criterion removed, a criterion added.

Proposals test many of these on past leads before one is written into a file (``edit_yaml``); in a
workshop people make them. A group is found by its position: ``()`` is ``ready_when`` itself,
``(1,)`` the second rule in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from features.errors import LeadReadyError
from model.definition.words import FeatureNames, rule_text
from model.serving import NO_RULES, Criterion, Definition, Group, Rule

Position = tuple[int, ...]
NEVER_WHEN = "never_when"  # the key of the rules that exclude leads


@dataclass(frozen=True)
class SetOperand:
    """Another threshold, or list, for a criterion.

    Examples
    --------
    >>> SetOperand(Criterion("size", "employees", "at_least", 50), 80).to_dict()
    {'change': 'set', 'criterion': 'size', 'operator': 'at_least', 'from': 50, 'to': 80}
    """

    criterion: Criterion
    operand: Any

    @property
    def changed(self) -> Criterion:
        """The criterion with its new operand."""
        return self.criterion._replace(operand=self.operand)

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        operator = self.criterion.operator
        return {
            "change": "set",
            "criterion": self.criterion.id,
            "operator": operator,
            "from": self.criterion.to_dict()[operator],
            "to": self.changed.to_dict()[operator],
        }


@dataclass(frozen=True)
class RemoveCriterion:
    """A criterion left out, and the groups that are then empty."""

    criterion: Criterion

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return {"change": "remove", "criterion": self.criterion.id}


@dataclass(frozen=True)
class AddRequirement:
    """A new criterion that every ready lead has to meet."""

    criterion: Criterion

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return {"change": "add", "group": None, "criterion": self.criterion.to_dict()}


@dataclass(frozen=True)
class AddAlternative:
    """A new criterion in the ``any`` group at a position: one more way to meet it."""

    criterion: Criterion
    group: Position

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        criterion = self.criterion.to_dict()
        return {"change": "add", "group": list(self.group), "criterion": criterion}


@dataclass(frozen=True)
class AddExclusion:
    """A new criterion that rules out every lead that meets it."""

    criterion: Criterion

    def to_dict(self) -> dict[str, object]:
        """Return it as JSON takes it."""
        return {"change": "add", "group": NEVER_WHEN, "criterion": self.criterion.to_dict()}


Edit = SetOperand | RemoveCriterion | AddRequirement | AddAlternative | AddExclusion


def edit_from_dict(content: Mapping[str, Any], definition: Definition) -> Edit:
    """Read a change as ``to_dict`` wrote it.

    Examples
    --------
    >>> definition = Definition.from_dict(
    ...     {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]})
    >>> edit = SetOperand(definition.criteria[0], 80)
    >>> edit_from_dict(edit.to_dict(), definition) == edit
    True
    """
    named = content["criterion"]
    if content["change"] == "add":
        criterion, group = Criterion.from_dict(named), content["group"]
        if group == NEVER_WHEN:
            return AddExclusion(criterion)
        return (
            AddRequirement(criterion) if group is None else AddAlternative(criterion, tuple(group))
        )
    criterion = next(each for each in definition.criteria if each.id == named)
    if content["change"] == "remove":
        return RemoveCriterion(criterion)
    operand = content["to"]
    return SetOperand(criterion, tuple(operand) if isinstance(operand, list) else operand)


class Rules(NamedTuple):
    """What makes a lead ready, and what rules it out; ``never`` may be empty."""

    ready: Group
    never: Group

    def excludes(self, criterion: Criterion) -> bool:
        """Whether a criterion is among those that rule leads out."""
        return any(criterion.id == other.id for other in self.never.criteria)


def change_rules(rules: Rules, edits: Iterable[Edit]) -> Rules:
    """Apply changes to both kinds of rules.

    Raises
    ------
    LeadReadyError
        When the last criterion of ``ready`` is removed.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> student = Criterion("student", "seniority", "one_of", ("student",))
    >>> rules = Rules(Group("all", (size,)), NO_RULES)
    >>> change_rules(rules, [AddExclusion(student)]).never.rules[0].id
    'student'
    >>> change_rules(rules, [AddExclusion(student), RemoveCriterion(student)]) == rules
    True
    """
    for edit in edits:
        match edit:
            case AddExclusion(criterion):
                rules = rules._replace(never=_with_exclusion(rules.never, criterion))
            case SetOperand(criterion) | RemoveCriterion(criterion) if rules.excludes(criterion):
                other = edit.changed if isinstance(edit, SetOperand) else None
                never = replace_criterion(rules.never, criterion.id, other)
                rules = rules._replace(never=never if isinstance(never, Group) else NO_RULES)
            case _:
                rules = rules._replace(ready=apply_edits(rules.ready, [edit]))
    return rules


def in_safe_order(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Put last what may move the groups that other changes add to, so that positions stay valid.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> [type(edit).__name__ for edit in in_safe_order(
    ...     [RemoveCriterion(size), AddAlternative(size, (1,))])]
    ['AddAlternative', 'RemoveCriterion']
    """
    return tuple(
        sorted(edits, key=lambda edit: isinstance(edit, (RemoveCriterion, AddRequirement)))
    )


def _with_exclusion(never: Group, criterion: Criterion) -> Group:
    if never.kind == "any":
        return Group("any", (*never.rules, criterion))
    return Group("any", (never, criterion))


def apply_edits(ready: Group, edits: Iterable[Edit]) -> Group:
    """Apply changes to what makes a lead ready.

    Raises
    ------
    LeadReadyError
        When the last criterion is removed.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> apply_edits(Group("all", (size,)), [SetOperand(size, 80)]).rules[0].operand
    80
    """
    for edit in edits:
        match edit:
            case SetOperand(criterion):
                changed = replace_criterion(ready, criterion.id, edit.changed)
            case RemoveCriterion(criterion):
                changed = replace_criterion(ready, criterion.id, None)
            case AddRequirement(criterion):
                changed = _with_requirement(ready, criterion)
            case AddAlternative(criterion, position):
                changed = _with_alternative(ready, position, criterion)
            case AddExclusion():
                changed = ready
        if not isinstance(changed, Group):
            what = "the last criterion of ready_when cannot be removed"
            raise LeadReadyError(what, hint="a definition needs at least one; change it instead")
        ready = changed
    return ready


def with_edits(definition: Definition, edits: Iterable[Edit]) -> Definition:
    """Return the definition with changed rules; signatures become void.

    Examples
    --------
    >>> definition = Definition.from_dict(
    ...     {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]})
    >>> changed = with_edits(definition, [SetOperand(definition.criteria[0], 80)])
    >>> changed.content
    {'ready_when': {'all': [{'id': 'size', 'feature': 'employees', 'at_least': 80}]}}
    """
    before = Rules(definition.ready, definition.never)
    rules = change_rules(before, edits)
    content = {**definition.content, "ready_when": rules.ready.to_dict()}
    if rules.never != before.never:
        content[NEVER_WHEN] = rules.never.to_dict()
        if not rules.never.rules:
            del content[NEVER_WHEN]
    return Definition.from_dict(content)


def replace_criterion(rule: Rule, name: str, other: Criterion | None) -> Rule | None:
    """Replace a criterion within a rule; None leaves it out, and the groups that are then empty.

    Examples
    --------
    >>> a, b, c = (Criterion(name, name, "at_least", 1) for name in "abc")
    >>> rule = Group("all", (a, Group("any", (b,))))
    >>> replace_criterion(rule, "b", None) == Group("all", (a,))
    True
    >>> replace_criterion(rule, "b", c) == Group("all", (a, Group("any", (c,))))
    True
    """
    match rule:
        case Criterion():
            return other if rule.id == name else rule
        case Group(kind, rules):
            parts = (replace_criterion(part, name, other) for part in rules)
            left = tuple(part for part in parts if part is not None)
            return Group(kind, left) if left else None


def _with_requirement(ready: Group, criterion: Criterion) -> Group:
    if ready.kind == "all":
        return Group("all", (*ready.rules, criterion))
    return Group("all", (ready, criterion))


def _with_alternative(group: Group, position: Position, criterion: Criterion) -> Group:
    if not position:
        return Group(group.kind, (*group.rules, criterion))
    place, *rest = position
    inner = _with_alternative(group_at(group, (place,)), tuple(rest), criterion)
    return Group(group.kind, (*group.rules[:place], inner, *group.rules[place + 1 :]))


def group_at(ready: Group, position: Position) -> Group:
    """Return the group at a position."""
    for place in position:
        rule = ready.rules[place]
        assert isinstance(rule, Group)
        ready = rule
    return ready


def without_group(ready: Group, position: Position) -> Group | None:
    """Leave a group out, and the groups that are then empty; None where nothing is left."""
    if not position:
        return None
    place, *rest = position
    inner = without_group(group_at(ready, (place,)), tuple(rest))
    kept = () if inner is None else (inner,)
    rules = (*ready.rules[:place], *kept, *ready.rules[place + 1 :])
    return Group(ready.kind, rules) if rules else None


def any_groups(ready: Group, position: Position = ()) -> Iterator[Position]:
    """Find the ``any`` groups that a lead has to meet; those under ``none`` do not count.

    Examples
    --------
    >>> a, b = (Criterion(name, name, "at_least", 1) for name in "ab")
    >>> list(any_groups(Group("all", (a, Group("any", (a, b))))))
    [(1,)]
    """
    if ready.kind == "none":
        return
    if ready.kind == "any":
        yield position
    for place, rule in enumerate(ready.rules):
        if isinstance(rule, Group):
            yield from any_groups(rule, (*position, place))


def edit_text(edit: Edit, names: FeatureNames = None) -> str:
    """Describe a change in words.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> edit_text(SetOperand(size, 80))
    'size: employees at least 50 → employees at least 80'
    >>> edit_text(RemoveCriterion(size))
    'size: remove "employees at least 50"'
    >>> edit_text(AddRequirement(size)), edit_text(AddAlternative(size, (1,)))
    ('new: also require employees at least 50', 'new: employees at least 50 is enough as well')
    """
    match edit:
        case SetOperand(criterion):
            before, after = rule_text(criterion, names), rule_text(edit.changed, names)
            return f"{criterion.id}: {before} → {after}"
        case RemoveCriterion(criterion):
            return f'{criterion.id}: remove "{rule_text(criterion, names)}"'
        case AddRequirement(criterion):
            return f"new: also require {rule_text(criterion, names)}"
        case AddAlternative(criterion):
            return f"new: {rule_text(criterion, names)} is enough as well"
        case AddExclusion(criterion):
            return f"new: never hand over {rule_text(criterion, names)}"
