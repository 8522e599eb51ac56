"""When each lead is judged, and which leads have no such moment.

By default a lead is judged at its hand-off to sales, or some days after it was created. What was
decided before that is no prediction: such leads are left out, and counted under the reason.
"""

from __future__ import annotations

import pandas as pd

from features.errors import LeadReadyError
from features.outcomes import results
from features.tables import Tables, extract_at
from features.workspace import Workspace

NO_MOMENT = "no date to judge it at"
CLOSED = "closed before the moment"
DECIDED = "already decided at the moment"
TO_COME = "the moment comes after the extract"


def moments(ws: Workspace, tables: Tables) -> tuple[pd.DataFrame, dict[str, int]]:
    """Say when each lead is judged.

    Returns
    -------
    (DataFrame, dict of str to int)
        ``lead_id, person_id, account_id, as_of``, a row for each lead judged; how many leads were
        left out, by reason. In a flat table without dates every lead is judged, at no date (NaT).
    """
    leads = tables.leads
    as_of = leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    why = pd.Series([None] * len(leads), dtype=object, index=leads.index)
    if _has_dates(ws):
        why[as_of.isna()] = NO_MOMENT
    why[why.isna() & (as_of > extract_at(ws, tables))] = TO_COME
    why[why.isna() & (leads["closed_at"] <= as_of)] = CLOSED
    why[why.isna() & (_decided_at(ws, tables) <= as_of)] = DECIDED
    judged = why.isna()
    counts = {str(reason): int(n) for reason, n in why.value_counts().items()}
    return _rows(leads[judged], as_of[judged]), counts


def moments_at(ws: Workspace, tables: Tables, as_of: pd.Timestamp) -> pd.DataFrame:
    """Judge all leads that are open at a time: created before it, neither closed nor won by then.

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
    leads, became = tables.leads, results(ws, tables).set_axis(tables.leads.index)
    here = ~(leads["created_at"] >= now)
    closed = (leads["closed_at"] <= now) | (_decided_at(ws, tables) <= now)
    won = became["won"] & became["won_at"].isna()
    open_now = here & ~closed & ~won
    return _rows(leads[open_now], pd.Series(now, index=leads.index[open_now]))


def _decided_at(ws: Workspace, tables: Tables) -> pd.Series:
    """When the lead was decided; a date column that lost leads have too tells of those as well."""
    if ws.outcome.column is None:
        won_at: pd.Series = results(ws, tables)["won_at"].set_axis(tables.leads.index)
        return won_at
    dated: pd.Series = tables.leads["won_at"]
    return dated


def _has_dates(ws: Workspace) -> bool:
    return bool(ws.moment.column or ws.leads.created)


def _rows(leads: pd.DataFrame, as_of: pd.Series) -> pd.DataFrame:
    found = leads[["lead_id", "person_id", "account_id"]].copy()
    found["as_of"] = as_of.astype("datetime64[us]")
    return found.reset_index(drop=True)
