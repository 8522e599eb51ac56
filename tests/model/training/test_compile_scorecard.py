"""A scorecard says what its candidate does, in whole points, and its level is right."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.families.feature import Feature
from model.estimators.bins import Binning, Term, total_log_odds
from model.serving import Scorecard
from model.training.compile_scorecard import (
    READY,
    SHARES,
    compile_scorecard,
    feature_importances,
    nearest_threshold,
)

SIZE = Feature("employees", "employees", "firmographic", "number", "people")
RANK = Feature("seniority", "seniority", "role", "category", missing="nobody asked")
VISITS = Feature("visits", "page visits", "engagement", "number", "times", missing="not tracked")
FEATURES = [SIZE, RANK, VISITS]
TERMS = [
    Term(
        Binning("employees", cuts=np.array([50.0, 200.0])),
        np.array([0.1, -0.7, 0.2, 0.9]),
        np.array([0.3, 0.1, 0.1, 0.2]),
    ),
    Term(Binning("seniority", categories=("vp", "student")), np.array([0.0, 0.0, 1.1, -2.0])),
    Term(Binning("visits", cuts=np.array([1.0, 3.0])), np.array([-0.2, -0.5, 0.4, 0.8])),
]


def leads(n: int = 400, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "employees": np.where(random.random(n) < 0.2, np.nan, random.integers(1, 500, n)),
            "seniority": random.choice(np.array(["vp", "student", "clerk", None], object), n),
            "visits": random.poisson(1.5, n).astype(float),
        }
    )


def card(X: pd.DataFrame, y: np.ndarray, **changed) -> dict:
    given = {"terms": TERMS, "base_rate": 0.2, "candidate_name": "by hand"} | changed
    return compile_scorecard(-1.3, features=FEATURES, X=X, y=y, **given)


@pytest.fixture(scope="module")
def known() -> tuple[pd.DataFrame, np.ndarray]:
    X = leads()
    return X, (np.random.default_rng(1).random(len(X)) < 0.25).astype(float)


# -- the log-odds of any lead, to the nearest points -----------------------------------------------

HALF = np.log(2) / 10 / 2  # half a point, in log-odds
NUMBERS = st.one_of(
    st.none(),
    st.floats(width=64),  # also infinite, and not a number
    st.sampled_from([1.0, 3.0, 50.0, 200.0]).flatmap(
        lambda cut: st.sampled_from([cut, np.nextafter(cut, -np.inf), np.nextafter(cut, np.inf)])
    ),
)
WORDS = st.one_of(st.none(), st.sampled_from(["vp", "student"]), st.text(max_size=4))
ROWS = st.lists(st.tuples(NUMBERS, WORDS, NUMBERS), min_size=1, max_size=30)


@given(ROWS, st.floats(0.1, 3), st.floats(-3, 3), st.floats(0.001, 0.999))
def test_points_are_the_calibrated_log_odds_of_any_lead(rows, slope, shift, base_rate) -> None:
    X, y = leads(60), np.arange(60) % 2
    content = card(X, y, calibration=(slope, shift), base_rate=base_rate)
    table = pd.DataFrame(rows, columns=["employees", "seniority", "visits"])
    table = table.astype({"employees": float, "seniority": object, "visits": float})
    wanted = slope * total_log_odds(-1.3, TERMS, table) + shift
    off = np.abs(Scorecard.from_dict(content).log_odds(table) - wanted)
    assert off.max() <= len(TERMS) * HALF + 1e-9  # each line rounds once


def test_it_survives_being_written_down(known) -> None:
    X, y = known
    content = card(X, y, calibration=(0.8, 0.1))
    again = json.loads(json.dumps(content, allow_nan=False))
    assert (Scorecard.from_dict(again).score(X) == Scorecard.from_dict(content).score(X)).all()


def test_a_line_that_rounds_to_nothing_is_left_out_without_changing_the_level(known) -> None:
    X, y = known
    flat = Term(Binning("visits", cuts=np.array([2.0])), np.array([0.4, 0.41, 0.39]))
    given = {"base_rate": 0.2, "candidate_name": "by hand", "calibration": (0.5, 0.0)}
    content = compile_scorecard(-1.3, [*TERMS[:2], flat], FEATURES, X, y, **given)
    assert [line["name"] for line in content["lines"]] == ["employees", "seniority"]
    without = compile_scorecard(-0.9, TERMS[:2], FEATURES, X, y, **given)
    assert content["lines"] == without["lines"]
    odds = (Scorecard.from_dict(each).log_odds(X) for each in (content, without))
    np.testing.assert_allclose(*odds, atol=0.01)


@pytest.mark.parametrize("name", ["visits", "seniority"])
def test_a_line_that_people_chose_stays_with_rows_of_0_points(known, name) -> None:
    X, y = known
    flat = [
        Term(term.binning, np.full(term.binning.size, 0.1))
        if term.binning.feature == name
        else term
        for term in TERMS
    ]
    served = Scorecard.from_dict(card(X, y, terms=flat, wanted=[name]))
    (line,) = (line for line in served.lines if line["name"] == name)
    assert line["labels"][1:] == ["any value"]
    assert set(line["points"]) == {0}
    assert sum(line["counts"]) == len(X)
    plain = Scorecard.from_dict(card(X, y, terms=flat))
    assert name not in plain.axes
    assert (served.score(X) == plain.score(X)).all()


@pytest.mark.parametrize("base_rate", [0.02, 0.3, 0.5])
def test_fifty_points_are_the_base_rate_to_the_nearest_point(known, base_rate) -> None:
    X, y = known
    content = card(X, y, base_rate=base_rate)
    logit = np.log(base_rate / (1 - base_rate))
    assert abs(content["level"] - logit) <= HALF + 1e-12
    weighted = card(X, y, base_rate=base_rate, weights=1.0 + 9 * y)  # moves the level far
    assert abs(weighted["level"] - logit) <= HALF + 1e-12


@pytest.mark.parametrize("unequal", [False, True])
def test_the_level_makes_predicted_wins_equal_actual_wins(known, unequal) -> None:
    X, y = known
    weights = np.random.default_rng(5).exponential(size=len(y)) if unequal else np.ones(len(y))
    served = Scorecard.from_dict(card(X, y, calibration=(0.7, 2.0), weights=weights))
    assert weights @ served.probability(X) == pytest.approx(weights @ y, rel=1e-9)
    as_calibrated = Scorecard.from_dict(card(X, y, calibration=(0.7, 2.0)))
    assert as_calibrated.probability(X).sum() > 2 * y.sum()
    assert (served.points(X) == as_calibrated.points(X)).all(), "the level moves no points"


def test_the_training_leads_and_their_table_stay_as_they_are(known) -> None:
    X, y = known
    before, outcomes = X.copy(deep=True), y.copy()
    original = [term.log_odds.copy() for term in TERMS]
    card(X, y, calibration=(0.7, 0.3))
    pd.testing.assert_frame_equal(X, before)
    assert (y == outcomes).all()
    assert all(
        (term.log_odds == log_odds).all() for term, log_odds in zip(TERMS, original, strict=True)
    )


# -- beside the points ----------------------------------------------------------------------------


def test_the_points_of_every_line_are_about_zero_on_average(known) -> None:
    X, y = known
    served = Scorecard.from_dict(card(X, y, calibration=(0.7, 0.3)))
    assert np.abs(served.points(X).mean(axis=0)).max() <= 0.5


def test_everything_that_is_summed_or_compared_is_a_whole_number(known) -> None:
    content = card(*known, calibration=(0.7, 0.3))
    numbers = [content["start"], content["ready_at"]]
    numbers += [*content["grades"].values(), *content["levels"].values()]
    numbers += [points for line in content["lines"] for points in line["points"]]
    assert all(type(number) is int for number in numbers)
    assert json.loads(json.dumps(content))["format"] == 2


def test_leads_and_wins_of_each_row_are_counted(known) -> None:
    X, y = known
    size, rank, _ = card(X, y)["lines"]
    big = X["employees"] >= 200
    assert (size["counts"][3], size["wins"][3]) == (big.sum(), y[big].sum())
    assert (size["counts"][0], size["wins"][0]) == (
        X["employees"].isna().sum(),
        y[X["employees"].isna()].sum(),
    )
    clerks = X["seniority"] == "clerk"  # has no points of its own
    assert (rank["counts"][1], rank["wins"][1]) == (clerks.sum(), y[clerks].sum())
    for line in (size, rank):
        assert (sum(line["counts"]), sum(line["wins"])) == (len(X), y.sum())


def test_the_share_that_is_ready_is_as_near_as_whole_points_allow(known) -> None:
    X, y = known
    for asked in (None, 0.003, 0.1, 0.5):
        served = Scorecard.from_dict(card(X, y, ready_share=asked))
        score, share = served.score(X), asked or READY
        reached = np.array([(score >= threshold).mean() for threshold in np.unique(score)])
        ready = (score >= served.ready_at).mean()
        assert abs(ready - share) == pytest.approx(np.abs(reached - share).min())
        assert ready > 0


def test_grades_and_levels_have_about_their_shares_of_the_leads(known) -> None:
    X, y = known
    content = card(X, y)
    served = Scorecard.from_dict(content)
    for bands, points in (
        (content["grades"], served.fit_points(X)),
        (content["levels"], served.engagement_points(X)),
    ):
        assert list(bands.values()) == sorted(bands.values(), reverse=True)
        assert list(bands.values()) == [nearest_threshold(points, share) for share in SHARES]


@pytest.mark.parametrize(
    ("points", "share", "wanted"),
    [
        ([7], 0.5, 7),
        ([1, 1, 1, 2], 0.5, 2),  # a quarter and all are 0.25 and 0.5 off
        ([1, 2, 2, 3], 0.5, 3),  # both 0.25 off: the one that fewer leads reach
        ([1, 2, 3, 4], 0.01, 4),  # some lead always reaches it
        ([1, 2, 3, 4], 1.0, 1),
        ([0.25, 0.5], 1.0, 0.25),  # of an older scorecard
    ],
)
def test_the_nearest_threshold(points, share, wanted) -> None:
    assert nearest_threshold(np.array(points), share) == wanted


def test_importance_is_the_average_effect_on_the_score(known) -> None:
    X, y = known
    content = card(X, y)
    importance = feature_importances(content).set_index("feature")["importance"]
    by_hand = np.abs(Scorecard.from_dict(content).points(X)).mean(axis=0)
    for place, feature in enumerate(FEATURES):
        assert importance[feature.name] == pytest.approx(by_hand[place])
    assert list(importance) == sorted(importance, reverse=True)
