"""What follows from the rules alone: no lead can be ready, a criterion never matters, and why."""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.definition.checks.contradictions import (
    RuleFinding,
    contradiction_text,
    find_contradictions,
)
from model.serving import Definition

SIZE, LARGE, SMALL = (
    {"id": name, "feature": "employees", operator: value}
    for name, operator, value in (
        ("size", "at_least", 50),
        ("large", "at_least", 100),
        ("small", "at_most", 20),
    )
)
WEB = {"id": "web", "feature": "webinars", "at_least": 1}
VP = {"id": "vp", "feature": "seniority", "one_of": ["vp"]}
STUDENT = {"id": "student", "feature": "seniority", "one_of": ["student"]}


def findings(rules: dict[str, Any]) -> list[RuleFinding]:
    return find_contradictions(Definition.from_dict(rules))


def texts(rules: dict[str, Any]) -> list[str]:
    definition = Definition.from_dict(rules)
    return [contradiction_text(each, definition) for each in find_contradictions(definition)]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (
            {"ready_when": [SIZE, SMALL, WEB]},
            [
                "no lead can be ready: size (employees at least 50) and small (employees at most 20) "
                "cannot hold together; try a lead with employees 50"
            ],
        ),
        (
            {"ready_when": [SIZE, LARGE]},
            [
                "size (employees at least 50) can never matter, because of large (employees at least "
                "100): a lead with employees 49 fails size, and the verdict is the same without it"
            ],
        ),
        (
            {"ready_when": {"any": [SIZE, LARGE]}},
            [
                "large (employees at least 100) can never matter, because of size (employees at least "
                "50): a lead with employees 100 passes large, and the verdict is the same without it"
            ],
        ),
        (
            {"ready_when": {"all": [SIZE, {"any": [SMALL, WEB]}]}},
            [
                "small (employees at most 20) can never be met together with size (employees at least "
                "50); try a lead with employees 19"
            ],
        ),
        (
            {"ready_when": [VP], "never_when": [STUDENT | {"one_of": ["vp", "student"]}]},
            [
                "no lead can be ready: vp (seniority is vp) and student (seniority is vp or student) "
                "cannot hold together; try a lead with seniority vp"
            ],
        ),
        (
            {"ready_when": {"any": [SIZE, SMALL | {"at_most": 60}]}},
            [
                "small (employees at most 60) can never matter where employees is known, because of size "
                "(employees at least 50): a lead with employees 61 fails small, and the verdict is the "
                "same without it"
            ],
        ),
        (
            {"ready_when": [SIZE, SIZE | {"id": "again"}]},
            [
                "again (employees at least 50) can never matter, because of size (employees at least "
                "50): a lead with employees 49 fails again, and the verdict is the same without it"
            ],
        ),
        ({"ready_when": {"all": [SIZE, {"any": [VP, WEB]}]}, "never_when": [STUDENT]}, []),
    ],
)
def test_findings_in_words(rules: dict[str, Any], says: list[str]) -> None:
    assert texts(rules) == says


def test_dates_that_cannot_both_be_are_found() -> None:
    early = {"id": "early", "feature": "since", "before": "2024-01-01"}
    late = {"id": "late", "feature": "since", "after": "2023-12-31"}
    assert [each.kind for each in findings({"ready_when": [early, late]})] == ["contradiction"]
    assert findings({"ready_when": [early, late | {"after": "2023-12-30"}]}) == []


def test_twenty_criteria_over_shared_features_are_evaluated() -> None:
    parts = [
        {
            "any": [
                {"id": f"a{n}", "feature": f"f{n}", "at_least": n},
                {"id": f"b{n}", "feature": f"f{(n + 1) % 10}", "at_most": 3 * n + 7},
            ]
        }
        for n in range(10)
    ]
    assert {each.kind for each in findings({"ready_when": {"all": parts}})} <= {"never matters"}


# -- against trying every lead --------------------------------------------------------------------

LEADS = pd.DataFrame(
    list(itertools.product([19, 20, 35, 50, 75, 100, 101, None], ["vp", "student", "x", None])),
    columns=["employees", "seniority"],
    dtype="object",
)
SOME = st.sampled_from([SIZE, LARGE, SMALL, VP, STUDENT])
GROUPS = st.recursive(
    SOME,
    lambda parts: st.dictionaries(
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
        min_size=1,
        max_size=1,
    ),
    max_leaves=6,
)


def numbered(rule: Any, count: Any) -> Any:
    """Give each criterion an id of its own."""
    if "id" in rule:
        return rule | {"id": f"c{next(count)}"}
    return {kind: [numbered(part, count) for part in parts] for kind, parts in rule.items()}


def without(rule: Any, name: str, always: int) -> Any:
    """Put a criterion that is always or never met in place of one."""
    if "id" in rule:
        constant = {"id": name, "feature": "constant", "equals": "1" if always == 1 else "0"}
        return constant if rule["id"] == name else rule
    return {kind: [without(part, name, always) for part in parts] for kind, parts in rule.items()}


@given(GROUPS)
def test_the_same_is_found_by_trying_every_lead(rule: Any) -> None:
    rules = {"ready_when": {"all": [numbered(rule, itertools.count())]}}
    X = LEADS.assign(constant="1")
    code = Definition.from_dict(rules).evaluate(X).code
    found = findings(rules)
    assert any(not each.criterion for each in found) == (code != 2).all()
    if found and not found[0].criterion:
        return
    first = next(reversed([each for each in found if not each.where_known]), None)
    for criterion in Definition.from_dict(rules).criteria:
        constants = []
        for always in (1, -1):
            other = {"ready_when": without(rules["ready_when"], criterion.id, always)}
            if (Definition.from_dict(other).evaluate(X).code == code).all():
                constants.append(always)
        if first is not None and criterion.id == first.criterion:
            assert first.always in constants, "the last one found is constant by itself"
        if first is None:
            assert not constants
