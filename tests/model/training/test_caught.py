"""What the best leads hold, counted another way."""

from __future__ import annotations

import numpy as np
import pytest

from model.training.metrics import measure, measure_caught

RANDOM = np.random.default_rng(3)
Y = (RANDOM.random(300) < 0.2).astype(float)
SCORE = RANDOM.random(300) + Y
AMOUNT = Y * RANDOM.integers(1, 100, 300)


def test_the_best_leads_hold_what_a_sort_says() -> None:
    best = np.argsort(-SCORE)[:45]
    caught = measure_caught({"model": SCORE}, {"wins": Y, "amount": AMOUNT}, 0.15, resamples=5)[
        "model"
    ]
    assert caught.values["wins"] == pytest.approx(Y[best].sum() / Y.sum())
    assert caught.values["amount"] == pytest.approx(AMOUNT[best].sum() / AMOUNT.sum())


def test_the_resamples_are_those_of_the_other_metrics() -> None:
    groups = np.arange(300) // 3
    p = SCORE / 3
    other = measure(Y, {"model": p}, groups=groups, resamples=50)["model"]
    caught = measure_caught({"model": p}, {"wins": Y}, 0.2, groups=groups, resamples=50)["model"]
    np.testing.assert_allclose(caught.resampled["wins"], other.resampled["captured_20"])


def test_differences_are_paired() -> None:
    scores = {"model": SCORE, "same": SCORE * 2}
    caught = measure_caught(scores, {"wins": Y}, 0.2, resamples=20)
    assert caught["model"].difference(caught["same"], "wins")._asdict() == {
        "value": 0.0,
        "low": 0.0,
        "high": 0.0,
    }
