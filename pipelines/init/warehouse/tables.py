"""Finds a CRM's tables in a warehouse and fetches them, so that ``init`` reads them as files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlglot import exp

from features.errors import LeadReadyError
from features.files.database import DUCKDB, database_file, fetched_table, table_name
from features.files.open_table import read_text_table
from features.text import join, yaml_inline
from pipelines.init.company_files import CompanyFiles
from pipelines.init.texts.paths import path_text
from pipelines.init.warehouse.templates import Names, Template, crm_templates

OPTION = "--source"
HOUSEKEEPING = ("_fivetran_", "_dlt_")  # begin the columns of the programs that load tables
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
    template = crm_templates()[crm]
    columns = read_text_table(fetched_table(table_name(source, query=COLUMNS), Path(), OPTION))
    schema = _schema(columns, template, source, schema)
    tables = columns[columns["table_schema"] == schema].groupby("table_name")["column_name"]
    found = {str(name): tuple(names) for name, names in tables}
    fetched = _Fetched(source, schema, found, template.deleted)
    leads = fetched.table(template.leads)
    assert leads is not None
    changes, events = fetched.filled(template.changes), fetched.filled(template.events)
    accounts = fetched.filled(template.accounts)
    optional = frozenset((*changes, *events))
    files = CompanyFiles(leads, others=accounts, changes=changes, events=events, optional=optional)
    ids = found[leads.stem]
    id = next((name for name in template.id if name in ids), None)
    if id is None:
        raise LeadReadyError(
            f"the table {leads.stem} has no column {join(template.id, last='or')}",
            where=OPTION,
            hint=f"map its tables with  source:  and  table:, as docs/data.md says of {crm}",
        )
    return Warehouse(files, id, source, fetched.queries)


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

    def __init__(
        self, source: str, schema: str, columns: Mapping[str, Names], deleted: Names
    ) -> None:
        self.source, self.schema, self.columns, self.deleted = source, schema, columns, deleted
        self.queries: dict[Path, str] = {}

    def table(self, names: Names) -> Path | None:
        """Fetch the first of these tables that is there."""
        name = next((name for name in names if name in self.columns), None)
        if name is None:
            return None
        query = self._query(name)
        file = fetched_table(table_name(self.source, query=query), Path(), OPTION)
        self.queries[file] = query
        return file

    def filled(self, tables: Iterable[Names]) -> tuple[Path, ...]:
        """Fetch the tables that are there and have rows."""
        import pyarrow.parquet as pq

        files = filter(None, map(self.table, tables))
        return tuple(file for file in files if pq.read_metadata(file).num_rows)

    def _query(self, name: str) -> str:
        """Select the rows that nobody deleted, without the columns of the loading program."""
        own = (*HOUSEKEEPING, *self.deleted)
        columns = ", ".join(
            _quoted(each) for each in self.columns[name] if not each.startswith(own)
        )
        query = f"SELECT {columns} FROM {_quoted(self.schema)}.{_quoted(name)}"
        deleted = [column for column in self.deleted if column in self.columns[name]]
        kept = [f"NOT coalesce({_quoted(column)}, FALSE)" for column in deleted]
        return f"{query} WHERE {' AND '.join(kept)}" if kept else query


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql()
