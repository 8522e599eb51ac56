"""Conditions of ``leadready.yaml``: which leads meet them, and that the definition agrees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from features.errors import LeadReadyError
from features.labels.conditions import meets
from features.labels.moments import count_closed, moments_at
from features.tables.read import read_tables
from features.workspace.conditions import GROUPS, OPERATORS
from features.workspace.read import read_workspace
from model import serving
from model.serving import Group, apply_rules

LEADS = pd.DataFrame(
    {
        "Id": list("abcdefg"),
        "Came": ["2024-01-02"] * 6 + ["2024-05-01"],
        "Closed": ["2024-02-01", "2024-02-01", "2024-04-01", None, None, None, None],
        "Stage": ["Won", "Lost", "Lost", "Lost", "Talks", None, "Talks"],
        "Active": ["True", "False", "False", "False", "True", "True", "False"],
        "Why": [None, "Price", "Price", None, None, "Price", None],
        "Size": ["5", "50", "500", None, "50", "5", "20"],
    }
)
MAPPING = """
leads: {file: leads.csv, id: Id, created: Came, columns: {Size: {feature: size, family: firmographic, type: number}}}
moment: {closed: Closed}
outcome: {won_when: {Stage: [Won]}, lost_when: {Stage: [Lost]}, with_sales_when: %s}
"""
Met = Callable[[str], str]


@pytest.fixture
def met(tmp_path: Path) -> Met:
    """Name the leads that meet a condition, as written in the file."""

    def leads(condition: str) -> str:
        (tmp_path / "leadready.yaml").write_text(MAPPING % condition)
        ws = read_workspace(tmp_path)
        tables = read_tables(ws, leads=LEADS)
        assert ws.outcome.with_sales_when is not None
        return "".join(LEADS["Id"][meets(ws, tables, ws.outcome.with_sales_when)])

    return leads


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{Stage: Talks}", "eg"),
        ("{Stage: [Talks, Lost]}", "bcdeg"),
        ("{Stage: {none_of: [Lost]}}", "aeg"),
        ("{Stage: {is_missing: true}}", "f"),
        ('{Active: "False", Why: {is_missing: false}}', "bc"),
        ("{Active: false}", ""),
        ("[{Stage: Won}, {Size: {at_least: 100}}]", "ac"),
        ("{all: [{Stage: Lost}, {Size: {between: [50, 500]}}]}", "bc"),
        ("{none: [{Stage: Lost}, {Stage: Talks}]}", "a"),
        ("{any: [{Stage: Won}, {none: [{Size: {at_most: 50}}]}]}", "ac"),
        ("{Closed: {after: 2024-03-01}}", "c"),
        ("{Closed: {before: 2024-03-01}}", "ab"),
    ],
)
def test_a_condition_holds_for_the_leads_that_meet_it(
    met: Met, condition: str, expected: str
) -> None:
    assert met(condition) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("{}", "expected a condition"),
        ("{Stage: {at_leest: 3}}", "at_leest"),
        ("{Stage: {at_least: many}}", "expected a number"),
        ("{Stag: [Lost]}", "Stag"),
        ("[]", "the list is empty"),
        ("Lost", "expected columns and values"),
    ],
)
def test_a_wrong_condition_is_an_error_at_its_line(met: Met, condition: str, message: str) -> None:
    with pytest.raises(LeadReadyError, match=message) as error:
        met(condition)
    assert "leadready.yaml:4:" in str(error.value.where)


def test_the_operators_and_groups_are_those_of_the_definition() -> None:
    assert set(OPERATORS) == set(serving.OPERATORS)
    assert set(GROUPS) == set(serving.GROUPS)


def _random_rule(rng: np.random.Generator, depth: int = 0) -> Any:
    if depth < 2 and rng.random() < 0.6:
        kind = str(rng.choice(GROUPS))
        return {kind: [_random_rule(rng, depth + 1) for _ in range(rng.integers(1, 4))]}
    column = str(rng.choice(["Stage", "Active", "Size"]))
    if column == "Size":
        operator, operand = rng.choice(["at_least", "at_most"]), int(rng.choice([5, 50, 500]))
    else:
        values = LEADS[column].dropna().unique().tolist()
        operator, operand = rng.choice(["one_of", "none_of"]), [str(rng.choice(values))]
    return {column: {str(operator): operand}}


def _as_definition(rule: Any) -> Any:
    ((name, content),) = rule.items()
    if name in GROUPS:
        return {name: [_as_definition(part) for part in content]}
    return {"id": name, "feature": name, **content}


def test_conditions_and_the_rules_of_the_definition_agree_on_every_lead(met: Met) -> None:
    rng = np.random.default_rng(0)
    X = LEADS.assign(Size=pd.to_numeric(LEADS["Size"]))
    for _ in range(15):
        rule = _random_rule(rng)
        verdicts = apply_rules(X, Group.from_content(_as_definition(rule), "all")).verdict
        ready = "".join(LEADS["Id"][np.asarray(verdicts) == "ready"])
        assert met(yaml.safe_dump(rule, default_flow_style=True, width=1000).strip()) == ready, rule


@pytest.mark.parametrize(
    ("as_of", "scored", "closed"),
    [
        ("2024-06-01", "efg", 4),  # d was lost on an unknown day
        ("2024-03-01", "cef", 3),  # c was lost later, g came later
        ("2024-01-15", "abcef", 1),
    ],
)
def test_only_leads_that_are_open_at_the_time_are_scored(
    met: Met, tmp_path: Path, as_of: str, scored: str, closed: int
) -> None:
    met("{Stage: Talks}")
    ws, time = read_workspace(tmp_path), pd.Timestamp(as_of)
    tables = read_tables(ws, leads=LEADS)
    assert "".join(moments_at(ws, tables, time)["lead_id"]) == scored
    assert count_closed(ws, tables, time) == closed
