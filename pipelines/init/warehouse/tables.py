"""Finds a CRM's tables in a warehouse and fetches them, so that ``init`` reads them as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from features.errors import LeadReadyError
from features.files.database import DUCKDB, database_file, fetched_table, table_name
from features.files.open_table import read_text_table
from features.text import join, yaml_inline
from pipelines.init.company_files import CompanyFiles
from pipelines.init.texts.paths import path_text
from pipelines.init.warehouse.templates import Names, Template, crm_templates

if TYPE_CHECKING:
    from pipelines.init.warehouse.queries import Queries

OPTION = "--source"
COLUMNS = (
    "SELECT table_schema, table_name, column_name FROM information_schema.columns "
    "ORDER BY ordinal_position"
)


@dataclass(frozen=True)
class Warehouse:
    """A CRM's tables, fetched.

    Attributes
    ----------
    files : CompanyFiles
        The fetched tables by what they hold.
    id : str
        The column that identifies a lead.
    source : str
        The database, as ``--source`` names it.
    queries : mapping of Path to str
        The query that each file was fetched with.
    """

    files: CompanyFiles
    id: str
    source: str
    queries: Mapping[Path, str]

    def yaml_lines(self, home: Path) -> dict[Path, list[str]]:
        """Write the keys that name each table in ``leadready.yaml``, in place of ``file``."""
        source = self.source
        if (path := database_file(table_name(source, query=COLUMNS), Path())) is not None:
            source = f"{DUCKDB}{path_text(path, home)}"
        return {
            file: [f"source: {yaml_inline(source)}", f"query: {yaml_inline(query)}"]
            for file, query in self.queries.items()
        }


def fetch_warehouse(crm: str, source: str, schema: str | None = None) -> Warehouse:
    """Fetch the tables of a CRM.

    Parameters
    ----------
    crm : str
        The name of a template, such as ``salesforce``.
    source : str
        The database: ``duckdb:FILE`` or ``postgresql://…``.
    schema : str, optional
        The schema with the tables; by default the only one that has the leads.

    Raises
    ------
    LeadReadyError
        If the database cannot be read, or has no table of leads or several.
    """
    from pipelines.init.warehouse.queries import Queries

    template = crm_templates()[crm]
    columns = read_text_table(fetched_table(table_name(source, query=COLUMNS), Path(), OPTION))
    schema = _schema(columns, template, source, schema)
    tables = columns[columns["table_schema"] == schema].groupby("table_name")["column_name"]
    fetched = _Fetched(
        source, Queries(schema, {str(name): tuple(own) for name, own in tables}, template)
    )
    leads = fetched.table(template.leads)
    assert leads is not None
    accounts, stages = fetched.filled(template.accounts), fetched.filled(template.stages)
    changes, events = fetched.filled(template.changes), fetched.filled(template.events)
    files = CompanyFiles(
        leads,
        others=accounts,
        stages=stages,
        changes=changes,
        events=events,
        optional=frozenset((*stages, *changes, *events)),
    )
    id = _id_column(leads, template, crm)
    return Warehouse(files, id, source, fetched.queries)


def _id_column(leads: Path, template: Template, crm: str) -> str:
    names = pq.read_schema(leads).names
    id = next((name for name in template.id if name in names), None)
    if id is None:
        raise LeadReadyError(
            f"the table {leads.stem} has no column {join(template.id, last='or')}",
            where=OPTION,
            hint=f"map its tables with  source:  and  table:, as docs/data.md says of {crm}",
        )
    return id


def _schema(columns: pd.DataFrame, template: Template, source: str, schema: str | None) -> str:
    with_leads = columns[columns["table_name"].isin(template.leads)]["table_schema"]
    schemas = sorted(set(with_leads))
    if schema is None and len(schemas) == 1:
        return str(schemas[0])
    if schema in schemas:
        return str(schema)
    if schemas:
        raise LeadReadyError(
            f"tables of leads are in the schemas {join(schemas)}",
            where=OPTION,
            hint=f"name one: --schema {schemas[0]}",
        )
    raise LeadReadyError(
        f"the database has no table {join(template.leads, last='or')}",
        where=OPTION,
        hint="correct --source or --from; or export the tables, and name the files",
    )


class _Fetched:
    """Fetches tables of one schema and remembers the queries."""

    def __init__(self, source: str, queries: Queries) -> None:
        self.source, self.by_table = source, queries
        self.queries: dict[Path, str] = {}

    def table(self, names: Names) -> Path | None:
        """Fetch the first of these tables that is there."""
        query = next(filter(None, map(self.by_table.query, names)), None)
        if query is None:
            return None
        file = fetched_table(table_name(self.source, query=query), Path(), OPTION)
        self.queries[file] = query
        return file

    def filled(self, tables: Iterable[Names]) -> tuple[Path, ...]:
        """Fetch the tables that are there and have rows."""
        files = filter(None, map(self.table, tables))
        return tuple(file for file in files if pq.read_metadata(file).num_rows)
