"""When each lead was closed, where no column says so but a history does.

A closed lead is not judged, so events after its closing never count. Where the closing date is not
mapped, or is empty, the stage history gives it: the time at which the lead reached the won or lost
state that it is still in. A lead that was lost and reopened is closed from the last time. Without a
stage history the last change of the outcome's column counts, if the CRM records the changes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.conditions import meets, values_by_lead
from features.labels.outcomes import lost_leads
from features.tables.field_history import last_changes
from features.tables.lead_rows import lead_rows
from features.tables.leads import RAW
from features.tables.read import Tables
from features.workspace.conditions import ColumnCondition, column_conditions
from features.workspace.schema import Workspace


def fill_closing_dates(ws: Workspace, tables: Tables) -> Tables:
    """Fill the closing dates that are missing from the histories of won and lost leads."""
    if tables.stages.empty and tables.field_history.empty:
        return tables
    leads = tables.leads
    closed = _is_won(ws, tables) | lost_leads(ws, tables).to_numpy()
    known = _closed_by_stages(ws, tables).fillna(_closed_by_fields(ws, tables))
    filled = leads["closed_at"].fillna(known.where(closed))
    return replace(tables, leads=leads.assign(closed_at=filled.astype("datetime64[us]")))


def _is_won(ws: Workspace, tables: Tables) -> npt.NDArray[np.bool_]:
    won, column, stages = ws.outcome.won, ws.outcome.column, tables.stages
    if column is not None:
        return meets(ws, tables, ColumnCondition(column, "one_of", won))
    winners = stages["lead_id"][stages["stage"].isin(list(won))]
    return tables.leads["lead_id"].isin(winners).to_numpy(dtype=bool)


def _closed_by_stages(ws: Workspace, tables: Tables) -> pd.Series:
    """The last time at which each lead went from an open stage, or from none, to a closed one."""
    stages = tables.stages[tables.stages["at"].notna()]
    stages = stages.sort_values("at", kind="stable").reset_index(drop=True)
    closed = stages["stage"].isin(list(ws.outcome.won)) | _is_lost_stage(ws, tables, stages)
    was_closed = closed.groupby(stages["lead_id"]).shift(fill_value=False)
    last = stages[closed & ~was_closed].drop_duplicates("lead_id", keep="last")
    return values_by_lead(tables.leads["lead_id"], last.set_index("lead_id")["at"])


def _is_lost_stage(ws: Workspace, tables: Tables, stages: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which rows of the stage history make a lead lost that its other columns leave undecided."""
    condition = ws.outcome.lost_when
    if condition is None or stages.empty:
        return np.zeros(len(stages), dtype=bool)
    columns = {f"{RAW}{part.column}" for part in column_conditions(condition)}
    if stages["stage"].isin(list(ws.outcome.won)).any():
        columns.discard(f"{RAW}{ws.outcome.column}")  # the history is of this column
    used = sorted(columns & set(tables.leads.columns))
    keys = ["lead_id", "stage"] if used else ["stage"]
    codes = stages.groupby(keys, sort=False, dropna=False).ngroup()
    distinct = stages[~codes.duplicated()].reset_index(drop=True)
    owners = lead_rows(tables.leads, distinct["lead_id"])
    leads = tables.leads[used].iloc[owners].reset_index(drop=True).assign(lead_id=distinct.index)
    reached = distinct.assign(lead_id=distinct.index)
    lost, lost_anyway = (
        meets(ws, replace(tables, leads=leads, stages=history), condition)
        for history in (reached, reached.assign(stage=None))
    )
    is_lost: npt.NDArray[np.bool_] = (lost & ~lost_anyway)[codes]
    return is_lost


def _closed_by_fields(ws: Workspace, tables: Tables) -> pd.Series:
    """The last change of the outcome's column of each lead."""
    changes = tables.field_history
    changes = changes[changes["column"] == ws.outcome.column]
    unknown = pd.Series(pd.NaT, index=tables.leads.index, dtype="datetime64[us]")
    if changes.empty:
        return unknown
    last = last_changes(changes, tables.leads["lead_id"])[str(ws.outcome.column)]
    return last.set_axis(unknown.index)
