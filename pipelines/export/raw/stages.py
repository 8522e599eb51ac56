"""The stage history of raw tables in SQL: the last stage of each lead, its win and its closing."""

from __future__ import annotations

from collections.abc import Mapping

from features.links.matching import EXACT
from features.workspace.schema import Workspace
from pipelines.export.raw.columns import RUN, RawColumn, not_in_sql
from pipelines.export.raw.leads import condition_sql, names_stages
from pipelines.export.raw.tables import RawTables

STAGES = "leadready_stages"
# States are compared by < and >, as in `open_leads`.
LAST = f"""
SELECT lead_id, stage FROM (
  SELECT s.lead_id, s.stage,
    ROW_NUMBER() OVER (
      PARTITION BY s.lead_id ORDER BY CASE WHEN s.at IS NULL THEN 0 ELSE 1 END DESC, s.at DESC
    ) AS place
  FROM {STAGES} AS s CROSS JOIN {RUN} AS run WHERE s.at IS NULL OR s.at <= run.as_of
) AS placed WHERE place < 2
"""
CLOSING = f"""
SELECT lead_id, MAX(at) AS at FROM (
  SELECT lead_id, at, is_closed,
    LAG(is_closed) OVER (PARTITION BY lead_id ORDER BY at) AS was_closed
  FROM {STAGES} WHERE NOT at IS NULL
) AS in_order WHERE is_closed > 0 AND COALESCE(was_closed, 0) < 1 GROUP BY lead_id
"""
WON = f"SELECT lead_id, MIN(at) AS at FROM {STAGES} WHERE is_won > 0 GROUP BY lead_id"


def stages_sql(ws: Workspace, raw: RawTables) -> dict[str, str]:
    """Write the tables that are made of the stage history, by their names.

    Raises
    ------
    LeadReadyError
        If its leads are not found by their ids as they are written.
    """
    source, table = ws.stages, raw.stages
    if source is None or table is None:
        return {}
    if source.match != EXACT or source.on:
        what = f"SQL finds the leads of {table.stem} by their ids as they are written"
        raise not_in_sql(what, ws.where("stages"), "remove  on: and match:")
    columns = raw.lead_columns()
    stage = table.column(source.stage).text
    won, lost = (
        _state(ws, columns, key, stage) for key in (ws.outcome.won_when, ws.outcome.lost_when)
    )
    stages = (
        f"SELECT {table.column(source.lead).text} AS lead_id, {stage} AS stage, "
        f"{table.column(source.time).possible_time} AS at, {won} AS is_won, "
        f"CASE WHEN {won} = 1 OR {lost} = 1 THEN 1 ELSE 0 END AS is_closed "
        f"FROM {table.place} CROSS JOIN {RUN} AS run WHERE NOT {stage} IS NULL"
    )
    return {
        STAGES: stages,
        "leadready_last_stage": LAST,
        "leadready_won_stage": WON,
        "leadready_closing": CLOSING,
    }


def _state(ws: Workspace, columns: Mapping[str, RawColumn], condition: object, stage: str) -> str:
    """Write 1 where a row of the history makes a lead won or lost."""
    from features.workspace.conditions import ColumnCondition, ConditionGroup

    if not isinstance(condition, ColumnCondition | ConditionGroup):
        return "0"
    if not names_stages(ws, columns, condition):
        return "0"
    return f"CASE WHEN {condition_sql({}, condition, stage)} THEN 1 ELSE 0 END"
