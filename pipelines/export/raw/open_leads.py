"""The features of open leads in SQL, over the leads and events of raw tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlglot import exp, parse_one

from features.families.engagement_sql import engagement_query
from features.families.feature import Feature
from features.families.origin import AGE, OPEN
from features.families.related_leads import OF_ACCOUNT, OF_PERSON, OWNERS
from features.tables.read import Tables
from features.workspace.schema import Workspace
from model.dialects import Sql
from pipelines.export.feature_table import WITH_SALES
from pipelines.export.raw.columns import RUN, name_sql
from pipelines.export.raw.events import events_sql
from pipelines.export.raw.leads import lead_readings, leads_sql
from pipelines.export.raw.readings import Reading, days_sql
from pipelines.export.raw.stages import stages_sql
from pipelines.export.raw.tables import RawTables

FEATURES, UNREAD = "leadready_features", "unread"
LEADS, MOMENTS, EVENTS = "leadready_leads", "leadready_moments", "leadready_events"
ENGAGEMENT = "leadready_engagement"
OF_ENGINE = ("moments", "events", "seen", "sums", "spread", "variety", "account")
KNOWN = "CASE WHEN {at} <= run.latest THEN {at} END"  # a later day is unknown
CLOSED_AT = KNOWN.format(
    at="COALESCE(l.closed_at, CASE WHEN l.is_won = 1 OR l.is_lost = 1 THEN l.closing_at END)"
)
WON_AT = KNOWN.format(at="COALESCE(l.won_at, CASE WHEN l.is_won = 1 THEN l.first_won_at END)")
# Written with < and > only: where a state is compared by =, PostgreSQL expects one open lead in a
# large table, and looks all events up again for each.
OPEN_LEADS = f"""
SELECT ROW_NUMBER() OVER (ORDER BY l.lead_id) AS row_id, l.*, run.as_of
FROM {LEADS} AS l CROSS JOIN {RUN} AS run
WHERE (l.created_at IS NULL OR l.created_at < run.as_of)
  AND ({CLOSED_AT} IS NULL OR {CLOSED_AT} > run.as_of)
  AND ({WON_AT} IS NULL OR {WON_AT} > run.as_of)
  AND ({CLOSED_AT} > run.as_of
    OR (l.is_lost < 1 AND (l.is_won < 1 OR NOT {WON_AT} IS NULL)))
"""
ACCOUNTS = f"""
SELECT person_id, MIN(account_id) AS account_id FROM {LEADS}
WHERE NOT account_id IS NULL GROUP BY person_id
"""
EVENTS_OF_ACCOUNTS = """
SELECT e.person_id, COALESCE(e.account_id, a.account_id) AS account_id, e.at, e.kind, e.asset,
  e.campaign, e.value, e.by_sales, e.machine_at
FROM ({events}) AS e LEFT JOIN leadready_accounts AS a ON a.person_id = e.person_id
"""
LEADS_OF = """
SELECT {owner}, COUNT(*) AS n FROM leadready_leads CROSS JOIN leadready_run AS run
WHERE created_at < run.as_of{since} GROUP BY {owner}
"""


def feature_tables(
    ws: Workspace, tables: Tables, raw: RawTables, features: Sequence[Feature], run: str
) -> dict[str, Sql]:
    """Write the tables of a statement up to the features of the open leads, by their names.

    Parameters
    ----------
    tables : Tables
        As they are read in Python: the texts that the statement lists.
    run : str
        The table of one row with the moment, in DuckDB's dialect.

    Raises
    ------
    LeadReadyError
        If a part of the workspace cannot be written as SQL.
    """
    readings = lead_readings(ws, tables, raw, features)
    of_events = [feature for feature in features if feature.source.startswith("events")]
    texts = {RUN: run, **stages_sql(ws, raw)}
    texts |= {LEADS: leads_sql(ws, raw, readings), MOMENTS: OPEN_LEADS + _panel(ws)}
    if of_events:
        events = EVENTS_OF_ACCOUNTS.format(events=events_sql(ws, raw))
        texts |= {"leadready_accounts": ACCOUNTS, EVENTS: events}
    texts |= dict(_leads_of(features))
    found = {name: parse_one(text, dialect="duckdb") for name, text in texts.items()}
    if of_events:
        found |= _engagement(of_events)
    return found | {FEATURES: parse_one(_features_sql(ws, features, readings), dialect="duckdb")}


def features_query(tables: Mapping[str, Sql]) -> exp.Select:
    """Select the features of the open leads."""
    query = exp.select("*").from_(FEATURES)
    for name, table in tables.items():
        query = query.with_(name, as_=table, copy=False)
    return query


def _panel(ws: Workspace) -> str:
    """In a panel, only leads that have reached their own moment are judged."""
    if ws.moment.every_days is None:
        return ""
    return f" AND l.base_at + INTERVAL '{ws.moment.plus_days or 0}' DAY <= run.as_of"


def _leads_of(features: Sequence[Feature]) -> Iterator[tuple[str, str]]:
    """The leads of each person or account, for features that count them."""
    names = {feature.name for feature in features}
    for feature in (OF_PERSON, OF_ACCOUNT):
        if feature.name in names:
            days = feature.window_days
            since = f" AND created_at >= run.as_of - INTERVAL '{days}' DAY" if days else ""
            owner = OWNERS[feature.name]
            yield f"leadready_{feature.name}", LEADS_OF.format(owner=owner, since=since)


def _engagement(features: Sequence[Feature]) -> dict[str, Sql]:
    """The query over the events, with the names of this statement."""
    query = engagement_query(features)
    names = {name: f"leadready_{name}" for name in OF_ENGINE}
    for node in query.find_all(exp.Table, exp.Column, exp.TableAlias):
        key = "table" if isinstance(node, exp.Column) else "this"
        if name := names.get(node.text(key)):
            node.set(key, exp.to_identifier(name))
    inner = query.args.pop("with_")
    return {cte.alias: cte.this for cte in inner.expressions} | {ENGAGEMENT: query}


def _features_sql(
    ws: Workspace, features: Sequence[Feature], readings: Mapping[str, Reading]
) -> str:
    columns = {
        "lead_id": "m.lead_id",
        "as_of": "m.as_of",
        WITH_SALES: "CAST(m.with_sales AS BOOLEAN)",
    }
    if any(reading.unread for reading in readings.values()):
        columns[UNREAD] = "m.unread"
    joins = []
    if any(feature.source.startswith("events") for feature in features):
        joins.append(f"LEFT JOIN {ENGAGEMENT} AS e ON e.row_id = m.row_id")
    for feature in features:
        name = name_sql(feature.name)
        if reading := readings.get(feature.name):
            columns[feature.name] = reading.shown.format(f"m.{name}")
        elif feature.source.startswith("events"):
            number = f"CAST(e.{name} AS DOUBLE)"
            counted = feature.missing == "unknown"
            columns[feature.name] = f"COALESCE({number}, 0)" if counted else number
        elif feature in (AGE, OPEN):
            start = f"m.base_at + INTERVAL '{ws.moment.plus_days or 0}' DAY"
            days = days_sql("m.created_at" if feature == AGE else start, "m.as_of")
            columns[feature.name] = f"CASE WHEN {days} >= 0 THEN {days} END"
        else:
            columns[feature.name] = _others(feature)
            owner, alias = OWNERS[feature.name], f"of_{feature.name}"
            joins.append(
                f"LEFT JOIN leadready_{feature.name} AS {alias} ON {alias}.{owner} = m.{owner}"
            )
    selected = ", ".join(f"{sql} AS {name_sql(name)}" for name, sql in columns.items())
    return f"SELECT {selected} FROM {MOMENTS} AS m {' '.join(joins)}"


def _others(feature: Feature) -> str:
    """The leads of the same person or account, without the lead itself."""
    days = feature.window_days
    since = f" AND m.created_at >= m.as_of - INTERVAL '{days}' DAY" if days else ""
    itself = f"CASE WHEN m.created_at < m.as_of{since} THEN 1 ELSE 0 END"
    counted = f"COALESCE(of_{feature.name}.n, {itself}) - {itself}"
    return f"CAST({counted} AS DOUBLE)"
