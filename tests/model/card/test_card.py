"""Both kinds of card: within their limits, the same for the same leads, and true to directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from features.families.feature import Feature
from model.card.card import (
    BlendedCard,
    BoostedCard,
    CardLimits,
    ChosenLines,
    LogisticCard,
    choose_card_lines,
)
from model.estimators.bins import Term, total_log_odds

KINDS = [BlendedCard, BoostedCard, LogisticCard]
Kind = type[BlendedCard] | type[BoostedCard] | type[LogisticCard]
N = 1500
FEATURES = [
    Feature("employees", "employees", "firmographic", "number", "people"),
    Feature("seniority", "seniority", "role", "category"),
    Feature("webinars_7d", "webinars, 7 days", "engagement", "number"),
    Feature("webinars_90d", "webinars, 90 days", "engagement", "number"),
    Feature("calls_30d", "calls", "engagement", "number"),
    Feature("campaign", "campaign", "origin", "category"),
    Feature("noise", "noise", "origin", "number"),
]


def leads(n: int = N, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    employees = np.round(np.exp(random.normal(4.5, 1.3, n)))
    webinars = random.poisson([0.3, 0.7], (n, 2)).cumsum(axis=1).astype(float)
    names = np.array(["vp", "manager", "student", None], object)
    X = pd.DataFrame(
        {
            "lead_id": [f"L{number}" for number in range(n)],
            "employees": np.where(random.random(n) < 0.1, np.nan, employees),
            "seniority": random.choice(names, n, p=[0.2, 0.5, 0.2, 0.1]),
            "webinars_7d": webinars[:, 0],
            "webinars_90d": webinars[:, 1],
            "calls_30d": random.poisson(1.5, n).astype(float),
            "campaign": [f"campaign {place * 12 // n}" for place in range(n)],
            "noise": random.normal(size=n),
        }
    )
    return X, (random.random(n) < 1 / (1 + np.exp(-truth(X)))).astype(float)


def truth(X: pd.DataFrame) -> np.ndarray:
    odds = -2 + 0.9 * (X["employees"] >= 100) + 0.8 * np.minimum(X["webinars_90d"], 3)
    odds += 0.3 * np.minimum(X["calls_30d"], 4)
    return np.asarray(
        odds + np.select([X["seniority"] == "vp", X["seniority"] == "student"], [0.9, -1.5], 0)
    )


def fit(kind: Kind, X: pd.DataFrame, y: Any, limits: CardLimits | None = None, **how: Any) -> Any:
    return kind(limits).fit(X, y, features=FEATURES, **{"order": np.arange(len(X)), **how})


def names_of(card: Any) -> list[str]:
    return [term.binning.feature for term in card.terms()[1]]


def rows_of(terms: list[Term], X: pd.DataFrame) -> int:
    """Count the rows that people read: categories with the same points are one."""
    count = 0
    for term in terms:
        filled = np.unique(term.binning.bins(X))
        first = 1 if term.binning.cuts is not None else 2  # bins that are never merged
        values = filled if first == 1 else term.log_odds[filled[filled >= first]]
        count += len(np.unique(values)) + (0 if first == 1 else int((filled < first).sum()))
    return count


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name)
def fitted(request: pytest.FixtureRequest) -> tuple[Any, pd.DataFrame, np.ndarray]:
    X, y = leads()
    return fit(request.param, X, y), X, y


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limits", [CardLimits(2, 6), CardLimits(3, 9), CardLimits(12, 14)])
def test_the_limits_hold(kind: Kind, limits: CardLimits) -> None:
    X, y = leads()
    card = fit(kind, X, y, limits)
    assert 0 < len(names_of(card)) <= limits.lines
    assert limits.rows - 4 <= rows_of(card.terms_, X) <= limits.rows


def test_the_card_has_what_was_planted_and_knows_most_of_it(fitted) -> None:
    card, *_ = fitted
    assert {"employees", "seniority", "webinars_90d", "calls_30d"} <= set(names_of(card))
    assert not {"webinars_7d", "campaign"} & set(names_of(card))
    other, won = leads(3000, seed=9)
    best = roc_auc_score(won, truth(other))
    assert roc_auc_score(won, card.log_odds(other)) > best - 0.02


def test_the_blended_card_is_two_parts_logistic_regression_and_one_part_boosting() -> None:
    X, y = leads(600)
    chosen = choose_card_lines(X, y, FEATURES[:3], CardLimits(rows=200), splits=2)
    learned: dict[str, Any] = {}
    how = {"order": None, "chosen": chosen, "learned": learned}
    blended, boosted, logistic = (
        kind(CardLimits(rows=200), bags=2).fit(X, y, features=FEATURES[:3], **how) for kind in KINDS
    )
    assert boosted.intercept_ != pytest.approx(logistic.intercept_)
    assert blended.intercept_ == pytest.approx((2 * logistic.intercept_ + boosted.intercept_) / 3)
    parts = [card.log_odds(X) for card in (logistic, logistic, boosted)]
    assert np.abs(blended.log_odds(X) - np.mean(parts, axis=0)).mean() < 0.02


def test_it_says_why_features_are_left_out(fitted) -> None:
    card, *_ = fitted
    assert card.left_out == {"campaign": "its values do not come again in later periods"}


@pytest.mark.parametrize("kind", KINDS)
def test_people_choose_features(kind: Kind) -> None:
    X, y = leads()
    limits = CardLimits(4, 20, use=("noise",), without=("employees",))
    card = fit(kind, X, y, limits)
    assert "noise" in names_of(card)
    assert "employees" not in names_of(card)
    assert card.left_out["employees"] == "left out by choice"
    assert len(names_of(card)) <= 4


def test_predictions_are_the_sum_of_the_terms_and_every_row_has_an_error(fitted) -> None:
    card, X, _ = fitted
    assert (card.log_odds(X) == total_log_odds(*card.terms(), X)).all()
    for term in card.terms()[1]:
        assert (term.errors > 0).all()
        assert np.sqrt(np.diag(term.covariance)) == pytest.approx(term.errors)
        assert np.linalg.eigvalsh(term.covariance).min() > -1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_alone_decides_and_inputs_are_unchanged(kind: Kind) -> None:
    X, y = leads()
    X_before, y_before = X.copy(deep=True), y.copy()
    odd = X.set_axis(np.arange(N)[::-1] * 7).assign(irrelevant="x")
    first, second = fit(kind, X, y, seed=3), fit(kind, odd, y, seed=3)
    assert (first.log_odds(X) == second.log_odds(X)).all()
    pd.testing.assert_frame_equal(X, X_before)
    assert (y == y_before).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_rows_hardly_matters(kind: Kind) -> None:
    """Only who is held out changes: the lines stay, and scores move by less than their errors."""
    X, y = leads()
    mixed = np.random.default_rng(1).permutation(N)
    first = fit(kind, X, y)
    second = fit(kind, X.iloc[mixed].reset_index(drop=True), y[mixed], order=mixed)
    planted = {"employees", "seniority", "webinars_90d", "calls_30d"}
    assert planted <= set(names_of(first)) & set(names_of(second))
    assert np.std(first.log_odds(X) - second.log_odds(X)) < 0.25
    assert np.corrcoef(first.log_odds(X), second.log_odds(X))[0, 1] > 0.97


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sign", [1, -1])
def test_agreed_directions_are_kept(kind: Kind, sign: int) -> None:
    X, y = leads()
    directions = {"webinars_90d": sign, "employees": sign, "calls_30d": sign}
    card = fit(kind, X, y, CardLimits(use=tuple(directions)), directions=directions)
    for term in card.terms()[1]:
        if term.binning.feature in directions:
            assert (sign * np.diff(term.log_odds[1:]) >= -1e-12).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_lead_of_weight_0_is_ignored(kind: Kind) -> None:
    X, y = leads()
    counts = np.arange(N) % 4 > 0
    contrary = np.where(counts, y, 1 - y)
    weighed = fit(kind, X, contrary, sample_weight=counts * 2.0)
    alone = fit(
        kind,
        X[counts].reset_index(drop=True),
        y[counts],
        sample_weight=np.full(counts.sum(), 2.0),
        order=np.flatnonzero(counts),
    )
    assert (weighed.log_odds(X) == alone.log_odds(X)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_copies_of_leads_in_groups_are_no_new_evidence(kind: Kind) -> None:
    X, y = leads(300)
    noise = np.random.default_rng(2).permutation(y)
    again = np.repeat(np.arange(300), 8)
    rows, ends = X.iloc[again].reset_index(drop=True), noise[again]
    plain = fit(kind, rows, ends, order=again)
    grouped = fit(kind, rows, ends, order=again, groups=again)
    other, _ = leads(seed=5)
    assert grouped.log_odds(other).std() < plain.log_odds(other).std() / 2


@pytest.mark.parametrize("kind", KINDS)
def test_lines_that_were_chosen_elsewhere_are_taken(kind: Kind) -> None:
    X, y = leads()
    chosen = choose_card_lines(X, y, FEATURES, CardLimits(3), order=np.arange(N))
    assert isinstance(chosen, ChosenLines)
    card = fit(kind, X, y, chosen=chosen)
    assert names_of(card) == [line.feature for line in chosen.choice.lines]


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_usable_feature_every_lead_gets_the_win_rate(kind: Kind) -> None:
    X, y = leads()
    bare = X[["lead_id"]].assign(**{feature.name: np.nan for feature in FEATURES})
    card = fit(kind, bare, y)
    assert names_of(card) == []
    assert len(card.left_out) == len(FEATURES)
    assert 1 / (1 + np.exp(-card.log_odds(bare)[0])) == pytest.approx(y.mean(), abs=0.01)
