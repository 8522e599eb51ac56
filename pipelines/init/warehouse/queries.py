"""The queries that read a CRM's tables from a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp, parse_one

from pipelines.init.warehouse.templates import Names, Template

HOUSEKEEPING = ("_fivetran_", "_dlt_")  # begin the columns of the programs that load tables


@dataclass(frozen=True)
class Queries:
    """Writes the queries for the tables of one schema.

    Attributes
    ----------
    schema : str
    columns : mapping of str to tuple of str
        The columns of each table.
    template : Template

    Examples
    --------
    >>> crm = Template(("lead",), ("id",), (), (), (), (), ("is_deleted",))
    >>> print(Queries("crm", {"lead": ("id", "is_deleted", "_dlt_id")}, crm).query("lead"))
    SELECT "id" FROM "crm"."lead" WHERE NOT COALESCE("is_deleted", FALSE)
    """

    schema: str
    columns: Mapping[str, Names]
    template: Template

    def query(self, name: str) -> str | None:
        """Read a table, or what a query gives; None where the schema lacks a part of it."""
        return self._joined(name) if name.startswith("SELECT ") else self._whole(name)

    def _whole(self, name: str) -> str | None:
        """Select the rows that nobody deleted, without the columns of the loading program."""
        if name not in self.columns:
            return None
        own = (*HOUSEKEEPING, *self.template.deleted)
        columns = [self._column(each) for each in self.columns[name] if not each.startswith(own)]
        query = exp.select(*columns).from_(self._table(name))
        return str(query.where(*self._kept(name)).sql())

    def _joined(self, text: str) -> str | None:
        """Place the tables of a query in the schema; rows that somebody deleted are left out."""
        query = parse_one(text, into=exp.Select)
        tables = {table.alias: table for table in query.find_all(exp.Table)}
        for column in query.find_all(exp.Column):
            if column.name not in self.columns.get(tables[column.table].name, ()):
                return None
        for alias, table in tables.items():
            query.where(*self._kept(table.name, alias), copy=False)
            table.replace(exp.alias_(self._table(table.name), alias, table=True))
        return str(query.sql())

    def _table(self, name: str) -> exp.Table:
        return exp.table_(name, db=self.schema, quoted=True)

    def _column(self, name: str) -> exp.Expr:
        shown = name.removeprefix(self.template.prefix)
        computed = self.template.computed.get(name)
        column = exp.column(name, quoted=True) if computed is None else parse_one(computed)
        return (
            column if (shown, computed) == (name, None) else exp.alias_(column, shown, quoted=True)
        )

    def _kept(self, name: str, alias: str = "") -> list[exp.Expr]:
        """The conditions that leave out deleted rows."""
        own = self.columns[name]
        deleted = (column for column in self.template.deleted if column in own)
        columns = (exp.column(column, table=alias or None, quoted=True) for column in deleted)
        return [exp.not_(exp.func("COALESCE", column, exp.false())) for column in columns]
