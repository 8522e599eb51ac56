"""The three-valued rules against a plain evaluation, a single lead and rule at a time."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model import serving
from model.serving import (
    NO_RULES,
    Criterion,
    Definition,
    Group,
    Handoff,
    ServingError,
    Tolerance,
    digest,
)

ARTIFACTS = Path(__file__).parents[2] / "artifacts"

# -- an independent evaluation of the rules -------------------------------------------------------


def holds(rule: dict[str, Any], lead: dict[str, Any]) -> bool | None:
    """True, False, or None where it cannot be known; plain Python, no arrays, no De Morgan."""
    answers = []
    if "all" in rule:
        answers.append(conjunction([holds(part, lead) for part in rule["all"]]))
    if "any" in rule:
        failed = [opposite(holds(part, lead)) for part in rule["any"]]
        answers.append(opposite(conjunction(failed)))
    if "none" in rule:
        answers.append(conjunction([opposite(holds(part, lead)) for part in rule["none"]]))
    return conjunction(answers) if answers else criterion_holds(rule, lead[rule["feature"]])


def conjunction(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def opposite(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def criterion_holds(rule: dict[str, Any], value: Any) -> bool | None:
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    if "is_missing" in rule:
        return missing == rule["is_missing"]
    if missing:
        return None
    checks = {
        "at_least": lambda x: value >= x,
        "at_most": lambda x: value <= x,
        "between": lambda x: x[0] <= value <= x[1],
        "one_of": lambda x: value in x,
        "none_of": lambda x: value not in x,
        "equals": lambda x: value == x,
        "before": lambda x: value[:10] < x,  # ISO dates sort as text
        "after": lambda x: value[:10] > x,
    }
    (operator,) = checks.keys() & rule.keys()
    return checks[operator](rule[operator])


def verdict(definition: dict[str, Any], lead: dict[str, Any]) -> str:
    ready = holds({"all": definition["ready_when"]}, lead)
    never = holds({"any": definition["never_when"]}, lead) if definition["never_when"] else False
    if never:
        return "never"
    answer = conjunction([ready, opposite(never)])
    return {True: "ready", False: "not ready", None: "unknown"}[answer]


# -- random definitions and leads -----------------------------------------------------------------

NUMBERS = ["employees", "webinars"]
TEXTS = {"seniority": ["vp", "director", "student"], "country": ["NO", "yes", "3"]}
DAYS = ["2024-01-01", "2024-02-29", "2024-03-01"]
small = st.integers(-2, 4)


@st.composite
def criteria(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(["number", "text", "date", "missing"]))
    criterion: dict[str, Any] = {"id": f"c{draw(st.integers(0, 9999))}"}
    if kind == "number":
        operator = draw(st.sampled_from(["at_least", "at_most", "between", "one_of", "equals"]))
        operand: Any = {
            "between": st.tuples(small, small).map(sorted),
            "one_of": st.lists(small, min_size=1, max_size=3),
        }.get(operator, small)
        return criterion | {"feature": draw(st.sampled_from(NUMBERS)), operator: draw(operand)}
    if kind == "text":
        feature = draw(st.sampled_from(sorted(TEXTS)))
        operator = draw(st.sampled_from(["one_of", "none_of", "equals"]))
        values = st.sampled_from(TEXTS[feature])
        many = st.lists(values, min_size=1, max_size=2)
        return criterion | {
            "feature": feature,
            operator: draw(values if operator == "equals" else many),
        }
    if kind == "date":
        operator = draw(st.sampled_from(["before", "after"]))
        return criterion | {"feature": "seen_at", operator: draw(st.sampled_from(DAYS))}
    features = st.sampled_from([*NUMBERS, *TEXTS, "seen_at"])
    return criterion | {"feature": draw(features), "is_missing": draw(st.booleans())}


def groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.dictionaries(st.sampled_from(["all", "any", "none"]), lists, min_size=1, max_size=2)


rules = st.recursive(criteria(), groups, max_leaves=8)
definitions = st.fixed_dictionaries(
    {
        "ready_when": st.lists(rules, min_size=1, max_size=3),
        "never_when": st.lists(rules, max_size=2),
    }
)
leads = st.fixed_dictionaries(
    {name: st.none() | small.map(float) for name in NUMBERS}
    | {name: st.none() | st.sampled_from([*values, "else"]) for name, values in TEXTS.items()}
    | {"seen_at": st.none() | st.sampled_from([*DAYS, "2024-02-29 10:30:00"])}
)


@given(definitions, st.lists(leads, min_size=1, max_size=12))
def test_every_verdict_is_that_of_a_plain_evaluation(
    definition: dict[str, Any], table: list[dict[str, Any]]
) -> None:
    result = Definition.from_dict(definition).evaluate(pd.DataFrame(table))
    assert list(result.verdict) == [verdict(definition, lead) for lead in table]


@given(definitions, leads)
def test_filling_in_what_is_missing_never_turns_a_known_verdict(
    definition: dict[str, Any], lead: dict[str, Any]
) -> None:
    """Kleene's promise: a verdict that is not "unknown" stands whatever the missing values are."""
    if any(rule.operator == "is_missing" for rule in Definition.from_dict(definition).criteria):
        return
    full = {
        "employees": 1.0,
        "webinars": 2.0,
        "seniority": "vp",
        "country": "3",
        "seen_at": DAYS[1],
    }
    filled = {name: full[name] if value is None else value for name, value in lead.items()}
    before, after = Definition.from_dict(definition).evaluate(pd.DataFrame([lead, filled])).verdict
    assert before in ("unknown", after) or (before == "not ready" and after == "never")


@given(definitions, leads)
def test_what_is_missing_and_what_failed_explain_the_verdict(
    definition: dict[str, Any], lead: dict[str, Any]
) -> None:
    result = Definition.from_dict(definition).evaluate(pd.DataFrame([lead]))
    missing, failed = result.missing[0], result.failed[0]
    assert all(lead[name] is None for name in missing.split(", ") if name)
    if result.verdict[0] == "ready":
        assert (missing, failed) == ("", "")
    if result.verdict[0] == "unknown":
        assert missing
        assert failed == ""
    if result.verdict[0] in ("never", "not ready"):
        assert failed
    if result.verdict[0] == "never":
        assert missing == ""


# -- single rules -------------------------------------------------------------------------------

SIZE = {"id": "size", "feature": "employees", "at_least": 50}
BOSS = {"id": "boss", "feature": "seniority", "one_of": ["director", "vp"]}
MONEY = {"id": "money", "feature": "job_function", "equals": "finance"}
STUDENT = {"id": "student", "feature": "seniority", "equals": "student"}
AGREED = {"ready_when": {"all": [SIZE, {"any": [BOSS, MONEY]}]}, "never_when": [STUDENT]}


def verdict_on(**lead: Any) -> tuple[str, str, str]:
    result = Definition.from_dict(AGREED).evaluate(pd.DataFrame([lead]))
    return result.verdict[0], result.failed[0], result.missing[0]


def test_a_satisfied_choice_asks_for_nothing_more() -> None:
    assert verdict_on(employees=50, seniority="vp", job_function=None) == ("ready", "", "")


def test_a_failed_choice_names_every_way_it_could_have_held() -> None:
    assert verdict_on(employees=50, seniority="other", job_function="it") == (
        "not ready",
        "boss, money",
        "",
    )


def test_an_open_choice_names_what_is_missing_but_not_what_failed_beside_it() -> None:
    assert verdict_on(employees=50, seniority="other", job_function=None) == (
        "unknown",
        "",
        "job_function",
    )


def test_a_missing_value_is_unknown_even_where_another_criterion_has_failed() -> None:
    assert verdict_on(employees=49, seniority="vp", job_function=None) == ("not ready", "size", "")
    assert verdict_on(employees=49, seniority=None, job_function="it") == (
        "not ready",
        "size",
        "seniority",
    )


def test_a_never_rule_is_named_alone() -> None:
    assert verdict_on(employees=1, seniority="student", job_function=None) == (
        "never",
        "student",
        "",
    )


def test_an_unknown_never_rule_leaves_a_ready_lead_unknown() -> None:
    assert verdict_on(employees=99, seniority=None, job_function="finance") == (
        "unknown",
        "",
        "seniority",
    )


def test_missing_features_are_named_in_words_where_there_are_some() -> None:
    X = pd.DataFrame({"employees": [None], "seniority": ["vp"], "job_function": ["it"]})
    result = Definition.from_dict(AGREED).evaluate(X, {"employees": "number of employees"})
    assert list(result.missing) == ["number of employees"]


def test_more_criteria_than_bits_in_a_word() -> None:
    many = [{"id": f"c{i}", "feature": "employees", "at_least": i} for i in range(150)]
    result = Definition.from_dict({"ready_when": many}).evaluate(
        pd.DataFrame({"employees": [0, 148]})
    )
    assert list(result.failed) == [", ".join(f"c{i}" for i in range(1, 150)), "c149"]


def test_dates_are_whole_days_in_utc() -> None:
    later = Definition.from_dict(
        {"ready_when": [{"id": "d", "feature": "at", "after": "2024-01-01"}]}
    )
    times = pd.to_datetime(["2024-01-01 23:59", "2024-01-02 00:00", None])
    assert list(later.evaluate(pd.DataFrame({"at": times})).verdict) == [
        "not ready",
        "ready",
        "unknown",
    ]
    abroad = times.tz_localize("UTC").tz_convert("Asia/Tokyo")  # 08:59 on the 2nd there
    assert later.evaluate(pd.DataFrame({"at": abroad})).verdict[0] == "not ready"


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["vp", None]),
        pd.Series(["vp", None], dtype="object"),
        pd.Series(["vp", None], dtype="category"),
        pd.Series(["vp", None], dtype="string[pyarrow]"),
        pd.Series(["vp", np.nan], dtype="object"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_text_of_any_kind_reads_the_same(column: pd.Series) -> None:
    result = Definition.from_dict({"ready_when": [BOSS]}).evaluate(
        pd.DataFrame({"seniority": column})
    )
    assert list(result.verdict) == ["ready", "unknown"]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float32", "bool", "object", "int8[pyarrow]"])
def test_numbers_of_any_kind_read_the_same(dtype: str) -> None:
    X = pd.DataFrame({"webinars": pd.Series([0, 1], dtype=dtype)})
    rules = [{"id": "w", "feature": "webinars", "at_least": 1}]
    result = Definition.from_dict({"ready_when": rules}).evaluate(X)
    assert list(result.verdict) == ["not ready", "ready"]


def test_true_and_yes_are_the_same_answer() -> None:
    flag = {"ready_when": [{"id": "f", "feature": "do_not_email", "equals": True}]}
    X = pd.DataFrame({"do_not_email": ["yes", "no", None]})
    assert list(Definition.from_dict(flag).evaluate(X).verdict) == ["ready", "not ready", "unknown"]
    flags = pd.DataFrame({"do_not_email": [True, False]})
    assert list(Definition.from_dict(flag).evaluate(flags).verdict) == ["ready", "not ready"]


# -- what cannot be used is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, "the definition is damaged: the key 'ready_when' is missing"),
        ({"ready_when": []}, "the list under 'all' is empty"),
        ({"ready_when": [{"any": []}]}, "the list under 'any' is empty"),
        ({"ready_when": {"none": {"any": [SIZE]}}}, "the definition is damaged"),
        ({"ready_when": [[SIZE]]}, "the definition is damaged"),
        ({"ready_when": [{"feature": "f", "at_least": 1}]}, "the key 'id' is missing"),
        ({"ready_when": [SIZE], "handoff": {"explore": 2}}, "explore must be a share"),
        ({"ready_when": [SIZE], "handoff": {"explore": None}}, "the definition is damaged"),
        ({"ready_when": [{"id": "x", "feature": "f"}]}, "criterion 'x' needs one of at_least,"),
        ({"ready_when": [SIZE | {"at_most": 9}]}, "criterion 'size' needs one of at_least,"),
        ({"ready_when": [SIZE | {"at_least": "many"}]}, "the definition is damaged"),
        (
            {"ready_when": [SIZE], "handoff": {"decide_by": "dice"}},
            "decide_by must be one of review",
        ),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused(content: dict[str, Any], says: str) -> None:
    with pytest.raises(ServingError) as error:
        Definition.from_dict(content)
    assert says in str(error.value)


def test_a_column_that_is_absent_is_named() -> None:
    with pytest.raises(ServingError, match="2 of 3 columns are not in the table: seniority, job_f"):
        Definition.from_dict(AGREED).evaluate(pd.DataFrame({"employees": [1]}))


def test_text_in_a_column_of_numbers_is_named() -> None:
    X = pd.DataFrame({"employees": ["many"]})
    with pytest.raises(ServingError, match="column 'employees' must contain numbers"):
        Definition.from_dict({"ready_when": [SIZE]}).evaluate(X)


def test_numbers_in_a_column_of_dates_are_named() -> None:
    later = {"ready_when": [{"id": "d", "feature": "at", "after": "2024-01-01"}]}
    with pytest.raises(ServingError, match="column 'at' must contain dates such as 2026-10-01"):
        Definition.from_dict(later).evaluate(pd.DataFrame({"at": [20240105.5]}))


def test_every_part_of_a_definition_has_its_type() -> None:
    definition = Definition.from_file(ARTIFACTS / "definition_format_1.yaml")
    size, boss = definition.criteria[:2]
    assert size == Criterion(
        "right-size", "employees", "at_least", 50, "sales", "smaller ones churn"
    )
    assert size.operands == (50,)
    assert boss.operands == boss.operand == ("director", "vp", "c_level")
    assert [rule.id for rule in definition.ready.criteria] == [
        "right-size",
        "decision-maker",
        "finance",
        "webinar",
        "reader",
    ]
    assert definition.never == Group("any", definition.criteria[5:])
    assert definition.features[:2] == ("employees", "seniority")
    assert (definition.name, definition.version) == ("sales-ready lead", "4")
    assert (definition.moment, definition.horizon_days) == ("handed_off_at", 90)
    assert definition.directions == {"webinars_attended_30d": 1}
    assert definition.points.threshold == 50
    assert definition.points.give[0] == (Criterion("", "emails_opened_30d", "at_least", 1), 5)
    assert definition.examples[1].verdict == "never"
    assert definition.handoff == Handoff("review", 200, 48, 0.5)
    assert definition.tolerance == Tolerance(agreement=0.8)
    assert definition.signatures[0][:3] == ("sales", "Ann", "2026-10-01")
    assert definition.signed_by == definition.teams == ("sales", "marketing")


def test_a_bare_definition_has_the_defaults() -> None:
    definition = Definition.from_dict({"ready_when": [SIZE]})
    assert definition.never == NO_RULES
    assert (definition.handoff, definition.tolerance) == (Handoff(), Tolerance())
    assert (definition.points.threshold, definition.points.give) == (None, ())
    assert (definition.expect, definition.examples, definition.signatures) == ((), (), ())
    assert definition.teams == ("sales", "marketing")


@pytest.mark.parametrize(
    "rule", [SIZE | {"asked_by": "sales"}, BOSS, BOSS | {"because": "they sign"}]
)
def test_a_criterion_reads_back_as_it_was(rule: dict[str, Any]) -> None:
    assert Criterion.from_dict(rule).to_dict() == rule


def test_several_kinds_in_a_group_must_hold_together() -> None:
    mixed = {"any": [BOSS, MONEY], "all": [SIZE], "none": [STUDENT]}
    size, boss, money, student = map(Criterion.from_dict, (SIZE, BOSS, MONEY, STUDENT))
    assert Definition.from_dict({"ready_when": mixed}).ready == Group(
        "all", (Group("all", (size,)), Group("any", (boss, money)), Group("none", (student,)))
    )


@pytest.mark.parametrize("rules", [SIZE, [SIZE], {"all": [SIZE]}])
def test_a_single_criterion_is_a_group_of_its_own(rules: Any) -> None:
    group = (Criterion.from_dict(SIZE),)
    definition = Definition.from_dict({"ready_when": rules, "never_when": SIZE})
    assert (definition.ready, definition.never) == (Group("all", group), Group("any", group))


# -- signatures -----------------------------------------------------------------------------------


def test_one_changed_character_of_a_criterion_voids_a_signature() -> None:
    agreed = [{"team": team, "digest": digest(AGREED)} for team in ("sales", "marketing")]
    signed = Definition.from_dict(AGREED | {"agreed": agreed})
    assert signed.signed_by == ("sales", "marketing")
    assert signed.signed
    tampered = AGREED | {"never_when": [STUDENT | {"equals": "studant"}], "agreed": agreed}
    assert Definition.from_dict(tampered).signed_by == ()
    assert not Definition.from_dict(tampered).signed


def test_every_team_that_has_to_sign_must_have_signed() -> None:
    content = AGREED | {"teams": ["sales", "legal"]}
    sales = {"team": "sales", "digest": digest(content)}
    assert not Definition.from_dict(content | {"agreed": [sales]}).signed
    both = [sales, {"team": "legal", "digest": digest(content)}]
    assert Definition.from_dict(content | {"agreed": both}).signed


def test_a_definition_means_the_same_as_yaml_and_as_json(tmp_path: Any) -> None:
    text = """
version: 4
ready_when:
  - {id: country, feature: country, one_of: [NO, on, 012, 12:30, 2026-10-01, 1_000, 1e5]}
  - {id: size, feature: employees, between: [5.0e+1, 1000.]}
never_when: [{id: gone, feature: do_not_email, equals: true}]
agreed: [{team: sales, name: A, on: 2026-10-01, digest: x}]
"""
    (tmp_path / "definition.yaml").write_text(text)
    read = Definition.from_file(tmp_path / "definition.yaml")
    assert read.content["ready_when"][0]["one_of"] == [
        "NO",
        "on",
        "012",
        "12:30",
        "2026-10-01",
        "1_000",
        "1e5",
    ]
    assert read.content["ready_when"][1]["between"] == [50.0, 1000.0]
    assert read.content["agreed"][0]["on"] == "2026-10-01"
    (tmp_path / "definition.json").write_text(serving.json.dumps(read.content))
    assert Definition.from_file(tmp_path / "definition.json").digest == read.digest


printed = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]))
looks_like_more = st.from_regex(r"[-+.0-9eEyn_:~]{0,6}", fullmatch=True)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.one_of(printed, looks_like_more, st.integers(), st.booleans(), finite))
def test_what_any_yaml_writer_writes_is_read_as_it_was(value: Any) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=True)
    read = yaml.load(text, serving.Yaml)["value"]
    assert (read, type(read)) == (value, type(value))


def test_a_score_names_the_definition_and_says_where_it_is_not_signed() -> None:
    content = AGREED | {"version": 4, "teams": ["sales"]}
    signed = content | {"agreed": [{"team": "sales", "digest": digest(content)}]}
    assert Definition.from_dict(content).version_label == "4 (not signed)"
    assert Definition.from_dict(signed).version_label == "4"


def test_content_that_was_changed_after_it_was_signed_is_refused() -> None:
    agreed = [{"team": "sales", "digest": digest(AGREED)}]
    signed = Definition.from_dict(AGREED | {"agreed": agreed})
    assert signed.intact() is signed
    tampered = AGREED | {"never_when": [STUDENT | {"equals": "studant"}], "agreed": agreed}
    with pytest.raises(ServingError, match="the definition was changed after sales signed it"):
        Definition.from_dict(tampered).intact()
