"""The field history: which column of which lead was changed, when, and from what to what.

An export shows every lead as it is today. With a history of its fields, the leak audit sees which
values were written after the moment, rather than having to infer it; and where the history has the
values too, a column is used as it was at the moment (`features.field_history.as_of`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from features.field_history.field_names import columns_of_fields
from features.field_history.versions import read_versions
from features.files.arrow_text import TEXT, coded_texts, to_texts
from features.progress import Progress
from features.tables.leads import RAW
from features.tables.mapped_file import MappedFile, open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems
from features.workspace.schema import FieldHistorySource, Workspace

COLUMNS: dict[str, Any] = {
    "lead_id": TEXT,
    "column": TEXT,
    "at": "datetime64[us]",
    "old": object,
    "new": object,
}
KEY = ["lead_id", "column"]
_BLANK = "\0"  # stands for a missing value where missing ones are compared


def empty_field_history() -> pd.DataFrame:
    """Make the table without rows, for workspaces without a field history."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def read_field_history(
    ws: Workspace, leads: pd.DataFrame, problems: Problems, progress: Progress
) -> pd.DataFrame:
    """Read the history of the leads' columns.

    Parameters
    ----------
    leads : DataFrame
        The table of leads; changes of other leads are counted and left out.

    Returns
    -------
    DataFrame
        ``lead_id, column, at, old, new``, by time: a row for each change; empty if the workspace
        has no such file. ``old`` and ``new`` are None where the file does not say.
    """
    source = ws.field_history
    if source is None:
        return empty_field_history()
    if source.column is None:
        return ordered_changes(read_versions(ws, source, leads, problems, progress), has_old=False)
    file = open_mapped_file(
        ws,
        source,
        "field_history",
        problems,
        progress,
        None,
        texts=[source.lead, source.column, source.old, source.new],
        others=[source.time],
    )
    changes = _changes_of_file(file, source, source.column, leads)
    known = changes["column"].notna() & changes["lead_id"].notna() & changes["at"].notna()
    return ordered_changes(changes[known], has_old=source.old is not None)


def _changes_of_file(
    file: MappedFile, source: FieldHistorySource, field: str, leads: pd.DataFrame
) -> pd.DataFrame:
    lead = link_rows(file, "field_history", leads).lead
    codes, fields = file.codes("column", field)
    names = [name.removeprefix(RAW) for name in leads.columns if name.startswith(RAW)]
    columns = columns_of_fields(map(str, fields), names)
    unknown = [name for name in fields if name not in columns]
    changes = pd.DataFrame(
        {
            "lead_id": coded_texts(lead, leads["lead_id"].to_numpy(object)),
            "column": coded_texts(codes, pd.Series(fields, dtype=object).map(columns).to_numpy()),
            "at": file.dates("field_history"),
            **{key: _texts(file, key, getattr(source, key)) for key in ("old", "new")},
        }
    )
    file.problems.add(
        "field_history",
        "of unknown columns",
        int(np.append(np.isin(fields, unknown), False)[codes].sum()),
        f"{{count}} {{row|rows}} of {file.name} {{is about a column|are about columns}} "
        "that the leads do not have",
        "name the columns there as in the file of the leads",
        unknown,
    )
    return changes


def _texts(file: MappedFile, key: str, name: str | None) -> object:
    return None if name is None else to_texts(*file.codes(key, name))


# -- in order -------------------------------------------------------------------------------------


def ordered_changes(changes: pd.DataFrame, *, has_old: bool) -> pd.DataFrame:
    """Bring changes into the order of time, with one change of a value at a time.

    Files list the newest change first as often as last. Changes of a value at the same time are one
    change, from the first old to the last new value: which is first, their values tell, and
    otherwise the order of the file.

    Parameters
    ----------
    changes : DataFrame
        ``lead_id, column, at, old, new``.
    has_old : bool
        Whether the old values are known; without them, the value before is the old one.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-03-01", "2024-03-01", "2024-01-05"])
    >>> rows = {"lead_id": "a", "column": "Rating", "at": at}
    >>> changes = pd.DataFrame({**rows, "old": ["B", "C", None], "new": ["A", "B", "C"]})
    >>> ordered_changes(changes, has_old=True)[["old", "new"]].to_numpy().tolist()
    [[None, 'C'], ['C', 'A']]
    """
    changes = changes.reset_index(drop=True)
    changes["group"] = changes.groupby(KEY, sort=False).ngroup()  # numbers are quicker than names
    steps = changes.groupby("group", sort=False)["at"].diff()
    if (steps < pd.Timedelta(0)).sum() > (steps > pd.Timedelta(0)).sum():
        changes = changes[::-1]
    changes = _merged_at_once(changes.sort_values("at", kind="stable", ignore_index=True))
    if not has_old:
        changes["old"] = changes.groupby("group", sort=False)["new"].shift()
    values = changes[["old", "new"]].astype(object)
    changes[["old", "new"]] = values.where(values.notna(), None)
    return changes.drop(columns="group")


def _merged_at_once(changes: pd.DataFrame) -> pd.DataFrame:
    key = ["group", "at"]
    at_once = changes.duplicated(key, keep=False)
    if not at_once.any():
        return changes
    tied = changes[at_once]
    old, new = (_values_at_once(tied, name) for name in ("old", "new"))
    first = tied.assign(later=old.isin(new)).sort_values("later", kind="stable")
    last = tied.assign(earlier=new.isin(old)).sort_values("earlier", kind="stable", ascending=False)
    merged = first.drop_duplicates(key)[[*KEY, *key, "old"]].merge(
        last.drop_duplicates(key, keep="last")[[*key, "new"]], on=key
    )
    whole = pd.concat([changes[~at_once], merged], ignore_index=True)
    return whole.sort_values("at", kind="stable", ignore_index=True)


def _values_at_once(tied: pd.DataFrame, name: str) -> pd.MultiIndex:
    values = tied[name].astype(object)
    return pd.MultiIndex.from_frame(
        tied[["group", "at"]].assign(value=values.where(values.notna(), _BLANK))
    )


def last_changes(changes: pd.DataFrame, ids: pd.Series) -> dict[str, pd.Series]:
    """Find when each lead's value of each column was last changed.

    Parameters
    ----------
    changes : DataFrame
        The field history.
    ids : Series of str
        The leads.

    Returns
    -------
    dict of str to Series of datetime64[us]
        For each column that was changed, the time by lead, in the order of ``ids``.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-01-05", "2024-03-01"])
    >>> last = last_changes(
    ...     pd.DataFrame({"lead_id": ["a", "a"], "column": "Rating", "at": at}),
    ...     pd.Series(["a", "b"]))
    >>> last["Rating"].dt.date.to_list()
    [datetime.date(2024, 3, 1), NaT]
    """
    last = changes.groupby(["column", "lead_id"])["at"].max()
    return {
        str(name): last.loc[name].reindex(ids).reset_index(drop=True)
        for name in changes["column"].unique()
    }
