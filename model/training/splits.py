"""Splits: which leads to learn from and which to test on, as they were known at the time.

Forward in time, a model that is tested from a day on may learn only from leads whose outcome was
known by that day, which puts a whole horizon between the moments of the two sides. Without dates
but with an order, the last leads are the test. With neither, or if all leads were judged within one
horizon, the split is random. That makes figures look too good, and a warning says it. A person is
never on both sides, and neither is an account where accounts are many.

Where leads are judged repeatedly (a panel), most open leads were there before the test began. Half
of those are used for learning and half for testing, by lot, and each counts twice: a side without
them would keep only the leads that were over soon, which differ from the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import LeadReadyError

Mask = npt.NDArray[np.bool_]
TEST_SHARE = 0.25
TOO_GOOD = (
    "Such figures look too good: they do not show how the model does on leads that come later."
)
NO_ORDER = (
    "There are neither dates nor an order, so the leads were split at random, account by account. "
    f"{TOO_GOOD}"
)
ONE_HORIZON = (
    "All leads were judged within one horizon, so no outcome was known before the last lead was "
    f"judged. The leads were split at random, account by account. {TOO_GOOD}"
)


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to test on.

    Attributes
    ----------
    train, test : array of bool
        Never both true; a row may be on neither side.
    how : str
        ``forward in time``, ``in order`` or ``at random``.
    test_from, test_until : Timestamp or None
        The window of the moments tested on (forward in time only).
    weights : array or None
        How many leads each row represents. At first this is 2 for the rows that were put on their
        side by lot; weights for worked and immature leads may be multiplied in. They set the level
        of a model and count in every figure.
    learning_weights : array or None
        How much each row counts while a model learns its points: without the weights for worked
        leads, which make it less accurate.
    warnings : tuple of str
        What readers of the figures need to know.
    """

    train: Mask
    test: Mask
    how: str
    test_from: pd.Timestamp | None = None
    test_until: pd.Timestamp | None = None
    warnings: tuple[str, ...] = ()
    weights: npt.NDArray[np.float64] | None = None
    learning_weights: npt.NDArray[np.float64] | None = None

    def weights_of(self, rows: Mask) -> npt.NDArray[np.float64] | None:
        """Give the weights of some rows; None where all are 1."""
        return _unless_all_one(self.weights, rows)

    def learning_weights_of(self, rows: Mask) -> npt.NDArray[np.float64] | None:
        """Give the learning weights of some rows; None where all are 1."""
        return _unless_all_one(self.learning_weights, rows)


def _unless_all_one(
    weights: npt.NDArray[np.float64] | None, rows: Mask
) -> npt.NDArray[np.float64] | None:
    if weights is None or (weights[rows] == 1).all():
        return None
    return np.asarray(weights[rows])


def split_leads(
    rows: pd.DataFrame,
    *,
    test_from: pd.Timestamp | None = None,
    test_until: pd.Timestamp | None = None,
    test_share: float | None = None,
    seed: int = 0,
) -> Split:
    """Split leads with known outcomes into those to learn from and those to test on.

    Parameters
    ----------
    rows : DataFrame
        ``person_id, account_id, as_of, mature_at, order``: NaT and NaN where unknown. Where some
        outcomes were known before they were mature, ``known_at`` has the time.
    test_from, test_until : Timestamp, optional
        Moments to test on: from the first (default: the last ``test_share`` of the leads) until
        before the second.
    test_share : float
        Default: a quarter.

    Raises
    ------
    LeadReadyError
        When one side would be empty.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=10).astype("datetime64[us]")
    >>> rows = pd.DataFrame({"person_id": list("abcdefghij"), "account_id": None,
    ...                      "as_of": days, "mature_at": days + pd.Timedelta(days=2),
    ...                      "order": np.nan})
    >>> split = split_leads(rows, test_share=0.3)
    >>> split.train.nonzero()[0], split.test.nonzero()[0], str(split.test_from.date())
    (array([0, 1, 2, 3, 4, 5]), array([7, 8, 9]), '2024-01-08')
    """
    share = TEST_SHARE if test_share is None else test_share
    if rows["as_of"].notna().any() and test_from is None and _within_one_horizon(rows):
        split = _random_split(rows, share, seed, ONE_HORIZON)
    elif rows["as_of"].notna().any():
        split = _forward_split(rows, test_from, test_until, share)
    elif rows["order"].notna().any():
        split = _ordered_split(rows, share)
    else:
        split = _random_split(rows, share, seed, NO_ORDER)
    if not split.train.any() or not split.test.any():
        purpose = "learn from" if not split.train.any() else "test on"
        raise LeadReadyError(
            f"no lead with a known outcome is left to {purpose}",
            where="leadready.yaml, evaluation",
            hint="add more history, shorten horizon_days, or choose another test_from",
        )
    return split


def inner_folds(rows: pd.DataFrame, outer: Split, *, n: int = 3, seed: int = 0) -> list[Split]:
    """Split the leads to learn from again, in the same manner.

    Forward in time the later half of them is cut into ``n`` parts of equal size; each is tested
    with the outcomes known when it began.
    """
    inner = np.flatnonzero(outer.train)
    part = rows.iloc[inner].reset_index(drop=True)
    if outer.how == "at random":
        tests = [_mask_of(places, len(part)) for places in _group_folds(part, n, seed + 1)]
        folds = [Split(~test, test, outer.how) for test in tests]
    else:
        folds = list(_later_folds(part, n))
    return [
        _in_all_rows(fold, inner, len(rows), outer.weights)
        for fold in folds
        if fold.train.any() and fold.test.any()
    ]


def _forward_split(
    rows: pd.DataFrame,
    test_from: pd.Timestamp | None,
    test_until: pd.Timestamp | None,
    share: float,
) -> Split:
    dated = rows["as_of"].dropna()
    first = dated.sort_values().iloc[int(len(dated) * (1 - share))]
    begin = test_from or pd.Timestamp(first).normalize()
    end = test_until if test_until is not None else dated.max() + pd.Timedelta(microseconds=1)
    test = ((rows["as_of"] >= begin) & (rows["as_of"] < end)).to_numpy()
    known = _known_by(rows, begin)
    sides, weights = _separated(rows, known, test), _double_weights(rows, known, test)
    return Split(*sides, "forward in time", begin, end, weights=weights)


def _known_by(rows: pd.DataFrame, day: pd.Timestamp) -> Mask:
    """Whether an outcome was known by a day; without such a time, whether the lead was judged."""
    known_at = rows["known_at"] if "known_at" in rows else rows["mature_at"]
    return np.asarray((known_at.fillna(rows["as_of"]) <= day) & (rows["as_of"] < day))


def _ordered_split(rows: pd.DataFrame, share: float) -> Split:
    rank = rows["order"].rank(method="first").to_numpy()
    test = rank > np.floor(len(rows) * (1 - share))
    return Split(*_separated(rows, ~test, test), "in order")


def _within_one_horizon(rows: pd.DataFrame) -> bool:
    """Whether no outcome was known when the last lead was judged."""
    return len(rows) > 1 and not _known_by(rows, rows["as_of"].max()).any()


def _random_split(rows: pd.DataFrame, share: float, seed: int, warning: str) -> Split:
    parts = _group_folds(rows, max(round(1 / share), 2), seed)
    test = _mask_of(parts[0], len(rows))
    return Split(~test, test, "at random", warnings=(warning,))


def _group_folds(rows: pd.DataFrame, n: int, seed: int) -> list[npt.NDArray[np.intp]]:
    """Assign groups to folds of about equal size, by lot.

    A group that was tested on stays in the test when more leads are added.
    """
    codes, names = pd.factorize(account_or_person(rows))
    folds = np.array([int(n * uniform_hash(str(name), seed)) for name in names])
    return [np.flatnonzero(folds[codes] == fold) for fold in range(n)]


def account_or_person(rows: pd.DataFrame) -> pd.Series[Any]:
    """Name the group of each lead: its account, or the person where there is none.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_id": ["p", "q"], "account_id": ["acme", None]})
    >>> account_or_person(rows).to_list()
    ['account:acme', 'q']
    """
    account = "account:" + rows["account_id"].astype("str")
    named: pd.Series[Any] = account.where(rows["account_id"].notna(), rows["person_id"])
    return named.astype(object)


def time_order(rows: pd.DataFrame) -> npt.NDArray[np.float64] | None:
    """Give numbers that ascend with time, or None where there are neither dates nor an order.

    Examples
    --------
    >>> time_order(pd.DataFrame({"as_of": [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-01-01")],
    ...                          "order": np.nan}))
    array([2., 1.])
    """
    for column in ("as_of", "order"):
        if rows[column].notna().any():
            ranks = rows[column].rank(method="first", na_option="top")
            return np.asarray(ranks, dtype=np.float64)
    return None


def panel_clusters(rows: pd.DataFrame) -> npt.NDArray[Any] | None:
    """Name the group of each row where leads are judged repeatedly; else None.

    Examples
    --------
    >>> rows = {"lead_id": ["a", "a"], "person_id": ["p", "p"], "account_id": None}
    >>> panel_clusters(pd.DataFrame(rows))
    array(['p', 'p'], dtype=object)
    """
    return account_or_person(rows).to_numpy() if _is_panel(rows) else None


def _separated(rows: pd.DataFrame, train: Mask, test: Mask, seed: int = 0) -> tuple[Mask, Mask]:
    """Keep each person and each account on one side.

    A person in the test is removed from the training. Most leads of a business that sells to
    companies come from accounts that were there before, too many to remove: of the accounts on
    both sides half are tested on and half learned from, by lot. In a panel the same holds for
    persons without an account.
    """
    units = account_or_person(rows) if _is_panel(rows) else rows["account_id"]
    shared = _on_both_sides(units, train, test)
    to_train = {unit for unit in shared if uniform_hash(str(unit), seed) < 0.5}
    test = test & ~units.isin(to_train).to_numpy()
    train = train & ~units.isin(shared - to_train).to_numpy()
    persons = rows["person_id"]
    return train & ~persons.isin(set(persons[test])).to_numpy(), test


def _on_both_sides(units: pd.Series[Any], train: Mask, test: Mask) -> set[Any]:
    return set(units[train].dropna()) & set(units[test].dropna())


def _double_weights(rows: pd.DataFrame, train: Mask, test: Mask) -> npt.NDArray[np.float64] | None:
    """In a panel, count groups that were put on one side by lot twice."""
    if not _is_panel(rows):
        return None
    units = account_or_person(rows)
    return np.where(units.isin(_on_both_sides(units, train, test)), 2.0, 1.0)


def _is_panel(rows: pd.DataFrame) -> bool:
    """Whether leads are judged more than once."""
    return "lead_id" in rows and bool(rows["lead_id"].duplicated().any())


def uniform_hash(name: str, seed: int = 0) -> float:
    """Draw a number in [0, 1) for a name, always the same, whatever other names there are.

    Examples
    --------
    >>> round(uniform_hash("Acme"), 3)
    0.002
    """
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8]
    return int.from_bytes(digest, "big") / 2**64


def _later_folds(part: pd.DataFrame, n: int) -> Iterator[Split]:
    dated = bool(part["as_of"].notna().any())
    time = part["as_of"] if dated else part["order"]
    rank = time.rank(method="min").to_numpy() / (len(part) + 1)
    for number in range(1, n + 1):
        low, high = 0.5 + 0.5 * (number - 1) / n, 0.5 + 0.5 * number / n
        test = (rank >= low) & (rank < high)
        if not test.any():
            continue
        begin = time[test].min()
        known = _known_by(part, begin) if dated else (time < begin).to_numpy()
        how, day = ("forward in time", begin) if dated else ("in order", None)
        seed = number if _is_panel(part) else 0  # in a panel, other lots than those of the outer
        weights = _double_weights(part, known, test)
        yield Split(*_separated(part, known, test, seed), how, day, weights=weights)


def _mask_of(places: npt.NDArray[np.intp], n: int) -> Mask:
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    return mask


def _in_all_rows(
    fold: Split, inner: npt.NDArray[np.intp], n: int, outer: npt.NDArray[np.float64] | None
) -> Split:
    """Write a split of the inner rows as a split of all rows, and multiply the weights of both."""
    train, test = (_mask_of(inner[side], n) for side in (fold.train, fold.test))
    weights = outer
    if fold.weights is not None:
        weights = np.ones(n) if outer is None else outer.copy()
        weights[inner] *= fold.weights
    return replace(fold, train=train, test=test, weights=weights)
