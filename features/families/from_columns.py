"""What a lead's own record says: the columns that the workspace maps to features.

Each column is read by its declared type: a number, a category, a flag (yes or no), a year (as
years before the moment) or a date (as days before the moment, and as the day itself, which rules
can ask for; one still to come is not known).
Nothing here looks at outcomes. Titles are read by ``features.families.role``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.families.feature import THE_DAY, Feature, Kind
from features.files.dates import parse_dates
from features.files.numbers import parse_numbers
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables, extract_at
from features.workspace.read import Column, Workspace

FROM_COLUMN = "column: "  # how the source of a feature that is read from a column begins
YES = frozenset(
    {
        "yes",
        "y",
        "true",
        "t",
        "1",
        "1.0",
        "x",
        "ja",
        "j",
        "oui",
        "o",
        "si",
        "sí",
        "s",
        "sim",
        "tak",
        "да",
        "on",
        "wahr",
        "vrai",
        "vero",
    }
)
NO = frozenset(
    {
        "no",
        "n",
        "false",
        "f",
        "0",
        "0.0",
        "nein",
        "non",
        "não",
        "nao",
        "nie",
        "нет",
        "off",
        "falsch",
        "faux",
        "falso",
    }
)
UNITS = {"year": "years", "date": "days"}


def declared(ws: Workspace, family: str) -> list[Feature]:
    """List the features that columns are mapped to, for one family (titles apart).

    A year reads *company age* in years, a date *days since …*, and *day of …* as well.
    """
    return [
        feature
        for one in mapped(ws, family)
        if one.type != "title"
        for feature in (_feature(one, family), *([_day(one, family)] if one.type == "date" else []))
    ]


def _feature(one: Column, family: str) -> Feature:
    kind: Kind = "number" if one.type in ("number", "year", "date") else "category"
    unit, source = one.unit or UNITS.get(str(one.type)), FROM_COLUMN + one.name
    return Feature(str(one.feature), words_of(one), family, kind, unit, source)


def _day(one: Column, family: str) -> Feature:
    name, words = f"{one.feature}{THE_DAY}", f"day of {words_of(one)}"
    return Feature(name, words, family, "date", source=FROM_COLUMN + one.name)


def mapped(ws: Workspace, family: str) -> list[Column]:
    """Columns of the leads that are features of one family; leaks are none."""
    return [
        one for one in ws.leads.columns if one.feature and not one.leak and one.family == family
    ]


def words_of(column: Column) -> str:
    """Say what a column means: its declared words, else its feature's name."""
    return column.label or str(column.feature).replace("_", " ")


def text_of(tables: Tables, rows: np.ndarray, column: str) -> pd.Series:
    """Raw text of a column of the leads at these rows; blank is None."""
    text: pd.Series = tables.leads[f"raw:{column}"].iloc[rows].reset_index(drop=True)
    text = text.astype(object)
    return text.where(text.notna(), None)


def declared_values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Read mapped columns as their declared types, a row for each moment."""
    types = {FROM_COLUMN + one.name: one for one in ws.leads.columns}
    rows = lead_rows(tables.leads, moments["lead_id"])
    now = _counted_back_from(ws, tables, moments)
    found = {}
    for feature in features:
        column = types.get(feature.source)
        if column is not None and column.type != "title":
            read = the_day if feature.kind == "date" else READERS[column.type or "category"]
            found[feature.name] = read(text_of(tables, rows, column.name), now, ws)
    return pd.DataFrame(found, index=pd.RangeIndex(len(moments)))


def category(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """Text without stray blanks; None where there is none."""
    known = text.notna()
    clean = text[known].astype(str).str.split().str.join(" ")
    clean = clean[clean != ""].astype(object)
    return clean.reindex(text.index).astype(object).where(lambda one: one.notna(), None)


def flag(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """``yes``, ``no`` or None, in a handful of languages."""
    word = text.astype("str").str.strip().str.casefold()
    answer = np.select([word.isin(YES), word.isin(NO)], ["yes", "no"], default="")
    return pd.Series(answer, dtype=object).where(answer != "", None)


def number(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """Numbers as people write them; NaN where there is none."""
    numbers: pd.Series = parse_numbers(text).astype("float64")
    return numbers.reset_index(drop=True)


def years_before(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """Whole years between a year and the moment; a year to come is not known."""
    year = pd.to_numeric(text.astype("str").str.extract(r"\b(\d{4})\b", expand=False))
    age: pd.Series = (_known(now).dt.year - year).astype("float64")
    return age.where(age >= 0)


def days_before(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """Days between a date and the moment; a date at or after the moment was not known."""
    dates = parse_dates(text, ws.leads.date_format).reset_index(drop=True)
    days: pd.Series = (_known(now) - dates).dt.total_seconds() / 86_400.0
    return days.where(days > 0)


def the_day(text: pd.Series, now: pd.Series, ws: Workspace) -> pd.Series:
    """The day of a date, such as 2026-10-01; one at or after the moment was not known."""
    dates = parse_dates(text, ws.leads.date_format).reset_index(drop=True)
    days: pd.Series = dates.where(dates < _known(now)).dt.strftime("%Y-%m-%d").astype(object)
    return days.where(days.notna(), None)


def _known(now: pd.Series) -> pd.Series:
    if now.isna().any():
        raise LeadReadyError(
            "a year or date is counted back from the moment, and these leads have no dates",
            where="leadready.yaml",
            hint="say when the data was taken out: extract_at: 2024-07-01",
        )
    return now


def _counted_back_from(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> pd.Series:
    """Tell the moment of each lead; where leads have none, when the data was taken out."""
    as_of = moments["as_of"].reset_index(drop=True).astype("datetime64[us]")
    return as_of.fillna(extract_at(ws, tables)) if as_of.isna().any() else as_of


Reader = Callable[[pd.Series, pd.Series, Workspace], pd.Series]
READERS: dict[str, Reader] = {
    "category": category,
    "flag": flag,
    "number": number,
    "year": years_before,
    "date": days_before,
}
