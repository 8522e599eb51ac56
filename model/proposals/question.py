"""One question about a definition, and what the search for its best answer needs.

A *question* is, for example, "is the threshold of right-size in the right place?". Its best answer
is chosen on the earlier leads alone; only that answer is tested on the later leads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.families.feature import Feature
from model.definition.edits import Edit
from model.proposals.change_test import LEAST_LEADS, ChangeTest, JudgedHalf
from model.serving import Criterion
from model.simulation.by_slice import round_limits
from model.simulation.history import Array

THRESHOLD, REMOVE, VALUES = "threshold", "criterion", "values"
MISSING, ALTERNATIVE, REJECTIONS = "missing criterion", "missing alternative", "rejections"
THRESHOLDS = 24  # tried for an existing criterion; half as many for a new one
LEAST_KNOWN = 0.8  # share of the ready leads for which a new criterion must be known
NEW = "new"  # the id of a criterion until it is proposed


@dataclass(frozen=True)
class Question:
    """One question about a definition.

    Attributes
    ----------
    kind : str
        One of the kinds above.
    about : str
        The criterion, the source of the features, or the rejection reason.
    best_edit : callable
        Gives the best change on the earlier leads, or None where no change is better.
    test : callable
        Tests a change, on the earlier or the later leads.
    """

    kind: str
    about: str
    best_edit: Callable[[JudgedHalf], Edit | None]
    test: Callable[[JudgedHalf, Edit], ChangeTest]


def win_rate_test(half: JudgedHalf, edit: Edit) -> ChangeTest:
    """Test a change by the win rates of the leads that it moves."""
    return half.test(edit)


def strongest(
    half: JudgedHalf, edits: Sequence[Edit], test: Callable[[JudgedHalf, Edit], ChangeTest]
) -> Edit | None:
    """Pick the change that the outcomes support most; None where they support none."""
    best, best_z = None, 0.0
    for edit in edits:
        result = test(half, edit)
        z = result.z if result.has_enough and result.points_the_right_way else 0.0
        if z > best_z:
            best, best_z = edit, z
    return best


def thresholds(values: Array, parts: int, operator: str = "at_least") -> Array:
    """Give round thresholds: whole where all values are, one lower for ``at_most``.

    Examples
    --------
    >>> thresholds(np.array([1.0, 2, 3, 4]), 2), thresholds(np.array([1.0, 2, 3, 4]), 2, "at_most")
    (array([3.]), array([2.]))
    """
    known = values[np.isfinite(values)]
    cuts = round_limits(known, parts) if len(known) else known
    if not (known == np.round(known)).all():
        return cuts
    return np.unique(np.ceil(cuts)) - (operator == "at_most")


def plain_number(number: float) -> float:
    """Give a number as people write it: 50, not 50.0.

    Examples
    --------
    >>> plain_number(50.0), plain_number(0.25)
    (50, 0.25)
    """
    return int(number) if float(number).is_integer() else float(number)


def number_conditions(feature: Feature, values: pd.Series[Any]) -> Iterator[Criterion]:
    """Give conditions on a number, at round thresholds."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    for operator in ("at_least", "at_most"):
        for cut in thresholds(numbers, THRESHOLDS // 2, operator):
            yield Criterion(NEW, feature.name, operator, plain_number(cut))


def categories_by_win_rate(values: pd.Series[Any], won: Array) -> list[str]:
    """Give the categories with enough leads, the lowest win rate first."""
    table = pd.DataFrame({"value": values.astype(object).to_numpy(), "won": won})
    by_value = table.groupby("value")["won"].agg(["size", "mean"])
    frequent = by_value[by_value["size"] >= LEAST_LEADS / 2].sort_values("mean", kind="stable")
    return [str(value) for value in frequent.index]


def askable_features(half: JudgedHalf) -> dict[str, list[Feature]]:
    """Give the features that a new criterion could ask for, by what they are made from."""
    asked = {criterion.feature for criterion in half.criteria.values()}
    by_source: dict[str, list[Feature]] = {}
    for feature in half.history.features:
        known = half.history.X[feature.name].notna().to_numpy()
        ready = half.ready
        if feature.name not in asked and ready.any() and known[ready].mean() >= LEAST_KNOWN:
            by_source.setdefault(feature.source or feature.name, []).append(feature)
    return by_source
