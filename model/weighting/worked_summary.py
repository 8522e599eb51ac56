"""What the weights of the worked leads did, as plain data for the record and the report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from model.weighting.worked import LARGEST, WorkedWeights

COLUMNS = 20  # of the histogram of propensities
SHOWN = 5  # slices that are named for the clipped weights


def worked_summary(weights: WorkedWeights, X: pd.DataFrame) -> dict[str, Any]:
    """Summarise the weights.

    Parameters
    ----------
    X : DataFrame
        Features of the leads that were weighted.

    Returns
    -------
    dict
        ``share, leads, worked``, ``by`` (the share by feature and value), ``slices``, ``weights``,
        ``overlap``, ``balance``, ``no_prediction`` and ``rarely_worked`` (where sales works almost
        no lead), and ``no_claim``, the entries of the scorecard for these.
    """
    fit = [part for part in weights.slices if part.family != "engagement"]
    by: dict[str, dict[str, float]] = {}
    for part in fit:
        by.setdefault(part.feature, {})[part.value] = part.share
    rare = weights.rarely_worked
    worked_weights = weights.weight[weights.worked]
    return {
        "share": float(weights.worked.mean()) if len(weights.worked) else None,
        "leads": len(weights.worked),
        "worked": int(weights.worked.sum()),
        "by": by,
        "slices": [part.to_json() for part in fit],
        "weights": {
            "effective_size": weights.effective_size,
            "clipped": int(weights.clipped.sum()),
            "clipped_where": _clipped_where(weights, X),
            "largest": float(worked_weights.max(initial=0.0)),
            "limit": LARGEST,
        },
        "overlap": propensity_overlap(weights),
        "balance": covariate_balance(weights, X),
        "no_prediction": [part.to_json() for part in weights.unsupported],
        "rarely_worked": rare.to_json() if rare else None,
        "no_claim": [part.scorecard_entry() for part in (*weights.unsupported, rare) if part],
    }


def propensity_overlap(weights: WorkedWeights) -> dict[str, Any]:
    """Count worked and never worked leads by their propensity.

    ``unlike_any_worked`` is the share of the never worked leads whose propensity is below that of
    every worked one.
    """
    edges = np.linspace(0, 1, COLUMNS + 1)
    supported, worked = weights.supported, weights.worked
    counts = {
        name: np.histogram(weights.propensity[supported & rows], edges)[0].tolist()
        for name, rows in (("worked", worked), ("never worked", ~worked))
    }
    never = weights.propensity[supported & ~worked]
    least = weights.propensity[supported & worked].min(initial=1.0)
    unlike = float((never < least).mean()) if len(never) else 0.0
    return {"edges": edges.tolist(), **counts, "unlike_any_worked": unlike}


def covariate_balance(weights: WorkedWeights, X: pd.DataFrame) -> dict[str, float]:
    """Measure how far the worked leads are from all leads, before and after weighting.

    It is the largest difference in the share of any slice, in standard deviations of that share.
    """
    supported = weights.supported
    rows = supported & weights.worked
    largest = {"before": 0.0, "after": 0.0}
    if not rows.any():
        return largest
    for part in weights.slices:
        inside = part.contains(X)
        share = float(inside[supported].mean())
        deviation = np.sqrt(share * (1 - share))
        if deviation > 0:
            before = float(inside[rows].mean())
            after = float(np.average(inside[rows], weights=weights.weight[rows]))
            for key, worked_share in (("before", before), ("after", after)):
                difference = float(abs(worked_share - share) / deviation)
                largest[key] = max(largest[key], difference)
    return largest


def _clipped_where(weights: WorkedWeights, X: pd.DataFrame) -> list[dict[str, Any]]:
    """Name the slices with the most clipped weights, compared with their share of the leads."""
    if not weights.clipped.any():
        return []
    rows = []
    for part in weights.slices:
        clipped = int((part.contains(X) & weights.clipped).sum())
        usual = part.worked / max(int(weights.worked.sum()), 1)
        excess = clipped - usual * int(weights.clipped.sum())
        rows.append((excess, {"feature": part.feature, "value": part.value, "leads": clipped}))
    ranked = sorted(rows, key=lambda row: -row[0])[:SHOWN]
    return [row for excess, row in ranked if excess > 0]
