"""Weight the labelled leads, so that they represent all leads, in the level and in every metric.

Two things make the leads with an outcome unlike all leads: sales worked those that it preferred,
and of the young leads only the wins are known. Leads that were handed off at random count by the
known probability of their draw. Weights correct for both, split by split, by what
was known when its test began. How sales chose is estimated separately for the leads to learn from
and for the later ones, since it may have changed.

While a model learns its points, the weights of worked leads are left out: they would make the
points less accurate, and what is biased is the level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.outcomes import NOT_MATURE, UNKNOWN
from features.labels.rejection_reasons import NEVER_WORKED
from model.training.splits import Split, panel_clusters
from model.weighting.censoring import censoring_weights
from model.weighting.worked import LARGEST, WorkedWeights, weight_worked_leads
from model.weighting.worked_summary import worked_summary
from pipelines.ledger.ledger import Ledger
from pipelines.snapshot import AT_EXTRACT, Snapshot
from pipelines.train.training_json import Row, WorkedJson

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
DRAWN = "explore"  # the decision of leads that were handed off at random
NAMED = 5  # kinds of lead without a prediction that are named in a warning
WORKED_NOT_MAPPED = (
    "leadready.yaml does not say how to tell whether sales worked a lead (outcome.worked): leads "
    "that were never called count as not won."
)


@dataclass(frozen=True, eq=False)
class Weighting:
    """A split with weights, and the folds inside it.

    Attributes
    ----------
    split, folds
        With their weights.
    worked : WorkedJson or None
        The correction for leads that sales never worked, as plain data; None where it worked all
        of them, or where that is unknown.
    unpredictable : list of dict
        Kinds of lead without a prediction, as the scorecard stores them.
    warnings : list of str
    """

    split: Split
    folds: list[Split]
    worked: WorkedJson | None
    unpredictable: list[Row]
    warnings: list[str]


class _WorkedSide(NamedTuple):
    """The weights of one side of a split, and the leads that they are about."""

    weights: WorkedWeights
    places: npt.NDArray[np.intp]
    X: pd.DataFrame


def weight_leads(
    snapshot: Snapshot, parts: Split, inner: Sequence[Split], *, seed: int = 0
) -> Weighting:
    """Weight the leads of a split and of its folds.

    Parameters
    ----------
    snapshot : Snapshot
        The judged leads.
    parts : Split
        The labelled leads to learn from and to test on.
    inner : sequence of Split
        The folds inside the leads to learn from.
    seed : int
        For the model of which leads sales works.
    """
    outcome, each = snapshot.workspace.outcome, np.ones(len(snapshot.labelled.rows))
    worked: WorkedJson | None = None
    unpredictable: list[Row] = []
    warnings: list[str] = []
    if (snapshot.outcomes["why_unknown"] == NEVER_WORKED).any():
        then, later = (_weigh_worked(snapshot, parts, side, seed) for side in ("train", "test"))
        worked, unpredictable = _worked_json(then, later, used=outcome.unworked == "weight")
        warnings = unworked_warnings(worked)
        if outcome.unworked == "weight":
            for side, rows in ((then, parts.train), (later, parts.test)):
                each[rows] = _labelled_weights(side, snapshot)[rows]
    else:
        each = _weights_of_draws(snapshot, each)
        if outcome.worked is None and snapshot.workspace.evaluation.outcomes != AT_EXTRACT:
            warnings = [WORKED_NOT_MAPPED]
    warnings += snapshot.cut_off.warnings
    weighted = [_with_both_weights(snapshot, part, each, parts) for part in (parts, *inner)]
    return Weighting(weighted[0], weighted[1:], worked, unpredictable, warnings)


def weight_all_known(snapshot: Snapshot, everything: Split, *, seed: int = 0) -> Split:
    """Weight all leads with a known outcome, none of which is tested on."""
    each = np.ones(len(snapshot.labelled.rows))
    never_worked = (snapshot.outcomes["why_unknown"] == NEVER_WORKED).any()
    if never_worked and snapshot.workspace.outcome.unworked == "weight":
        worked = _weigh_worked(snapshot, everything, "train", seed)
        each = _labelled_weights(worked, snapshot)
    else:
        each = _weights_of_draws(snapshot, each)
    return _with_both_weights(snapshot, everything, each, everything)


# -- leads that sales never worked -----------------------------------------------------------------


def _weigh_worked(snapshot: Snapshot, parts: Split, side: str, seed: int) -> _WorkedSide:
    """Weight the leads of one side by all leads of its time that sales worked or did not."""
    outcomes = snapshot.outcomes
    worked = (outcomes["outcome"] != UNKNOWN).to_numpy()
    either = worked | (outcomes["why_unknown"] == NEVER_WORKED).to_numpy()
    places = np.flatnonzero(either & ~snapshot.cut_off.left_out & _in_window(snapshot, parts, side))
    X = snapshot.features.iloc[places].reset_index(drop=True)
    sure = _is_mature(outcomes, _followed_until(snapshot, parts, side)).to_numpy()[places]
    clusters = panel_clusters(snapshot.moments.iloc[places])
    weights = weight_worked_leads(
        X, worked[places], snapshot.learnable, learn_from=sure, groups=clusters, seed=seed
    )
    return _WorkedSide(weights, places, X)


def _in_window(snapshot: Snapshot, parts: Split, side: str) -> Mask:
    """Mark the judged leads of the time that one side of a split covers."""
    moments = snapshot.moments
    if parts.test_from is not None and parts.test_until is not None:
        as_of = moments["as_of"]
        if side == "test":
            return np.asarray((as_of >= parts.test_from) & (as_of < parts.test_until))
        known_at = snapshot.outcomes["known_at"].fillna(as_of)
        return np.asarray((known_at <= parts.test_from) & (as_of < parts.test_from))
    if parts.how == "in order":
        first = snapshot.labelled.rows["order"][parts.test].min()
        later = np.asarray(moments["order"] >= first)
        return later if side == "test" else ~later
    return np.ones(len(moments), dtype=bool)


def _followed_until(snapshot: Snapshot, parts: Split, side: str) -> pd.Timestamp:
    """Find the day until which the leads of one side were followed."""
    if side == "train" and parts.test_from is not None:
        return parts.test_from
    return snapshot.extract_at


def _is_mature(outcomes: pd.DataFrame, day: pd.Timestamp) -> pd.Series[Any]:
    mature: pd.Series[Any] = outcomes["mature_at"].isna() | (outcomes["mature_at"] <= day)
    return mature


def _labelled_weights(side: _WorkedSide, snapshot: Snapshot) -> Array:
    """Give the weights of the labelled leads; 1 for those of another time."""
    weights = np.ones(len(snapshot.outcomes))
    weights[side.places] = np.where(side.weights.worked, side.weights.weight, 1.0)
    share = float(side.weights.worked.mean())
    return _weights_of_draws(snapshot, weights[snapshot.labelled.places], share)


# -- leads that were drawn at random ---------------------------------------------------------------


def _weights_of_draws(snapshot: Snapshot, weights: Array, share: float = 1.0) -> Array:
    """Weight leads that were handed off at random by the probability of their draw.

    It is known, so it takes the place of any estimate. ``share`` is that of the leads which sales
    worked.
    """
    handed = Ledger.of(snapshot.workspace).first_hand_offs()
    drawn = handed[handed["explore_chance"].notna() & (handed["decision"] == DRAWN)]
    if drawn.empty:
        return weights
    chances = drawn.set_index("lead")["explore_chance"].astype("float64")
    known = snapshot.labelled.rows["lead_id"].map(chances).to_numpy("float64")
    return np.where(np.isfinite(known), np.minimum(share / known, LARGEST), weights)


def _worked_json(
    then: _WorkedSide, later: _WorkedSide, *, used: bool
) -> tuple[WorkedJson, list[Row]]:
    """Describe the weights; kinds of lead without a prediction on both sides are named once.

    The second part is the scorecard's entries for these kinds.
    """
    train, test = worked_summary(then.weights, then.X), worked_summary(later.weights, later.X)
    named = {(kind["feature"], kind["value"]) for kind in train["no_prediction"]}
    new = [(kind["feature"], kind["value"]) not in named for kind in test["no_prediction"]]
    entries = train.pop("no_claim") + list(compress(test.pop("no_claim"), new))
    summary = {
        **train,
        "no_prediction": train["no_prediction"] + list(compress(test["no_prediction"], new)),
        "weights": {**train["weights"], "used": used},
        "later": {key: test[key] for key in ("share", "leads", "worked", "weights", "balance")},
    }
    return cast(WorkedJson, summary), entries


def unworked_warnings(worked: WorkedJson) -> list[str]:
    """Warn about kinds of lead that sales has almost never worked."""
    kinds, weights = worked["no_prediction"], worked["weights"]
    warnings = [
        f"No prediction for {kind['words']} {kind['value']}: sales worked {kind['worked']:,} of "
        f"{kind['leads']:,} such leads. Work a random few of them to learn about them."
        for kind in kinds[:NAMED]
    ]
    if len(kinds) > NAMED:
        more = len(kinds) - NAMED
        warnings.append(f"No prediction for {more} more kinds of lead that sales never worked.")
    if rarely := worked["rarely_worked"]:
        warnings.append(
            f"No prediction for {rarely['leads']:,} leads, of which sales worked "
            f"{rarely['worked']:,}: taken together, their features are those of leads that it "
            "almost never works."
        )
    if weights["used"] and weights["clipped"]:
        warnings.append(
            f"{weights['clipped']:,} worked leads would each represent more than "
            f"{weights['limit']:g} leads and were limited to that: sales works few leads like them."
        )
    return warnings


# -- leads that are not mature ---------------------------------------------------------------------


def _with_both_weights(snapshot: Snapshot, part: Split, each: Array, outer: Split) -> Split:
    """Weight a split for level and figures, and for learning without those of worked leads."""
    learning = _combined_weights(snapshot, part, np.ones(len(each)), outer)
    weights = _combined_weights(snapshot, part, each, outer)
    return replace(part, weights=weights, learning_weights=learning)


def _combined_weights(snapshot: Snapshot, part: Split, each: Array, outer: Split) -> Array:
    """Weight a split for the leads of its time that are not mature; weights average 1."""
    weights = each.copy() if part.weights is None else each * part.weights
    if snapshot.workspace.outcome.immature == "weight" and part.test_from is not None:
        followed = _followed_until(snapshot, outer, "test" if part is outer else "train")
        last = part.test_until or snapshot.labelled.rows["as_of"][part.test].max()
        windows = (part.train, None, part.test_from), (part.test, part.test_from, last)
        for (rows, begin, end), day in zip(windows, (part.test_from, followed), strict=True):
            if rows.any():
                weights[rows] *= _immature_weights(snapshot, rows, begin, end, day)
    for rows in (part.train, part.test):
        if rows.any():
            weights[rows] /= weights[rows].mean()
    return weights


def _immature_weights(
    snapshot: Snapshot,
    chosen: Mask,
    begin: pd.Timestamp | None,
    end: pd.Timestamp,
    day: pd.Timestamp,
) -> Array:
    """Weight leads by how long the leads judged at the same time were followed."""
    rows, as_of = snapshot.labelled.rows[chosen], snapshot.moments["as_of"]
    outcomes = snapshot.outcomes
    may_count = (outcomes["outcome"] != UNKNOWN) | (outcomes["why_unknown"] == NOT_MATURE)
    of_its_time = (as_of <= end) & (as_of < day)
    if begin is not None:
        of_its_time &= as_of >= begin
    may_count &= ~snapshot.cut_off.left_out
    population = as_of[(may_count & of_its_time).to_numpy()]
    return censoring_weights(rows["as_of"], rows["known_at"], day, population)
