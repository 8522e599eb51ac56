"""The limits of the served file, each on both sides; and its defaults."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import serving
from model.serving import Criterion, Definition, Scorecard, ServingError, digest, score_chunks
from tests.model.test_serving import CARD, NOW, random_leads

WHOLE = json.loads(
    (Path(__file__).parents[1] / "artifacts" / "scorecard_format_2.json").read_text("utf-8")
)
RULES = {"ready_when": [{"id": "size", "feature": "employees", "at_least": 50}]}


def number(cuts: list[float], points: list[float], name: str = "size") -> dict[str, Any]:
    """A feature with numbers; its labels are its points."""
    labels = [str(each) for each in points]
    line = {"name": name, "kind": "number", "family": "firmographic", "cuts": cuts}
    return line | {"points": points, "labels": labels}


def scorecard(*features: dict[str, Any], **change: Any) -> Scorecard:
    return Scorecard.from_dict(CARD | {"features": list(features), "pairs": []} | change)


def scored(X: pd.DataFrame, card: Scorecard, rules: dict[str, Any] = RULES, **options: Any) -> Any:
    return serving.score_leads(X.assign(employees=60), card, Definition.from_dict(rules), **options)


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    assert str(ServingError("it is damaged")) == "it is damaged"
    assert str(ServingError("it is damaged", "restore it")) == "it is damaged (hint: restore it)"


# -- the scorecard ---------------------------------------------------------------------------------


@pytest.mark.parametrize("cuts", [[50.0, 50.0], [50.0, 20.0, 80.0], [math.nan], [math.inf]])
def test_cuts_that_do_not_rise_are_refused(cuts: list[float]) -> None:
    with pytest.raises(ServingError, match="must be finite and rising"):
        scorecard(number(cuts, [0.0] * (len(cuts) + 2)))


def test_cuts_may_be_close() -> None:
    card = scorecard(number([0.1, 0.2], [0.0, 1.0, 2.0, 3.0]))
    assert card.points(pd.DataFrame({"size": [0.0, 0.15, 0.2]})).ravel().tolist() == [1, 2, 3]


@pytest.mark.parametrize(("points", "is_read"), [(2**31 - 1, True), (2**31, False)])
def test_whole_points_fit_into_32_bits(points: int, is_read: bool) -> None:
    line = number([50.0], [0, -points, points])
    if is_read:
        assert Scorecard.from_dict(WHOLE | {"lines": [line]}).score(
            pd.DataFrame({"size": [60]})
        ) == [WHOLE["start"] + points]
    else:
        with pytest.raises(ServingError, match="must be whole numbers"):
            Scorecard.from_dict(WHOLE | {"lines": [line]})


def test_format_2_has_no_pairs() -> None:
    X = random_leads(20)
    assert (
        Scorecard.from_dict(WHOLE | {"pairs": CARD["pairs"]}).score(X).tolist()
        == Scorecard.from_dict(WHOLE).score(X).tolist()
    )


def unpredictable(*, below: float = -1.0, **change: Any) -> dict[str, Any]:
    feature = {"name": "size", "kind": "number", "cuts": [50.0], "log_odds": [0, -1.0, 1.0]}
    kind = {"says": "hardly any worked", "below": below, "intercept": 0, "features": [feature]}
    return kind | change


def warnings(*kinds: dict[str, Any]) -> list[str]:
    """Warnings on a small lead and on a large one."""
    X = pd.DataFrame({"size": [20, 60]})
    return list(scorecard(no_claim=list(kinds)).warnings(X))


def test_a_lead_has_no_prediction_below_the_limit_and_not_at_it() -> None:
    assert warnings(unpredictable(below=-0.99)) == ["hardly any worked", ""]
    assert warnings(unpredictable(below=-1.0)) == ["", ""]


def test_two_kinds_of_lead_may_have_the_same_reason() -> None:
    small = unpredictable(below=0)
    large = unpredictable(below=0)
    large["features"] = [{**small["features"][0], "log_odds": [0, 1.0, -1.0]}]
    assert warnings(small, large) == ["hardly any worked"] * 2


def test_a_kind_of_lead_without_features_is_refused() -> None:
    with pytest.raises(ServingError, match="'hardly any worked' names no feature"):
        warnings(unpredictable(features=[]))


def test_explain_gives_missing_values_as_none() -> None:
    card = scorecard(number([50.0], [-1.0, 2.0, 3.0]))
    for value in (None, math.nan):
        (part,) = card.explain({"size": value})
        assert (part.values, part.label, part.points) == ([None], "-1.0", -1.0)


# -- reasons ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "pro", "con"),
    [
        (0.05, "size: 0.05 (+0.1)", ""),
        (0.049, "", ""),
        (-0.05, "", "size: -0.05 (-0.1)"),
        (-0.049, "", ""),
        (0.09, "size: 0.09 (+0.1)", ""),
    ],
)
def test_the_smallest_points_that_are_a_reason(points: float, pro: str, con: str) -> None:
    card = scorecard(number([50.0], [0.0, 9.0, points]))
    lead = scored(pd.DataFrame({"size": [60]}), card).iloc[0]
    assert (lead["reasons_for"], lead["reasons_against"]) == (pro, con)


def test_three_reasons_are_given_unless_told() -> None:
    names = ["a", "b", "c", "d", "e", "f", "g", "h"]
    points = [8.0, 7.0, 6.0, 5.0, -1.0, -2.0, -3.0, -4.0]
    features = [number([], [0.0, each], name) for name, each in zip(names, points, strict=True)]
    lead = scored(pd.DataFrame([dict.fromkeys(names, 1)]), scorecard(*features)).iloc[0]
    assert lead["reasons_for"] == "a: 8.0 (+8.0); b: 7.0 (+7.0); c: 6.0 (+6.0)"
    assert lead["reasons_against"] == "h: -4.0 (-4.0); g: -3.0 (-3.0); f: -2.0 (-2.0)"


# -- rules and definition --------------------------------------------------------------------------


def verdicts(rule: dict[str, Any], values: list[Any]) -> list[str]:
    content = {"ready_when": [{"id": "rule", "feature": "value"} | rule]}
    X = pd.DataFrame({"value": pd.Series(values, dtype="object")})
    return list(Definition.from_dict(content).evaluate(X).verdict)


YES, NO, OPEN = "ready", "not ready", "unknown"


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ({"at_least": 2}, [1, 2, 3, None], [NO, YES, YES, OPEN]),
        ({"at_most": 2}, [1, 2, 3, None], [YES, YES, NO, OPEN]),
        ({"between": [2, 4]}, [1, 2, 4, 5, None], [NO, YES, YES, NO, OPEN]),
        (
            {"before": "2024-03-01"},
            ["2024-02-28", "2024-02-29 23:59", "2024-03-01 00:00", None],
            [YES, YES, NO, OPEN],
        ),
        (
            {"after": "2024-03-01"},
            ["2024-03-01 23:59", "2024-03-02 00:00", "2024-03-03", None],
            [NO, YES, YES, OPEN],
        ),
        ({"one_of": ["a", "b"]}, ["a", "b", "c", None], [YES, YES, NO, OPEN]),
        ({"none_of": ["a", "b"]}, ["a", "b", "c", None], [NO, NO, YES, OPEN]),
        ({"equals": 3}, ["3", "03", "3.0", None], [YES, NO, NO, OPEN]),
        ({"equals": 3}, [3.0, 3.5, math.nan], [YES, NO, OPEN]),
        ({"equals": 3}, [3, 4], [YES, NO]),
        ({"is_missing": True}, ["a", None], [NO, YES]),
        ({"is_missing": False}, ["a", None], [YES, NO]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_operator_on_both_sides_of_its_limits(
    rule: dict[str, Any], values: list[Any], expected: list[str]
) -> None:
    assert verdicts(rule, values) == expected


def test_a_criterion_is_1_where_it_holds_minus_1_where_it_fails_and_0_where_it_is_open() -> None:
    X = pd.DataFrame({"value": [2.0, 1.0, math.nan]})
    for operator, operand in (("at_least", 2), ("one_of", (2,))):
        criterion = Criterion("", "value", operator, operand)
        assert serving.holds(criterion, X).tolist() == [1, -1, 0]
    assert serving.holds(Criterion("", "value", "is_missing", True), X).tolist() == [-1, -1, 1]


def test_each_combination_of_failed_criteria_is_named() -> None:
    rules = [{"id": name, "feature": name, "equals": 1} for name in "abc"]
    combinations = pd.DataFrame(
        [{name: number >> place & 1 for place, name in enumerate("abc")} for number in range(8)]
    )
    failed = Definition.from_dict({"ready_when": rules}).evaluate(combinations).failed
    assert list(failed) == ["a, b, c", "b, c", "a, c", "c", "a, b", "b", "a", ""]


def test_the_terms_and_the_reasons_of_a_definition_are_read() -> None:
    example = {"lead": {"employees": 60}, "verdict": "ready", "because": "closed", "id": "x"}
    content = RULES | {"terms": {"lead": "a person"}, "examples": [example], "teams": ["sales"]}
    definition = Definition.from_dict(content)
    assert definition.terms == {"lead": "a person"}
    assert definition.examples[0] == ({"employees": 60}, "ready", "closed", "x")
    assert definition.teams == ("sales",)


def test_what_is_not_agreed_has_its_default_and_other_keys_are_ignored() -> None:
    definition = Definition.from_dict(RULES | {"handoff": {"per_week": 20, "note": "from May"}})
    assert definition.handoff == ("review", 20, None, 0)
    assert definition.tolerance == (None, None, None, None)


def test_directions_are_signs() -> None:
    expect = [
        {"feature": "a", "direction": "increasing"},
        {"feature": "b", "direction": "decreasing"},
    ]
    assert Definition.from_dict(RULES | {"expect": expect}).directions == {"a": 1, "b": -1}


def test_groups_are_written_as_they_are_read() -> None:
    rule = RULES["ready_when"][0]
    content = {"any": [rule, {"none": [rule]}]}
    assert Definition.from_dict({"ready_when": content}).ready.to_dict() == content


def test_small_numbers_in_json_are_numbers(tmp_path: Path) -> None:
    """Python writes 0.00001 as 1e-05, which is a text in our YAML."""
    rule = RULES["ready_when"][0] | {"at_least": 0.00001}
    (tmp_path / "definition.json").write_text(json.dumps({"ready_when": [rule]}), encoding="utf-8")
    (size,) = Definition.from_file(tmp_path / "definition.json").criteria
    assert size.operand == 0.00001


def test_points_may_be_given_without_a_threshold_and_the_other_way_round() -> None:
    given = {"feature": "employees", "at_least": 1, "points": 5}
    points = Definition.from_dict(RULES | {"points": {"give": [given]}}).points
    assert points == (None, ((Criterion("", "employees", "at_least", 1), 5),))
    assert Definition.from_dict(RULES | {"points": {"threshold": 40}}).points == (40, ())


@pytest.mark.parametrize(
    ("explore", "is_read"), [(0, True), (1, True), (-0.01, False), (1.01, False)]
)
def test_the_share_to_explore_is_between_0_and_1(explore: float, is_read: bool) -> None:
    content = RULES | {"handoff": {"explore": explore}}
    if is_read:
        assert Definition.from_dict(content).handoff.explore == explore
    else:
        with pytest.raises(ServingError, match="explore must be a share between 0 and 1"):
            Definition.from_dict(content)


def test_a_digest_is_that_of_the_sorted_text_without_signatures() -> None:
    content = {"version": 1, "name": "Entscheidungsträger ab März", "agreed": ["Ann"]}
    text = '{"name": "Entscheidungsträger ab März", "version": 1}'
    assert digest(content) == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert digest(content) == digest(dict(reversed(content.items())))


# -- scoring ---------------------------------------------------------------------------------------


def test_a_lead_is_drawn_below_the_share_and_not_at_it() -> None:
    (draw,) = serving.exploration_draws(["L-1"])
    X = pd.DataFrame({"lead_id": ["L-1"], "value": ["no"]})
    rules = {"ready_when": [{"id": "rule", "feature": "value", "equals": "yes"}]}

    def decision(share: float) -> str:
        content = rules | {"handoff": {"explore": share}}
        return str(scored(X, scorecard(ready_at=99), content)["decision"].iloc[0])

    assert decision(draw) == "nurture"
    assert decision(np.nextafter(draw, 1)) == "explore"


def test_no_leads_are_one_chunk_whatever_its_size() -> None:
    definition, card = Definition.from_dict(RULES), Scorecard.from_dict(CARD)
    assert [len(chunk) for chunk in score_chunks(random_leads(0), card, definition, rows=1)] == [0]


def test_one_id_and_one_time_hold_for_every_lead() -> None:
    X = pd.DataFrame({"size": [20, 60]})
    table = scored(X, scorecard(), lead_id="L-1", as_of="2026-07-01", scored_at=NOW)
    assert table["lead_id"].tolist() == ["L-1"] * 2
    assert table["as_of"].tolist() == [pd.Timestamp("2026-07-01")] * 2
    assert table["scored_at"].tolist() == [NOW] * 2


def test_leads_are_scored_now_unless_told() -> None:
    before = pd.Timestamp.now("UTC").tz_localize(None).floor("us")
    table = scored(pd.DataFrame({"size": [20]}), scorecard())
    after = pd.Timestamp.now("UTC").tz_localize(None)
    assert before <= table["scored_at"].iloc[0] <= after
    assert pd.isna(table["as_of"].iloc[0])
    assert pd.isna(table["lead_id"].iloc[0])


def test_a_scorecard_that_is_not_registered_is_named_by_its_digest(tmp_path: Path) -> None:
    card, file = Scorecard.from_dict(CARD), str(tmp_path / "model" / "scorecard.json")
    assert serving._registered_version(file, card) == f"scorecard {digest(CARD)[:12]}"
    (tmp_path / "registered_model_meta").write_text("model_version: '7'\n", encoding="utf-8")
    assert serving._registered_version(file, card) == "7"
    labelled = Scorecard.from_dict(CARD | {"version": "3.1"})
    assert serving._registered_version(file, labelled) == "3.1"


def test_points_of_other_features_count_in_the_score_alone() -> None:
    lines = [
        number([5], [0.0, 0.0, 7.0], "size"),
        number([5], [0.0, 0.0, 11.0], "visits") | {"family": "engagement"},
        number([5], [0.0, 0.0, 13.0], "mystery") | {"family": "other"},
    ]
    card, X = scorecard(*lines), pd.DataFrame({"size": [9.0], "visits": [9.0], "mystery": [9.0]})
    assert card.score(X)[0] - card.start == 31
    assert (card.fit_points(X)[0], card.engagement_points(X)[0]) == (7, 11)
