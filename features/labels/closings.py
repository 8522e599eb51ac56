"""When each lead was closed, where no column says so but a history does.

A closed lead is not judged, so events after its closing never count. Where the closing date is not
mapped, or is empty, the stage history gives it: the time at which the lead reached the won or lost
state that it is still in. A lead that was lost and reopened is closed from the last time. Without a
stage history the last change of the columns of won and lost counts, if the CRM records it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from features.labels.conditions import last_rows, taken, values_by_lead
from features.labels.states import (
    Mask,
    count_values,
    lost_leads,
    neither_won_nor_lost,
    stages_that_meet,
    state_column,
    won_leads,
)
from features.tables.problems import Problem
from features.tables.read import Tables
from features.text import join
from features.workspace.schema import Workspace

OPEN_WITH_CLOSING_DATE = "open leads with a closing date"
LEAST_DATED, NOTABLE = 20, 0.2  # open leads with a closing date; of all open ones
MOST_VALUES = 6  # that the message names


def fill_closing_dates(ws: Workspace, tables: Tables) -> Tables:
    """Fill the closing dates that are missing from the histories of won and lost leads."""
    if tables.stages.empty and tables.field_history.empty:
        return tables
    leads = tables.leads
    closed = won_leads(ws, tables) | lost_leads(ws, tables)
    known = _closed_by_stages(ws, tables).fillna(_closed_by_fields(ws, tables))
    filled = leads["closed_at"].fillna(known.where(closed))
    return replace(tables, leads=leads.assign(closed_at=filled.astype("datetime64[us]")))


def open_with_closing_date(ws: Workspace, tables: Tables, won: pd.Series) -> list[Problem]:
    """Say that open leads have a closing date: a planned one, or leads that are lost after all.

    Parameters
    ----------
    won : Series of bool
        Whether each lead was won.
    """
    still_open = neither_won_nor_lost(ws, tables, won).to_numpy()
    dated = still_open & tables.leads["closed_at"].notna().to_numpy()
    leads = int(dated.sum())
    if ws.moment.closed is None or leads < max(LEAST_DATED, NOTABLE * still_open.sum()):
        return []
    values = count_values(ws, tables, state_column(ws), dated)
    named = join((f"{value} ({rows:,})" for value, rows in values.items()), most=MOST_VALUES)
    message = (
        f"{leads:,} of {still_open.sum():,} leads that are neither won nor lost have a date in "
    )
    message += f"{ws.moment.closed}: {named}; they are not judged after it"
    hint = "if it is the planned date, write the column with the date of closing, or none, as  "
    hint += "closed:  under moment; if these leads are lost, name them under  lost_when"
    return [Problem("leads", OPEN_WITH_CLOSING_DATE, leads, message, hint)]


def _closed_by_stages(ws: Workspace, tables: Tables) -> pd.Series:
    """The last time at which each lead went from an open stage, or from none, to a closed one."""
    dated = tables.stages["at"].reset_index(drop=True).dropna()
    rows = dated.sort_values(kind="stable").index.to_numpy()
    rows = rows[np.argsort(tables.stage_leads[rows], kind="stable")]  # by lead, then by time
    closed, lead = _is_closed_stage(ws, tables)[rows], tables.stage_leads[rows]
    was_closed = np.append(False, closed[:-1] & (lead[1:] == lead[:-1]))[: len(rows)]
    last = last_rows(tables, rows[closed & ~was_closed])
    return taken(tables.stages["at"], last).set_axis(tables.leads.index)


def _is_closed_stage(ws: Workspace, tables: Tables) -> Mask:
    """Which rows of the stage history make a lead won or lost."""
    closed = np.zeros(len(tables.stages), dtype=bool)
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
