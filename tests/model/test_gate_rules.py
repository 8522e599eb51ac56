"""The gate's checks against the definition, on both sides of each of their limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import gate_rules
from model.serving import Definition, Scorecard, Tolerance
from model.training.expected_directions import UnconstrainedCurve

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
AGREED = Definition.from_file(ARTIFACTS / "definition_format_1.yaml")


# -- never rules -----------------------------------------------------------------------------------


def decided(*rows: tuple[str, str]) -> pd.DataFrame:
    """Leads L-1, L-2 … with the verdict of the rules and the decision."""
    table = pd.DataFrame(rows, columns=["rules_verdict", "decision"])
    return table.assign(lead_id=[f"L-{place}" for place in range(1, len(table) + 1)])


def test_leads_that_the_rules_exclude_are_never_handed_off() -> None:
    others = ("ready", "hand off"), ("not ready", "nurture"), ("unknown", "never")
    result = gate_rules.never_rules_hold(decided(*others, ("never", "never")))
    assert result.passed
    assert result.observed == "1 lead excluded by the rules, 0 of them with another decision"


@pytest.mark.parametrize("decision", ["hand off", "nurture", "review"])
def test_a_single_excluded_lead_with_another_decision_is_refused_and_named(decision) -> None:
    result = gate_rules.never_rules_hold(decided(("never", "never"), ("never", decision)))
    assert not result.passed
    assert result.observed == "2 leads excluded by the rules, 1 of them with another decision"
    assert result.hint == "look at lead L-2"


# -- directions ------------------------------------------------------------------------------------


def card(points: list[float], kind: str = "number") -> Scorecard:
    """A scorecard of one feature, ``visits``, whose first bin is: missing."""
    size = len(points)
    bins: dict[str, Any] = {"cuts": [float(place) for place in range(1, size - 1)]}
    if kind == "category":
        bins = {"categories": [str(place) for place in range(size - 2)]}
    feature = {
        **{"name": "visits", "words": "page visits", "family": "engagement", "kind": kind},
        **bins,
        "points": points,
        "labels": [str(place) for place in range(size)],
    }
    return Scorecard.from_dict(
        {
            **{"format": 1, "base_rate": 0.1, "intercept": 0.0, "ready_at": 55.0},
            "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
            "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
            "features": [feature],
        }
    )


@pytest.mark.parametrize(
    ("points", "sign", "passed"),
    [
        ([0.0, -1.0, 0.0, 1.0], 1, True),
        ([0.0, -1.0, 0.0, 1.0], -1, False),
        ([0.0, 1.0, 0.0, -1.0], -1, True),
        ([0.0, 1.0, 0.0, -1.0], 1, False),
        ([0.0, -1.0, 1.0, 0.999], 1, False),  # a single step against the direction
        ([0.0, 2.0, 1.0, 3.0], 1, False),
        ([9.0, -1.0, 0.0, 1.0], 1, True),  # what is missing has no place in the order
        ([0.0, 1.0, 1.0, 1.0], 1, True),
        ([0.0, 1.0, 1.0, 1.0 - 5e-10], 1, True),  # rounding
        ([0.0, 0.0, 0.0, -1e-9], 1, True),
        ([0.0, 1.0, 1.0, 1.0 - 2e-9], 1, False),
    ],
)
def test_curves_go_as_expected(points, sign, passed) -> None:
    result = gate_rules.directions_hold(card(points), {"visits": sign})
    assert result.passed is passed
    assert passed or result.observed == "against the expected direction: page visits"
    assert passed or "expect:" in result.hint


def test_categories_and_unused_features_have_no_direction() -> None:
    falling = [0.0, 3.0, 2.0, 1.0]
    assert gate_rules.directions_hold(card(falling, "category"), {"visits": 1}).passed
    result = gate_rules.directions_hold(card(falling), {"size": 1, "visits": -1})
    assert result.passed
    assert result.observed == "1 of 2 expected directions are used, all hold"
    assert gate_rules.directions_hold(card(falling), {}).observed == "no direction is expected"


def curve(words: str, contradicted: bool) -> UnconstrainedCurve:
    return UnconstrainedCurve(
        *("visits", words, "increasing", ["under 2", "2 or more"], [2.0]),
        *([1.0, -1.0], [0.5, -1.5], [1.5, -0.5], contradicted),
        finding="2 or more is worth less than under 2" if contradicted else None,
    )


def test_data_against_an_expected_direction_is_reported_and_passes() -> None:
    curves = [curve("page visits", contradicted=True), curve("employees", contradicted=False)]
    result = gate_rules.directions_hold(card([0.0, -1.0, 1.0]), {"visits": 1}, curves)
    assert result.passed
    assert result.observed == (
        "1 of 1 expected directions are used, all hold; without the constraint, the data points "
        "the other way for page visits (2 or more is worth less than under 2)"
    )
    agreeing = gate_rules.directions_hold(card([0.0, -1.0, 1.0]), {"visits": 1}, curves[1:])
    assert agreeing.observed == "1 of 1 expected directions are used, all hold"


# -- examples --------------------------------------------------------------------------------------


def with_examples(examples: list[dict[str, Any]]) -> Definition:
    return Definition.from_dict({**AGREED.content, "examples": examples})


def test_every_example_must_get_the_agreed_verdict() -> None:
    result = gate_rules.examples_hold(AGREED)
    assert result.passed
    assert result.observed == f"{len(AGREED.examples)} examples, each as agreed"
    assert gate_rules.examples_hold(with_examples([])).observed == "no examples"


def test_a_single_example_with_another_verdict_is_refused_and_named() -> None:
    *others, last = AGREED.content["examples"]
    wrong = "never" if last["verdict"] != "never" else "ready"
    result = gate_rules.examples_hold(with_examples([*others, {**last, "verdict": wrong}]))
    assert not result.passed
    assert f"example {len(others) + 1} should be {wrong}" in result.observed
    assert result.hint


# -- agreement -------------------------------------------------------------------------------------


def agreement(**leads: int) -> pd.DataFrame:
    """So many leads of each kind of agreement."""
    kinds = [name.replace("_", " ") for name in leads]
    return pd.DataFrame({"agreement": np.repeat(np.array(kinds, object), list(leads.values()))})


@pytest.mark.parametrize(
    ("tolerance", "state"),
    [(0.75, "passed"), (0.76, "refused"), (None, "not asked"), (0.0, "passed")],
)
def test_model_and_rules_agree_as_often_as_agreed(tolerance, state) -> None:
    scored = agreement(agree=300, model_only=100, unknown=96)
    result = gate_rules.agrees_with_rules(scored, Tolerance(agreement=tolerance))
    assert result.state == state
    assert result.observed == "agreement on 75% of 400 leads with a verdict of the rules"
    assert tolerance is None or result.required == f"at least {tolerance:.0%}"


def test_leads_without_a_verdict_of_the_rules_count_neither_way() -> None:
    rules = Tolerance(agreement=0.9)
    right, wrong = (
        agreement(agree=90, rules_only=10, unknown=90),
        agreement(agree=80, rules_only=20),
    )
    assert gate_rules.agrees_with_rules(right, rules).state == "passed"
    assert gate_rules.agrees_with_rules(wrong, rules).state == "refused"
    without = gate_rules.agrees_with_rules(agreement(unknown=5), rules)
    assert (without.state, without.passed) == ("cannot tell", True)
    assert without.observed.startswith("the rules have no verdict on any lead")


def test_agreement_on_a_few_leads_cannot_tell_and_says_how_many_it_takes() -> None:
    result = gate_rules.agrees_with_rules(
        agreement(agree=3, model_only=1), Tolerance(agreement=0.8)
    )
    assert (result.state, result.passed) == ("cannot tell", True)
    assert result.observed.endswith("too few leads to tell, about 59 more would")


def test_without_a_tolerance_any_agreement_passes() -> None:
    result = gate_rules.agrees_with_rules(agreement(model_only=5), Tolerance())
    assert result.passed
    assert result.required == "the definition sets no tolerance"


SIZE = {"id": "size", "feature": "employees", "at_least": 50}
WEBINAR = {"id": "webinar", "feature": "webinars", "at_least": 1}
DEMO = {"id": "demo", "feature": "demos", "at_least": 1}


def on_criteria(leads: list[tuple[str, float | None, float, float]], tolerance: float | None):
    """The check for leads with: verdict of the model, employees, webinars, demos."""
    columns = ["model_verdict", "employees", "webinars", "demos"]
    table = pd.DataFrame(leads, columns=columns).astype(dict.fromkeys(columns[1:], float))
    rules: dict[str, Any] = {"ready_when": {"all": [SIZE, {"any": [WEBINAR, DEMO]}]}}
    if tolerance is not None:
        rules["tolerance"] = {"criterion": tolerance}
    return gate_rules.agrees_on_criteria(table, table, Definition.from_dict(rules))


@pytest.mark.parametrize(("tolerance", "passed"), [(0.75, True), (0.76, False), (None, True)])
def test_enough_of_the_leads_called_ready_meet_each_criterion(tolerance, passed) -> None:
    met, unmet = [("ready", 60.0, 1, 0)] * 300, [("ready", 40.0, 0, 1)] * 100
    result = on_criteria([*met, *unmet, *[("not ready", 10.0, 0, 0)] * 9], tolerance)
    assert result.passed is passed
    assert result.observed == "of the leads that the model calls ready, 300 of 400 (75%) meet size"
    without = "the definition sets no tolerance"
    assert result.required == (f"at least {tolerance:.0%} for each" if tolerance else without)


def test_leads_with_an_unknown_criterion_count_neither_way() -> None:
    known = [("ready", 60.0, 1, 0)] * 300 + [("ready", 40.0, 1, 0)] * 100
    result = on_criteria([*known, *[("ready", None, 1, 0)] * 5], 0.75)
    assert result.passed
    assert "300 of 400 (75%) meet size" in result.observed
    assert not on_criteria([*known, ("ready", 40.0, 1, 0)], 0.75).passed


@pytest.mark.parametrize(("met", "unmet"), [(3, 1), (1, 1)])
def test_a_few_leads_called_ready_do_not_tell(met, unmet) -> None:
    leads = [("ready", 60.0, 1, 0)] * met + [("ready", 40.0, 1, 0)] * unmet
    result = on_criteria(leads, 0.7)
    assert (result.state, result.passed) == ("cannot tell", True)
    assert result.observed.endswith(": too few leads to tell")


def test_a_criterion_that_is_surely_missed_is_refused_beside_one_that_nobody_can_tell() -> None:
    leads = [("ready", 60.0, 0, 0)] * 3 + [("ready", None, 0, 0)] * 200
    result = on_criteria(leads, 0.7)
    assert result.state == "refused"
    assert "meet size" not in result.observed


def test_every_criterion_below_the_tolerance_is_named_the_lowest_first() -> None:
    leads = [("ready", 60.0, 0, 0)] * 300 + [("ready", 40.0, 1, 0)] * 200
    observed = on_criteria(leads, 0.9).observed
    assert observed.endswith("200 of 500 (40%) meet webinar or demo; 300 of 500 (60%) meet size")
    assert on_criteria(leads, 0.5).observed.endswith("ready, 200 of 500 (40%) meet webinar or demo")


def test_the_lowest_share_comes_first_not_the_lowest_count() -> None:
    leads = [("ready", 60.0, 1, 0)] * 3 + [("ready", 40.0, 1, 0)] + [("ready", None, 0, 0)] * 6
    assert on_criteria(leads, None).observed.endswith("4 of 10 (40%) meet webinar or demo")


def test_where_no_lead_is_called_ready_there_is_nothing_to_count() -> None:
    result = on_criteria([("not ready", 10.0, 0, 0)], 0.9)
    assert result.passed
    assert result.observed == "no lead that the model calls ready has a known criterion"


def test_a_draft_is_reported_and_not_required() -> None:
    failed = gate_rules.agrees_with_rules(
        pd.DataFrame({"agreement": ["model only"] * 4}), Tolerance(agreement=0.9)
    )
    check = gate_rules.not_asked_of_a_draft(failed)
    assert (failed.passed, check.passed) == (False, True)
    assert check.observed == failed.observed
    assert check.required.startswith("not asked")


def test_a_definition_is_a_draft_until_somebody_signs() -> None:
    content = {k: v for k, v in AGREED.content.items() if k != "agreed"}
    draft = Definition.from_dict({**content, "draft": True})
    assert draft.draft
    assert draft.digest == Definition.from_dict(content).digest
    signature = {"team": "sales", "name": "A", "on": "2026-10-01", "digest": draft.digest}
    assert not Definition.from_dict({**draft.content, "agreed": [signature]}).draft
