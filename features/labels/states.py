"""The state of each lead: won, lost, with sales or open, as the conditions of the workspace say.

A lead that is neither won nor lost is open. The conditions name columns of the leads or the stage
column of the history. A lead is won once it has reached a won stage, whatever follows; it is lost
while its last stage means lost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.labels.conditions import column_or_last_stage, last_rows, meets, taken
from features.tables.lead_rows import lead_rows
from features.tables.leads import RAW
from features.tables.read import Tables
from features.workspace.conditions import ColumnCondition, Condition, column_conditions
from features.workspace.schema import Workspace

Mask = npt.NDArray[np.bool_]
EMPTY = "(empty)"  # names an empty cell


def won_leads(ws: Workspace, tables: Tables) -> pd.Series:
    """Which leads are won, or have been once if the stage history says so."""
    condition = ws.outcome.won_when
    won = pd.Series(False, index=tables.leads.index)
    if condition is None:
        return won
    won |= meets(ws, tables, condition)
    if _names_history(tables, condition):
        rows = stages_that_meet(ws, tables, condition)
        won |= tables.leads["lead_id"].isin(tables.stages["lead_id"][rows])
    return won


def lost_leads(ws: Workspace, tables: Tables, at: pd.Timestamp | None = None) -> pd.Series:
    """Which leads the workspace calls lost.

    Parameters
    ----------
    at : Timestamp, optional
        Stages reached later do not count.
    """
    condition = ws.outcome.lost_when
    if condition is None:
        return pd.Series(False, index=tables.leads.index)
    return pd.Series(meets(ws, tables, condition, at), index=tables.leads.index)


def neither_won_nor_lost(ws: Workspace, tables: Tables, won: pd.Series) -> pd.Series:
    """Which leads are still open.

    Parameters
    ----------
    won : Series of bool
        Whether each lead was won by the extract.
    """
    lost = lost_leads(ws, tables)
    return ~lost & ~won.set_axis(lost.index).astype(bool)


def first_wins(ws: Workspace, tables: Tables) -> pd.DataFrame:
    """When each lead first reached a won stage of the history, and for how much: ``at, amount``."""
    rows = np.zeros(0, dtype=np.intp)
    if ws.outcome.won_when is not None:
        rows = np.flatnonzero(stages_that_meet(ws, tables, ws.outcome.won_when))
    by_time = tables.stages["at"].iloc[rows].reset_index(drop=True).sort_values(kind="stable")
    first = last_rows(tables, rows[by_time.index.to_numpy()[::-1]])
    found = {name: taken(tables.stages[name], first) for name in ("at", "amount")}
    return pd.DataFrame(found).set_axis(tables.leads.index).astype({"amount": "float64"})


def won_stages(ws: Workspace, tables: Tables) -> tuple[str, ...]:
    """The stages of the history by which leads are won."""
    if ws.outcome.won_when is None:
        return ()
    rows = stages_that_meet(ws, tables, ws.outcome.won_when)
    return tuple(map(str, tables.stages["stage"][rows].unique()))


def stages_that_meet(ws: Workspace, tables: Tables, condition: Condition) -> Mask:
    """Which rows of the stage history make a lead meet a condition, by their stage.

    Rows of leads that meet it whatever their stage do not count.
    """
    stages = tables.stages
    if stages.empty:
        return np.zeros(0, dtype=bool)
    columns = {f"{RAW}{part.column}" for part in column_conditions(condition)}
    of_leads = (columns - _columns_in_history(ws, tables)) & set(tables.leads.columns)
    if of_leads == columns:
        return np.zeros(len(stages), dtype=bool)
    used = sorted(of_leads)
    keys = ["lead_id", "stage"] if used else ["stage"]
    codes = stages.groupby(keys, sort=False, dropna=False).ngroup()
    distinct = stages[~codes.duplicated()].reset_index(drop=True)
    owners, numbers = lead_rows(tables.leads, distinct["lead_id"]), distinct.index.astype("str")
    leads = tables.leads[used].iloc[owners].reset_index(drop=True).assign(lead_id=numbers)
    reached = distinct.assign(lead_id=numbers)
    meets_then, meets_anyway = (
        meets(ws, replace(tables, leads=leads, stages=history), condition)
        for history in (reached, reached.assign(stage=None))
    )
    rows: Mask = (meets_then & ~meets_anyway)[codes]
    return rows


def _names_history(tables: Tables, condition: Condition) -> bool:
    names = {f"{RAW}{part.column}" for part in column_conditions(condition)}
    return not names <= set(tables.leads.columns)


def _columns_in_history(ws: Workspace, tables: Tables) -> set[str]:
    """The leads' columns that the stage history records: their values are among its stages."""
    seen = set(tables.stages["stage"].dropna().unique())
    return {
        f"{RAW}{part.column}"
        for condition in (ws.outcome.won_when, ws.outcome.lost_when)
        for part in column_conditions(condition)
        if names_values(part) and not seen.isdisjoint(part.operand)
    }


def names_values(part: ColumnCondition) -> bool:
    """Whether a condition names values of its column.

    Examples
    --------
    >>> names_values(ColumnCondition("Stage", "one_of", ("Won",)))
    True
    """
    return part.operator in ("one_of", "none_of", "equals")


def state_column(ws: Workspace) -> str:
    """The column that says which leads are open; without one, which are lost or won."""
    outcome = ws.outcome
    conditions = (outcome.open_when, outcome.lost_when, outcome.won_when)
    return next(part.column for condition in conditions for part in column_conditions(condition))


def count_values(ws: Workspace, tables: Tables, column: str, leads: Mask) -> dict[str, int]:
    """Count some leads by their value in a column, or by their last stage."""
    values = column_or_last_stage(ws, tables, column)[leads].fillna(EMPTY)
    return {str(value): int(count) for value, count in values.value_counts().items()}
