"""The scorecard: a trained candidate, compiled to a table of whole points that people can read.

The calibration is included, the points of each feature are centred on the training leads and
rounded, and each row gets a label in words. The result is plain JSON (format 2), served by
`model.serving`. Rounding moves a lead's log-odds by a few hundredths, and the level can be set
afterwards so that predicted wins equal actual wins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.card.lines import POINTS, compile_line, moves_a_lead
from model.estimators.bins import Term
from model.serving import Scorecard
from model.training.calibration import calibration_shift

Array = npt.NDArray[Any]
SHARES = (0.2, 0.5, 0.8)  # of the training leads that are at least grade A, B, C (level 1, 2, 3)
READY = 0.2  # share of the leads that count as ready, where no other is given


def compile_scorecard(
    intercept: float,
    terms: Sequence[Term],
    features: Sequence[Feature],
    X: pd.DataFrame,
    y: Any,
    *,
    calibration: tuple[float, float] = (1.0, 0.0),
    base_rate: float,
    candidate_name: str,
    name: str = "lead-readiness",
    ready_share: float | None = None,
    weights: Array | None = None,
    wanted: Collection[str] = (),
) -> dict[str, Any]:
    """Turn terms into whole points.

    Parameters
    ----------
    intercept, terms
        Of a candidate, in log-odds.
    features : sequence of Feature
        Words, family and unit of each term's feature.
    X, y
        The training leads and their outcomes (1 for won), for counts, centres and bands.
    calibration : (float, float)
        Slope and intercept that calibrate the log-odds.
    base_rate : float
        Win rate of an average lead, which gets 50 points, to the nearest point.
    ready_share : float, optional
        Share of the leads that the model calls ready; default a fifth. The threshold is the score
        that comes nearest to it, and at least the leads with the best score are ready.
    weights : array, shape (n,), optional
        How much each training lead counts where the level is set: predicted wins equal actual wins
        on them. By default the level is that of the calibration.
    wanted : collection of str
        Features that people chose: their lines stay, even if all their points are 0.

    Returns
    -------
    dict
        The scorecard, format 2. Another line that moves no training lead is left out.

    Examples
    --------
    >>> from model.estimators.bins import Binning
    >>> size = Feature("employees", "employees", "firmographic", "number", "people")
    >>> term = Term(Binning("employees", cuts=np.array([50.0])), np.array([0, -0.7, 0.7]))
    >>> X = pd.DataFrame({"employees": [10, 20, 60, 70]})
    >>> card = compile_scorecard(-1.1, [term], [size], X, np.array([0, 0, 0, 1]), base_rate=0.25,
    ...                          candidate_name="by hand")
    >>> card["start"], card["lines"][0]["labels"], card["lines"][0]["points"]
    (50, ['unknown', 'under 50', '50 or more'], [0, -10, 10])
    """
    slope, shift = calibration
    by_name = {feature.name: feature for feature in features}
    outcome = np.asarray(y, dtype=np.float64)
    compiled = [
        compile_line(by_name[term.binning.feature], term, slope, X, outcome) for term in terms
    ]
    odds = slope * intercept + shift + sum(centre for _, centre in compiled) / POINTS
    card = {
        "format": 2,
        "name": name,
        "trained_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "candidate": candidate_name,
        "start": 50,
        "level": float(odds),
        "base_rate": float(base_rate),
        "ready_at": 50,
        "grades": {},
        "levels": {},
        "lines": [line for line, _ in compiled if moves_a_lead(line) or line["name"] in wanted],
        "provenance": {"leads": len(X), "won": int(outcome.sum())},
    }
    scorecard = Scorecard.from_dict(card)
    points = scorecard.points(X)
    if weights is not None:
        odds += calibration_shift(scorecard.log_odds(points), outcome, weights)
    card |= _start_and_level(odds, base_rate)
    return card | _score_bands(Scorecard.from_dict(card), points, ready_share or READY)


def _start_and_level(odds: float, base_rate: float) -> dict[str, Any]:
    """Give the score of a lead with these log-odds, and the log-odds of a lead with 50 points.

    50 points are the base rate, to the nearest point.

    Examples
    --------
    >>> _start_and_level(np.log(1.1), 0.5)
    {'start': 51, 'level': 0.0259...}
    """
    start = 50 + round(POINTS * (odds - np.log(base_rate / (1 - base_rate))))
    return {"start": start, "level": float(odds - (start - 50) / POINTS)}


def _score_bands(scorecard: Scorecard, points: Array, ready_share: float) -> dict[str, Any]:
    """Choose the points from which a lead is ready, grade A to C, or level 1 to 3."""
    fit, engagement = scorecard.fit_points(points), scorecard.engagement_points(points)
    return {
        "ready_at": nearest_threshold(scorecard.score(points), ready_share),
        "grades": dict(zip("ABC", _top_shares(fit), strict=True)),
        "levels": dict(zip("123", _top_shares(engagement), strict=True)),
    }


def _top_shares(points: Array) -> list[int]:
    """Give the points that about the best 20%, 50% and 80% of the leads have at least."""
    return [nearest_threshold(points, share) for share in SHARES]


def nearest_threshold(points: Array, share: float) -> Any:
    """Give the points that nearest to a share of the leads reach; some lead has just as many.

    Of two thresholds that are equally near, the one that fewer leads reach.

    Examples
    --------
    >>> nearest_threshold(np.array([40, 50, 50, 50, 60, 60, 60, 60, 60, 70]), 0.2)
    70
    >>> nearest_threshold(np.array([40, 50, 50, 50, 50, 60, 60, 60, 60, 60]), 0.2)
    60
    """
    distinct, counts = np.unique(points, return_counts=True)
    reached = counts[::-1].cumsum() / max(len(points), 1)
    return distinct[::-1][np.argmin(np.abs(reached - share))].item()


def feature_importances(card: Mapping[str, Any]) -> pd.DataFrame:
    """Give the points by which each line moves the score, on average over the training leads.

    Returns
    -------
    DataFrame
        ``feature, words, family, importance``, the largest first.

    Examples
    --------
    >>> card = {"lines": [{"name": "size", "words": "size", "family": "firmographic",
    ...                    "points": [0, -4, 4], "counts": [0, 2, 2]}]}
    >>> feature_importances(card)
      feature words        family  importance
    0    size  size  firmographic         4.0
    """
    rows = [
        (line["name"], line["words"], line["family"], _mean_absolute_points(line))
        for line in card["lines"]
    ]
    table = pd.DataFrame(rows, columns=["feature", "words", "family", "importance"])
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def _mean_absolute_points(line: Mapping[str, Any]) -> float:
    counts = np.array(line["counts"])
    return float(np.abs(line["points"]) @ counts / max(counts.sum(), 1))
