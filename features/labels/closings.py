"""When each lead was closed, where no column says so but a history does.

A closed lead is not judged, so events after its closing never count. Where the closing date is not
mapped, or is empty, the stage history gives it: the time at which the lead reached the won or lost
state that it is still in. A lead that was lost and reopened is closed from the last time. Without a
stage history the last change of the columns of won and lost counts, if the CRM records it.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from features.labels.conditions import values_by_lead
from features.labels.states import lost_leads, stages_that_meet, won_leads
from features.tables.read import Tables
from features.workspace.schema import Workspace


def fill_closing_dates(ws: Workspace, tables: Tables) -> Tables:
    """Fill the closing dates that are missing from the histories of won and lost leads."""
    if tables.stages.empty and tables.field_history.empty:
        return tables
    leads = tables.leads
    closed = won_leads(ws, tables) | lost_leads(ws, tables)
    known = _closed_by_stages(ws, tables).fillna(_closed_by_fields(ws, tables))
    filled = leads["closed_at"].fillna(known.where(closed))
    return replace(tables, leads=leads.assign(closed_at=filled.astype("datetime64[us]")))


def _closed_by_stages(ws: Workspace, tables: Tables) -> pd.Series:
    """The last time at which each lead went from an open stage, or from none, to a closed one."""
    stages = tables.stages[tables.stages["at"].notna()]
    stages = stages.sort_values("at", kind="stable").reset_index(drop=True)
    closed = _is_closed_stage(ws, replace(tables, stages=stages))
    was_closed = closed.groupby(stages["lead_id"]).shift(fill_value=False)
    last = stages[closed & ~was_closed].drop_duplicates("lead_id", keep="last")
    return values_by_lead(tables.leads["lead_id"], last.set_index("lead_id")["at"])


def _is_closed_stage(ws: Workspace, tables: Tables) -> pd.Series:
    """Which rows of the stage history make a lead won or lost."""
    closed = pd.Series(False, index=tables.stages.index)
    for condition in (ws.outcome.won_when, ws.outcome.lost_when):
        if condition is not None:
            closed |= stages_that_meet(ws, tables, condition)
    return closed


def _closed_by_fields(ws: Workspace, tables: Tables) -> pd.Series:
    """The last change of the columns that say which leads are won and lost."""
    changes, leads = tables.field_history, tables.leads
    changes = changes[changes["column"].isin(ws.outcome.won_columns + ws.outcome.lost_columns)]
    last = changes.groupby("lead_id")["at"].max().astype("datetime64[us]")
    return values_by_lead(leads["lead_id"], last)
