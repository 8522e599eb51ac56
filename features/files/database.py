"""Tables and queries of databases, read as if they were files.

A mapping names a database by ``source`` and its rows by ``table`` or ``query``. The rows are
fetched once in a process, into a Parquet file that is removed when the process ends; from there on
they are read like any other file. Databases are opened for reading only. Passwords come from the
environment.
"""

from __future__ import annotations

import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

import pyarrow as pa

from features.engine import open_engine
from features.errors import LeadReadyError

MARK = "database "  # begins what stands for a table in place of a file's name
TABLE, QUERY = "table", "query"
DUCKDB, POSTGRES = "duckdb:", ("postgresql://", "postgres://")
VARIABLE = re.compile(r"\$\{(\w+)\}")
SECONDS = 10  # to wait for a server
LARGEST_ROW = 64_000_000  # bytes
POSTGRES_SESSION = "-c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO"
POSTGRES_TYPES = {  # by their numbers; all other types become text
    16: pa.bool_(),
    **dict.fromkeys((20, 21, 23), pa.int64()),
    **dict.fromkeys((25, 1042, 1043), pa.string()),
    **dict.fromkeys((700, 701), pa.float64()),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", "UTC"),
}
KEPT = re.compile(r"VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|DATE|TIMESTAMP.*")


def table_name(source: str, *, table: str | None = None, query: str | None = None) -> str:
    """Write a table or query of a database as one text, which stands for a file's name.

    Examples
    --------
    >>> table_name("duckdb:crm.duckdb", table="leads")
    'database duckdb:crm.duckdb table leads'
    """
    return f"{MARK}{source} {TABLE if query is None else QUERY} {table if query is None else query}"


def is_database(name: str) -> bool:
    """Whether a name stands for a table of a database.

    Examples
    --------
    >>> is_database("database duckdb:crm.duckdb table leads"), is_database("leads.csv")
    (True, False)
    """
    return name.startswith(MARK)


def fill_variables(name: str, where: str, quoted: bool = False) -> str:
    """Put the values of environment variables in the place of ``${NAME}``.

    Raises
    ------
    LeadReadyError
        If a variable is not set.
    """
    for variable in VARIABLE.findall(name):
        if not os.environ.get(variable):
            raise LeadReadyError(
                f"the variable {variable} is not set",
                where=where,
                hint=f"export {variable}=…  (it stands in {name})",
            )

    def value(match: re.Match[str]) -> str:
        found = os.environ[match[1]]
        return quote(found, safe="") if quoted and match[0] != name else found

    return VARIABLE.sub(value, name)


def database_file(name: str, folder: Path) -> Path | None:
    """Give the file of a DuckDB database that a name stands for; None for a server."""
    return _duckdb_file(fill_variables(name_parts(name)[0], str(folder)), folder)


def _duckdb_file(address: str, folder: Path) -> Path | None:
    if not address.startswith(DUCKDB):
        return None
    return (folder / Path(address.removeprefix(DUCKDB)).expanduser()).resolve()


def name_parts(name: str) -> tuple[str, str, str]:
    """Split what ``table_name`` wrote: the source, table or query, and its name or text."""
    pattern = rf"{MARK}(.+?) ({TABLE}|{QUERY}) (.+)"
    match = re.fullmatch(pattern, name, re.S)
    assert match is not None, name
    return match[1], match[2], match[3]


def fetched_table(name: str, folder: Path, where: str) -> Path:
    """Fetch the rows that a name stands for; return the Parquet file that holds them.

    Raises
    ------
    LeadReadyError
        When the database cannot be read, or a password stands in the mapping.
    """
    source, kind, text = name_parts(name)
    address = fill_variables(source, where, quoted=source.startswith(POSTGRES))
    if not address.startswith((DUCKDB, *POSTGRES)):
        what = f"the source {source!r} is no database that can be read"
        hint = "write  source: duckdb:FILE  or  source: postgresql://USER:${PASSWORD}@HOST/NAME"
        raise LeadReadyError(what, where=where, hint=hint)
    _refuse_password(source, where)
    if (path := _duckdb_file(address, folder)) is not None:
        if not path.is_file():
            raise LeadReadyError(f"there is no file {path}", where=where, hint="correct the source")
        address = f"{DUCKDB}{path}"
    try:
        return _fetched(address, kind, text)
    except _errors() as error:
        what = f"{_shown(source)} cannot be read: {str(error).strip().splitlines()[0]}"
        raise LeadReadyError(what, where=where, hint=f"correct the source or the {kind}") from error
    except ImportError as error:
        hint = "pip install 'leadready[postgres]'"
        raise LeadReadyError("the driver for PostgreSQL is not here", hint=hint) from error


def _refuse_password(source: str, where: str) -> None:
    password = urlsplit(source).password if source.startswith(POSTGRES) else None
    if password and not VARIABLE.fullmatch(password):
        hint = "write  ${CRM_PASSWORD}  in its place, and  export CRM_PASSWORD=…"
        raise LeadReadyError("a password stands in the mapping", where=where, hint=hint)


def _shown(source: str) -> str:
    """A source without the name and password of its user."""
    return re.sub(r"//[^/@]*@", "//", source)


@lru_cache(maxsize=1)
def _folder() -> Any:
    return tempfile.TemporaryDirectory(prefix="leadready-")  # removed when the process ends


@lru_cache
def _fetched(address: str, kind: str, text: str) -> Path:
    """Fetch once in a process: the same rows are read by several steps."""
    stem = re.sub(r"\W+", "_", text if kind == TABLE else _queried(text))[:40]
    path = Path(tempfile.mkdtemp(dir=_folder().name)) / f"{stem}.parquet"
    query = text.strip().rstrip(";") if kind == QUERY else f"SELECT * FROM {_quoted(text)}"
    fetch = _from_duckdb if address.startswith(DUCKDB) else _from_postgres
    fetch(address, query, path)
    return path


def _queried(query: str) -> str:
    """Name the first table of a query, after which its rows are called."""
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError

    try:
        found = parse_one(query).find(exp.Table)
    except SqlglotError:
        return QUERY
    return (found.name if found else "") or QUERY


def _quoted(table: str) -> str:
    """Quote a table's name, which may begin with its schema."""
    return ".".join(map(_identifier, table.split(".")))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _from_duckdb(address: str, query: str, path: Path) -> None:
    with open_engine(address.removeprefix(DUCKDB), read_only=True) as connection:
        rows = connection.sql(query)
        columns = [
            _column(name, bool(KEPT.fullmatch(str(kind))))
            for name, kind in zip(rows.columns, rows.types, strict=True)
        ]
        rows.project(", ".join(columns)).write_parquet(str(path))


def _from_postgres(address: str, query: str, path: Path) -> None:
    import psycopg

    where = f"FROM (\n{query}\n) AS found"
    options = {"connect_timeout": SECONDS, "client_encoding": "utf8", "options": POSTGRES_SESSION}
    with psycopg.connect(address, **options) as connection, tempfile.TemporaryFile() as file:
        found = connection.execute(f"SELECT * {where} LIMIT 0")
        kinds = {column.name: column.type_code for column in found.description or ()}
        types = {name: POSTGRES_TYPES.get(code, pa.string()) for name, code in kinds.items()}
        columns = ", ".join(
            _finite(name)
            if pa.types.is_temporal(types[name])
            else _column(name, code in POSTGRES_TYPES)
            for name, code in kinds.items()
        )
        with connection.cursor().copy(
            f"COPY (SELECT {columns} {where}) TO STDOUT (FORMAT csv)"
        ) as rows:
            file.writelines(rows)
        _write_copied(file, pa.schema(list(types.items())), path)


def _finite(name: str) -> str:
    """Select a time in UTC; infinity means never."""
    column = _identifier(name)
    return f"CASE WHEN isfinite({column}) THEN {column} END AS {column}"


def _write_copied(file: IO[bytes], schema: pa.Schema, path: Path) -> None:
    """Write rows that ``COPY`` gave as a Parquet file."""
    import pyarrow.parquet as pq
    from pyarrow import csv

    with pq.ParquetWriter(path, schema) as writer:
        if file.tell() == 0:
            return
        file.seek(0)
        batches = csv.open_csv(
            file,
            csv.ReadOptions(column_names=schema.names, block_size=LARGEST_ROW),
            csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            csv.ConvertOptions(
                column_types=schema,
                true_values=["t"],
                false_values=["f"],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in batches:
            writer.write_batch(batch)


def _column(name: str, keep: bool) -> str:
    """Select a column as it is, or as text where files have no such type."""
    column = _identifier(name)
    return column if keep else f"CAST({column} AS VARCHAR) AS {column}"


def _errors() -> tuple[type[Exception], ...]:
    """The errors of the drivers that are here."""
    import duckdb

    try:
        from psycopg import Error
    except ImportError:
        return (duckdb.Error,)
    return duckdb.Error, Error
