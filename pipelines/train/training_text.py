"""What people read after a training: the verdict, how good the model is, and what the gate saw."""

from __future__ import annotations

from collections.abc import Sequence

from features import text
from pipelines.train.training_json import GateJson, MetricJson, MetricsJson, TrainingJson

COLUMNS = {
    "scorer": "",
    "auc": "> AUC",
    "lift": "> lift at 10%",
    "captured": "> wins, top 20%",
    "wins": "> predicted wins",
}
NEXT_SIGN = "next: leadready definition sign --team TEAM --name NAME"


def training_text(answer: TrainingJson) -> str:
    """Describe a training in words and one table.

    Parameters
    ----------
    answer : mapping
        Of `pipelines.train.train.train`.
    """
    parts = [
        text.wrap(f"Version {answer['model_version']}. {answer['verdict']}"),
        _leads_lines(answer),
        [line for warning in answer["warnings"] for line in text.wrap(f"warning: {warning}")],
        _metrics_lines(answer),
        gate_lines(answer["gate"]),
        _unsigned_lines(answer["unsigned_because"]),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _leads_lines(answer: TrainingJson) -> list[str]:
    others = "other" if answer["split"]["how"] == "at random" else "later"
    left_out = [f"{reason} ({count:,})" for reason, count in answer["excluded"].items() if count]
    sentences = [
        f"Learned from {text.count(answer['n_train'], 'lead')} ({answer['won_train']:,} won), "
        f"tested on {answer['n_test']:,} {others} leads ({answer['won_test']:,} won). "
        f"Chosen model: {answer['candidate']}.",
        f"Left out: {text.join(left_out) if left_out else 'no lead'}.",
        f"Reasons for rejection: {answer['rejections']['why']}",
    ]
    if answer["data"]["leads judged"] < answer["data"]["judged"]:
        sentences.insert(
            1,
            "Open leads are judged repeatedly: these are "
            f"{answer['leads_train']:,} different leads to learn from and "
            f"{answer['leads_test']:,} others to test on.",
        )
    return [line for sentence in sentences for line in text.wrap(sentence, hanging="  ")]


def _metrics_lines(answer: TrainingJson) -> list[str]:
    scorers = {
        "model": answer["metrics"],
        "black box": answer["yardstick"],
        "rules alone": answer["definition"],
    }
    if "points" in answer:
        scorers["points by hand"] = answer["points"]
    rows = [{"scorer": scorer, **_metrics_cells(metrics)} for scorer, metrics in scorers.items()]
    lines = text.table(rows, COLUMNS)
    if "known_at_the_time" in answer:
        auc = metric_text(answer["known_at_the_time"]["metrics"]["auc"])
        lines += ["", f"Trained on outcomes known at the time: AUC {auc}"]
    return lines


def _metrics_cells(metrics: MetricsJson) -> dict[str, str]:
    return {
        "auc": metric_text(metrics["auc"]),
        "lift": metric_text(metrics["lift_10"], digits=1),
        "captured": metric_percent_text(metrics["captured_20"]),
        "wins": metric_percent_text(metrics["expected_wins_ratio"]),
    }


def metric_text(metric: MetricJson, digits: int = 2) -> str:
    """Write a metric with its interval.

    Examples
    --------
    >>> metric_text({"value": 0.789, "low": 0.751, "high": 0.824})
    '0.79 (0.75–0.82)'
    """
    return text.interval(metric["value"], metric["low"], metric["high"], digits)


def metric_percent_text(metric: MetricJson) -> str:
    """Write a metric that is a share with its interval, as percentages.

    Examples
    --------
    >>> metric_percent_text({"value": 0.94, "low": 0.88, "high": 1.01})
    '94% (88–101%)'
    """
    return text.percent_interval(metric["value"], metric["low"], metric["high"])


def gate_lines(checks: Sequence[GateJson]) -> list[str]:
    """List the checks of the gate; those that failed with what is required and how to fix it.

    Examples
    --------
    >>> print(*gate_lines([{"name": "enough leads", "passed": False, "observed": "25 won",
    ...                     "required": "at least 40", "hint": "add more history"}]), sep="\\n")
    FAIL  enough leads: 25 won
          required: at least 40
          hint: add more history
    """
    lines = []
    for check in checks:
        mark = "ok  " if check["passed"] else "FAIL"
        lines += text.wrap(f"{mark}  {check['name']}: {check['observed']}", hanging=" " * 6)
        if not check["passed"]:
            lines += text.wrap(f"required: {check['required']}", " " * 6, " " * 8)
            lines += text.wrap(f"hint: {check['hint']}", " " * 6, " " * 8)
    return lines


def _unsigned_lines(reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    note = f"note: leads are not scored until the definition is signed: {'; '.join(reasons)}"
    return [*text.wrap(note), NEXT_SIGN]
