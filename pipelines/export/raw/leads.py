"""The leads of raw tables in SQL: their ids, dates, states and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from features.families.feature import Feature
from features.families.from_columns import FROM_COLUMN
from features.families.role import FROM_TITLE
from features.links.matching import EMAIL, EXACT
from features.tables.read import Tables
from features.workspace.conditions import ColumnCondition, Condition, condition_columns
from features.workspace.schema import Column, Workspace
from pipelines.export.raw.columns import RUN, RawColumn, list_sql, literal_sql, name_sql, not_in_sql
from pipelines.export.raw.readings import Reading, column_reading
from pipelines.export.raw.tables import RawTables

NO_TIME, NO_TEXT = "CAST(NULL AS TIMESTAMP)", "CAST(NULL AS TEXT)"
STAGE = "last_stage.stage"


def lead_readings(
    ws: Workspace, tables: Tables, raw: RawTables, features: Sequence[Feature]
) -> dict[str, Reading]:
    """How each feature is read that comes from a column of the leads."""
    columns, found = raw.lead_columns(), {}
    mapped = {column.name: column for column in ws.leads.columns}
    for feature in features:
        name = feature.source.removeprefix(FROM_COLUMN).removeprefix(FROM_TITLE)
        if name != feature.source:
            column = mapped.get(name, Column(name))
            found[feature.name] = column_reading(ws, tables, feature, column, columns[name])
    return found


def leads_sql(ws: Workspace, raw: RawTables, readings: Mapping[str, Reading]) -> str:
    """Select every lead with its dates, its state and what is read of its record."""
    columns = raw.lead_columns()
    lead = columns[ws.leads.id].text
    contact = NO_TEXT if ws.leads.contact is None else columns[ws.leads.contact].text
    account = NO_TEXT if ws.leads.account is None else columns[ws.leads.account].text
    base = ws.moment.column or ws.leads.created
    times = {"created_at": ws.leads.created, "base_at": base, "closed_at": ws.moment.closed}
    times |= {"won_at": ws.outcome.won_at}
    conditions = {"is_lost": ws.outcome.lost_when, "with_sales": ws.outcome.with_sales_when}
    parts = [
        f"{lead} AS lead_id",
        f"COALESCE('contact:' || {_person(contact)}, 'lead:' || {lead}) AS person_id",
        f"{contact} AS contact_id",
        f"{account} AS account_id",
        *(f"{_time(columns, name)} AS {key}" for key, name in times.items()),
        f"{_holds(ws, columns, ws.outcome.won_when, by_stages=True)} AS is_won",
        *(f"{_holds(ws, columns, rule)} AS {key}" for key, rule in conditions.items()),
        *(f"{reading.stored} AS {name_sql(name)}" for name, reading in readings.items()),
    ]
    texts = dict.fromkeys(each.unread for each in readings.values() if each.unread)
    unread = [f"WHEN {text} THEN 1" for text in texts]
    parts += [f"CASE {' '.join(unread)} ELSE 0 END AS unread"] if unread else []
    joins = [_join(ws, raw, columns, place) for place in range(len(raw.joins))]
    if raw.stages is not None:
        joins += [
            f"LEFT JOIN leadready_last_stage AS last_stage ON last_stage.lead_id = {lead}",
            f"LEFT JOIN leadready_won_stage AS won_stage ON won_stage.lead_id = {lead}",
            f"LEFT JOIN leadready_closing AS closing ON closing.lead_id = {lead}",
        ]
        parts += ["won_stage.at AS first_won_at", "closing.at AS closing_at"]
    else:
        parts += [f"{NO_TIME} AS first_won_at", f"{NO_TIME} AS closing_at"]
    selected = ", ".join(parts)
    return (
        f"SELECT {selected} FROM {raw.leads.place} {' '.join(joins)} CROSS JOIN {RUN} AS run "
        f"WHERE NOT {lead} IS NULL"
    )


def _person(contact: str) -> str:
    """Write the id of a contact; the capitals of an e-mail address do not matter."""
    return f"CASE WHEN {contact} LIKE '%@%' THEN LOWER({contact}) ELSE {contact} END"


def _time(columns: Mapping[str, RawColumn], name: str | None) -> str:
    return NO_TIME if name is None else columns[name].possible_time


def _join(ws: Workspace, raw: RawTables, columns: Mapping[str, RawColumn], place: int) -> str:
    join, table = ws.leads.join[place], raw.joins[place]
    where = ws.where(f"leads.join.{place}")
    key, on = table.column(join.key), columns[join.on]
    if join.match not in (EXACT, EMAIL):
        raise not_in_sql(
            f"SQL compares ids as they are written, not with  match: {join.match}",
            where,
            f"write {join.on} and {join.key} alike in the warehouse, and remove  match:",
        )
    keys = pd.Series(table.rows.column(join.key).to_pylist(), dtype=object).dropna()
    if keys.duplicated().any():
        raise not_in_sql(
            f"{join.key} repeats in {table.stem}, such as {keys[keys.duplicated()].iloc[0]!r}",
            where,
            "keep one row for each in the warehouse",
        )
    if join.match == EMAIL:
        return f"LEFT JOIN {table.place} ON LOWER({key.text}) = LOWER({on.text})"
    return f"LEFT JOIN {table.place} ON {key.text} = {on.text}"


# -- states ---------------------------------------------------------------------------------------


def _holds(
    ws: Workspace,
    columns: Mapping[str, RawColumn],
    condition: Condition | None,
    *,
    by_stages: bool = False,
) -> str:
    """Write 1 where a condition holds, else 0."""
    if condition is None:
        return "0"
    if by_stages and names_stages(ws, columns, condition):
        return "CASE WHEN NOT won_stage.lead_id IS NULL THEN 1 ELSE 0 END"
    return f"CASE WHEN {condition_sql(columns, condition)} THEN 1 ELSE 0 END"


def names_stages(ws: Workspace, columns: Mapping[str, RawColumn], condition: Condition) -> bool:
    """Whether a condition names the stage column of the history, and no other.

    Raises
    ------
    LeadReadyError
        If it names columns of the leads as well.
    """
    of_history = [name for name in condition_columns(condition) if name not in columns]
    if of_history and len(of_history) < len(condition_columns(condition)):
        what = "a state that names the history and columns of the leads is not written as SQL"
        raise not_in_sql(what, ws.where("outcome"))
    return bool(of_history)


def condition_sql(
    columns: Mapping[str, RawColumn], condition: Condition, stage: str = STAGE
) -> str:
    """Write a condition on the columns of the leads; NULL where it cannot be told."""
    if isinstance(condition, ColumnCondition):
        return _column_condition(columns, condition, stage)
    parts = [f"({condition_sql(columns, part, stage)})" for part in condition.conditions]
    if condition.kind == "all":
        return " AND ".join(parts)
    return " OR ".join(parts) if condition.kind == "any" else f"NOT ({' OR '.join(parts)})"


def _column_condition(
    columns: Mapping[str, RawColumn], condition: ColumnCondition, stage: str
) -> str:
    column, operand = columns.get(condition.column), condition.operand
    text = stage if column is None else column.text
    match condition.operator:
        case "is_missing":
            return f"{text} IS NULL" if operand[0] else f"NOT {text} IS NULL"
        case "one_of" | "equals" | "none_of":
            listed = f"{text} IN {list_sql(str(value).strip() for value in operand)}"
            return f"NOT {listed}" if condition.operator == "none_of" else listed
        case "before" | "after":
            sign = "<" if condition.operator == "before" else ">"
            day = literal_sql(f"{pd.Timestamp(operand[0]):%Y-%m-%d}")
            time = f"CAST({text} AS TIMESTAMP)" if column is None else column.time
            return f"CAST({time} AS DATE) {sign} CAST({day} AS DATE)"
        case _:
            number = f"CAST({text} AS DOUBLE)" if column is None else column.number
            least = [] if condition.operator == "at_most" else [f"{number} >= {operand[0]!r}"]
            most = [] if condition.operator == "at_least" else [f"{number} <= {operand[-1]!r}"]
            return " AND ".join((*least, *most))
