"""Questions about missing criteria, raised by the strong points of a scorecard.

The scorecard is learned from the earlier leads alone; the registered one may know how the later
leads ended. Where it takes many points away for a fact that no criterion asks for, requiring the
opposite may be what the definition lacks. A number is cut near the values where its points change
from below the average to above it, or back; of a category, the values with the lowest points are
excluded. This way few conditions are tried, each of them for a fact that stands out. The time
windows of one kind of event share their points, so their source is ranked as a whole, and its
strongest window is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from features.families.feature import Feature
from features.text import signed
from model.definition.edits import AddRequirement
from model.estimators.logistic import LogisticOnBins
from model.proposals.change_test import JudgedHalf
from model.proposals.question import (
    MISSING,
    NEW,
    THRESHOLDS,
    Question,
    askable_features,
    plain_number,
    strongest,
    thresholds,
    win_rate_test,
)
from model.serving import Criterion
from model.simulation.history import Array, History
from model.training.compile_scorecard import compile_scorecard, feature_importances

Card = Mapping[str, Any]  # a scorecard, format 2
PointsLine = Mapping[str, Any]  # of one feature in it: points, counts, cuts or categories
MOST_QUESTIONS = 6
LEAST_POINTS = 2  # below the average, to count; 10 points double the odds of a win
MOST_EXCLUDED = 3  # categories at once


def learn_card(history: History, seed: int = 0) -> Card:
    """Learn a scorecard (regularised logistic regression on bins) from leads with known outcomes.

    Parameters
    ----------
    history : History
        The earlier leads; all outcomes are known.
    seed : int
        For the cross-validation.

    Returns
    -------
    mapping
        The scorecard; without lines where all leads ended alike.
    """
    y, weights = history.won, history.weights
    if not len(y) or y.min() == y.max():
        return {"lines": []}
    model = LogisticOnBins().fit(
        history.X, y, features=history.features, sample_weight=weights, seed=seed
    )
    intercept, terms = model.terms()
    base_rate = float(np.average(y, weights=weights))
    return compile_scorecard(
        intercept,
        terms,
        history.features,
        history.X,
        y,
        base_rate=base_rate,
        candidate_name=model.name,
    )


def missing_criterion_questions(half: JudgedHalf, card: Card) -> list[Question]:
    """Ask for a condition on each source with strong points that no criterion asks for."""
    lines = {line["name"]: line for line in card["lines"]}
    questions = []
    for features in _strongest_first(askable_features(half), lines):
        for feature in features:
            conditions = conditions_from_points(feature, lines[feature.name], half)
            if conditions:
                questions.append(_requirement_question(feature.words, conditions))
                break
    return questions[:MOST_QUESTIONS]


def _strongest_first(
    sources: Mapping[str, list[Feature]], lines: Mapping[str, PointsLine]
) -> list[list[Feature]]:
    """Order sources by how much their features move the score, and the features of each."""
    if not lines:
        return []
    importance = feature_importances({"lines": list(lines.values())})
    spread = dict(zip(importance["feature"], importance["importance"], strict=True))
    used = [
        [feature for feature in features if feature.name in lines] for features in sources.values()
    ]
    ranked = [sorted(features, key=lambda feature: -spread[feature.name]) for features in used]
    return sorted(ranked, key=lambda features: -sum(spread[feature.name] for feature in features))


def _requirement_question(about: str, conditions: list[Criterion]) -> Question:
    edits = [AddRequirement(condition) for condition in conditions]
    best_edit = partial(strongest, edits=edits, test=win_rate_test)
    return Question(MISSING, about, best_edit, win_rate_test)


def conditions_from_points(feature: Feature, line: PointsLine, half: JudgedHalf) -> list[Criterion]:
    """Give the conditions that the points of a feature suggest.

    Parameters
    ----------
    feature : Feature
        What they are about.
    line : mapping
        Its line of the scorecard.
    half : JudgedHalf
        The leads that the scorecard was learned from.

    Returns
    -------
    list of Criterion
        Conditions that exclude values with fewer points than the average; empty where no value has
        at least 2 points less.
    """
    if feature.kind == "category":
        return list(_without_low_categories(feature, line))
    values = half.history.X[feature.name].to_numpy(np.float64, na_value=np.nan)
    return list(_cuts_where_points_turn(feature, line, values))


def _cuts_where_points_turn(
    feature: Feature, line: PointsLine, values: Array
) -> Iterator[Criterion]:
    """Cut near the turns, if some value on the excluded side is clearly below the average."""
    points, low = np.array(line["points"][1:]), _clearly_below_average(line)[1:]
    edges = [-np.inf, *line["cuts"], np.inf]
    for place in range(1, len(points)):
        before, after = points[place - 1], points[place]
        around = edges[place - 1], edges[place], edges[place + 1]
        if before < 0 <= after and low[:place].any():
            yield from _conditions_near(feature, "at_least", values, *around)
        if after < 0 <= before and low[place:].any():
            yield from _conditions_near(feature, "at_most", values, *around)


def _conditions_near(
    feature: Feature, operator: str, values: Array, low: float, turn: float, high: float
) -> Iterator[Criterion]:
    """Try thresholds across both bins beside a turn: points cannot tell where in them it is."""
    inside = {float(cut) for cut in thresholds(values, THRESHOLDS, operator) if low < cut < high}
    known = values[np.isfinite(values)]
    if (known == np.round(known)).all():
        turn = np.ceil(turn) - (operator == "at_most")
    for cut in sorted(inside | {float(turn)}):
        yield Criterion(NEW, feature.name, operator, plain_number(cut))


def _without_low_categories(feature: Feature, line: PointsLine) -> Iterator[Criterion]:
    low = _clearly_below_average(line)[2:]  # these rows end with the fewest points
    rows = [row for row, is_low in zip(line["categories"], low, strict=True) if is_low]
    lowest = [category for row in reversed(rows) for category in row]
    for n in range(1, min(MOST_EXCLUDED, len(lowest)) + 1):
        yield Criterion(NEW, feature.name, "none_of", tuple(sorted(lowest[:n])))


def _clearly_below_average(line: PointsLine) -> Array:
    """Which rows with leads are worth clearly less than the average."""
    return (np.array(line["points"]) <= -LEAST_POINTS) & (np.array(line["counts"]) > 0)


def worth_text(card: Card, feature: str, words: str) -> str:
    """Say how many points a feature is worth.

    Examples
    --------
    >>> card = {"lines": [{"name": "size", "points": [0, -12, 8]}]}
    >>> worth_text(card, "size", "employees")
    'In a scorecard learned from the earlier leads, employees is worth -12 to +8 points'
    >>> worth_text({"lines": []}, "size", "employees")
    'In a scorecard learned from the earlier leads, employees is worth nothing'
    """
    start = f"In a scorecard learned from the earlier leads, {words} is worth"
    for line in card["lines"]:
        if line["name"] == feature:
            low, high = min(line["points"]), max(line["points"])
            return f"{start} {signed(low)} to {signed(high)} points"
    return f"{start} nothing"
