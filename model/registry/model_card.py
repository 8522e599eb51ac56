"""The model card: one page in Markdown that says what a version is for, and how far to trust it.

It becomes the version's description in MLflow, so that whoever meets the model there reads what it
learnt from, what was left out, its figures with their intervals, what the gate said and what the
model cannot know, before the first line of code that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

LONGEST = 5000  # characters that MLflow keeps as a description
CUT = "\n\n… the whole card is `card.md` among the files of the run.\n"
STRONGEST = 10
METRICS = {  # what each is called, and how it reads
    "auc": ("AUC (0.5 is chance, 1 is perfect)", "{:.3f}"),
    "average_precision": ("average precision (chance is the base rate)", "{:.3f}"),
    "log_loss": ("log-loss (0 is perfect)", "{:.4f}"),
    "brier": ("Brier score (0 is perfect)", "{:.4f}"),
    "calibration_slope": ("calibration slope (1 is right)", "{:.2f}"),
    "calibration_intercept": ("calibration intercept (0 is right)", "{:+.2f}"),
    "expected_wins_ratio": ("predicted over real wins (1 is right)", "{:.2f}"),
    "lift_5": ("lift in the best 5 %", "{:.2f}"),
    "lift_10": ("lift in the best 10 %", "{:.2f}"),
    "lift_20": ("lift in the best 20 %", "{:.2f}"),
    "captured_5": ("wins caught in the best 5 %", "{:.0%}"),
    "captured_10": ("wins caught in the best 10 %", "{:.0%}"),
    "captured_20": ("wins caught in the best 20 %", "{:.0%}"),
}
RIVALS = {
    "yardstick": "black box",
    "champion": "champion",
    "definition": "the rules alone",
    "base_rate_alone": "base rate",
}
FOR = """Ranks leads by how likely they are to be won{horizon}, so that sales works the best \
first, and holds each against the lead definition “{name}” that sales and marketing agreed on.

The score is a sum of points: {start:.1f} plus the points of the lead's row in each table. 50 is \
an average lead ({base}), every 10 points double the odds, {ready:.1f} counts as ready. Fit and \
engagement are added up apart, as grade A–D and level 1–4."""
LIMITS = (
    "It has learnt what became of past leads, not why: points are not proof that doing more of "
    "something wins leads.",
    "It knows only leads that sales worked; leads unlike them are scored with less ground.",
    "A lead's probability holds within the horizon above, in a market like that of the training "
    "window; outcomes that have come since tell whether it still does.",
    "It is made to order the work of sales, not to decide over people: credit, employment or "
    "insurance are out of its scope.",
)
USE = """```python
import mlflow
model = mlflow.pyfunc.load_model("models:/{model}@champion")
scores = model.predict(features)  # numbers as float64, everything else as text
```"""


def model_card(
    scorecard: Mapping[str, Any],
    definition: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    *,
    model: str,
    tags: Mapping[str, str],
    gates: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Write the card of a version, in Markdown.

    Parameters
    ----------
    scorecard, definition, evaluation, tags : mapping
        The version's data files; and its tags: both digests, the training window.
    model : str
        Name of the registered model.
    gates : sequence of mapping, optional
        ``name, passed, observed, required`` of each check; none before the gate has run.

    Examples
    --------
    >>> learned = {"base_rate": 0.1, "intercept": -2.0, "ready_at": 55.0, "features": []}
    >>> figures = {"metrics": {"auc": {"value": 0.8, "low": 0.75, "high": 0.85}}}
    >>> card = model_card(learned, {"name": "sales-ready"}, figures, model="leads", tags={})
    >>> print(card.splitlines()[0])
    # leads
    >>> "| AUC (0.5 is chance, 1 is perfect) | 0.800 (0.750–0.850) |" in card
    True
    """
    sections = {
        "What it is for": _purpose(scorecard, definition),
        "What it learnt from": _data(scorecard, evaluation, tags),
        "How good it is": _figures(evaluation),
        "The gate": _gate(gates),
        "Limits": "\n".join(f"- {one}" for one in LIMITS),
        "What counts most": _strongest(scorecard),
        "How to use it": USE.format(model=model),
        "Where it comes from": _origin(definition, tags),
    }
    parts = [f"# {model}", *(f"## {head}\n\n{text}" for head, text in sections.items() if text)]
    return "\n\n".join(parts) + "\n"


def shortened(card: str, most: int = LONGEST) -> str:
    """Cut a card at the end of a line, so that it fits into a description.

    Examples
    --------
    >>> shortened("one\\n" * 100, most=80).count("one")
    5
    """
    if len(card) <= most:
        return card
    return card[: most - len(CUT)].rpartition("\n")[0] + CUT


def _purpose(scorecard: Mapping[str, Any], definition: Mapping[str, Any]) -> str:
    days = definition.get("horizon_days")
    return FOR.format(
        horizon=f" within {days} days" if days else "",
        name=_cell(definition.get("name", "unnamed")),
        start=50 + scorecard["intercept"],
        base=f"{scorecard['base_rate']:.1%} of them are won",
        ready=scorecard["ready_at"],
    )


def _data(
    scorecard: Mapping[str, Any], evaluation: Mapping[str, Any], tags: Mapping[str, str]
) -> str:
    counts = {"to learn from": "n_train", "later, to be tested on": "n_test"}
    known = {words: evaluation.get(key) for words, key in counts.items()}
    said = [f"{n:,} leads {words}" for words, n in known.items() if n is not None]
    if "training_from" in tags:
        said.append(f"moments from {tags['training_from'][:10]} to {tags['training_until'][:10]}")
    candidate = evaluation.get("candidate") or scorecard.get("candidate")
    said += [f"learnt by {candidate}"] if candidate else []
    excluded = {why: n for why, n in (evaluation.get("excluded") or {}).items() if n}
    rows = [(_cell(why), f"{n:,}") for why, n in sorted(excluded.items(), key=lambda one: -one[1])]
    table = _table(("left out, because", "leads"), rows)
    return "; ".join(said) + "." + (f"\n\n{table}" if rows else "\n\nNo leads were left out.")


def _figures(evaluation: Mapping[str, Any]) -> str:
    """Tabulate the metrics of the model beside those of its rivals that were measured."""
    metrics = evaluation.get("metrics") or {}
    measured = {name: _metrics(evaluation.get(name)) for name in RIVALS}
    rivals = {RIVALS[name]: figures for name, figures in measured.items() if figures}
    rows = [
        (words, *(_figure(one.get(key), form) for one in (metrics, *rivals.values())))
        for key, (words, form) in METRICS.items()
        if key in metrics
    ]
    if not rows:
        return "It was not measured."
    note = "On leads later than those it learnt from; in brackets the 95 % interval."
    return note + "\n\n" + _table(("", "this model", *rivals), rows)


def _metrics(rival: Any) -> Mapping[str, Any]:
    """Metrics of a rival: given as such, or under ``metrics``."""
    if not isinstance(rival, Mapping):
        return {}
    inner = rival.get("metrics", rival)
    return {key: inner[key] for key in METRICS if key in inner}


def _figure(metric: Any, form: str) -> str:
    if not isinstance(metric, Mapping) or metric.get("value") is None:
        return "–"
    ends = [metric.get("low"), metric.get("high")]
    between = "–".join(form.format(one) for one in ends if one is not None)
    return form.format(metric["value"]) + (f" ({between})" if None not in ends else "")


def _gate(gates: Sequence[Mapping[str, Any]]) -> str:
    if not gates:
        return "Not judged yet."
    verdict = "Every check passed." if all(one["passed"] for one in gates) else "**Refused.**"
    said = {True: "passed", False: "**refused**"}
    rows = [
        (said[bool(one["passed"])], *(_cell(one[key]) for key in ("name", "observed", "required")))
        for one in gates
    ]
    return verdict + "\n\n" + _table(("", "check", "observed", "required"), rows)


def _strongest(scorecard: Mapping[str, Any]) -> str:
    """List the features whose points differ most between the best and the worst value."""
    spread = {id(one): max(one["points"]) - min(one["points"]) for one in scorecard["features"]}
    ranked = sorted(scorecard["features"], key=lambda one: -spread[id(one)])[:STRONGEST]
    rows = [
        (_cell(one.get("words", one["name"])), one["family"], *_ends(one))
        for one in ranked
        if spread[id(one)] > 0
    ]
    return _table(("feature", "family", "least points", "most points"), rows) if rows else ""


def _ends(feature: Mapping[str, Any]) -> tuple[str, str]:
    cells = sorted(zip(feature["points"], feature["labels"], strict=True))
    worst, best = (f"{points:+.1f} ({_cell(label)})" for points, label in (cells[0], cells[-1]))
    return worst, best


def _origin(definition: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    said = {
        "data, SHA-256": tags.get("data_sha256"),
        "definition version": definition.get("version"),
        "definition, SHA-256": tags.get("definition_digest"),
    }
    return "\n".join(
        f"- {what}: `{value}`" for what, value in said.items() if value not in (None, "")
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: Any) -> str:
    """Keep a text from breaking out of its cell, or from being read as Markdown or HTML.

    Examples
    --------
    >>> _cell("a|b <i>")
    'a\\\\|b &lt;i&gt;'
    """
    words = " ".join(str(text).split())
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|")
