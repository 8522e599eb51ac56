"""Splits of a panel: nobody is on both sides, and both represent the leads that stay open long."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.training.splits import Split, account_or_person, inner_folds, split_leads

WEEK, HORIZON = pd.Timedelta(days=7), pd.Timedelta(days=28)
TEST_FROM = pd.Timestamp("2024-01-01")


def panel(leads: int = 4_000, seed: int = 0, accounts: bool = False) -> tuple[pd.DataFrame, object]:
    """Leads that are judged every week while open; only short leads are won.

    The win rate of a side therefore shows its share of long leads.
    """
    draw = np.random.default_rng(seed)
    begun = pd.Timestamp("2023-01-02") + draw.integers(0, 80, leads) * WEEK
    weeks = 1 + draw.geometric(0.06, leads)
    number = np.arange(leads).repeat(weeks)
    nth = np.arange(len(number)) - np.repeat(np.cumsum(weeks) - weeks, weeks)
    as_of = pd.Series(begun[number] + nth * WEEK).astype("datetime64[us]")
    person = pd.Series(number).map("p{}".format)
    rows = pd.DataFrame(
        {
            "lead_id": pd.Series(number).map("l{}".format),
            "person_id": person,
            "account_id": ("a" + pd.Series(number // 3).astype(str)) if accounts else None,
            "as_of": as_of,
            "mature_at": as_of + HORIZON,
            "order": np.nan,
        }
    )
    won_soon = (weeks[number] - nth <= 4) & (number % 2 == 0)
    return rows, won_soon.astype(float)


def on_both_sides(rows: pd.DataFrame, split: Split, column: str) -> set[object]:
    return set(rows[column][split.train].dropna()) & set(rows[column][split.test].dropna())


@pytest.mark.parametrize("accounts", [False, True])
def test_nobody_is_on_both_sides_of_a_split_or_of_its_folds(accounts: bool) -> None:
    rows, _ = panel(800, accounts=accounts)
    outer = split_leads(rows, test_from=TEST_FROM)
    inner = inner_folds(rows, outer)
    assert len(inner) == 3
    for split in (outer, *inner):
        assert split.train.sum() > 100
        assert split.test.sum() > 100
        for column in ("lead_id", "person_id", "account_id"):
            assert not on_both_sides(rows, split, column)
        assert (rows["mature_at"][split.train] <= split.test_from).all()
    for fold in inner:
        assert not ((fold.train | fold.test) & ~outer.train).any()


def test_both_sides_represent_all_leads_of_their_time() -> None:
    """Weighted win rates are those of all rows; without weights long leads would be missing."""
    rows, y = panel()
    y = np.asarray(y)
    outer = split_leads(rows, test_from=TEST_FROM)
    assert outer.weights is not None
    by = account_or_person(rows).to_numpy()
    of_time = {
        "train": (rows["mature_at"] <= TEST_FROM).to_numpy(),
        "test": (rows["as_of"] >= TEST_FROM).to_numpy(),
    }
    for side, mask in (("train", outer.train), ("test", outer.test)):
        truth, weights = y[of_time[side]].mean(), outer.weights[mask]
        rate = np.average(y[mask], weights=weights)
        # the standard error of a ratio of sums over leads, which were drawn as a whole
        off = pd.Series(weights * (y[mask] - rate)).groupby(by[mask]).sum()
        error = np.sqrt((off**2).sum()) / weights.sum()
        assert abs(rate - truth) < 3 * error
        if side == "train":  # later, the time that a lead was open does not predict its end
            assert y[mask].mean() - truth > 3 * error


def test_the_weights_of_a_fold_allow_for_both_lots() -> None:
    rows, y = panel()
    y = np.asarray(y)
    outer = split_leads(rows, test_from=TEST_FROM)
    by = account_or_person(rows).to_numpy()
    for fold in inner_folds(rows, outer):
        assert fold.weights is not None
        assert set(np.unique(fold.weights[fold.test])) <= {1.0, 2.0, 4.0}
        known = (rows["mature_at"] <= fold.test_from).to_numpy()
        weights, won = fold.weights[fold.train], y[fold.train]
        rate = np.average(won, weights=weights)
        off = pd.Series(weights * (won - rate)).groupby(by[fold.train]).sum()
        error = np.sqrt((off**2).sum()) / weights.sum()
        assert abs(rate - y[known].mean()) < 3 * error


def test_without_a_panel_there_are_no_weights() -> None:
    rows, _ = panel(600)
    first = rows.drop_duplicates("lead_id").reset_index(drop=True)
    found = split_leads(first, test_from=TEST_FROM)
    assert found.weights is None
    assert all(fold.weights is None for fold in inner_folds(first, found))
