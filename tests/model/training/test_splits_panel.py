"""Splits of a panel: no lead, person or account on both sides, and neither side loses the slow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.training.splits import Split, account_or_person, inner_folds, split_leads

WEEK, HORIZON = pd.Timedelta(days=7), pd.Timedelta(days=28)
TEST_FROM = pd.Timestamp("2024-01-01")


def panel(leads: int = 4_000, seed: int = 0, accounts: bool = False) -> tuple[pd.DataFrame, object]:
    """Leads that are judged every week while open; a win is how a short lead ends.

    So what a side holds of long leads shows in its win rate.
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


def sides(rows: pd.DataFrame, one: Split, column: str) -> set[object]:
    return set(rows[column][one.train].dropna()) & set(rows[column][one.test].dropna())


@pytest.mark.parametrize("accounts", [False, True])
def test_nobody_stands_on_both_sides_of_a_split_or_of_its_folds(accounts: bool) -> None:
    rows, _ = panel(800, accounts=accounts)
    outer = split_leads(rows, test_from=TEST_FROM)
    inner = inner_folds(rows, outer)
    assert len(inner) == 3
    for one in (outer, *inner):
        assert one.train.sum() > 100
        assert one.test.sum() > 100
        assert not sides(rows, one, "lead_id")
        assert not sides(rows, one, "person_id")
        assert not sides(rows, one, "account_id")
        known = rows["mature_at"][one.train] <= one.test_from
        assert known.all()
    for one in inner:
        assert not ((one.train | one.test) & ~outer.train).any()


def test_both_sides_speak_for_all_leads_of_their_time() -> None:
    """Their weighted win rates are those of all rows; without weights the slow would be missing."""
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
        told = np.average(y[mask], weights=weights)
        # the standard error of a ratio of sums over leads, which were drawn as a whole
        off = pd.Series(weights * (y[mask] - told)).groupby(by[mask]).sum()
        error = np.sqrt((off**2).sum()) / weights.sum()
        assert abs(told - truth) < 3 * error
        if side == "train":  # later, how long a lead was open before says nothing of its end
            assert y[mask].mean() - truth > 3 * error


def test_folds_are_weighed_for_both_lots() -> None:
    rows, y = panel()
    y = np.asarray(y)
    outer = split_leads(rows, test_from=TEST_FROM)
    for one in inner_folds(rows, outer):
        assert one.weights is not None
        assert set(np.unique(one.weights[one.test])) <= {1.0, 2.0, 4.0}
        known = (rows["mature_at"] <= one.test_from).to_numpy()
        told = np.average(y[one.train], weights=one.weights[one.train])
        off = pd.Series(one.weights[one.train] * (y[one.train] - told))
        error = np.sqrt(
            (off.groupby(account_or_person(rows).to_numpy()[one.train]).sum() ** 2).sum()
        )
        assert abs(told - y[known].mean()) < 3 * error / one.weights[one.train].sum()


def test_where_each_lead_is_judged_once_nothing_is_weighed() -> None:
    rows, _ = panel(600)
    first = rows.drop_duplicates("lead_id").reset_index(drop=True)
    found = split_leads(first, test_from=TEST_FROM)
    assert found.weights is None
    assert all(one.weights is None for one in inner_folds(first, found))
