"""When leads are judged: now, or at a time that somebody asks for, and never with old data.

The time of the export belongs to training. Scoring judges leads at the present time, so data that
was exported long ago would make every lead look idle; it is refused.
"""

from __future__ import annotations

import pandas as pd

from features import text
from features.dates.one_time import read_time
from features.errors import CheckFailed
from features.tables.read import Tables
from features.workspace.schema import Workspace

DAY = pd.Timedelta(days=1)


def utc_now() -> pd.Timestamp:
    """Return the present time in UTC, to the second, without a zone."""
    return pd.Timestamp.now("UTC").tz_localize(None).floor("s").as_unit("us")


def scoring_time(as_of: str | pd.Timestamp | None, workspace: Workspace) -> pd.Timestamp:
    """Give the time at which leads are judged: what was asked for, else the present.

    Raises
    ------
    LeadReadyError
        When the time cannot be read.
    """
    if as_of is None:
        return utc_now()
    if isinstance(as_of, str):
        return read_time(as_of, "--as-of", workspace.leads.all_date_formats)
    time = pd.Timestamp(as_of)
    return time if time.tzinfo is None else time.tz_convert("UTC").tz_localize(None)


def data_time(workspace: Workspace, tables: Tables, as_of: pd.Timestamp) -> pd.Timestamp:
    """Give the time of the data: of the export, or the newest date before ``as_of`` if later.

    NaT if nothing has a date.
    """
    dates = (tables.leads["created_at"], tables.stages["at"])
    newest = [column[column <= as_of].max() for column in dates if len(column)]
    stated = workspace.extract_at
    newest.append(tables.kept_events.latest(as_of))
    newest += [stated] if stated is not None and stated <= as_of else []
    return pd.Timestamp(pd.Series(newest, dtype="datetime64[us]").max())


def refuse_old_data(workspace: Workspace, tables: Tables, as_of: pd.Timestamp) -> None:
    """Refuse data that is older than ``guards: max_age`` at the time of scoring.

    Raises
    ------
    CheckFailed
        With the time of the data.
    """
    limit = workspace.guards.max_age
    found = data_time(workspace, tables, as_of)
    if limit is None or pd.isna(found) or as_of - found <= limit * DAY:
        return
    age = text.count((as_of - found) // DAY, "day")
    wanted = f"at most {limit:g} (guards: max_age in leadready.yaml)"
    refused = CheckFailed(
        f"the data is of {text.day(found)}, {age} before {text.day(as_of)}; {wanted}",
        where=str(workspace.folder),
        hint=f"export the data again; past data is scored with  --as-of {_next_day(found)}; this "
        "data for now, with  --force max_age",
    )
    refused.guards = ("max_age",)
    raise refused


def _next_day(time: pd.Timestamp) -> str:
    """Write the first day on which everything up to a time is known."""
    return text.day(time if time == time.normalize() else time.normalize() + DAY)
