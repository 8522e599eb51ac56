"""Everything that the report says about a version, as texts and numbers for the template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from features import text
from features.labels.time_to_win import HorizonSummary
from model.gate import Gate
from model.gate_level import level_note
from model.registry.registry import LoadedModel
from model.serving import Scorecard
from pipelines.card.card import card_of
from pipelines.card.card_page import card_fragment, card_style
from pipelines.check.horizon import horizon_text
from pipelines.report import plots
from pipelines.report.metric_tables import metric_rows, period_rows, scorer_names
from pipelines.score.active_definition import ActiveDefinition
from pipelines.train.training_json import Row, VersionJson
from pipelines.train.worked_text import worked_content


def page_content(
    loaded: LoadedModel, gates: Sequence[Gate], company: str, active: ActiveDefinition
) -> dict[str, Any]:
    """Gather what the page shows, by the name that the template uses."""
    evaluation, card = cast(VersionJson, loaded.evaluation), Scorecard.from_dict(loaded.scorecard)
    worked, time_to_win = evaluation["worked"], evaluation["time_to_win"]
    return {
        "title": f"Lead scoring at {company}",
        "card": card_fragment(card_of(loaded, company), "h3"),
        "card_style": card_style(),
        "version": loaded.version,
        "model": card.content.get("name", "lead-readiness"),
        "candidate": evaluation["candidate"],
        "trained_on": str(card.content.get("trained_at", ""))[:10],
        "definition_name": loaded.definition.get("name", "unnamed"),
        "definition_version": active.definition.version,
        "signed": _signatures_text(active),
        "adopted": _adoption_text(loaded),
        "level": level_note(evaluation),
        "definition_note": _definition_note(active),
        "promoted": loaded.record.tags.get("gate") == "passed",
        "verdict": _verdict_text(loaded),
        "warnings": evaluation["warnings"],
        "tiles": _tiles(evaluation),
        "data_text": _data_text(evaluation),
        "excluded": _count_rows(evaluation["excluded"], evaluation["data"]["leads"]),
        "suspects": [
            {"column": suspect["column"], "evidence": "; ".join(suspect["evidence"])}
            for suspect in evaluation["suspects"]
        ],
        "horizon_text": horizon_text(HorizonSummary.from_json(time_to_win)) if time_to_win else "",
        "horizon_plot": _inline_svg(plots.time_to_win_plot(time_to_win)) if time_to_win else "",
        "rejection_text": _as_sentence(evaluation["rejections"].get("why", "")),
        "rejections": _count_rows(evaluation["rejections"].get("leads") or {}),
        "test_text": _test_text(evaluation),
        "plots": _test_plots(evaluation),
        "worked": worked_content(worked),
        "worked_plot": _inline_svg(plots.overlap_plot(worked)) if worked else "",
        "scorers": scorer_names(evaluation),
        "metrics": metric_rows(evaluation),
        "periods": period_rows(evaluation["periods"]),
        "gates": gates,
        "agreement_text": _agreement_text(evaluation["agreement"]),
        "agreement": [_agreement_row(row) for row in evaluation["agreement"]],
        "directions": [_direction(curve, card) for curve in evaluation["directions"]],
        "criteria": evaluation["criteria"],
    }


# -- the definition and the verdict ---------------------------------------------------------------


def _signatures_text(active: ActiveDefinition) -> str:
    definition = active.definition
    return f"signed by {text.join(definition.signed_by)}" if definition.signed else "not signed"


def _adoption_text(loaded: LoadedModel) -> str:
    """Say whose points these are, where a definition was adopted without retraining."""
    original = (loaded.evaluation.get("adopted") or {}).get("scorecard_of", loaded.version)
    if original == loaded.version:
        return ""
    return f"; adopted without retraining: the points are those of version {original}"


def _definition_note(active: ActiveDefinition) -> str:
    """Say what readers should know about the definition, as the workspace stands today."""
    note = active.note_text()
    reasons = "" if active.file_changes else "; ".join(active.unsigned_because)
    return _as_sentence(f"{note} ({reasons})" if note and reasons else note)


def _verdict_text(loaded: LoadedModel) -> str:
    tags = loaded.record.tags
    if tags.get("gate") == "passed":
        return "The gate passed: every check below succeeded, so this version may score leads."
    return f"The gate refused this version. {tags.get('refused_because', '')}"


# -- data and test --------------------------------------------------------------------------------


def _tiles(evaluation: VersionJson) -> list[dict[str, str]]:
    metrics = evaluation["metrics"]
    lift = text.number(metrics["lift_10"]["value"], 1)
    won = evaluation["won_test"] / max(evaluation["n_test"], 1)
    return [
        {
            "value": text.percent(metrics["captured_20"]["value"]),
            "label": "of the wins are among the 20% of leads with the best scores",
        },
        {
            "value": lift if lift == text.NOTHING else f"{lift} ×",
            "label": "as many wins in the best 10% as among randomly chosen leads",
        },
        {
            "value": text.percent(metrics["expected_wins_ratio"]["value"]),
            "label": "of the actual number of wins was predicted",
        },
        {"value": text.percent(won, 1), "label": "of the test leads were won"},
    ]


def _data_text(evaluation: VersionJson) -> str:
    data = evaluation["data"]
    return (
        f"{text.count(data['leads'], 'lead')}, {text.count(data['events'], 'event')} and "
        f"{text.count(data['stages'], 'stage change')} were read; {data['judged']:,} leads have a "
        "moment at which they are judged. The model was trained on "
        f"{evaluation['n_train']:,} leads with a known outcome ({evaluation['won_train']:,} won) "
        f"and tested on {evaluation['n_test']:,} ({evaluation['won_test']:,} won)."
    )


def _test_text(evaluation: VersionJson) -> str:
    split = evaluation["split"]
    if split["how"] == "forward in time":
        begin, end = str(split["test_from"])[:10], str(split["test_until"])[:10]
        return (
            f"The test is forward in time: the model was trained only on outcomes known on {begin} "
            f"and tested on the leads judged from then until {end}."
        )
    if split["how"] == "in order":
        return "The model was trained on the earlier leads and tested on the last ones."
    return "The model was trained on some of the leads and tested on others, split at random."


def _test_plots(evaluation: VersionJson) -> list[Any]:
    curves = evaluation["curves"]
    return [
        _inline_svg(plots.gains_plot(curves["lift"])),
        _inline_svg(plots.calibration_plot(curves["calibration"])),
        _inline_svg(plots.scores_plot(curves["scores"])),
    ]


def _count_rows(counts: Mapping[str, int], leads: int = 0) -> list[dict[str, str]]:
    """List reasons with the number and share of their leads, the most frequent first."""
    total = max(leads, sum(counts.values()), 1)  # leads judged repeatedly have more rows
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    return [
        {"reason": reason, "count": f"{number:,}", "share": text.percent(number / total, 1)}
        for reason, number in ranked
        if number
    ]


# -- model and definition -------------------------------------------------------------------------


def _agreement_text(agreement: Sequence[Row]) -> str:
    """Compare the leads that only the model and only the rules call ready."""
    leads = {"ready": 0, "not ready": 0}  # by the model's verdict
    won = dict(leads)
    for row in agreement:
        if {row["verdict"], row["model_verdict"]} == {"ready", "not ready"}:
            leads[row["model_verdict"]] += row["leads"]
            won[row["model_verdict"]] += row["won"]
    if not all(leads.values()):
        return "Outcomes of the test leads, by the verdicts of the rules and the model."
    return (
        f"Where they disagree: of the {text.count(leads['ready'], 'lead')} that only the model "
        f"calls ready, {text.percent(won['ready'] / leads['ready'], 1)} were won; of the "
        f"{text.count(leads['not ready'], 'lead')} that only the rules call ready, "
        f"{text.percent(won['not ready'] / leads['not ready'], 1)}."
    )


def _agreement_row(row: Row) -> dict[str, str]:
    rate, _, interval = text.percent_interval(row["rate"], row["low"], row["high"], 1).partition(
        " "
    )
    return {
        "verdict": row["verdict"],
        "model_verdict": row["model_verdict"],
        "leads": f"{row['leads']:,}",
        "won": f"{row['won']:,}",
        "rate": rate,
        "interval": interval,
    }


def _direction(curve: Row, card: Scorecard) -> dict[str, Any]:
    """Show an expected direction, and what the data says without the constraint."""
    served = {line["name"]: line for line in card.lines}.get(curve["feature"])
    return {
        "words": curve["words"],
        "expected": curve["expected"],
        "contradicted": curve["contradicted"],
        "finding": curve["finding"],
        "plot": _inline_svg(plots.direction_plot(curve, served)),
    }


# -- for the template -----------------------------------------------------------------------------


def _as_sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _inline_svg(svg: str) -> Any:
    """Mark a plot as safe for the page, without its XML head and metadata."""
    from markupsafe import Markup

    bare = re.sub(r"(?s)\s*<metadata>.*?</metadata>", "", svg[svg.index("<svg") :])
    return Markup(bare)  # matplotlib escapes every text in it
