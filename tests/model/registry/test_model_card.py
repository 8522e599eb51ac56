"""The model card says what was measured and refused, stays in its cells, and fits its place."""

from __future__ import annotations

import re
from typing import Any

import pytest

from model.gate import Gate
from model.registry.model_card import (
    LONGEST,
    METRICS,
    MetricFormat,
    model_card,
    shorten_card,
)
from model.serving import Definition, Scorecard

SCORECARD = Scorecard.from_dict(
    {
        **{"format": 1, "base_rate": 0.041, "intercept": -3.1, "ready_at": 61.2},
        **{"candidate": "explainable boosting", "grades": {}, "levels": {}},
        "features": [
            {
                **{"name": "employees", "words": "employees", "family": "firmographic"},
                **{"kind": "number", "cuts": [50.0], "points": [0.0, -4.2, 5.8]},
                "labels": ["unknown", "under 50", "50 or more"],
            },
            {
                **{"name": "noise", "words": "colour of the form", "family": "origin"},
                **{"kind": "category", "categories": ["red"], "points": [0.0, 0.0, 0.0]},
                "labels": ["unknown", "other", "red"],
            },
            {
                **{"name": "webinars", "words": "webinars | attended", "family": "engagement"},
                **{"kind": "number", "cuts": [1.0], "points": [-1.0, 1.0, 30.0]},
                "labels": ["unknown", "none", "1 <or> more"],
            },
        ],
    }
)
DEFINITION = Definition.from_dict(
    {
        **{"name": "sales-ready lead", "version": 4, "horizon_days": 90},
        "ready_when": [{"id": "size", "feature": "employees", "at_least": 50}],
    }
)
EVALUATION: dict[str, Any] = {
    "candidate": "explainable boosting",
    "n_train": 12_345,
    "n_test": 678,
    "excluded": {"never worked": 40, "not mature": 1_200, "duplicate": 0},
    "metrics": {
        "auc": {"value": 0.8123, "low": 0.7501, "high": 0.8599},
        "captured_10": {"value": 0.345, "low": None, "high": None},
    },
    "yardstick": {"auc": {"value": 0.8201, "low": 0.76, "high": 0.87}},
    "definition": {"name": "sales-ready lead", "metrics": {"auc": {"value": None}}},
}
TAGS = {
    "data_sha256": "ab" * 32,
    "definition_digest": "cd" * 32,
    "training_from": "2025-01-01T00:00:00",
    "training_until": "2026-01-01T00:00:00",
}
GATES = [
    Gate("enough", True, "90 won", "40 won"),
    Gate("calibrated", False, "slope 0.4", "1 in its interval"),
]


def card(**changed: Any) -> str:
    given: dict[str, Any] = {"model": "lead-readiness", "tags": TAGS, "gates": GATES}
    scorecard = changed.pop("scorecard", SCORECARD)
    evaluation = changed.pop("evaluation", EVALUATION)
    return model_card(scorecard, DEFINITION, evaluation, **(given | changed))


def section(text: str, head: str) -> str:
    return text.split(f"## {head}\n")[1].split("\n## ")[0]


def test_it_has_a_section_for_each_question_in_order() -> None:
    assert re.findall(r"^## (.+)$", card(), re.M) == [
        "What it is for",
        "What it learned from",
        "How good it is",
        "The gate",
        "Limits",
        "What counts most",
        "How to use it",
        "Where it comes from",
    ]


def test_it_explains_the_score() -> None:
    purpose = section(card(), "What it is for")
    assert "within 90 days" in purpose
    assert "46.9 plus the points" in purpose
    assert "4.1% of such leads are won" in purpose
    assert "61.2 counts as ready" in purpose


def test_it_counts_what_was_left_out_largest_first() -> None:
    data = section(card(), "What it learned from")
    assert "12,345 leads to learn from; 678 leads to test on" in data
    assert "moments from 2025-01-01 to 2026-01-01; learned by explainable boosting." in data
    assert data.index("| not mature | 1,200 |") < data.index("| never worked | 40 |")
    assert "duplicate" not in data
    assert "No leads were left out" in card(evaluation=EVALUATION | {"excluded": {}})


def test_metrics_are_listed_with_their_intervals_beside_the_rivals() -> None:
    metrics = section(card(), "How good it is")
    assert "|  | this model | black box | the rules alone |" in metrics
    assert "| 0.812 (0.750–0.860) | 0.820 (0.760–0.870) | – |" in metrics
    assert re.search(r"wins caught in the best 10% \| 3[45]% \| – \| – \|", metrics)


def test_what_was_not_measured_is_not_made_up() -> None:
    assert "It was not measured." in card(evaluation={})
    assert not set(re.findall(r"\d\.\d{3}", section(card(evaluation={}), "How good it is")))


@pytest.mark.parametrize(("key", "form"), METRICS.items(), ids=METRICS)
def test_every_metric_has_a_label_and_an_interval(key: str, form: MetricFormat) -> None:
    metrics = {key: {"value": 0.5, "low": 0.25, "high": 1.0}}
    text = section(card(evaluation={"metrics": metrics}), "How good it is")
    assert f"| {form.label} | {form.metric_text(metrics[key])} |" in text
    written = "50% (25–100%)" if form.percentage else f"{0.5:.{form.digits}f} ("
    assert written in text


def test_the_gate_is_reported_before_and_after_it_has_run() -> None:
    assert "**Refused.**" in section(card(), "The gate")
    assert "| passed | enough | 90 won | 40 won |" in card()
    assert "| **refused** | calibrated | slope 0.4 | 1 in its interval |" in card()
    assert "Promoted: every check passed." in card(gates=GATES[:1])
    assert "The gate has not run yet." in card(gates=())


def test_the_strongest_features_come_first_and_useless_ones_not_at_all() -> None:
    strongest = section(card(), "What counts most")
    assert strongest.index("webinars") < strongest.index("employees")
    assert "-4.2 (under 50) | +5.8 (50 or more)" in strongest
    assert "colour of the form" not in strongest


def test_no_text_breaks_out_of_its_cell() -> None:
    hostile = {"we | <script>alert(1)</script>\n| evil | row |": 3}
    text = card(evaluation=EVALUATION | {"excluded": hostile})
    assert "<script>" not in text
    assert "webinars \\| attended" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.M):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1, table


def test_a_long_card_is_cut_at_a_line_and_says_where_the_rest_is() -> None:
    full = card(evaluation=EVALUATION | {"excluded": {f"reason {n}": n + 1 for n in range(400)}})
    cut = shorten_card(full)
    assert len(full) > LONGEST >= len(cut)
    kept, rest = cut.split("\n\n… ")
    assert full.startswith(kept + "\n")
    assert "`card.md`" in rest
    assert shorten_card(card()) == card()
