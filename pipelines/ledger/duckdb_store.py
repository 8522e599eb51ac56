"""The ledger in a DuckDB file beside the workspace, which one process has at a time."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from features.engine import open_engine
from features.errors import LeadReadyError
from features.file_lock import locked
from features.whole_file import whole_file
from pipelines.ledger.statements import ADD, CREATE, TABLES
from pipelines.ledger.tables import prepare_tables


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Say what to do where the file cannot be read or written."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        what = " ".join(str(error).split())[:300] or type(error).__name__
        hint = (
            "free some space if the disk is full; restore a copy of the ledger if it is damaged, "
            "or move it away: the next run begins a new one"
        )
        text = f"the ledger cannot be used: {what}"
        raise LeadReadyError(text, where=where, hint=hint) from error


@dataclass(frozen=True)
class DuckdbConnection:
    """A transaction in the file."""

    raw: Any
    where: str

    def execute(self, sql: str, *values: object) -> None:
        """Run a statement."""
        with translated(self.where):
            self.raw.execute(sql, list(values))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        found: list[tuple[Any, ...]] = self.raw.execute(sql, list(values)).fetchall()
        return found

    def table(self, sql: str, *values: object) -> pd.DataFrame:
        """Return the rows of a query as a table."""
        found: pd.DataFrame = self.raw.execute(sql, list(values)).df()
        return found

    def add(self, scores: pa.Table) -> None:
        """Add scores that the ledger does not have."""
        self.raw.register("incoming", scores)
        self.execute(ADD)
        self.raw.unregister("incoming")

    def commit(self) -> None:
        """Keep all changes so far."""
        self.execute("COMMIT")
        self.execute("BEGIN")


@dataclass(frozen=True)
class DuckdbStore:
    """A ledger in a file.

    Examples
    --------
    >>> DuckdbStore(Path("nowhere/ledger.duckdb")).exists()
    False
    """

    file: Path

    @property
    def where(self) -> str:
        """Name the place for people."""
        return str(self.file)

    def exists(self) -> bool:
        """Whether a score was kept yet."""
        return self.file.is_file()

    @contextmanager
    def open(self) -> Iterator[DuckdbConnection]:
        """Open the file in one transaction; another process waits for a few minutes."""
        with self._locked(), ExitStack() as stack:
            with translated(self.where):
                raw = stack.enter_context(open_engine(str(self.file)))
            connection = DuckdbConnection(raw, self.where)
            old = self.file.with_name(f"old-{self.file.name}")
            prepare_tables(connection, self.where, shlex.join(["mv", self.where, str(old)]))
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    def forget(self, lead: str) -> None:
        """Write the file anew without a lead: a database keeps the bytes of deleted rows."""
        with self._locked(), whole_file(self.file) as new:
            new.unlink()
            self._copy_without(lead, new)

    def _copy_without(self, lead: str, new: Path) -> None:
        with open_engine(str(new)) as connection:
            for statement in CREATE:
                connection.execute(statement)
            path = str(self.file).replace("'", "''")
            connection.execute(f"ATTACH '{path}' AS old (READ_ONLY)")
            for table in TABLES.keys() - {"scores"}:
                connection.execute(f"INSERT INTO {table} FROM old.{table}")
            connection.execute("INSERT INTO scores FROM old.scores WHERE lead <> ?", [lead])

    def _locked(self) -> Any:
        return locked(self.file.with_name(f".{self.file.name}.lock"), what="the ledger")
