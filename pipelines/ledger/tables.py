"""The tables of a ledger: made where they are missing, brought up to date if old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from features.errors import LeadReadyError
from features.text import join, quoted
from pipelines.ledger.statements import CREATE, TABLES

ADDED_LATER = {("scores", "explore_chance")}  # earlier scores have none, which is NULL
COLUMNS = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema()"""


class Statements(Protocol):
    """Runs statements in a ledger."""

    def execute(self, sql: str, *values: object) -> None:
        """Run a statement."""

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""


def prepare_tables(connection: Statements, where: str, move_away: str) -> None:
    """Make the tables, or bring those of an earlier version up to date.

    Parameters
    ----------
    where : str
        The place of the ledger, for people.
    move_away : str
        The command that moves it away.

    Raises
    ------
    LeadReadyError
        If another version of leadready made tables that cannot be brought up to date.
    """
    found = _columns_of_tables(connection)
    if TABLES.keys() - found.keys():  # asking is quicker than making what is there
        for statement in CREATE:
            connection.execute(statement)
        found = _columns_of_tables(connection)
    for table, column in sorted(ADDED_LATER):
        if column not in found[table]:
            kind = TABLES[table][column]
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
            found[table].add(column)
    if different := _differences(found):
        raise LeadReadyError(
            f"the ledger was made by another version of leadready: {join(different)}",
            where=where,
            hint=f"use that version, or move the ledger away:  {move_away}  The next run begins a "
            "new one",
        )


def _columns_of_tables(connection: Statements) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.rows(COLUMNS):
        found.setdefault(table, set()).add(column)
    return found


def _differences(found: Mapping[str, set[str]]) -> list[str]:
    """Name the columns that this version does not expect, and those that it misses."""
    return [
        f"its table {table} has {'no' if column in columns else 'the unknown'} column "
        f"{quoted(column)}"
        for table, columns in TABLES.items()
        for column in sorted(found[table] ^ set(columns))
    ]
