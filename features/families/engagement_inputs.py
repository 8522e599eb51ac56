"""The two tables that the query over events reads, with people and accounts as numbers.

They come in parts of many moments, so that the query needs the same memory however many leads are
judged. The leads of an account are in one part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from features.files.arrow_text import as_arrow, places_of, with_missing
from features.tables.lead_rows import lead_rows
from features.tables.read import Tables

PART = 100_000  # moments


class EngagementInputs(NamedTuple):
    """The tables ``moments`` and ``events`` of `features.families.engagement_sql`.

    ``rows`` are the places of the moments among all: that of the row with ``row_id`` 0 first.
    """

    moments: pa.Table
    events: pa.Table
    rows: np.ndarray


class _Owners(NamedTuple):
    """The person and the account of each row, as places among those who own moments; -1: none."""

    person: np.ndarray
    account: np.ndarray

    def rows_of(self, part: _Owners) -> np.ndarray:
        """The rows of the people and of the accounts that own rows of a part."""
        owned = np.zeros(len(self.person), dtype=bool)
        for ours, theirs in zip(self, part, strict=True):
            named = np.zeros(max(ours.max(initial=-1), theirs.max(initial=-1)) + 2, dtype=bool)
            named[theirs] = True
            named[-1] = False  # the place of those without one
            owned |= named[ours]
        return np.flatnonzero(owned)


def engagement_inputs(tables: Tables, moments: pd.DataFrame) -> Iterator[EngagementInputs]:
    """Lay out the tables for the query; events of nobody who is judged are left out."""
    events = tables.kept_events
    leads = tables.leads[["lead_id", "person_id", "account_id", "created_at"]]
    if events.of_lead is None or events.parts == 1:
        yield from _inputs_of_part(leads, events.frame, moments)
        return
    part_of_moment = events.of_lead[lead_rows(leads, moments["lead_id"])]
    for number in np.unique(part_of_moment):
        rows = np.flatnonzero(part_of_moment == number)
        of_part = leads[events.of_lead == number].reset_index(drop=True)
        for inputs in _inputs_of_part(of_part, events.part(number), moments.iloc[rows]):
            yield inputs._replace(rows=rows)


def _inputs_of_part(
    leads: pd.DataFrame, events: pd.DataFrame, moments: pd.DataFrame
) -> Iterator[EngagementInputs]:
    people, accounts = (_distinct(moments[name]) for name in ("person_id", "account_id"))
    judged = _Owners(
        places_of(moments["person_id"], people), places_of(moments["account_id"], accounts)
    )
    acting = _Owners(places_of(events["person_id"], people), _accounts(leads, events, accounts))
    table = _moments_arrow(leads, moments, judged)
    together = np.where(judged.account < 0, len(accounts) + judged.person, judged.account)
    order = np.argsort(together, kind="stable")
    for start in range(0, max(len(order), 1), PART):
        part = np.sort(order[start : start + PART])
        rows = acting.rows_of(_Owners(*(places[part] for places in judged)))
        yield EngagementInputs(
            table.take(pa.array(part)), _events_arrow(events, acting, rows), np.arange(len(moments))
        )


def _moments_arrow(leads: pd.DataFrame, moments: pd.DataFrame, judged: _Owners) -> pa.Table:
    """The table of moments that the query reads; people and accounts are numbers."""
    created = leads["created_at"].iloc[lead_rows(leads, moments["lead_id"])]
    return pa.table(
        {
            "row_id": np.arange(len(moments)),
            "person_id": _numbers(judged.person),
            "account_id": _numbers(judged.account),
            "as_of": _arrow_times(moments["as_of"]),
            "created_at": _arrow_times(created),
        }
    )


def _events_arrow(events: pd.DataFrame, acting: _Owners, rows: np.ndarray) -> pa.Table:
    """The table of events that the query reads: these rows of all events."""
    return pa.table(
        {
            **{name: as_arrow(events[name].iloc[rows]) for name in ("kind", "asset", "campaign")},
            "person_id": _numbers(acting.person[rows]),
            "account_id": _numbers(acting.account[rows]),
            "at": _arrow_times(events["at"], rows),
            "value": pa.array(events["value"].to_numpy()[rows], pa.float64(), from_pandas=True),
            "by_sales": pa.array(events["by_sales"].to_numpy(dtype="bool")[rows].view("int8")),
            "machine_at": _arrow_times(events["machine_at"], rows),
        }
    )


def _accounts(leads: pd.DataFrame, events: pd.DataFrame, accounts: pd.Series) -> np.ndarray:
    """Find the account of each event among others; -1 where it is not there.

    An event of a person without an account belongs to the person's account.
    """
    account = places_of(events["account_id"], accounts)
    unnamed = events["account_id"].isna().to_numpy()
    of_leads = leads.dropna(subset=["account_id"]).drop_duplicates("person_id")
    if not unnamed.any() or of_leads.empty:
        return account
    of_person = with_missing(places_of(of_leads["account_id"], accounts))
    person = places_of(events["person_id"], of_leads["person_id"])
    return np.where(unnamed, of_person[person], account)


def _distinct(texts: pd.Series) -> pd.Series:
    return texts.dropna().drop_duplicates().reset_index(drop=True)


def _numbers(places: np.ndarray) -> pa.Array:
    """Give places as numbers; -1 is missing."""
    return pa.array(places, pa.int32(), mask=places < 0)


def _arrow_times(column: pd.Series, rows: np.ndarray | slice = slice(None)) -> pa.Array:
    times = column.to_numpy()[rows].astype("datetime64[us]", copy=False)
    return pa.array(times, pa.timestamp("us"))
