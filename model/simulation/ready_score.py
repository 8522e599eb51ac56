"""From which score a version calls a lead ready, once a definition is in force.

It is the score that as many leads reach as sales can take or, where nobody said how many that is,
as many as the rules call ready. So it moves with the definition; the points stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model.registry.registry import LoadedModel
from model.serving import Definition
from model.simulation.history import Array, Mask
from model.training.compile_scorecard import nearest_threshold


@dataclass(frozen=True)
class ReadyAt:
    """The score from which the model calls a lead ready, before and after."""

    before: float
    after: float


def leads_to_choose_on(loaded: LoadedModel, moments: pd.DataFrame) -> Mask:
    """Tell on which leads a version's ready score is chosen: those judged before its test."""
    begin = (loaded.evaluation.get("split") or {}).get("test_from")
    if not begin:
        return np.ones(len(moments), bool)
    earlier = ~(moments["as_of"] >= pd.Timestamp(begin)).to_numpy()
    return earlier if earlier.any() else ~earlier


def share_ready(
    definition: Definition, moments: pd.DataFrame, X: pd.DataFrame, leads: Mask
) -> float | None:
    """Give the share of leads that a definition lets a model call ready; None if it sets none.

    Parameters
    ----------
    definition : Definition
    moments, X : DataFrame, shape (n, …)
        All leads, with their features.
    leads : array of bool, shape (n,)
        Those that the rules are asked about where no capacity was agreed.
    """
    return ready_share(moments, definition, X.loc[leads, [*definition.features]])


def ready_score(
    loaded: LoadedModel, before: float | None, after: float | None, scores: Array
) -> float:
    """Give the score from which a version calls a lead ready.

    Parameters
    ----------
    loaded : LoadedModel
        The version.
    before, after : float or None
        The shares that its own definition and another one let it call ready.
    scores : array, shape (n,)
        Of the leads on which it is chosen.
    """
    if before == after or after is None:
        own: float = loaded.scorecard["ready_at"]
        return own
    moved: float = nearest_threshold(scores, after)
    return moved


def ready_share(moments: pd.DataFrame, definition: Definition, X: pd.DataFrame) -> float | None:
    """Give the share of leads that the model may call ready.

    It is what sales can take in a week; without a stated capacity, the share that the rules call
    ready among the leads of ``X``. None if that is none or all of them.
    """
    capacity = capacity_share(moments, definition)
    if capacity is not None:
        return capacity
    share = float((definition.evaluate(X).verdict == "ready").mean())
    return share if 0 < share < 1 else None


def capacity_share(moments: pd.DataFrame, definition: Definition) -> float | None:
    """Give the share of the leads that sales can take; None where nobody said how many."""
    capacity, weekly = definition.handoff.per_week, leads_per_week(moments)
    return float(min(capacity / weekly, 1.0)) if capacity and weekly else None


def leads_per_week(moments: pd.DataFrame) -> float | None:
    """Count the leads judged in a week, over the last quarter of the time; None without dates.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", "2024-12-31")
    >>> round(leads_per_week(pd.DataFrame({"as_of": days.repeat(2)})))
    14
    """
    dated = moments["as_of"].dropna().sort_values()
    if dated.empty or dated.iloc[0] == dated.iloc[-1]:
        return None
    begin = dated.iloc[-1] - (dated.iloc[-1] - dated.iloc[0]) / 4
    weeks = (dated.iloc[-1] - begin) / pd.Timedelta(days=7)
    return float((dated >= begin).sum() / weeks)
