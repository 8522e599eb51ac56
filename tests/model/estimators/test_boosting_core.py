"""Boosting with the compiled core: what interpret-core's own estimator learns, to the last digit."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from interpret.glassbox import ExplainableBoostingClassifier

from model.estimators.boosting_core import Array, BoostedTables, Effort, boost_columns
from model.estimators.boosting_steps import Column

NOMINAL, CUTS = 7, np.arange(1, 9) + 0.5
DIRECTIONS = [0, 1, -1, 0, 0]


def leads(count: int, seed: int) -> tuple[Array, Array]:
    """Codes of four numbers and a category, some of them missing, and outcomes."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 10, (count, 5))
    codes[:, 3] = np.maximum(codes[:, 3], 1)
    codes[:, 4] = np.minimum(codes[:, 4], NOMINAL)
    odds = 0.5 * codes[:, 1] - 0.2 * codes[:, 2] + (codes[:, 4] == 3) - 2
    return codes, (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(int)


def theirs(
    codes: Array, y: Array, effort: Effort, bags: int, drawn: Array | None, weights: Array | None
) -> tuple[float, list[Array], list[Array]]:
    names = np.array([None, *(f"{code:06}" for code in range(1, NOMINAL + 1))], object)
    X = pd.DataFrame(np.where(codes == 0, np.nan, codes)).set_axis(list("abcde"), axis=1)
    estimator = ExplainableBoostingClassifier(
        feature_types=[CUTS.tolist()] * 4 + ["nominal"],
        monotone_constraints=DIRECTIONS,
        learning_rate=effort.rate,
        interactions=0,
        smoothing_rounds=effort.smoothing,
        early_stopping_rounds=effort.patience,
        max_rounds=effort.most_rounds,
        outer_bags=bags,
        n_jobs=1,
        random_state=3,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Missing values detected")
        estimator.fit(X.assign(e=names[codes[:, 4]]), y, sample_weight=weights, bags=drawn)
    return float(estimator.intercept_[0]), estimator.term_scores_, estimator.bin_weights_


def ours(
    codes: Array, y: Array, effort: Effort, bags: int, drawn: Array | None, weights: Array | None
) -> BoostedTables:
    sizes = [len(CUTS) + 3] * 4 + [NOMINAL + 2]
    columns = [
        Column(np.ascontiguousarray(codes[:, place]), sizes[place], place == 4, direction)
        for place, direction in enumerate(DIRECTIONS)
    ]
    return boost_columns(columns, y, effort, bags=bags, drawn=drawn, weights=weights, seed=3)


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize(
    ("count", "effort"),
    [
        (400, Effort(0.05, 10, 10, 500)),
        (400, Effort(0.3, 0, 3, 500)),  # no random cuts
        (90, Effort(0.1, 5, 8, 9)),  # ends before patience does
    ],
)
def test_it_learns_what_the_estimator_learns(
    count: int, effort: Effort, weighted: bool, grouped: bool
) -> None:
    codes, y = leads(count, seed=count)
    rng = np.random.default_rng(1)
    weights = rng.random(count) + 0.5 if weighted else None
    bags = rng.choice([1, 1, 1, -1], (count, 2)).astype(np.int8) if grouped else None
    intercept, log_odds, bin_weights = theirs(codes, y, effort, 2, bags, weights)
    learned = ours(codes, y, effort, 2, bags, weights)
    assert learned.intercept == intercept
    for table, other in zip(learned.log_odds, log_odds, strict=True):
        assert table.tolist() == other.tolist()
    for leads_of_bins, other in zip(learned.bin_weights, bin_weights, strict=True):
        assert leads_of_bins.tolist() == other.tolist()


def test_without_leads_to_stop_by_it_takes_all_rounds() -> None:
    codes, y = leads(60, seed=5)
    bags = np.ones((60, 1), dtype=np.int8)
    learned = ours(codes, y, Effort(0.1, 2, 1, 20), 1, bags, None)
    intercept, log_odds, _ = theirs(codes, y, Effort(0.1, 2, 1, 20), 1, bags, None)
    assert learned.intercept == intercept
    assert [table.tolist() for table in learned.log_odds] == [odds.tolist() for odds in log_odds]
