"""Columns that go on until the export: days are counted, and more is written for one outcome only.

The age of a lead and the days since its last activity fall with the date of the moment, so they
tell when a lead came. Customers write tickets and log in, mailings to lost leads bounce: the longer
ago a lead was won, the more there is. What was known early may change over the months too, but of
won and lost leads alike. None of this needs open leads.
"""

from __future__ import annotations

import numpy as np

from features.leaks.finding import COUNTED_ON, TRENDS, Finding, LeadStatus
from features.leaks.statistics import OTHER, Coded, Mask, auc, log_odds_by_code, ranks

LEAST_COUNTED = 50  # leads with a number and a moment
COUNTS_THE_DAYS = 0.9  # correlation of the number with the age of the lead
FOLDS = 5
FEW = 2  # values of a yes or no
LEAST_LEADS = 100  # of each outcome
APART = 0.12  # AUC by which values tell old leads from later ones of one outcome, not of the other
SURPRISE = 6.0  # standard errors


def counted_on(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find numbers that are the larger, the older a lead is.

    Parameters
    ----------
    coded : Coded
        A column; bands of numbers are in order.
    """
    if leads.order is None or not coded.is_number:
        return []
    used = np.flatnonzero((coded.codes > OTHER) & np.isfinite(leads.order))
    bands, moments = coded.codes[used], ranks(leads.order[used])
    if len(used) < LEAST_COUNTED or np.ptp(bands) == 0 or np.ptp(moments) == 0:
        return []
    with_age = -float(np.corrcoef(bands, moments)[0, 1])
    if with_age < COUNTS_THE_DAYS:
        return []
    sentence = f"the older a lead, the larger the number (correlation {with_age:.2f}): it seems to"
    sentence += " count days until the export"
    return [Finding(COUNTED_ON, 10, sentence)]


def trends_by_outcome(coded: Coded, leads: LeadStatus) -> list[Finding]:
    """Find columns that tell old leads from later ones where they were won, or where they were not.

    Examples
    --------
    >>> import pandas as pd
    >>> from features.leaks.audit import audit_columns
    >>> days = np.arange(2000)
    >>> outcome = pd.Series(np.where(days % 2, "won", "not won"))
    >>> tickets = np.where(days % 2, (2000 - days) // 200, days % 7)
    >>> raw = pd.DataFrame({"Tickets": tickets.astype(str)})
    >>> as_of = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D"))
    >>> (suspect,) = audit_columns(raw, outcome, as_of=as_of)
    >>> [text for text in suspect.evidence if "of won leads" in text][0][:60]
    'it tells old from later ones of won leads with AUC 1.00, but'
    """
    if leads.as_of is None or not _counts_or_says_yes(coded):
        return []
    old = leads.age < leads.median_age if leads.decided.any() else leads.won
    won, lost = leads.decided & leads.won, leads.decided & ~leads.won
    groups = {"won": (won, lost, "lost"), "lost": (lost, won, "won")}
    for name, (own, others, other_name) in groups.items():
        if min(own.sum(), others.sum()) < LEAST_LEADS:
            return []
        strength, elsewhere, error = _strengths(coded, old, own, others)
        if strength - elsewhere >= max(APART, SURPRISE * error):
            sentence = f"it tells old from later ones of {name} leads with AUC {strength:.2f}, but "
            sentence += f"of {other_name} leads with {elsewhere:.2f}: it seems to be written on"
            return [Finding(TRENDS, 10, f"{sentence} after a lead is {name}")]
    return []


def _counts_or_says_yes(coded: Coded) -> bool:
    """Whether the values are numbers, or two; kinds, such as sources, come and go with time."""
    few = len(coded.levels) <= FEW
    return few or coded.is_number or all(level.strip().isdecimal() for level in coded.levels)


def _strengths(coded: Coded, old: Mask, own: Mask, others: Mask) -> tuple[float, float, float]:
    """How well values tell old leads in one group, and by the same measure in the others."""
    codes, is_old = coded.codes[own], old[own]
    fold = (np.arange(len(codes)) % FOLDS).astype(np.int32)
    strength = auc(log_odds_by_code(codes, is_old, coded.size, fold, FOLDS), is_old)
    rows = np.bincount(codes, minlength=coded.size)
    share = (np.bincount(codes, is_old, coded.size) + 10 * is_old.mean()) / (rows + 10)
    elsewhere = auc(share[coded.codes[others]], old[others])
    return strength, elsewhere, float(np.hypot(_error(is_old), _error(old[others])))


def _error(is_old: Mask) -> float:
    """The standard error of an AUC near one half."""
    sizes = max(int(is_old.sum()), 1), max(int((~is_old).sum()), 1)
    return float(np.sqrt((1 / sizes[0] + 1 / sizes[1]) / 12))
