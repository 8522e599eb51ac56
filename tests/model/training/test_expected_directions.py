"""A direction that the data contradicts is reported, and does not fail the gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.families.feature import Feature
from model.gate_rules import directions_hold
from model.serving import Scorecard
from model.training.expected_directions import unconstrained_curves

VISITS = Feature("visits", "visits", "engagement", "number")


def card(points: list[float]) -> Scorecard:
    feature = {
        "name": "visits",
        "words": "visits",
        "family": "engagement",
        "kind": "number",
        "cuts": [2.0],
        "points": points,
        "labels": ["unknown", "under 2", "2 or more"],
    }
    return Scorecard.from_dict(
        {
            "format": 1,
            "base_rate": 0.1,
            "intercept": 0.0,
            "ready_at": 55.0,
            "grades": {"A": 6.0, "B": 0.0, "C": -5.0},
            "levels": {"1": 8.0, "2": 1.0, "3": -4.0},
            "features": [feature],
        }
    )


@pytest.mark.parametrize(("slope", "contradicted"), [(-0.5, True), (0.5, False), (0.0, False)])
def test_a_contradicted_direction_is_reported_and_passes(slope: float, contradicted: bool) -> None:
    rng = np.random.default_rng(5)
    X = pd.DataFrame({"visits": rng.integers(0, 6, 4000).astype(float)})
    y = (rng.random(4000) < 1 / (1 + np.exp(1 - slope * X["visits"]))).astype(float).to_numpy()
    (curve,) = unconstrained_curves(X, y, [VISITS], {"visits": 1})
    assert curve.contradicted == contradicted
    assert np.all(np.array(curve.low) <= curve.points)
    check = directions_hold(card([0.0, 0.0, 0.0]), {"visits": 1}, [curve])
    assert check.passed
    assert ("the data points the other way for visits" in check.observed) == contradicted
    broken = directions_hold(card([0.0, 1.0, -1.0]), {"visits": 1}, [curve])
    assert not broken.passed
