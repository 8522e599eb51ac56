"""What people read after a backtest: one table for each choice of the moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from features import text
from pipelines.train.training_text import gate_lines, metric_text, share_text

COLUMNS = {
    "name": "tested on",
    "auc": "> AUC",
    "black_box": "> black box",
    "wins": "> predicted wins",
}


def backtest_text(answer: Mapping[str, Any]) -> str:
    """Write the metrics of a backtest as tables.

    Parameters
    ----------
    answer : mapping
        Of `pipelines.train.backtest.backtest`.
    """
    return "\n\n".join(_result_text(result) for result in answer["backtest"])


def _result_text(result: Mapping[str, Any]) -> str:
    own = "own evaluation"
    if result["own"]["outcomes"] == "at_extract":
        own = "own, outcomes at extract"
    rows = [
        *(
            _tested_row(f"{period['from'][:10]} to {period['until'][:10]}", period)
            for period in result["periods"]
        ),
        _tested_row("all periods", {**result, "metrics": result["pooled"]}),
        _tested_row("random split", {"metrics": result["random"]}),
        _tested_row(own, result["own"]),
    ]
    optimism = text.interval(*(result["optimism"]["auc"][key] for key in ("value", "low", "high")))
    lines = [
        f"Judged on day {result['days']}: tested on {text.count(result['n_test'], 'later lead')}, "
        f"{result['won_test']:,} of them won",
        "",
        *text.table(rows, COLUMNS),
        "",
        *text.wrap(
            f"Random split minus all periods: AUC {optimism}. A random split is too optimistic: "
            "its models learn from leads of the same weeks."
        ),
        *gate_lines([result["gate"]]),
    ]
    return "\n".join(lines)


def _tested_row(name: str, measured: Mapping[str, Any]) -> dict[str, str]:
    black_box = measured.get("yardstick")
    return {
        "name": name,
        "auc": metric_text(measured["metrics"]["auc"]),
        "black_box": metric_text(black_box["auc"]) if black_box else "",
        "wins": share_text(measured["metrics"]["expected_wins_ratio"]),
    }
