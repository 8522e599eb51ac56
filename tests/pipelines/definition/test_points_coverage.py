"""The interval of learned points covers the planted truth as often as it should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.card.lines import POINTS
from model.estimators import logistic
from model.estimators.logistic import LogisticOnBins
from model.training.intervals import Z95
from pipelines.definition.points import points_difference

OPENS = Feature("opens", "e-mails opened", "engagement", "number")
SIZE = Feature("size", "employees", "firmographic", "number")
SEEDS, LEADS, SLOPE = 60, 1_000, 0.12


def planted(seed: int) -> tuple[float, float, float, float]:
    """Learn from a company where every opening adds the same: truth, learned, low and high."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"opens": rng.integers(0, 7, LEADS).astype(float)})
    X["size"] = rng.normal(0, 1, LEADS) + 0.2 * X["opens"]
    odds = -1.0 + SLOPE * X["opens"] + 0.4 * X["size"]
    y = (rng.random(LEADS) < 1 / (1 + np.exp(-odds))).astype(float).to_numpy()
    fitted = LogisticOnBins().fit(X, y, features=[OPENS, SIZE], seed=0)
    (term,) = (term for term in fitted.terms()[1] if term.binning.feature == "opens")
    meets = np.where(X["opens"] >= 3, 1, -1)
    gap = X["opens"][meets == 1].mean() - X["opens"][meets == -1].mean()
    assert term.errors is not None
    assert term.covariance is not None
    np.testing.assert_allclose(np.sqrt(np.diag(term.covariance)), term.errors)
    points = POINTS * term.log_odds
    width = Z95 * POINTS * term.errors
    ends = {"low": points - width, "points": points, "high": points + width}
    feature = {key: values.tolist() for key, values in ends.items()}
    independent = points_difference(feature, term.binning.bins(X), meets, opposed=False)
    known = feature | {"covariance": (POINTS**2 * term.covariance).tolist()}
    learned = points_difference(known, term.binning.bins(X), meets, opposed=False)
    assert learned.points == independent.points
    return POINTS * SLOPE * gap, *learned


def test_the_interval_covers_the_truth_in_about_95_of_100_companies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logistic, "STRENGTHS", (1.0,))  # one strength: quick
    monkeypatch.setattr(logistic, "FOLDS", 1)
    truth, learned, low, high = np.array([planted(seed) for seed in range(SEEDS)]).T
    covered = ((low <= truth) & (truth <= high)).mean()
    assert 0.88 <= covered <= 0.99
    error = ((high - low) / 2 / Z95).mean()
    assert 0.8 <= error / (learned - truth).std() <= 1.25, "as wide as chance, and no wider"
