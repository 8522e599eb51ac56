"""What is tried that is not there yet: what sales turns leads down for, and what else is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from features.labels.rejection_reasons import NO_OUTCOME
from model.definition.edit_yaml import Edit, Path, any_groups, applied, at, criteria_paths, emptied
from model.proposals.change_test import LEAST_LEADS, Look, Move, turned_down
from model.proposals.question import (
    ALTERNATIVE,
    CUTS,
    NEW,
    REJECTIONS,
    Slot,
    askable,
    by_rate,
    cuts_of,
    number_rules,
    of,
    plain,
    set_to,
    strongest,
)
from model.serving import NEVER, READY, Criterion, holds
from model.simulation.history import Array, Mask, verdicts

TWICE = 2.0  # a rejection reason has to be given so many times as often
WORST = 3  # categories ruled out, or let in, at once


def reasons(look: Look) -> list[Slot]:
    """For each rejection reason: a condition that leads turned down for it fail."""
    given = pd.Series(look.history.reason[look.ready & look.history.known], dtype=object)
    counts = given[~given.isin(NO_OUTCOME)].value_counts()
    some = [one for ones in askable(look).values() for one in ones]

    def slot(reason: str) -> Slot:
        def judge(here: Look, edit: Edit) -> Move:
            return turned_down(here, edit, reason)

        def best(here: Look) -> Edit | None:
            edits = [*_conditions(here, some), *_stricter(here)]
            return strongest(here, [one for one in edits if _fits(here, one, reason)], judge)

        return Slot(REJECTIONS, reason, best, judge)

    return [slot(str(one)) for one, n in counts.items() if n >= LEAST_LEADS]


def _stricter(look: Look) -> Iterator[Edit]:
    """Stricter thresholds of the criteria that are there: a reason may speak for them, too."""
    ready = look.ready & look.history.known
    for path in criteria_paths(look.definition).values():
        one = at(look.definition, path)
        values = look.history.X[one["feature"]][ready]
        for operator, sign in (("at_least", 1), ("at_most", -1)):
            if operator in one:
                numbers = values.to_numpy(np.float64, na_value=np.nan)
                cuts = cuts_of(numbers, CUTS // 2, operator)
                yield from (
                    set_to(one, operator, plain(cut))
                    for cut in cuts
                    if cut * sign > one[operator] * sign
                )


def _fits(look: Look, edit: Edit, reason: str) -> bool:
    """Whether the reason is given at least twice as often there, and fewer of them are won."""
    move = look.of(edit)
    return move.enough_leads and fewer_won(move) and times(turned_down(look, edit, reason)) >= TWICE


def times(move: Move) -> float:
    """How many times as often a reason is given for the leads moved as for those that stay."""
    return move.rate(move.moved) / max(move.rate(move.stay), 1e-9)


def fewer_won(move: Move) -> bool:
    """Whether the leads moved were won less often than those that stay ready."""
    return move.rate(move.moved) < move.rate(move.stay)


def _conditions(look: Look, some: list[Feature]) -> list[Edit]:
    """Conditions that some ready leads fail, for each feature."""
    found: list[Edit] = []
    ready = look.ready & look.history.known
    for one in some:
        values = look.history.X[one.name][ready]
        rules = (
            number_rules(one, values)
            if one.kind == "number"
            else _without_worst(one, values, look.history.won[ready])
        )
        found += [
            {"change": "add", "to": ("ready_when",), "criterion": {"id": NEW, **rule}}
            for rule in rules
        ]
    return found


def _without_worst(one: Feature, values: pd.Series[Any], won: Array) -> Iterator[dict[str, Any]]:
    worst = by_rate(values, won)
    for n in range(1, min(WORST, len(worst) - 1) + 1):
        yield {"feature": one.name, "none_of": sorted(worst[:n])}


def alternatives(look: Look) -> list[Slot]:
    """For each ``any`` group: something else that would be enough as well."""
    return [
        Slot(ALTERNATIVE, " or ".join(_ids(at(look.definition, path))), _alternative(path), of)
        for path in any_groups(look.definition)
    ]


def _ids(rules: list[Mapping[str, Any]]) -> list[str]:
    return [str(one["id"]) for one in rules if "id" in one]


def _alternative(path: Path) -> Callable[[Look], Edit | None]:
    def best(look: Look) -> Edit | None:
        waiting = _but_for(look, path)
        features = [one for one in look.history.features if look.history.X[one.name].notna().any()]
        values, won = look.history.X[waiting], look.history.won[waiting]
        edits: list[Edit] = []
        for one in features:
            rules = (
                number_rules(one, values[one.name])
                if one.kind == "number"
                else _with_best(one, values[one.name], won)
            )
            edits += [
                {"change": "add", "to": path, "criterion": {"id": NEW, **rule}} for rule in rules
            ]
        return strongest(look, edits, lambda here, edit: _let_in(here, edit, waiting))

    return best


def _with_best(one: Feature, values: pd.Series[Any], won: Array) -> Iterator[dict[str, Any]]:
    best = by_rate(values, won)[::-1]
    for n in range(1, min(WORST, len(best) - 1) + 1):
        yield {"feature": one.name, "one_of": sorted(best[:n])}


def _but_for(look: Look, path: Path) -> Mask:
    """Leads that would be ready were it not for one group, whose outcome is known."""
    changed = applied(look.definition, [])
    whole = emptied(changed, path) if len(path) > 2 else path
    if len(whole) <= 1:
        return np.asarray(~look.ready & (look.code != NEVER) & look.history.known)
    del at(changed, whole[:-1])[whole[-1]]
    after = verdicts(changed, look.history.X) == READY
    return np.asarray(after & ~look.ready & look.history.known)


def _let_in(look: Look, edit: Edit, waiting: Mask) -> Move:
    """The same move as ``Look.of`` makes, without judging all rules again."""
    moved = waiting & (holds(Criterion.from_dict(edit["criterion"]), look.history.X) > 0)
    known = look.history.known & (look.code != NEVER)
    out = known & ~look.ready & ~moved
    return Move(edit, moved, known & look.ready, out, True, look.history.won, look.history)
