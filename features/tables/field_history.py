"""The field history: which column of which lead was changed, and when, if the CRM records it.

An export shows every lead as it is today. With a history of its fields, the leak audit sees which
values were written after the moment, rather than having to infer it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.files.arrow_text import TEXT, to_texts
from features.progress import Progress
from features.tables.leads import RAW
from features.tables.mapped_file import open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems
from features.workspace.schema import Workspace

COLUMNS: dict[str, Any] = {"lead_id": TEXT, "column": TEXT, "at": "datetime64[us]"}


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
        ``lead_id, column, at``: a row for each change; empty if the workspace has no such file.
    """
    source = ws.field_history
    if source is None:
        return empty_field_history()
    file = open_mapped_file(
        ws,
        source,
        "field_history",
        problems,
        progress,
        None,
        texts=[source.lead, source.column],
        others=[source.time],
    )
    lead = link_rows(file, "field_history", leads).lead
    changes = pd.DataFrame(
        {
            "lead_id": leads["lead_id"].reindex(lead).reset_index(drop=True).astype(TEXT),
            "column": pd.Series(to_texts(*file.codes("column", source.column)), dtype=TEXT),
            "at": file.dates("field_history"),
        }
    )
    known = changes["column"].map(lambda name: f"{RAW}{name}" in leads.columns).astype(bool)
    problems.add(
        "field_history",
        "of unknown columns",
        int((~known).sum()),
        f"{{count}} rows of {file.name} are about columns that the leads do not have",
        "name the columns there as in the file of the leads",
        list(changes["column"][~known].dropna().unique()),
    )
    return changes[known & changes["lead_id"].notna() & changes["at"].notna()].reset_index(
        drop=True
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
