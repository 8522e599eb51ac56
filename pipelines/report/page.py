"""Everything that the report says about a version, as texts and numbers for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from features import text
from features.labels.time_to_win import HorizonSummary
from model.gate import Gate
from model.registry.registry import LoadedModel
from model.serving import Scorecard
from pipelines.card.card import card_of
from pipelines.card.card_page import card_fragment, card_style
from pipelines.check.horizon import horizon_text
from pipelines.old_score.trial_text import (
    old_score_columns,
    old_score_leads_text,
    old_score_rows,
    old_score_verdict_text,
)
from pipelines.pages.drawing import draw_bars, draw_table
from pipelines.pages.pieces import Bar, BarChart, Table, Tone, share_text
from pipelines.pages.shell import page_style
from pipelines.report.charts import (
    calibration_chart,
    direction_chart,
    gains_chart,
    overlap_chart,
    scores_chart,
    time_to_win_chart,
)
from pipelines.report.metric_tables import metric_rows, period_rows, scorer_names
from pipelines.report.opening import as_sentence, height_above_card, opening_content
from pipelines.score.active_definition import ActiveDefinition
from pipelines.train.training_json import OldScoreJson, Row, VersionJson
from pipelines.train.worked_text import worked_content

PARTS = [
    ("verdict", "The verdict"),
    ("card", "The card"),
    ("short", "In short"),
    ("gate", "What was checked"),
    ("apart", "Model and definition"),
    ("good", "How far to trust it"),
    ("data", "The data"),
]


def page_content(
    loaded: LoadedModel, gates: Sequence[Gate], company: str, active: ActiveDefinition
) -> dict[str, Any]:
    """Gather what the page shows, by the name that the template uses."""
    evaluation, card = cast(VersionJson, loaded.evaluation), Scorecard.from_dict(loaded.scorecard)
    worked, time_to_win = evaluation["worked"], evaluation["time_to_win"]
    return {
        "title": f"Lead scoring at {company}",
        **opening_content(loaded, gates, active),
        "card": card_fragment(
            card_of(loaded, company), "h3", height_above_card(loaded, gates, active)
        ),
        "card_style": card_style(),
        "tiles": _tiles(evaluation),
        "data_text": _data_text(evaluation),
        "excluded": _reasons_table(
            "Leads left out, by reason",
            _count_rows(evaluation["excluded"], evaluation["data"]["leads"]),
        ),
        "suspects": _suspects_table(evaluation["suspects"]),
        "horizon_text": horizon_text(HorizonSummary.from_json(time_to_win)) if time_to_win else "",
        "horizon_chart": draw_bars(time_to_win_chart(time_to_win)) if time_to_win else "",
        "rejection_text": as_sentence(evaluation["rejections"].get("why", "")),
        "rejections": _rejections_table(evaluation["rejections"].get("leads") or {}),
        "test_text": _test_text(evaluation),
        "charts": _test_charts(evaluation),
        "worked": worked_content(worked),
        "worked_chart": draw_bars(overlap_chart(worked)) if worked else "",
        "scorers": scorer_names(evaluation),
        "metrics": metric_rows(evaluation),
        "old_scores": [_old_score(trial) for trial in evaluation.get("old_scores", [])],
        "periods": _periods_table(evaluation["periods"]),
        "gates": gates,
        "agreement_text": _agreement_text(evaluation["agreement"]),
        "agreement": _agreement_chart(evaluation["agreement"]),
        "directions": [
            _direction(curve, card, _counted(loaded)) for curve in evaluation["directions"]
        ],
        "criteria": _criteria_counts(evaluation["criteria"]),
        "parts": PARTS,
        "style": page_style(),
    }


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


def _test_charts(evaluation: VersionJson) -> list[Any]:
    curves = evaluation["curves"]
    charts = (
        gains_chart(curves["lift"]),
        calibration_chart(curves["calibration"]),
        scores_chart(curves["scores"]),
    )
    return [draw_bars(chart) for chart in charts]


def _periods_table(periods: Sequence[Row]) -> Any:
    columns = ["period", "> leads", "> predicted wins", "> actual wins", "> predicted / actual"]
    rows = [list(row.values()) for row in period_rows(periods)]
    return draw_table(Table("Predicted and actual wins", columns, rows)) if rows else ""


def _old_score(trial: OldScoreJson) -> dict[str, object]:
    """Show an old score beside the other scorers."""
    columns = [old_score_columns(trial)[0], *(f"> {name}" for name in old_score_columns(trial)[1:])]
    table = Table(f"Scorers on the leads that have {trial['name']}", columns, old_score_rows(trial))
    return {
        "name": trial["name"],
        "leads": old_score_leads_text(trial),
        "table": draw_table(table),
        "verdict": old_score_verdict_text(trial),
        "fair": trial["fair"],
    }


def _reasons_table(title: str, rows: Sequence[Mapping[str, str]]) -> Any:
    columns = ["reason", "> leads", "> share"]
    return draw_table(Table(title, columns, [list(row.values()) for row in rows]))


def _rejections_table(leads: Mapping[str, int]) -> Any:
    rows = _count_rows(leads)
    return _reasons_table("Reasons of the training leads", rows) if rows else ""


def _suspects_table(suspects: Sequence[Row]) -> Any:
    if not suspects:
        return ""
    rows = [[str(suspect["column"]), "; ".join(suspect["evidence"])] for suspect in suspects]
    return draw_table(Table("Columns and the evidence", ["column", "evidence"], rows))


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
        f"calls ready, {share_text(won['ready'] / leads['ready'])} were won; of the "
        f"{text.count(leads['not ready'], 'lead')} that only the rules call ready, "
        f"{share_text(won['not ready'] / leads['not ready'])}."
    )


def _agreement_chart(agreement: Sequence[Row]) -> Any:
    bars = []
    for row in agreement:
        known = f"{row['won']:,} of {text.count(row['leads'], 'lead')}"
        share = share_text(row["rate"], row["low"], row["high"])
        label = f"rules: {row['verdict']}, model: {row['model_verdict']}"
        differ = {row["verdict"], row["model_verdict"]} == {"ready", "not ready"}
        tone: Tone = "other" if differ else "main"
        bars.append(Bar(label, row["rate"], f"{share} won", known, row["low"], row["high"], tone))
    return draw_bars(BarChart("Win rate of the test leads by both verdicts, with interval", bars))


def _criteria_counts(criteria: Sequence[Row]) -> Any:
    columns = ["criterion", "rule", "> passes", "> fails", "> unknown"]
    rows = [
        [str(row["id"]), str(row["words"])]
        + [text.number(row[name], 0) for name in ("passes", "fails", "unknown")]
        for row in criteria
    ]
    return draw_table(Table("Criteria, and how many of the leads pass them", columns, rows))


def _counted(loaded: LoadedModel) -> set[str]:
    """Name the features that count how often something happened."""
    return {feature["name"] for feature in loaded.catalogue if feature.get("unit") == "times"}


def _direction(curve: Row, card: Scorecard, counted: set[str]) -> dict[str, Any]:
    """Show an expected direction, and what the data says without the constraint."""
    served = {line["name"]: line for line in card.lines}.get(curve["feature"])
    return {
        "words": curve["words"],
        "expected": curve["expected"],
        "contradicted": curve["contradicted"],
        "finding": curve["finding"],
        "plot": draw_bars(direction_chart(curve, served, counted=curve["feature"] in counted)),
    }
