"""Rules as formulas of three-valued logic, simplified as the values of criteria become known.

Each criterion is a number: its place in the definition. Its value is 1 (holds), -1 (fails) or 0
(not known); "and" takes the least of its parts, "or" the greatest, "none" turns the sign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from model.serving import Criterion, Group, Rule


class Check(NamedTuple):
    """The value of one criterion, or the opposite of it."""

    criterion: int
    negated: bool


class Combination(NamedTuple):
    """The least value of its parts ("and"), or the greatest ("or")."""

    least: bool
    parts: tuple[Formula, ...]


Formula = int | Check | Combination


def formula_of(rule: Rule, numbers: Iterator[int], negated: bool = False) -> Formula:
    """Write a rule as a formula.

    Parameters
    ----------
    numbers : iterator of int
        Gives each criterion its number, in the order of the file.

    Examples
    --------
    >>> a, b = (Criterion(name, name, "at_least", 1) for name in "ab")
    >>> formula_of(Group("none", (a, b)), iter(range(2)))
    Combination(least=True, parts=(Check(criterion=0, negated=True), \
Check(criterion=1, negated=True)))
    """
    match rule:
        case Criterion():
            return Check(next(numbers), negated)
        case Group(kind, rules):
            negated = negated != (kind == "none")
            parts = [formula_of(part, numbers, negated) for part in rules]
            return _combine((kind == "all") != negated, parts)


def assign(formula: Formula, values: Mapping[int, int]) -> Formula:
    """Replace criteria by their values, and simplify.

    Examples
    --------
    >>> both = Combination(least=True, parts=(Check(0, False), Check(1, True)))
    >>> assign(both, {0: 1}), assign(both, {0: 1, 1: 1})
    (Check(criterion=1, negated=True), -1)
    """
    match formula:
        case Check(criterion, negated):
            value = values.get(criterion)
            return formula if value is None else -value if negated else value
        case Combination(least, parts):
            return _combine(least, (assign(part, values) for part in parts))
    return formula


def first_criterion(formula: Formula) -> int | None:
    """Return the first criterion whose value the formula still needs."""
    match formula:
        case Check(criterion):
            return criterion
        case Combination(_, parts):
            return next((first for first in map(first_criterion, parts) if first is not None), None)
    return None


def first_difference(old: Formula, new: Formula) -> int | None:
    """Return the first criterion of the parts in which two formulas differ.

    Examples
    --------
    >>> both = Combination(True, (Check(0, False), Check(1, False), Check(2, False)))
    >>> first_difference(both, Combination(True, (Check(0, False), Check(2, False))))
    1
    """
    match old, new:
        case Combination(), Combination() if old.least == new.least:
            rest, other = (
                tuple(part for part in formula.parts if part not in without.parts)
                for formula, without in ((old, new), (new, old))
            )
            if len(rest) == len(other) == 1:
                return first_difference(rest[0], other[0])
            return first_criterion(Combination(old.least, (*rest, *other)))
    if old == new:
        return None
    first = first_criterion(old)
    return first_criterion(new) if first is None else first


def _combine(least: bool, parts: Iterable[Formula]) -> Formula:
    """Combine parts, leaving out those that change nothing."""
    decisive = -1 if least else 1
    kept: list[Formula] = []
    for part in parts:
        if part == decisive:
            return decisive
        if part != -decisive and part not in kept:
            kept.append(part)
    if not kept:
        return -decisive
    return kept[0] if len(kept) == 1 else Combination(least, tuple(kept))
