"""Criteria without which no lead that there is would get another verdict."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.definition.unused_criteria import idle, idle_in_words
from model.serving import Definition

WEEK, MONTH, ANY, SIZE, STUDENT = (
    {"id": name, "feature": feature, operator: value}
    for name, feature, operator, value in (
        ("week", "visits_7d", "at_least", 1),
        ("month", "visits_30d", "at_least", 1),
        ("ever", "visits_30d", "at_least", 0),
        ("size", "employees", "at_least", 50),
        ("student", "seniority", "equals", "student"),
    )
)
X = pd.DataFrame(
    {
        "visits_7d": [0, 1, 0, 2, 0, 3],
        "visits_30d": [0, 4, 2, 5, 1, 3],
        "employees": [60, 70, 80, 20, np.nan, 90],
        "seniority": ["vp", "vp", "x", "x", "vp", None],
    }
)


def said(rules: dict[str, Any]) -> list[str]:
    return [idle_in_words(one, rules, f"L-{one.row}") for one in idle(rules, X)]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (
            {"ready_when": [SIZE, ANY]},
            [
                "ever (visits 30d at least 0) decides nothing among these 6 leads: all of them pass it"
            ],
        ),
        (
            {"ready_when": [SIZE, {"any": [WEEK, MONTH]}]},
            [
                "week (visits 7d at least 1) decides nothing among these 6 leads, because of month "
                "(visits 30d at least 1): lead L-2 fails week, and the rules say "
                "ready with and without it"
            ],
        ),
        (
            {"ready_when": [SIZE, WEEK, MONTH]},
            [
                "month (visits 30d at least 1) decides nothing among these 6 leads, because of week "
                "(visits 7d at least 1): lead L-0 fails month, and the rules say "
                "not ready with and without it"
            ],
        ),
        (
            {"ready_when": [WEEK, WEEK | {"id": "again"}]},
            [
                "again (visits 7d at least 1) decides nothing among these 6 leads, because of week "
                "(visits 7d at least 1): lead L-0 fails again, and the rules say "
                "not ready with and without it"
            ],
        ),
        (
            {
                "ready_when": [WEEK],
                "never_when": [{"id": "huge", "feature": "visits_7d", "at_least": 1000}],
            },
            [
                "huge (visits 7d at least 1,000) decides nothing among these 6 leads: none of them "
                "passes it"
            ],
        ),
        (
            {"ready_when": [SIZE], "never_when": [MONTH, WEEK]},
            [
                "week (visits 7d at least 1) decides nothing among these 6 leads, because of month "
                "(visits 30d at least 1): lead L-3 passes week, and the rules say "
                "never with and without it"
            ],
        ),
        ({"ready_when": [WEEK, SIZE], "never_when": [STUDENT]}, []),  # L-5 may be a student
        ({"ready_when": [ANY]}, []),  # the last one cannot go
    ],
)
def test_what_is_said(rules: dict[str, Any], says: list[str]) -> None:
    assert said(rules) == says


def test_what_logic_has_settled_is_not_told_again() -> None:
    small = SIZE | {"id": "small", "at_least": 10}
    rules = {"ready_when": [SIZE, small, WEEK]}
    assert [one.criterion for one in idle(rules, X)] == ["small"]
    assert idle(rules, X, settled=["small"]) == []


def test_no_leads_say_nothing() -> None:
    assert idle({"ready_when": [SIZE, ANY]}, X[:0]) == []


# -- against taking out each criterion ------------------------------------------------------------

SOME = st.recursive(
    st.sampled_from([WEEK, MONTH, ANY, SIZE, STUDENT]),
    lambda parts: st.dictionaries(
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
        min_size=1,
        max_size=2,
    ),
    max_leaves=7,
)


def numbered(rule: Any, count: Any) -> Any:
    """Give each criterion an id of its own."""
    if "id" in rule:
        return rule | {"id": f"c{next(count)}"}
    return {kind: [numbered(one, count) for one in parts] for kind, parts in rule.items()}


def neutral(rule: Any, out: set[str], kind: str = "all") -> Any:
    """Give the value of rules for each lead, criteria that are out having no say; None: no rule."""
    if "id" in rule:
        if rule["id"] in out:
            return None
        told = Definition.from_dict({"ready_when": [rule]}).evaluate(X).verdict
        return [{"ready": 1, "unknown": 0, "not ready": -1}[str(one)] for one in told]
    given = []
    for kind, parts in rule.items():
        values = [one for one in (neutral(part, out) for part in parts) if one is not None]
        if values:
            each = min if kind == "all" else max
            given.append(
                [each(some) * (-1 if kind == "none" else 1) for some in zip(*values, strict=True)]
            )
    return [min(some) for some in zip(*given, strict=True)] if given else None


@settings(max_examples=60, deadline=None)
@given(ready=SOME, never=st.none() | SOME)
def test_all_that_is_named_can_go_together_and_nothing_else_can(ready: Any, never: Any) -> None:
    count = itertools.count()
    rules = {"ready_when": numbered(ready, count)}
    rules |= {} if never is None else {"never_when": numbered(never, count)}
    named = {one.criterion for one in idle(rules, X)}

    def verdicts(out: set[str]) -> list[int] | None:
        wanted = neutral(rules["ready_when"], out)
        barred = neutral(rules.get("never_when", {"all": []}), out) or [-1] * len(X)
        if wanted is None:
            return None
        pairs = zip(wanted, barred, strict=True)
        return [2 if no == 1 else min(yes, -no) for yes, no in pairs]

    assert verdicts(named) == verdicts(set())
    for one in {f"c{n}" for n in range(next(count))} - named:
        assert verdicts(named | {one}) != verdicts(named), one
