"""When each lead is judged, and which leads have no such moment.

By default a lead is judged at its hand-off to sales, or some days after it was created. What was
decided before that is no prediction: such leads are left out, and counted under the reason.

In a *panel* (``moment.every_days``) all open leads are judged on the same days, such as every
Monday: a lead is judged from the first such day after its own moment until it is closed or won, or
until the data ends. The rows of one day are the leads that a scoring run of that day would score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.labels.outcomes import results_at_extract
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

NO_MOMENT = "no date to judge it at"
CLOSED = "closed before the moment"
DECIDED = "already decided at the moment"
TO_COME = "the moment comes after the extract"
UNDATED = "won on an unknown day"
MONDAY = pd.Timestamp("1970-01-05")  # the days of a panel are counted from here
INSTANT = pd.Timedelta(microseconds=1)


def build_moments(ws: Workspace, tables: Tables) -> tuple[pd.DataFrame, dict[str, int]]:
    """Say when each lead is judged.

    Returns
    -------
    (DataFrame, dict of str to int)
        ``lead_id, person_id, account_id, as_of``, a row for each lead judged (in a panel: for each
        of its days); how many leads were left out, by reason. In a flat table without dates every
        lead is judged, at no date (NaT).
    """
    leads = tables.leads
    as_of = _begun(ws, tables) if ws.moment.every_days is None else _first_day(ws, tables)
    why = pd.Series([None] * len(leads), dtype=object, index=leads.index)
    if _has_dates(ws):
        why[as_of.isna()] = NO_MOMENT
    why[why.isna() & (as_of > extract_at(ws, tables))] = TO_COME
    why[why.isna() & (leads["closed_at"] <= as_of)] = CLOSED
    why[why.isna() & (_decided_at(ws, tables) <= as_of)] = DECIDED
    if ws.moment.every_days is not None:
        why[why.isna() & _won_undated(ws, tables)] = UNDATED
    judged = why.isna()
    counts = {str(reason): int(n) for reason, n in why.value_counts().items()}
    rows = _rows(leads[judged], as_of[judged])
    if ws.moment.every_days is None:
        return rows, counts
    return _again(rows, _last(ws, tables)[judged], ws.moment.every_days), counts


def moments_at(ws: Workspace, tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Judge all leads that are open at a time: created before it, neither closed nor won by then.

    In a panel they are those that have come to their moment.

    Returns
    -------
    DataFrame
        ``lead_id, person_id, account_id, as_of``.
    """
    if pd.Timestamp(as_of).tzinfo is not None:
        raise LeadReadyError(
            f"the time {as_of} has a time zone; all times here are UTC without one",
            hint="write it as 2024-07-01 or 2024-07-01T12:00",
        )
    now = pd.Timestamp(as_of)
    leads = tables.leads
    here = ~(leads["created_at"] >= now)
    if ws.moment.every_days is not None:
        here &= _begun(ws, tables) <= now
    closed = (leads["closed_at"] <= now) | (_decided_at(ws, tables) <= now)
    open_now = here & ~closed & ~_won_undated(ws, tables)
    return _rows(leads[open_now], pd.Series(now, index=leads.index[open_now]))


def _begun(ws: Workspace, tables: Tables) -> pd.Series:
    """The lead's own moment."""
    begun: pd.Series = tables.leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    return begun


def _first_day(ws: Workspace, tables: Tables) -> pd.Series:
    """The first day of the panel on which the lead is there: it was created before that day."""
    begun, step = _begun(ws, tables), pd.Timedelta(days=ws.moment.every_days or 1)
    there = tables.leads["created_at"] + INSTANT
    start = begun.mask(there > begun, there)
    before: Any = MONDAY - start
    steps = -(before // step)  # rounded up
    day: pd.Series = MONDAY + pd.to_timedelta(steps * step.days, unit="D")
    return day.astype("datetime64[us]")


def _last(ws: Workspace, tables: Tables) -> pd.Series:
    """Until when the lead can be judged: just before it was closed or won, or at the extract."""
    ends = [tables.leads["closed_at"] - INSTANT, _decided_at(ws, tables) - INSTANT]
    taken = extract_at(ws, tables)
    last: pd.Series = pd.concat(ends, axis=1).min(axis=1).fillna(taken)
    return last.mask(last > taken, taken)


def _again(rows: pd.DataFrame, last: pd.Series, every_days: int) -> pd.DataFrame:
    """Repeat each lead's row on every day of the panel until its last; lead by lead."""
    step = pd.Timedelta(days=every_days)
    times = ((last.to_numpy() - rows["as_of"]) // step + 1).astype("int64").to_numpy()
    found = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
    nth = np.arange(len(found)) - np.repeat(np.cumsum(times) - times, times)
    later = pd.Series(pd.to_timedelta(nth * every_days, unit="D"))
    return found.assign(as_of=(found["as_of"] + later).astype("datetime64[us]"))


def _won_undated(ws: Workspace, tables: Tables) -> pd.Series:
    became = results_at_extract(ws, tables).set_axis(tables.leads.index)
    undated: pd.Series = became["won"] & became["won_at"].isna()
    return undated


def _decided_at(ws: Workspace, tables: Tables) -> pd.Series:
    """When the lead was decided; a date column that lost leads have too tells of those as well."""
    if ws.outcome.column is None:
        won_at: pd.Series = results_at_extract(ws, tables)["won_at"].set_axis(tables.leads.index)
        return won_at
    dated: pd.Series = tables.leads["won_at"]
    return dated


def _has_dates(ws: Workspace) -> bool:
    return bool(ws.moment.column or ws.leads.created)


def _rows(leads: pd.DataFrame, as_of: pd.Series) -> pd.DataFrame:
    found = leads[["lead_id", "person_id", "account_id"]].copy()
    found["as_of"] = as_of.astype("datetime64[us]")
    return found.reset_index(drop=True)
