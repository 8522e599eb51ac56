"""The table of changes: which column of which lead was written over when, where a CRM keeps track.

An export shows every lead as it is today. Where the CRM keeps a history of its fields, the leak
audit can see what was written after the moment, rather than infer it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.files.arrow_text import TEXT, to_texts
from features.tables.leads import RAW
from features.tables.mapped_file import Progress, open_file
from features.tables.problems import Problems
from features.workspace.schema import Workspace

COLUMNS: dict[str, Any] = {"lead_id": TEXT, "column": TEXT, "at": "datetime64[us]"}


def empty_field_history() -> pd.DataFrame:
    """Give the table where nothing is known of changes."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def read_field_history(
    ws: Workspace, leads: pd.DataFrame, problems: Problems, say: Progress
) -> pd.DataFrame:
    """Read the history of the leads' columns.

    Returns
    -------
    DataFrame
        ``lead_id, column, at``: a row for each change of a lead that we know; empty where the
        mapping names no such file.
    """
    source = ws.field_history
    if source is None:
        return empty_field_history()
    file = open_file(
        ws,
        source,
        "field_history",
        problems,
        say,
        None,
        texts=[source.lead, source.column],
        others=[source.time],
    )
    texts = {"lead_id": ("lead", source.lead), "column": ("column", source.column)}
    found = pd.DataFrame(
        {
            **{
                name: pd.Series(to_texts(*file.codes(*of)), dtype=TEXT)
                for name, of in texts.items()
            },
            "at": file.dates("field_history"),
        }
    )
    here = found["column"].map(lambda one: f"{RAW}{one}" in leads.columns).astype(bool)
    others = found["column"][~here].dropna().unique()
    problems.add(
        "field_history",
        "of unknown columns",
        int((~here).sum()),
        f"{{count}} rows of {file.name} are about columns that the leads do not have",
        "name the columns there as they are named in the file of the leads",
        list(others),
    )
    known = found["lead_id"].isin(leads["lead_id"])
    return found[here & known & found["at"].notna()].reset_index(drop=True)


def last_changes(changes: pd.DataFrame, ids: pd.Series) -> dict[str, pd.Series]:
    """When each lead's value was last changed, for each column that was.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-01-05", "2024-03-01"])
    >>> found = last_changes(
    ...     pd.DataFrame({"lead_id": ["a", "a"], "column": "Rating", "at": at}),
    ...     pd.Series(["a", "b"]))
    >>> found["Rating"].dt.date.to_list()
    [datetime.date(2024, 3, 1), NaT]
    """
    last = changes.groupby(["column", "lead_id"])["at"].max()
    return {
        str(name): last.loc[name].reindex(ids).reset_index(drop=True)
        for name in changes["column"].unique()
    }
