"""A history that keeps whole versions of the leads: a row with all columns from a time on.

Snapshots in warehouses are kept this way, with the times from which and until which a version was
valid. Each column of a version that the leads have too becomes a row of the field history.
"""

from __future__ import annotations

import pandas as pd

from features.errors import LeadReadyError
from features.field_history.field_names import columns_of_fields
from features.files.arrow_text import coded_texts, to_texts
from features.files.open_table import FileOptions, column_names, find_file
from features.progress import Progress
from features.tables.leads import RAW
from features.tables.mapped_file import MappedFile, open_mapped_file
from features.tables.mapped_links import link_rows
from features.tables.problems import Problems
from features.workspace.schema import FieldHistorySource, Workspace


def read_versions(
    ws: Workspace,
    source: FieldHistorySource,
    leads: pd.DataFrame,
    problems: Problems,
    progress: Progress,
) -> pd.DataFrame:
    """Read versions of the leads as changes: ``lead_id, column, at, old, new``.

    A version that ends before the next one begins leaves the values empty in between.

    Raises
    ------
    LeadReadyError
        If the file has no column of the leads.
    """
    columns = _shared_columns(ws, source, leads)
    file = open_mapped_file(
        ws,
        source,
        "field_history",
        problems,
        progress,
        None,
        texts=[source.lead, *columns],
        others=[source.time, source.until],
    )
    versions = _versions(file, source, columns, leads)
    ended = _ended(file, versions, source)
    whole = pd.concat([versions, ended], ignore_index=True) if len(ended) else versions
    whole = whole[whole["lead_id"].notna() & whole["at"].notna()]
    return changes_of_versions(whole)


def _shared_columns(
    ws: Workspace, source: FieldHistorySource, leads: pd.DataFrame
) -> dict[str, str]:
    """The columns of the file that the leads have too, with the leads' names for them."""
    path = find_file(source.file, ws.folder, ws.where("field_history.file"))
    mapped = (source.lead, source.time, source.until)
    fields = [
        name
        for name in column_names(path, FileOptions(source.sheet, source.encoding))
        if name not in mapped
    ]
    names = [name.removeprefix(RAW) for name in leads.columns if name.startswith(RAW)]
    columns = columns_of_fields(fields, names)
    if not columns:
        raise LeadReadyError(
            f"{path.name} has no column of the leads",
            where=ws.where("field_history.file"),
            hint="name its columns as in the file of the leads; or name the column with the names "
            "of the fields, field_history: {column: …, old: …, new: …}",
        )
    return columns


def _versions(
    file: MappedFile, source: FieldHistorySource, columns: dict[str, str], leads: pd.DataFrame
) -> pd.DataFrame:
    lead = link_rows(file, "field_history", leads).lead
    values = {column: to_texts(*file.codes("file", field)) for field, column in columns.items()}
    return pd.DataFrame(
        {
            "lead_id": coded_texts(lead, leads["lead_id"].to_numpy(object)),
            "at": file.dates("field_history"),
            **values,
        }
    )


def _ended(file: MappedFile, versions: pd.DataFrame, source: FieldHistorySource) -> pd.DataFrame:
    """A row without values at the end of each version that no other version follows at once."""
    if source.until is None:
        return versions.head(0)
    ends = versions[["lead_id", "at"]].assign(until=file.dates("field_history", "until"))
    ends = ends[ends["lead_id"].notna() & ends["at"].notna()].sort_values("at", kind="stable")
    following = ends.groupby("lead_id", sort=False)["at"].shift(-1)
    gap = ends["until"].notna() & ~(following <= ends["until"])
    return pd.DataFrame({"lead_id": ends["lead_id"][gap], "at": ends["until"][gap]})


def changes_of_versions(versions: pd.DataFrame) -> pd.DataFrame:
    """Turn versions into changes, without those in which a value is what it was before.

    Parameters
    ----------
    versions : DataFrame
        ``lead_id``, ``at`` (from when on), and a column for each column of the leads.

    Examples
    --------
    >>> at = pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"])
    >>> versions = {"lead_id": "a", "at": at, "Rating": ["cold", "cold", "hot"]}
    >>> changes_of_versions(pd.DataFrame(versions))["new"].tolist()
    ['cold', 'hot']
    """
    changes = versions.melt(["lead_id", "at"], var_name="column", value_name="new")
    changes = changes.sort_values("at", kind="stable", ignore_index=True)
    groups = changes.groupby(["lead_id", "column"], sort=False)
    before, first = groups["new"].shift(), groups.cumcount() == 0
    same = (changes["new"] == before) | (changes["new"].isna() & before.isna())
    kept = changes[first | ~same].reset_index(drop=True)
    return kept.assign(old=None)[["lead_id", "column", "at", "old", "new"]]
