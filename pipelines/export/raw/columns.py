"""Columns of raw tables in SQL: as texts, numbers and times, in DuckDB's dialect.

``sqlglot`` writes the whole statement in other dialects. Names and texts of the data are quoted
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
from sqlglot import exp

from features.errors import LeadReadyError
from features.tables.mapped_dates import FIRST_YEAR, YEARS_AHEAD

RUN = "leadready_run"  # the table with the moment, as_of


def name_sql(name: str) -> str:
    """Quote a name.

    Examples
    --------
    >>> name_sql("Lead Id")
    '"Lead Id"'
    """
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def literal_sql(value: str) -> str:
    """Quote a text.

    Examples
    --------
    >>> literal_sql("it's")
    "'it''s'"
    """
    return exp.Literal.string(value).sql(dialect="duckdb")


def list_sql(values: Iterable[str]) -> str:
    """List texts for IN.

    Examples
    --------
    >>> list_sql(["a", "b"])
    "('a', 'b')"
    """
    return f"({', '.join(map(literal_sql, values))})"


def case_sql(value: str, texts_of: Mapping[str, Iterable[str]]) -> str:
    """Choose a name by the texts that have it; NULL for every other text.

    Examples
    --------
    >>> case_sql("x", {"yes": ["1", "true"]})
    "CASE WHEN x IN ('1', 'true') THEN 'yes' END"
    >>> case_sql("x", {})
    'CAST(NULL AS TEXT)'
    """
    cases = [
        f"WHEN {value} IN {list_sql(texts)} THEN {literal_sql(name)}"
        for name, texts in texts_of.items()
    ]
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS TEXT)"


@dataclass(frozen=True)
class RawColumn:
    """A column of a raw table.

    Attributes
    ----------
    sql : str
        Its name, after that of the table.
    kind : DataType
        As the file or database types it.
    null_values : tuple of str
        Texts that mean missing.

    Examples
    --------
    >>> RawColumn("t.size", pa.string(), ("?",)).text
    "CASE WHEN NOT TRIM(CAST(t.size AS TEXT)) IN ('', '?') THEN TRIM(CAST(t.size AS TEXT)) END"
    """

    sql: str
    kind: pa.DataType
    null_values: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """Its text; NULL where it means missing."""
        trimmed = f"TRIM(CAST({self.sql} AS TEXT))"
        if not self.null_values:
            return f"NULLIF({trimmed}, '')"
        missing = list_sql(("", *self.null_values))
        return f"CASE WHEN NOT {trimmed} IN {missing} THEN {trimmed} END"

    @property
    def number(self) -> str:
        """Its number."""
        typed = pa.types.is_integer(self.kind) or pa.types.is_floating(self.kind)
        return f"CAST({self.sql if typed else self.text} AS DOUBLE)"

    @property
    def time(self) -> str:
        """Its time, in UTC."""
        typed = pa.types.is_timestamp(self.kind) or pa.types.is_date(self.kind)
        return f"CAST({self.sql if typed else self.text} AS TIMESTAMP)"

    @property
    def possible_time(self) -> str:
        """Its time; NULL where no CRM can have it."""
        latest = f"run.as_of + INTERVAL '{YEARS_AHEAD}' YEAR"
        possible = f"{self.time} >= CAST('{FIRST_YEAR}-01-01' AS TIMESTAMP)"
        return f"CASE WHEN {possible} AND {self.time} <= {latest} THEN {self.time} END"


def not_in_sql(what: str, where: str, hint: str = "") -> LeadReadyError:
    """Say that a part of the workspace cannot be written as SQL over raw tables."""
    other = "leave out --raw, and score the table that  leadready features  writes"
    return LeadReadyError(what, where=where, hint=f"{hint}; or {other}" if hint else other)
