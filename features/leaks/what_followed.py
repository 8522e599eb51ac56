"""Columns that tell what followed the moment: how long a lead took to close, how much happened.

A count of e-mails runs until the lead is closed, a timer stops then, a note grows. Such a column
tells slow leads from quick ones although they had the same outcome. What was known early hardly
does; the size of a deal may, but open leads then have the same sizes as earlier ones had.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.leaks.finding import TELLS_LATER, Finding, Followed, LeadStatus, Told
from features.leaks.statistics import Coded, Codes, Mask, Numbers, auc, log_odds_by_code
from features.leaks.still_open import known_early

FOLDS = 5
LEAST_LEADS = 200  # closed leads whose amount is known …
LEAST_TOLD = 50  # … and those of them that differ from the median of others like them
LEAST_ALIKE = 10  # of the same outcome and age
TELLS = (0.7, 0.75)  # AUC: columns known early hardly tell more from less


def days_to_closing(as_of: pd.Series, closed_at: pd.Series) -> Numbers:
    """Days from each moment to the closing; NaN where it came before, or is unknown.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2024-01-01", "2024-01-08", None]))
    >>> days_to_closing(pd.Series([days[0]] * 3), days).tolist()
    [nan, 7.0, nan]
    """
    days = (closed_at.reset_index(drop=True) - as_of).dt.total_seconds().to_numpy() / 86_400
    after: Numbers = np.where(days > 0, days, np.nan)
    return after


def until_closing(days: Numbers, age: Codes) -> Followed:
    """The days to closing, compared among leads of the same age."""
    return Followed(("that took long to close", "of their outcome and age"), days, age)


def tells_what_followed(
    coded: Coded, leads: LeadStatus, bars: tuple[float, float] = TELLS
) -> list[Finding]:
    """Find columns that tell closed leads with much of an amount from others of their outcome.

    Parameters
    ----------
    coded : Coded
        A column.
    bars : tuple of float
        The AUCs that count for a little and for a suspect.

    Examples
    --------
    >>> from features.leaks.audit import audit_columns
    >>> days = pd.Series(np.random.default_rng(0).integers(1, 90, 400))
    >>> as_of = pd.Series(pd.date_range("2024-01-01", periods=400))
    >>> outcome = pd.Series(["won", "not won"] * 200)
    >>> raw = pd.DataFrame({"Mails": (days // 3).astype(str)})
    >>> closed_at = as_of + pd.to_timedelta(days, unit="D")
    >>> (suspect,) = audit_columns(raw, outcome, as_of=as_of, closed_at=closed_at)
    >>> suspect.evidence[0][:53]
    'it tells leads that took long to close from others of'
    """
    found = [
        (strength, told)
        for told in leads.told
        if (strength := _strength(coded, told)) >= bars[0] and not known_early(coded, told, leads)
    ]
    if not found:
        return []
    strength, told = max(found, key=lambda pair: pair[0])
    more, less = told.words
    sentence = f"it tells leads {more} from others {less} with AUC {strength:.2f}"
    sentence += ": it seems to be written until a lead is closed"
    return [Finding(TELLS_LATER, float(np.interp(strength, bars, [6, 10])), sentence)]


def _strength(coded: Coded, told: Told) -> float:
    """How well a column tells more from less, among closed leads that are alike."""
    codes, more = coded.codes[told.told], told.more[told.told]
    fold = (np.arange(len(codes)) % FOLDS).astype(np.int32)
    return auc(log_odds_by_code(codes, more, coded.size, fold, FOLDS), more)


def told_apart(followed: Followed, decided: Mask, won: Mask) -> Told | None:
    """Tell closed leads with more of an amount from those of their outcome with less.

    None where too few are known.

    Examples
    --------
    >>> followed = Followed(("slow", "quick"), np.arange(400.0), np.zeros(400, dtype=np.int32))
    >>> told = told_apart(followed, np.ones(400, dtype=bool), np.arange(400) % 4 == 0)
    >>> int(told.more.sum()), int(told.told.sum())
    (200, 400)
    """
    used = np.flatnonzero(decided & np.isfinite(followed.amount))
    if len(used) < LEAST_LEADS:
        return None
    group = (followed.alike[used] * 2 + won[used]).astype(np.int32)
    more, told = np.zeros(len(won), dtype=bool), np.zeros(len(won), dtype=bool)
    more[used], told[used] = more_than_usual(followed.amount[used], group)
    return Told(followed.words, more, told) if told.sum() >= LEAST_TOLD else None


def more_than_usual(amount: Numbers, group: Codes) -> tuple[Mask, Mask]:
    """Say which amounts exceed the median of their group, and which do or fall short of it.

    Groups of fewer than ten say nothing.

    Examples
    --------
    >>> more, told = more_than_usual(np.arange(20.0), np.zeros(20, dtype=np.int32))
    >>> int(more.sum()), int(told.sum())
    (10, 20)
    """
    order = np.lexsort((amount, group))
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
    sizes = np.diff(np.r_[starts, len(order)])
    low, high = starts + (sizes - 1) // 2, starts + sizes // 2
    median = (amount[order][low] + amount[order][high]) / 2
    of_lead = np.empty(len(order))
    of_lead[order] = np.repeat(np.where(sizes >= LEAST_ALIKE, median, np.nan), sizes)
    more: Mask = amount > of_lead
    told: Mask = more | (amount < of_lead)
    return more, told
