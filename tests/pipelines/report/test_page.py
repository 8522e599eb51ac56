"""The tables and sentences of the report, from small evaluations written by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from model.gate import Gate
from pipelines.report.charts import direction_chart
from pipelines.report.metric_tables import metric_rows, period_rows, scorer_names
from pipelines.report.opening import _verdict_text
from pipelines.report.page import _agreement_chart, _agreement_text, _count_rows, _tiles
from pipelines.report.plots import version_plots

METRIC = {"value": 0.789, "low": 0.751, "high": 0.824}
NO_METRIC = {"value": None, "low": None, "high": None}
IMPORTANCE = [
    {"feature": "visits", "words": "visits", "family": "engagement", "importance": 6.0},
    {"feature": "size", "words": "employees", "family": "firmographic", "importance": 2.0},
]


def _row(verdict: str, model_verdict: str, leads: int, won: int) -> dict[str, Any]:
    return {"verdict": verdict, "model_verdict": model_verdict, "leads": leads, "won": won}


def test_metrics_have_a_cell_for_each_scorer_that_was_measured() -> None:
    evaluation: Any = {
        "metrics": {"auc": METRIC, "captured_20": METRIC},
        "yardstick": {"auc": NO_METRIC},
        "base_rate_alone": {},
    }
    assert scorer_names(evaluation) == ["this model", "black box", "base rate"]
    rows = {row["label"]: row["cells"] for row in metric_rows(evaluation)}
    assert rows["AUC"] == [
        {"value": "0.789", "interval": "(0.751–0.824)"},
        {"value": "–", "interval": ""},
        {"value": "–", "interval": ""},
    ]
    assert rows["wins caught in the best 20%"][0] == {"value": "79%", "interval": "(75–82%)"}


def test_periods_are_summed_up() -> None:
    period = {"from": "2026-01-01T00:00", "until": "2026-04-01T00:00"}
    rows = period_rows(
        [
            {**period, "leads": 1000, "expected": 90.4, "won": 100},
            {"from": None, "until": None, "leads": 500, "expected": 10.0, "won": 0},
        ]
    )
    assert [row["period"] for row in rows] == ["2026-01-01 to 2026-04-01", "part 2", "all"]
    assert rows[0] == {**rows[0], "leads": "1,000", "expected": "90", "won": "100", "ratio": "90%"}
    assert rows[2] == {**rows[2], "leads": "1,500", "expected": "100", "ratio": "100%"}
    assert period_rows([{**period, "leads": 1, "expected": 1.0, "won": 1}]) == []


def test_a_refused_version_names_its_checks() -> None:
    gates = [Gate("calibrated", False, "slope 0.4", "1"), Gate("no leaks", True, "", "")]
    loaded: Any = SimpleNamespace(record=SimpleNamespace(tags={"gate": "refused"}))
    verdict = _verdict_text(loaded, gates)
    assert verdict.startswith("The gate refused this version: 1 check did not pass (calibrated).")


def test_counts_are_whole_numbers_in_the_chart_of_a_direction() -> None:
    alone = {
        "words": "visits",
        "cuts": [1, 3],
        "points": [0, 1, 2],
        "low": [0, 0, 0],
        "high": [1] * 3,
    }
    labels = [
        bar.label.partition(":")[0] for bar in direction_chart(alone, None, counted=True).bars
    ]
    assert labels == ["none", "1 to 2", "3 or more"]


def test_reasons_are_counted_with_their_share() -> None:
    assert _count_rows({"duplicate": 5, "not mature": 1200, "internal": 0}, leads=2410) == [
        {"reason": "not mature", "count": "1,200", "share": "49.8%"},
        {"reason": "duplicate", "count": "5", "share": "0.2%"},
    ]
    assert _count_rows({}) == []


def test_tiles_say_what_is_unknown() -> None:
    evaluation: Any = {
        "metrics": {"captured_20": METRIC, "lift_10": NO_METRIC, "expected_wins_ratio": METRIC},
        "won_test": 0,
        "n_test": 0,
    }
    assert [tile["value"] for tile in _tiles(evaluation)] == ["79%", "–", "79%", "0.0%"]


def test_disagreement_compares_both_sides() -> None:
    rows = [
        _row("ready", "ready", 10, 9),
        _row("not ready", "ready", 1200, 300),
        _row("ready", "not ready", 80, 4),
        _row("never", "ready", 7, 7),
    ]
    assert _agreement_text(rows) == (
        "Where they disagree: of the 1,200 leads that only the model calls ready, 25% were won; "
        "of the 80 leads that only the rules call ready, 5.0%."
    )
    assert _agreement_text(rows[:2]) == (
        "Outcomes of the test leads, by the verdicts of the rules and the model."
    )
    drawn = _agreement_chart([{**rows[1], "rate": 0.25, "low": 0.2265, "high": 0.275}])
    assert "25% (23–28%) won" in drawn
    assert "300 of 1,200 leads" in drawn


@pytest.mark.parametrize("more", [False, True])
def test_a_version_keeps_the_plots_it_has_data_for(more: bool) -> None:
    counts = {"won": [1, 2], "not won": [3, 4]}
    evaluation: dict[str, Any] = {
        "curves": {
            "lift": {"share": [0, 1], "captured": {"model": [0, 1]}},
            "calibration": [{"predicted": 0.1, "observed": 0.2, "low": 0.1, "high": 0.3}],
            "scores": {"edges": [0, 50, 100], **counts},
        },
        "importance": IMPORTANCE,
        "time_to_win": None,
        "worked": None,
    }
    if more:
        curve = {"days": [10], "won": [0.1], "low": [None], "high": [0.2], "horizon": None}
        overlap = {"edges": [0, 0.5, 1], "worked": [1, 2], "never worked": [0, 0]}
        evaluation |= {"time_to_win": curve, "worked": {"overlap": overlap}}
    plots = version_plots(evaluation)
    names = ["lift.svg", "calibration.svg", "scores.svg", "importance.svg"]
    assert list(plots) == [*names, *(["time_to_win.svg", "overlap.svg"] if more else [])]
    assert all(plot.count("<svg") == 1 for plot in plots.values())
    assert version_plots(evaluation) == plots, "the same input gives the same bytes"
