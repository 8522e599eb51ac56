"""Do won leads have their events? A CRM may move or delete them when a lead is converted.

Won leads are usually more active than others. So silence is suspect: won leads without any event
more often than others of the same age, or without most kinds of event that others have. Lost leads
may be silent; but where open ones are not, their events were deleted.

Where a part of each won lead's events was moved, won leads look like lost ones. Open leads still
tell: they will be won or lost, so they cannot have more events than both.
"""

from __future__ import annotations

import numpy as np

from features.event_audit.lead_events import LeadEvents, Numbers, difference_z, stratified_z
from features.event_audit.lost_events import lost_evidence
from features.leaks.statistics import Mask, fill_by_group
from features.text import join, number, percent

LEAST_LEADS = 20  # won, and not won
BEYOND_CHANCE = 5.0
SILENT_MORE, SILENT_TIMES = 0.1, 1.5  # than the others
SILENT_BEFORE, BEFORE_MORE = 0.9, 0.4  # of won leads without an event before the moment
LOST_MORE, LOST_TIMES, LEAST_OPEN = 0.4, 5.0, 30  # lost leads without events, and open ones
GAINED, OTHERS_HAVE = 0.9, 0.3  # of won leads with an event before the moment, and of the others
FREQUENT, MISSING = 0.1, 0.25  # of the others have a kind; of that share, where it is missing
FEWER, FAR_FEWER = 0.7, 0.5  # events for each won lead, compared with others of the same age
MOST_OF_THEM = 0.5  # of the events that won leads lack
COPIED, COPIED_TIMES = 0.2, 3.0  # share of the won leads with copies; times that of others
MORE_THAN_LOST, MORE_THAN_WON = 3.0, 2.5  # standard deviations; won leads should have the most
OUTLIERS = 0.99  # more events than so many leads have count as that
UNLINKED = 0.2  # rows of unknown leads, of the events of won leads


def coverage_evidence(found: LeadEvents, unlinked: int = 0, copies: int = 0) -> list[str]:
    """Say where won leads lack events, or have them out of proportion; empty if nowhere.

    Parameters
    ----------
    unlinked : int
        Rows of the files of events that name nobody we know.
    copies : int
        Rows that equal another.
    """
    won, others = found.won & found.decided, found.decided & ~found.won
    if min(won.sum(), others.sum()) < LEAST_LEADS or not len(found.lead):
        return []
    ever = found.count(np.ones(len(found.lead), dtype=bool))
    before = found.count(found.before)
    usual = np.minimum(before, np.quantile(before, OUTLIERS))  # a few may have thousands
    return [
        *_silent(found, ever == 0, won, others),
        *_silent_lost(found, ever == 0, won, others),
        *_silent_before(found, before == 0, won, others),
        *_missing_kinds(found, won, others),
        *(
            _fewer(found, usual, won, others, unlinked)
            or _fewer_than_open(found, usual, won, others, unlinked)
        ),
        *(_copied(found, won, others) if copies else []),
        *_gained(found, before > 0, won, others),
        *lost_evidence(found, usual),
    ]


def _z(found: LeadEvents, shown: Mask) -> float:
    used = found.decided
    return stratified_z(shown[used], found.won[used], found.age[used])


def _counts_text(shown: Mask, won: Mask, others: Mask, what: str) -> str:
    wins, rest = shown[won], shown[others]
    return (
        f"{wins.sum():,} of {len(wins):,} won leads have {what}, "
        f"{rest.sum():,} of {len(rest):,} others"
    )


def _silent(found: LeadEvents, silent: Mask, won: Mask, others: Mask) -> list[str]:
    wins, rest = silent[won].mean(), silent[others].mean()
    if wins < max(rest + SILENT_MORE, SILENT_TIMES * rest) or _z(found, silent) < BEYOND_CHANCE:
        return []
    is_open = ~found.decided
    text = _counts_text(silent, won, others, "no event at all")
    return [f"{text}, {silent[is_open].sum():,} of {is_open.sum():,} open ones"]


def _silent_lost(found: LeadEvents, silent: Mask, won: Mask, others: Mask) -> list[str]:
    """Lost leads whose events were deleted: neither won nor open leads are as silent."""
    compared = others | found.open
    rest, still_open = fill_by_group(silent[compared], others[compared], found.age[compared])
    if found.open.sum() < LEAST_OPEN or rest < max(still_open + LOST_MORE, LOST_TIMES * still_open):
        return []
    text = f"{silent[others].sum():,} of {others.sum():,} lost leads have no event at all, "
    text += f"{silent[won].sum():,} of {won.sum():,} won ones"
    return [f"{text}, {silent[found.open].sum():,} of {found.open.sum():,} open ones"]


def _silent_before(found: LeadEvents, silent: Mask, won: Mask, others: Mask) -> list[str]:
    wins, rest = silent[won].mean(), silent[others].mean()
    if wins < SILENT_BEFORE or wins < rest + BEFORE_MORE or _z(found, silent) < BEYOND_CHANCE:
        return []
    return [_counts_text(silent, won, others, "no event before the moment")]


def _missing_kinds(found: LeadEvents, won: Mask, others: Mask) -> list[str]:
    missing, frequent = [], 0
    for code, kind in enumerate(found.kinds):
        has = found.count(found.kind == code) > 0
        usual = has[others].mean()
        if usual < FREQUENT:
            continue
        frequent += 1
        if has[won].mean() <= MISSING * usual and _z(found, has) <= -BEYOND_CHANCE:
            missing.append(f"{kind} ({percent(has[won].mean())}, others {percent(usual)})")
    if len(missing) < max(2, frequent / 3):
        return []
    return [f"won leads lack {len(missing)} of {frequent} kinds of event: {join(missing, most=4)}"]


def _fewer(found: LeadEvents, events: Numbers, won: Mask, others: Mask, unlinked: int) -> list[str]:
    """Far fewer events, or fewer where about as many are of unknown leads or of later days."""
    size = int(found.age.max(initial=0)) + 1
    rows, sums = (
        np.bincount(found.age[others], weights=weights, minlength=size)
        for weights in (None, events[others])
    )
    usual = float((sums / np.maximum(rows, 1))[found.age[won]].mean())
    mean, typical = float(events[won].mean()), np.median(events[others])
    if _z(found, events > typical) >= -BEYOND_CHANCE or mean > FEWER * usual:
        return []
    text = f"won leads have {number(mean, 1)} events before the moment, others of the same age "
    text += number(usual, 1)
    lacking = MOST_OF_THEM * (usual - mean) * won.sum()
    if elsewhere := _elsewhere_text(found, won, others, unlinked, lacking):
        return [f"{text}, and {elsewhere}"]
    return [text] if mean <= FAR_FEWER * usual else []


def _elsewhere_text(
    found: LeadEvents, won: Mask, others: Mask, unlinked: int, lacking: float
) -> str:
    """Where so many events of won leads may be; empty if nowhere."""
    if unlinked >= lacking:
        return f"{unlinked:,} rows name unknown leads"
    at_closing = _dated_at_closing(found, won, others)
    if at_closing >= lacking:
        return f"{at_closing:,} events of won leads are dated on the day of closing"
    return ""


def _dated_at_closing(found: LeadEvents, won: Mask, others: Mask) -> int:
    """Events of won leads within a day of closing, beyond those that lost ones have."""
    near = found.count(np.abs(found.to_closing) <= 1)
    return int(max(near[won].mean() - near[others].mean(), 0) * won.sum())


def _fewer_than_open(
    found: LeadEvents, events: Numbers, won: Mask, others: Mask, unlinked: int
) -> list[str]:
    """Open leads with more events than both won and lost ones of their age."""
    elsewhere = _elsewhere_text(found, won, others, unlinked, UNLINKED * events[won].sum())
    if found.open.sum() < LEAST_OPEN or not elsewhere:
        return []
    for closed, enough in ((others, MORE_THAN_LOST), (won, MORE_THAN_WON)):
        used = closed | found.open
        if difference_z(events[used], found.open[used], found.finer_age[used]) < enough:
            return []
    still_open, wins, lost = (number(events[some].mean(), 1) for some in (found.open, won, others))
    return [
        f"open leads have {still_open} events before the moment, but won leads only {wins} and "
        f"lost ones {lost}, and {elsewhere}"
    ]


def _copied(found: LeadEvents, won: Mask, others: Mask) -> list[str]:
    """Copies of the events of won leads, as merging people makes them."""
    has = found.count(found.before & found.copies) > 0
    if has[won].mean() < max(COPIED, COPIED_TIMES * has[others].mean()):
        return []
    return [_counts_text(has, won, others, "copies of events before the moment")]


def _gained(found: LeadEvents, has: Mask, won: Mask, others: Mask) -> list[str]:
    if has[won].mean() < GAINED or has[others].mean() > OTHERS_HAVE:
        return []
    return [_counts_text(has, won, others, "an event before the moment")]
