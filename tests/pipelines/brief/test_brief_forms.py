"""The brief as text, in 255 characters and as a page: nothing is cut off in a word, nothing runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from model.serving import Contribution
from pipelines.brief.brief_page import brief_page
from pipelines.brief.brief_text import brief_text
from pipelines.brief.explain import Brief
from pipelines.brief.short_text import LONGEST, short_text
from pipelines.brief.what_if import Answer, Outcome, Question

SCRIPT = "<script>alert('x')</script>"


def points(*values: float, label: str = "200 or more") -> list[Contribution]:
    return [Contribution(["f"], f"fact {n}", "role", [1], label, v) for n, v in enumerate(values)]


WAY = Outcome((Answer("webinar", "webinars", 1.0, "1 or more"),), 58, "hand off")
BRIEF = Brief(
    is_open=True,
    **{"lead_id": "L-1", "as_of": "2026-10-01T04:00:00", "probability": 0.22, "score": 44},
    **{"fit_points": 3, "engagement_points": -7, "grade": "B", "level": "3"},
    **{"rules_verdict": "unknown", "failed_criteria": [], "missing": ["seniority"]},
    **{"model_verdict": "not ready", "agreement": "agree", "decision": "nurture"},
    **{"model_version": "3.1", "definition_version": "4", "scored_at": "2026-10-01T04:00:01"},
    **{"start": 40, "average": 0.25, "horizon_days": 90, "points": points(7, -3, -1)},
    **{"likely_rejection": None, "warnings": [], "recent_events": [], "follow_up_hours": 48},
    **{"signed": True, "short_of_ready": 11, "ready_by": [WAY]},
    ask_first=Question("seniority", "seniority", 35, 54, ("hand off", "nurture")),
)  # type: ignore[arg-type]


def told(brief: Brief) -> str:
    return " ".join(brief_text(brief).split())


def test_it_says_what_to_ask_and_what_would_make_it_ready() -> None:
    text = told(BRIEF)
    assert "Ask first seniority (could lead to: hand off or nurture, score 35 to 54)" in text
    assert "What would make it ready webinars: 1 or more (score 58)" in text
    none = told(replace(BRIEF, ask_first=None, ready_by=[]))
    assert "Ask first" not in none
    assert "no two answers or actions would; it is 11 points short" in none


@pytest.mark.parametrize("decision", ["hand off", "with sales", "never"])
def test_nothing_makes_ready_what_is_settled(decision: str) -> None:
    assert "What would make it ready" not in told(replace(BRIEF, decision=decision, ready_by=[]))


@pytest.mark.parametrize(
    ("probability", "says"), [(0.0001, "under 1% likely"), (0.9999, "over 99%"), (0.22, "22%")]
)
def test_no_chance_is_said_to_be_none(probability: float, says: str) -> None:
    brief = replace(BRIEF, probability=probability)
    assert says in told(brief)
    assert says in short_text(brief)


@pytest.mark.parametrize("length", [1, 20, 60, 100, 300])
@pytest.mark.parametrize("many", [0, 1, 12])
def test_the_short_brief_fits_into_a_field(length: int, many: int) -> None:
    long: Any = {"points": points(*range(many, 0, -1), label="x" * length)}
    text = short_text(replace(BRIEF, **long))
    assert len(text) <= LONGEST
    assert "\n" not in text
    assert text.startswith("NURTURE, score 44, 22% likely to be won within 90 days")
    assert text.endswith(" · v3.1, 2026-10-01")
    assert text.count("x") % length == 0, "a reason is there as a whole or not at all"


def test_a_page_has_everything_that_the_text_has_and_runs_nothing() -> None:
    page = brief_page(replace(BRIEF, points=points(7, label=SCRIPT), model_version=SCRIPT))
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    for words in ("Lead L-1 on 2026-10-01", "NURTURE", "Ask first", "What would make it ready"):
        assert words in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<h2>For</h2>" in page
    assert re.search(r"<p>The score is .* points\. An average lead .* definition \S+\.</p>", page)
