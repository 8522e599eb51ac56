"""The raw tables of a workspace: their rows, and how a statement names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import parse_one

from features.errors import LeadReadyError
from features.files.database import QUERY, is_database, name_parts
from features.files.open_table import FileOptions, find_file, read_arrow
from features.workspace.schema import Workspace
from model.dialects import table_sql
from pipelines.export.raw.columns import RawColumn, name_sql


@dataclass(frozen=True)
class RawTable:
    """A table of the workspace.

    Attributes
    ----------
    relation : str
        What a statement has after FROM.
    alias : str
        What it is called in the statement.
    rows : pyarrow.Table
        Its rows now, with the types that it has.
    null_values : tuple of str
        Texts that mean missing.
    stem : str
        The name of its file, which tells columns of the same name apart.
    """

    relation: str
    alias: str
    rows: pa.Table = field(repr=False)
    null_values: tuple[str, ...]
    stem: str

    def column(self, name: str) -> RawColumn:
        """Give a column.

        Raises
        ------
        LeadReadyError
            If the table has none of this name.
        """
        if name not in self.rows.column_names:
            raise LeadReadyError.unknown(name, self.rows.column_names, where=self.stem)
        kind = self.rows.schema.field(name).type
        return RawColumn(f"{self.alias}.{name_sql(name)}", kind, self.null_values)

    @property
    def place(self) -> str:
        """The table as it stands after FROM."""
        return f"{self.relation} AS {self.alias}"


@dataclass(frozen=True)
class RawTables:
    """All tables that the features are made from."""

    leads: RawTable
    joins: tuple[RawTable, ...]
    events: tuple[RawTable, ...]
    stages: RawTable | None

    @property
    def all(self) -> tuple[RawTable, ...]:
        """Every table."""
        return (self.leads, *self.joins, *self.events, *([self.stages] if self.stages else []))

    def lead_columns(self) -> Mapping[str, RawColumn]:
        """Give the leads' columns, those of joined files with them, by their names."""
        found = {name: self.leads.column(name) for name in self.leads.rows.column_names}
        for join in self.joins:
            for name in join.rows.column_names:
                found[f"{join.stem}.{name}" if name in found else name] = join.column(name)
        return found


def raw_tables(ws: Workspace, *, by_alias: bool = False) -> RawTables:
    """Read the raw tables of a workspace.

    Parameters
    ----------
    by_alias : bool
        Call every table by its alias, for a statement that runs over the rows themselves.
    """

    def table(source: Any, path: str, alias: str, nulls: Sequence[str]) -> RawTable:
        file = find_file(source.file, ws.folder, ws.where(f"{path}.file"))
        rows = read_arrow(file, FileOptions(source.sheet, source.encoding))
        relation = alias if by_alias else _relation(source.file)
        return RawTable(relation, alias, rows, tuple(nulls), file.stem)

    own = ws.leads.null_values
    return RawTables(
        table(ws.leads, "leads", "leads", own),
        tuple(
            table(join, f"leads.join.{place}", f"joined_{place}", own)
            for place, join in enumerate(ws.leads.join)
        ),
        tuple(
            table(source, f"events.{place}", f"events_{place}", source.null_values)
            for place, source in enumerate(ws.events)
        ),
        table(ws.stages, "stages", "stages", ws.stages.null_values) if ws.stages else None,
    )


def _relation(file: str) -> str:
    """Name the table that holds a file's rows: that of the database, or the file's name.

    Examples
    --------
    >>> _relation("crm/leads.csv.gz"), _relation("database duckdb:a.duckdb table crm.lead")
    ('"leads"', '"crm"."lead"')
    """
    if not is_database(file):
        return str(table_sql(Path(file).name.partition(".")[0]).sql(dialect="duckdb"))
    _, kind, text = name_parts(file)
    if kind == QUERY:
        return f"({parse_one(text, dialect='duckdb').sql(dialect='duckdb')})"
    return str(table_sql(text).sql(dialect="duckdb"))
