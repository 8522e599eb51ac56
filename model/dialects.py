"""The dialects in which card and definition are written as SQL, and what differs between them.

Statements are built with ``sqlglot``, which quotes every name and every text of the data in the way
of each database.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp, parse_one

from features.errors import LeadReadyError

DIALECTS = (
    "duckdb",
    "postgres",
    "spark",
    "snowflake",
    "bigquery",
    "databricks",
    "redshift",
    "tsql",
)
EXACT_TEXT = "Latin1_General_100_BIN2_UTF8"  # T-SQL compares texts without regard to capitals
NOW = {
    "spark": "TO_TIMESTAMP_NTZ(TO_UTC_TIMESTAMP(CURRENT_TIMESTAMP(), CURRENT_TIMEZONE()))",
    "databricks": "TO_TIMESTAMP_NTZ(TO_UTC_TIMESTAMP(CURRENT_TIMESTAMP(), CURRENT_TIMEZONE()))",
    "snowflake": "CAST(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()) AS TIMESTAMPNTZ)",
    "bigquery": "CURRENT_DATETIME('UTC')",
    "redshift": "GETDATE()",
    "tsql": "SYSUTCDATETIME()",
}
Sql = Any  # an expression of sqlglot


def check_dialect(dialect: str) -> None:
    """Refuse a dialect that is not known.

    Raises
    ------
    LeadReadyError
        With the nearest name.
    """
    if dialect not in DIALECTS:
        raise LeadReadyError.unknown(dialect, DIALECTS, what="dialect")


def dialect_text(statement: Sql, dialect: str) -> str:
    """Write a statement in a dialect.

    Examples
    --------
    >>> known = exp.In(this=column_sql("title"), expressions=[text_sql("o'brien")])
    >>> print(dialect_text(exp.select(known), "bigquery"))
    SELECT
      `title` IN ('o\\'brien')
    >>> print(dialect_text(exp.select(known), "tsql").splitlines()[1])
      [title] COLLATE Latin1_General_100_BIN2_UTF8 IN ('o''brien')
    """
    check_dialect(dialect)
    if dialect == "tsql":
        statement = statement.transform(_exact_comparison).transform(_with_dateadd)
    if dialect != "duckdb":
        statement = statement.transform(_of_whole_seconds)
    return str(statement.sql(dialect=dialect, pretty=True))


def _exact_comparison(node: Sql) -> Sql:
    if isinstance(node, exp.In) and any(value.is_string for value in node.expressions):
        node.set("this", exp.Collate(this=node.this.copy(), expression=exp.Var(this=EXACT_TEXT)))
    return node


def _with_dateadd(node: Sql) -> Sql:
    if isinstance(node, exp.Add | exp.Sub) and isinstance(node.expression, exp.Interval):
        span: Sql = node.expression
        number = span.this.copy() if isinstance(node, exp.Add) else exp.Neg(this=span.this.copy())
        return exp.DateAdd(this=node.this.copy(), expression=number, unit=span.unit.copy())
    return node


def _of_whole_seconds(node: Sql) -> Sql:
    """DuckDB counts the starts of seconds between two times, as all engines do of whole seconds."""
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() == "SECOND":
        for key in ("this", "expression"):
            start = exp.TimestampTrunc(this=node.args[key].copy(), unit=exp.Var(this="SECOND"))
            node.set(key, start)
    return node


def hex_sha256(prefix: str, column: str, dialect: str) -> Sql:
    """Write the SHA-256 of a prefix and a column of texts in UTF-8, as 64 lower-case hex digits."""
    if dialect == "tsql":
        text = f"CAST({column_sql(column).sql('tsql')} COLLATE {EXACT_TEXT} AS VARCHAR(900))"
        digest = f"HASHBYTES('SHA2_256', {text_sql(prefix).sql('tsql')} + {text})"
        return parse_one(f"LOWER(CONVERT(VARCHAR(64), {digest}, 2))", dialect="tsql")
    joined: Sql = exp.DPipe(
        this=text_sql(prefix), expression=exp.cast(column_sql(column), "varchar")
    )
    if dialect == "postgres":
        joined = exp.Anonymous(this="CONVERT_TO", expressions=[joined, text_sql("UTF8")])
    hashed = exp.SHA2(this=joined, length=exp.Literal.number(256))
    return exp.LowerHex(this=hashed) if dialect == "bigquery" else hashed


def now_sql(dialect: str) -> str:
    """Write the present time in UTC, without a time zone.

    Examples
    --------
    >>> now_sql("postgres")
    "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'"
    """
    return NOW.get(dialect, "CURRENT_TIMESTAMP AT TIME ZONE 'UTC'")


def column_sql(name: str) -> Sql:
    """A column, quoted."""
    return exp.column(name, quoted=True)


def table_sql(name: str) -> Sql:
    """A table, quoted; dots part it from its schema and its database.

    Examples
    --------
    >>> table_sql("crm.lead features").sql("snowflake")
    '"crm"."lead features"'
    """
    *before, table = name.split(".")
    if len(before) > 2 or not all((*before, table)):
        what = f"{name!r} is no name of a table"
        raise LeadReadyError(
            what, where="--table", hint="write  TABLE, SCHEMA.TABLE or DB.SCHEMA.TABLE"
        )
    database, schema = ["", "", *before][-2:]
    return exp.table_(table, db=schema or None, catalog=database or None, quoted=True)


def named_sql(expression: Sql, name: str) -> Sql:
    """An expression with the name of its column, quoted."""
    return exp.alias_(expression, name, quoted=True)


def text_sql(text: str) -> Sql:
    """A text, escaped as each dialect needs."""
    return exp.Literal.string(text)
