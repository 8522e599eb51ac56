"""The moment at which each lead is judged, and the leads that are left out.

By default a lead is judged when it is handed to sales, or some days after it was created. A lead
that was decided before its moment cannot be predicted: it is left out and counted by reason.

In a *panel* (``moment.every_days``) all open leads are judged on the same days, for example every
Monday. A lead is judged from the first such day after its own moment until it is closed or won, or
until the data ends. The rows of one day are the leads that a scoring run on that day would score.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.errors import LeadReadyError
from features.labels.outcomes import results_at_extract
from features.labels.states import lost_leads
from features.tables.read import Tables, extract_at
from features.workspace.read import Workspace

NO_MOMENT = "no date to judge it at"
CLOSED = "closed before the moment"
DECIDED = "already decided at the moment"
TO_COME = "the moment comes after the extract"
UNDATED = "won on an unknown day"
MONDAY = pd.Timestamp("1970-01-05")  # the days of a panel are counted from here
INSTANT = pd.Timedelta(microseconds=1)


def build_moments(
    ws: Workspace, tables: Tables, results: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Find the moment at which each lead is judged.

    Parameters
    ----------
    results : DataFrame, optional
        Of `features.labels.outcomes.results_at_extract`, if already computed.

    Returns
    -------
    (DataFrame, dict of str to int)
        ``lead_id, person_id, account_id, as_of``, one row for each lead judged (in a panel: for
        each of its days); the number of leads left out, by reason. In a flat table without dates
        every lead is judged, without a date (NaT).
    """
    leads = tables.leads
    decided_at = _decided_at(ws, tables, results)
    panel_days = ws.moment.every_days
    as_of = _own_moment(ws, tables) if panel_days is None else _first_panel_day(ws, tables)
    reason = pd.Series([None] * len(leads), dtype=object, index=leads.index)
    if ws.moment.column or ws.leads.created:
        reason[as_of.isna()] = NO_MOMENT
    reason[reason.isna() & (as_of > extract_at(ws, tables))] = TO_COME
    reason[reason.isna() & (leads["closed_at"] <= as_of)] = CLOSED
    reason[reason.isna() & (decided_at <= as_of)] = DECIDED
    if panel_days is not None:
        reason[reason.isna() & _won_without_date(ws, tables, results)] = UNDATED
    judged = reason.isna()
    left_out = {str(text): int(count) for text, count in reason.value_counts().items()}
    rows = _moment_rows(leads[judged], as_of[judged])
    if panel_days is None:
        return rows, left_out
    return _repeat_on_panel_days(
        rows, _last_moment(ws, tables, decided_at)[judged], panel_days
    ), left_out


def moments_at(
    ws: Workspace, tables: Tables, as_of: pd.Timestamp, results: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the leads that are open at a time: created before it, and not closed, won or lost.

    A lead that is won or lost on an unknown day is not open; a day after both this time and the
    extract is unknown. In a panel, only leads that have reached their own moment.

    Parameters
    ----------
    results : DataFrame, optional
        Of `features.labels.outcomes.results_at_extract`, if already computed.

    Returns
    -------
    DataFrame
        ``lead_id, person_id, account_id, as_of``.

    Raises
    ------
    LeadReadyError
        When the time has a time zone.
    """
    if pd.Timestamp(as_of).tzinfo is not None:
        raise LeadReadyError(
            f"the time {as_of} has a time zone; all times are in UTC, without a zone",
            hint="write it as 2024-07-01 or 2024-07-01T12:00",
        )
    now = pd.Timestamp(as_of)
    leads = tables.leads
    is_open = _arrived(ws, tables, now) & ~_decided(ws, tables, now, results)
    return _moment_rows(leads[is_open], pd.Series(now, index=leads.index[is_open]))


def count_closed(
    ws: Workspace, tables: Tables, as_of: pd.Timestamp, results: pd.DataFrame | None = None
) -> int:
    """Count the leads that `moments_at` leaves out since they are closed, won or lost."""
    return int((_arrived(ws, tables, as_of) & _decided(ws, tables, as_of, results)).sum())


def _arrived(ws: Workspace, tables: Tables, now: pd.Timestamp) -> pd.Series:
    """Which leads were created before a time; in a panel, which have reached their moment."""
    created: pd.Series = ~(tables.leads["created_at"] >= now)
    return created if ws.moment.every_days is None else created & (_own_moment(ws, tables) <= now)


def _decided(
    ws: Workspace, tables: Tables, now: pd.Timestamp, results: pd.DataFrame | None = None
) -> pd.Series:
    """Which leads were closed, won or lost by a time, or on an unknown day."""
    results = results_at_extract(ws, tables) if results is None else results
    latest = pd.Series([now, extract_at(ws, tables)]).max()  # of the days that can be true
    closed_at, decided_at = (
        dates.mask(dates > latest)
        for dates in (tables.leads["closed_at"], _decided_at(ws, tables, results))
    )
    dated = (closed_at <= now) | (decided_at <= now)
    won = results["won"].set_axis(tables.leads.index)
    undated = lost_leads(ws, tables, now) | (won & decided_at.isna())
    decided: pd.Series = dated | (undated & ~(closed_at > now))
    return decided


def _own_moment(ws: Workspace, tables: Tables) -> pd.Series:
    """Each lead's own moment: its date in the data, plus the days that the workspace adds."""
    days = pd.Timedelta(days=ws.moment.plus_days or 0)
    own_moment: pd.Series = tables.leads["moment_base_at"] + days
    return own_moment


def _first_panel_day(ws: Workspace, tables: Tables) -> pd.Series:
    """The first day of the panel that comes after the lead was created."""
    start, step = _own_moment(ws, tables), pd.Timedelta(days=ws.moment.every_days or 1)
    after_creation = tables.leads["created_at"] + INSTANT
    start = start.mask(after_creation > start, after_creation)
    until_monday: Any = MONDAY - start
    steps = -(until_monday // step)  # rounded up
    first_day: pd.Series = MONDAY + pd.to_timedelta(steps * step.days, unit="D")
    return first_day.astype("datetime64[us]")


def _last_moment(ws: Workspace, tables: Tables, decided_at: pd.Series) -> pd.Series:
    """The last time at which the lead can be judged: before it is closed or won, or the extract."""
    ends = [tables.leads["closed_at"] - INSTANT, decided_at - INSTANT]
    extract = extract_at(ws, tables)
    last: pd.Series = pd.concat(ends, axis=1).min(axis=1).fillna(extract)
    return last.mask(last > extract, extract)


def _repeat_on_panel_days(rows: pd.DataFrame, last: pd.Series, every_days: int) -> pd.DataFrame:
    """Repeat each lead's row on every day of the panel up to its last, lead by lead."""
    step = pd.Timedelta(days=every_days)
    times = ((last.to_numpy() - rows["as_of"]) // step + 1).astype("int64").to_numpy()
    repeated = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
    nth = np.arange(len(repeated)) - np.repeat(np.cumsum(times) - times, times)
    later = pd.Series(pd.to_timedelta(nth * every_days, unit="D"))
    return repeated.assign(as_of=(repeated["as_of"] + later).astype("datetime64[us]"))


def _won_without_date(
    ws: Workspace, tables: Tables, results: pd.DataFrame | None = None
) -> pd.Series:
    """Which leads are won on a day that is missing or comes after the extract."""
    results = results_at_extract(ws, tables) if results is None else results
    unknown = results["won_at"].isna() | (results["won_at"] > extract_at(ws, tables))
    undated: pd.Series = (results["won"] & unknown).set_axis(tables.leads.index)
    return undated


def _decided_at(ws: Workspace, tables: Tables, results: pd.DataFrame | None = None) -> pd.Series:
    """When each lead was decided; a date column that lost leads fill too covers those as well."""
    results = results_at_extract(ws, tables) if results is None else results
    won_at: pd.Series = results["won_at"].set_axis(tables.leads.index)
    decided: pd.Series = tables.leads["won_at"].fillna(won_at)
    return decided


def _moment_rows(leads: pd.DataFrame, as_of: pd.Series) -> pd.DataFrame:
    rows = leads[["lead_id", "person_id", "account_id"]].copy()
    rows["as_of"] = as_of.astype("datetime64[us]")
    return rows.reset_index(drop=True)
