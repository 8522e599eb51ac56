"""The scorecard: a trained candidate, compiled to a table of points that people can read.

The calibration is included, the points of each feature are centred on the training leads, and each
bin gets a label in words. The result is plain JSON (format 1), served by `model.serving`; its
log-odds equal the calibrated candidate's to the last digits.
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
POINTS = 10 / np.log(2)  # for each unit of log-odds: 10 points double the odds
SHARES = (0.2, 0.5, 0.8)  # of the training leads that are at least grade A, B, C (level 1, 2, 3)
READY = 0.2  # share of the leads that count as ready, where no other is given
OTHER = "any other"


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
        Of a candidate, in log-odds.
    features : sequence of Feature
        Words, family and unit of each term's feature.
    X, y
        The training leads and their outcomes (1 for won), for counts, centres and bands.
    calibration : (float, float)
        Slope and intercept that calibrate the log-odds.
    base_rate : float
        Win rate of an average lead, which gets 50 points.
    ready_share : float, optional
        Share of the leads that the model calls ready; default a fifth.

    Returns
    -------
    dict
        The scorecard, format 1. A term with the same points for every bin is left out.

    Examples
    --------
    >>> from model.training.bins import Binning
    >>> size = Feature("employees", "employees", "firmographic", "number", "people")
    >>> term = Term(Binning("employees", cuts=np.array([50.0])), np.array([0, -0.7, 0.7]))
    >>> X = pd.DataFrame({"employees": [10, 20, 60, 70]})
    >>> card = compile_scorecard(-2.0, [term], [size], X, np.array([0, 0, 0, 1]), base_rate=0.25,
    ...                          candidate_name="by hand")
    >>> card["features"][0]["labels"], np.round(card["features"][0]["points"], 1).tolist()
    (['unknown', 'under 50', '50 or more'], [0.0, -10.1, 10.1])
    """
    slope, shift = calibration
    by_name = {feature.name: feature for feature in features}
    outcome = np.asarray(y, dtype=np.float64)
    tables = [
        _points_table(by_name[term.binning.feature], term, slope, X, outcome)
        for term in terms
        if np.ptp(term.log_odds) > 0
    ]
    flat = [float(term.log_odds[0]) for term in terms if np.ptp(term.log_odds) == 0]
    odds = slope * (intercept + sum(flat)) + shift
    start = POINTS * (odds - np.log(base_rate / (1 - base_rate)))
    card = {
        "format": 1,
        "name": name,
        "trained_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "candidate": candidate_name,
        "base_rate": float(base_rate),
        "intercept": float(start + sum(centre for _, centre in tables)),
        "ready_at": 50.0,
        "grades": dict.fromkeys("ABC", 0.0),
        "levels": dict.fromkeys("123", 0.0),
        "features": [table for table, _ in tables],
        "pairs": [],
        "provenance": {"leads": len(X), "won": int(outcome.sum())},
    }
    return {**card, **_score_bands(card, X, READY if ready_share is None else ready_share)}


def _points_table(
    feature: Feature, term: Term, slope: float, X: pd.DataFrame, y: Array
) -> tuple[dict[str, Any], float]:
    """Compile the points of one feature; return them with the centre that was subtracted."""
    binning, bins = term.binning, term.binning.bins(X)
    counts = np.bincount(bins, minlength=binning.size)
    points = POINTS * slope * term.log_odds
    centre = float(points @ counts / max(counts.sum(), 1))
    points = points - centre
    half = None if term.errors is None else Z95 * POINTS * abs(slope) * term.errors
    table: dict[str, Any] = {
        "name": feature.name,
        "words": feature.words,
        "family": feature.family,
        "unit": feature.unit,
        "kind": feature.kind,
    }
    if binning.cuts is not None:
        table["cuts"] = binning.cuts.tolist()
        table["labels"] = [feature.missing, *bin_labels(binning.cuts, X[feature.name])]
    else:
        categories = binning.categories or ()
        table["categories"] = list(categories)
        table["labels"] = [feature.missing, OTHER, *_category_labels(categories, feature)]
    if term.covariance is not None:
        table["covariance"] = ((POINTS * slope) ** 2 * term.covariance).round(6).tolist()
    table |= {
        "points": points.tolist(),
        "counts": counts.tolist(),
        "wins": np.bincount(bins, y, minlength=binning.size).astype(int).tolist(),
        "low": None if half is None else (points - half).tolist(),
        "high": None if half is None else (points + half).tolist(),
    }
    return table, centre


def _category_labels(categories: Sequence[str], feature: Feature) -> list[str]:
    """Label categories by their names, in quotes where another bin has that label."""
    taken = (feature.missing, OTHER)
    return [f'"{name}"' if name in taken else name for name in categories]


def bin_labels(cuts: Array, values: pd.Series[Any]) -> list[str]:
    """Label the bins of a number in words; whole numbers end before the next cut.

    Examples
    --------
    >>> bin_labels(np.array([1.0, 2.0, 5.0]), pd.Series([0, 1, 4, 9]))
    ['none', '1', '2 to 4', '5 or more']
    >>> bin_labels(np.array([0.5, 2000.0]), pd.Series([0.1, 1.7]))
    ['under 0.5', '0.5 to under 2,000', '2,000 or more']
    """
    if not len(cuts):
        return ["any value"]
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    numbers = numbers[np.isfinite(numbers)]
    whole = bool((numbers == np.round(numbers)).all() and (cuts == np.round(cuts)).all())
    first = f"under {_exact_number(cuts[0])}"
    if whole and cuts[0] == 1 and numbers.min(initial=0) >= 0:
        first = "none"
    inner = [_inner_label(low, high, whole) for low, high in pairwise(cuts)]
    return [first, *inner, f"{_exact_number(cuts[-1])} or more"]


def _inner_label(low: float, high: float, whole: bool) -> str:
    if not whole:
        return f"{_exact_number(low)} to under {_exact_number(high)}"
    if high - low == 1:
        return _exact_number(low)
    return f"{_exact_number(low)} to {_exact_number(high - 1)}"


def _exact_number(number: float) -> str:
    """Write a number with all its digits, so that no two numbers look the same.

    Examples
    --------
    >>> [_exact_number(cut) for cut in (2000.0, -0.25, 1990.5, 0.0000001, 4e-12)]
    ['2,000', '-0.25', '1,990.5', '0.0000001', '4e-12']
    """
    if number and not 1e-9 <= abs(number) < 1e15:
        return repr(float(number))
    whole, dot, rest = np.format_float_positional(abs(number), trim="-").partition(".")
    return f"{'-' if number < 0 else ''}{int(whole):,}{dot}{rest}"


def _score_bands(card: dict[str, Any], X: pd.DataFrame, ready_share: float) -> dict[str, Any]:
    """Compute the points from which a lead is ready, grade A to C, or level 1 to 3."""
    scorecard = Scorecard.from_dict(card)
    points = scorecard.points(X)
    fit, engagement = scorecard.fit_points(points), scorecard.engagement_points(points)
    return {
        "ready_at": float(np.quantile(scorecard.score(points), 1 - ready_share)),
        "grades": dict(zip("ABC", _top_shares(fit), strict=True)),
        "levels": dict(zip("123", _top_shares(engagement), strict=True)),
    }


def _top_shares(points: Array) -> list[float]:
    """Give the points that the best 20%, 50% and 80% of the leads have at least."""
    return [float(cut) for cut in np.quantile(points, 1 - np.array(SHARES))]


def feature_importances(card: Mapping[str, Any]) -> pd.DataFrame:
    """Give the points by which each feature moves the score, on average over the training leads.

    Returns
    -------
    DataFrame
        ``feature, words, family, importance``, the largest first.

    Examples
    --------
    >>> card = {"features": [{"name": "size", "words": "size", "family": "firmographic",
    ...                       "points": [0, -4, 4], "counts": [0, 2, 2]}]}
    >>> feature_importances(card)
      feature words        family  importance
    0    size  size  firmographic         4.0
    """
    rows = [
        (
            feature["name"],
            feature["words"],
            feature["family"],
            float(
                np.abs(feature["points"])
                @ np.array(feature["counts"])
                / max(sum(feature["counts"]), 1)
            ),
        )
        for feature in card["features"]
    ]
    table = pd.DataFrame(rows, columns=["feature", "words", "family", "importance"])
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)
