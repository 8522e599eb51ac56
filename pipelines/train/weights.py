"""How many leads each known one speaks for, in learning and in every figure on later leads.

Two things make the leads with an outcome unlike all leads: sales worked those that it liked, and of
the young ones only the wins are known. Both are weighed for here, split by split, by what was known
when its test began. How sales chose is estimated twice, for the leads learnt from and for the later
ones, since it may have changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.outcomes import NOT_MATURE, UNKNOWN
from features.labels.rejection_reasons import NEVER_WORKED
from model.training.splits import Split, panel_clusters
from model.weighting.censoring import censoring_weights
from model.weighting.worked import Weighed, as_json, weigh
from pipelines.snapshot import Snapshot

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
AT_EXTRACT = "at_extract"
NAMED = 5  # slices without a claim that are warned of by name
NOT_ASKED = (
    "leadready.yaml does not say how one sees that sales worked a lead (outcome.worked): leads "
    "that nobody called count as not won."
)


@dataclass(frozen=True)
class Weighing:
    """A split whose leads are weighed, and the folds inside it.

    Attributes
    ----------
    split, folds
        With their weights.
    worked : dict or None
        What came of weighing the worked leads, as plain data; None where all were worked, or
        nobody can tell.
    served : list of dict
        Kinds of lead on which nothing is claimed, as the scorecard names them.
    warnings : list of str
    """

    split: Split
    folds: list[Split]
    worked: dict[str, Any] | None
    served: list[dict[str, Any]]
    warnings: list[str]


def weighing(
    snapshot: Snapshot, parts: Split, inner: Sequence[Split], *, seed: int = 0
) -> Weighing:
    """Weigh the leads of a split and of its folds.

    Parameters
    ----------
    snapshot : Snapshot
        All judged leads.
    parts : Split
        Whom to learn from and whom to test on.
    inner : sequence of Split
        Its folds.
    """
    each = np.ones(len(snapshot.labelled.rows))
    told, warnings = None, []
    if (snapshot.outcomes["why_unknown"] == NEVER_WORKED).any():
        then, later = (_weighed(snapshot, parts, side, seed) for side in ("train", "test"))
        told = _told(snapshot, then, later)
        warnings = warn(told)
        if snapshot.workspace.outcome.unworked == "weight":
            for (found, rows, _), side in ((then, parts.train), (later, parts.test)):
                each[side] = _of(found, rows, snapshot)[side]
    elif (
        snapshot.workspace.outcome.worked is None
        and snapshot.workspace.evaluation.outcomes != AT_EXTRACT
    ):
        warnings = [NOT_ASKED]
    weighed = [_matured(snapshot, one, each, parts) for one in (parts, *inner)]
    served = told.pop("served") if told else []
    return Weighing(weighed[0], weighed[1:], told, served, warnings)


# -- never worked ----------------------------------------------------------------------------------


Found = tuple[Weighed, npt.NDArray[np.intp], pd.DataFrame]  # and the judged rows it is about


def _weighed(snapshot: Snapshot, parts: Split, side: str, seed: int) -> Found:
    """Weigh the leads of one side, by all leads of its time whose work is known."""
    became = snapshot.outcomes
    worked = (became["outcome"] != UNKNOWN).to_numpy()
    asked = worked | (became["why_unknown"] == NEVER_WORKED).to_numpy()
    rows = np.flatnonzero(asked & _in_window(snapshot, parts, side))
    X = snapshot.features.iloc[rows].reset_index(drop=True)
    sure = _mature(became, _day(snapshot, parts, side)).to_numpy()[rows]
    by = panel_clusters(snapshot.moments.iloc[rows])
    found = weigh(X, worked[rows], snapshot.learnable, learn_from=sure, groups=by, seed=seed)
    return found, rows, X


def _in_window(snapshot: Snapshot, parts: Split, side: str) -> Mask:
    """Tell which judged leads are of the time that one side of a split is about."""
    if parts.test_from is not None and parts.test_until is not None:
        as_of = snapshot.moments["as_of"]
        if side == "test":
            return np.asarray((as_of >= parts.test_from) & (as_of < parts.test_until))
        known_at = snapshot.outcomes["known_at"].fillna(as_of)
        return np.asarray((known_at <= parts.test_from) & (as_of < parts.test_from))
    if parts.how == "in order":
        first = snapshot.labelled.rows["order"][parts.test].min()
        later = np.asarray(snapshot.moments["order"] >= first)
        return later if side == "test" else ~later
    return np.ones(len(snapshot.moments), dtype=bool)


def _day(snapshot: Snapshot, parts: Split, side: str) -> pd.Timestamp:
    """Until when the leads of one side were followed."""
    if side == "train" and parts.test_from is not None:
        return parts.test_from
    return snapshot.extract_at


def _mature(became: pd.DataFrame, day: pd.Timestamp) -> pd.Series[Any]:
    found: pd.Series[Any] = became["mature_at"].isna() | (became["mature_at"] <= day)
    return found


def _of(found: Weighed, rows: npt.NDArray[np.intp], snapshot: Snapshot) -> Array:
    """Weights of the leads with a known outcome; 1 for those that it is not about."""
    judged = np.ones(len(snapshot.outcomes))
    judged[rows] = np.where(found.worked, found.weight, 1.0)
    return judged[snapshot.labelled.places]


def _told(snapshot: Snapshot, then: Found, later: Found) -> dict[str, Any]:
    """Tell what came of it; both sides' slices without a claim are named once."""
    told = as_json(then[0], then[2])
    test = as_json(later[0], later[2])
    named = {(one["feature"], one["value"]) for one in told["no_claim"]}
    new = [(one["feature"], one["value"]) not in named for one in test["no_claim"]]
    return {
        **told,
        "no_claim": told["no_claim"] + list(compress(test["no_claim"], new)),
        "served": told["served"] + list(compress(test["served"], new)),
        "weights": {**told["weights"], "used": snapshot.workspace.outcome.unworked == "weight"},
        "later": {one: test[one] for one in ("share", "leads", "worked", "weights", "balance")},
    }


def warn(told: Mapping[str, Any]) -> list[str]:
    """Say what readers of the figures have to know about leads that were never worked."""
    none = told["no_claim"]
    found = [
        f"No claim on {one['words']} {one['value']}: sales worked {one['worked']:,} of "
        f"{one['leads']:,} such leads. Work a few of them, chosen by lot, to learn about them."
        for one in none[:NAMED]
    ]
    if len(none) > NAMED:
        found.append(f"No claim on {len(none) - NAMED} more kinds of lead that sales never worked.")
    if hardly := told["hardly"]:
        found.append(
            f"No claim on {hardly['leads']:,} leads of which sales worked {hardly['worked']:,}: "
            "taken all in all they are of a kind that it hardly ever works."
        )
    weights = told["weights"]
    if weights["used"] and weights["clipped"]:
        found.append(
            f"{weights['clipped']:,} worked leads stand for more than {weights['limit']:g} leads "
            "each and were held at that: sales works few like them."
        )
    return found


# -- not mature ------------------------------------------------------------------------------------


def _matured(snapshot: Snapshot, one: Split, each: Array, outer: Split) -> Split:
    """Weigh a split for the leads of its time that are not mature; bring weights to 1 in mean."""
    weights = each.copy() if one.weights is None else each * one.weights
    if snapshot.workspace.outcome.immature == "weight" and one.test_from is not None:
        followed = _day(snapshot, outer, "test" if one is outer else "train")
        last = one.test_until or snapshot.labelled.rows["as_of"][one.test].max()
        times = (one.train, None, one.test_from), (one.test, one.test_from, last)
        for (side, begin, end), day in zip(times, (one.test_from, followed), strict=True):
            weights[side] *= _censoring(snapshot, side, begin, end, day)
    for side in (one.train, one.test):
        if side.any():
            weights[side] /= weights[side].mean()
    return replace(one, weights=weights)


def _censoring(
    snapshot: Snapshot,
    side: Mask,
    begin: pd.Timestamp | None,
    end: pd.Timestamp,
    day: pd.Timestamp,
) -> Array:
    """Weigh the leads of one side by how long those judged in the same time were followed."""
    rows, as_of = snapshot.labelled.rows[side], snapshot.moments["as_of"]
    outcomes = snapshot.outcomes
    may_count = (outcomes["outcome"] != UNKNOWN) | (outcomes["why_unknown"] == NOT_MATURE)
    of_its_time = (as_of <= end) & (as_of < day)
    if begin is not None:
        of_its_time &= as_of >= begin
    population = as_of[(may_count & of_its_time).to_numpy()]
    return censoring_weights(rows["as_of"], rows["known_at"], day, population)
