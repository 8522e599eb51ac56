"""The two tables that the query over events reads, with people and accounts as numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from features.files.arrow_text import as_arrow, places_of
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables


class EngagementInputs(NamedTuple):
    """The tables ``moments`` and ``events`` of `features.families.engagement_sql`."""

    moments: pa.Table
    events: pa.Table


class _Owners(NamedTuple):
    """The people and the accounts that own moments, each of them once."""

    people: pd.Series
    accounts: pd.Series


def engagement_inputs(tables: Tables, moments: pd.DataFrame) -> EngagementInputs:
    """Lay out the tables for the query; events of nobody who is judged are left out."""
    owners = _Owners(*(_distinct(moments[name]) for name in ("person_id", "account_id")))
    return EngagementInputs(_moments_arrow(tables, moments, owners), _events_arrow(tables, owners))


def _moments_arrow(tables: Tables, moments: pd.DataFrame, owners: _Owners) -> pa.Table:
    """The table of moments that the query reads; people and accounts are numbers."""
    created = tables.leads["created_at"].iloc[lead_rows(tables.leads, moments["lead_id"])]
    return pa.table(
        {
            "row_id": np.arange(len(moments)),
            "person_id": _numbers(places_of(moments["person_id"], owners.people)),
            "account_id": _numbers(places_of(moments["account_id"], owners.accounts)),
            "as_of": _arrow_times(moments["as_of"]),
            "created_at": _arrow_times(created),
        }
    )


def _events_arrow(tables: Tables, owners: _Owners) -> pa.Table:
    """The table of events that the query reads: those of the people and accounts judged.

    An event of a person without an account belongs to the person's account.
    """
    events = tables.events
    person = places_of(events["person_id"], owners.people)
    account = _event_accounts(tables, owners.accounts)
    rows = np.flatnonzero((person >= 0) | (account >= 0))
    texts = {name: as_arrow(events[name]) for name in ("kind", "asset", "campaign")}
    if len(rows) < len(events):
        texts = {name: column.take(pa.array(rows)) for name, column in texts.items()}
    return pa.table(
        {
            **texts,
            "person_id": _numbers(person[rows]),
            "account_id": _numbers(account[rows]),
            "at": _arrow_times(events["at"], rows),
            "value": pa.array(events["value"].to_numpy()[rows], pa.float64(), from_pandas=True),
            "by_sales": pa.array(events["by_sales"].to_numpy(dtype="int8")[rows]),
            "machine_at": _arrow_times(events["machine_at"], rows),
        }
    )


def _event_accounts(tables: Tables, accounts: pd.Series) -> np.ndarray:
    """Find the account of each event among others; -1 where it is not there."""
    events, leads = tables.events, tables.leads
    account = places_of(events["account_id"], accounts)
    unnamed = events["account_id"].isna().to_numpy()
    of_leads = leads.dropna(subset=["account_id"]).drop_duplicates("person_id")
    if not unnamed.any() or of_leads.empty:
        return account
    of_person = np.append(places_of(of_leads["account_id"], accounts), -1)
    person = places_of(events["person_id"], of_leads["person_id"])
    return np.where(unnamed, of_person[person], account)


def _distinct(texts: pd.Series) -> pd.Series:
    return texts.dropna().drop_duplicates().reset_index(drop=True)


def _numbers(places: np.ndarray) -> pa.Array:
    """Give places as numbers; -1 is missing."""
    return pa.array(places, pa.int64(), mask=places < 0)


def _arrow_times(column: pd.Series, rows: np.ndarray | slice = slice(None)) -> pa.Array:
    return pa.array(column.to_numpy()[rows].astype("datetime64[us]"), pa.timestamp("us"))
