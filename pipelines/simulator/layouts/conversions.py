"""What a system does with the events of a lead that is won: it moves, merges or deletes them.

Salesforce gives the activities of a converted lead to the new contact. HubSpot merges contacts, and
exports can still show activities under the ids of the merged ones. Marketo deletes a merged person
with its activity log. An export then shows won leads without the events that they had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pipelines.simulator.layouts.records import WON, Records

KEPT = "kept"
SHARE_MOVED = 0.7
MERGED_FROM = 1_000_000  # the numbers of the records that were merged begin here
LEFT_BEHIND = ("Email Open", "Email Click", "Call")  # kinds that a sales cadence logs
Where = Callable[[pd.DataFrame], Any]  # which events of won leads are affected


def _all(events: pd.DataFrame) -> Any:
    return np.ones(len(events), dtype=bool)


def _some(events: pd.DataFrame) -> Any:
    return np.random.default_rng(0).random(len(events)) < SHARE_MOVED


def _not_of_a_cadence(events: pd.DataFrame) -> Any:
    return ~events["kind"].isin(LEFT_BEHIND)


AFFECTED: dict[str, Where] = {
    "moved": _all,
    "partly-moved": _some,
    "cadence-left": _not_of_a_cadence,
    "merged": _all,
    "deleted": _all,
}


def convert_events(records: Records, conversion: str) -> Records:
    """Do to the events of won leads what a system does.

    Returns
    -------
    Records
        ``events.moved`` says whether an event is with another record than its lead, and
        ``events.merged`` is the number of that record. ``leads.merged`` lists the numbers of the
        records that were merged into a lead. Deleted events are missing.
    """
    if conversion == KEPT:
        return records
    leads, events = records.leads, records.events
    won = leads.loc[leads["stage"].isin(WON), "lead"]
    affected = events["lead"].isin(won) & AFFECTED[conversion](events)
    if conversion == "deleted":
        return replace(records, events=events[~affected].reset_index(drop=True))
    merged = MERGED_FROM + 2 * events["lead"] + events["event"] % 2  # of one or two records
    events = events.assign(moved=affected, merged=merged)
    if conversion != "merged":
        return replace(records, events=events)
    numbers = events[affected].groupby("lead")["merged"].unique().map(sorted)
    return replace(records, leads=leads.assign(merged=leads["lead"].map(numbers)), events=events)
