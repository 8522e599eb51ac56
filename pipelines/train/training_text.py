"""What people read after a training: the verdict, how good the model is, and what the gate saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from features import text
from pipelines.old_score.trial_text import old_score_lines
from pipelines.train.training_json import GateJson, MetricJson, MetricsJson, TrainingJson

COLUMNS = {
    "scorer": "",
    "auc": "> AUC",
    "lift": "> lift at 10%",
    "captured": "> wins, top 20%",
    "wins": "> predicted wins",
}
MOST_STEPS = 3
DEAR = 0.01  # AUC: a card that gives up more says how many features would do
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
        *(old_score_lines(trial) for trial in answer.get("old_scores", [])),
        _card_lines(answer),
        gate_lines(answer["gate"]),
        [] if answer["promoted"] else next_lines(answer["gate"]),
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


def _card_lines(answer: TrainingJson) -> list[str]:
    """Describe the card: what it gives up, its size, and the leads that it learned from."""
    served = answer["served"]
    sentences = [
        *(brevity_sentences(answer["price_of_brevity"]) if "price_of_brevity" in answer else ()),
        "The version that scores leads then learned in the same way from all "
        f"{text.count(served['leads'], 'lead')} that are not left out ({served['won']:,} won). Its "
        f"card has {text.count(served['features'], 'feature')} and "
        f"{text.count(served['rows'], 'row')}.",
    ]
    if clocks := [row["words"] for row in answer["clocks"]]:
        sentences.append(
            "Features that mostly tell the time are left out, since later leads are predicted "
            f"better without them: {text.join(clocks)}."
        )
    return [line for sentence in sentences for line in text.wrap(sentence, hanging="  ")]


def brevity_sentences(price: Mapping[str, Any]) -> list[str]:
    """Say what the card gives up against the full model and the black box.

    Parameters
    ----------
    price : mapping
        ``full`` and ``yardstick``, by how much the AUC of each exceeds that of the card;
        ``lines``, how many features the card has; and ``lines_needed``, how many would come within
        0.01 of the full model (None where no number would).

    Examples
    --------
    >>> full = {"value": 0.024, "low": 0.015, "high": 0.033}
    >>> box = {"value": -0.002, "low": -0.01, "high": 0.006}
    >>> price = {"full": full, "yardstick": box, "lines": 12, "lines_needed": 18}
    >>> print(*brevity_sentences(price), sep="\\n")
    In AUC, the card gives up 0.024 (0.015–0.033) against the full model with all features, and
    gains 0.002 (-0.006 to 0.010) on the black box.
    That is more than 0.01. A card of 18 features would do: leadready train --features 18
    """
    full, box = price["full"], price["yardstick"]
    compared = (
        f"In AUC, the card {_given_up_text(full)} the full model with all features, and "
        f"{_given_up_text(box)} the black box."
    )
    if not (_is_dear(full) or _is_dear(box)):
        return [compared]
    needed = price["lines_needed"] or 0
    if _is_dear(full) and needed > price["lines"]:
        advice = f"A card of {needed} features would do: leadready train --features {needed}"
    else:
        advice = "No number of features would bring it within 0.01."
    return [compared, f"That is more than {DEAR}. {advice}"]


def _given_up_text(rival: MetricJson) -> str:
    """Say by how much the card is worse than another model, or better."""
    value, low, high = rival["value"], rival["low"], rival["high"]
    if value is None or low is None or high is None:
        return "cannot be compared with"
    if round(value, 3) < 0:
        return f"gains {text.interval(-value, -high, -low, 3)} on"
    return f"gives up {text.interval(value, low, high, 3)} against"


def _is_dear(rival: MetricJson) -> bool:
    """Whether the card gives up more than 0.01 even by the lower end of the interval."""
    return rival["low"] is not None and rival["low"] > DEAR


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
    ...                     "required": "at least 40", "hint": "add more history",
    ...                     "state": "refused"}]), sep="\\n")
    refused      enough leads: 25 won
                 required: at least 40
                 hint: add more history
    """
    lines = []
    for check in checks:
        state, indent = f"{check['state']:<11}", " " * 13
        lines += text.wrap(f"{state}  {check['name']}: {check['observed']}", hanging=indent)
        if not check["passed"]:
            lines += text.wrap(f"required: {check['required']}", indent, indent + "  ")
            lines += text.wrap(f"hint: {check['hint']}", indent, indent + "  ")
    return lines


def next_lines(checks: Sequence[GateJson]) -> list[str]:
    """Say what to do about the checks that stand against a version, most important first.

    Examples
    --------
    >>> print(*next_lines([{"name": "enough leads", "passed": False, "observed": "25 won",
    ...                     "required": "at least 40", "hint": "add more history",
    ...                     "state": "refused"}]), sep="\\n")
    Next, most important first:
      1. add more history
    """
    hints = dict.fromkeys(check["hint"] for check in checks if not check["passed"])
    steps = [hint for hint in hints if hint][:MOST_STEPS]
    lines = ["Next, most important first:"] * bool(steps)
    for number, step in enumerate(steps, 1):
        lines += text.wrap(step, indent=f"  {number}. ", hanging="     ")
    return lines


def _unsigned_lines(reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    note = f"note: leads are not scored until the definition is signed: {'; '.join(reasons)}"
    return [*text.wrap(note), NEXT_SIGN]
