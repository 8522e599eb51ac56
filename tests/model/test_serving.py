"""The served file: points, reasons, decisions; the same on every machine and for every table."""

from __future__ import annotations

import copy
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from model import serving
from model.serving import Definition, Scorecard, ServingError, score_chunks, score_leads
from tests.conftest import SCORE_COLUMNS

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CARD = json.loads((ARTIFACTS / "scorecard_format_1.json").read_text())
NOW = pd.Timestamp("2026-10-02 12:00")


@pytest.fixture
def card() -> Scorecard:
    return Scorecard.from_file(ARTIFACTS / "scorecard_format_1.json")


@pytest.fixture
def agreed() -> Definition:
    return Definition.from_file(ARTIFACTS / "definition_format_1.yaml")


@pytest.fixture
def leads() -> pd.DataFrame:
    return pd.read_csv(ARTIFACTS / "leads_format_1.csv", dtype={"lead_id": str})


def random_leads(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {"lead_id": [f"L-{row}" for row in range(rows)]}
    for name in ("employees", "webinars_attended_30d", "emails_opened_30d"):
        values = rng.choice([np.nan, 0.0, 1.0, 2.0, 5.0, 50.0, 200.0], rows)
        columns[name] = values
    for name in ("seniority", "source", "job_function"):
        choices = [None, "vp", "student", "director", "referral", "web", "finance", "else"]
        columns[name] = rng.choice(np.array(choices, object), rows)
    return pd.DataFrame(columns)


# -- an old artifact still loads and means the same -----------------------------------------------


def test_format_1_still_gives_the_scores_it_gave(
    card: Scorecard, agreed: Definition, leads: pd.DataFrame
) -> None:
    text = {"lead_id": str, "model_version": str, "definition_version": str}
    dates = ["as_of", "scored_at"]
    path = ARTIFACTS / "scores_format_1.csv"
    expected = pd.read_csv(path, dtype=text, parse_dates=dates, keep_default_na=False)
    scored = score_leads(leads, card, agreed, model_version="1", scored_at=NOW)
    assert (scored.pop("warning") == "").all(), "in this file every lead has a prediction"
    pd.testing.assert_frame_equal(scored, expected, rtol=1e-11, check_dtype=False)


def plain_points(row: dict[str, Any]) -> dict[str, float]:
    """Points computed from the JSON alone, without a line of the served file."""
    bins = {}
    for feature in CARD["features"]:
        name, value = feature["name"], row[feature["name"]]
        if value is None or value != value:
            bins[name] = 0
        elif feature["kind"] == "number":
            bins[name] = 1 + sum(value >= cut for cut in feature["cuts"])
        else:
            known = value in feature["categories"]
            bins[name] = 2 + feature["categories"].index(value) if known else 1
    points = {
        feature["name"]: feature["points"][bins[feature["name"]]] for feature in CARD["features"]
    }
    for pair in CARD["pairs"]:
        a, b = pair["features"]
        points[f"{a} and {b}"] = pair["points"][bins[a]][bins[b]]
    return points


def test_scores_equal_those_computed_from_the_json(card: Scorecard) -> None:
    X = random_leads(500)
    odds = math.log(CARD["base_rate"] / (1 - CARD["base_rate"]))
    for row, points, score, probability, fit, engagement in zip(
        X.to_dict("records"),
        card.points(X),
        card.score(X),
        card.probability(X),
        card.fit_points(X),
        card.engagement_points(X),
        strict=True,
    ):
        plain = plain_points(row)
        np.testing.assert_allclose(points, list(plain.values()), atol=1e-12)
        assert score == pytest.approx(50 + CARD["intercept"] + sum(plain.values()), abs=1e-12)
        logit = odds + (score - 50) * math.log(2) / 10
        assert probability == pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-12)
        assert fit == pytest.approx(sum(plain[n] for n in ("employees", "seniority", "source")))
        assert score == pytest.approx(50 + CARD["intercept"] + fit + engagement, abs=1e-12)


def test_ten_points_double_the_odds_and_fifty_is_the_base_rate(card: Scorecard) -> None:
    def odds(score: float) -> float:
        points = np.array([[score - card.start]])
        probability = 1 / (1 + np.exp(-card.log_odds(points)[0]))
        return float(probability / (1 - probability))

    base = CARD["base_rate"] / (1 - CARD["base_rate"])
    assert odds(50) == pytest.approx(base)
    assert odds(60) / odds(50) == pytest.approx(2)
    assert odds(40) / odds(50) == pytest.approx(1 / 2)


# -- bins -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "points"),
    [
        (None, -0.5),
        (-np.inf, -4.25),
        (49.999, -4.25),
        (50, 1.5),
        (199.999, 1.5),
        (200, 5.75),
        (np.inf, 5.75),
    ],
)
def test_an_interval_includes_its_lower_end(card: Scorecard, value: Any, points: float) -> None:
    row = random_leads(1).assign(employees=pd.Series([value], dtype="float64"))
    assert card.points(row)[0, 0] == points


@pytest.mark.parametrize(
    ("value", "points"), [(None, -1.0), (np.nan, -1.0), ("unheard of", 0.04), ("vp", 4.6)]
)
def test_a_value_never_seen_counts_as_other(card: Scorecard, value: Any, points: float) -> None:
    row = random_leads(1).assign(seniority=pd.Series([value], dtype="object"))
    assert card.points(row)[0, 1] == points


# -- metamorphic: what must not matter does not ---------------------------------------------------


def scored(X: pd.DataFrame, no_claim: Any = (), **options: Any) -> pd.DataFrame:
    agreed = Definition.from_file(ARTIFACTS / "definition_format_1.yaml")
    card = Scorecard.from_dict({**CARD, "no_claim": no_claim})
    return score_leads(X, card, agreed, scored_at=NOW, **options)


def test_the_order_of_the_rows_does_not_matter() -> None:
    X = random_leads(300)
    shuffled = X.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(scored(shuffled), scored(X).loc[shuffled.index])


def test_the_other_rows_and_the_size_of_the_chunk_do_not_matter() -> None:
    X = random_leads(50)
    alone = pd.concat([scored(X.iloc[[row]]) for row in range(len(X))])
    pd.testing.assert_frame_equal(alone, scored(X))
    pd.testing.assert_frame_equal(scored(X, rows=7), scored(X))


def test_a_hostile_index_is_kept_and_does_not_matter() -> None:
    X = random_leads(4)
    hostile = X.set_axis(pd.Index([7, 7, None, "x"], dtype="object"))
    result = scored(hostile)
    assert list(result.index) == [7, 7, None, "x"]
    pd.testing.assert_frame_equal(result.reset_index(drop=True), scored(X))


def test_further_columns_and_their_order_do_not_matter() -> None:
    X = random_leads(30)
    wider = X[X.columns[::-1]].assign(noise=1, score="mine", decision=None)
    pd.testing.assert_frame_equal(scored(wider), scored(X))


@pytest.mark.parametrize("text", ["object", "str", "category", "string[pyarrow]", "string[python]"])
@pytest.mark.parametrize("number", ["float64", "float32", "Int64", "object", "double[pyarrow]"])
def test_the_kind_of_column_does_not_matter(text: str, number: str) -> None:
    X = random_leads(60)
    numbers = ["employees", "webinars_attended_30d", "emails_opened_30d"]
    kinds = dict.fromkeys(numbers, number) | dict.fromkeys(["seniority", "source"], text)
    pd.testing.assert_frame_equal(scored(X.astype(kinds)), scored(X))


def test_whole_numbers_do_not_have_to_be_floats() -> None:
    X = random_leads(20).fillna(
        {"employees": 0, "webinars_attended_30d": 0, "emails_opened_30d": 0}
    )
    whole = X.astype({"employees": "int64", "webinars_attended_30d": "int16"})
    pd.testing.assert_frame_equal(scored(whole), scored(X))


def test_the_input_is_never_changed() -> None:
    X = random_leads(40)
    before = X.copy(deep=True)
    scored(X)
    pd.testing.assert_frame_equal(X, before)


def test_the_time_zone_of_the_machine_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scored(random_leads(5))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    __import__("time").tzset()
    try:
        pd.testing.assert_frame_equal(scored(random_leads(5)), here)
    finally:
        monkeypatch.undo()
        __import__("time").tzset()


def test_no_leads_give_an_empty_table_of_the_same_columns_and_types() -> None:
    empty = scored(random_leads(3).iloc[:0])
    assert len(empty) == 0
    assert list(empty.columns) == SCORE_COLUMNS
    pd.testing.assert_series_equal(empty.dtypes, scored(random_leads(3)).dtypes)


def test_the_columns_and_their_order_are_fixed() -> None:
    assert list(scored(random_leads(2)).columns) == SCORE_COLUMNS


def test_chunks_are_given_one_at_a_time(card: Scorecard, agreed: Definition) -> None:
    chunks = score_chunks(random_leads(25), card, agreed, rows=10)
    assert [len(chunk) for chunk in chunks] == [10, 10, 5]


# -- direction: more of a good thing never lowers the score ---------------------------------------


def test_rising_points_give_rising_scores(card: Scorecard) -> None:
    row = pd.concat([random_leads(1)] * 4, ignore_index=True).assign(
        webinars_attended_30d=[0.0, 1.0, 2.0, 40.0], emails_opened_30d=5.0
    )
    assert (np.diff(card.score(row)) >= 0).all()


# -- reasons --------------------------------------------------------------------------------------


def reasons(card: Scorecard, most: int = 3, **row: Any) -> tuple[str, str]:
    agreed = Definition.from_dict(
        {"ready_when": [{"id": "e", "feature": "employees", "at_least": 1}]}
    )
    base = dict.fromkeys(card.axes) | {"employees": None, "job_function": None}
    lead = score_leads(pd.DataFrame([base | row]), card, agreed, reasons=most).iloc[0]
    return lead["reasons_for"], lead["reasons_against"]


def test_reasons_are_signed_in_words_and_the_largest_come_first(card: Scorecard) -> None:
    good, bad = reasons(card, employees=300, seniority="student", source="referral")
    assert good == "employees: 200 or more (+5.8); source: referral (+2.2)"
    assert bad == "seniority: student (-9.2)"


def test_at_most_so_many_reasons(card: Scorecard) -> None:
    full = {"employees": 300, "seniority": "vp", "source": "referral"}
    assert reasons(card, most=1, **full)[0] == "employees: 200 or more (+5.8)"
    assert reasons(card, most=0, **full) == ("", "")
    assert reasons(card, most=99, **full)[0].count(";") == 2


def test_a_pair_is_a_reason_of_its_own_in_both_words(card: Scorecard) -> None:
    good, _ = reasons(card, most=9, webinars_attended_30d=2, emails_opened_30d=7)
    assert good.split("; ")[1] == (
        "webinars attended in the last 30 days and emails opened in the last 30 days: "
        "2 or more and 5 or more (+1.6)"
    )


def test_points_that_would_round_to_zero_are_no_reason(card: Scorecard) -> None:
    good, bad = reasons(card, most=9, employees=50, seniority="unheard of")
    assert good == "employees: 50 to 199 (+1.5)"  # the +0.04 of an unknown seniority is left out
    assert "0.0" not in good + bad


def test_reasons_are_the_points_that_were_summed(card: Scorecard) -> None:
    """No reason is hidden: all of them sum to the score, within their rounding."""
    X = random_leads(200)
    result = scored(X, reasons=99)
    rows = zip(result.reasons_for, result.reasons_against, result.score, strict=True)
    for pros, cons, score in rows:
        texts = [reason for reason in f"{pros}; {cons}".split("; ") if reason]
        points = [float(reason.rpartition("(")[2].rstrip(")")) for reason in texts]
        assert sum(points) + card.start == pytest.approx(score, abs=0.05 * len(card.terms))


def test_equal_points_always_come_in_the_same_order() -> None:
    equal = copy.deepcopy(CARD)
    equal["features"][2]["points"][2] = equal["features"][1]["points"][2] = 5.75
    row = {"employees": 300, "seniority": "director", "source": "referral"}
    first, again = (reasons(Scorecard.from_dict(equal), **row)[0] for _ in range(2))
    assert first == again
    assert first.count("+5.8") == 3


def test_a_scorecard_without_features_gives_every_lead_the_base(agreed: Definition) -> None:
    bare = Scorecard.from_dict(CARD | {"features": [], "pairs": []})
    result = score_leads(random_leads(3), bare, agreed)
    assert set(result.score) == {50 + CARD["intercept"]}
    assert set(result.reasons_for) == {""}


# -- kinds of lead without a prediction ------------------------------------------------------------

NONE_WORKED = [
    {
        "says": "region Nordics: none worked",
        "below": -0.5,
        "intercept": 0.0,
        "features": [
            {
                "name": "region",
                "kind": "category",
                "categories": ["Nordics"],
                "log_odds": [0, 0, -1.0],
            }
        ],
    },
    {
        "says": "hardly ever worked",
        "below": -2.0,
        "intercept": -1.0,
        "features": [
            {"name": "employees", "kind": "number", "cuts": [50.0], "log_odds": [0, -0.8, 1.0]},
            {"name": "region", "kind": "category", "categories": [], "log_odds": [-0.5, 0.0]},
        ],
    },
]


def test_leads_without_a_prediction_have_a_warning(agreed: Definition) -> None:
    X = random_leads(5).assign(
        region=["Nordics", "DACH", None, "Nordics", None], employees=[10.0, 10.0, 10.0, 60.0, 60.0]
    )
    result = scored(X, no_claim=NONE_WORKED)
    assert result["warning"].to_list() == [
        "region Nordics: none worked",
        "",
        "hardly ever worked",
        "region Nordics: none worked",
        "",
    ]
    pd.testing.assert_frame_equal(result.drop(columns="warning"), scored(X).drop(columns="warning"))
    with pytest.raises(ServingError, match="columns are not in the table: region"):
        scored(random_leads(5), no_claim=NONE_WORKED)


def test_a_lead_can_have_several_warnings() -> None:
    both = [NONE_WORKED[0], {**NONE_WORKED[1], "below": 0.0}]
    (warning,) = scored(random_leads(1).assign(region="Nordics", employees=10.0), no_claim=both)[
        "warning"
    ]
    assert warning == "region Nordics: none worked; hardly ever worked"


def test_explain_lists_every_term_and_sums_to_the_score(card: Scorecard) -> None:
    X = random_leads(20)
    for place, row in enumerate(X.to_dict("records")):
        points = [contribution.points for contribution in card.explain(row)]
        assert sum(points) + card.start == pytest.approx(card.score(X)[place])
        sizes = list(map(abs, points))
        assert sizes == sorted(sizes, reverse=True)
    by_words = {part.words: part for part in card.explain({**X.iloc[0], "employees": 60})}
    assert by_words["employees"]._asdict() == {
        "features": ["employees"],
        "words": "employees",
        "family": "firmographic",
        "values": [60],
        "label": "50 to 199",
        "points": 1.5,
    }


# -- decisions ------------------------------------------------------------------------------------


def decision_on(verdict: str, ready: bool, decide_by: str = "review") -> tuple[str, str]:
    """Score a lead with this verdict of the rules, and this one of the model."""
    value = {"ready": "yes", "not ready": "no", "never": "banned", "unknown": None}[verdict]
    rules = {
        "ready_when": [{"id": "a", "feature": "answer", "equals": "yes"}],
        "never_when": [{"id": "b", "feature": "answer", "equals": "banned"}],
        "handoff": {"decide_by": decide_by},
    }
    bare = Scorecard.from_dict(CARD | {"features": [], "pairs": [], "ready_at": 0 if ready else 99})
    X = pd.DataFrame({"answer": pd.Series([value], dtype="object")})
    lead = score_leads(X, bare, Definition.from_dict(rules)).iloc[0]
    assert lead["rules_verdict"] == verdict
    assert lead["model_verdict"] == ("ready" if ready else "not ready")
    return lead["agreement"], lead["decision"]


@pytest.mark.parametrize(
    ("verdict", "ready", "agreement", "decision"),
    [
        ("ready", True, "agree", "hand off"),
        ("ready", False, "rules only", "review"),
        ("not ready", True, "model only", "review"),
        ("not ready", False, "agree", "nurture"),
        ("unknown", True, "unknown", "review"),
        ("unknown", False, "unknown", "nurture"),
        ("never", True, "model only", "never"),
        ("never", False, "agree", "never"),
    ],
)
def test_the_decision_on_a_lead(verdict: str, ready: bool, agreement: str, decision: str) -> None:
    assert decision_on(verdict, ready) == (agreement, decision)


@pytest.mark.parametrize(
    ("decide_by", "rules_only", "model_only"),
    [
        ("review", "review", "review"),
        ("rules", "hand off", "nurture"),
        ("model", "nurture", "hand off"),
    ],
)
def test_who_decides_where_they_disagree(decide_by: str, rules_only: str, model_only: str) -> None:
    assert decision_on("ready", False, decide_by)[1] == rules_only
    assert decision_on("not ready", True, decide_by)[1] == model_only
    assert decision_on("never", True, decide_by)[1] == "never"  # whoever decides


def explored(share: float, X: pd.DataFrame) -> pd.DataFrame:
    rules = {
        "ready_when": [{"id": "a", "feature": "employees", "at_least": 50}],
        "never_when": [{"id": "b", "feature": "seniority", "equals": "student"}],
        "handoff": {"explore": share},
    }
    return score_leads(X, Scorecard.from_dict(CARD), Definition.from_dict(rules))


def test_exploring_takes_its_share_of_the_nurtured_leads_only() -> None:
    X = random_leads(20_000)
    before, after = explored(0.0, X).decision, explored(0.2, X).decision
    assert (before != "explore").all()
    drawn = after == "explore"
    assert set(before[drawn]) == {"nurture"}
    assert (after[~drawn] == before[~drawn]).all()
    nurtured = int((before == "nurture").sum())
    deviation = math.sqrt(nurtured * 0.2 * 0.8)
    assert abs(int(drawn.sum()) - 0.2 * nurtured) < 4 * deviation


def test_a_larger_share_keeps_those_already_drawn_and_the_draw_depends_on_the_id_alone() -> None:
    X = random_leads(2_000)
    some, more = (explored(share, X).decision == "explore" for share in (0.1, 0.3))
    assert (more | ~some).all()
    shuffled = X.sample(frac=1, random_state=3)
    assert ((explored(0.1, shuffled).decision == "explore") == some.loc[shuffled.index]).all()


def test_without_an_id_no_lead_is_drawn() -> None:
    assert (explored(1.0, random_leads(50).drop(columns="lead_id")).decision != "explore").all()


def test_a_draw_is_what_any_other_engine_would_compute() -> None:
    digits = __import__("hashlib").sha256(b"explore:L-1").hexdigest()
    assert serving.exploration_draws(["L-1"])[0] == int(digits[:8], 16) / 2**32


def test_long_ids_keep_every_digit() -> None:
    X = random_leads(2).assign(lead_id=["0012345678901234567", "9007199254740993"])
    assert list(scored(X).lead_id) == ["0012345678901234567", "9007199254740993"]


def test_ids_and_times_can_be_given_beside_the_features() -> None:
    X = random_leads(2).drop(columns="lead_id")
    result = scored(X, lead_id=[1, 2], as_of=pd.Timestamp("2026-01-01"), model_version=7)
    assert list(result.lead_id) == ["1", "2"]
    assert list(result.as_of) == [pd.Timestamp("2026-01-01")] * 2
    assert set(result.model_version) == {"7"}


def test_times_of_any_zone_are_given_in_utc() -> None:
    X = random_leads(2).drop(columns="lead_id")
    berlin = (
        pd.Series(["2026-07-01 02:00", None])
        .astype("datetime64[us]")
        .dt.tz_localize("Europe/Berlin")
    )
    for times in (berlin, ["2026-07-01", None], [pd.Timestamp("2026-07-01"), pd.NaT]):
        result = scored(X, as_of=times)
        assert result.as_of[0] == pd.Timestamp("2026-07-01")
        assert pd.isna(result.as_of[1])
    assert scored(X, as_of=["2026-07-01", "2026-07-01 10:30"]).as_of[1].hour == 10


def test_grades_come_from_fit_and_levels_from_engagement_alone() -> None:
    result = scored(random_leads(400))
    grades = np.select(
        [result.fit_points >= 6, result.fit_points >= 0, result.fit_points >= -5],
        ["A", "B", "C"],
        "D",
    )
    levels = np.select(
        [
            result.engagement_points >= 8,
            result.engagement_points >= 1,
            result.engagement_points >= -4,
        ],
        [1, 2, 3],
        4,
    )
    assert list(result.grade) == list(grades)
    assert list(result.level) == list(levels)
    assert set(grades) == set("ABCD")
    assert set(levels) == {1, 2, 3}


def test_a_threshold_is_reached_by_its_own_value(card: Scorecard) -> None:
    row = random_leads(1)
    fit, engagement = card.fit_points(row)[0], card.engagement_points(row)[0]
    own = CARD | {
        "grades": {"A": fit, "B": fit - 1, "C": fit - 2},
        "levels": {"1": engagement, "2": engagement - 1, "3": engagement - 2},
        "ready_at": card.score(row)[0],
    }
    rules = {"ready_when": [{"id": "a", "feature": "employees", "at_least": 1}]}
    lead = score_leads(row, Scorecard.from_dict(own), Definition.from_dict(rules)).iloc[0]
    assert (lead["grade"], lead["level"], lead["model_verdict"]) == ("A", 1, "ready")


# -- what cannot be used is refused ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 3}, "this scorecard has format 3, and only formats 1 and 2 can be read here"),
        ({"format": None}, "this scorecard has format None"),
        ({"base_rate": 0.0}, "base_rate must be between 0 and 1"),
        ({"intercept": math.nan}, "intercept and ready_at must be finite numbers"),
        ({"ready_at": math.inf}, "intercept and ready_at must be finite numbers"),
        ({"features": CARD["features"][:1] * 2}, "the scorecard has a feature twice"),
        ({"features": None}, "the scorecard is damaged"),
        ({"grades": None}, "the scorecard is damaged"),
        ({"pairs": [CARD["pairs"][0] | {"features": ["employees", "size"]}]}, "damaged"),
        ({"pairs": [CARD["pairs"][0] | {"points": [[1.0]]}]}, "needs points of shape (4, 4)"),
        ({"pairs": [CARD["pairs"][0] | {"family": "astrology"}]}, "unknown family 'astrology'"),
    ],
)
def test_a_scorecard_that_cannot_be_used_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ServingError) as error:
        Scorecard.from_dict(CARD | change)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"points": [0.0, 1.0]}, "needs points of shape (4,), not (2,)"),
        ({"points": [0.0, 1.0, math.nan, 2.0]}, "points of 'employees' must be finite"),
        ({"cuts": [200.0, 50.0]}, "cuts of feature 'employees' must be finite and rising"),
        ({"cuts": [50.0, math.inf]}, "cuts of feature 'employees' must be finite and rising"),
        ({"labels": ["unknown", "low", "high"]}, "feature 'employees' needs"),
        ({"family": "astrology"}, "unknown family 'astrology'"),
        ({"kind": "mood"}, "unknown kind 'mood'"),
        (
            {"kind": "category", "categories": ["a", "a"]},
            "feature 'employees' has a category twice",
        ),
        ({"kind": "category", "categories": ["a"]}, "feature 'employees' needs 3 labels"),
    ],
)
def test_a_feature_that_cannot_be_used_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ServingError) as error:
        Scorecard.from_dict(CARD | {"features": [CARD["features"][0] | change], "pairs": []})
    assert says in str(error.value)


def test_absent_columns_are_named_with_what_to_do(card: Scorecard, agreed: Definition) -> None:
    with pytest.raises(ServingError) as error:
        card.score(random_leads(2).drop(columns=["source", "employees"]))
    assert error.value.what == "2 of 5 columns are not in the table: employees, source"
    assert error.value.hint == "leave the cells of unknown values empty, but keep the column"
    with pytest.raises(ServingError, match="job_function"):
        score_leads(random_leads(2).drop(columns="job_function"), card, agreed)


def test_a_repeated_column_is_named(card: Scorecard) -> None:
    X = random_leads(2)
    with pytest.raises(ServingError, match="more than once: source"):
        card.score(pd.concat([X, X[["source"]]], axis=1))


# -- in MLflow, and far from this project ---------------------------------------------------------


def test_an_ordinary_import_brings_neither_mlflow_nor_the_project() -> None:
    code = (
        "import sys, importlib.util as u;"
        f"s = u.spec_from_file_location('alone', {serving.__file__!r});"
        "m = u.module_from_spec(s); sys.modules['alone'] = m; s.loader.exec_module(m);"
        "print([n for n in sys.modules if n.split('.')[0] in"
        " ('mlflow', 'features', 'model', 'pipelines', 'sklearn', 'interpret')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.strip() == "[]", done.stderr


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A registry with two versions: the second scores every lead one hundred points higher."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    import mlflow

    folder = tmp_path_factory.mktemp("registry")
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    mlflow.create_experiment("leads", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment("leads")
    for shift in (0, 100):
        card = folder / "scorecard.json"
        card.write_text(json.dumps(CARD | {"intercept": CARD["intercept"] + shift}))
        definition = ARTIFACTS / "definition_format_1.yaml"
        with mlflow.start_run():
            mlflow.pyfunc.log_model(
                name="model",
                python_model=serving.__file__,
                artifacts={"scorecard": card.as_uri(), "definition": definition.as_uri()},
                pip_requirements=["numpy", "pandas", "pyyaml"],
                registered_model_name="leads",
            )
    yield mlflow
    mlflow.set_tracking_uri(None)
    shutil.rmtree(folder)


@pytest.mark.slow
def test_two_registered_versions_live_in_one_process(registry: Any, agreed: Definition) -> None:
    X = random_leads(50)
    first, second = (registry.pyfunc.load_model(f"models:/leads/{n}") for n in (1, 2))
    scores, higher = first.predict(X), second.predict(X)
    np.testing.assert_allclose(higher.score - scores.score, 100)
    assert (set(scores.model_version), set(higher.model_version)) == ({"1"}, {"2"})
    here = score_leads(X, Scorecard.from_dict(CARD), agreed, model_version=1)
    pd.testing.assert_frame_equal(
        scores.drop(columns="scored_at"), here.drop(columns="scored_at"), check_exact=True
    )


@pytest.mark.slow
def test_the_registered_model_takes_categories_and_whole_numbers(registry: Any) -> None:
    X = random_leads(30).fillna({"employees": 0})
    odd = X.astype({"seniority": "category", "source": "category", "employees": "int64"})
    loaded = registry.pyfunc.load_model("models:/leads/1")
    pd.testing.assert_frame_equal(
        loaded.predict(odd).drop(columns="scored_at"), loaded.predict(X).drop(columns="scored_at")
    )


@pytest.mark.slow
def test_the_registered_model_takes_absent_columns_as_unknown_and_names_them(
    registry: Any,
) -> None:
    loaded, X = registry.pyfunc.load_model("models:/leads/1"), random_leads(30)
    found = loaded.predict(X.drop(columns=["source", "employees"]))
    expected = loaded.predict(X.assign(source=None, employees=np.nan))
    assert found["score"].tolist() == expected["score"].tolist()
    assert found["warning"].str.endswith("not in the table: employees, source").all()
    with pytest.raises(Exception, match="none of the 6 features is in the table: employees, "):
        loaded.predict(X[[]].assign(size=3))
