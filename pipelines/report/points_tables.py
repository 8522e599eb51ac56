"""The tables of the report on the scorecard: the points of each feature, with bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features import text
from features.families.feature import FAMILIES
from pipelines.train.training_json import Row


def family_rows(importance: Sequence[Row]) -> list[dict[str, str]]:
    """Sum up the importance of the features of each family, the most important first."""
    points = dict.fromkeys(FAMILIES, 0.0)
    for row in importance:
        points[row["family"]] += row["importance"]
    total = sum(points.values()) or 1
    return [
        {"family": family, "points": text.number(value, 1), "share": text.percent(value / total)}
        for family, value in sorted(points.items(), key=lambda item: -item[1])
        if value
    ]


def feature_tables(card: Mapping[str, Any], importance: Sequence[Row]) -> list[dict[str, Any]]:
    """Give the points of each feature, the most important feature first."""
    moved = {row["feature"]: row["importance"] for row in importance}
    ranked = sorted(card["features"], key=lambda feature: -moved.get(feature["name"], 0))
    all_points = [abs(points) for feature in ranked for points in feature["points"]]
    widest = max(all_points, default=1) or 1
    return [
        {
            "words": feature["words"],
            "family": feature["family"],
            "importance": text.number(moved.get(feature["name"], 0), 1),
            "bins": _bin_rows(feature, widest),
        }
        for feature in ranked
    ]


def _bin_rows(feature: Mapping[str, Any], widest: float) -> list[dict[str, Any]]:
    """Give a row for each bin that has leads."""
    unknown = [None] * len(feature["points"])
    columns = [feature[key] for key in ("labels", "points")]
    columns += [feature.get(key) or unknown for key in ("counts", "wins", "low", "high")]
    return [
        {
            "label": label,
            "count": text.number(count, 0),
            "won": text.percent(wins / count if count and wins is not None else None, 1),
            "points": text.signed(points),
            **_bar(points, low, high, widest),
        }
        for label, points, count, wins, low, high in zip(*columns, strict=True)
        if count != 0
    ]


def _bar(points: float, low: float | None, high: float | None, widest: float) -> dict[str, Any]:
    """Say where a bar begins and how wide it is, in percent; zero is in the middle."""
    width = round(min(50 * abs(points) / widest, 50), 2)
    bar = {"positive": points >= 0, "width": width, "range_left": 0.0, "range_width": 0.0}
    bar["left"] = 50 if points >= 0 else round(50 - width, 2)
    if low is not None and high is not None:
        begin, end = (max(-50, min(50, 50 * bound / widest)) for bound in (low, high))
        bar["range_left"], bar["range_width"] = round(50 + begin, 2), round(end - begin, 2)
    return bar


def pair_rows(card: Mapping[str, Any]) -> list[dict[str, str]]:
    """Give the range of points of each combination of two features."""
    words = {feature["name"]: feature["words"] for feature in card["features"]}
    rows = []
    for pair in card.get("pairs") or ():
        points = [value for row in pair["points"] for value in row]
        rows.append(
            {
                "words": text.join(words[name] for name in pair["features"]),
                "range": f"{text.signed(min(points))} to {text.signed(max(points))}",
            }
        )
    return rows
