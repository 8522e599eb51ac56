"""The definition applied to leads."""

from __future__ import annotations

from typing import Any

import pandas as pd

from model.definition.evaluate import (
    criteria_counts,
    example_mismatches,
    example_table,
    manual_points,
    requirements,
)
from model.serving import Criterion, Definition, Group

RULES: dict[str, Any] = {
    "version": 1,
    "ready_when": [
        {"id": "size", "feature": "employees", "at_least": 50},
        {"id": "boss", "feature": "seniority", "one_of": ["vp"]},
    ],
}
DEFINITION = Definition.from_dict(RULES)


def test_examples_with_another_verdict_are_listed_with_the_reason() -> None:
    examples = [
        {"lead": {"employees": 60, "seniority": "vp"}, "verdict": "ready"},
        {"lead": {"employees": 20, "seniority": "vp"}, "verdict": "ready"},
        {"lead": {"employees": 70}, "verdict": "ready"},
        {"lead": {"employees": 70, "seniority": "student"}, "verdict": "not ready"},
    ]
    never = [{"id": "student", "feature": "seniority", "equals": "student"}]
    rules = RULES | {"never_when": never, "examples": examples}
    assert list(map(str, example_mismatches(Definition.from_dict(rules)))) == [
        "example 2 should be ready, the rules say not ready; failed: size",
        "example 3 should be ready, the rules say unknown; not known: seniority",
        "example 4 should be not ready, the rules say never; because of student",
    ]
    assert example_mismatches(DEFINITION) == []


def test_the_table_of_examples_has_every_column_that_is_used() -> None:
    examples = [{"lead": {"country": "NO"}, "verdict": "unknown"}]
    table = example_table(Definition.from_dict(RULES | {"examples": examples}), ["x"])
    assert list(table.columns) == ["employees", "seniority", "x", "country"]
    empty = example_table(DEFINITION)
    assert (list(empty.columns), len(empty)) == (["employees", "seniority"], 0)


def test_the_counts_of_each_criterion_are_those_of_each_lead_alone() -> None:
    X = pd.DataFrame({"employees": [60, None, 20, 50], "seniority": ["vp", "vp", None, "student"]})
    counts = criteria_counts(DEFINITION, X)
    assert counts.loc["size", ["pass", "fail", "unknown"]].to_list() == [2, 1, 1]
    assert counts.loc["boss", ["pass", "fail", "unknown"]].to_list() == [2, 1, 1]
    assert (counts[["pass", "fail", "unknown"]].sum(axis=1) == len(X)).all()


def test_manual_points_are_added_where_their_criterion_holds() -> None:
    give = [
        {"feature": "employees", "at_least": 50, "points": 5},
        {"feature": "seniority", "one_of": ["vp"], "points": 20},
        {"feature": "seniority", "equals": "student", "points": -50},
    ]
    X = pd.DataFrame(
        {"employees": [60, None, 20], "seniority": ["vp", "student", None]}, index=[3, 3, 1]
    )
    points = manual_points(
        Definition.from_dict(RULES | {"points": {"threshold": 10, "give": give}}), X
    )
    assert points.to_list() == [25.0, -50.0, 0.0]
    assert list(points.index) == [3, 3, 1]
    assert manual_points(DEFINITION, X).to_list() == [0.0, 0.0, 0.0]


def test_requirements_are_what_every_ready_lead_meets() -> None:
    a, b, c, d = (Criterion(name, name, "at_least", 1) for name in "abcd")
    rule = Group("all", (a, Group("any", (b, c)), Group("all", (Group("none", (c, d)),))))
    assert requirements(rule) == [
        ("a", a),
        ("b or c", Group("any", (b, c))),
        ("none of c or d", Group("none", (c, d))),
    ]
