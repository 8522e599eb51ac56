"""The lines of a scorecard: log-odds of a feature become whole points, row by row.

Points are centred on the training leads and rounded. What has equal points then is one row:
neighbouring intervals of a number, and categories, which join *any other* where they are worth the
same.
"""

from __future__ import annotations

from typing import Any, NamedTuple, NotRequired, TypedDict, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.families.feature import Feature
from model.card.labels import category_labels, number_labels
from model.estimators.bins import Binning, Term
from model.training.intervals import Z95

Array = npt.NDArray[Any]
POINTS = 10 / np.log(2)  # for each unit of log-odds: 10 points double the odds
SHIFTS = 41  # of the centre of a line that are tried before rounding


class Line(TypedDict):
    """A feature on the scorecard, as in the file: row 0 is missing, the others follow.

    A number has ``cuts``, and an interval in each row. A category has any other value in row 1,
    and then rows of ``categories``, the most points first. ``low`` and ``high`` are the ends of the
    95% intervals, and ``covariance`` is that of the points.
    """

    name: str
    words: str
    family: str
    unit: str
    kind: str
    cuts: NotRequired[list[float]]
    categories: NotRequired[list[list[str]]]
    labels: list[str]
    points: list[int]
    low: list[float] | None
    high: list[float] | None
    covariance: NotRequired[list[list[float]]]
    counts: list[int]
    wins: list[int]


class ExactPoints(NamedTuple):
    """The points of a term before they are rounded, bin by bin.

    Attributes
    ----------
    points : array, shape (bins,)
        Their mean over the training leads is 0.
    centre : float
        The points that were subtracted from each of them.
    half : array, shape (bins,), or None
        Half of the width of the 95% intervals.
    covariance : array, shape (bins, bins), or None
    """

    points: Array
    centre: float
    half: Array | None
    covariance: Array | None


def exact_points(term: Term, slope: float, counts: Array) -> ExactPoints:
    """Turn the log-odds of a term into points.

    Parameters
    ----------
    slope : float
        Of the calibration.
    counts : array, shape (bins,)
        The training leads in each bin.

    Examples
    --------
    >>> term = Term(Binning("size", cuts=np.array([50.0])), np.log([1, 1, 2]))
    >>> exact_points(term, 1.0, np.array([0, 3, 1])).points.round(2)
    array([-2., -2.,  8.])
    """
    points = POINTS * slope * term.log_odds
    centre = _centre_for_rounding(points, counts)
    half = None if term.errors is None else Z95 * POINTS * abs(slope) * term.errors
    covariance = None if term.covariance is None else (POINTS * slope) ** 2 * term.covariance
    return ExactPoints(points - centre, centre, half, covariance)


def _centre_for_rounding(points: Array, counts: Array) -> float:
    """The mean points of the leads, moved by up to half a point so that rounding changes least.

    Points are differences between rows: what all rows of a line have in common belongs to the
    level.
    """
    centre = float(points @ counts / max(counts.sum(), 1))
    shifts = centre + np.linspace(-0.5, 0.5, SHIFTS)
    moved = points - shifts[:, None]
    lost = (np.rint(moved) - moved) ** 2 @ counts
    return float(shifts[int(np.argmin(lost + 1e-9 * np.abs(shifts - centre)))])


def compile_line(
    feature: Feature, term: Term, slope: float, X: pd.DataFrame, y: Array
) -> tuple[Line, float]:
    """Compile the line of a feature; return it with the points that centring subtracted.

    Parameters
    ----------
    slope : float
        Of the calibration.
    X, y
        The training leads and their outcomes (1 for won).
    """
    bins = term.binning.bins(X)
    counts = np.bincount(bins, minlength=term.binning.size)
    wins = np.bincount(bins, y, minlength=term.binning.size)
    exact = exact_points(term, slope, counts)
    whole = np.rint(exact.points).astype(int)
    rows = _rows_of_equal_points(term.binning, whole)
    line = {
        "name": feature.name,
        "words": feature.words,
        "family": feature.family,
        "unit": feature.unit or "",
        "kind": feature.kind,
        **_row_contents(term.binning, rows, counts, feature, X),
        "points": [int(whole[row[0]]) for row in rows],
        **_row_intervals(exact, whole, rows, counts),
        "counts": [int(counts[row].sum()) for row in rows],
        "wins": [int(wins[row].sum()) for row in rows],
    }
    return cast(Line, line), exact.centre


def _rows_of_equal_points(binning: Binning, points: Array) -> list[list[int]]:
    """List the bins of each row, in the order of the rows."""
    if binning.cuts is not None:
        starts = np.flatnonzero(np.r_[True, True, np.diff(points[1:]) != 0])
        return [part.tolist() for part in np.split(np.arange(len(points)), starts[1:])]
    bins: dict[int, list[int]] = {}
    for place, worth in enumerate(points[1:].tolist(), start=1):
        bins.setdefault(worth, []).append(place)
    other = bins.pop(int(points[1]))
    return [[0], other, *(bins[worth] for worth in sorted(bins, reverse=True))]


def _row_contents(
    binning: Binning, rows: list[list[int]], counts: Array, feature: Feature, X: pd.DataFrame
) -> Any:
    """Give the cuts or the categories of the rows, and their labels."""
    if binning.cuts is not None:
        cuts = binning.cuts[[row[0] - 2 for row in rows[2:]]]
        labels = number_labels(feature, cuts, X[feature.name])
        return {"cuts": cuts.tolist(), "labels": [feature.missing, *labels]}
    names = binning.categories or ()
    same_as_other, *categories = (
        [names[place - 2] for place in sorted(row, key=lambda place: -counts[place]) if place > 1]
        for row in rows[1:]
    )
    labels = category_labels(categories, feature.missing, same_as_other)
    return {"categories": categories, "labels": [feature.missing, *labels]}


def _row_intervals(exact: ExactPoints, whole: Array, rows: list[list[int]], counts: Array) -> Any:
    """Give the intervals of the rows, which include the whole points.

    A row of several bins is around the average of its leads, with the widest interval of its bins.
    """
    intervals: dict[str, Any] = {"low": None, "high": None}
    if exact.half is not None:
        each = counts + 1e-9  # where a row has no leads, all its bins count the same
        middle = np.array([np.average(exact.points[row], weights=each[row]) for row in rows])
        half = np.array([exact.half[row].max() for row in rows])
        points = whole[[row[0] for row in rows]]
        intervals["low"] = np.minimum(middle - half, points).round(2).tolist()
        intervals["high"] = np.maximum(middle + half, points).round(2).tolist()
    if exact.covariance is not None:
        variance = np.diag(exact.covariance)
        widest = [row[int(variance[row].argmax())] for row in rows]
        intervals["covariance"] = exact.covariance[np.ix_(widest, widest)].round(6).tolist()
    return intervals


def moves_a_lead(line: Line) -> bool:
    """Whether the line gives any training lead points.

    Examples
    --------
    >>> moves_a_lead({"points": [4, 0, 0], "counts": [0, 90, 10]})
    False
    """
    rows = zip(line["points"], line["counts"], strict=True)
    return any(points != 0 and count > 0 for points, count in rows)
