"""What the ready leads should meet as well: the strong points of a scorecard of the earlier leads.

A scorecard is learnt from the earlier leads alone: the registered one may know what became of the
later ones. Where it takes many points away for a fact that no criterion asks about, asking for the
opposite may be what the definition misses. A number is cut about where its points turn from below
the average to above it, or back; of a category the values with the worst points are ruled out. So
few things are tried, and each is one that stands out. Windows of one kind of event share their
points, so the source that they are made from is what is strong, and its strongest window is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from features.families.feature import Feature
from model.definition.edit_yaml import Edit
from model.proposals.change_test import Look
from model.proposals.question import (
    CUTS,
    MISSING,
    NEW,
    Slot,
    askable,
    cuts_of,
    of,
    plain,
    strongest,
)
from model.simulation.history import Array, History
from model.training.compile_scorecard import compile_scorecard, feature_importances
from model.training.logistic import LogisticOnBins

Card = Mapping[str, Any]  # a scorecard, format 1
STRONG = 6  # facts that are asked about, at most
LEAST = 2.0  # points below the average, to count; 10 points double the odds of a win
WORST = 3  # categories ruled out at once


def learnt(history: History, seed: int = 0) -> Card:
    """Learn a scorecard (regularised logistic regression on bins) from leads with known outcomes.

    Parameters
    ----------
    history : History
        The earlier leads; ``won`` is known of all.

    Returns
    -------
    mapping
        The scorecard; without features where all leads ended alike.
    """
    y, weights = history.won, history.weights
    if not len(y) or y.min() == y.max():
        return {"features": []}
    model = LogisticOnBins().fit(
        history.X, y, features=history.features, sample_weight=weights, seed=seed
    )
    intercept, terms = model.terms()
    base = float(np.average(y, weights=weights))
    return compile_scorecard(
        intercept,
        terms,
        history.features,
        history.X,
        y,
        base_rate=base,
        candidate_name=model.name,
    )


def missing(look: Look, card: Card) -> list[Slot]:
    """For each source with strong points that no criterion asks about: a condition on it."""
    tables = {one["name"]: one for one in card["features"]}
    found = []
    for some in _strongest_first(askable(look), tables):
        rules = ((one, conditions(one, tables[one.name], look)) for one in some)
        told = next(((one, asked) for one, asked in rules if asked), None)
        if told is not None:
            found.append(_slot(told[0].words, [_asked(rule) for rule in told[1]]))
    return found[:STRONG]


def _strongest_first(
    sources: Mapping[str, list[Feature]], tables: Mapping[str, Any]
) -> list[list[Feature]]:
    """Sources by how much all of their features move the score; the same for features inside."""
    if not tables:
        return []
    told = feature_importances({"features": list(tables.values())})
    spread = dict(zip(told["feature"], told["importance"], strict=True))
    known = [[one for one in some if one.name in tables] for some in sources.values()]
    ranked = [sorted(some, key=lambda one: -spread[one.name]) for some in known]
    return sorted(ranked, key=lambda some: -sum(spread[one.name] for one in some))


def _slot(about: str, edits: list[Edit]) -> Slot:
    return Slot(MISSING, about, lambda here: strongest(here, edits, of), of)


def _asked(rule: dict[str, Any]) -> Edit:
    return {"change": "add", "to": ("ready_when",), "criterion": {"id": NEW, **rule}}


def conditions(feature: Feature, table: Mapping[str, Any], look: Look) -> list[dict[str, Any]]:
    """What to ask of a fact, given its points.

    Parameters
    ----------
    feature : Feature
        What it is about.
    table : mapping
        Its entry in the scorecard.
    look : Look
        The leads that were learnt from.

    Returns
    -------
    list of dict
        Conditions that leave out values worth less than the average; none where no value is worth
        2 points less.
    """
    if feature.kind == "category":
        return list(_without_worst(feature, table))
    values = look.history.X[feature.name].to_numpy(np.float64, na_value=np.nan)
    return list(_cut(feature, table, values))


def _cut(feature: Feature, table: Mapping[str, Any], values: Array) -> Iterator[dict[str, Any]]:
    """Cut about where points turn, if some value on the side left out has strong points."""
    points, strong = np.array(table["points"][1:]), _below(table)[1:]
    edges = [-np.inf, *table["cuts"], np.inf]
    for place in range(1, len(points)):
        before, after = points[place - 1], points[place]
        about = edges[place - 1], edges[place], edges[place + 1]
        if before < 0 <= after and strong[:place].any():
            yield from _near(feature, "at_least", values, *about)
        if after < 0 <= before and strong[place:].any():
            yield from _near(feature, "at_most", values, *about)


def _near(
    feature: Feature, operator: str, values: Array, low: float, turn: float, high: float
) -> Iterator[dict[str, Any]]:
    """Thresholds in the two bins between which points turn: where in them, no point can tell."""
    inside = {float(one) for one in cuts_of(values, CUTS, operator) if low < one < high}
    known = values[np.isfinite(values)]
    if (known == np.round(known)).all():
        turn = np.ceil(turn) - (operator == "at_most")
    for one in sorted(inside | {float(turn)}):
        yield {"feature": feature.name, operator: plain(one)}


def _without_worst(feature: Feature, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    points, strong = np.array(table["points"][2:]), _below(table)[2:]
    worst = [table["categories"][one] for one in np.argsort(points, kind="stable") if strong[one]]
    for n in range(1, min(WORST, len(worst)) + 1):
        yield {"feature": feature.name, "none_of": sorted(worst[:n])}


def _below(table: Mapping[str, Any]) -> Array:
    """Which values are worth less than the average, beyond mere traces."""
    return (np.array(table["points"]) <= -LEAST) & (np.array(table["counts"]) > 0)


def in_words(card: Card, feature: str, words: str) -> str:
    """Say what a fact is worth.

    Examples
    --------
    >>> in_words({"features": [{"name": "size", "points": [0, -12.04, 8]}]}, "size", "employees")
    'In a scorecard learnt from the earlier leads, employees is worth −12 to +8 points'
    >>> in_words({"features": []}, "size", "employees")
    'In a scorecard learnt from the earlier leads, employees is worth nothing'
    """
    begin = f"In a scorecard learnt from the earlier leads, {words} is worth"
    for one in card["features"]:
        if one["name"] == feature:
            low, high = (f"{at:+.0f}".replace("-", "−") for at in _ends(one["points"]))
            return f"{begin} {low} to {high} points"
    return f"{begin} nothing"


def _ends(points: list[float]) -> tuple[float, float]:
    return min(points), max(points)
