"""Features read from the lead's own record: the columns that the workspace maps to features.

Each column is read by its declared type: a number, a category, a flag (yes or no), a year (as years
before the moment) or a date. A date gives two features: the days before the moment, and the day
itself, which only definitions use. Dates after the moment were not known and are missing.

Firmographic features (size, revenue, industry, region) are all of this kind; accounts are joined
to the leads when the tables are read. `features.vocabulary.job_titles` reads job titles. Nothing
here looks at outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from features.dates.no_date import NEVER_YEARS
from features.dates.parse import parse_dates
from features.errors import LeadReadyError
from features.families.feature import THE_DAY, Feature, Kind
from features.field_history.as_of import values_as_of
from features.tables.lead_rows import lead_rows
from features.tables.leads import RAW
from features.tables.mapped_numbers import mapped_numbers
from features.tables.read import Tables, extract_at
from features.values.choices import choice_names, has_choice
from features.values.number_bands import Bands, ordered_bands
from features.vocabulary.stage_values import yes_no
from features.workspace.read import Column, Workspace

FROM_COLUMN = "column: "  # begins the source of a feature that is read from a column
UNITS = {"year": "years", "date": "days"}


def column_features(ws: Workspace, tables: Tables, family: str) -> list[Feature]:
    """List the features of one family that are read from columns, without job titles.

    A year gives *company age* in years; a date gives *days since ...* and *day of ...*. A number
    that the company gives in bands keeps their names.
    """
    features = []
    for column in mapped_columns(ws, family):
        if column.type == "choices":
            features += _choice_features(column, family)
        elif column.type != "title":
            features.append(_value_feature(column, family, _bands_of(ws, tables, column)))
        if column.type == "date":
            features.append(_day_feature(column, family))
    return features


def _bands_of(ws: Workspace, tables: Tables, column: Column) -> Bands:
    texts = tables.leads.get(f"{RAW}{column.name}")
    if column.type != "number" or texts is None:
        return ()
    numbers = mapped_numbers(ws, column.name, texts)
    return ordered_bands(texts, numbers.read, dated=numbers.dated)


def _value_feature(column: Column, family: str, bands: Bands) -> Feature:
    kind: Kind = "number" if column.type in ("number", "year", "date") else "category"
    unit, source = column.unit or UNITS.get(str(column.type)), FROM_COLUMN + column.name
    words = column_label(column)
    return Feature(str(column.feature), words, family, kind, unit, source, bands=bands)


def _choice_features(column: Column, family: str) -> list[Feature]:
    """A feature for each choice, yes or no; its label keeps the company's own words."""
    label, source = column_label(column), FROM_COLUMN + column.name
    return [
        Feature(name, f"{label}: {choice}", family, "category", source=source)
        for name, choice in choice_names(str(column.feature), column.choices).items()
    ]


def _day_feature(column: Column, family: str) -> Feature:
    name, label = f"{column.feature}{THE_DAY}", f"day of {column_label(column)}"
    return Feature(name, label, family, "date", source=FROM_COLUMN + column.name)


def mapped_columns(ws: Workspace, family: str) -> list[Column]:
    """List the columns of the leads that are features of one family; leaks are never features."""
    return [
        column
        for column in ws.leads.columns
        if column.feature and not column.leak and column.family == family
    ]


def column_label(column: Column) -> str:
    """The meaning of a column: its declared label, else the name of its feature."""
    return column.label or str(column.feature).replace("_", " ")


def raw_texts(tables: Tables, rows: np.ndarray, column: str, as_of: pd.Series) -> pd.Series:
    """The raw text of a column of the leads in these rows; None where it is blank.

    Where the history of the column is known, it is the text at the moments ``as_of``.
    """
    texts: pd.Series = tables.leads[f"{RAW}{column}"].iloc[rows].reset_index(drop=True)
    texts = texts.astype(object)
    texts = texts.where(texts.notna(), None)
    history = tables.value_histories.get(column)
    if history is None:
        return texts
    lead_ids = tables.leads["lead_id"].iloc[rows]
    values = values_as_of(history, texts, lead_ids, as_of)
    values.name = texts.name
    return values


def column_values(
    ws: Workspace, tables: Tables, moments: pd.DataFrame, features: Sequence[Feature]
) -> pd.DataFrame:
    """Read mapped columns by their declared types, one row for each moment."""
    columns = {FROM_COLUMN + column.name: column for column in ws.leads.columns}
    rows = lead_rows(tables.leads, moments["lead_id"])
    times = _reference_times(ws, tables, moments)
    values = {}
    for feature in features:
        column = columns.get(feature.source)
        if column is None or column.type == "title":
            continue
        texts = raw_texts(tables, rows, column.name, moments["as_of"])
        if column.type == "number":
            numbers = mapped_numbers(ws, column.name, tables.leads[f"{RAW}{column.name}"])
            values[feature.name] = numbers.read(texts).astype("float64")
        elif column.type == "choices":
            choice = choice_names(str(column.feature), column.choices)[feature.name]
            values[feature.name] = has_choice(texts, choice, column.separator)
        else:
            read = read_day if feature.kind == "date" else READERS[column.type or "category"]
            values[feature.name] = read(texts, times, ws)
    return pd.DataFrame(values, index=pd.RangeIndex(len(moments)))


def read_category(texts: pd.Series, times: pd.Series, ws: Workspace) -> pd.Series:
    """Text with single blanks; None where there is none."""
    codes, distinct = pd.factorize(texts)
    clean = np.array([*(" ".join(str(text).split()) or None for text in distinct), None], object)
    return pd.Series(clean[codes], index=texts.index, name=texts.name, dtype=object)


def read_flag(texts: pd.Series, times: pd.Series, ws: Workspace) -> pd.Series:
    """``yes``, ``no`` or None, from the usual words of several languages."""
    flags = {text: yes_no(str(text)) for text in texts.dropna().unique()}
    flag = texts.map(flags).astype(object)
    return flag.where(flag.notna(), None)


def read_years_before(texts: pd.Series, times: pd.Series, ws: Workspace) -> pd.Series:
    """Whole years from a year to the moment; NaN for a year after it."""
    codes, distinct = pd.factorize(texts)
    found = pd.Series(distinct, dtype="str").str.extract(r"\b(\d{4})\b", expand=False)
    years = np.append(pd.to_numeric(found).to_numpy(np.float64), np.nan)
    age: pd.Series = _with_dates(times).dt.year - years[codes]
    return age.where(age >= 0)


def read_days_before(texts: pd.Series, times: pd.Series, ws: Workspace) -> pd.Series:
    """Days from a date to the moment; NaN for a date at or after it, which was not known."""
    dates = _dates(texts, ws)
    days: pd.Series = (_with_dates(times) - dates).dt.total_seconds() / 86_400.0
    return days.where(days > 0)


def read_day(texts: pd.Series, times: pd.Series, ws: Workspace) -> pd.Series:
    """The day of a date, such as 2026-10-01; None for a date at or after the moment."""
    dates = _dates(texts, ws)
    days: pd.Series = dates.where(dates < _with_dates(times)).dt.strftime("%Y-%m-%d").astype(object)
    return days.where(days.notna(), None)


def _dates(texts: pd.Series, ws: Workspace) -> pd.Series:
    formats = ws.leads.date_formats_of(str(texts.name).removeprefix(RAW))
    dates = parse_dates(texts, formats).reset_index(drop=True)
    return dates.where(~dates.dt.year.isin(NEVER_YEARS))


def _with_dates(times: pd.Series) -> pd.Series:
    if times.isna().any():
        raise LeadReadyError(
            "years and dates are counted back from the moment, but these leads have no dates",
            where="leadready.yaml",
            hint="write when the data was extracted: extract_at: 2024-07-01",
        )
    return times


def _reference_times(ws: Workspace, tables: Tables, moments: pd.DataFrame) -> pd.Series:
    """The moment of each lead; the time of the extract where leads have none."""
    as_of = moments["as_of"].reset_index(drop=True).astype("datetime64[us]")
    return as_of.fillna(extract_at(ws, tables)) if as_of.isna().any() else as_of


Reader = Callable[[pd.Series, pd.Series, Workspace], pd.Series]
READERS: dict[str, Reader] = {
    "category": read_category,
    "flag": read_flag,
    "year": read_years_before,
    "date": read_days_before,
}
