"""The leads as they were at the moment, for what ``init`` asks about their columns.

A field that is rewritten when a lead closes looks like a leak in an export. With a history of its
values it is judged as it was, as it is in a workspace (`features.field_history.as_of`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.dates.detect import known_dates
from features.field_history.as_of import LEAST_AGREEING, ColumnHistory, values_as_of
from features.field_history.changes import ordered_changes
from features.field_history.field_names import columns_of_fields
from features.field_history.versions import changes_of_versions
from features.links.matching import comparable_column
from features.related.events import EventsGuess


def with_past_values(
    raw: pd.DataFrame, moments: pd.Series, guess: EventsGuess, table: pd.DataFrame
) -> pd.DataFrame:
    """Give the leads with each column that has a history as it was at the moment.

    Parameters
    ----------
    raw : DataFrame
        The leads as text.
    moments : Series of datetime64
        When each lead is judged.
    guess : EventsGuess
        What a history of fields holds.
    table : DataFrame
        The history as text.
    """
    changes = _changes(raw, guess, table)
    if changes.empty:
        return raw
    ids = comparable_column(raw[guess.link.on], guess.link.match.rule).astype(object)
    ends = changes["at"].max()
    known = {}
    for column, rows in changes.groupby("column", sort=False):
        current = raw[str(column)]
        if _ends_as_it_is(rows, ids, current):
            history = ColumnHistory(rows, ends)
            known[str(column)] = values_as_of(history, current, ids, moments).set_axis(raw.index)
    return raw.assign(**known)


def _changes(raw: pd.DataFrame, guess: EventsGuess, table: pd.DataFrame) -> pd.DataFrame:
    """The changes of columns that the leads have; empty if the history has no values."""
    columns, headings = guess.columns, list(map(str, raw.columns))
    who = {
        "lead_id": comparable_column(table[guess.link.column], guess.link.match.rule),
        "at": known_dates(table[columns["time"]], guess.date_formats),
    }
    if who["at"] is None:
        return pd.DataFrame()
    if "column" not in columns:
        others = [name for name in table if name not in (guess.link.column, *columns.values())]
        names = columns_of_fields(map(str, others), headings)
        versions = pd.DataFrame({**who, **{names[name]: table[name] for name in names}})
        return _ordered(changes_of_versions(versions), has_old=False)
    if "new" not in columns:
        return pd.DataFrame()
    fields = table[columns["column"]]
    names = columns_of_fields(map(str, fields.dropna().unique()), headings)
    old = table[columns["old"]] if "old" in columns else None
    named = {"column": fields.map(names), "old": old, "new": table[columns["new"]]}
    return _ordered(pd.DataFrame({**who, **named}), has_old="old" in columns)


def _ordered(changes: pd.DataFrame, *, has_old: bool) -> pd.DataFrame:
    known = changes[["lead_id", "column", "at"]].notna().all(axis=1)
    return ordered_changes(changes[known], has_old=has_old)


def _ends_as_it_is(rows: pd.DataFrame, ids: pd.Series, current: pd.Series) -> bool:
    """Whether nearly all leads have the value of their last change."""
    last = rows.drop_duplicates("lead_id", keep="last").set_index("lead_id")["new"]
    now = current.set_axis(ids)[lambda values: ~values.index.duplicated()].reindex(last.index)
    texts = [each.astype("str").str.strip().str.casefold().to_numpy() for each in (now, last)]
    missing = now.isna().to_numpy() & last.isna().to_numpy()
    return bool(np.mean((texts[0] == texts[1]) | missing) >= LEAST_AGREEING)
