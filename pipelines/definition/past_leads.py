"""The past leads of a workspace with their outcomes, as definitions are compared on them."""

from __future__ import annotations

import numpy as np

from features.at_once import at_once
from features.labels.outcomes import NOT_MATURE, NOT_WON, UNKNOWN, WON
from model.simulation.history import History
from pipelines.snapshot import Snapshot

WON_CODES = {WON: 1.0, NOT_WON: 0.0, UNKNOWN: float("nan")}


def past_leads(snapshot: Snapshot) -> History:
    """Give every lead that was ever judged, with its outcome.

    A win that is known before its lead is mature does not count: among leads that are not mature,
    only the wins would be known.
    """
    moments = snapshot.moments
    outcomes, features = at_once(lambda: snapshot.outcomes, lambda: snapshot.features)
    won = outcomes["outcome"].map(WON_CODES).to_numpy(dtype="float64")
    not_mature = (outcomes["mature_at"] > snapshot.extract_at).to_numpy()
    early = not_mature & np.isfinite(won)
    why_unknown = outcomes["why_unknown"].to_numpy(dtype=object)
    return History(
        rows=moments.assign(mature_at=outcomes["mature_at"]),
        X=features,
        won=np.where(early, np.nan, won),
        features=[feature for feature in snapshot.catalogue if feature.kind != "date"],
        why_unknown=np.where(early, NOT_MATURE, why_unknown),
        rejection_reason=outcomes["disposition"].to_numpy(dtype=object),
        day_features=[feature for feature in snapshot.catalogue if feature.kind == "date"],
    )
