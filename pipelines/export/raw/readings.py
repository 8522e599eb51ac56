"""How the columns of the leads are read in SQL, by their declared types.

Titles, yes and no, choices and bands are read by Python: the statement lists the texts that the
data has, with their meaning. A lead with any other text gets a warning, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from features.dates.no_date import NEVER_YEARS
from features.families.feature import THE_DAY, Feature
from features.tables.mapped_numbers import mapped_numbers
from features.tables.read import Tables
from features.values.choices import choice_names, has_choice
from features.vocabulary.job_titles import read_title
from features.vocabulary.stage_values import yes_no
from features.workspace.schema import Column, Workspace
from pipelines.export.raw.columns import RawColumn, case_sql, list_sql, not_in_sql

MOST_TEXTS = 5_000  # that a statement lists of one column
SECONDS_OF_DAY = "CAST(86400 AS DOUBLE)"


@dataclass(frozen=True)
class Reading:
    """How a feature is read.

    Attributes
    ----------
    stored : str
        What is read of the lead's record, whatever the moment.
    shown : str
        The feature at the moment, with ``{0}`` in place of what was stored.
    unread : str or None
        Holds where the text is none that was listed.
    """

    stored: str
    shown: str = "{0}"
    unread: str | None = None


def column_reading(
    ws: Workspace, tables: Tables, feature: Feature, mapped: Column, column: RawColumn
) -> Reading:
    """Decide how a feature is read from a column.

    Raises
    ------
    LeadReadyError
        If it cannot be read in SQL.
    """
    texts = tables.leads[f"raw:{mapped.name}"].dropna()
    match mapped.type:
        case "number":
            return _number(ws, mapped, column, texts)
        case "title":
            place = 0 if feature.name.endswith("seniority") else 1
            return _listed(ws, mapped, column, texts, lambda title: read_title(title)[place])
        case "flag":
            return _listed(ws, mapped, column, texts, yes_no)
        case "choices":
            return _choice(ws, feature, mapped, column, texts)
        case "year":
            year = f"CAST({column.text} AS INT)"
            return Reading(
                f"CASE WHEN {year} >= 1000 AND {year} <= 9999 THEN {year} END",
                "CASE WHEN EXTRACT(YEAR FROM m.as_of) >= {0} "
                "THEN CAST(EXTRACT(YEAR FROM m.as_of) - {0} AS DOUBLE) END",
            )
        case "date":
            return _date(feature, column)
        case _:
            return Reading(column.text)


def _number(ws: Workspace, mapped: Column, column: RawColumn, texts: pd.Series) -> Reading:
    """Cast numbers as programs write them; list all others."""
    different = texts.drop_duplicates()
    read = mapped_numbers(ws, mapped.name, texts).read(different)
    plain = pd.to_numeric(different, errors="coerce").astype("float64")
    if (plain.eq(read) | (plain.isna() & read.isna())).all() and plain.notna().all():
        return Reading(column.number)
    values: dict[str, list[str]] = {}
    for text, number in zip(different, read, strict=True):
        if pd.notna(number):
            values.setdefault(repr(float(number)), []).append(str(text))
    return _lookup(ws, mapped, column, different, values, "CAST({0} AS DOUBLE)")


def _listed(
    ws: Workspace,
    mapped: Column,
    column: RawColumn,
    texts: pd.Series,
    meaning: Callable[[str], str | None],
) -> Reading:
    different = texts.drop_duplicates()
    values: dict[str, list[str]] = {}
    for text in map(str, different):
        if (name := meaning(text)) is not None:
            values.setdefault(name, []).append(text)
    return _lookup(ws, mapped, column, different, values)


def _choice(
    ws: Workspace, feature: Feature, mapped: Column, column: RawColumn, texts: pd.Series
) -> Reading:
    different = texts.drop_duplicates()
    choice = choice_names(str(mapped.feature), mapped.choices)[feature.name]
    chosen = different[has_choice(different, choice, mapped.separator).eq("yes").to_numpy()]
    values = {"yes": list(map(str, chosen))} if len(chosen) else {}
    return _lookup(ws, mapped, column, different, values, "COALESCE({0}, 'no')")


def _lookup(
    ws: Workspace,
    mapped: Column,
    column: RawColumn,
    different: pd.Series,
    values: Mapping[str, list[str]],
    shown: str = "{0}",
) -> Reading:
    if len(different) > MOST_TEXTS:
        kind = "number" if mapped.type == "number" else "category"
        raise not_in_sql(
            f"{mapped.name} has {len(different):,} different texts, too many to list",
            ws.where(f"leads.columns.{mapped.name}"),
            f"keep what they mean in a column of the warehouse, and map that as a {kind}",
        )
    known = list_sql(map(str, different)) if len(different) else "('')"
    unread = f"{column.text} IS NOT NULL AND NOT {column.text} IN {known}"
    return Reading(case_sql(column.text, values), shown, unread)


def _date(feature: Feature, column: RawColumn) -> Reading:
    never = ", ".join(map(str, NEVER_YEARS))
    stored = f"CASE WHEN NOT EXTRACT(YEAR FROM {column.time}) IN ({never}) THEN {column.time} END"
    shown = days_sql("{0}", "m.as_of")
    if feature.name.endswith(THE_DAY):
        shown = "CAST(CAST({0} AS DATE) AS TEXT)"
    return Reading(stored, f"CASE WHEN {{0}} < m.as_of THEN {shown} END")


def days_sql(start: str, end: str) -> str:
    """Write the days between two times, to the microsecond."""
    passed = f"CAST(DATE_DIFF('microsecond', {start}, {end}) AS DOUBLE)"
    return f"{passed} / CAST(1000000 AS DOUBLE) / {SECONDS_OF_DAY}"
