"""One thing tried on a definition, and what the search for the best answer to it rests on.

A *thing tried* is a question such as "is the threshold of right-size at the right place?". Within
it, the best answer is picked on the earlier leads alone; only that one is held against the later
leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from model.definition.edit_yaml import Edit, at, criteria_paths
from model.proposals.change_test import LEAST_LEADS, Look, Move
from model.simulation.by_slice import round_numbers
from model.simulation.history import Array

THRESHOLD, REMOVE, VALUES = "threshold", "criterion", "values"
MISSING, ALTERNATIVE, REJECTIONS = "missing criterion", "missing alternative", "rejections"
CUTS = 24  # thresholds looked at for a criterion; half as many for a new one
KNOWN = 0.8  # a new criterion has to be known for so many of the ready leads
NEW = "new"  # the id of a criterion until it is proposed


@dataclass(frozen=True)
class Slot:
    """One thing tried.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    about : str
        The criterion, the source of the features, or the reason that it is about.
    best : callable
        Gives the best change on earlier leads, or None where none is better than what is there.
    judge : callable
        Makes the move of a change, on earlier or later leads.
    """

    kind: str
    about: str
    best: Callable[[Look], Edit | None]
    judge: Callable[[Look, Edit], Move]


def of(look: Look, edit: Edit) -> Move:
    """Make the move of a change, whose leads are judged by their win rates."""
    return look.of(edit)


def strongest(look: Look, edits: list[Edit], judge: Callable[[Look, Edit], Move]) -> Edit | None:
    """Pick the change that earlier outcomes speak for most."""
    found, best = None, 0.0
    for edit in edits:
        move = judge(look, edit)
        z = move.z if move.enough else 0.0
        if z > best:
            found, best = edit, z
    return found


def set_to(one: Mapping[str, Any], operator: str, to: Any) -> Edit:
    """Give a criterion another threshold, or another list."""
    return {
        "change": "set",
        "criterion": one["id"],
        "operator": operator,
        "from": one[operator],
        "to": to,
    }


def cuts_of(values: Array, parts: int, operator: str = "at_least") -> Array:
    """Round thresholds; whole ones where values are whole, for ``at_most`` the number before.

    Examples
    --------
    >>> cuts_of(np.array([1.0, 2, 3, 4]), 2), cuts_of(np.array([1.0, 2, 3, 4]), 2, "at_most")
    (array([3.]), array([2.]))
    """
    known = values[np.isfinite(values)]
    cuts = round_numbers(known, parts) if len(known) else known
    if not (known == np.round(known)).all():
        return cuts
    return np.unique(np.ceil(cuts)) - (operator == "at_most")


def plain(number: float) -> float:
    """Give a number as people write it: 50, not 50.0.

    Examples
    --------
    >>> plain(50.0), plain(0.25)
    (50, 0.25)
    """
    return int(number) if float(number).is_integer() else float(number)


def number_rules(one: Feature, values: pd.Series[Any]) -> Iterator[dict[str, Any]]:
    """Conditions on a number, at round thresholds."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    for operator in ("at_least", "at_most"):
        for cut in cuts_of(numbers, CUTS // 2, operator):
            yield {"feature": one.name, operator: plain(cut)}


def by_rate(values: pd.Series[Any], won: Array) -> list[str]:
    """Categories that enough leads have, the least often won first."""
    told = pd.DataFrame({"value": values.astype(object).to_numpy(), "won": won})
    each = told.groupby("value")["won"].agg(["size", "mean"])
    often = each[each["size"] >= LEAST_LEADS / 2].sort_values("mean", kind="stable")
    return [str(value) for value in often.index]


def askable(look: Look) -> dict[str, list[Feature]]:
    """The features that could be asked about, by what they are made from."""
    asked = {
        at(look.definition, path)["feature"] for path in criteria_paths(look.definition).values()
    }
    ready, found = look.ready, dict[str, list[Feature]]()
    for one in look.history.features:
        known = look.history.X[one.name].notna().to_numpy()
        if one.name not in asked and ready.any() and known[ready].mean() >= KNOWN:
            found.setdefault(one.source or one.name, []).append(one)
    return found
