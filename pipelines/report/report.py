"""Report: one offline HTML page about a version, for the people who have to trust it.

Everything shown was written down when the version was judged; nothing is computed again but the
width of bars. The page loads nothing from anywhere, and every value from the data is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from features.errors import LeadReadyError
from features.families.feature import FAMILIES
from features.labels.time_to_win import HorizonSummary
from features.whole_file import write_whole
from model.gate import Gate
from model.registry.model_card import METRICS, MetricFormat
from model.registry.registry import LoadedModel, Registry
from pipelines.check.horizon import horizon_text
from pipelines.report import plots
from pipelines.score.active_definition import ActiveDefinition, find_active_definition
from pipelines.snapshot import read_snapshot
from pipelines.train.worked_text import worked_content

RIVALS = {
    "metrics": "this model",
    "champion": "champion",
    "yardstick": "black box",
    "definition": "rules alone",
    "points": "points by hand",
    "base_rate_alone": "base rate",
    "unweighted": "this model, on the worked leads as they are",
}
SHOWN = (
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


def report(folder: Path | str, *, out: Path | None = None, model: str | None = None) -> Path:
    """Write the report of a version.

    Parameters
    ----------
    folder : path
        The workspace.
    out : path, optional
        Default: ``report.html`` in the workspace.
    model : str, optional
        An alias or version; default: the newest version.

    Returns
    -------
    path
        Where it was written.
    """
    workspace = read_snapshot(folder).workspace
    registry = Registry.for_workspace(workspace.folder, workspace.model)
    versions = registry.versions()
    if model is None and not versions:
        raise LeadReadyError(
            "no version is registered yet", where=str(folder), hint=f"leadready train -w {folder}"
        )
    loaded = registry.load(model or versions[-1].version)
    agreed = find_active_definition(workspace, loaded)
    gates = registry.gates(loaded.version)
    page = _template().render(content(loaded, gates, workspace.name, agreed))
    path = out or Path(folder) / "report.html"
    write_whole(path, page)
    return path


def _template() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    surroundings = Environment(
        loader=PackageLoader("pipelines.report", ""), autoescape=True, undefined=StrictUndefined
    )
    return surroundings.get_template("report.html")


def content(
    loaded: LoadedModel, gates: Sequence[Gate], company: str, agreed: ActiveDefinition
) -> dict[str, Any]:
    """Gather all that the page says, as texts and numbers."""
    told, card = loaded.evaluation, loaded.scorecard
    definition = agreed.definition
    return {
        "name": f"Which leads close: {company}",
        "version": loaded.version,
        "model": card.get("name", "lead-readiness"),
        "candidate": told["candidate"],
        "trained_at": str(card.get("trained_at", ""))[:16].replace("T", " "),
        "definition_name": loaded.definition.get("name", "unnamed"),
        "definition_version": definition.version,
        "signed": _signed(agreed),
        "adopted": _adopted(told, loaded.version),
        "definition_note": _definition_note(agreed),
        "promoted": loaded.record.tags.get("gate") == "passed",
        "verdict": _verdict(loaded),
        "warnings": told["warnings"],
        "tiles": _tiles(told),
        "data_words": _data_words(told),
        "excluded": _excluded(told),
        "suspects": [
            {"column": one["column"], "evidence": "; ".join(one["evidence"])}
            for one in told["suspects"]
        ],
        "horizon_words": _horizon_sentence(told),
        "horizon_plot": _horizon_plot(told),
        "rejection_words": _sentence((told.get("rejections") or {}).get("why", "")),
        "rejections": _rejections(told),
        "test_words": _test_words(told),
        "plots": _plots(told),
        "worked": worked_content(told.get("worked")),
        "worked_plot": _inline(plots.overlap(told["worked"])) if told.get("worked") else "",
        "metric_heads": [words for key, words in RIVALS.items() if key in told],
        "metric_rows": _metric_rows(told),
        "periods": _periods(told),
        "gates": gates,
        "importance_plot": _inline(plots.importances(told["importance"])),
        "families": _families(told["importance"]),
        "intercept": f"{card['intercept']:+.1f}",
        "features": _features(card, told["importance"]),
        "pairs": _pairs(card),
        "agreement_words": _agreement_words(told),
        "agreement": [_agreement_row(one) for one in told["agreement"]],
        "directions": [_direction(one, card) for one in told.get("directions", ())],
        "criteria": told["criteria"],
    }


def _signed(agreed: ActiveDefinition) -> str:
    teams = agreed.definition.signed_by
    return f"signed by {' and '.join(teams)}" if agreed.definition.signed else "not signed"


def _adopted(told: Mapping[str, Any], version: str) -> str:
    """Where a definition was adopted without training again: whose points these are."""
    first = (told.get("adopted") or {}).get("scorecard_of")
    return (
        f", adopted without training again: the points are those of version {first}"
        if (first and first != version)
        else ""
    )


def _definition_note(agreed: ActiveDefinition) -> str:
    """What readers have to know of the definition, as it stands in the workspace today."""
    note = agreed.note_text()
    if not note:
        return ""
    why = "" if agreed.file_changes else "; ".join(agreed.unsigned_because)
    return _sentence(f"{note} ({why})" if why else note)


def _verdict(loaded: LoadedModel) -> str:
    tags = loaded.record.tags
    if tags.get("gate") == "passed":
        return "The gate passed: every check below holds, and this version may score the leads."
    return f"The gate refused this version. {tags.get('refused_because', '')}"


def _tiles(told: Mapping[str, Any]) -> list[dict[str, str]]:
    metrics, base = told["metrics"], told["won_test"] / max(told["n_test"], 1)
    return [
        {
            "value": _number(metrics["captured_20"]["value"], "{:.0%}"),
            "words": "of the wins are among the best-scored fifth of the leads",
        },
        {
            "value": _number(metrics["lift_10"]["value"], "{:.1f} ×"),
            "words": "as many wins in the best tenth as by chance",
        },
        {
            "value": _number(metrics["expected_wins_ratio"]["value"], "{:.2f}"),
            "words": "wins were predicted for each real one",
        },
        {"value": f"{base:.1%}", "words": "of the leads tested on were won"},
    ]


def _data_words(told: Mapping[str, Any]) -> str:
    data = told["data"]
    return (
        f"{data['leads']:,} leads, {data['events']:,} events and {data['stages']:,} changes of "
        f"stage were read; {data['judged']:,} leads have a moment at which they are judged. "
        f"{told['n_train']:,} of them with a known outcome were learnt from "
        f"({told['won_train']:,} won), and {told['n_test']:,} were tested on "
        f"({told['won_test']:,} won)."
    )


def _excluded(told: Mapping[str, Any]) -> list[dict[str, str]]:
    total = max(told["data"]["leads"], sum(told["excluded"].values()), 1)  # a panel has more rows
    ranked = sorted(told["excluded"].items(), key=lambda one: -one[1])
    return [
        {"reason": reason, "count": f"{count:,}", "share": f"{count / total:.1%}"}
        for reason, count in ranked
        if count
    ]


def _test_words(told: Mapping[str, Any]) -> str:
    how, begin, end = (told["split"][one] for one in ("how", "test_from", "test_until"))
    if how == "forward in time":
        return (
            f"Judged as it would have been: it learnt only from outcomes known on {begin[:10]}, "
            f"and was tried on the leads judged from then until {end[:10]}."
        )
    if how == "in order":
        return "It learnt from the earlier leads and was tried on the last ones."
    return "It learnt from a part of the leads and was tried on the others, dealt at random."


def _plots(told: Mapping[str, Any]) -> list[Any]:
    curves = told["curves"]
    return [
        _inline(plots.gains(curves["lift"])),
        _inline(plots.calibration(curves["calibration"])),
        _inline(plots.scores(curves["scores"])),
    ]


def _horizon_sentence(answer: Mapping[str, Any]) -> str:
    curve = answer.get("time_to_win")
    return horizon_text(HorizonSummary.from_json(curve)) if curve else ""


def _horizon_plot(told: Mapping[str, Any]) -> Any:
    curve = told.get("time_to_win")  # versions of before have none
    return _inline(plots.time_to_win(curve, curve["horizon"])) if curve else ""


def _rejections(told: Mapping[str, Any]) -> list[dict[str, str]]:
    """Reasons for which the leads learnt from were turned down, the most frequent first."""
    leads = (told.get("rejections") or {}).get("leads") or {}  # versions of before have none
    total = max(sum(leads.values()), 1)
    return [
        {"reason": reason, "count": f"{count:,}", "share": f"{count / total:.0%}"}
        for reason, count in sorted(leads.items(), key=lambda one: -one[1])
    ]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _inline(svg: str) -> Any:
    """An SVG of our own making, without XML head and metadata, safe to stand in the page."""
    from markupsafe import Markup

    bare = re.sub(r"(?s)\s*<metadata>.*?</metadata>", "", svg[svg.index("<svg") :])
    return Markup(bare)  # matplotlib escapes every text in it


def _metric_rows(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    rivals = [told[key] for key in RIVALS if key in told]
    rows = []
    for key in SHOWN:
        form = METRICS[key]
        name, _, meaning = form.label.partition(" (")
        cells = [_metric_cell(one.get(key), form) for one in rivals]
        rows.append({"words": name, "meaning": meaning.rstrip(")"), "cells": cells})
    return rows


def _periods(told: Mapping[str, Any]) -> list[dict[str, str]]:
    """Wins predicted and won in each period, and in all together."""
    periods = told.get("periods") or []  # versions of before have none
    if len(periods) < 2:
        return []
    rows = [
        (f"{one['from'][:10]} to {one['until'][:10]}" if one["from"] else f"part {number}", one)
        for number, one in enumerate(periods, start=1)
    ]
    total = {key: sum(one[key] for one in periods) for key in ("leads", "won", "expected")}
    return [
        {
            "when": when,
            "leads": f"{one['leads']:,}",
            "expected": f"{one['expected']:,.0f}",
            "won": f"{one['won']:,.0f}",
            "ratio": f"{one['expected'] / max(one['won'], 1e-9):.2f}",
        }
        for when, one in (*rows, ("all", total))
    ]


def _metric_cell(figure: Mapping[str, float | None] | None, form: MetricFormat) -> dict[str, str]:
    if figure is None or figure["value"] is None:
        return {"value": "–", "range": ""}
    ends = [figure["low"], figure["high"]]
    between = " to ".join(map(form.number_text, ends)) if None not in ends else ""
    return {"value": form.number_text(figure["value"]), "range": between}


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _families(importance: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    sums = dict.fromkeys(FAMILIES, 0.0)
    for row in importance:
        sums[row["family"]] += row["importance"]
    total = sum(sums.values()) or 1
    return [
        {"family": one, "points": f"{value:.1f}", "share": f"{value / total:.0%}"}
        for one, value in sorted(sums.items(), key=lambda pair: -pair[1])
        if value
    ]


def _features(
    card: Mapping[str, Any], importance: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The table of points of each feature, the most important first, with its bars."""
    moved = {one["feature"]: one["importance"] for one in importance}
    ranked = sorted(card["features"], key=lambda one: -moved.get(one["name"], 0))
    widest = max((abs(p) for one in ranked for p in one["points"]), default=1) or 1
    return [
        {
            "words": one["words"],
            "family": one["family"],
            "importance": f"{moved.get(one['name'], 0):.1f}",
            "bins": _bins(one, widest),
        }
        for one in ranked
    ]


def _bins(feature: Mapping[str, Any], widest: float) -> list[dict[str, Any]]:
    unknown = [None] * len(feature["points"])
    columns = [feature[one] for one in ("labels", "points")]
    columns += [feature.get(one) or unknown for one in ("counts", "wins", "low", "high")]
    bins = []
    for label, points, count, wins, low, high in zip(*columns, strict=True):
        if count == 0:
            continue
        bins.append(
            {
                "label": label,
                "count": _number(count, "{:,}"),
                "won": f"{wins / count:.1%}" if count and wins is not None else "–",
                "points": f"{points:+.1f}",
                **_bar(points, low, high, widest),
            }
        )
    return bins


def _bar(points: float, low: float | None, high: float | None, widest: float) -> dict[str, Any]:
    """Where a bar begins and how wide it is, in per cent; zero is in the middle."""
    place = {"positive": points >= 0, "width": _percent(abs(points), widest)}
    place["left"] = 50 if points >= 0 else round(50 - place["width"], 2)
    place["range_left"] = place["range_width"] = 0
    if low is not None and high is not None:
        begin, end = (max(-50, min(50, 50 * one / widest)) for one in (low, high))
        place["range_left"], place["range_width"] = round(50 + begin, 2), round(end - begin, 2)
    return place


def _percent(points: float, widest: float) -> float:
    return round(min(50 * points / widest, 50), 2)


def _pairs(card: Mapping[str, Any]) -> list[dict[str, str]]:
    words = {one["name"]: one["words"] for one in card["features"]}
    told = []
    for pair in card.get("pairs") or ():
        points = [p for row in pair["points"] for p in row]
        told.append(
            {
                "words": " and ".join(words[one] for one in pair["features"]),
                "range": f"{min(points):+.1f} to {max(points):+.1f}",
            }
        )
    return told


def _agreement_words(told: Mapping[str, Any]) -> str:
    def leads(verdict: str, model: str) -> tuple[int, int]:
        rows = [
            one
            for one in told["agreement"]
            if one["verdict"] == verdict and one["model_verdict"] == model
        ]
        return sum(one["leads"] for one in rows), sum(one["won"] for one in rows)

    model_only, rules_only = leads("not ready", "ready"), leads("ready", "not ready")
    if not model_only[0] or not rules_only[0]:
        return "What became of the later leads, by what each side said of them."
    return (
        f"Where they part: {model_only[0]:,} leads that only the model calls ready were won in "
        f"{model_only[1] / model_only[0]:.1%} of cases, {rules_only[0]:,} that only the rules call "
        f"ready in {rules_only[1] / rules_only[0]:.1%}."
    )


def _direction(told: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, Any]:
    """An expected direction, and what the data says of it when it is left to itself."""
    served = {one["name"]: one for one in card["features"]}.get(told["feature"])
    return {
        "words": told["words"],
        "expected": told["expected"],
        "contradicted": told["contradicted"],
        "says": told["finding"] if told["contradicted"] else "the data does not contradict it",
        "plot": _inline(plots.direction(told, served)) if "cuts" in told else "",  # of before: none
    }


def _agreement_row(row: Mapping[str, Any]) -> dict[str, str]:
    return {
        "verdict": row["verdict"],
        "model_verdict": row["model_verdict"],
        "leads": f"{row['leads']:,}",
        "won": f"{row['won']:,}",
        "rate": f"{row['rate']:.1%}",
        "range": f"{row['low']:.1%} to {row['high']:.1%}",
    }
