"""The tables of the report on the test: metrics by scorer, and wins by period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from features import text
from model.registry.model_card import METRICS, MetricFormat
from pipelines.train.training_json import MetricJson, MetricsJson, Row, VersionJson

SCORERS = {  # keys of the evaluation
    "metrics": "this model",
    "champion": "champion",
    "yardstick": "black box",
    "definition": "rules alone",
    "points": "points by hand",
    "base_rate_alone": "base rate",
    "unweighted": "this model, on worked leads without weights",
}
SHOWN_METRICS = (
    "auc",
    "average_precision",
    "lift_5",
    "lift_10",
    "lift_20",
    "captured_5",
    "captured_10",
    "captured_20",
    "expected_wins_ratio",
    "calibration_slope",
    "calibration_intercept",
    "log_loss",
    "brier",
)


def scorer_names(evaluation: VersionJson) -> list[str]:
    """Name the scorers that were measured on the test leads."""
    return [name for key, name in SCORERS.items() if key in evaluation]


def metric_rows(evaluation: VersionJson) -> list[dict[str, Any]]:
    """Give a row for each metric, with a cell for each scorer."""
    by_scorer = [
        cast(MetricsJson, value) for key in SCORERS if (value := evaluation.get(key)) is not None
    ]
    rows = []
    for key in SHOWN_METRICS:
        label, _, meaning = METRICS[key].label.partition(" (")
        cells = [_metric_parts(metrics.get(key), METRICS[key]) for metrics in by_scorer]
        rows.append({"label": label, "meaning": meaning.rstrip(")"), "cells": cells})
    return rows


def _metric_parts(metric: MetricJson | None, form: MetricFormat) -> dict[str, str]:
    value, _, interval = form.metric_text(metric).partition(" ")
    return {"value": value, "interval": interval}


def period_rows(periods: Sequence[Row]) -> list[dict[str, str]]:
    """Give predicted and actual wins for each period and for all together."""
    if len(periods) < 2:
        return []
    total = {key: sum(period[key] for period in periods) for key in ("leads", "won", "expected")}
    named = [
        (f"{period['from'][:10]} to {period['until'][:10]}" if period["from"] else f"part {n}")
        for n, period in enumerate(periods, start=1)
    ]
    return [
        {
            "period": name,
            "leads": f"{period['leads']:,}",
            "expected": text.number(period["expected"], 0),
            "won": text.number(period["won"], 0),
            "ratio": text.percent(period["expected"] / max(period["won"], 1e-9)),
        }
        for name, period in zip([*named, "all"], [*periods, total], strict=True)
    ]
