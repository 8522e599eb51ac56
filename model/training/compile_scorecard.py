"""The scorecard: a trained candidate, compiled to a table of points that people can read.

The calibration is folded in, every feature's points are centred on the leads that were learnt from,
and each bin gets a label in words. What comes out is plain JSON (format 1), served by
``model.serving`` and equal to the candidate to the last digits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.serving import Scorecard
from model.training.bins import Term
from model.training.intervals import Z95

Array = npt.NDArray[Any]
POINTS = 10 / np.log(2)  # that double the odds, for each unit of log-odds
SHARES = (0.2, 0.5, 0.8)  # of the leads learnt from that are at least grade A, B, C (level 1, 2, 3)
READY = 0.2  # of the leads that count as ready, where nothing else is known
UNSEEN = "any other"


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
) -> dict[str, Any]:
    """Turn terms into points.

    Parameters
    ----------
    intercept, terms
        As a candidate gives them, in log-odds.
    features : sequence of Feature
        Words, family and unit of each term's feature.
    X, y
        The leads that were learnt from and their outcomes (1 for won): counts, centres and bands
        are theirs.
    calibration : (float, float)
        Slope and intercept that make the log-odds honest.
    base_rate : float
        Win rate of an average lead, who gets 50 points.
    ready_share : float, optional
        Share of the leads that the model calls ready; default a fifth.

    Returns
    -------
    dict
        The scorecard, format 1. A term that says the same of everybody is left out.

    Examples
    --------
    >>> from model.training.bins import Axis
    >>> size = Feature("employees", "employees", "firmographic", "number", "people")
    >>> term = Term(Axis("employees", cuts=np.array([50.0])), np.array([0, -0.7, 0.7]))
    >>> X = pd.DataFrame({"employees": [10, 20, 60, 70]})
    >>> card = compile_scorecard(-2.0, [term], [size], X, np.array([0, 0, 0, 1]), base_rate=0.25,
    ...                          candidate_name="by hand")
    >>> card["features"][0]["labels"], np.round(card["features"][0]["points"], 1).tolist()
    (['unknown', 'under 50', '50 or more'], [0.0, -10.1, 10.1])
    """
    slope, shift = calibration
    known = {one.name: one for one in features}
    outcome = np.asarray(y, dtype=np.float64)
    told = [
        _feature(known[one.axis.feature], one, slope, X, outcome)
        for one in terms
        if np.ptp(one.log_odds) > 0
    ]
    flat = [one for one in terms if np.ptp(one.log_odds) == 0]
    odds = slope * (intercept + sum(float(one.log_odds[0]) for one in flat)) + shift
    start = POINTS * (odds - np.log(base_rate / (1 - base_rate)))
    card = {
        "format": 1,
        "name": name,
        "trained_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "candidate": candidate_name,
        "base_rate": float(base_rate),
        "intercept": float(start + sum(middle for _, middle in told)),
        "ready_at": 50.0,
        "grades": dict.fromkeys("ABC", 0.0),
        "levels": dict.fromkeys("123", 0.0),
        "features": [one for one, _ in told],
        "pairs": [],
        "provenance": {"leads": len(X), "won": int(outcome.sum())},
    }
    return {**card, **_bands(card, X, READY if ready_share is None else ready_share)}


def _feature(
    feature: Feature, term: Term, slope: float, X: pd.DataFrame, y: Array
) -> tuple[dict[str, Any], float]:
    """One feature's table of points, and the centre that was taken out of it."""
    axis, bins = term.axis, term.axis.bins(X)
    counts = np.bincount(bins, minlength=axis.size)
    points = POINTS * slope * term.log_odds
    middle = float(points @ counts / max(counts.sum(), 1))
    points = points - middle
    wide = None if term.errors is None else Z95 * POINTS * abs(slope) * term.errors
    told: dict[str, Any] = {
        "name": feature.name,
        "words": feature.words,
        "family": feature.family,
        "unit": feature.unit,
        "kind": feature.kind,
    }
    if axis.cuts is not None:
        told["cuts"] = axis.cuts.tolist()
        told["labels"] = [feature.missing, *labels(axis.cuts, X[feature.name])]
    else:
        told["categories"] = list(axis.categories or ())
        told["labels"] = [feature.missing, UNSEEN, *_named(axis.categories or (), feature)]
    if term.covariance is not None:
        told["covariance"] = ((POINTS * slope) ** 2 * term.covariance).round(6).tolist()
    told |= {
        "points": points.tolist(),
        "counts": counts.tolist(),
        "wins": np.bincount(bins, y, minlength=axis.size).astype(int).tolist(),
        "low": None if wide is None else (points - wide).tolist(),
        "high": None if wide is None else (points + wide).tolist(),
    }
    return told, middle


def _named(categories: Sequence[str], feature: Feature) -> list[str]:
    """Categories by their names, in quotes where such a name means another bin."""
    taken = (feature.missing, UNSEEN)
    return [f'"{one}"' if one in taken else one for one in categories]


def labels(cuts: Array, values: pd.Series[Any]) -> list[str]:
    """Say the bins of a number in words; whole numbers are counted out.

    Examples
    --------
    >>> labels(np.array([1.0, 2.0, 5.0]), pd.Series([0, 1, 4, 9]))
    ['none', '1', '2 to 4', '5 or more']
    >>> labels(np.array([0.5, 2000.0]), pd.Series([0.1, 1.7]))
    ['under 0.5', '0.5 to under 2,000', '2,000 or more']
    """
    if not len(cuts):
        return ["any value"]
    known = values.to_numpy(np.float64, na_value=np.nan)
    known = known[np.isfinite(known)]
    whole = bool((known == np.round(known)).all() and (cuts == np.round(cuts)).all())
    first = f"under {_said(cuts[0])}"
    if whole and cuts[0] == 1 and known.min(initial=0) >= 0:
        first = "none"
    inner = [_between(low, high, whole) for low, high in pairwise(cuts)]
    return [first, *inner, f"{_said(cuts[-1])} or more"]


def _between(low: float, high: float, whole: bool) -> str:
    if not whole:
        return f"{_said(low)} to under {_said(high)}"
    return _said(low) if high - low == 1 else f"{_said(low)} to {_said(high - 1)}"


def _said(number: float) -> str:
    """A number as people write it, and no other number so: 2,000 and 0.25.

    Examples
    --------
    >>> _said(2000.0), _said(-0.25), _said(1990.5), _said(0.0000001), _said(4e-12)
    ('2,000', '-0.25', '1,990.5', '0.0000001', '4e-12')
    """
    if number and not 1e-9 <= abs(number) < 1e15:
        return repr(float(number))
    whole, dot, rest = np.format_float_positional(abs(number), trim="-").partition(".")
    return f"{'-' if number < 0 else ''}{int(whole):,}{dot}{rest}"


def _bands(card: dict[str, Any], X: pd.DataFrame, ready_share: float) -> dict[str, Any]:
    """From which points on a lead is grade A, level 1, or ready."""
    served = Scorecard.from_dict(card)
    points = served.points(X)
    fit, engagement = served.fit_points(points), served.engagement_points(points)
    return {
        "ready_at": float(np.quantile(served.score(points), 1 - ready_share)),
        "grades": dict(zip("ABC", _from_the_top(fit), strict=True)),
        "levels": dict(zip("123", _from_the_top(engagement), strict=True)),
    }


def _from_the_top(points: Array) -> list[float]:
    return [float(one) for one in np.quantile(points, 1 - np.array(SHARES))]


def importances(card: Mapping[str, Any]) -> pd.DataFrame:
    """How many points each feature moves the score, on average over the leads learnt from.

    Returns
    -------
    DataFrame
        ``feature, words, family, importance``, the largest first.

    Examples
    --------
    >>> card = {"features": [{"name": "size", "words": "size", "family": "firmographic",
    ...                       "points": [0, -4, 4], "counts": [0, 2, 2]}]}
    >>> importances(card)
      feature words        family  importance
    0    size  size  firmographic         4.0
    """
    rows = [
        (
            one["name"],
            one["words"],
            one["family"],
            float(np.abs(one["points"]) @ np.array(one["counts"]) / max(sum(one["counts"]), 1)),
        )
        for one in card["features"]
    ]
    found = pd.DataFrame(rows, columns=["feature", "words", "family", "importance"])
    return found.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
