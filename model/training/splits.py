"""Who is learnt from and who is tested on, as it would have been on the day.

Forward in time: a model judged from a day on may learn only from leads whose outcome was known by
that day, so a whole horizon lies between the moments of the two sides. Where there are no dates
but an order, the last leads are the test. Where there is neither, or all leads were judged within
one horizon, they are split at random, which flatters: that is said loudly. The same person never
stands on both sides, nor the same account where accounts are many.

Where leads are judged again and again, most open leads were there before the test began. Half of
those are learnt from and half tested on, by lot, and each counts for two: taking all of them from
one side would leave it only the leads that were over soon, and those are not like the others.
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
FLATTERS = "Such figures flatter: nothing here shows how the model does on leads that come later."
RANDOM = (
    "There are neither dates nor an order, so leads were split at random, account by account. "
    f"{FLATTERS}"
)
CROWDED = (
    "All leads were judged within one horizon: no outcome was known before the last of them was "
    f"judged, so leads were split at random, account by account. {FLATTERS}"
)


@dataclass(frozen=True)
class Split:
    """Rows to learn from and rows to test on.

    Attributes
    ----------
    train, test : array of bool
        Never both true; rows that are neither are between the two.
    how : str
        ``forward in time``, ``in order`` or ``at random``.
    test_from, test_until : Timestamp or None
        The window of the moments tested on (forward in time only).
    weights : array or None
        How many leads each row speaks for, as far as was known when the test began; before they
        are weighed, how many stand for those that are on the other side.
    warnings : tuple of str
        What a reader of the figures has to know.
    """

    train: Mask
    test: Mask
    how: str
    test_from: pd.Timestamp | None = None
    test_until: pd.Timestamp | None = None
    warnings: tuple[str, ...] = ()
    weights: npt.NDArray[np.float64] | None = None

    def weighed(self, rows: Mask) -> npt.NDArray[np.float64] | None:
        """Give the weights of some rows; None where all are equal."""
        if self.weights is None or (self.weights[rows] == 1).all():
            return None
        return np.asarray(self.weights[rows])


def split(
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
        outcomes were known before they were mature, ``known_at`` says when.
    test_from, test_until : Timestamp, optional
        Moments tested on: from the first (default: so that the last ``test_share`` of the leads are
        tested on) until before the second.
    test_share : float
        Default: a quarter.

    Raises
    ------
    LeadReadyError
        When one side would be empty.

    Examples
    --------
    >>> days = pd.date_range("2024-01-01", periods=10).astype("datetime64[us]")
    >>> rows = pd.DataFrame({"person_id": [str(one) for one in range(10)], "account_id": None,
    ...                      "as_of": days, "mature_at": days + pd.Timedelta(days=2),
    ...                      "order": np.nan})
    >>> found = split(rows, test_share=0.3)
    >>> found.train.nonzero()[0], found.test.nonzero()[0], str(found.test_from.date())
    (array([0, 1, 2, 3, 4, 5]), array([7, 8, 9]), '2024-01-08')
    """
    share = TEST_SHARE if test_share is None else test_share
    if rows["as_of"].notna().any() and test_from is None and _crowded(rows):
        found = _random(rows, share, seed, CROWDED)
    elif rows["as_of"].notna().any():
        found = _forward(rows, test_from, test_until, share)
    elif rows["order"].notna().any():
        found = _ordered(rows, share)
    else:
        found = _random(rows, share, seed)
    if not found.train.any() or not found.test.any():
        empty = "learn from" if not found.train.any() else "test on"
        raise LeadReadyError(
            f"no lead with a known outcome is left to {empty}",
            where="leadready.yaml, evaluation",
            hint="give more history, a shorter horizon_days, or another test_from",
        )
    return found


def folds(rows: pd.DataFrame, found: Split, *, n: int = 3, seed: int = 0) -> list[Split]:
    """Split the leads to learn from again, in the same manner: each later part tests once.

    Forward in time the later half of the leads to learn from is cut into ``n`` parts of equal size;
    each is tested by what was known when it began.
    """
    inner = np.flatnonzero(found.train)
    part = rows.iloc[inner].reset_index(drop=True)
    if found.how == "at random":
        inside = [_mask_of(codes, len(part)) for codes in _group_folds(part, n, seed + 1)]
        made = [Split(~test, test, found.how) for test in inside]
    else:
        made = list(_later_parts(part, n))
    usable = [one for one in made if one.train.any() and one.test.any()]
    return [_outward(one, inner, len(rows), found.weights) for one in usable]


def _forward(
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
    sides, weights = _apart(rows, known, test), _for_two(rows, known, test)
    return Split(*sides, "forward in time", begin, end, weights=weights)


def _known_by(rows: pd.DataFrame, day: pd.Timestamp) -> Mask:
    """Tell whose outcome was known by a day; at the extract's outcomes, who was judged before."""
    told = rows["known_at"] if "known_at" in rows else rows["mature_at"]
    return np.asarray((told.fillna(rows["as_of"]) <= day) & (rows["as_of"] < day))


def _ordered(rows: pd.DataFrame, share: float) -> Split:
    place = rows["order"].rank(method="first").to_numpy()
    test = place > np.floor(len(rows) * (1 - share))
    return Split(*_apart(rows, ~test, test), "in order")


def _crowded(rows: pd.DataFrame) -> bool:
    """Tell whether no outcome was known when the last lead was judged: nothing comes later."""
    return len(rows) > 1 and not _known_by(rows, rows["as_of"].max()).any()


def _random(rows: pd.DataFrame, share: float, seed: int, why: str = RANDOM) -> Split:
    parts = _group_folds(rows, max(round(1 / share), 2), seed)
    test = _mask_of(parts[0], len(rows))
    return Split(~test, test, "at random", warnings=(why,))


def _group_folds(rows: pd.DataFrame, n: int, seed: int) -> list[npt.NDArray[np.intp]]:
    """Deal groups out to parts of about equal size, by lot.

    Whoever was tested on is still tested on when more leads have come.
    """
    codes, names = pd.factorize(groups(rows))
    dealt = np.array([int(n * lot(str(one), seed)) for one in names])
    return [np.flatnonzero(dealt[codes] == part) for part in range(n)]


def groups(rows: pd.DataFrame) -> pd.Series[Any]:
    """Name the group of each lead: its account, or the person where there is none.

    Examples
    --------
    >>> groups(pd.DataFrame({"person_id": ["p", "q"], "account_id": ["acme", None]})).to_list()
    ['account:acme', 'q']
    """
    account = "account:" + rows["account_id"].astype("str")
    named: pd.Series[Any] = account.where(rows["account_id"].notna(), rows["person_id"])
    return named.astype(object)


def alike(rows: pd.DataFrame) -> npt.NDArray[Any] | None:
    """Name the group of each row, where leads are judged again and again; else None.

    Examples
    --------
    >>> alike(pd.DataFrame({"lead_id": ["a", "a"], "person_id": ["p", "p"], "account_id": None}))
    array(['p', 'p'], dtype=object)
    """
    return groups(rows).to_numpy() if _panel(rows) else None


def _apart(rows: pd.DataFrame, train: Mask, test: Mask, seed: int = 0) -> tuple[Mask, Mask]:
    """Keep each person and each account on one side.

    Whoever is tested on is not learnt from; accounts are too many for that (in business between
    companies most leads come from accounts that were there before), so half of those on both
    sides, by lot, are tested on and half learnt from. Of a panel that holds for persons without an
    account too.
    """
    units = groups(rows) if _panel(rows) else rows["account_id"]
    shared = _shared(units, train, test)
    learnt = {one for one in shared if lot(str(one), seed) < 0.5}
    test = test & ~units.isin(learnt).to_numpy()
    train = train & ~units.isin(shared - learnt).to_numpy()
    persons = rows["person_id"]
    return train & ~persons.isin(set(persons[test])).to_numpy(), test


def _shared(units: pd.Series[Any], train: Mask, test: Mask) -> set[Any]:
    return set(units[train].dropna()) & set(units[test].dropna())


def _for_two(rows: pd.DataFrame, train: Mask, test: Mask) -> npt.NDArray[np.float64] | None:
    """In a panel, let those that stay on one side by lot count for those on the other as well."""
    if not _panel(rows):
        return None
    units = groups(rows)
    return np.where(units.isin(_shared(units, train, test)), 2.0, 1.0)


def _panel(rows: pd.DataFrame) -> bool:
    """Tell whether leads are judged more than once."""
    return "lead_id" in rows and bool(rows["lead_id"].duplicated().any())


def lot(name: str, seed: int = 0) -> float:
    """Draw a lot in [0, 1) for a name: always the same, whatever other names there are.

    Examples
    --------
    >>> round(lot("Acme"), 3)
    0.002
    """
    drawn = hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8]
    return int.from_bytes(drawn, "big") / 2**64


def _later_parts(part: pd.DataFrame, n: int) -> Iterator[Split]:
    by = part["as_of"] if part["as_of"].notna().any() else part["order"]
    place = by.rank(method="min").to_numpy() / (len(part) + 1)
    for number in range(1, n + 1):
        edges = (0.5 + 0.5 * (number - 1) / n, 0.5 + 0.5 * number / n)
        test = (place >= edges[0]) & (place < edges[1])
        if not test.any():
            continue
        begin = by[test].min()
        known = _known_by(part, begin) if by.name == "as_of" else (by < begin).to_numpy()
        dated = by.name == "as_of"
        how, day = ("forward in time", begin) if dated else ("in order", None)
        seed = number if _panel(part) else 0  # else the lots would be those of the split outside
        weights = _for_two(part, known, test)
        yield Split(*_apart(part, known, test, seed), how, day, weights=weights)


def _mask_of(places: npt.NDArray[np.intp], n: int) -> Mask:
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    return mask


def _outward(
    one: Split, inner: npt.NDArray[np.intp], n: int, outer: npt.NDArray[np.float64] | None
) -> Split:
    """Tell a split of the inner rows as one of all rows; both splits' lots are weighed for."""
    train, test = (_mask_of(inner[side], n) for side in (one.train, one.test))
    weights = outer
    if one.weights is not None:
        weights = np.ones(n) if outer is None else outer.copy()
        weights[inner] *= one.weights
    return replace(one, train=train, test=test, weights=weights)
