"""Candidates equal their terms to the last digits, keep directions, find planted effects, and find
nothing in random outcomes."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from features.families.feature import Feature
from model.card.lines import POINTS
from model.estimators import boosting, logistic
from model.estimators.bins import (
    RARE_LEAST,
    Term,
    rare_below,
    round_cuts,
    roundest_between,
    total_log_odds,
)
from model.estimators.black_box import BlackBox
from model.estimators.boosting import FullBoosting
from model.estimators.logistic import LogisticOnBins
from model.serving import Scorecard
from model.training.compile_scorecard import compile_scorecard, feature_importances

CANDIDATES = [FullBoosting, LogisticOnBins]
EVERY = [*CANDIDATES, BlackBox]
FEATURES = [
    Feature("employees", "employees", "firmographic", "number", "people"),
    Feature("seniority", "seniority", "role", "category"),
    Feature("webinars", "webinars attended", "engagement", "number"),
    Feature("noise", "noise", "origin", "number"),
]
CUTS = {"employees": [10, 50, 100, 200, 500, 1000], "webinars": [1, 2, 3, 4]}


def leads(n: int = 3000, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    employees = np.round(np.exp(random.normal(4.5, 1.3, n)))
    X = pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(n)],
            "employees": np.where(random.random(n) < 0.1, np.nan, employees),
            "seniority": random.choice(
                np.array(["vp", "manager", "student", "rare", None], object),
                n,
                p=[0.2, 0.5, 0.19, 0.01, 0.1],
            ),
            "webinars": random.poisson(0.8, n).astype(float),
            "noise": random.normal(size=n),
        }
    )
    odds = -2.2 + 0.9 * (employees >= 100) + 0.8 * np.minimum(X["webinars"], 3)
    odds += np.select([X["seniority"] == "vp", X["seniority"] == "student"], [0.8, -1.5], 0)
    return X, (random.random(n) < 1 / (1 + np.exp(-odds))).astype(float)


def strangers(n: int = 500, seed: int = 1) -> pd.DataFrame:
    """Unusual leads: values at every cut, beyond all, infinite, missing, and unknown categories."""
    X, _ = leads(n, seed)
    random = np.random.default_rng(seed)
    for name, cuts in CUTS.items():
        edges = [
            *cuts,
            *(np.nextafter(cut, 0) for cut in cuts),
            -5,
            0,
            1e12,
            np.inf,
            -np.inf,
            np.nan,
        ]
        X[name] = random.choice(edges, n)
    values = np.array(["vp", "rare", "never heard of", "", None], object)
    X["seniority"] = random.choice(values, n)
    return X


@pytest.fixture(scope="module", params=CANDIDATES, ids=lambda kind: kind.name)
def fitted(request):
    X, y = leads()
    return request.param().fit(X, y, features=FEATURES, directions={"webinars": 1}), X, y


def term_of(candidate, feature: str) -> Term:
    (term,) = [term for term in candidate.terms()[1] if term.binning.feature == feature]
    return term


def compiled(candidate, X, y, calibration=(1.0, 0.0)) -> Scorecard:
    intercept, terms = candidate.terms()
    card = compile_scorecard(
        intercept,
        terms,
        FEATURES,
        X,
        y,
        calibration=calibration,
        base_rate=float(y.mean()),
        candidate_name=candidate.name,
    )
    return Scorecard.from_dict(card)


@pytest.mark.parametrize("calibration", [(1.0, 0.0), (0.7, -0.4)])
def test_the_scorecard_rounds_the_estimators_points_for_any_lead(fitted, calibration) -> None:
    candidate, X, y = fitted
    card = compiled(candidate, X, y, calibration)
    most = len(FEATURES) * 0.5 / POINTS  # each line rounds once, by half a point at most
    for table in (X, strangers()):
        expected = calibration[0] * candidate.log_odds(table) + calibration[1]
        assert np.abs(card.log_odds(table) - expected).max() <= most + 1e-9


def test_predictions_are_the_sum_of_the_terms(fitted) -> None:
    candidate, X, _ = fitted
    for table in (X, strangers()):
        total = total_log_odds(*candidate.terms(), table)
        assert np.abs(candidate.log_odds(table) - total).max() < 1e-9


def test_bins_by_hand(fitted) -> None:
    """Missing is 0; a number 1 and one more for each cut it has reached; a category its place."""
    candidate, X, _ = fitted
    intercept, terms = candidate.terms()

    def place(binning, value) -> int:
        if value is None or value != value:
            return 0
        if binning.cuts is not None:
            return 1 + sum(value >= cut for cut in binning.cuts)
        return 2 + binning.categories.index(value) if value in binning.categories else 1

    for table in (X.head(100), strangers().head(200)):
        rows = table.to_dict("records")
        expected = [
            intercept
            + sum(term.log_odds[place(term.binning, row[term.binning.feature])] for term in terms)
            for row in rows
        ]
        assert np.abs(total_log_odds(intercept, terms, table) - expected).max() < 1e-9


def test_more_of_an_agreed_good_thing_never_lowers_the_score(fitted) -> None:
    candidate, X, _ = fitted
    few = X.head(200)
    before = candidate.log_odds(few.assign(webinars=0.0))
    for count in range(1, 15):
        now = candidate.log_odds(few.assign(webinars=float(count)))
        assert (now >= before - 1e-12).all()
        before = now


@pytest.mark.parametrize("kind", CANDIDATES)
def test_a_direction_against_the_data_is_kept(kind) -> None:
    X, y = leads()
    found = kind().fit(X, y, features=FEATURES, directions={"webinars": -1})
    term = term_of(found, "webinars")
    assert (np.diff(term.log_odds[1:]) <= 1e-12).all()


@pytest.mark.parametrize("kind", EVERY)
def test_planted_effects_are_found_on_other_leads(kind) -> None:
    X, y = leads()
    other, outcome = leads(seed=9)
    p = kind().fit(X, y, features=FEATURES).log_odds(other)
    truth = -2.2 + 0.9 * (other["employees"] >= 100) + 0.8 * np.minimum(other["webinars"], 3)
    truth += np.select(
        [other["seniority"] == "vp", other["seniority"] == "student"], [0.8, -1.5], 0
    )
    assert roc_auc_score(outcome, p) > roc_auc_score(outcome, truth) - 0.02


def test_planted_drivers_weigh_more_than_noise(fitted) -> None:
    candidate, X, y = fitted
    rank = feature_importances(compiled(candidate, X, y).content)["feature"].to_list()
    assert set(rank[:3]) == {"employees", "seniority", "webinars"}


def test_errors_have_the_size_of_the_spread_over_samples() -> None:
    """The standard error of the webinar points, against their spread over 12 other samples."""
    reported, estimates = [], []
    for seed in range(12):
        X, y = leads(seed=seed)
        (term,) = LogisticOnBins().fit(X, y, features=[FEATURES[2]]).terms()[1]
        estimates.append(term.log_odds[1])
        reported.append(term.errors[1])
    # 12 samples give a standard deviation to within a factor of 1.7 (chi-square, 1 in 100)
    assert np.std(estimates, ddof=1) / np.mean(reported) == pytest.approx(1, abs=0.7)


@pytest.mark.parametrize("kind", EVERY)
def test_random_outcomes_teach_nothing(kind) -> None:
    X, y = leads()
    shuffled = np.random.default_rng(3).permutation(y)
    other, outcome = leads(seed=9)
    p = kind().fit(X, shuffled, features=FEATURES).log_odds(other)
    # standard error of the AUC of 3,000 leads with a third won: about .011
    assert roc_auc_score(np.random.default_rng(4).permutation(outcome), p) == pytest.approx(
        0.5, abs=0.045
    )


@pytest.mark.parametrize("kind", EVERY)
def test_index_order_and_other_columns_do_not_matter_and_inputs_are_unchanged(kind) -> None:
    X, y = leads(800)
    before = X.copy(deep=True)
    first = kind().fit(X, y, features=FEATURES)
    odd = X.set_axis(np.arange(len(X))[::-1] * 7).assign(irrelevant="x")
    second = kind().fit(odd, y, features=FEATURES)
    pd.testing.assert_frame_equal(X, before)
    assert (first.log_odds(X) == second.log_odds(odd)).all()
    part = X.iloc[::-1]
    assert (first.log_odds(part) == first.log_odds(X)[::-1]).all()


@pytest.mark.parametrize("kind", CANDIDATES)
def test_weights_reach_the_estimator(kind) -> None:
    """Doubling the weight of the won leads doubles the odds."""
    X, y = leads(1000)
    plain = kind().fit(X, y, features=FEATURES).log_odds(X).mean()
    heavy = kind().fit(X, y, features=FEATURES, sample_weight=1.0 + y).log_odds(X).mean()
    assert heavy - plain == pytest.approx(np.log(2), abs=0.15)


def test_a_rare_or_unknown_category_adds_nothing(fitted) -> None:
    candidate, X, _ = fitted
    term = term_of(candidate, "seniority")
    assert "rare" in set(X["seniority"])
    assert "rare" not in term.binning.categories
    assert term.log_odds[1] == 0


@pytest.mark.parametrize("kind", EVERY)
def test_without_a_learnable_feature_every_lead_gets_the_base_rate(kind) -> None:
    X, y = leads(300)
    bare = X.assign(employees=np.nan, seniority=None, webinars=1.0, noise=0.0)
    found = kind().fit(bare, y, features=FEATURES)
    assert len(found.left_out) == 4
    assert 1 / (1 + np.exp(-found.log_odds(bare)[0])) == pytest.approx(y.mean(), abs=0.01)


def test_a_feature_in_which_few_leads_differ_is_left_out_with_the_reason() -> None:
    X, y = leads(1000)
    X["noise"] = (np.arange(1000) < 5).astype(float)
    found = LogisticOnBins().fit(X, y, features=FEATURES)
    assert found.left_out == {"noise": "all but 5 leads have the same value"}
    assert rare_below(1000) == RARE_LEAST


def test_cuts_are_round_and_near_the_given_shares() -> None:
    random = np.random.default_rng(0)
    for scale in (0.01, 1, 1234.5):
        values = np.r_[random.lognormal(0, 1.5, 5000) * scale, np.nan]
        shares = (0.25, 0.5, 0.75, 0.95)
        cuts = round_cuts(values, shares, 0.04)
        assert all(len(f"{cut:g}".replace(".", "").strip("0")) <= 3 for cut in cuts)
        below = [(values < cut).sum() / 5000 for cut in cuts]
        assert np.abs(np.array(below) - shares).max() <= 0.041


def test_cuts_lie_between_distinct_values() -> None:
    assert round_cuts(np.array([0, 1, 2, 7.0] * 9), np.arange(1, 32) / 32, 0.01).tolist() == [
        1,
        2,
        5,
    ]
    assert round_cuts(np.array([3.0, 3, np.nan]), (0.5,), 0.1).tolist() == []


@pytest.mark.parametrize(
    ("low", "high", "roundest"),
    [(48, 53, 50), (99, 101, 100), (0, 1, 1), (1234, 1240, 1240), (-8, -3, -5)],
)
def test_the_roundest_number_between(low, high, roundest) -> None:
    assert roundest_between(low, high) == roundest


@pytest.mark.parametrize("kind", EVERY)
def test_a_lead_of_weight_0_is_ignored(kind) -> None:
    X, y = leads(1500)
    counts = np.arange(1500) % 3 > 0
    contrary = np.where(counts, y, 1 - y)
    weighed = kind().fit(X, contrary, features=FEATURES, sample_weight=counts * 2.0)
    alone = kind().fit(
        X[counts].reset_index(drop=True),
        y[counts],
        features=FEATURES,
        sample_weight=np.full(counts.sum(), 2.0),
    )
    assert (weighed.log_odds(X) == alone.log_odds(X)).all()


@pytest.mark.parametrize("kind", EVERY)
def test_the_same_seed_gives_the_same_model(kind) -> None:
    X, y = leads(800)
    first, second = (kind().fit(X, y, features=FEATURES, seed=5).log_odds(X) for _ in range(2))
    assert (first == second).all()


@pytest.mark.parametrize(
    "kind", [*CANDIDATES, pytest.param(BlackBox, marks=pytest.mark.full_learning)]
)
def test_infinite_numbers_are_the_largest_and_the_smallest(kind) -> None:
    X, y = leads(1500)
    X["employees"] = X["employees"].where(X["employees"] < 400, np.inf)
    X["noise"] = X["noise"].where(X["noise"] > -1, -np.inf)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = kind().fit(X, y, features=FEATURES, directions={"employees": 1})
        huge, small = (found.log_odds(X.assign(employees=number)) for number in (np.inf, 1.0))
    assert (huge > small).all()


@pytest.mark.parametrize("kind", CANDIDATES)
def test_new_categories_add_nothing(kind) -> None:
    X, y = leads()
    found = kind().fit(X, y, features=FEATURES)
    new, newer = (
        found.log_odds(X.assign(seniority=name)) for name in ("head of new things", "trainee")
    )
    assert (new == newer).all()
    term = term_of(found, "seniority")
    assert np.abs(found.log_odds(X) - new - term.contribution(X)).max() < 1e-9


# -- clusters: several rows of the same lead -------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [pytest.param(LogisticOnBins, marks=pytest.mark.full_learning), FullBoosting]
)
def test_rows_of_a_lead_are_not_memorised(kind) -> None:
    """With random outcomes, the other rows of a lead must not look like a confirmation."""
    X, y = leads(200)
    shuffled = np.random.default_rng(1).permutation(y)
    again = np.repeat(np.arange(len(X)), 6)
    rows, ends = X.iloc[again].reset_index(drop=True), shuffled[again]
    plain = kind().fit(rows, ends, features=FEATURES)
    grouped = kind().fit(rows, ends, features=FEATURES, groups=again)
    others = leads(2_000, seed=9)[0]
    assert grouped.log_odds(others).std() < plain.log_odds(others).std() / 2


@pytest.mark.parametrize("kind", [LogisticOnBins])
def test_copies_of_a_lead_do_not_make_errors_smaller(kind) -> None:
    X, y = leads(1_500)
    again = np.repeat(np.arange(len(X)), 9)
    rows, ends = X.iloc[again].reset_index(drop=True), y[again]

    def median_error(fitted) -> float:
        errors = [
            term.errors[np.bincount(term.binning.bins(X), minlength=term.binning.size) > 50]
            for term in fitted.terms_
        ]
        return float(np.median(np.concatenate(errors)))

    once = median_error(kind().fit(X, y, features=FEATURES))
    assert median_error(kind().fit(rows, ends, features=FEATURES)) < once / 2
    assert median_error(kind().fit(rows, ends, features=FEATURES, groups=again)) > once * 0.9


def test_the_regularisation_is_chosen_by_as_many_leads_as_are_enough(monkeypatch) -> None:
    X, y = leads(1000)
    chosen, folds = [], logistic.stratified_folds

    def seen(outcomes, *arguments):
        chosen.append(len(outcomes))
        return folds(outcomes, *arguments)

    monkeypatch.setattr(logistic, "stratified_folds", seen)
    monkeypatch.setattr(logistic, "LARGEST_SAMPLE", 300)
    monkeypatch.setattr(logistic, "STRENGTHS", (0.1, 1.0))
    fitted = LogisticOnBins().fit(X, y, features=FEATURES)
    assert chosen == [300]
    assert len(fitted.log_odds(X)) == 1000
    assert roc_auc_score(y, fitted.log_odds(X)) > 0.65


def test_boosting_ends_though_few_leads_are_held_out(monkeypatch) -> None:
    monkeypatch.setattr(boosting, "PATIENCE", 10**6)  # as if they were predicted ever better
    X, y = leads(300)
    spread = []
    for rounds in (2, 60):
        monkeypatch.setattr(boosting, "MOST_ROUNDS", rounds)
        spread.append(np.ptp(FullBoosting().fit(X, y, features=FEATURES).log_odds(X)))
    assert 0 < 2 * spread[0] < spread[1]
