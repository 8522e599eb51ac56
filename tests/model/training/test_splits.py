"""No lead is on both sides of a split, and only outcomes known at the time are learned."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import LeadReadyError
from model.training.splits import (
    NO_ORDER,
    ONE_HORIZON,
    Split,
    account_or_person,
    inner_folds,
    panel_clusters,
    split_leads,
    time_order,
    uniform_hash,
)

HORIZON = pd.Timedelta(days=90)


def rows(n: int = 400, seed: int = 0, accounts: int = 300, dated: bool = True) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    days = pd.Series(pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700, n), "D"))
    as_of = days.astype("datetime64[us]") if dated else pd.Series([pd.NaT] * n)
    return pd.DataFrame(
        {
            "person_id": [f"lead:{number}" for number in range(n)],
            "account_id": [f"a{number}" for number in random.integers(0, accounts, n)],
            "as_of": as_of.astype("datetime64[us]"),
            "mature_at": (as_of + HORIZON).astype("datetime64[us]"),
            "order": np.nan,
        }
    )


@given(seed=st.integers(0, 10_000), share=st.sampled_from([0.1, 0.25, 0.4]))
def test_only_outcomes_known_when_the_test_began_are_learned(seed, share) -> None:
    made = rows(seed=seed)
    found = split_leads(made, test_share=share)
    assert (made["mature_at"][found.train] <= found.test_from).all()
    assert (made["as_of"][found.test] >= found.test_from).all()
    assert not (found.train & found.test).any()


@given(seed=st.integers(0, 10_000))
def test_no_account_is_on_both_sides_of_the_split_or_of_a_fold(seed) -> None:
    made = rows(seed=seed, accounts=2000)
    found = split_leads(made)
    names = account_or_person(made)
    for split in (found, *inner_folds(made, found)):
        assert not set(names[split.train]) & set(names[split.test])
        assert split.train.any()
        assert split.test.any()


def test_folds_are_parts_of_the_training_leads_whose_outcomes_were_known() -> None:
    made = rows(2000, accounts=5000)
    found = split_leads(made)
    inner = inner_folds(made, found, n=3)
    assert len(inner) == 3
    for fold in inner:
        assert not ((fold.train | fold.test) & ~found.train).any()
        assert made["mature_at"][fold.train].max() <= made["as_of"][fold.test].min()


def test_a_window_includes_its_first_moment_and_excludes_its_last() -> None:
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


def test_without_dates_and_order_the_split_is_random_with_a_warning() -> None:
    made = rows(dated=False, accounts=100)
    found = split_leads(made)
    assert found.how == "at random"
    assert found.warnings == (NO_ORDER,)
    assert not set(account_or_person(made)[found.train]) & set(account_or_person(made)[found.test])
    assert 0.1 < found.test.mean() < 0.4


def test_a_group_keeps_its_random_side_when_leads_are_added() -> None:
    made = rows(dated=False)
    more = pd.concat([rows(50, seed=9, dated=False).assign(account_id="new"), made])
    first = set(account_or_person(made)[split_leads(made).test])
    later = set(account_or_person(more)[split_leads(more.reset_index(drop=True)).test])
    assert first <= later


def test_accounts_on_both_sides_are_assigned_by_lot() -> None:
    made = rows(accounts=20)
    found = split_leads(made)
    train, test = (set(made["account_id"][side]) for side in (found.train, found.test))
    assert not train & test
    accounts = [f"a{number}" for number in range(20)]
    assert test == {account for account in accounts if uniform_hash(account) >= 0.5}


def test_a_person_with_two_leads_is_only_tested_on() -> None:
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
def test_an_empty_side_is_an_error_with_a_hint(day) -> None:
    with pytest.raises(LeadReadyError, match="is left to"):
        split_leads(rows(), test_from=pd.Timestamp(day))


def test_row_order_does_not_matter_and_the_input_is_not_changed() -> None:
    made = rows()
    before = made.copy(deep=True)
    shuffled = made.sample(frac=1, random_state=0)
    first, second = split_leads(made), split_leads(shuffled.reset_index(drop=True))
    assert set(made["person_id"][first.test]) == set(shuffled["person_id"].to_numpy()[second.test])
    pd.testing.assert_frame_equal(made, before)


def test_leads_within_one_horizon_are_split_at_random_with_a_warning() -> None:
    made = rows(accounts=2000)
    start = made["as_of"].min()
    made["as_of"] = start + (made["as_of"] - start) % pd.Timedelta(days=80)
    made["mature_at"] = made["as_of"] + HORIZON
    found = split_leads(made)
    assert found.how == "at random"
    assert found.warnings == (ONE_HORIZON,)
    assert "look too good" in ONE_HORIZON
    names = account_or_person(made)
    for split in (found, *inner_folds(made, found)):
        assert not set(names[split.train]) & set(names[split.test])
    with pytest.raises(LeadReadyError, match="no lead with a known outcome is left to learn from"):
        split_leads(made, test_from=start + pd.Timedelta(days=60))


def test_a_single_outcome_known_before_the_last_moment_allows_a_split_in_time() -> None:
    made = rows(accounts=2000)
    start = made["as_of"].min()
    made["as_of"] = start + (made["as_of"] - start) % pd.Timedelta(days=80)
    made["mature_at"] = made["as_of"] + HORIZON
    first = made["as_of"].idxmin()
    made.loc[first, "mature_at"] = start + pd.Timedelta(days=1)
    assert split_leads(made).how == "forward in time"


# -- small tables, worked out by hand --------------------------------------------------------------

START = pd.Timestamp("2024-01-01")


def daily(n: int, known_after: float = 2, **columns: object) -> pd.DataFrame:
    """A lead a day, each known some days later; nobody shares an account."""
    days = pd.Series(pd.date_range(START, periods=n)).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "person_id": [f"p{day}" for day in range(n)],
            "account_id": None,
            "as_of": days,
            "mature_at": days + pd.Timedelta(days=known_after),
            "order": np.nan,
        }
    ).assign(**columns)


def ordered(n: int, **columns: object) -> pd.DataFrame:
    """Leads without dates, in the order of the table unless told."""
    undated = pd.Series([pd.NaT] * n).astype("datetime64[us]")
    order = {"order": np.arange(n) * 1.0}
    return daily(n, as_of=undated, mature_at=undated, **(order | columns))


def places(mask: np.ndarray) -> list[int]:
    return [int(place) for place in np.flatnonzero(mask)]


def name_with(*conditions: Callable[[str], bool]) -> str:
    """Find a name whose hashes are as a test needs them."""
    names = (f"name {number}" for number in range(10_000))
    return next(name for name in names if all(condition(name) for condition in conditions))


def test_the_last_share_is_tested_and_what_was_known_at_its_start_is_learnt() -> None:
    split = split_leads(daily(10), test_share=0.3)
    assert (places(split.train), places(split.test)) == ([0, 1, 2, 3, 4, 5], [7, 8, 9])
    assert split.test_from == START + pd.Timedelta(days=7)
    assert split.test_until == START + pd.Timedelta(days=9, microseconds=1)
    assert split.weights is None


def test_a_quarter_is_tested_by_default() -> None:
    assert places(split_leads(daily(8)).test) == [6, 7]


def test_a_window_leaves_out_its_last_moment() -> None:
    begin, end = START + pd.Timedelta(days=5), START + pd.Timedelta(days=8)
    assert places(split_leads(daily(10), test_from=begin, test_until=end).test) == [5, 6, 7]


def test_an_outcome_known_before_it_is_mature_is_learnt() -> None:
    leads = daily(10, known_after=5)
    assert places(split_leads(leads, test_share=0.3).train) == [0, 1, 2]
    soon = leads.assign(known_at=leads["as_of"] + pd.Timedelta(days=1))
    assert places(split_leads(soon, test_share=0.3).train) == [0, 1, 2, 3, 4, 5, 6]


def test_an_outcome_is_known_when_it_becomes_mature_on_the_first_day_of_the_test() -> None:
    leads = daily(10, known_after=5)
    assert 2 in places(split_leads(leads, test_from=START + pd.Timedelta(days=7)).train)


def test_leads_judged_at_one_moment_are_split_at_random() -> None:
    leads = daily(40, as_of=START, mature_at=pd.NaT)
    assert split_leads(leads).how == "at random"


def test_a_lead_without_a_date_does_not_change_the_kind_of_split() -> None:
    leads = daily(10)
    leads.loc[3, ["as_of", "mature_at"]] = pd.NaT
    split = split_leads(leads, test_share=0.3)
    assert (split.how, split.train[3], split.test[3]) == ("forward in time", False, False)
    young = daily(40, known_after=90)
    young.loc[3, ["as_of", "mature_at"]] = pd.NaT
    assert split_leads(young).how == "at random"
    partly = ordered(10)
    partly.loc[3, "order"] = np.nan
    assert split_leads(partly).how == "in order"


def test_at_random_one_group_of_folds_is_tested_on() -> None:
    leads = daily(200, as_of=pd.NaT, mature_at=pd.NaT)
    for share, parts in ((0.25, 4), (0.5, 2), (0.9, 2)):
        split = split_leads(leads, test_share=share, seed=3)
        fold = [int(parts * uniform_hash(name, 3)) for name in leads["person_id"]]
        assert places(split.test) == [place for place in range(200) if fold[place] == 0]
        assert (split.train == ~split.test).all()
    assert (split_leads(leads).test == split_leads(leads, seed=0).test).all()


def test_two_leads_within_a_horizon_are_split_at_random_and_a_single_one_is_not() -> None:
    tested = name_with(lambda name: int(4 * uniform_hash(name, 0)) == 0)
    learnt = name_with(lambda name: int(4 * uniform_hash(name, 0)) == 1)
    split = split_leads(daily(2, known_after=90, person_id=[learnt, tested]))
    assert (split.how, places(split.train), places(split.test)) == ("at random", [0], [1])
    with pytest.raises(LeadReadyError, match="left to learn from"):
        split_leads(daily(1, person_id=[learnt]))


@pytest.mark.parametrize(("day", "purpose"), [(-300, "learn from"), (300, "test on")])
def test_the_empty_side_is_named(day: int, purpose: str) -> None:
    leads = daily(10)
    leads.loc[3, ["as_of", "mature_at"]] = pd.NaT
    with pytest.raises(LeadReadyError, match=f"no lead with a known outcome is left to {purpose}"):
        split_leads(leads, test_from=START + pd.Timedelta(days=day))


def test_folds_cut_the_later_half_into_equal_parts() -> None:
    leads = daily(14, known_after=1)
    outer = Split(np.arange(14) < 11, np.arange(14) >= 11, "forward in time")
    first, second = inner_folds(leads, outer, n=2)
    assert (places(first.train), places(first.test)) == ([0, 1, 2, 3, 4], [5, 6, 7])
    assert (places(second.train), places(second.test)) == (list(range(8)), [8, 9, 10])
    assert (first.how, first.test_from) == ("forward in time", START + pd.Timedelta(days=5))


def test_folds_without_anything_to_learn_from_are_left_out() -> None:
    leads = daily(14, known_after=6)
    outer = Split(np.arange(14) < 11, np.arange(14) >= 11, "forward in time")
    (fold,) = inner_folds(leads, outer, n=2)
    assert (places(fold.train), places(fold.test)) == ([0, 1, 2], [8, 9, 10])


def test_folds_in_order_learn_from_all_that_came_before() -> None:
    leads = ordered(14, account_id=[f"a{place}" for place in range(14)])
    outer = Split(np.arange(14) < 11, np.arange(14) >= 11, "in order")
    first, second = inner_folds(leads, outer, n=2)
    assert (places(first.train), places(first.test)) == ([0, 1, 2, 3, 4], [5, 6, 7])
    assert (places(second.train), places(second.test)) == (list(range(8)), [8, 9, 10])
    assert (first.how, first.test_from, first.weights) == ("in order", None, None)


def test_folds_at_random_test_each_group_once_and_are_not_those_of_the_outer_split() -> None:
    leads = daily(200, as_of=pd.NaT, mature_at=pd.NaT)
    outer = split_leads(leads)
    folds = inner_folds(leads, outer)
    assert [fold.how for fold in folds] == ["at random"] * 3
    assert (sum(fold.test.astype(int) for fold in folds) == outer.train).all()
    for number, fold in enumerate(folds):
        names = leads["person_id"][outer.train]
        expected = {name for name in names if int(3 * uniform_hash(name, 1)) == number}
        assert set(leads["person_id"][fold.test]) == expected
        assert (fold.train == (outer.train & ~fold.test)).all()


def test_an_account_on_both_sides_of_a_fold_keeps_the_side_that_its_name_gives() -> None:
    to_train = name_with(lambda name: uniform_hash(name, 0) < 0.5 <= uniform_hash(name, 1))
    to_test = name_with(lambda name: uniform_hash(name, 1) < 0.5 <= uniform_hash(name, 0))
    accounts = [f"a{day}" for day in range(14)]
    accounts[1], accounts[9], accounts[2], accounts[10] = to_train, to_train, to_test, to_test
    outer = Split(np.arange(14) < 11, np.arange(14) >= 11, "forward in time")
    _, second = inner_folds(daily(14, known_after=1, account_id=accounts), outer, n=2)
    assert (places(second.train), places(second.test)) == ([0, 1, 3, 4, 5, 6, 7], [8, 10])


def test_weights_are_given_for_some_rows_and_none_where_all_are_one() -> None:
    nothing = np.zeros(4, dtype=bool)
    rows = np.array([True, True, False, True])
    assert Split(nothing, nothing, "in order").weights_of(rows) is None
    even = Split(nothing, nothing, "in order", weights=np.array([1.0, 1.0, 2.0, 1.0]))
    assert even.weights_of(rows) is None
    uneven = Split(nothing, nothing, "in order", weights=np.array([1.0, 2.0, 3.0, 1.0]))
    assert list(uneven.weights_of(rows)) == [1.0, 2.0, 1.0]
    assert list(uneven.weights_of(np.array([False, True, False, False]))) == [2.0]


def test_learning_weights_are_kept_apart_from_the_weights() -> None:
    nothing, rows = np.zeros(3, dtype=bool), np.array([True, True, False])
    learning = np.array([1.0, 1.5, 1.0])
    split = Split(nothing, nothing, "in order", weights=learning * 2, learning_weights=learning)
    assert list(split.learning_weights_of(rows)) == [1.0, 1.5]
    assert split.learning_weights_of(~rows) is None
    assert list(split.weights_of(rows)) == [2.0, 3.0]
    assert Split(nothing, nothing, "in order", weights=learning).learning_weights_of(rows) is None


def test_leads_are_ordered_by_their_dates_or_else_by_their_order() -> None:
    leads = ordered(4, order=[4.0, 3.0, np.nan, 1.0])
    assert list(time_order(leads)) == [4, 3, 1, 2], "those without an order come first"
    leads["as_of"] = pd.to_datetime(["2024-01-01", None, "2024-01-02", "2024-01-02"])
    assert list(time_order(leads)) == [2, 1, 3, 4], "equal dates keep the order of the rows"
    assert time_order(ordered(4, order=np.nan)) is None


def test_groups_are_named_only_where_leads_are_judged_repeatedly() -> None:
    once = daily(3, lead_id=["a", "b", "c"])
    assert panel_clusters(once) is None
    again = daily(3, lead_id=["a", "b", "a"], account_id=["x", None, "x"])
    assert list(panel_clusters(again)) == ["account:x", "p1", "account:x"]


def test_weights_of_both_splits_are_multiplied() -> None:
    """Two accounts with rows on both sides of a fold, of which one counts double already."""
    accounts = [f"a{day}" for day in range(14)]
    accounts[1] = accounts[9] = "x"
    accounts[2] = accounts[10] = "y"
    leads = daily(14, known_after=1, account_id=accounts, lead_id=accounts)
    masks = np.arange(14) < 11, np.arange(14) >= 11
    outer_weights = np.where(leads["account_id"] == "x", 2.0, 1.0)
    for outer, expected in ((outer_weights, {"x": 4.0, "y": 2.0}), (None, {"x": 2.0, "y": 2.0})):
        _, fold = inner_folds(leads, Split(*masks, "forward in time", weights=outer), n=2)
        assert fold.weights is not None
        weights = dict(zip(leads["account_id"], fold.weights, strict=True))
        assert weights == dict.fromkeys(accounts, 1.0) | expected
    assert list(outer_weights) == list(np.where(leads["account_id"] == "x", 2.0, 1.0))
