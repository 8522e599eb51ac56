"""What is tried on the criteria that are there: their thresholds, their values, their use.

Never-rules are not tried: those are not about winning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from model.definition.edit_yaml import Edit, at, criteria_paths
from model.proposals.change_test import LEAST_LEADS, Look
from model.proposals.question import (
    CUTS,
    REMOVE,
    THRESHOLD,
    VALUES,
    Slot,
    cuts_of,
    of,
    plain,
    set_to,
    strongest,
)
from model.serving import NEVER, Criterion, holds
from model.simulation.history import Array


def criteria(definition: Mapping[str, Any]) -> Iterator[Slot]:
    """Each criterion of ``ready_when``: its threshold, its values, and whether it is needed."""
    paths = criteria_paths(definition)
    for name, path in paths.items():
        one = at(definition, path)
        for operator in ("at_least", "at_most"):
            if operator in one:
                yield Slot(THRESHOLD, name, _threshold(one, operator, lambda to: to), of)
        if "between" in one:
            low, high = one["between"]
            yield Slot(THRESHOLD, name, _threshold(one, "between", partial(_from, high)), of)
            yield Slot(THRESHOLD, name, _threshold(one, "between", partial(_until, low)), of)
        for operator in ("one_of", "none_of"):
            if operator in one:
                yield Slot(VALUES, name, _values(one, operator), of)
        if len(paths) > 1:
            yield Slot(REMOVE, name, _removed(name), of)


def _from(high: float, low: float) -> list[float]:
    return [low, high]


def _until(low: float, high: float) -> list[float]:
    return [low, high]


def _removed(name: str) -> Callable[[Look], Edit | None]:
    return lambda look: {"change": "remove", "criterion": name}


def _threshold(
    one: Mapping[str, Any], operator: str, operand: Callable[[float], Any]
) -> Callable[[Look], Edit | None]:
    """Find the threshold that tells won leads best from others.

    All leads have a say in where the step is, those that the criterion decides with win rates of
    their own: they alone say, later, whether the step matters.
    """

    def best(look: Look) -> Edit | None:
        history = look.history.part(look.history.known & (look.code != NEVER))
        decided = look.decided(one["id"])[0][look.history.known & (look.code != NEVER)]
        values = history.X[one["feature"]].to_numpy(np.float64, na_value=np.nan)
        tried = [operand(plain(cut)) for cut in cuts_of(values, CUTS, operator)]
        tried = [to for to in tried if operator != "between" or to[0] <= to[1]]
        likelihood = []
        for to in [one[operator], *tried]:
            passes = holds(Criterion.from_dict({**one, operator: to}), history.X)
            each = [
                (passes[some], history.won[some], history.weights[some])
                for some in (decided, ~decided)
            ]
            likelihood.append(sum(step_likelihood(*given) for given in each))
        place = int(np.argmax(likelihood))
        return set_to(one, operator, tried[place - 1]) if place else None

    return best


def step_likelihood(passes: Array, won: Array, weights: Array) -> float:
    """Log-likelihood of a step: one win rate for those that pass, another for those that fail.

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


def _values(one: Mapping[str, Any], operator: str) -> Callable[[Look], Edit | None]:
    """Find the one value that should be on the list, or should not."""

    def best(look: Look) -> Edit | None:
        there = [str(value) for value in one[operator]]
        decided = look.decided(one["id"])[0] & look.history.known
        counts = look.history.X[one["feature"]][decided].value_counts()
        often = [str(value) for value, n in counts.items() if n >= LEAST_LEADS]
        lists = [[*one[operator], value] for value in often if value not in there]
        if len(there) > 1:
            lists += [
                [kept for kept in one[operator] if str(kept) != value]
                for value in often
                if value in there
            ]
        return strongest(look, [set_to(one, operator, to) for to in lists], of)

    return best
