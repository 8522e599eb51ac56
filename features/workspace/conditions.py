"""Conditions on the leads' columns, as ``leadready.yaml`` writes them: ``{Stage: [Closed Lost]}``.

A condition names a column with its values, or with an operator of the lead definition. ``all``,
``any`` and ``none`` group conditions as in the definition. The definition's own criteria live in
``model/serving.py``, which travels alone and which this room may not import; a test holds that both
know the same operators and groups and agree on every lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from features.errors import LeadReadyError
from features.workspace.yaml_with_lines import Place

OPERATORS = (
    "at_least",
    "at_most",
    "between",
    "before",
    "after",
    "one_of",
    "none_of",
    "equals",
    "is_missing",
)
GROUPS = ("all", "any", "none")


@dataclass(frozen=True)
class ColumnCondition:
    """A condition on one column.

    Attributes
    ----------
    column : str
        A column of the leads, or the stage column of the history.
    operator : str
        One of ``OPERATORS``.
    operand : tuple
        Texts, numbers, days or a truth value.
    """

    column: str
    operator: str
    operand: tuple[Any, ...]


@dataclass(frozen=True)
class ConditionGroup:
    """Conditions of which ``all``, ``any`` (at least one) or ``none`` must hold."""

    kind: str
    conditions: tuple[Condition, ...]


Condition = ColumnCondition | ConditionGroup


def column_conditions(condition: Condition | None) -> Iterator[ColumnCondition]:
    """List the conditions on single columns, in the order of the file.

    Examples
    --------
    >>> lost = ColumnCondition("Status", "one_of", ("Lost",))
    >>> [part.column for part in column_conditions(ConditionGroup("none", (lost,)))]
    ['Status']
    """
    if isinstance(condition, ColumnCondition):
        yield condition
    elif condition is not None:
        for part in condition.conditions:
            yield from column_conditions(part)


def condition_columns(condition: Condition | None) -> tuple[str, ...]:
    """List the columns that a condition names, each once."""
    return tuple(dict.fromkeys(part.column for part in column_conditions(condition)))


def any_condition(parts: Sequence[Condition]) -> Condition | None:
    """Combine conditions of which one must hold; None without any.

    Examples
    --------
    >>> lost = ColumnCondition("Status", "one_of", ("Lost",))
    >>> any_condition([lost]) == lost, any_condition([])
    (True, None)
    """
    flat: list[Condition] = []
    for part in parts:
        nested = isinstance(part, ConditionGroup) and part.kind == "any"
        flat += part.conditions if isinstance(part, ConditionGroup) and nested else [part]
    return _group("any", flat) if flat else None


def condition_yaml(condition: Condition) -> Any:
    """Give a condition as ``leadready.yaml`` has it.

    Examples
    --------
    >>> lost = ColumnCondition("Status", "one_of", ("Lost",))
    >>> empty = ColumnCondition("Status", "is_missing", (True,))
    >>> condition_yaml(any_condition([lost, empty]))
    [{'Status': ['Lost']}, {'Status': {'is_missing': True}}]
    """
    if isinstance(condition, ConditionGroup):
        parts = [condition_yaml(part) for part in condition.conditions]
        columns = condition_columns(condition)
        if condition.kind == "all" and len(columns) == len(parts):
            return {key: value for part in parts for key, value in part.items()}
        return parts if condition.kind == "any" else {condition.kind: parts}
    several = condition.operator in ("one_of", "none_of", "between")
    operand = list(condition.operand) if several else condition.operand[0]
    by_values = condition.operator == "one_of"
    return {condition.column: operand if by_values else {condition.operator: operand}}


def read_condition(place: Place) -> Condition:
    """Read a condition: a column with values or an operator, a group, or a list (any of them).

    Raises
    ------
    LeadReadyError
        With the line and what was expected.
    """
    if isinstance(place.value, list):
        return _group("any", [read_condition(item) for item in place.items(at_least=1)])
    parts: list[Condition] = []
    for name, value in place.mapping(None, what="column", as_written=True).items():
        if name in GROUPS and _lists_conditions(value):
            items = tuple(read_condition(item) for item in value.items(at_least=1))
            parts.append(ConditionGroup(name, items))
        else:
            parts += _column_conditions(name, value)
    if not parts:
        raise _expected_condition(place)
    return _group("all", parts)


def _group(kind: str, parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else ConditionGroup(kind, tuple(parts))


def _lists_conditions(place: Place) -> bool:
    return isinstance(place.value, list) and any(isinstance(item, dict) for item in place.value)


def _expected_condition(place: Place) -> LeadReadyError:
    hint = "write a column with its values:  {Stage: [Closed Lost]}"
    return place.wrong("expected a condition", hint)


def _column_conditions(column: str, place: Place) -> list[Condition]:
    if not isinstance(place.value, dict):
        return [ColumnCondition(column, "one_of", place.raw_texts())]
    operators = place.mapping(OPERATORS, what="operator")
    if not operators:
        raise _expected_condition(place)
    return [
        ColumnCondition(column, operator, _operand(operator, value))
        for operator, value in operators.items()
    ]


def _operand(operator: str, place: Place) -> tuple[Any, ...]:
    match operator:
        case "at_least" | "at_most":
            return (place.number(),)
        case "between":
            return tuple(item.number() for item in place.items(exactly=2))
        case "before" | "after":
            return (place.day(),)
        case "is_missing":
            return (place.flag(),)
        case "equals":
            return (place.raw_text(),)
        case _:
            return place.raw_texts()
