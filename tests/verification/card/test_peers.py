"""The peers learn from what the card sees, and the comparison can fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from features.families.feature import Feature
from pipelines.snapshot import read_snapshot
from verification.card.company import CARD
from verification.card.flat_sets import FLAT_SETS, FURTHER, WINS, write_flat_sets
from verification.card.learners import (
    MISSING,
    Leads,
    Learner,
    histogram_boosting,
    installed_peers,
    leads_of,
    logistic_regression,
    on_a_page,
    strongest_features,
)
from verification.card.peers import NEAR, Aucs, peers_check

FEATURES = [
    Feature("size", "size", "firmographic", "number"),
    Feature("source", "source", "origin", "category"),
]


@pytest.mark.parametrize("learner", [logistic_regression, histogram_boosting])
@pytest.mark.parametrize("features", [FEATURES, FEATURES[:1], FEATURES[1:]])
def test_peers_learn_from_numbers_and_categories(learner: Learner, features: list[Feature]) -> None:
    random = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "size": np.where(random.random(600) < 0.2, np.nan, random.random(600)),
            "source": random.choice(np.array(["web", "fair", None], dtype=object), 600),
        }
    )
    worth = X["size"].fillna(0.5) + 0.5 * (X["source"] == "fair")
    y = (worth > 0.7).to_numpy(int)
    X.loc[599, "source"] = "never seen before"
    train = leads_of(X[:400], y[:400], features)
    test = leads_of(X[400:], y[400:], features)
    before = test.table.copy()
    assert roc_auc_score(test.y, learner(train, test)) > 0.6
    pd.testing.assert_frame_equal(test.table, before)


def test_missing_categories_are_a_category() -> None:
    X = pd.DataFrame({"size": [1, 2], "source": [None, "web"]})
    assert leads_of(X, np.array([0, 1]), FEATURES).categories["source"].tolist() == [MISSING, "web"]


def test_the_features_that_move_scores_most_come_first() -> None:
    random = np.random.default_rng(0)
    numbers = pd.DataFrame(random.normal(size=(500, 3)), columns=["none", "weak", "strong"])
    kinds = pd.DataFrame({"kind": random.choice(["a", "b"], 500)})
    odds = 0.5 * numbers["weak"] + 3 * numbers["strong"] + 2.0 * (kinds["kind"] == "a")
    leads = Leads(numbers, kinds, (odds + random.logistic(size=500) > 1).to_numpy(int))
    assert strongest_features(leads, 2) == ["strong", "kind"]
    with_gap = leads._replace(numbers=numbers.mask(numbers["strong"] > 1))
    train, test = on_a_page(leads, with_gap, lines=2, rows=8)
    assert list(train.table) == list(test.table) == ["strong", "kind"]
    assert train.numbers["strong"].nunique() == 4
    assert set(test.numbers["strong"].dropna()) <= set(train.numbers["strong"])
    assert (test.numbers["strong"].isna() == with_gap.numbers["strong"].isna()).all()


def test_the_card_is_compared_with_the_best_peer() -> None:
    assert set(installed_peers()) >= {"logistic regression", "histogram boosting"}
    near = peers_check("acme", Aucs({CARD: 0.796, "a": 0.7, "b": 0.8}, {}, 12, 60))
    assert (near.passed, near.mark) == (True, "yes")
    assert near.required == f"at least {0.8 - NEAR}"
    assert not peers_check("acme", Aucs({CARD: 0.794, "a": 0.7, "b": 0.8}, {}, 12, 60)).passed


@pytest.mark.parametrize(("few", "mark"), [(0.756, "limit"), (0.758, "**NO**")])
def test_what_the_limits_of_a_page_cost_is_no_failure_but_a_bad_card_is(
    few: float, mark: str
) -> None:
    check = peers_check("acme", Aucs({CARD: 0.752, "a": 0.8}, {"a": few}, 12, 60))
    assert check.mark == mark
    assert check.required == f"at least 0.795; on a page {few - NEAR}"


def test_tables_without_dates_are_read_as_planted(tmp_path: Path) -> None:
    name, workspace, further, won = next(write_flat_sets(tmp_path))
    assert name == next(iter(FLAT_SETS))
    snapshot = read_snapshot(workspace)
    labelled = snapshot.labelled
    assert snapshot.definition().directions == {}
    assert abs(labelled.y.mean() - WINS) < 0.03
    assert {f"n{place}" for place in range(10)} <= set(labelled.X)
    assert len(further) == len(won) == FURTHER
    for X, y in ((labelled.X, labelled.y), (further, won)):
        assert 0.15 < np.corrcoef(X["n0"].astype(float), y)[0, 1] < 0.35
