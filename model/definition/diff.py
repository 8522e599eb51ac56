"""What differs between two definitions, in the words of the people who agree on them.

Criteria with the same id are the same criterion, so a threshold that changed reads as
``right-size: at least 50 → at least 100 employees`` rather than as lines removed and added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from model.definition.words import FeatureNames, feature_text, operand_text, rule_text, value_text
from model.serving import Criterion, Definition, Example, Expectation, Group, Points

Kinds = tuple[str, ...]  # the kinds of the groups that a criterion is in


def definition_changes(old: Definition, new: Definition, names: FeatureNames = None) -> list[str]:
    """List everything that differs, one change a line; signatures are left out.

    Parameters
    ----------
    names : mapping, optional
        What each feature is called.

    Examples
    --------
    >>> size = {"id": "right-size", "feature": "employees", "at_least": 50}
    >>> boss = {"id": "boss", "feature": "seniority", "one_of": ["vp"]}
    >>> old = Definition.from_dict({"version": 4, "ready_when": [size]})
    >>> new = Definition.from_dict(
    ...     {"version": 5, "ready_when": [size | {"at_least": 100}, boss]})
    >>> print(*definition_changes(old, new), sep="\\n")
    version: 4 → 5
    right-size: at least 50 → at least 100 employees
    ready when, added: boss (seniority is vp)
    """
    return [
        *_value_changes("name", old.name, new.name),
        *_value_changes("version", old.version, new.version),
        *_value_changes("moment", old.moment, new.moment),
        *_value_changes("horizon days", old.horizon_days, new.horizon_days),
        *_value_changes("teams", old.teams, new.teams),
        *_mapping_changes("term", old.terms, new.terms),
        *_rule_changes("ready when", old.ready, new.ready, names),
        *_rule_changes("never when", old.never, new.never, names),
        *_expectation_changes(old.expect, new.expect, names),
        *_points_changes(old.points, new.points, names),
        *_example_changes(old.examples, new.examples, names),
        *_mapping_changes("handoff", old.handoff._asdict(), new.handoff._asdict()),
        *_mapping_changes("tolerance", old.tolerance._asdict(), new.tolerance._asdict()),
    ]


def _value_changes(label: str, old: object, new: object) -> list[str]:
    return [f"{label}: {_setting_text(old)} → {_setting_text(new)}"] if old != new else []


def _setting_text(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _mapping_changes(label: str, old: Mapping[str, object], new: Mapping[str, object]) -> list[str]:
    return [
        change
        for key in dict.fromkeys([*old, *new])
        for change in _value_changes(f"{label} {key}", old.get(key), new.get(key))
    ]


# -- rules ----------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    """A criterion, and the kinds of the groups that it is in."""

    criterion: Criterion
    kinds: Kinds


def _rule_changes(label: str, old: Group, new: Group, names: FeatureNames) -> list[str]:
    before, after = dict(_placed_criteria(old)), dict(_placed_criteria(new))
    changes = []
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            removed = rule_text(before[name].criterion, names)
            changes.append(f"{label}, removed: {name} ({removed})")
        elif name not in before:
            changes.append(f"{label}, added: {name} ({rule_text(after[name].criterion, names)})")
        else:
            changes += _criterion_changes(before[name].criterion, after[name].criterion, names)
    both = [name for name in before if name in after]
    moved = [name for name in both if before[name].kinds != after[name].kinds]
    if moved:
        changes.append(
            f"{label}: {', '.join(moved)} moved to another group, which now reads: "
            f"{rule_text(new, names)}"
        )
    elif both != [name for name in after if name in before]:
        changes.append(f"{label}: the order changed")
    return changes


def _placed_criteria(group: Group, kinds: Kinds = ()) -> Iterable[tuple[str, _Placed]]:
    """List every criterion by its id."""
    within = (*kinds, group.kind)
    for rule in group.rules:
        match rule:
            case Criterion():
                yield rule.id, _Placed(rule, within)
            case Group():
                yield from _placed_criteria(rule, within)


def _criterion_changes(old: Criterion, new: Criterion, names: FeatureNames) -> list[str]:
    changes = []
    conditions = [(rule.feature, rule.operator, rule.operand) for rule in (old, new)]
    if conditions[0] != conditions[1]:
        changes.append(f"{new.id}: {condition_change_text(old, new, names)}")
    changes += _value_changes(f"{new.id}, asked for by", old.asked_by, new.asked_by)
    return changes + _value_changes(f"{new.id}, because", old.because, new.because)


def condition_change_text(old: Criterion, new: Criterion, names: FeatureNames = None) -> str:
    """Write both conditions; a feature that stays the same is named once.

    Examples
    --------
    >>> size = Criterion("size", "employees", "at_least", 50)
    >>> condition_change_text(size, size._replace(operand=100))
    'at least 50 → at least 100 employees'
    """
    if old.feature != new.feature:
        return f"{rule_text(old, names)} → {rule_text(new, names)}"
    return f"{operand_text(old)} → {operand_text(new)} {feature_text(new.feature, names)}"


# -- beside the rules -----------------------------------------------------------------------------


def _points_changes(old: Points, new: Points, names: FeatureNames) -> list[str]:
    changes = _value_changes("points threshold", old.threshold, new.threshold)
    before, after = _given_points(old, names), _given_points(new, names)
    for rule in dict.fromkeys([*before, *after]):
        if rule not in after:
            changes.append(f"points, removed: {before[rule]:+g} for {rule}")
        elif rule not in before:
            changes.append(f"points, added: {after[rule]:+g} for {rule}")
        elif before[rule] != after[rule]:
            changes.append(f"points for {rule}: {before[rule]:+g} → {after[rule]:+g}")
    return changes


def _given_points(points: Points, names: FeatureNames) -> dict[str, float]:
    return {rule_text(given.criterion, names): float(given.points) for given in points.give}


def _expectation_changes(
    old: Sequence[Expectation], new: Sequence[Expectation], names: FeatureNames
) -> list[str]:
    before, after = ([_expectation_text(each, names) for each in side] for side in (old, new))
    removed = [f"expected, removed: {line}" for line in before if line not in after]
    return removed + [f"expected, added: {line}" for line in after if line not in before]


def _expectation_text(expectation: Expectation, names: FeatureNames) -> str:
    because = f" ({expectation.because})" if expectation.because else ""
    return f"{feature_text(expectation.feature, names)} {expectation.direction}{because}"


# -- examples -------------------------------------------------------------------------------------


def _example_changes(
    old: Sequence[Example], new: Sequence[Example], names: FeatureNames
) -> list[str]:
    """List the examples that were added or removed, and those of the same lead that changed."""
    removed = [example for example in old if example not in new]
    changed, added = [], []
    for number, example in enumerate(new, start=1):
        if example in old:
            continue
        before = next((other for other in removed if _is_same_lead(other, example)), None)
        if before is None:
            added.append(f"example, added: {_example_text(example, names)}")
        else:
            removed.remove(before)
            lines = _lead_changes(before, example, names)
            changed.append(f"example {number}: {'; '.join(lines)}")
    gone = [f"example, removed: {_example_text(example, names)}" for example in removed]
    return [*changed, *gone, *added]


def _is_same_lead(old: Example, new: Example) -> bool:
    pairs = ((old.id, new.id), (old.because, new.because), (old.lead, new.lead))
    return any(before and before == after for before, after in pairs)


def _lead_changes(old: Example, new: Example, names: FeatureNames) -> list[str]:
    before, after = old.lead, new.lead
    changes = [
        f"{feature_text(name, names)} {value_text(before.get(name))} → "
        f"{value_text(after.get(name))}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    changes += _value_changes("verdict", old.verdict, new.verdict)
    changes += _value_changes("because", old.because, new.because)
    changes += _value_changes("id", old.id, new.id)
    return changes or ["its missing values are written in another way"]


def _example_text(example: Example, names: FeatureNames) -> str:
    lead = ", ".join(
        f"{feature_text(name, names)} {value_text(value)}" for name, value in example.lead.items()
    )
    because = f" ({example.because})" if example.because else ""
    return f"{lead}: {example.verdict}{because}"
