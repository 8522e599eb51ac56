"""What to ask first and what would make a lead ready, against trying everything out."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.serving import Definition, Scorecard, score_leads
from pipelines.brief.what_if import OTHER, READY, WhatIf

CATALOGUE = [
    Feature("employees", "employees", "firmographic", "number"),
    Feature("source", "source", "origin", "category"),
    Feature("webinar_30d", "webinars", "engagement", "number"),
    Feature("demo_30d", "demos", "engagement", "number"),
]
POINTS = {"employees": [0, -10, 12], "webinar_30d": [0, -5, 9], "demo_30d": [0, -4, 16]}
LINES: list[dict[str, Any]] = [
    {
        "name": name,
        "family": "firmographic" if name == "employees" else "engagement",
        "kind": "number",
        "cuts": [50.0 if name == "employees" else 1.0],
        "points": points,
        "labels": ["unknown", "less", "more"],
    }
    for name, points in POINTS.items()
]
LINES.append(
    {
        "name": "source",
        "family": "origin",
        "kind": "category",
        "categories": [["Web"], ["Fair"]],
        "points": [0, -3, 2, 7],
        "labels": ["unknown", "any other", "Web", "Fair"],
    }
)
CARD = Scorecard.from_dict(
    {
        **{"format": 2, "start": 40, "level": -2.2, "base_rate": 0.1, "ready_at": 55},
        **{"grades": {"A": 6}, "levels": {"1": 8}, "lines": LINES},
    }
)
RULES = {
    "model": {"handoff": {"decide_by": "model"}, "ready_when": [
        {"id": "any", "feature": "employees", "at_least": 0}]},
    "review": {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}],
               "never_when": [{"id": "fair", "feature": "source", "equals": "Fair"}]},
}  # fmt: off


def lead(**known: Any) -> pd.DataFrame:
    row = {"lead_id": "a", "employees": np.nan, "source": None, "webinar_30d": 0.0, "demo_30d": 0.0}
    X = pd.DataFrame([{**row, **known}])
    return X.astype({"source": "object", "employees": "float64"})


def what_if(rules: str, **known: Any) -> WhatIf:
    return WhatIf(lead(**known), CARD, Definition.from_dict(RULES[rules]), CATALOGUE)


VALUES = {
    "employees": [np.nan, 10.0, 50.0],
    "source": [None, "Web", "Fair", "Mail"],
    "webinar_30d": [0.0, 1.0],
    "demo_30d": [0.0, 1.0],
}
LEADS = [dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())]


SOME = LEADS[::4]


@pytest.fixture(scope="module", params=RULES)
def rules(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def decisions(rules: str) -> dict[str, tuple[float, str]]:
    """The score and the decision of every lead that there could be."""
    X = pd.concat([lead(**known) for known in LEADS], ignore_index=True)
    scored = score_leads(X, CARD, Definition.from_dict(RULES[rules]))
    found = zip(scored["score"], scored["decision"], strict=True)
    return dict(zip(map(str, LEADS), found, strict=True))


def test_it_is_what_the_next_run_would_say(rules: str, decisions: Any) -> None:
    for known in SOME:
        found = what_if(rules, **known)
        assert (found.now.score, found.now.decision) == decisions[str(known)], known
        for way in found.ways_to_ready():
            changed = {answer.feature: answer.value for answer in way.answers}
            changed |= (
                {"employees": {25.0: 10.0}.get(changed.get("employees", 0), 50.0)}
                if ("employees" in changed)
                else {}
            )
            changed |= {"source": "Mail"} if changed.get("source") == OTHER else {}
            changed |= {name: min(1.0, changed[name]) for name in changed if name.endswith("30d")}
            assert (way.score, way.decision) == decisions[str({**known, **changed})], known


def test_no_shorter_way_is_missed(rules: str, decisions: Any) -> None:
    """Every other lead that differs in what can change is tried, by brute force."""
    for known in SOME:
        unknown = [name for name in ("employees", "source") if pd.isna(known[name])]
        allowed, changes = {"webinar_30d", "demo_30d", *unknown}, []
        for other in LEADS:
            moved = {name for name in VALUES if str(other[name]) != str(known[name])}
            if moved <= allowed and decisions[str(other)][1] == READY:
                changes.append(len(moved))
        fewest = min(changes, default=9)
        ways = what_if(rules, **known).ways_to_ready()
        assert bool(ways) == (0 < fewest <= 2), known
        assert {len(way.answers) for way in ways} <= {fewest}, known


def test_the_question_is_the_unknown_fact_that_moves_the_decision_most() -> None:
    question = what_if("model", webinar_30d=1.0).first_question()
    assert question is not None
    assert (question.feature, question.least, question.most) == ("employees", 35, 57)
    assert question.decisions == (READY, "nurture")
    ruled = what_if("review", employees=60.0, webinar_30d=1.0).first_question()
    assert ruled is not None
    assert (ruled.feature, "never" in ruled.decisions) == ("source", True)
    assert what_if("model", employees=10.0, source="Web").first_question() is None


def test_values_that_nobody_listed_are_asked_about_as_well() -> None:
    answers = what_if("model")._answers("source")
    assert [(answer.value, answer.label) for answer in answers] == [
        (OTHER, "any other"),
        ("Web", "Web"),
        ("Fair", "Fair"),
    ]
