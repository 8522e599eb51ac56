"""The leak audit of a workspace: its columns, the team's answers, each lead's final status."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from features.field_history.as_of import values_as_of
from features.field_history.changes import last_changes
from features.files.arrow_text import places_of
from features.labels.conditions import column_or_last_stage
from features.labels.outcomes import STILL_OPEN
from features.labels.states import neither_won_nor_lost, won_leads
from features.leaks.audit import Suspect, audit_columns
from features.leaks.finding import Followed
from features.leaks.statistics import Codes, Numbers, order_in_bands
from features.progress import Progress
from features.tables.read import extract_at

if TYPE_CHECKING:
    from features.tables.read import Tables
    from features.workspace.read import Workspace


def audit_tables(
    ws: Workspace, tables: Tables, *, seed: int = 0, progress: Progress | None = None
) -> list[Suspect]:
    """Audit a workspace's leads; ``check`` and ``train`` share this function and always agree.

    A column with a history of its values is audited as it was at the moment, as it is used then.
    Columns that the mapping ignores, has answered for or uses otherwise (ids, dates, the outcome)
    are left out. Columns that the mapping does not mention are audited too.

    Returns
    -------
    list of Suspect
        All suspects without an answer; :func:`blocking_suspects` picks those that are features.
    """
    as_of = tables.leads["moment_base_at"] + pd.Timedelta(days=ws.moment.plus_days or 0)
    answers = {
        column.name: "known" if column.known_at_moment else "leak"
        for column in ws.leads.columns
        if column.leak or column.known_at_moment
    }
    ignored = {column.name for column in ws.leads.columns if column.ignore}
    links = set(ws.leads.links.values()) - _with_keys(ws)
    skip = (mapped_otherwise(ws) | ignored) - links
    raw = where_linked(_columns_at(tables, as_of, {*skip, *answers}), ws.leads.links.values())
    stage = next((name for name in ws.outcome.won_columns if name in raw), None)
    suspects = audit_columns(
        raw,
        status_at_extract(ws, tables),
        as_of=as_of,
        closed_at=tables.leads["closed_at"],
        stage=None if stage is None else tables.leads[f"raw:{stage}"],
        order=tables.leads["order"],
        changed=_changed_and_used(tables),
        answers=answers,
        skip=skip,
        date_formats=ws.leads.all_date_formats,
        open_loses=open_leads_lose(ws),
        followed=_events_after(tables, as_of),
        seed=seed,
        progress=progress,
    )
    return [replace(suspect, is_link=suspect.column in links) for suspect in suspects]


def _events_after(tables: Tables, as_of: pd.Series) -> list[Followed]:
    """The events of each lead after its moment, compared among leads with as many before."""
    events, leads = tables.events, tables.leads
    if events.empty or as_of.isna().all():
        return []
    rows = np.flatnonzero(as_of.notna() & ~leads["person_id"].duplicated())
    place = places_of(events["person_id"], leads["person_id"].iloc[rows])
    known = np.flatnonzero(place >= 0)
    lead = rows[place[known]]
    is_after = events["at"].to_numpy()[known] >= as_of.to_numpy()[lead]
    after, before = (
        np.bincount(lead[chosen], minlength=len(leads)).astype(float)
        for chosen in (is_after, ~is_after)
    )
    words = ("with many events after the moment", "with as many before")
    of_judged = np.full(len(leads), np.nan)
    of_judged[rows] = after[rows]
    return [Followed(words, of_judged, _alike(as_of, before))]


def _alike(as_of: pd.Series, before: Numbers) -> Codes:
    """Number leads of the same age with about as many events before the moment."""
    bands = order_in_bands(as_of, len(as_of)), order_in_bands(pd.Series(before), len(before), 4)
    alike: Codes = bands[0] * 4 + bands[1]
    return alike


def where_linked(raw: pd.DataFrame, links: Iterable[str]) -> pd.DataFrame:
    """Keep of the columns that name an account or contact only where they are filled.

    No feature reads whom they name, but leads without a link have nothing that it leads to.

    Examples
    --------
    >>> raw = pd.DataFrame({"Account": ["Acme", None, "Bolt"]}, dtype=object)
    >>> where_linked(raw, ["Account"])["Account"].tolist()
    ['linked', None, 'linked']
    """
    shown = {name: raw[name].where(raw[name].isna(), "linked") for name in links if name in raw}
    return raw.assign(**shown)


def _columns_at(tables: Tables, as_of: pd.Series, not_audited: Collection[str]) -> pd.DataFrame:
    """The company's own columns; those with a history as they were at the moment or at creation."""
    raw = raw_columns(tables.leads)
    moments = as_of.fillna(tables.leads["created_at"])
    known = {
        name: values_as_of(history, raw[name], tables.leads["lead_id"], moments).set_axis(raw.index)
        for name, history in tables.value_histories.items()
        if name not in not_audited
    }
    return raw.assign(**known)


def _changed_and_used(tables: Tables) -> dict[str, pd.Series]:
    """The last changes of the columns that are used as they stand in the export."""
    changes = tables.field_history
    used = changes[~changes["column"].isin(list(tables.value_histories))]
    return last_changes(used, tables.leads["lead_id"])


def open_leads_lose(ws: Workspace) -> bool:
    """Whether leads that are still open after the horizon count as not won.

    They do not where the file says that their outcome is unknown.
    """
    return ws.outcome.horizon_days is not None and STILL_OPEN not in ws.outcome.unknown_when


def raw_columns(leads: pd.DataFrame) -> pd.DataFrame:
    """The company's own columns, under their own names.

    Examples
    --------
    >>> raw_columns(pd.DataFrame({"lead_id": ["1"], "raw:City": ["Rome"]})).columns.tolist()
    ['City']
    """
    names = [name for name in leads.columns if str(name).startswith("raw:")]
    return leads[names].rename(columns=lambda name: name.removeprefix("raw:"))


def mapped_otherwise(ws: Workspace) -> set[str]:
    """Columns of the leads that the mapping uses for something other than a feature."""
    return _with_keys(ws) | set(ws.leads.links.values())


def _with_keys(ws: Workspace) -> set[str]:
    """Columns with a key of their own that is not a link."""
    used = {
        ws.leads.id,
        ws.leads.created,
        ws.moment.column,
        ws.moment.closed,
        ws.outcome.won_at,
        ws.outcome.amount,
        ws.outcome.reason,
        ws.evaluation.order_by,
        *ws.outcome.won_columns,
        *ws.outcome.lost_columns,
        *(old.column for old in ws.old_scores),
    }
    return {name for name in used if name}


def blocking_suspects(suspects: list[Suspect], ws: Workspace) -> list[Suspect]:
    """The suspects that are mapped to features: the team must answer for them before training."""
    features = {column.name for column in ws.leads.columns if column.feature}
    features |= set(ws.leads.links.values())
    return [suspect for suspect in suspects if suspect.column in features]


def status_at_extract(ws: Workspace, tables: Tables) -> pd.Series:
    """``won``, ``not won``, ``unknown`` or ``left out`` as the export shows each lead.

    Leads that the workspace leaves out by what they are, such as test records, are not open. Fields
    written late follow a lead's final result, so the audit compares with that and not with the
    outcome within a horizon.
    """
    won = won_leads(ws, tables)
    unknown = ~won & _may_still_be_won(ws, tables, won)
    left_out = pd.Series(False, index=won.index)
    for columns in (ws.outcome.unknown_when or {}).values():
        for name, values in columns.items():
            named = column_or_last_stage(ws, tables, name).isin(values)
            if name in (*ws.outcome.won_columns, ws.stages.stage if ws.stages else None):
                unknown = unknown | named
            else:
                left_out = left_out | named
    status = pd.Series("not won", index=won.index, dtype=object)
    return status.mask(unknown, "unknown").mask(left_out, "left out").mask(won, "won")


def _may_still_be_won(ws: Workspace, tables: Tables, won: pd.Series) -> pd.Series:
    """Which leads are open; where nothing says lost, those whose horizon has not passed."""
    if ws.outcome.lost_when is not None or ws.outcome.horizon_days is None:
        return neither_won_nor_lost(ws, tables, won)
    days = (ws.moment.plus_days or 0) + ws.outcome.horizon_days
    passed = tables.leads["moment_base_at"] + pd.Timedelta(days=days) <= extract_at(ws, tables)
    young: pd.Series = ~passed
    return young
