"""Who is tested on was never learnt from, and nobody learns what was not yet known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import LeadReadyError
from model.training.splits import (
    NO_ORDER,
    ONE_HORIZON,
    account_or_person,
    inner_folds,
    split_leads,
    uniform_hash,
)

HORIZON = pd.Timedelta(days=90)


def rows(n: int = 400, seed: int = 0, accounts: int = 300, dated: bool = True) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    days = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700, n), "D"))
    as_of = days.astype("datetime64[us]") if dated else pd.Series([pd.NaT] * n)
    return pd.DataFrame(
        {
            "person_id": [f"lead:{one}" for one in range(n)],
            "account_id": [f"a{one}" for one in random.integers(0, accounts, n)],
            "as_of": as_of.astype("datetime64[us]"),
            "mature_at": (as_of + HORIZON).astype("datetime64[us]"),
            "order": np.nan,
        }
    )


@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.1, 0.25, 0.4]))
def test_no_outcome_is_learnt_that_was_not_known_when_the_test_began(seed, share) -> None:
    made = rows(seed=seed)
    found = split_leads(made, test_share=share)
    assert (made["mature_at"][found.train] <= found.test_from).all()
    assert (made["as_of"][found.test] >= found.test_from).all()
    assert not (found.train & found.test).any()


@given(seed=st.integers(0, 10_000))
def test_no_account_stands_on_both_sides_of_the_split_or_of_any_fold(seed) -> None:
    made = rows(seed=seed, accounts=2000)
    found = split_leads(made)
    for one in (found, *inner_folds(made, found)):
        names = account_or_person(made)
        assert not set(names[one.train]) & set(names[one.test])
        assert one.train.any()
        assert one.test.any()


def test_folds_stay_within_the_leads_to_learn_from_and_are_known_in_time() -> None:
    made = rows(2000, accounts=5000)
    found = split_leads(made)
    inner = inner_folds(made, found, n=3)
    assert len(inner) == 3
    for one in inner:
        assert not ((one.train | one.test) & ~found.train).any()
        assert made["mature_at"][one.train].max() <= made["as_of"][one.test].min()


def test_a_window_is_tested_from_its_first_moment_until_before_its_last() -> None:
    made = rows().assign(account_id=None)
    begin, end = pd.Timestamp("2024-06-01"), pd.Timestamp("2024-08-01")
    found = split_leads(made, test_from=begin, test_until=end)
    assert (found.test == ((made["as_of"] >= begin) & (made["as_of"] < end)).to_numpy()).all()


def test_without_dates_the_order_counts() -> None:
    made = rows(dated=False).assign(account_id=None)
    made["order"] = np.random.default_rng(1).permutation(400).astype(float)
    found = split_leads(made, test_share=0.2)
    assert found.how == "in order"
    assert made["order"][found.train].max() < made["order"][found.test].min()
    assert found.test.sum() == 80


def test_without_either_leads_are_split_at_random_and_that_is_said() -> None:
    made = rows(dated=False, accounts=100)
    found = split_leads(made)
    assert found.how == "at random"
    assert found.warnings == (NO_ORDER,)
    assert not set(account_or_person(made)[found.train]) & set(account_or_person(made)[found.test])
    assert 0.1 < found.test.mean() < 0.4


def test_at_random_a_group_keeps_its_side_when_more_leads_come() -> None:
    made = rows(dated=False)
    more = pd.concat([rows(50, seed=9, dated=False).assign(account_id="new"), made])
    first = set(account_or_person(made)[split_leads(made).test])
    later = set(account_or_person(more)[split_leads(more.reset_index(drop=True)).test])
    assert first <= later


def test_few_large_accounts_are_dealt_out_to_the_sides_by_lot() -> None:
    made = rows(accounts=20)
    found = split_leads(made)
    learnt, tested = (set(made["account_id"][one]) for one in (found.train, found.test))
    assert not learnt & tested
    assert tested == {f"a{one}" for one in range(20) if uniform_hash(f"a{one}") >= 0.5}


def test_a_person_that_comes_again_is_tested_on_and_not_learnt_from() -> None:
    made = rows(accounts=5).assign(account_id=None).sort_values("as_of", ignore_index=True)
    made.loc[[0, 399], "person_id"] = "contact:twice"
    found = split_leads(made)
    assert found.test[399]
    assert not found.train[0]


def test_outcomes_as_of_the_extract_are_split_by_the_moment() -> None:
    made = rows(accounts=5000).assign(mature_at=pd.NaT)
    found = split_leads(made, test_from=pd.Timestamp("2024-06-01"))
    assert (made["as_of"][found.train] < pd.Timestamp("2024-06-01")).all()
    assert found.train.sum() > 260


@pytest.mark.parametrize("day", ["2020-01-01", "2030-01-01"])
def test_an_empty_side_is_an_error_that_says_what_to_do(day) -> None:
    with pytest.raises(LeadReadyError, match="is left to"):
        split_leads(rows(), test_from=pd.Timestamp(day))


def test_row_order_does_not_matter_and_the_input_is_not_changed() -> None:
    made = rows()
    before = made.copy(deep=True)
    shuffled = made.sample(frac=1, random_state=0)
    first, second = split_leads(made), split_leads(shuffled.reset_index(drop=True))
    assert set(made["person_id"][first.test]) == set(shuffled["person_id"].to_numpy()[second.test])
    pd.testing.assert_frame_equal(made, before)


def test_leads_of_a_single_horizon_are_split_at_random_and_that_is_said() -> None:
    made = rows(accounts=2000)
    start = made["as_of"].min()
    made["as_of"] = start + (made["as_of"] - start) % pd.Timedelta(days=80)
    made["mature_at"] = made["as_of"] + HORIZON
    found = split_leads(made)
    assert found.how == "at random"
    assert found.warnings == (ONE_HORIZON,)
    assert "look too good" in ONE_HORIZON
    names = account_or_person(made)
    for one in (found, *inner_folds(made, found)):
        assert not set(names[one.train]) & set(names[one.test])
    with pytest.raises(LeadReadyError, match="no lead with a known outcome is left to learn from"):
        split_leads(made, test_from=start + pd.Timedelta(days=60))


def test_a_single_lead_known_before_the_last_moment_keeps_the_order_of_time() -> None:
    made = rows(accounts=2000)
    start = made["as_of"].min()
    made["as_of"] = start + (made["as_of"] - start) % pd.Timedelta(days=80)
    made["mature_at"] = made["as_of"] + HORIZON
    first = made["as_of"].idxmin()
    made.loc[first, "mature_at"] = start + pd.Timedelta(days=1)
    assert split_leads(made).how == "forward in time"
