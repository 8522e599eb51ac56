"""The events of raw tables in SQL: whose they are, when they happened and what they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from features.event_audit.audit import LEAK
from features.files.arrow_text import to_codes
from features.links.matching import EMAIL, EXACT
from features.tables.events import kind_slug
from features.workspace.schema import BySales, EventsSource, Workspace
from pipelines.export.raw.columns import RUN, RawColumn, list_sql, literal_sql, not_in_sql
from pipelines.export.raw.tables import RawTable, RawTables

LEADS, MOST_KINDS = "leadready_leads", 2_000
OWNERS = {  # who the ids of each kind name: the column of the leads, and what an event gets of it
    "lead": ("lead_id", "person_id", "person"),
    "contact": ("contact_id", "person_id", "contact"),
    "account": ("account_id", "account_id", "account"),
}


def events_sql(ws: Workspace, raw: RawTables) -> str:
    """Write the events of all sources.

    Raises
    ------
    LeadReadyError
        If a source's leads are not found by their ids as they are written.
    """
    parts = [
        _source_sql(ws, source, table, f"events.{place}")
        for place, (source, table) in enumerate(zip(ws.events, raw.events, strict=True))
    ]
    return " UNION ALL ".join(parts)


def _source_sql(ws: Workspace, source: EventsSource, table: RawTable, path: str) -> str:
    if source.match not in (EXACT, EMAIL) or source.on:
        what = f"SQL finds the leads of {table.stem} by their ids as they are written"
        hint = "write the ids as the leads have them in the warehouse, and remove  on: and match:"
        raise not_in_sql(what, ws.where(path), hint)
    found, joins = _owners(source, table)
    people = [column for column in found if column.endswith("person_id")]
    account = next((column for column in found if column not in people), None)
    person = f"COALESCE({', '.join([*people, 'NULL'])})" if people else "CAST(NULL AS TEXT)"
    if account and people:
        account = f"CASE WHEN {person} IS NULL THEN {account} END"
    kind = _kind_sql(ws, source, table, path)
    columns = {
        "person_id": person,
        "account_id": account or "CAST(NULL AS TEXT)",
        "at": table.column(source.time).possible_time,
        "kind": kind,
        "asset": _text(table, source.asset),
        "campaign": _text(table, source.campaign),
        "value": table.column(source.value).number if source.value else "CAST(NULL AS DOUBLE)",
        "by_sales": _by_sales(source, table),
        "machine_at": "CAST(NULL AS TIMESTAMP)",
    }
    known = " OR ".join(f"NOT {column} IS NULL" for column in found)
    selected = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    rows = (
        f"SELECT {selected} FROM {table.place} CROSS JOIN {RUN} AS run {' '.join(joins)} "
        f"WHERE ({known})"
    )
    leaks = [kind_slug(name) for name, answer in source.kinds.items() if answer == LEAK]
    kept = "NOT at IS NULL"
    if leaks:
        kept += f" AND (kind IS NULL OR NOT kind IN {list_sql(leaks)})"
    return f"SELECT * FROM ({rows}) AS {table.alias}_rows WHERE {kept}"


def _owners(source: EventsSource, table: RawTable) -> tuple[list[str], list[str]]:
    """Join whom an event names: the lead, else the contact, else the account."""
    found, joins = [], []
    for key, (column, gives, alias) in OWNERS.items():
        if (name := getattr(source, key)) is None:
            continue
        id, known = table.column(name).text, column
        if source.match == EMAIL:
            id, known = f"LOWER({id})", f"LOWER({column})"
        gained = "" if gives == column else f", {gives}"
        joins.append(
            f"LEFT JOIN (SELECT DISTINCT {known} AS known{gained} FROM {LEADS} "
            f"WHERE NOT {column} IS NULL) AS {alias} ON {alias}.known = {id}"
        )
        found.append(f"{alias}.{gives if gained else 'known'}")
    return found, joins


def _text(table: RawTable, name: str | None) -> str:
    return "CAST(NULL AS TEXT)" if name is None else table.column(name).text


def _by_sales(source: EventsSource, table: RawTable) -> str:
    rule = source.by_sales
    if not isinstance(rule, BySales):
        return "1" if rule else "0"
    text = table.column(rule.column).text
    return f"CASE WHEN {text} IN {list_sql(rule.values)} THEN 1 ELSE 0 END"


# -- kinds ----------------------------------------------------------------------------------------


def _kind_sql(ws: Workspace, source: EventsSource, table: RawTable, path: str) -> str:
    """Name the kinds by the values that the data has; others have none, and count in totals."""
    if source.kind_is:
        return literal_sql(kind_slug(source.kind_is))
    columns = [table.column(name) for name in source.kind]
    renamed = {kind_slug(old): kind_slug(new) for old, new in source.rename_kinds.items()}
    by_kind: dict[str, list[tuple[str | None, ...]]] = {}
    for values in _combinations(source, table):
        slug = kind_slug(" ".join(value for value in values if value))
        by_kind.setdefault(renamed.get(slug, slug), []).append(values)
    by_kind.pop("", None)
    if sum(map(len, by_kind.values())) > MOST_KINDS:
        what = f"{table.stem} has more than {MOST_KINDS:,} kinds of event, too many to list"
        raise not_in_sql(what, ws.where(f"{path}.kind"), "give it fewer in the warehouse")
    return _kind_cases(columns, by_kind)


def _kind_cases(
    columns: Sequence[RawColumn], by_kind: Mapping[str, list[tuple[str | None, ...]]]
) -> str:
    cases = [
        f"WHEN {_any_of(columns, combinations)} THEN {literal_sql(kind)}"
        for kind, combinations in sorted(by_kind.items())
    ]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS TEXT)"


def _any_of(columns: Sequence[RawColumn], combinations: list[tuple[str | None, ...]]) -> str:
    if len(columns) == 1:
        return f"{columns[0].text} IN {list_sql(str(value) for (value,) in combinations)}"
    alternatives = (
        " AND ".join(
            f"{column.text} IS NULL" if value is None else f"{column.text} = {literal_sql(value)}"
            for column, value in zip(columns, values, strict=True)
        )
        for values in combinations
    )
    return f"({' OR '.join(f'({each})' for each in alternatives)})"


def _combinations(source: EventsSource, table: RawTable) -> Iterator[tuple[str | None, ...]]:
    """The different values of the columns that make a kind."""
    import pandas as pd

    codes = {}
    values = []
    for name in source.kind:
        codes[name], texts = to_codes(table.rows.column(name), source.null_values)
        values.append([*texts, None])  # -1 is the last
    for places in pd.DataFrame(codes).drop_duplicates().itertuples(index=False):
        yield tuple(texts[place] for texts, place in zip(values, places, strict=True))
