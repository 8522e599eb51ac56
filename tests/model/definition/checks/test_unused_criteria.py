"""Criteria without which no lead in the data would get another verdict."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.definition.checks.unused_criteria import unused_criteria, unused_text
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


def texts(rules: dict[str, Any]) -> list[str]:
    definition = Definition.from_dict(rules)
    found = unused_criteria(definition, X)
    return [unused_text(unused, definition, f"L-{unused.row}") for unused in found]


def unused_ids(rules: dict[str, Any], left_out: tuple[str, ...] = ()) -> list[str]:
    found = unused_criteria(Definition.from_dict(rules), X, left_out)
    return [unused.id for unused in found]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (
            {"ready_when": [SIZE, ANY]},
            [
                "ever (visits 30d at least 0) changes no verdict among these 6 leads: all of them pass it"
            ],
        ),
        (
            {"ready_when": [SIZE, {"any": [WEEK, MONTH]}]},
            [
                "week (visits 7d at least 1) changes no verdict among these 6 leads, because of month "
                "(visits 30d at least 1): lead L-2 fails week, and its verdict is "
                "ready with and without it"
            ],
        ),
        (
            {"ready_when": [SIZE, WEEK, MONTH]},
            [
                "month (visits 30d at least 1) changes no verdict among these 6 leads, because of week "
                "(visits 7d at least 1): lead L-0 fails month, and its verdict is "
                "not ready with and without it"
            ],
        ),
        (
            {"ready_when": [WEEK, WEEK | {"id": "again"}]},
            [
                "again (visits 7d at least 1) changes no verdict among these 6 leads, because of week "
                "(visits 7d at least 1): lead L-0 fails again, and its verdict is "
                "not ready with and without it"
            ],
        ),
        (
            {
                "ready_when": [WEEK],
                "never_when": [{"id": "huge", "feature": "visits_7d", "at_least": 1000}],
            },
            [
                "huge (visits 7d at least 1,000) changes no verdict among these 6 leads: none of them "
                "passes it"
            ],
        ),
        (
            {"ready_when": [SIZE], "never_when": [MONTH, WEEK]},
            [
                "week (visits 7d at least 1) changes no verdict among these 6 leads, because of month "
                "(visits 30d at least 1): lead L-3 passes week, and its verdict is "
                "never with and without it"
            ],
        ),
        ({"ready_when": [WEEK, SIZE], "never_when": [STUDENT]}, []),  # L-5 may be a student
        ({"ready_when": [ANY]}, []),  # the last one cannot go
    ],
)
def test_unused_criteria_in_words(rules: dict[str, Any], says: list[str]) -> None:
    assert texts(rules) == says


def test_criteria_that_are_left_out_are_not_listed() -> None:
    small = SIZE | {"id": "small", "at_least": 10}
    rules = {"ready_when": [SIZE, small, WEEK]}
    assert unused_ids(rules) == ["small"]
    assert unused_ids(rules, left_out=("small",)) == []


def test_without_leads_nothing_is_unused() -> None:
    assert unused_criteria(Definition.from_dict({"ready_when": [SIZE, ANY]}), X[:0]) == []


# -- against leaving out each criterion ------------------------------------------------------------

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
    return {kind: [numbered(part, count) for part in parts] for kind, parts in rule.items()}


def neutral(rule: Any, out: set[str], kind: str = "all") -> Any:
    """Give the value of rules for each lead, without the criteria that are out; None: no rule left."""
    if "id" in rule:
        if rule["id"] in out:
            return None
        verdicts = Definition.from_dict({"ready_when": [rule]}).evaluate(X).verdict
        return [{"ready": 1, "unknown": 0, "not ready": -1}[str(name)] for name in verdicts]
    given = []
    for kind, parts in rule.items():
        values = [value for part in parts if (value := neutral(part, out)) is not None]
        if values:
            each = min if kind == "all" else max
            given.append(
                [each(some) * (-1 if kind == "none" else 1) for some in zip(*values, strict=True)]
            )
    return [min(some) for some in zip(*given, strict=True)] if given else None


@given(ready=SOME, never=st.none() | SOME)
def test_all_unused_criteria_can_go_together_and_no_other_can(ready: Any, never: Any) -> None:
    count = itertools.count()
    rules = {"ready_when": numbered(ready, count)}
    rules |= {} if never is None else {"never_when": numbered(never, count)}
    unused = set(unused_ids(rules))

    def verdicts(out: set[str]) -> list[int] | None:
        ready_values = neutral(rules["ready_when"], out)
        never_values = neutral(rules.get("never_when", {"all": []}), out) or [-1] * len(X)
        if ready_values is None:
            return None
        pairs = zip(ready_values, never_values, strict=True)
        return [2 if no == 1 else min(yes, -no) for yes, no in pairs]

    assert verdicts(unused) == verdicts(set())
    for name in {f"c{number}" for number in range(next(count))} - unused:
        assert verdicts(unused | {name}) != verdicts(unused), name
