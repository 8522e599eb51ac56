"""Questions about criteria that do not exist yet: rejected leads, and other signs of readiness."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from features.labels.rejection_reasons import NO_OUTCOME
from model.definition.edits import (
    AddAlternative,
    AddRequirement,
    Edit,
    Position,
    SetOperand,
    any_groups,
    group_at,
    without_group,
)
from model.proposals.change_test import LEAST_LEADS, ChangeTest, JudgedHalf, rejection_test
from model.proposals.question import (
    ALTERNATIVE,
    NEW,
    REJECTIONS,
    THRESHOLDS,
    Question,
    askable_features,
    categories_by_win_rate,
    number_conditions,
    plain_number,
    strongest,
    thresholds,
    win_rate_test,
)
from model.serving import NEVER, READY, Criterion, Group, holds, rule_codes
from model.simulation.history import Array, Mask

TWICE = 2.0  # how many times as often a rejection reason must be given
MOST_VALUES = 3  # categories excluded, or let in, at once
STRICTER = {"at_least": 1, "at_most": -1}  # the direction in which a threshold is stricter


# -- what sales rejects ---------------------------------------------------------------------------


def rejection_questions(half: JudgedHalf) -> list[Question]:
    """Ask for each rejection reason: is there a condition that leads rejected for it fail?"""
    given = pd.Series(
        half.history.rejection_reason[half.ready & half.history.labelled], dtype=object
    )
    counts = given[~given.isin(NO_OUTCOME)].value_counts()
    reasons = [str(reason) for reason, leads in counts.items() if leads >= LEAST_LEADS]
    if not reasons:
        return []
    features = [feature for group in askable_features(half).values() for feature in group]
    edits = [*_requirements(half, features), *_stricter_thresholds(half)]
    return [
        Question(
            REJECTIONS,
            reason,
            partial(_best_stricter_rule, edits=edits, reason=reason),
            partial(rejection_test, reason=reason),
        )
        for reason in reasons
    ]


def _best_stricter_rule(half: JudgedHalf, edits: list[Edit], reason: str) -> Edit | None:
    """Find the best among stricter rules, which move ready leads alone."""
    others = half.history.labelled & ~half.ready & (half.code != NEVER)
    if others.sum() < LEAST_LEADS:
        return None
    ready = half.ready_only
    fitting = [edit for edit in edits if _fits_reason(ready, edit, reason)]
    return strongest(ready, fitting, partial(rejection_test, reason=reason))


def _requirements(half: JudgedHalf, features: list[Feature]) -> list[Edit]:
    """Give new requirements that some ready leads fail, for each feature."""
    ready = half.ready & half.history.labelled
    edits: list[Edit] = []
    for feature in features:
        values = half.history.X[feature.name][ready]
        conditions = (
            number_conditions(feature, values)
            if feature.kind == "number"
            else _without_worst_categories(feature, values, half.history.won[ready])
        )
        edits += [AddRequirement(condition) for condition in conditions]
    return edits


def _without_worst_categories(
    feature: Feature, values: pd.Series[Any], won: Array
) -> Iterator[Criterion]:
    worst = categories_by_win_rate(values, won)
    for n in range(1, min(MOST_VALUES, len(worst) - 1) + 1):
        yield Criterion(NEW, feature.name, "none_of", tuple(sorted(worst[:n])))


def _stricter_thresholds(half: JudgedHalf) -> Iterator[Edit]:
    """Give stricter thresholds of existing criteria: a rejection reason may support them, too."""
    ready = half.ready & half.history.labelled
    for criterion in half.criteria.values():
        if criterion.operator not in STRICTER:
            continue
        sign = STRICTER[criterion.operator]
        values = half.history.X[criterion.feature][ready].to_numpy(np.float64, na_value=np.nan)
        for cut in thresholds(values, THRESHOLDS // 2, criterion.operator):
            if cut * sign > criterion.operand * sign:
                yield SetOperand(criterion, plain_number(cut))


def _fits_reason(half: JudgedHalf, edit: Edit, reason: str) -> bool:
    """Whether the reason is given at least twice as often there, and fewer of them are won."""
    test = half.test(edit)
    return (
        min(test.moved.sum(), test.stay_ready.sum()) >= LEAST_LEADS
        and fewer_won(test)
        and times_as_often(rejection_test(half, edit, reason)) >= TWICE
    )


def times_as_often(test: ChangeTest) -> float:
    """How many times as often the moved leads are rejected for a reason as those that stay."""
    return test.moved_rate / max(test.ready_rate, 1e-9)


def fewer_won(test: ChangeTest) -> bool:
    """Whether the moved leads were won less often than those that stay ready."""
    return test.moved_rate < test.ready_rate


# -- what else is enough --------------------------------------------------------------------------


def alternative_questions(half: JudgedHalf) -> list[Question]:
    """Ask for each ``any`` group: would something else be enough as well?"""
    return [
        Question(
            ALTERNATIVE,
            " or ".join(_criterion_ids(group_at(half.definition.ready, group))),
            partial(_best_alternative, group=group),
            win_rate_test,
        )
        for group in any_groups(half.definition.ready)
    ]


def _criterion_ids(group: Group) -> list[str]:
    return [rule.id for rule in group.rules if isinstance(rule, Criterion)]


def _best_alternative(half: JudgedHalf, group: Position) -> Edit | None:
    waiting = _ready_but_for(half, group)
    X, won = half.history.X[waiting], half.history.won[waiting]
    edits: list[AddAlternative] = []
    for feature in half.history.features:
        if not half.history.X[feature.name].notna().any():
            continue
        conditions = (
            number_conditions(feature, X[feature.name])
            if feature.kind == "number"
            else _best_categories(feature, X[feature.name], won)
        )
        edits += [AddAlternative(condition, group) for condition in conditions]
    return strongest(half, edits, partial(_alternative_test, waiting=waiting))


def _best_categories(feature: Feature, values: pd.Series[Any], won: Array) -> Iterator[Criterion]:
    best = categories_by_win_rate(values, won)[::-1]
    for n in range(1, min(MOST_VALUES, len(best) - 1) + 1):
        yield Criterion(NEW, feature.name, "one_of", tuple(sorted(best[:n])))


def _ready_but_for(half: JudgedHalf, group: Position) -> Mask:
    """Give the leads with a known outcome that only one group keeps from being ready."""
    others = without_group(half.definition.ready, group)
    if others is None:
        return np.asarray(~half.ready & (half.code != NEVER) & half.history.labelled)
    after = rule_codes(half.history.X, others, half.definition.never) == READY
    return np.asarray(after & ~half.ready & half.history.labelled)


def _alternative_test(half: JudgedHalf, edit: AddAlternative, waiting: Mask) -> ChangeTest:
    """Give the same test as `JudgedHalf.test`, without judging all rules again."""
    moved = waiting & (holds(edit.criterion, half.history.X) > 0)
    eligible = half.history.labelled & (half.code != NEVER)
    stay_out = eligible & ~half.ready & ~moved
    return ChangeTest(
        edit, moved, eligible & half.ready, stay_out, True, half.history.won, half.history
    )
