"""A scorecard equals its candidate: points, labels and counts."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.families.feature import Feature
from model.serving import Scorecard
from model.training.bins import Binning, Term, merge_equal_bins, round_cuts, total_log_odds
from model.training.compile_scorecard import (
    READY,
    SHARES,
    bin_labels,
    compile_scorecard,
    feature_importances,
)

OLD = Path(__file__).resolve().parents[2] / "artifacts" / "scorecard_format_1.json"
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
    given = {"base_rate": 0.2, "candidate_name": "by hand"} | changed
    return compile_scorecard(-1.3, TERMS, FEATURES, X, y, **given)


@pytest.fixture(scope="module")
def known() -> tuple[pd.DataFrame, np.ndarray]:
    X = leads()
    return X, (np.random.default_rng(1).random(len(X)) < 0.25).astype(float)


# -- the same log-odds for any lead ----------------------------------------------------------------

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
    assert np.abs(Scorecard.from_dict(content).log_odds(table) - wanted).max() < 1e-9


def test_it_survives_being_written_down(known) -> None:
    X, y = known
    content = card(X, y, calibration=(0.8, 0.1))
    again = json.loads(json.dumps(content, allow_nan=False))
    assert (Scorecard.from_dict(again).score(X) == Scorecard.from_dict(content).score(X)).all()


def test_a_flat_term_is_left_out_without_changing_the_score(known) -> None:
    X, y = known
    flat = Term(Binning("visits", cuts=np.array([2.0])), np.full(3, 0.4))
    content = compile_scorecard(
        -1.3,
        [*TERMS[:2], flat],
        FEATURES,
        X,
        y,
        base_rate=0.2,
        candidate_name="by hand",
        calibration=(0.5, 0.0),
    )
    assert [feature["name"] for feature in content["features"]] == ["employees", "seniority"]
    wanted = 0.5 * total_log_odds(-0.9, TERMS[:2], X)
    assert np.abs(Scorecard.from_dict(content).log_odds(X) - wanted).max() < 1e-9


def test_an_average_lead_has_fifty_points_and_ten_more_double_the_odds(known) -> None:
    X, _ = known
    even = compile_scorecard(
        0.0, TERMS, FEATURES, X, np.arange(len(X)) % 2, base_rate=0.5, candidate_name="by hand"
    )
    served = Scorecard.from_dict(even)
    odds = np.exp(total_log_odds(0.0, TERMS, X))
    assert served.score(X) == pytest.approx(50 + 10 * np.log2(odds))


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


def test_the_points_of_every_feature_average_to_zero(known) -> None:
    X, y = known
    served = Scorecard.from_dict(card(X, y, calibration=(0.7, 0.3)))
    assert np.abs(served.points(X).mean(axis=0)).max() < 1e-9


def test_leads_and_wins_of_each_bin_are_counted(known) -> None:
    X, y = known
    size, rank, _ = card(X, y)["features"]
    big = X["employees"] >= 200
    assert (size["counts"][3], size["wins"][3]) == (big.sum(), y[big].sum())
    assert (size["counts"][0], size["wins"][0]) == (
        X["employees"].isna().sum(),
        y[X["employees"].isna()].sum(),
    )
    clerks = X["seniority"] == "clerk"  # has no points of its own
    assert (rank["counts"][1], rank["wins"][1]) == (clerks.sum(), y[clerks].sum())
    for feature in (size, rank):
        assert (sum(feature["counts"]), sum(feature["wins"])) == (len(X), y.sum())


@pytest.mark.parametrize("slope", [1.0, 0.5])
def test_intervals_follow_the_errors_and_the_calibration(known, slope) -> None:
    X, y = known
    size, rank, _ = card(X, y, calibration=(slope, 0.0))["features"]
    half = (np.array(size["high"]) - np.array(size["low"])) / 2
    assert half == pytest.approx(1.96 * slope * TERMS[0].errors * 10 / np.log(2), rel=1e-3)
    assert (np.array(size["high"]) + np.array(size["low"])) / 2 == pytest.approx(size["points"])
    assert rank["low"] is rank["high"] is None  # its errors are unknown


def test_the_given_share_of_the_leads_is_ready(known) -> None:
    X, y = known
    for asked in (None, 0.1, 0.5):
        served = Scorecard.from_dict(card(X, y, ready_share=asked))
        ready = (served.score(X) >= served.ready_at).mean()
        alike = np.unique(served.score(X), return_counts=True)[1].max() / len(X)
        assert asked is None or ready == pytest.approx(asked, abs=alike)
        assert asked is not None or ready == pytest.approx(READY, abs=alike)


def test_grades_and_levels_have_their_shares_of_the_leads(known) -> None:
    X, y = known
    content = card(X, y)
    served = Scorecard.from_dict(content)
    for bands, points in (
        (content["grades"], served.fit_points(X)),
        (content["levels"], served.engagement_points(X)),
    ):
        alike = np.unique(points.round(9), return_counts=True)[1].max() / len(X)
        assert list(bands.values()) == sorted(bands.values(), reverse=True)
        for share, cut in zip(SHARES, bands.values(), strict=True):
            # a band begins at points that some lead has: all leads with as many are in it
            assert share - 1e-9 <= (points >= cut - 1e-9).mean() <= share + alike


def test_importance_is_the_average_effect_on_the_score(known) -> None:
    X, y = known
    content = card(X, y)
    importance = feature_importances(content).set_index("feature")["importance"]
    by_hand = np.abs(Scorecard.from_dict(content).points(X)).mean(axis=0)
    for place, feature in enumerate(FEATURES):
        assert importance[feature.name] == pytest.approx(by_hand[place])
    assert list(importance) == sorted(importance, reverse=True)


def test_a_scorecard_of_format_1_is_still_read() -> None:
    old = json.loads(OLD.read_text(encoding="utf-8"))
    table = feature_importances(old)
    assert set(table["feature"]) == {feature["name"] for feature in old["features"]}
    assert (table["importance"] >= 0).all()
    assert np.isfinite(Scorecard.from_dict(old).ready_at)


# -- labels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cuts", "values", "wanted"),
    [
        ([1, 2, 5], [0, 1, 4, 9], ["none", "1", "2 to 4", "5 or more"]),
        ([1], [-2, 0, 3], ["under 1", "1 or more"]),  # less than nothing is not "none"
        ([50, 200], [3, 60, 900], ["under 50", "50 to 199", "200 or more"]),
        ([0.5, 2000], [0.1, 1.7], ["under 0.5", "0.5 to under 2,000", "2,000 or more"]),
        ([1, 3], [0.5, 2], ["under 1", "1 to under 3", "3 or more"]),
        ([-10, -0.25], [-20, 0.5], ["under -10", "-10 to under -0.25", "-0.25 or more"]),
        (
            [1e-8, 2e-8],
            [0, 1.5e-8, 3e-8],
            ["under 0.00000001", "0.00000001 to under 0.00000002", "0.00000002 or more"],
        ),
        ([], [4, 4, np.nan], ["any value"]),
    ],
)
def test_bin_labels(cuts, values, wanted) -> None:
    assert bin_labels(np.array(cuts, float), pd.Series(values)) == wanted


@given(
    st.lists(st.floats(-1e20, 1e20, allow_subnormal=False), min_size=2, max_size=60),
    st.floats(-1e6, 1e6),
)
def test_labels_are_unique_and_contain_the_cuts(values, shift) -> None:
    values = np.array(values) + shift
    cuts = round_cuts(values, (0.25, 0.5, 0.75), 0.04)
    labels = bin_labels(cuts, pd.Series(values))
    assert len(set(labels)) == len(labels) == len(cuts) + 1
    whole = bool((values == values.round()).all() and (cuts == cuts.round()).all())
    for (low, high), text in zip(pairwise(cuts), labels[1:-1], strict=True):
        numbers = text.replace("under ", "").replace(",", "").split(" to ")
        ends = [float(number) for number in numbers]
        assert ends[0] == low
        assert ends[-1] == (high - 1 if whole else high)


def test_the_label_of_missing_is_the_features_own_and_labels_never_clash(known) -> None:
    X, y = known
    term = Term(
        Binning("seniority", categories=("any other", "nobody asked", "vp")),
        np.array([0.0, 0.0, 1.0, -1.0, 0.5]),
    )
    content = compile_scorecard(
        0.0, [term], FEATURES, X, y, base_rate=0.2, candidate_name="by hand"
    )
    assert content["features"][0]["labels"] == [
        "nobody asked",
        "any other",
        '"any other"',
        '"nobody asked"',
        "vp",
    ]
    odd = X.assign(seniority=["any other", "nobody asked", "clerk", None] * (len(X) // 4))
    assert Scorecard.from_dict(content).log_odds(odd)[:4] == pytest.approx([1, -1, 0, 0])


def test_merging_equal_bins_changes_no_score() -> None:
    term = Term(
        Binning("visits", cuts=np.array([1.0, 2, 5, 9])), np.array([0.3, 0.1, 0.1, 0.4, 0.4, 0.1])
    )
    merged = merge_equal_bins(term)
    assert merged.binning.cuts.tolist() == [2.0, 9.0]
    table = pd.DataFrame({"visits": [np.nan, -1, 0, 1, 2, 4, 5, 8, 9, 99, np.inf, -np.inf]})
    assert (merged.contribution(table) == term.contribution(table)).all()
