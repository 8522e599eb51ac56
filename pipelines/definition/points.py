"""``leadready definition points``: points that people give by hand, beside those the data supports.

For each fact that earns points today (*email opens in the last 30 days at least 1*): the learned
points of the leads that meet it, less those of the leads that do not. Both are means over the leads
that were judged, on the champion's scorecard. The interval depends on how the errors of a feature's
bins are related, which a regression knows and the scorecard keeps. Bins of a boosted model are
centred, so their errors oppose each other by an unknown amount: they are added up, which is wide
enough. The bins of an older scorecard are taken as independent, which is wide enough as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError
from features.progress import Progress, no_progress
from features.text import signed, table, wrap
from model.definition.read import read_definition
from model.definition.words import rule_text
from model.registry.registry import Registry
from model.serving import CriterionPoints, Scorecard, holds
from model.training.intervals import Z95
from pipelines.snapshot import read_snapshot

OPPOSED = "explainable boosting"  # the candidate whose bins have opposed errors
SCALES = (
    "Every 10 learned points double the odds of a win. Points by hand have a scale of their own: "
    "compare which facts count, how much relative to each other, and in which direction."
)
Array = npt.NDArray[Any]


class Learned(NamedTuple):
    """Learned points for a fact, with their 95 % interval; None where there are none."""

    points: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FactPoints:
    """A fact with the points that people give, and those that the data supports.

    Attributes
    ----------
    words : str
        The fact.
    by_hand : float
        The points that people give.
    meets, does_not : int
        Leads that meet the fact, and leads that do not.
    learned, low, high : float or None
        The points that the data supports, with their 95 % interval.
    why_none : str or None
        Why there are no learned points.
    """

    words: str
    by_hand: float
    meets: int
    does_not: int
    learned: float | None = None
    low: float | None = None
    high: float | None = None
    why_none: str | None = None


@dataclass(frozen=True)
class PointsComparison:
    """The points by hand of the definition in use, beside those of a registered model."""

    model_version: str
    threshold: float | None
    facts: list[FactPoints]


def points(
    folder: Path | str, *, model: str = "champion", progress: Progress = no_progress
) -> PointsComparison:
    """Compare the points by hand of the definition in use with the learned ones.

    Parameters
    ----------
    folder : path
        The workspace.
    model : str
        An alias or a version.
    progress : callable, optional
        Receives a message before each long step.

    Raises
    ------
    LeadReadyError
        If the definition gives no points, or no such model is registered.

    Examples
    --------
    >>> points("acme").facts[0].by_hand  # doctest: +SKIP
    15.0
    >>> points("nowhere")
    Traceback (most recent call last):
    features.errors.LeadReadyError: ...
    """
    snapshot = read_snapshot(folder, progress)
    workspace = snapshot.workspace
    loaded = Registry.for_workspace(workspace.folder, workspace.model).load(model)
    read_definition(snapshot.definition_file)  # mistakes first: reading the tables takes long
    definition = snapshot.definition()
    if not definition.points.give:
        raise LeadReadyError(
            "the definition gives no points",
            where=snapshot.definition_file.name,
            hint="the section Manual points of docs/definition.md shows how to write them down",
        )
    card = Scorecard.from_dict(loaded.scorecard)
    facts = [
        compare_points(given, card, snapshot.features, snapshot.words)
        for given in definition.points.give
    ]
    return PointsComparison(loaded.version, definition.points.threshold, facts)


def compare_points(
    given: CriterionPoints,
    card: Scorecard,
    X: pd.DataFrame,
    words: Mapping[str, str],
) -> FactPoints:
    """Give the learned points for one fact: leads that meet it less leads that do not."""
    meets = holds(given.criterion, X)
    fact = FactPoints(
        words=rule_text(given.criterion, words),
        by_hand=float(given.points),
        meets=int((meets == 1).sum()),
        does_not=int((meets == -1).sum()),
    )
    line = {line["name"]: line for line in card.lines}.get(given.criterion.feature)
    if line is None:
        return replace(fact, why_none="not in the model")
    if not fact.meets or not fact.does_not:
        return replace(fact, why_none="all leads alike")
    bins = card.axes[given.criterion.feature].bins(X)
    opposed = card.content.get("candidate") == OPPOSED
    learned = points_difference(line, bins, meets, opposed=opposed)
    return replace(fact, learned=learned.points, low=learned.low, high=learned.high)


def points_difference(
    line: Mapping[str, Any], bins: Array, meets: Array, *, opposed: bool
) -> Learned:
    """Give the points of leads that meet a fact, less those of the others, with the interval.

    Parameters
    ----------
    line : mapping
        Of the scorecard: ``points, low, high`` of each row, and their ``covariance`` if known.
    bins, meets : array, shape (n,)
        The row of each lead, and whether it meets the fact (1), does not (-1) or is unknown (0).
    opposed : bool
        Whether the errors of the rows oppose each other.

    Examples
    --------
    >>> opened = {"points": [0.0, -1.0, 3.0], "low": [0.0, -4.0, -1.0], "high": [0.0, 2.0, 7.0]}
    >>> bins, meets = np.array([1, 1, 2, 2]), np.array([-1, -1, 1, 1])
    >>> points_difference(opened, bins, meets, opposed=True)
    Learned(points=4.0, low=-3.0, high=11.0)
    >>> points_difference(opened, bins, meets, opposed=False)
    Learned(points=4.0, low=-1.0, high=9.0)
    """
    size = len(line["points"])
    met, not_met = (np.bincount(bins[meets == value], minlength=size) for value in (1, -1))
    weight = met / met.sum() - not_met / not_met.sum()
    learned = float(weight @ np.array(line["points"]))
    if line.get("covariance"):
        error = float(np.sqrt(max(weight @ np.array(line["covariance"]) @ weight, 0.0)))
        width = Z95 * error
        return Learned(learned, learned - width, learned + width)
    if not line.get("low") or not line.get("high"):
        return Learned(learned)
    low, high = (np.array(line[end], float) for end in ("low", "high"))
    points, add = np.array(line["points"], float), np.sum if opposed else _root_of_squares
    down = add(np.where(weight > 0, weight * (points - low), weight * (points - high)))
    up = add(np.where(weight > 0, weight * (high - points), weight * (low - points)))
    return Learned(learned, learned - float(down), learned + float(up))


def _root_of_squares(parts: Array) -> Any:
    return np.sqrt((parts**2).sum())


def points_text(comparison: PointsComparison) -> str:
    """Write both kinds of points for each fact."""
    rows = [
        {"fact": fact.words, "by_hand": f"{fact.by_hand:+g}", "learned": learned_points_text(fact)}
        for fact in comparison.facts
    ]
    learned = f"learned (version {comparison.model_version})"
    lines = table(rows, {"fact": "fact", "by_hand": "> by hand", "learned": learned})
    return "\n".join([*lines, "", *wrap(SCALES)])


def learned_points_text(fact: FactPoints) -> str:
    """Write the learned points for one fact, with their interval.

    Examples
    --------
    >>> learned_points_text(FactPoints("emails opened at least 1", 5.0, 40, 60, 0.2, -0.4, 0.8))
    '+0.2 (-0.4 to +0.8)'
    >>> learned_points_text(FactPoints("size at least 9", 5.0, 0, 9, why_none="all leads alike"))
    'none: all leads alike'
    """
    if fact.learned is None:
        return f"none: {fact.why_none}"
    if fact.low is None or fact.high is None:
        return signed(fact.learned)
    return f"{signed(fact.learned)} ({signed(fact.low)} to {signed(fact.high)})"
