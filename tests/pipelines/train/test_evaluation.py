"""What a training measures over all periods: predictions with the level kept up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from model.training.learn import BacktestPeriod
from model.training.splits import Split
from pipelines.labelled import Labelled
from pipelines.train import evaluation

LEADS, EXPECTED, RISEN = 3_000, 0.1, 0.3


def predict(X: pd.DataFrame) -> np.ndarray:
    return np.full(len(X), EXPECTED)


def split_at(start: int, end: int) -> Split:
    places = np.arange(LEADS)
    return Split(places < start, (places >= start) & (places < end), "in order")


def trained() -> Any:
    """A model whose win rate has risen since the first third of the leads."""
    random = np.random.default_rng(0)
    places = np.arange(LEADS)
    names = [f"lead {place}" for place in places]
    columns = {"lead_id": names, "person_id": names, "account_id": None, "as_of": pd.NaT}
    rows = pd.DataFrame(columns | {"mature_at": pd.NaT, "order": places.astype(float)})
    y = (random.random(LEADS) < np.where(places < LEADS // 3, EXPECTED, RISEN)).astype(float)
    earlier, test = split_at(1_000, 2_000), split_at(2_000, LEADS)
    tested = np.flatnonzero(earlier.test)
    period = BacktestPeriod(
        tested, np.full(len(tested), EXPECTED), np.ones(len(tested)), 100, earlier, predict
    )
    return SimpleNamespace(
        labelled=Labelled(rows, pd.DataFrame({"size": np.ones(LEADS)}), y, places, {}),
        split=test,
        test_weights=None,
        learned=SimpleNamespace(periods=[period]),
        card=SimpleNamespace(probability=predict),
    )


def test_predicted_wins_over_all_periods_follow_a_win_rate_that_rises() -> None:
    model = trained()
    predictions = np.full(1_000, EXPECTED)
    periods = evaluation.tested_periods(model, predictions)
    assert [len(period.rows) for period in periods] == [1_000, 1_000]
    pooled = evaluation._pooled_metrics(model, predictions, seed=0)
    assert pooled is not None
    assert 0.75 < pooled.values["expected_wins_ratio"] < 1, "a third without moving the level"


def test_a_random_split_has_no_periods() -> None:
    model = trained()
    model.split = Split(model.split.train, model.split.test, "at random")
    assert evaluation._pooled_metrics(model, np.full(1_000, EXPECTED), seed=0) is None
