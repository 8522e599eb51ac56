"""Questions about the criteria of the definition: their thresholds, their lists, their use.

Never-rules are not questioned: they are about what is right, not about winning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from model.definition.edits import Edit, RemoveCriterion, SetOperand
from model.proposals.change_test import LEAST_LEADS, JudgedHalf
from model.proposals.question import (
    REMOVE,
    THRESHOLD,
    THRESHOLDS,
    VALUES,
    Question,
    plain_number,
    strongest,
    thresholds,
    win_rate_test,
)
from model.serving import NEVER, Criterion, Definition, holds
from model.simulation.history import Array


def criterion_questions(definition: Definition) -> Iterator[Question]:
    """Ask about each criterion of ``ready_when``: its threshold, its list, and its use."""
    criteria = list(definition.ready.criteria)
    for criterion in criteria:
        name = criterion.id
        for best_edit in _threshold_searches(criterion):
            yield Question(THRESHOLD, name, best_edit, win_rate_test)
        if criterion.operator in ("one_of", "none_of"):
            yield Question(VALUES, name, partial(_best_list, criterion=criterion), win_rate_test)
        if len(criteria) > 1:
            yield Question(REMOVE, name, partial(_removal, criterion=criterion), win_rate_test)


def _removal(half: JudgedHalf, criterion: Criterion) -> Edit:
    return RemoveCriterion(criterion)


def _threshold_searches(criterion: Criterion) -> Iterator[Callable[[JudgedHalf], Edit | None]]:
    match criterion.operator, criterion.operand:
        case (("at_least" | "at_most"), _):
            operands: list[Callable[[float], Any]] = [lambda threshold: threshold]
        case "between", (low, high):
            operands = [lambda threshold: (threshold, high), lambda threshold: (low, threshold)]
        case _:
            operands = []
    for operand in operands:
        yield partial(_best_threshold, criterion=criterion, operand=operand)


def _best_threshold(
    half: JudgedHalf, criterion: Criterion, operand: Callable[[float], Any]
) -> Edit | None:
    """Find the threshold that separates won leads best from others.

    All leads help to locate the step, those that the criterion decides with win rates of their own;
    those alone show, in the test, whether the step matters.
    """
    eligible = half.history.labelled & (half.code != NEVER)
    history = half.history.subset(eligible)
    decided = half.decided_by(criterion.id)[0][eligible]
    values = history.X[criterion.feature].to_numpy(np.float64, na_value=np.nan)
    cuts = thresholds(values, THRESHOLDS, criterion.operator)
    edits = [SetOperand(criterion, operand(plain_number(cut))) for cut in cuts]
    if criterion.operator == "between":
        edits = [edit for edit in edits if edit.operand[0] <= edit.operand[1]]
    likelihood = []
    for other in [criterion, *(edit.changed for edit in edits)]:
        passes = holds(other, history.X)
        likelihood.append(
            sum(
                step_likelihood(passes[part], history.won[part], history.weights[part])
                for part in (decided, ~decided)
            )
        )
    best = int(np.argmax(likelihood))
    return edits[best - 1] if best else None


def step_likelihood(passes: Array, won: Array, weights: Array) -> float:
    """Give the log-likelihood of one win rate for leads that pass and another for those that fail.

    Parameters
    ----------
    passes : array, shape (n,)
        1 passes, -1 fails, 0 unknown.
    won, weights : array, shape (n,)
        1 won or 0 not won; how many leads each represents.

    Examples
    --------
    >>> step_likelihood(np.array([1, 1, -1, -1]), np.array([1.0, 1, 0, 0]), np.ones(4))
    0.0
    """
    total = 0.0
    for value in (1, -1):
        here = passes == value
        leads = float(weights[here].sum())
        rate = float(weights[here] @ won[here]) / leads if leads else 0.0
        if 0 < rate < 1:
            total += leads * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    return total


def _best_list(half: JudgedHalf, criterion: Criterion) -> Edit | None:
    """Find the one value to add to the list, or to take off it."""
    listed = [str(value) for value in criterion.operand]
    decided = half.decided_by(criterion.id)[0] & half.history.labelled
    counts = half.history.X[criterion.feature][decided].value_counts()
    frequent = [str(value) for value, leads in counts.items() if leads >= LEAST_LEADS]
    lists = [(*criterion.operand, value) for value in frequent if value not in listed]
    if len(listed) > 1:
        lists += [
            tuple(kept for kept in criterion.operand if str(kept) != value)
            for value in frequent
            if value in listed
        ]
    edits: list[Edit] = [SetOperand(criterion, values) for values in lists]
    return strongest(half, edits, win_rate_test)
