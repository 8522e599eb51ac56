"""Reading a definition: every valid file is accepted, every wrong line is named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from features.errors import LeadReadyError
from features.families.feature import Feature
from model.definition.read import check_same_terms, read_definition
from model.serving import Criterion, Definition

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
KNOWN = [
    Feature("employees", "employees", "firmographic", "number", "people"),
    Feature("revenue", "revenue", "firmographic", "number"),
    Feature("seniority", "seniority", "role", "category"),
    Feature("job_function", "job function", "role", "category"),
    Feature(
        "webinars_attended_30d", "webinars attended in the last 30 days", "engagement", "number"
    ),
    Feature("emails_opened_30d", "emails opened in the last 30 days", "engagement", "number"),
]
RULES = """\
version: 4
ready_when:
  all:
    - {id: right-size, feature: employees, at_least: 50}
"""


def read(tmp_path: Path, text: str, known: Any = KNOWN) -> Definition:
    path = tmp_path / "definition.yaml"
    path.write_text(text, encoding="utf-8")
    return read_definition(path, known)


def error(tmp_path: Path, text: str, known: Any = KNOWN) -> tuple[str, str | None]:
    """What is said of a file that is wrong, without the folder."""
    with pytest.raises(LeadReadyError) as caught:
        read(tmp_path, text, known)
    return str(caught.value).replace(f"{tmp_path}/", ""), caught.value.hint


def test_everything_that_a_definition_may_hold_is_accepted(tmp_path: Path) -> None:
    text = (ARTIFACTS / "definition_format_1.yaml").read_text()
    content = Definition.from_file(ARTIFACTS / "definition_format_1.yaml").content
    names = [feature.name for feature in KNOWN]
    for known in (KNOWN, names, None):
        assert read(tmp_path, text, known).content == content


def test_every_operator_and_group_is_accepted(tmp_path: Path) -> None:
    text = """
version: 2026-10
ready_when:
  all:
    - {id: a, feature: employees, at_least: 50, asked_by: sales, because: smaller ones churn}
    - {id: b, feature: employees, at_most: 5000}
    - {id: c, feature: revenue, between: [0, 1.5]}
    - {id: d, feature: revenue, is_missing: false}
  any:
    - {id: e, feature: seniority, one_of: [vp, 3, true]}
    - {id: f, feature: seniority, none_of: [student]}
    - {id: g, feature: employees, equals: 7}
  none:
    - all:
        - {id: h, feature: known_since, before: 2024-01-01}
        - {id: i, feature: known_since, after: 2023-01-01}
never_when:
  any: [{id: j, feature: job_function, equals: no}]
"""
    names = [*(feature.name for feature in KNOWN), "known_since"]
    definition = read(tmp_path, text, names)
    assert [criterion.id for criterion in definition.criteria] == list("abcdefghij")
    assert definition.never.rules == (Criterion("j", "job_function", "equals", "no"),)


# -- errors: exactly what is read -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "says", "hint"),
    [
        (
            "{id: x, feature: employes, at_least: 50}",
            "definition.yaml:4:26: unknown feature 'employes'; did you mean 'employees'?",
            "leadready check lists the features",
        ),
        (
            "{id: x, feature: employees, at_leest: 50}",
            "definition.yaml:4:37: unknown key 'at_leest'; did you mean 'at_least' or 'at_most'?",
            None,
        ),
        (
            "{id: x, feature: employees}",
            "definition.yaml:4:9: expected one of at_least, at_most, between, before, after, one_of, "
            "none_of, equals, is_missing, got nothing",
            None,
        ),
        (
            "{id: x, feature: employees, at_least: 5, at_most: 9}",
            "definition.yaml:4:9: expected one of at_least, at_most, between, before, after, one_of, "
            "none_of, equals, is_missing, got at_least and at_most",
            "write two criteria, or between: [low, high]",
        ),
        (
            "{id: x, feature: employees, at_least: many}",
            "definition.yaml:4:47: at_least: expected a number, got 'many'",
            None,
        ),
        (
            "{id: x, feature: employees, at_least: '50'}",
            "definition.yaml:4:47: at_least: expected a number, got '50'",
            None,
        ),
        (
            "{id: x, feature: employees, between: [9, 5]}",
            "definition.yaml:4:46: between: 9 is more than 5",
            "write  [5, 9]",
        ),
        (
            "{id: x, feature: employees, between: [9]}",
            "definition.yaml:4:46: between: expected 2 values, got 1",
            None,
        ),
        (
            "{id: x, feature: employees, one_of: [many]}",
            "definition.yaml:4:46: one_of: expected a number, got 'many'",
            None,
        ),
        (
            "{id: x, feature: seniority, at_least: 5}",
            "definition.yaml:4:47: at_least: this compares numbers, but seniority is a category",
            "write  one_of: [5]",
        ),
        (
            "{id: x, feature: seniority, one_of: vp}",
            "definition.yaml:4:45: one_of: expected a list, got 'vp'",
            "write  [vp]",
        ),
        (
            "{id: x, feature: seniority, one_of: []}",
            "definition.yaml:4:45: one_of: the list is empty",
            None,
        ),
        (
            "{id: x, feature: seniority, one_of: [vp, vp]}",
            "definition.yaml:4:50: one_of: 'vp' is in the list twice",
            None,
        ),
        (
            "{id: x, feature: seniority, one_of: [vp, null]}",
            "definition.yaml:4:50: one_of: expected one value, such as director, got nothing",
            "write  is_missing: true  to require a missing value",
        ),
        (
            "{id: x, feature: seniority, equals: [vp]}",
            "definition.yaml:4:45: equals: expected one value, such as director, got a list",
            None,
        ),
        (
            "{id: x, feature: seniority, is_missing: perhaps}",
            "definition.yaml:4:49: is_missing: expected true or false, got 'perhaps'",
            None,
        ),
        (
            "{id: x, feature: employees, before: 2024-01-01}",
            "definition.yaml:4:45: before: this compares dates, but employees is a number",
            "write  at_least: 5  or  at_most: 5",
        ),
        (
            "{id: x y, feature: employees, at_least: 5}",
            "definition.yaml:4:14: id: the id 'x y' must be one word",
            "write  id: x-y",
        ),
        (
            "{id: 7, feature: employees, at_least: 5}",
            "definition.yaml:4:14: id: expected a text, got 7",
            "write  '7'",
        ),
        ("{feature: employees, at_least: 5}", "definition.yaml:4:9: the key 'id' is missing", None),
        ("{id: x, at_least: 5}", "definition.yaml:4:9: the key 'feature' is missing", None),
        ("{any: []}", "definition.yaml:4:15: any: the list is empty", None),
        (
            "{any: [{id: x, feature: employees, at_least: 1}], feature: employees}",
            "definition.yaml:4:59: unknown key 'feature'; known: all, any, none",
            None,
        ),
        (
            "right-size",
            "definition.yaml:4:9: all: expected keys and values, got 'right-size'",
            None,
        ),
        (
            "{id: x, id: y, feature: employees, at_least: 1}",
            "definition.yaml:4:17: the key 'id' is repeated",
            None,
        ),
    ],
)
def test_a_wrong_criterion_is_pointed_at(
    tmp_path: Path, rule: str, says: str, hint: str | None
) -> None:
    text = f"version: 4\nready_when:\n  all:\n      - {rule}\n"
    assert error(tmp_path, text) == (says, hint)


def test_ids_are_unique_and_the_other_one_is_named(tmp_path: Path) -> None:
    never = "never_when:\n  - {id: right-size, feature: seniority, equals: student}\n"
    assert error(tmp_path, RULES + never)[0] == (
        "definition.yaml:6:10: id: the id 'right-size' is already used at definition.yaml:4:12"
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("redy_when: []", "5:1: unknown key 'redy_when'; did you mean 'ready_when'?"),
        ("horizon_days: 0", "5:15: horizon_days: expected a whole number of at least 1, got 0"),
        (
            "horizon_days: ninety",
            "5:15: horizon_days: expected a whole number of at least 1, got 'ninety'",
        ),
        ("moment: 7", "5:9: moment: expected a text, got 7"),
        ("terms: {lead: [a]}", "5:15: lead: expected a text, got a list"),
        ("teams: []", "5:8: teams: the list is empty"),
        (
            "expect: [{feature: employees, direction: up}]",
            "5:42: unknown direction 'up'; known: increasing, decreasing",
        ),
        (
            "expect: [{feature: employes, direction: increasing}]",
            "5:20: unknown feature 'employes'; did you mean 'employees'?",
        ),
        (
            "expect: [{feature: seniority, direction: increasing}]",
            "5:20: feature: seniority is a category, which has no direction",
        ),
        (
            "examples: [{lead: {employes: 1}, verdict: ready}]",
            "5:20: unknown feature 'employes'; did you mean 'employees'?",
        ),
        (
            "examples: [{lead: {employees: 1}, verdict: reddy}]",
            "5:44: unknown verdict 'reddy'; did you mean 'ready'?",
        ),
        (
            "examples: [{lead: {employees: many}, verdict: ready}]",
            "5:31: employees: expected a number, got 'many'",
        ),
        ("examples: [{verdict: ready}]", "5:12: the key 'lead' is missing"),
        (
            "handoff: {decide_by: dice}",
            "5:22: unknown decide_by 'dice'; known: review, rules, model",
        ),
        ("handoff: {explore: 1.5}", "5:20: explore: expected a number between 0 and 1, got 1.5"),
        ("handoff: {per_week: -3}", "5:21: per_week: expected a number at least 0, got -3"),
        ("handoff: {per_weak: 3}", "5:11: unknown key 'per_weak'; did you mean 'per_week'?"),
        (
            "tolerance: {agreement: 80}",
            "5:24: agreement: expected a number between 0 and 1, got 80",
        ),
        ("tolerance: {agrement: 0.8}", "5:13: unknown key 'agrement'; did you mean 'agreement'?"),
        (
            "agreed: [{team: sales, name: A, on: yesterday, digest: x}]",
            "5:37: on: expected a date such as 2026-10-01, got 'yesterday'",
        ),
        (
            "points: {threshold: 9, give: [{feature: employees, at_least: 1}]}",
            "5:31: the key 'points' is missing",
        ),
        (
            "points: {threshold: 9, give: [{feature: employees, at_least: x, points: 2}]}",
            "5:62: at_least: expected a number, got 'x'",
        ),
        ("3: x", "5:1: expected a text as key, got 3"),
        ("version: 5", "5:1: the key 'version' is repeated"),
    ],
)
def test_a_wrong_line_beside_the_rules_is_pointed_at(tmp_path: Path, line: str, says: str) -> None:
    assert error(tmp_path, f"{RULES}{line}\n")[0] == f"definition.yaml:{says}"


def test_a_signature_of_a_team_that_does_not_sign_is_pointed_at(tmp_path: Path) -> None:
    lines = "teams: [sales, marketing]\nagreed:\n"
    lines += "  - {team: slaes, name: A, on: 2026-01-01, digest: x}\n"
    assert error(tmp_path, RULES + lines)[0] == (
        "definition.yaml:7:12: unknown team 'slaes'; did you mean 'sales'?"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "definition.yaml:1:1: expected keys and values, such as  ready_when: …"),
        ("- a\n- b\n", "definition.yaml:1:1: expected keys and values, such as  ready_when: …"),
        ("version: 4\n", "definition.yaml:1:1: the key 'ready_when' is missing"),
        ("ready_when: []\nversion: 1", "definition.yaml:1:13: ready_when: the list is empty"),
        ("version: [4\n", "definition.yaml:2:1: not YAML: expected ',' or ']', but got"),
        ("version: 4\n\tready_when: []\n", "definition.yaml:2:1: not YAML: found character"),
        (
            "a: &x [1]\nversion: *x\n",
            "definition.yaml:2:10: not YAML: write it out instead of using *",
        ),
        ("ready_when: " + "[" * 5000, "definition.yaml: values are nested too deeply"),
        (
            "version: 1\nready_when: " + "[" * 20 + "]" * 20,
            "definition.yaml:2:26: groups are nested more than 12 deep",
        ),
    ],
)
def test_a_file_that_is_not_a_definition_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert error(tmp_path, text)[0].startswith(says)


def test_a_file_that_is_absent_or_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LeadReadyError, match="there is no definition") as caught:
        read_definition(tmp_path / "definition.yaml")
    assert "leadready init" in str(caught.value.hint)
    (tmp_path / "definition.yaml").write_bytes("terms: {lead: Käufer}".encode("latin-1"))
    with pytest.raises(LeadReadyError, match="cannot be read") as caught:
        read_definition(tmp_path / "definition.yaml")
    assert caught.value.hint == "save it as UTF-8 text"


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff" + RULES).version == "4"


# -- the same terms as the workspace --------------------------------------------------------------


def definition(**terms: Any) -> Definition:
    rules = [{"id": "size", "feature": "employees", "at_least": 50}]
    return Definition.from_dict({"ready_when": rules, **terms})


def workspace(moment: str | None, plus: int = 0, horizon: int | None = 90) -> Any:
    return SimpleNamespace(
        definition="definition.yaml",
        leads=SimpleNamespace(created="Created Time"),
        moment=SimpleNamespace(column=moment, plus_days=plus),
        outcome=SimpleNamespace(horizon_days=horizon),
    )


@pytest.mark.parametrize(
    ("terms", "ws"),
    [
        ({}, workspace("handed_off_at")),
        ({"moment": "handed_off_at", "horizon_days": 90}, workspace("handed_off_at")),
        ({"moment": "created"}, workspace(None)),
        ({"moment": "created"}, workspace("Created Time", 7)),
        ({"moment": "Created Time + 7 days"}, workspace(None, 7)),
        ({"moment": "created + 1 day"}, workspace(None, 1)),
    ],
)
def test_a_definition_with_the_terms_of_the_workspace_passes(
    terms: dict[str, Any], ws: Any
) -> None:
    check_same_terms(definition(**terms), ws)


@pytest.mark.parametrize(
    ("terms", "ws", "says"),
    [
        (
            {"horizon_days": 60},
            workspace(None),
            "the definition counts wins within 60 days, the workspace within 90 days",
        ),
        (
            {"horizon_days": 60},
            workspace(None, horizon=None),
            "the definition counts wins within 60 days, the workspace at any time",
        ),
        (
            {"moment": "handed_off_at"},
            workspace(None),
            "the definition judges leads at handed_off_at, the workspace at Created Time",
        ),
        (
            {"moment": "created"},
            workspace("handed_off_at"),
            "the definition judges leads at created, the workspace at handed_off_at",
        ),
        (
            {"moment": "created + 14 days"},
            workspace(None, 7),
            "the definition judges leads at created + 14 days, "
            "the workspace at Created Time + 7 days",
        ),
    ],
)
def test_a_definition_with_other_terms_than_the_workspace_is_refused(
    terms: dict[str, Any], ws: Any, says: str
) -> None:
    with pytest.raises(LeadReadyError) as caught:
        check_same_terms(definition(**terms), ws)
    assert caught.value.what == says
    assert caught.value.hint is not None
