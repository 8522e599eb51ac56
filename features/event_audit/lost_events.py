"""Do lost leads have all their events? A CRM may purge or archive them, in part or after a while.

Lost leads have fewer events than won ones anyway. Open leads tell: they will be won or lost, so
they lie between both, about where the usual share of wins puts them. And what archiving took away
is missing from the old lost leads only, while old won leads have as many events as later ones.
"""

from __future__ import annotations

import numpy as np

from features.event_audit.lead_events import LeadEvents, Numbers, difference_z
from features.leaks.statistics import Mask
from features.leaks.still_open import BLOCKS, open_as_long
from features.text import number, percent

LEAST_OPEN, LEAST_WON = 100, 20
BEYOND_CHANCE = 5.0
MORE = 1.5  # times the events that others have
WINS_TIMES, WINS_MORE = 2.5, 0.25  # share of wins that open leads would need, against the usual
OLD = 0.5  # the older part of the leads
FELL = 2.0  # times fewer events of old lost leads than of old won ones, against later leads
LEAST_EVENTS = 100  # of each of the four


def lost_evidence(found: LeadEvents, events: Numbers) -> list[str]:
    """Say where lost leads lack a part of their events; empty if nowhere.

    Parameters
    ----------
    events : array of float
        The events of each lead before its moment.
    """
    won, lost = found.won & found.decided, found.decided & ~found.won
    if min(won.sum(), lost.sum()) < LEAST_WON:
        return []
    return [*_fewer_than_open_ones(found, events, won, lost), *_archived(found, events, won, lost)]


def _fewer_than_open_ones(found: LeadEvents, events: Numbers, won: Mask, lost: Mask) -> list[str]:
    if found.open.sum() < LEAST_OPEN:
        return []
    chosen = open_as_long(found.since, found.days, found.open, found.decided)
    if chosen is None:
        return _beyond_usual_wins(found, events, won, lost)
    still_open = events[chosen.is_open]
    expected = float(np.average(events, weights=chosen.weight))
    parts = [chosen.weight * (chosen.block == part) for part in range(BLOCKS)]
    most = max(float(np.average(events, weights=part)) for part in parts if part.any())
    deviation = np.sqrt(np.sum(chosen.weight**2 * (events - expected) ** 2)) / chosen.weight.sum()
    error = np.hypot(still_open.std() / np.sqrt(len(still_open)), deviation)
    mean = float(still_open.mean())
    if mean - expected < BEYOND_CHANCE * error or mean < MORE * most:
        return []
    text = f"open leads have {number(mean, 1)} events before the moment, but earlier leads that "
    return [f"{text}were open as long {number(expected, 1)}: events of closed leads are missing"]


def _beyond_usual_wins(found: LeadEvents, events: Numbers, won: Mask, lost: Mask) -> list[str]:
    """Open leads that would have to be won far more often than usual to have so many events."""
    used = lost | found.open
    if difference_z(events[used], found.open[used], found.finer_age[used]) < BEYOND_CHANCE:
        return []
    still_open, wins, losses = (float(events[some].mean()) for some in (found.open, won, lost))
    usual = float(won.sum() / found.decided.sum())
    needed = (still_open - losses) / max(wins - losses, 1e-9) if wins > losses else 1.0
    if still_open < MORE * losses or needed < max(WINS_TIMES * usual, usual + WINS_MORE):
        return []
    return [
        f"open leads have {number(still_open, 1)} events before the moment, lost ones only "
        f"{number(losses, 1)} and won ones {number(wins, 1)}: {percent(min(needed, 1))} of the "
        f"open ones would have to be won, where {percent(usual)} were, or events of lost leads are "
        "missing"
    ]


def _archived(found: LeadEvents, events: Numbers, won: Mask, lost: Mask) -> list[str]:
    """Old lost leads with few events, where old won ones have as many as later ones."""
    old = found.age < OLD * 10
    groups = [won & old, lost & old, won & ~old, lost & ~old]
    if min(events[some].sum() if some.any() else 0 for some in groups[::2] + groups[3:]) < (
        LEAST_EVENTS
    ):
        return []
    means = [float(events[some].mean()) if some.any() else 0.0 for some in groups]
    errors = [
        events[some].std() / np.sqrt(max(some.sum(), 1)) / max(mean, 0.05)
        for some, mean in zip(groups, means, strict=True)
    ]
    fell = np.log((means[0] + 0.05) / (means[1] + 0.05)) - np.log(means[2] / means[3])
    if fell < max(np.log(FELL), BEYOND_CHANCE * float(np.linalg.norm(errors))):
        return []
    old_won, old_lost, later_won, later_lost = (number(mean, 1) for mean in means)
    return [
        f"lost leads of the older half have {old_lost} events before the moment, won ones {old_won}"
        f"; of the later half {later_lost} and {later_won}: events of old lost leads are missing"
    ]
