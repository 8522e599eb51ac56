"""``leadready definition points``: what people give by hand beside what the data gives.

For each fact that earns points today (*email opened in the last 30 days at least 1*), the learned
points of the leads that meet it less those of the leads that do not. Both are means over the leads
that were judged, on the champion's scorecard. The interval comes from how the bins of that feature
err together, which a regression knows and the scorecard keeps. Boosted bins are centred,
err against each other, and nobody knows how much: their errors are added up, which is wide enough;
so is taking those of an older scorecard as independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import LeadReadyError
from features.progress import Progress
from model.definition.read import read_definition
from model.definition.words import rule_text
from model.registry.registry import Registry
from model.serving import Criterion, Scorecard, holds
from model.training.intervals import Z95
from pipelines.snapshot import Snapshot, read_snapshot

OPPOSED = "explainable boosting"  # the candidate whose bins err against each other
SCALES = (
    "Of the learned points, every 10 double the odds of a win. Points by hand have a scale of\n"
    "their own: compare which facts count, how much against each other, and which way."
)
Array = npt.NDArray[Any]


def points(folder: Path, *, model: str = "champion", progress: Progress) -> dict[str, Any]:
    """Hold the hand-made points of the definition in use against the learned ones.

    Raises
    ------
    LeadReadyError
        If the definition gives no points, or no such model is registered.
    """
    snapshot = read_snapshot(folder, progress)
    workspace = snapshot.workspace  # the model first: it is the quickest to be missing
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    read_definition(snapshot.definition_file)
    definition = dict(snapshot.definition().content)
    given = definition.get("points")
    if not given:
        hint = "the section Manual points of docs/definition.md shows how to write them down"
        raise LeadReadyError(
            "the definition gives no points", where=snapshot.definition_file.name, hint=hint
        )
    return {
        "model_version": loaded.version,
        "threshold": given["threshold"],
        "facts": [learned(one, loaded.scorecard, snapshot) for one in given["give"]],
    }


def learned(
    fact: Mapping[str, Any], scorecard: Mapping[str, Any], snapshot: Snapshot
) -> dict[str, Any]:
    """Give the learned points for one fact: leads that meet it less leads that do not."""
    criterion = Criterion.from_dict(fact)
    said = holds(criterion, snapshot.features)
    told = {
        "words": rule_text(criterion, snapshot.words),
        "by_hand": float(fact["points"]),
        "meet": int((said == 1).sum()),
        "do_not": int((said == -1).sum()),
    }
    features = {one["name"]: one for one in scorecard["features"]}
    used = features.get(fact["feature"])
    if used is None or not told["meet"] or not told["do_not"]:
        why = "the model does not use it" if used is None else "the leads are all alike in it"
        return {**told, "learned": None, "low": None, "high": None, "because": why}
    bins = Scorecard.from_dict(scorecard).axes[fact["feature"]].bins(snapshot.features)
    opposed = scorecard.get("candidate") == OPPOSED
    return {**told, **difference(used, bins, said, opposed=opposed)}


def difference(
    feature: Mapping[str, Any], bins: Array, said: Array, *, opposed: bool
) -> dict[str, Any]:
    """Give the difference in points between leads that meet a fact and others, with its interval.

    Parameters
    ----------
    feature : mapping
        Of the scorecard: ``points, low, high`` of each bin, and their ``covariance`` if known.
    bins, said : array
        Of each lead, its bin, and whether it meets the fact (1), does not (-1) or is unknown (0).
    opposed : bool
        Whether the bins err against each other.

    Examples
    --------
    >>> opened = {"points": [0.0, -1.0, 3.0], "low": [0.0, -4.0, -1.0], "high": [0.0, 2.0, 7.0]}
    >>> bins, said = np.array([1, 1, 2, 2]), np.array([-1, -1, 1, 1])
    >>> difference(opened, bins, said, opposed=True)
    {'learned': 4.0, 'low': -3.0, 'high': 11.0}
    >>> difference(opened, bins, said, opposed=False)
    {'learned': 4.0, 'low': -1.0, 'high': 9.0}
    """
    size = len(feature["points"])
    met, not_met = (np.bincount(bins[said == one], minlength=size) for one in (1, -1))
    weight = met / met.sum() - not_met / not_met.sum()
    found = {"learned": float(weight @ np.array(feature["points"]))}
    if feature.get("covariance"):
        error = float(np.sqrt(max(weight @ np.array(feature["covariance"]) @ weight, 0.0)))
        wide = Z95 * error
        return {**found, "low": found["learned"] - wide, "high": found["learned"] + wide}
    if not feature.get("low") or not feature.get("high"):
        return {**found, "low": None, "high": None}
    low, high = (np.array(feature[one], float) for one in ("low", "high"))
    points, add = np.array(feature["points"], float), np.sum if opposed else _root_of_squares
    down = add(np.where(weight > 0, weight * (points - low), weight * (points - high)))
    up = add(np.where(weight > 0, weight * (high - points), weight * (low - points)))
    return {**found, "low": found["learned"] - float(down), "high": found["learned"] + float(up)}


def _root_of_squares(parts: Array) -> Any:
    return np.sqrt((parts**2).sum())


def render(answer: Mapping[str, Any]) -> str:
    """Say both for each fact."""
    lines = [f"What the points by hand are worth, by version {answer['model_version']}:"]
    lines += [f"  {said(one)}" for one in answer["facts"]]
    return "\n".join([*lines, SCALES])


def said(fact: Mapping[str, Any]) -> str:
    """Say one fact.

    Examples
    --------
    >>> said({"words": "emails opened at least 1", "by_hand": 5.0, "learned": 0.2, "low": -0.4,
    ...       "high": 0.8})
    'emails opened at least 1: you give +5, the data gives +0.2 (−0.4 to +0.8)'
    """
    start = f"{fact['words']}: you give {_signed(fact['by_hand'], 'g')}, "
    if fact["learned"] is None:
        return start + f"the data gives nothing: {fact['because']}"
    between = ""
    if fact["low"] is not None:
        between = f" ({_signed(fact['low'])} to {_signed(fact['high'])})"
    return start + f"the data gives {_signed(fact['learned'])}{between}"


def _signed(value: float, form: str = ".1f") -> str:
    return f"{value:+{form}}".replace("-", "−")
