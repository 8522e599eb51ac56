"""Folds of groups: those of scikit-learn, for any groups and outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from model.estimators.group_folds import stratified_folds


@pytest.mark.filterwarnings("ignore:The least populated class")
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(20, 200), st.floats(0.05, 0.9))
def test_folds_are_those_of_scikit_learn(seed: int, parts: int, most: int, rate: float) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random(300) < rate).astype(float)
    groups = rng.integers(0, most, 300)
    theirs = StratifiedGroupKFold(parts, shuffle=True, random_state=seed).split(y, y, groups)
    ours = stratified_folds(y, groups, parts, seed)
    for (train, test), (their_train, their_test) in zip(ours, theirs, strict=True):
        assert train.tolist() == their_train.tolist()
        assert test.tolist() == their_test.tolist()
        assert not set(groups[train]) & set(groups[test])


def test_without_groups_single_leads_are_dealt() -> None:
    y = np.array([1.0, 0, 0, 1, 0, 0, 1, 0])
    theirs = StratifiedKFold(2, shuffle=True, random_state=3).split(y, y)
    for ours, their in zip(stratified_folds(y, None, 2, 3), theirs, strict=True):
        assert ours[1].tolist() == their[1].tolist()


def test_groups_count_by_who_is_in_them_and_are_divided_once() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(200) < 0.2).astype(float)
    numbers = rng.integers(100, 190, 200)  # sorted alike as numbers and as text
    folds = stratified_folds(y, numbers, 4, 7)
    assert stratified_folds(y, numbers.astype(str), 4, 7) is folds
    assert stratified_folds(y, np.roll(numbers, 1), 4, 7) is not folds
    assert stratified_folds(1 - y, numbers, 4, 7) is not folds
