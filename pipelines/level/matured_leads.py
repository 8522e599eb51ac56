"""The leads whose outcome has matured since a version was trained, and that it did not learn from.

Only mature outcomes count: of the outcomes that are known earlier, all are wins. A version learned
from leads up to a moment (or up to a place in the order, without dates); the leads judged after it
are the later ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import Feature
from features.labels.outcomes import UNKNOWN, WON
from features.labels.rejection_reasons import NEVER_WORKED
from model.registry.registry import LoadedModel
from model.serving import Scorecard
from model.training.level import LaterOutcomes
from model.training.splits import account_or_person, panel_clusters
from model.weighting.worked import weight_worked_leads
from pipelines.snapshot import KNOWN_AT_THE_TIME, Snapshot

Mask = npt.NDArray[np.bool_]
TRAIN_AGAIN = "leadready train"


@dataclass(frozen=True, eq=False)
class MaturedLeads:
    """Later leads with a mature outcome.

    Attributes
    ----------
    X : DataFrame
        Their features, in the order of their moments.
    outcomes : LaterOutcomes
        With predictions by the level of the training.
    pending : float
        How many leads like these were judged since, whose outcome is not known yet.
    """

    X: pd.DataFrame
    outcomes: LaterOutcomes
    pending: float


def level_at_training(champion: LoadedModel) -> float:
    """Give the level with which the points of a version were learned."""
    moved = champion.evaluation.get("level") or {}
    return float(moved.get("at_training", champion.scorecard["level"]))


def matured_leads(snapshot: Snapshot, champion: LoadedModel) -> MaturedLeads:
    """Find the leads that say whether a version's level is still right.

    Raises
    ------
    LeadReadyError
        If outcomes never mature, or it is not known which leads the version learned from.
    """
    then = _mature_only(snapshot)
    time, until = _times(then, champion)
    known = (then.outcomes["outcome"] != UNKNOWN).to_numpy()
    later = (time > until).to_numpy()
    places = np.flatnonzero(known & later)
    places = places[np.argsort(time.to_numpy()[places], kind="stable")]
    rows = then.moments.iloc[places].reset_index(drop=True)
    features = [Feature(**feature) for feature in champion.catalogue]
    X = then.at(rows, features).features
    card = Scorecard.from_dict(champion.scorecard)
    won = (then.outcomes["outcome"] == WON).to_numpy(dtype="float64")
    outcomes = LaterOutcomes(
        card.log_odds(X) - card.level + level_at_training(champion),
        won[places],
        _worked_weights(then, later, places),
        account_or_person(rows).to_numpy(),
    )
    return MaturedLeads(X, outcomes, _pending(time[later], time.iloc[places]))


def _mature_only(snapshot: Snapshot) -> Snapshot:
    """Read the same tables so that an outcome is known when it is mature, and not before."""
    workspace = snapshot.workspace
    if workspace.outcome.horizon_days is None and snapshot.moments["as_of"].notna().any():
        raise LeadReadyError(
            "without a horizon, nobody knows when an outcome is final",
            where=workspace.where("outcome"),
            hint="add  horizon_days: 90  to outcome in leadready.yaml, then run leadready train",
        )
    mature_only = replace(
        workspace,
        outcome=replace(workspace.outcome, immature="leave_out"),
        evaluation=replace(workspace.evaluation, outcomes=KNOWN_AT_THE_TIME),
    )
    return snapshot.with_workspace(mature_only, "results", "judged")


def _times(snapshot: Snapshot, champion: LoadedModel) -> tuple[pd.Series[Any], Any]:
    """Give the time of each judged lead, or its place, and the last one that was learned from."""
    moments, until = snapshot.moments, champion.record.tags.get("training_until")
    if until is None:
        raise LeadReadyError(
            f"it is not known up to which lead version {champion.version} learned: its leads have "
            "neither dates nor an order",
            where=snapshot.workspace.where("leads"),
            hint=f"map  leads.created  or  evaluation.order_by, then run {TRAIN_AGAIN}",
        )
    if moments["as_of"].notna().any():
        return moments["as_of"], pd.Timestamp(until)
    return moments["order"], float(until)


def _worked_weights(snapshot: Snapshot, later: Mask, places: npt.NDArray[np.intp]) -> Any:
    """Weight the later leads for those that sales never worked, as in a training."""
    unworked = (snapshot.outcomes["why_unknown"] == NEVER_WORKED).to_numpy() & later
    if not unworked.any() or snapshot.workspace.outcome.unworked != "weight":
        return None
    both = np.concatenate([places, np.flatnonzero(unworked)])
    rows = snapshot.moments.iloc[both].reset_index(drop=True)
    worked = np.arange(len(both)) < len(places)
    weights = weight_worked_leads(
        snapshot.at(rows).features,
        worked,
        snapshot.learnable,
        groups=panel_clusters(rows),
    )
    return weights.weight[worked]


def _pending(judged: pd.Series[Any], matured: pd.Series[Any]) -> float:
    """Count the leads judged since the last one that matured, as far as outcomes will be known."""
    if matured.empty:
        return 0.0
    since = int((judged > matured.iloc[-1]).sum())
    return since * len(matured) / max(len(judged) - since, 1)
