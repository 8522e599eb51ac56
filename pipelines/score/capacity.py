"""Which leads sales gets this week: as many as it can take, the best first, and some at random.

With ``handoff: per_week`` in the definition, the leads that are ready fill the places of the week
in order of expected value; the others wait. What was handed off on Monday stays handed off, and
later runs of the week fill only the places that are left. A week begins on Monday, in UTC.

With ``explore``, that share of the places goes to leads drawn at random from all leads that the
ranking leaves. The draw depends on the lead and the week alone, and the ledger keeps its
probability, so that training and ``leadready uplift`` can weight by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import text
from features.labels.moments import MONDAY
from model.serving import WITH_SALES, Definition, exploration_draws

Array = npt.NDArray[Any]
WEEK = pd.Timedelta(days=7)
HAND_OFF, EXPLORE, NURTURE, NEVER, WAIT = "hand off", "explore", "nurture", "never", "wait"


def week_start(time: pd.Timestamp) -> pd.Timestamp:
    """Give the Monday on which the week of a time begins.

    Examples
    --------
    >>> week_start(pd.Timestamp("2026-10-01 04:00"))
    Timestamp('2026-09-28 00:00:00')
    """
    return pd.Timestamp(MONDAY + (time - MONDAY) // WEEK * WEEK)


@dataclass(frozen=True)
class HandedOff:
    """What the runs before this one handed off.

    Attributes
    ----------
    this_week : Series
        The decision by lead, ``hand off`` or ``explore``.
    earlier : set of str
        Leads that were handed off in an earlier week.
    chance : float or None
        The probability of the draw, if a run of this week has drawn.
    """

    this_week: pd.Series[Any]
    earlier: frozenset[str] = frozenset()
    chance: float | None = None

    @classmethod
    def of(cls, last: pd.DataFrame, week: pd.Timestamp, chance: float | None) -> HandedOff:
        """Split the last hand-off of each lead (``lead, as_of, decision``) by week."""
        now = last["as_of"] >= week
        this_week = last[now].set_index("lead")["decision"]
        return cls(this_week, frozenset(last.loc[~now, "lead"]), chance)


@dataclass(frozen=True)
class WeekPlan:
    """What to do with each lead, and with which probability it could be drawn.

    Attributes
    ----------
    decisions : array of str, shape (n,)
    chances : array, shape (n,)
        NaN for leads that could not be drawn.
    """

    decisions: Array
    chances: Array

    def of(self, rows: Any) -> WeekPlan:
        """Give the part of some leads, by their places."""
        return WeekPlan(self.decisions[rows], self.chances[rows])


def plan_without_limit(decisions: Array, definition: Definition) -> WeekPlan:
    """Keep the decisions where nobody said how many leads sales can take."""
    share = definition.handoff.explore
    may_be_drawn = np.isin(decisions, [NURTURE, EXPLORE]) & (share > 0)
    return WeekPlan(decisions, np.where(may_be_drawn, share, np.nan))


def plan_week(
    leads: pd.DataFrame,
    definition: Definition,
    handed_off: HandedOff,
    week: pd.Timestamp,
    *,
    crm_knows: bool = False,
) -> WeekPlan:
    """Fill the places of the week.

    Parameters
    ----------
    leads : DataFrame
        ``lead_id, decision, value`` of all open leads: what sales would get if it could take all,
        and the expected value of each.
    week : Timestamp
        Its Monday.
    crm_knows : bool
        Whether the CRM says which leads sales has; otherwise sales has what it was given in
        earlier weeks.

    Examples
    --------
    >>> rules = Definition.from_dict({"ready_when": [{"id": "size", "feature": "employees",
    ...     "at_least": 50}], "handoff": {"per_week": 2}})
    >>> leads = pd.DataFrame({"lead_id": ["a", "b", "c", "d"], "value": [0.1, 0.3, 0.2, 0.4],
    ...     "decision": ["hand off", "hand off", "hand off", "nurture"]})
    >>> before = HandedOff(pd.Series({"a": "hand off"}))
    >>> plan_week(leads, rules, before, pd.Timestamp("2026-09-28")).decisions.tolist()
    ['hand off', 'hand off', 'wait', 'nurture']
    """
    ids, decisions = leads["lead_id"], leads["decision"].to_numpy(object).copy()
    decisions[decisions == EXPLORE] = NURTURE  # drawn anew for the week
    if not crm_knows:
        given = ids.isin(handed_off.earlier).to_numpy() & (decisions != NEVER)
        decisions[given] = WITH_SALES
    stays = ids.map(handed_off.this_week).to_numpy(object)
    kept = pd.notna(stays) & ~np.isin(decisions, [NEVER, WITH_SALES])
    free = np.isin(decisions, [HAND_OFF, NURTURE]) & ~kept
    chance = week_chance(definition, int(free.sum()), handed_off.chance)
    tickets = np.ones(len(leads))
    tickets[free] = exploration_draws(f"{lead}:{text.day(week)}" for lead in ids[free])
    drawn = free & (tickets < chance)
    places = int(definition.handoff.per_week or 0) - len(handed_off.this_week)
    ready = np.flatnonzero(free & (decisions == HAND_OFF))
    ranked = ready[np.lexsort((tickets[ready], -leads["value"].to_numpy()[ready]))]
    best = ranked[: _ranked_places(drawn[ranked], int(drawn.sum()), places)]
    decisions[ranked] = WAIT
    decisions[_in_order(drawn, tickets)[: max(places, 0)]] = EXPLORE
    decisions[best] = HAND_OFF
    decisions[kept] = stays[kept]
    return WeekPlan(decisions, np.where(free & (chance > 0), chance, np.nan))


def week_chance(definition: Definition, leads: int, drawn_before: float | None) -> float:
    """Give the probability with which each of some leads is drawn, the same all week.

    On average, the draw fills the share ``explore`` of the places, and never hands off more than
    that share of the leads.

    Examples
    --------
    >>> rules = Definition.from_dict({"ready_when": [{"id": "size", "feature": "employees",
    ...     "at_least": 50}], "handoff": {"per_week": 20, "explore": 0.1}})
    >>> week_chance(rules, 1000, None), week_chance(rules, 10, None), week_chance(rules, 10, 0.05)
    (0.002, 0.1, 0.05)
    """
    share, places = definition.handoff.explore, definition.handoff.per_week or 0
    if drawn_before is not None and share > 0:
        return drawn_before
    return share * min(1.0, places / leads) if leads else 0.0


def _ranked_places(drawn: Array, draws: int, places: int) -> int:
    """Count how many of the best fit beside the drawn ones; some of the best are drawn as well."""
    needed = np.arange(1, len(drawn) + 1) + draws - np.cumsum(drawn)
    return int((needed <= places).sum())


def _in_order(drawn: Array, tickets: Array) -> Array:
    rows = np.flatnonzero(drawn)
    return np.asarray(rows[np.argsort(tickets[rows], kind="stable")])


def expected_values(probability: Array, amounts: Array) -> Array:
    """Give the expected value of each lead: its probability, times its amount where one is known.

    A lead without an amount counts with the mean of the others. An amount of 0 is not known yet.

    Examples
    --------
    >>> expected_values(np.array([0.1, 0.2, 0.5]), np.array([1000.0, 0, np.nan]))
    array([100., 200., 500.])
    """
    known = np.isfinite(amounts) & (amounts > 0)
    if not known.any():
        return np.asarray(probability)
    return np.asarray(probability * np.where(known, amounts, amounts[known].mean()))
