"""Folds of groups: together, even, and with both outcomes outside of each."""

import numpy as np
import pytest

from model.estimators.cross_validation import grouped_folds


@pytest.fixture
def leads() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    groups = random.integers(0, 900, 2000)
    return (random.random(2000) < 0.1).astype(int), groups


def test_each_lead_is_in_one_fold_together_with_its_group(leads) -> None:
    y, groups = leads
    folds = grouped_folds(y, groups, 4, seed=1)
    assert len(folds) == 4
    assert (np.sum(folds, axis=0) == 1).all()
    place = np.argmax(folds, axis=0)
    assert all(len(set(place[groups == group])) == 1 for group in np.unique(groups))


def test_folds_have_about_as_many_leads_and_wins(leads) -> None:
    y, groups = leads
    folds = grouped_folds(y, groups, 4, seed=1)
    assert all(440 < fold.sum() < 560 for fold in folds)
    assert all(0.75 < y[fold].sum() / (y.sum() / 4) < 1.25 for fold in folds)


def test_another_seed_draws_other_folds(leads) -> None:
    y, groups = leads
    first, same, other = (grouped_folds(y, groups, 4, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_without_groups_each_lead_is_drawn_by_itself(leads) -> None:
    y, _ = leads
    wins = [int(y[fold].sum()) for fold in grouped_folds(y, None, 4, 0)]
    assert max(wins) - min(wins) <= 1


@pytest.mark.parametrize(
    ("y", "groups", "n"),
    [
        ([1, 1, 1, 0, 0, 0], [1, 1, 1, 2, 3, 4], 0),  # one group has all wins
        ([1, 1, 0, 0, 0, 0], [1, 2, 3, 3, 3, 3], 0),  # one group has all losses
        ([1, 1, 0, 0, 0, 0], None, 2),  # two wins make two folds
        ([1, 0, 1, 0, 1, 0], [1, 1, 2, 2, 3, 3], 3),  # every group has wins and losses
        ([1, 1, 1, 1], None, 0),
    ],
)
def test_few_groups_make_fewer_folds(y, groups, n) -> None:
    groups = None if groups is None else np.array(groups)
    assert len(grouped_folds(np.array(y), groups, 4, 0)) == n
