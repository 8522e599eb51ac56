"""The ledger in PostgreSQL, for teams: each workspace has a schema of its own in the database.

Scores arrive by ``COPY``. The password comes from the environment (``PGPASSWORD``, ``~/.pgpass``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from features.errors import LeadReadyError
from pipelines.ledger.statements import ADD, FORGET
from pipelines.ledger.tables import prepare_tables

CONNECT_SECONDS, LOCK_SECONDS, ANSWER_SECONDS = 10, 180, 1800
INDEX = "CREATE INDEX IF NOT EXISTS scores_of_lead ON scores (lead, as_of)"
EXISTS = "SELECT to_regclass('scores') IS NOT NULL"
INCOMING = "CREATE TEMPORARY TABLE incoming (LIKE scores) ON COMMIT DROP"


@dataclass(frozen=True)
class PostgresConnection:
    """A transaction on the server."""

    raw: Any

    def execute(self, sql: str, *values: object) -> None:
        """Run a statement."""
        self.raw.execute(_placed(sql), values)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        found: list[tuple[Any, ...]] = self.raw.execute(_placed(sql), values).fetchall()
        return found

    def table(self, sql: str, *values: object) -> pd.DataFrame:
        """Return the rows of a query as a table."""
        cursor = self.raw.execute(_placed(sql), values)
        found = pd.DataFrame(cursor.fetchall(), columns=[part.name for part in cursor.description])
        times = {name: "datetime64[us]" for name in found.columns if name == "as_of"}
        return found.astype(times)

    def add(self, scores: pa.Table) -> None:
        """Add scores that the ledger does not have, in bulk."""
        self.raw.execute("DROP TABLE IF EXISTS incoming")
        self.raw.execute(INCOMING)
        with self.raw.cursor().copy("COPY incoming FROM STDIN (FORMAT csv)") as copy:
            copy.write(copy_text(scores))
        self.raw.execute(ADD)

    def commit(self) -> None:
        """Keep all changes so far."""
        self.raw.commit()


@dataclass(frozen=True)
class PostgresStore:
    """A ledger on a server.

    Attributes
    ----------
    url : str
        Of the database, without a password.
    schema : str
        Where the tables of the workspace are.

    Examples
    --------
    >>> PostgresStore("postgresql://lead@db.acme.com/sales", "leadready_acme").where
    'db.acme.com/sales, schema leadready_acme'
    """

    url: str
    schema: str

    @property
    def where(self) -> str:
        """Name the place for people, without credentials."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2] or "localhost"
        return f"{host}{parts.path}, schema {self.schema}"

    def exists(self) -> bool:
        """Whether a score was kept yet."""
        with self._transaction() as connection:
            return bool(connection.execute(EXISTS).fetchone()[0])

    @contextmanager
    def open(self) -> Iterator[PostgresConnection]:
        """Open a transaction; another job on the same ledger waits for a few minutes."""
        with self._transaction() as connection:
            lock = int.from_bytes(hashlib.sha256(self.schema.encode()).digest()[:7], "big")
            connection.execute("SELECT pg_advisory_lock(%s)", [lock])  # while it is connected
            connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')
            opened = PostgresConnection(connection)
            rename = f'ALTER SCHEMA "{self.schema}" RENAME TO "{self.schema}_old";'
            prepare_tables(opened, self.where, f"{rename}  (in psql).")
            connection.execute(INDEX)
            yield opened

    def forget(self, lead: str) -> None:
        """Remove a lead, and write the table anew: a database keeps the bytes of deleted rows."""
        with self.open() as connection:
            connection.execute(FORGET, lead)
        with self._transaction(autocommit=True) as raw:
            raw.execute("VACUUM FULL scores")

    @contextmanager
    def _transaction(self, *, autocommit: bool = False) -> Iterator[Any]:
        """Connect, and keep what was done if nothing failed; errors say what to do."""
        import psycopg

        options = (
            f"-c search_path={self.schema} -c timezone=UTC -c client_min_messages=warning "
            f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={ANSWER_SECONDS}s"
        )
        try:
            with psycopg.connect(
                self.url,
                autocommit=autocommit,
                connect_timeout=CONNECT_SECONDS,
                options=options,
            ) as connection:
                yield connection
        except psycopg.Error as error:
            raise self._translated(error) from error

    def _translated(self, error: Exception) -> LeadReadyError:
        what = " ".join(str(error).split())[:300] or type(error).__name__
        hint = (
            "check  ledger: {url: …}  and that the server runs; the password is taken from "
            "PGPASSWORD or ~/.pgpass"
        )
        return LeadReadyError(f"the ledger cannot be used: {what}", where=self.where, hint=hint)


def _placed(sql: str) -> str:
    """Write the places of values as the driver has them."""
    return sql.replace("%", "%%").replace("?", "%s")


def schema_name(workspace: str) -> str:
    """Name the schema of a workspace; different names never share one.

    Examples
    --------
    >>> schema_name("acme"), schema_name("Acme & Söhne")
    ('leadready_acme', 'leadready_acme_s_hne_a9a9bb11')
    """
    plain = re.sub(r"[^a-z0-9]+", "_", workspace.lower())[:40]
    if plain == workspace:
        return f"leadready_{plain}"
    return f"leadready_{plain}_{hashlib.sha256(workspace.encode()).hexdigest()[:8]}"


def copy_text(scores: pa.Table) -> bytes:
    """Write a table as PostgreSQL's ``COPY`` reads it: lists as array literals.

    Examples
    --------
    >>> facts = pa.array([["20", None, 'a"b'], []], pa.list_(pa.string()))
    >>> print(copy_text(pa.table({"lead": ["a", "b"], "facts": facts})).decode())
    "a","{""20"",NULL,""a\\""b""}"
    "b","{}"
    """
    columns = [
        array_literals(column) if pa.types.is_list(column.type) else without_nul(column)
        for column in scores.combine_chunks().columns
    ]
    sink = pa.BufferOutputStream()
    table = pa.table(columns, names=scores.column_names)
    csv.write_csv(table, sink, csv.WriteOptions(include_header=False))
    return bytes(sink.getvalue())


def array_literals(column: pa.ChunkedArray) -> pa.Array:
    """Write lists of texts as literals of arrays."""
    lists = column.combine_chunks()
    texts = pc.replace_substring(without_nul(lists.values), "\\", "\\\\")
    texts = pc.replace_substring(texts, '"', '\\"')
    texts = pc.fill_null(pc.replace_substring_regex(texts, r"(?s)^(.*)$", r'"\1"'), "NULL")
    joined = pc.binary_join(pa.ListArray.from_arrays(lists.offsets, texts), ",")
    return pc.binary_join_element_wise("{", joined, "}", "")


def without_nul(texts: Any) -> Any:
    """Drop NUL characters, which PostgreSQL does not take."""
    return pc.replace_substring(texts, "\0", "") if pa.types.is_string(texts.type) else texts
