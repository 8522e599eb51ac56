"""What people read after a backtest: one table for each choice of the moment."""

from __future__ import annotations

from features import text
from pipelines.train.training_json import (
    BacktestJson,
    BacktestResult,
    LevelKeptJson,
    MetricsJson,
    TrialJson,
)
from pipelines.train.training_text import gate_lines, metric_percent_text, metric_text

COLUMNS = {
    "name": "tested on",
    "auc": "> AUC",
    "black_box": "> black box",
    "wins": "> predicted wins",
}
LEVEL_COLUMNS = {
    "name": "tested on",
    "moves": "> moves",
    "auc": "> AUC",
    "wins": "> predicted wins",
    "saved": "> log-loss lower by",
}


def backtest_text(answer: BacktestJson) -> str:
    """Write the metrics of a backtest as tables.

    Parameters
    ----------
    answer : BacktestJson
        Of `pipelines.train.backtest.backtest`.
    """
    return "\n\n".join(_result_text(result) for result in answer["backtest"])


def _result_text(result: BacktestResult) -> str:
    own = result["own"]
    at_extract = own["outcomes"] == "at_extract"
    rows = [
        *(
            _tested_row(_period_name(period), period["metrics"], period["yardstick"])
            for period in result["periods"]
        ),
        _tested_row("all periods", result["pooled"], result["yardstick"]),
        _tested_row("random split", result["random"]),
        _tested_row(
            "own, outcomes at extract" if at_extract else "own evaluation",
            own["metrics"],
            own["yardstick"],
        ),
    ]
    lines = [
        f"Judged on day {result['days']}: tested on {text.count(result['n_test'], 'later lead')}, "
        f"{result['won_test']:,} of them won",
        "",
        *text.table(rows, COLUMNS),
        "",
        *text.wrap(
            f"Random split minus all periods: AUC {metric_text(result['optimism']['auc'])}. A "
            "random split is too optimistic: its models learn from leads of the same weeks."
        ),
        *_level_lines(result),
        *gate_lines([result["gate"]]),
    ]
    return "\n".join(lines)


def _level_lines(result: BacktestResult) -> list[str]:
    """Show the periods again, with the level kept up as ``leadready level`` does."""
    kept = result["level_kept"]
    if not kept["moves"]:
        still = "leadready level would not have moved the level in any period."
        return ["", *text.wrap(still), ""]
    rows = [
        _level_row(name, level)
        for name, level in (
            *((_period_name(period), period["level_kept"]) for period in result["periods"]),
            ("all periods", kept),
        )
    ]
    head = "With the level kept up between trainings, as leadready level does:"
    return ["", *text.wrap(head), "", *text.table(rows, LEVEL_COLUMNS), ""]


def _level_row(name: str, level: LevelKeptJson) -> dict[str, str]:
    metrics, saved = level["metrics"], level["log_loss_saved"]
    return {
        "name": name,
        "moves": f"{level['moves']:,}",
        "auc": text.number(metrics["auc"]["value"]),
        "wins": metric_percent_text(metrics["expected_wins_ratio"]),
        "saved": metric_text(saved, digits=4),
    }


def _period_name(period: TrialJson) -> str:
    return f"{str(period['from'])[:10]} to {str(period['until'])[:10]}"


def _tested_row(
    name: str, metrics: MetricsJson, black_box: MetricsJson | None = None
) -> dict[str, str]:
    return {
        "name": name,
        "auc": metric_text(metrics["auc"]),
        "black_box": metric_text(black_box["auc"]) if black_box else "",
        "wins": metric_percent_text(metrics["expected_wins_ratio"]),
    }
