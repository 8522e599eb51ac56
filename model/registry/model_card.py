"""The model card: one page in Markdown on what a version is for, and how far to trust it.

It is the description of the version in MLflow. Whoever meets the model there can read what it
learned from, what was left out, its metrics with their intervals, the result of the gate and the
limits of the model, before the first line of code that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from features import text
from model.gate import passed_text
from model.gate_level import level_note
from model.serving import Definition, Scorecard, Term

if TYPE_CHECKING:
    from model.gate import Gate

LONGEST = 5000  # characters that MLflow keeps as a description
CUT = "\n\n… the whole card is `card.md` among the files of the run.\n"
STRONGEST = 10


class MetricFormat(NamedTuple):
    """How a metric is called and written: as a number with some digits, or as a percentage."""

    label: str
    digits: int = 2
    percentage: bool = False

    def number_text(self, value: float | None) -> str:
        """Write a value of the metric."""
        return text.percent(value) if self.percentage else text.number(value, self.digits)

    def metric_text(self, metric: Any) -> str:
        """Write a ``{value, low, high}``.

        Examples
        --------
        >>> MetricFormat("AUC", 3).metric_text({"value": 0.8123, "low": 0.7501, "high": None})
        '0.812'
        """
        figure = metric if isinstance(metric, Mapping) else {}
        value, low, high = (figure.get(key) for key in ("value", "low", "high"))
        if self.percentage:
            return text.percent_interval(value, low, high)
        return text.interval(value, low, high, self.digits)


METRICS = {
    "auc": MetricFormat("AUC (0.5 is chance, 1 is perfect)", 3),
    "average_precision": MetricFormat("average precision (chance is the base rate)", 3),
    "log_loss": MetricFormat("log-loss (0 is perfect)", 4),
    "brier": MetricFormat("Brier score (0 is perfect)", 4),
    "calibration_slope": MetricFormat("calibration slope (1 is right)"),
    "calibration_intercept": MetricFormat("calibration intercept (0 is right)"),
    "expected_wins_ratio": MetricFormat("predicted wins / actual wins (1 is right)"),
    "lift_5": MetricFormat("lift in the best 5%"),
    "lift_10": MetricFormat("lift in the best 10%"),
    "lift_20": MetricFormat("lift in the best 20%"),
    "captured_5": MetricFormat("wins caught in the best 5%", percentage=True),
    "captured_10": MetricFormat("wins caught in the best 10%", percentage=True),
    "captured_20": MetricFormat("wins caught in the best 20%", percentage=True),
}
RIVALS = {
    "yardstick": "black box",
    "champion": "champion",
    "definition": "the rules alone",
    "base_rate_alone": "base rate",
}
PURPOSE = """Ranks leads by how likely they are to be won{horizon}, so that sales can work the \
best first, and compares each with the lead definition “{name}” that sales and marketing agreed on.

The score is a sum of points: {start} plus the points of the lead's row in each table. 50 is an \
average lead ({base}), every 10 points double the odds, and {ready} counts as ready. Fit and \
engagement are also added up separately, as grade A–D and level 1–4."""
LIMITS = (
    "It has learned how past leads turned out, not why: points do not prove that doing more of "
    "something wins leads.",
    "It knows only leads that sales worked; scores of leads unlike them are less certain.",
    "A lead's probability holds within the horizon above, in a market like that of the training "
    "window; only later outcomes show whether it still does.",
    "It is made to order the work of sales, not to decide about people: credit, employment and "
    "insurance are out of its scope.",
)
USE = """```python
import mlflow
model = mlflow.pyfunc.load_model("models:/{model}@champion")
scores = model.predict(features)  # numbers as float64, everything else as text
```"""


def model_card(
    scorecard: Scorecard,
    definition: Definition,
    evaluation: Mapping[str, Any],
    *,
    model: str,
    tags: Mapping[str, str],
    gates: Sequence[Gate] = (),
) -> str:
    """Write the card of a version, in Markdown.

    Parameters
    ----------
    scorecard : Scorecard
    definition : Definition
    evaluation, tags : mapping
        What the training printed, and the tags of the version: both digests, the training window.
    model : str
        Name of the registered model.
    gates : sequence of Gate, optional
        The checks; none before the gate has run.

    Examples
    --------
    >>> scorecard = Scorecard.from_dict({
    ...     "format": 2, "start": 48, "level": -2.2, "base_rate": 0.1, "ready_at": 55,
    ...     "grades": {}, "levels": {}, "lines": []})
    >>> size = {"id": "size", "feature": "employees", "at_least": 50}
    >>> definition = Definition.from_dict({"name": "sales-ready", "ready_when": [size]})
    >>> figures = {"metrics": {"auc": {"value": 0.8, "low": 0.75, "high": 0.85}}}
    >>> card = model_card(scorecard, definition, figures, model="leads", tags={})
    >>> print(card.splitlines()[0])
    # leads
    >>> "| AUC (0.5 is chance, 1 is perfect) | 0.800 (0.750–0.850) |" in card
    True
    """
    sections = {
        "What it is for": _purpose_section(scorecard, definition),
        "Its level": level_note(evaluation),
        "What it learned from": _data_section(scorecard, evaluation, tags),
        "How good it is": _metrics_section(evaluation),
        "The gate": _gate_section(gates),
        "Limits": "\n".join(f"- {limit}" for limit in LIMITS),
        "What counts most": _strongest_section(scorecard),
        "How to use it": USE.format(model=model),
        "Where it comes from": _origin_section(definition, tags),
    }
    parts = [f"# {model}", *(f"## {head}\n\n{body}" for head, body in sections.items() if body)]
    return "\n\n".join(parts) + "\n"


def shorten_card(card: str, most: int = LONGEST) -> str:
    """Cut a card at the end of a line to fit a description.

    Examples
    --------
    >>> shorten_card("one\\n" * 100, most=80).count("one")
    5
    """
    if len(card) <= most:
        return card
    return card[: most - len(CUT)].rpartition("\n")[0] + CUT


def _purpose_section(scorecard: Scorecard, definition: Definition) -> str:
    days = definition.horizon_days
    return PURPOSE.format(
        horizon=f" within {days} days" if days else "",
        name=_escaped(definition.name or "unnamed"),
        start=text.unsigned(scorecard.start),
        base=f"{text.percent(float(1 / (1 + np.exp(-scorecard.level))), 1)} of such leads are won",
        ready=text.unsigned(scorecard.ready_at),
    )


def _data_section(
    scorecard: Scorecard, evaluation: Mapping[str, Any], tags: Mapping[str, str]
) -> str:
    counts = {"to learn from": "n_train", "to test on": "n_test"}
    facts = [
        f"{text.count(evaluation[key], 'lead')} {purpose}"
        for purpose, key in counts.items()
        if evaluation.get(key) is not None
    ]
    if "training_from" in tags:
        facts.append(_window_text(tags["training_from"], tags["training_until"]))
    if candidate := evaluation.get("candidate") or scorecard.content.get("candidate"):
        facts.append(f"learned by {candidate}")
    excluded = {why: n for why, n in (evaluation.get("excluded") or {}).items() if n}
    rows = [
        (_escaped(why), f"{n:,}") for why, n in sorted(excluded.items(), key=lambda item: -item[1])
    ]
    table = _markdown_table(("left out because", "leads"), rows)
    return "; ".join(facts) + "." + (f"\n\n{table}" if rows else "\n\nNo leads were left out.")


def _window_text(first: str, last: str) -> str:
    """Write the window of the training leads: dates, or places in the order.

    Examples
    --------
    >>> _window_text("2025-01-01T00:00:00", "2026-01-01T00:00:00")
    'moments from 2025-01-01 to 2026-01-01'
    >>> _window_text("1.0", "32949.0")
    'leads 1 to 32,949 in their order'
    """
    if "T" in first:
        return f"moments from {first[:10]} to {last[:10]}"
    return f"leads {float(first):,.0f} to {float(last):,.0f} in their order"


def _metrics_section(evaluation: Mapping[str, Any]) -> str:
    """Tabulate the metrics of the model beside those of its rivals that were measured."""
    metrics = evaluation.get("metrics") or {}
    measured = {name: _rival_metrics(evaluation.get(name)) for name in RIVALS}
    rivals = {RIVALS[name]: figures for name, figures in measured.items() if figures}
    rows = [
        (form.label, *(form.metric_text(column.get(key)) for column in (metrics, *rivals.values())))
        for key, form in METRICS.items()
        if key in metrics
    ]
    if not rows:
        return "It was not measured."
    note = "On leads later than those it learned from; the 95% interval is in brackets."
    return note + "\n\n" + _markdown_table(("", "this model", *rivals), rows)


def _rival_metrics(rival: Any) -> Mapping[str, Any]:
    """Give the metrics of a rival, which stand alone or under ``metrics``."""
    if not isinstance(rival, Mapping):
        return {}
    inner = rival.get("metrics", rival)
    return {key: inner[key] for key in METRICS if key in inner}


def _gate_section(gates: Sequence[Gate]) -> str:
    if not gates:
        return "The gate has not run yet."
    result = "**Refused.**"
    if all(gate.passed for gate in gates):
        result = _escaped(f"Promoted: {passed_text(gates)}.")
    rows = [
        (
            gate.known_state if gate.passed else f"**{gate.known_state}**",
            *map(_escaped, (gate.name, gate.observed, gate.required)),
        )
        for gate in gates
    ]
    return result + "\n\n" + _markdown_table(("", "check", "observed", "required"), rows)


def _strongest_section(scorecard: Scorecard) -> str:
    """List the features whose points differ most between the best and the worst value."""
    ranked = sorted(scorecard.terms, key=lambda term: -float(np.ptp(term.points)))[:STRONGEST]
    rows = [
        (_escaped(term.words), term.family, *_extremes(term))
        for term in ranked
        if np.ptp(term.points) > 0
    ]
    heads = ("feature", "family", "fewest points", "most points")
    return _markdown_table(heads, rows) if rows else ""


def _extremes(term: Term) -> tuple[str, str]:
    cells = sorted(zip(term.points.tolist(), term.labels, strict=True))
    worst, best = (
        f"{text.signed(points)} ({_escaped(label)})" for points, label in (cells[0], cells[-1])
    )
    return worst, best


def _origin_section(definition: Definition, tags: Mapping[str, str]) -> str:
    facts = {
        "data, SHA-256": tags.get("data_sha256"),
        "definition version": definition.version,
        "definition, SHA-256": tags.get("definition_digest"),
    }
    return "\n".join(
        f"- {name}: `{value}`" for name, value in facts.items() if value not in (None, "")
    )


def _markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _escaped(content: Any) -> str:
    """Keep text from breaking out of its cell, or from being read as Markdown or HTML.

    Examples
    --------
    >>> _escaped("a|b <i>")
    'a\\\\|b &lt;i&gt;'
    """
    line = " ".join(str(content).split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|")
