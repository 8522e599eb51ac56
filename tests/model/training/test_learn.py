"""Choosing, training and calibrating, forward in time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.training.learn import Learned, learn
from model.training.learning_data import LearningData
from model.training.splits import Split, inner_folds, split_leads, time_order

FEATURES = [Feature("visits", "visits", "engagement", "number")]


def leads(n: int = 4000, *, later: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Leads of 400 days whose log-odds rise by ``later`` half-way; outcomes take 20 days."""
    random = np.random.default_rng(3)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n) * 400 / n, "D")
    rows = pd.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(n)],
            "account_id": None,
            "as_of": days.astype("datetime64[us]"),
            "order": np.nan,
        }
    )
    rows["mature_at"] = rows["as_of"] + pd.Timedelta(days=20)
    visits = random.integers(0, 6, n).astype(float)
    odds = -3 + 0.5 * visits + later * (np.arange(n) > n / 2)
    return rows, pd.DataFrame({"visits": visits}), random.random(n) < 1 / (1 + np.exp(-odds))


def learned(**how: float) -> tuple[Learned, Split, list[Split], pd.DataFrame, np.ndarray]:
    rows, X, y = leads(**how)
    parts = split_leads(rows, test_share=0.2)
    inner = inner_folds(rows, parts)
    accounts = rows["person_id"].to_numpy()
    data = LearningData(X, y.astype(float), FEATURES, accounts, time_order(rows))
    return learn(data, parts, inner), parts, inner, X, y


def test_the_calibration_matches_the_win_rate_of_all_training_leads() -> None:
    """Where the win rate has risen, the folds predict too few wins; the final model does not."""
    found, parts, _, X, y = learned(later=1.2)
    before = found.periods[1]
    assert before.probability.sum() < 0.7 * y[before.rows].sum(), (
        "the folds did not know of the change"
    )
    for model in (found.chosen, found.yardstick):
        predicted = model.probability(X[parts.train]).mean()
        assert predicted == pytest.approx(y[parts.train].mean(), rel=1e-6)


def test_each_period_has_the_predictions_of_its_own_model() -> None:
    found, _, inner, X, y = learned()
    assert len(found.periods) == len(inner) == 3
    for period, fold in zip(found.periods, inner, strict=True):
        assert (period.rows == np.flatnonzero(fold.test)).all()
        again = type(found.chosen.estimator)().fit(
            X[fold.train].reset_index(drop=True), y[fold.train].astype(float), features=FEATURES
        )
        odds = again.log_odds(X.iloc[period.rows].reset_index(drop=True))
        log_odds = np.log(period.probability / (1 - period.probability))
        assert np.corrcoef(log_odds, odds)[0, 1] > 0.98, "the same points, but for who is held out"
        assert abs(np.mean(log_odds - odds)) < 0.1
    starts = [period.rows.min() for period in found.periods]
    assert starts == sorted(starts)
